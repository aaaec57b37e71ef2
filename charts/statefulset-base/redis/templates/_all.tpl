{{/* Entry point of the library: lays the caller's values over the defaults, checks them, renders the objects in a fixed order. */}}

{{/* Everything one Redis server needs. `values` holds only what differs from the library's values.yaml.
Usage: {{ include "redis.all" (dict "root" $ "name" "cache-redis" "values" $store) }} */}}
{{- define "redis.all" -}}
{{- $values := mergeOverwrite (deepCopy (omit (index .root.Values "redis-lib") "global")) (deepCopy .values) -}}
{{- $ports := list (dict "name" "tcp-redis" "port" 6379) -}}
{{- $server := dict "root" .root "name" .name "component" "cache" "ports" $ports "values" $values -}}
{{- include "statefulset.validateMode" $server -}}
{{- if eq $values.mode "statefulset" -}}
{{- include "redis.validate" $server -}}
{{- end -}}
---
{{ include "statefulset.service" $server }}
{{- if eq $values.mode "statefulset" }}
---
{{ include "redis.configMap" $server }}
---
{{ include "redis.statefulSet" $server }}
{{- end }}
{{- end -}}
