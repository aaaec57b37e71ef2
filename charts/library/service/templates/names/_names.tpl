{{/* Names of the objects. */}}

{{/* The name that all objects of the service start with.
Usage: {{ include "service.fullname" . }} */}}
{{- define "service.fullname" -}}
{{- .Values.fullnameOverride | default .Chart.Name -}}
{{- end -}}

{{/* The Service of a new version before its promotion, blue/green.
Usage: {{ include "service.previewName" . }} */}}
{{- define "service.previewName" -}}
{{- include "service.fullname" . }}-preview
{{- end -}}

{{/* The Service of a new version during its promotion, canary.
Usage: {{ include "service.canaryName" . }} */}}
{{- define "service.canaryName" -}}
{{- include "service.fullname" . }}-canary
{{- end -}}

{{/* The ConfigMap with the environment variables.
Usage: {{ include "service.configName" . }} */}}
{{- define "service.configName" -}}
{{- include "service.fullname" . }}-config
{{- end -}}

{{/* The Secret with the environment variables that no chart renders.
Usage: {{ include "service.secretName" . }} */}}
{{- define "service.secretName" -}}
{{- .Values.secretName | default (printf "%s-secret" (include "service.fullname" .)) -}}
{{- end -}}
