{{/* Labels of this chart. */}}

{{/* Labels that select the pods; they cannot change later.
Usage: {{- include "kafka-ui.selectorLabels" . | nindent 6 }} */}}
{{- define "kafka-ui.selectorLabels" -}}
app.kubernetes.io/name: kafka-ui
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{/* Labels of every object.
Usage: {{- include "kafka-ui.labels" . | nindent 4 }} */}}
{{- define "kafka-ui.labels" -}}
{{ include "kafka-ui.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
app.kubernetes.io/part-of: kafka
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | quote }}
{{- end -}}
