{{/* Entry point of the library: lays the caller's values over the defaults, checks them, renders the objects in a fixed order. */}}

{{/* Everything one Kafka node needs. `values` holds only what differs from the library's values.yaml.
Usage: {{ include "kafka.all" (dict "root" $ "name" "kafka" "values" $node) }} */}}
{{- define "kafka.all" -}}
{{- $values := mergeOverwrite (deepCopy (omit (index .root.Values "kafka-lib") "global")) (deepCopy .values) -}}
{{- /* The second port is only for `kubectl port-forward`: its listener tells clients to come back to localhost. */ -}}
{{- $ports := list (dict "name" "tcp-kafka" "port" 9092) (dict "name" "tcp-external" "port" 9094) -}}
{{- $node := dict "root" .root "name" .name "component" "messaging" "ports" $ports "values" $values -}}
{{- include "statefulset.validateMode" $node -}}
{{- if eq $values.mode "statefulset" -}}
{{- include "kafka.validate" $node -}}
{{- end -}}
---
{{ include "statefulset.service" $node }}
{{- if eq $values.mode "statefulset" }}
---
{{ include "kafka.configMap" $node }}
---
{{ include "kafka.statefulSet" $node }}
{{- end }}
{{- end -}}
