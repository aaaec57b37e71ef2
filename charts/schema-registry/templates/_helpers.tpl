{{/* Labels of this chart. */}}

{{/* Labels that select the pods; they cannot change later.
Usage: {{- include "schema-registry.selectorLabels" . | nindent 6 }} */}}
{{- define "schema-registry.selectorLabels" -}}
app.kubernetes.io/name: schema-registry
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{/* Labels of every object.
Usage: {{- include "schema-registry.labels" . | nindent 4 }} */}}
{{- define "schema-registry.labels" -}}
{{ include "schema-registry.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
app.kubernetes.io/part-of: kafka
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | quote }}
{{- end -}}
