{{/* Refuses values of a StatefulSet that would render, but never run. */}}

{{/* Usage: {{ include "redis.validate" $server }} */}}
{{- define "redis.validate" -}}
{{- $v := .values -}}
{{- $policies := list "noeviction" "allkeys-lru" "allkeys-lfu" "allkeys-random" "volatile-lru" "volatile-lfu" "volatile-random" "volatile-ttl" -}}
{{- if not (has $v.maxmemoryPolicy $policies) -}}
{{- fail (printf "maxmemoryPolicy must be one of %s, not %q (%s)" (join ", " $policies) (toString $v.maxmemoryPolicy) .name) -}}
{{- end -}}
{{- if not (regexMatch "^[1-9][0-9]*(kb|mb|gb)$" (toString $v.maxmemory)) -}}
{{- fail (printf "maxmemory must be a size such as 256mb, not %q (%s)" (toString $v.maxmemory) .name) -}}
{{- end -}}
{{- end -}}
