{{/* charts/istio: pieces of the rate limit filters. */}}

{{/* What both filters share. Every request takes from the bucket of the filter itself, the global limit.
Usage: {{- include "istio.localRateLimit" (dict "name" "gateway" "limit" .Values.rateLimit) | nindent 12 }} */}}
{{- define "istio.localRateLimit" -}}
"@type": type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit
stat_prefix: {{ .name }}_rate_limit
token_bucket:
  {{- include "istio.tokenBucket" .limit.global | nindent 2 }}
# Without these two Envoy only counts, and lets everything through.
filter_enabled:
  default_value:
    numerator: 100
    denominator: HUNDRED
filter_enforced:
  default_value:
    numerator: 100
    denominator: HUNDRED
response_headers_to_add:
  - append_action: OVERWRITE_IF_EXISTS_OR_ADD
    header:
      key: x-local-rate-limit
      value: "true"
max_dynamic_descriptors: {{ .limit.maxTracked }}
{{- end }}

{{/* A bucket that holds the burst and gets the rate each second.
Usage: {{- include "istio.tokenBucket" .Values.rateLimit.global | nindent 2 }} */}}
{{- define "istio.tokenBucket" -}}
max_tokens: {{ .burst }}
tokens_per_fill: {{ .requestsPerSecond }}
fill_interval: 1s
{{- end }}
