{{/* charts/istio: what the filters of the API gateway share. */}}

{{/* Pods of the API gateway, by the label that every implementation of the Gateway API gives them.
Usage: {{- include "istio.mainGatewayPods" . | nindent 2 }} */}}
{{- define "istio.mainGatewayPods" -}}
workloadSelector:
  labels:
    gateway.networking.k8s.io/gateway-name: {{ include "istio.mainGateway" . }}
{{- end }}

{{/* Puts a filter in front of all others of the gateway's HTTP listeners: also before the token check, and whether or
not there is one.
Usage, as an item of `configPatches`: - {{ include "istio.firstFilter" . | nindent 6 | trim }} */}}
{{- define "istio.firstFilter" -}}
applyTo: HTTP_FILTER
match:
  context: GATEWAY
  listener:
    filterChain:
      filter:
        name: envoy.filters.network.http_connection_manager
patch:
  operation: INSERT_FIRST
{{- end }}
