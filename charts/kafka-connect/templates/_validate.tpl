{{/* Refuses values that would render, but never run. */}}

{{/* Called by templates/kafkaconnect.yaml, which every render contains.
Usage: {{- include "kafka-connect.validate" . }} */}}
{{- define "kafka-connect.validate" -}}
{{- if not .Values.image.repository -}}
{{- fail "image.repository is required: the image with the S3 sink plugin" -}}
{{- end -}}
{{- if not .Values.bootstrapServers -}}
{{- fail "bootstrapServers is required" -}}
{{- end -}}
{{- range $key := list "bucket" "region" -}}
{{- if not (index $.Values.s3Sink $key) -}}
{{- fail (printf "s3Sink.%s is required" $key) -}}
{{- end -}}
{{- end -}}
{{- end -}}
