{{/* Refuses values of a StatefulSet that would render, but never run. */}}

{{/* Usage: {{ include "postgresql.validate" $server }} */}}
{{- define "postgresql.validate" -}}
{{- $v := .values -}}
{{- range $key := list "database" "credentialsSecret" -}}
{{- if not (index $v $key) -}}
{{- fail (printf "%s is required when mode is statefulset (%s)" $key $.name) -}}
{{- end -}}
{{- end -}}
{{- if not (regexMatch "^[a-z][a-z0-9_]{0,62}$" $v.database) -}}
{{- fail (printf "database must be a lower-case SQL identifier, not %q (%s)" $v.database .name) -}}
{{- end -}}
{{- end -}}
