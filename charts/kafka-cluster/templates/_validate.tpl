{{/* Refuses values that would render, but leave no cluster that takes messages. */}}

{{/* Called by templates/kafka.yaml, which every render contains.
Usage: {{- include "kafka-cluster.validate" . }} */}}
{{- define "kafka-cluster.validate" -}}
{{- if gt (int .Values.replicationFactor) (int .Values.nodes) -}}
{{- fail (printf "replicationFactor %v needs as many nodes, there are %v" .Values.replicationFactor .Values.nodes) -}}
{{- end -}}
{{- if gt (int .Values.minInsyncReplicas) (int .Values.replicationFactor) -}}
{{- fail (printf "minInsyncReplicas %v cannot be reached with replicationFactor %v" .Values.minInsyncReplicas .Values.replicationFactor) -}}
{{- end -}}
{{- end -}}
