{{/* Refuses values that would render, but not make the topics that were meant. */}}

{{/* Called by the templates of both modes.
Usage: {{- include "kafka-topics.validate" . }} */}}
{{- define "kafka-topics.validate" -}}
{{- if and (eq .Values.mode "job") (not .Values.job.bootstrapServers) -}}
{{- fail "job.bootstrapServers is required when mode is job" -}}
{{- end -}}
{{- $seen := dict -}}
{{- range .Values.topics -}}
{{- if hasKey $seen .name -}}
{{- fail (printf "topics: %s is in the list twice" .name) -}}
{{- end -}}
{{- $_ := set $seen .name true -}}
{{- end -}}
{{- end -}}
