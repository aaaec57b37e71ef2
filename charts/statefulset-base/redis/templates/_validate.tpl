{{/* Refuses values that would render, but never run. */}}

{{/* Usage: {{ include "redis.validate" $server }} */}}
{{- define "redis.validate" -}}
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
{{- $policies := list "noeviction" "allkeys-lru" "allkeys-lfu" "allkeys-random" "volatile-lru" "volatile-lfu" "volatile-random" "volatile-ttl" -}}
{{- if not (has $v.maxmemoryPolicy $policies) -}}
{{- fail (printf "maxmemoryPolicy must be one of %s, not %q (%s)" (join ", " $policies) (toString $v.maxmemoryPolicy) .name) -}}
{{- end -}}
{{- if not (regexMatch "^[1-9][0-9]*(kb|mb|gb)$" (toString $v.maxmemory)) -}}
{{- fail (printf "maxmemory must be a size such as 256mb, not %q (%s)" (toString $v.maxmemory) .name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
