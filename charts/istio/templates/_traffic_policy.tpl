{{/* charts/istio: connection limits and ejection of failing pods, as a DestinationRule carries them. */}}

{{/* The everyday limits, or the hardened ones when circuitBreaker is on, with what one service has of its own.
The new version of a canary, `<fullname>-canary`, counts as its service.
Usage: {{- include "istio.trafficPolicy" (dict "root" $ "service" "order-api") | nindent 4 }} */}}
{{- define "istio.trafficPolicy" -}}
{{- $breaker := .root.Values.circuitBreaker -}}
{{- $limits := .root.Values.mesh -}}
{{- if $breaker.enabled -}}
{{- $limits = mergeOverwrite (deepCopy (pick $breaker "connectionPool" "outlierDetection")) (get $breaker.services (trimSuffix "-canary" .service) | default dict) -}}
{{- end -}}
tls:
  mode: ISTIO_MUTUAL
connectionPool:
  {{- toYaml $limits.connectionPool | nindent 2 }}
outlierDetection:
  {{- toYaml $limits.outlierDetection | nindent 2 }}
{{- end }}
