{{/* Labels of the charts around Kafka. A chart's name is the name of its component. */}}

{{/* Labels that select pods: name and instance only, because a selector cannot change later.
Usage: {{- include "kafka.selectorLabels" . | nindent 6 }} */}}
{{- define "kafka.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{/* Labels of every object; operators pass them on to what they make.
Usage: {{- include "kafka.labels" . | nindent 4 }} */}}
{{- define "kafka.labels" -}}
{{ include "kafka.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
app.kubernetes.io/part-of: kafka
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | quote }}
{{- end -}}
