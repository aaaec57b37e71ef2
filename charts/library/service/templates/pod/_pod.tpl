{{/* The pod template: metadata, identity, security, container, placement.
Usage: {{ include "service.pod" . | nindent 4 }} */}}
{{- define "service.pod" -}}
metadata:
  labels:
    {{- include "service.podLabels" . | nindent 4 }}
  annotations:
    # Over the variables alone: the labels of the ConfigMap change nothing for the application. There is none over the
    # Secret: no chart renders it, so its content is not known here. A new password needs a restart of the Rollout.
    checksum/config: {{ .Values.config | toJson | sha256sum }}
    # These switch on the sidecar's merging of application and proxy metrics.
    prometheus.io/scrape: "true"
    prometheus.io/port: {{ .Values.service.targetPort | quote }}
    prometheus.io/path: /actuator/prometheus
spec:
  serviceAccountName: {{ include "service.fullname" . }}
  automountServiceAccountToken: false
  # Otherwise each Service of the namespace adds variables of its own to the application's configuration.
  enableServiceLinks: false
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  securityContext:
    {{- include "service.podSecurity" . | nindent 4 }}
  terminationGracePeriodSeconds: 30
  containers:
    - {{ include "service.container" . | nindent 6 | trim }}
  volumes:
    {{- include "service.volumes" . | nindent 4 }}
  {{- with include "service.placement" . | trim }}
  {{- . | nindent 2 }}
  {{- end }}
{{- end -}}
