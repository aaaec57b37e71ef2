{{/* What the templates of this chart share: labels, and durations in Kafka's unit. */}}

{{/* Labels of every object. The name of the Kafka cluster is no part of them: KafkaTopics add it themselves.
Usage: {{- include "kafka-topics.labels" . | nindent 4 }} */}}
{{- define "kafka-topics.labels" -}}
app.kubernetes.io/name: kafka-topics
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
app.kubernetes.io/part-of: kafka
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | quote }}
{{- end -}}

{{/* Days in milliseconds.
Usage: {{ include "kafka-topics.milliseconds" .retentionDays }} */}}
{{- define "kafka-topics.milliseconds" -}}
{{ mul (int .) 24 60 60 1000 }}
{{- end -}}
