{{/* Liveness restarts the container, readiness takes it out of the Services.
Usage: {{ include "service.probes" . }} */}}
{{- define "service.probes" -}}
livenessProbe:
  {{- include "service.httpProbe" .Values.probes.liveness | nindent 2 }}
readinessProbe:
  {{- include "service.httpProbe" .Values.probes.readiness | nindent 2 }}
{{- end -}}

{{/* Usage: {{ include "service.httpProbe" .Values.probes.liveness | nindent 2 }} */}}
{{- define "service.httpProbe" -}}
httpGet:
  path: {{ .path | quote }}
  port: http
initialDelaySeconds: {{ .initialDelaySeconds | int }}
periodSeconds: {{ .periodSeconds | int }}
timeoutSeconds: {{ .timeoutSeconds | int }}
failureThreshold: {{ .failureThreshold | int }}
{{- end -}}
