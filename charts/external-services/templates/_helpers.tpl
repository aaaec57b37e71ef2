{{/* charts/external-services: what the templates of this chart share. */}}

{{/* The host:port list that a Kafka client starts with, in every mode.
Usage: {{ include "externalServices.bootstrapServers" . }} */}}
{{- define "externalServices.bootstrapServers" -}}
{{- if eq .Values.kafka.mode "msk" -}}
{{- $servers := list -}}
{{- range $index, $host := .Values.kafka.msk.brokers -}}
{{- $servers = append $servers (printf "kafka-broker-%d:9092" (add $index 1)) -}}
{{- end -}}
{{- join "," $servers -}}
{{- else -}}
kafka:9092
{{- end -}}
{{- end -}}

{{/* What every store gets from this chart, as YAML: its own mode or that of its kind, its claim's class, the ServiceAccount, its priority.
Usage: {{ include "externalServices.common" (dict "root" $ "mode" $.Values.caches.mode) | fromYaml }} */}}
{{- define "externalServices.common" -}}
mode: {{ .mode | quote }}
serviceAccountName: external-services
priorityClassName: {{ .root.Values.priorityClassName | quote }}
storage:
  storageClassName: {{ .root.Values.storageClassName | quote }}
{{- end -}}
