{{/* Refuses values that would render, but never run. */}}

{{/* Usage: {{ include "kafka.validate" $node }} */}}
{{- define "kafka.validate" -}}
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
{{- if not (regexMatch "^[A-Za-z0-9_-]{22}$" (toString $v.clusterId)) -}}
{{- fail (printf "clusterId must be 22 characters of URL-safe base64, not %q (%s)" (toString $v.clusterId) .name) -}}
{{- end -}}
{{- range $key := list "min" "max" -}}
{{- if not (regexMatch "^[1-9][0-9]*[mg]$" (toString (index $v.heap $key))) -}}
{{- fail (printf "heap.%s must be a size such as 512m, not %q (%s)" $key (toString (index $v.heap $key)) $.name) -}}
{{- end -}}
{{- end -}}
{{- if lt (int $v.defaultPartitions) 1 -}}
{{- fail (printf "defaultPartitions must be 1 or more, not %v (%s)" $v.defaultPartitions .name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
