{{/* Entry point of the library: lays the caller's values over the defaults, checks them, renders the objects in a fixed order. */}}

{{/* Everything one PostgreSQL server needs. `values` holds only what differs from the library's values.yaml.
Usage: {{ include "postgresql.all" (dict "root" $ "name" "customer-db" "values" $store) }} */}}
{{- define "postgresql.all" -}}
{{- $values := mergeOverwrite (deepCopy (omit (index .root.Values "postgresql-lib") "global")) (deepCopy .values) -}}
{{- $ports := list (dict "name" "tcp-postgresql" "port" 5432) -}}
{{- $server := dict "root" .root "name" .name "component" "database" "ports" $ports "values" $values -}}
{{- include "statefulset.validateMode" $server -}}
{{- if eq $values.mode "statefulset" -}}
{{- include "postgresql.validate" $server -}}
{{- end -}}
---
{{ include "statefulset.service" $server }}
{{- if eq $values.mode "statefulset" }}
---
{{ include "postgresql.initConfigMap" $server }}
---
{{ include "postgresql.statefulSet" $server }}
{{- end }}
{{- end -}}
