{{/* Refuses modes that would render, but never run. */}}

{{/* Usage: {{ include "statefulset.validateMode" $store }} */}}
{{- define "statefulset.validateMode" -}}
{{- $v := .values -}}
{{- if not (has $v.mode (list "statefulset" "external")) -}}
{{- fail (printf "mode must be statefulset or external, not %q (%s)" (toString $v.mode) .name) -}}
{{- end -}}
{{- if and (eq $v.mode "external") (not $v.externalName) -}}
{{- fail (printf "externalName is required when mode is external (%s)" .name) -}}
{{- end -}}
{{- if and (eq $v.mode "statefulset") $v.externalName -}}
{{- fail (printf "externalName has no effect when mode is statefulset: drop it, or set mode to external (%s)" .name) -}}
{{- end -}}
{{- end -}}
