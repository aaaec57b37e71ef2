{{/* The context that every other template works on: chart, release, and the values laid over this library's defaults.
A library's defaults reach its consumer only under the library's name, hence the merge; it happens on copies,
so that `.Values` of the consumer stays as Helm made it. The result is written into the dict `into`,
because an include can only return text.
Usage: {{ include "service.defaults" (dict "from" . "into" $ctx) }} */}}
{{- define "service.defaults" -}}
{{- $values := mergeOverwrite (deepCopy (index .from.Values "service-lib")) (deepCopy (omit .from.Values "service-lib")) -}}
{{- include "service.dropNulls" $values -}}
{{- $_ := set .into "Values" $values -}}
{{- $_ := set .into "Chart" .from.Chart -}}
{{- $_ := set .into "Release" .from.Release -}}
{{- end -}}

{{/* Removes the keys whose value is null, at every depth: null in an overlay means "without this default",
and the merge above keeps such a key where Helm's own would delete it.
Usage: {{ include "service.dropNulls" $map }} */}}
{{- define "service.dropNulls" -}}
{{- $map := . -}}
{{- range $key, $value := $map -}}
{{- if kindIs "invalid" $value -}}
{{- $_ := unset $map $key -}}
{{- else if kindIs "map" $value -}}
{{- include "service.dropNulls" $value -}}
{{- end -}}
{{- end -}}
{{- end -}}
