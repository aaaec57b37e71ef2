{{/* Environment variables: all keys of the ConfigMap, then all of the Secret, then single entries, the last one wins.
Usage: {{ include "service.environment" . }} */}}
{{- define "service.environment" -}}
envFrom:
  - configMapRef:
      name: {{ include "service.configName" . }}
  - secretRef:
      name: {{ include "service.secretName" . }}
{{- with .Values.extraEnv }}
env:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
