{{/* Alloy's configuration; a helper of its own, so that the DaemonSet can hash it. */}}

{{/* Usage: {{ include "monitoring.alloyConfig" . | nindent 4 }} */}}
{{- define "monitoring.alloyConfig" -}}
logging {
  level  = "warn"
  format = "logfmt"
}
{{- if .Values.loki.enabled }}

{{ include "monitoring.alloyLogs" . }}
{{- end }}
{{- if .Values.tempo.enabled }}

{{ include "monitoring.alloyTraces" . }}
{{- end }}
{{- end -}}
