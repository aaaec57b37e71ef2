{{/* Refuses values that would render, but never run. */}}

{{/* Usage: {{ include "postgresql.validate" $server }} */}}
{{- define "postgresql.validate" -}}
{{- $v := .values -}}
{{- if not (has $v.mode (list "statefulset" "external")) -}}
{{- fail (printf "mode must be statefulset or external, not %q (%s)" (toString $v.mode) .name) -}}
{{- end -}}
{{- if eq $v.mode "external" -}}
{{- if not $v.externalName -}}
{{- fail (printf "externalName is required when mode is external (%s)" .name) -}}
{{- end -}}
{{- else -}}
{{- if $v.externalName -}}
{{- fail (printf "externalName has no effect when mode is statefulset: drop it, or set mode to external (%s)" .name) -}}
{{- end -}}
{{- range $key := list "database" "credentialsSecret" -}}
{{- if not (index $v $key) -}}
{{- fail (printf "%s is required when mode is statefulset (%s)" $key $.name) -}}
{{- end -}}
{{- end -}}
{{- if not (regexMatch "^[a-z][a-z0-9_]{0,62}$" $v.database) -}}
{{- fail (printf "database must be a lower-case SQL identifier, not %q (%s)" $v.database .name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
