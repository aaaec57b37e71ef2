{{/* The one container of the pod; the mesh adds its sidecar at admission.
Usage: {{ include "service.container" . | nindent 6 }} */}}
{{- define "service.container" -}}
name: {{ .Chart.Name }}
image: {{ include "service.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
ports:
  - name: http
    containerPort: {{ .Values.service.targetPort | int }}
    protocol: TCP
{{ include "service.environment" . }}
{{ include "service.probes" . }}
lifecycle:
  preStop:
    # Time for gateways and sidecars to drop the endpoint; not a command, because an image need not hold a shell.
    sleep:
      seconds: 10
{{- with .Values.resources }}
resources:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- include "service.containerSecurity" . | nindent 2 }}
volumeMounts:
  {{- include "service.volumeMounts" . | nindent 2 }}
{{- end -}}
