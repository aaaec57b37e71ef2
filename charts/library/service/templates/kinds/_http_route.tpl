{{/* HTTPRoutes: through the public gateway, and through the one for partners' callbacks.
Fields the API server would fill in are written out, so that a comparison with the live object stays empty. */}}

{{/* Usage: {{ include "service.route" . }} */}}
{{- define "service.route" -}}
{{- $route := .Values.route -}}
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: {{ include "service.fullname" . }}-route
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "service.labels" . | nindent 4 }}
spec:
  {{- include "service.routeEntry" $route | nindent 2 }}
  rules:
    - matches:
        {{- range $route.prefixes }}
        - path:
            type: PathPrefix
            value: {{ . | quote }}
        {{- end }}
      backendRefs:
        {{- include "service.routeBackend" . | nindent 8 }}
      timeouts:
        request: {{ $route.timeout | quote }}
{{- end -}}

{{/* Usage: {{ include "service.webhookRoute" . }} */}}
{{- define "service.webhookRoute" -}}
{{- $route := .Values.webhookRoute -}}
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: {{ include "service.fullname" . }}-webhook-route
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "service.labels" . | nindent 4 }}
spec:
  {{- include "service.routeEntry" $route | nindent 2 }}
  rules:
    # Path and method in one match: both must hold.
    - matches:
        - path:
            type: PathPrefix
            value: {{ $route.path | quote }}
          method: {{ $route.method }}
      backendRefs:
        {{- include "service.routeBackend" . | nindent 8 }}
{{- end -}}

{{/* Where a route hangs: listeners of one gateway, and host names.
Usage: {{ include "service.routeEntry" .Values.route | nindent 2 }} */}}
{{- define "service.routeEntry" -}}
{{- $gateway := .gateway -}}
parentRefs:
  {{- range .sections }}
  - group: gateway.networking.k8s.io
    kind: Gateway
    name: {{ $gateway }}
    sectionName: {{ . }}
  {{- end }}
hostnames:
  {{- range .hosts }}
  - {{ . | quote }}
  {{- end }}
{{- end -}}

{{/* Always the active Service: a preview gets no public traffic.
Usage: {{ include "service.routeBackend" . | nindent 8 }} */}}
{{- define "service.routeBackend" -}}
- group: ""
  kind: Service
  name: {{ include "service.fullname" . }}
  port: {{ .Values.service.port | int }}
  weight: 100
{{- end -}}
