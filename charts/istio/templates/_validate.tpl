{{/* charts/istio: refuses values that would render but not protect. */}}

{{/* Fails with the key to set. Included once, by the first object that every environment has.
Usage: {{- include "istio.validate" . }} */}}
{{- define "istio.validate" -}}
{{- if .Values.gateway.main.enabled }}
  {{- $jwks := .Values.security.jwt.jwks | trim }}
  {{- if not $jwks }}
    {{- fail "security.jwt.jwks is required: the public key set (JSON) that access tokens are checked with (istio)" }}
  {{- end }}
  {{- $set := fromJson $jwks }}
  {{- if not (get $set "keys") }}
    {{- fail "security.jwt.jwks is not a JSON Web Key Set with at least one entry in `keys` (istio)" }}
  {{- end }}
  {{- range get $set "keys" }}
    {{- if hasKey . "d" }}
      {{- fail "security.jwt.jwks holds a private key (member `d`); only the public half belongs here (istio)" }}
    {{- end }}
  {{- end }}
{{- end }}
{{- if and .Values.gateway.webhook.enabled (not .Values.security.webhook.ipWhitelist) (not .Values.security.webhook.allowAnySource) }}
  {{- fail "security.webhook.ipWhitelist is empty: list the address ranges of the payment provider, or set security.webhook.allowAnySource (istio)" }}
{{- end }}
{{- $breaker := .Values.circuitBreaker }}
{{- if $breaker.enabled }}
  {{- range list "connectionPool" "outlierDetection" }}
    {{- if not (get $breaker .) }}
      {{- fail (printf "circuitBreaker.%s is required when circuitBreaker.enabled is true (istio)" .) }}
    {{- end }}
  {{- end }}
{{- end }}
{{- range $service, $limits := $breaker.services }}
  {{- if not (has $service $.Values.services) }}
    {{- fail (printf "circuitBreaker.services.%s is not one of services: %s (istio)" $service (join ", " $.Values.services)) }}
  {{- end }}
{{- end }}
{{- end }}
