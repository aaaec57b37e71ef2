{{/* Labels of this chart. */}}

{{/* Labels of every object; the operator passes them on to what it makes.
Usage: {{- include "kafka-connect.labels" . | nindent 4 }} */}}
{{- define "kafka-connect.labels" -}}
app.kubernetes.io/name: kafka-connect
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
app.kubernetes.io/part-of: kafka
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | quote }}
{{- end -}}
