{{/* Entry point of the library: lays the caller's values over the defaults, checks them, renders the objects in a fixed order. */}}

{{/* Everything one Kafka node needs. `values` holds only what differs from the library's values.yaml.
Usage: {{ include "kafka.all" (dict "root" $ "name" "kafka" "values" $node) }} */}}
{{- define "kafka.all" -}}
{{- $values := mergeOverwrite (deepCopy (omit (index .root.Values "kafka-lib") "global")) (deepCopy .values) -}}
{{- $node := dict "root" .root "name" .name "values" $values -}}
{{- include "kafka.validate" $node -}}
---
{{ include "kafka.service" $node }}
{{- if eq $values.mode "statefulset" }}
---
{{ include "kafka.configMap" $node }}
---
{{ include "kafka.statefulSet" $node }}
{{- end }}
{{- end -}}
