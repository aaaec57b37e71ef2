{{/* The number of pods that always run: the autoscaler's lower bound, or the fixed count.
Usage: {{ include "service.minReplicas" . | int }} */}}
{{- define "service.minReplicas" -}}
{{- if .Values.autoscaling.enabled -}}
{{- .Values.autoscaling.minReplicas -}}
{{- else -}}
{{- .Values.replicaCount -}}
{{- end -}}
{{- end -}}
