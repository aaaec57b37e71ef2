{{/* Rollout: the pods, and how a new version takes over: `strategy` picks one of ../strategy. */}}
{{- define "service.rollout" -}}
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata:
  name: {{ include "service.fullname" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "service.labels" . | nindent 4 }}
  {{- if .Values.notifications.discord.enabled }}
  annotations:
    {{- include "service.subscriptions" . | trim | nindent 4 }}
  {{- end }}
spec:
  {{- if not .Values.autoscaling.enabled }}
  replicas: {{ .Values.replicaCount | int }}
  {{- end }}
  revisionHistoryLimit: {{ .Values.rollout.revisionHistoryLimit | int }}
  selector:
    matchLabels:
      {{- include "service.selectorLabels" . | nindent 6 }}
  template:
    {{- include "service.pod" . | nindent 4 }}
  strategy:
    {{- if eq .Values.strategy "canary" }}
    canary:
      {{- include "service.canary" . | nindent 6 }}
    {{- else }}
    blueGreen:
      {{- include "service.blueGreen" . | nindent 6 }}
    {{- end }}
{{- end -}}
