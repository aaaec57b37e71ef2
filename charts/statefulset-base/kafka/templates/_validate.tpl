{{/* Refuses values of a StatefulSet that would render, but never run. */}}

{{/* Usage: {{ include "kafka.validate" $node }} */}}
{{- define "kafka.validate" -}}
{{- $v := .values -}}
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
