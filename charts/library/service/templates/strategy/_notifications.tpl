{{/* Annotations that subscribe a Rollout to messages. What a trigger means and what it says is in the chart argo-rollouts.
Usage: {{ include "service.subscriptions" . | trim | nindent 4 }} */}}
{{- define "service.subscriptions" -}}
{{- range list
  "on-pre-analysis-running"
  "on-pre-analysis-success"
  "on-pre-analysis-failed"
  "on-rollout-switch"
  "on-post-analysis-running"
  "on-post-analysis-success"
  "on-post-analysis-failed"
  "on-rollout-completed"
  "on-rollout-aborted" -}}
notifications.argoproj.io/subscribe.{{ . }}.discord: ""
{{ end -}}
{{- end -}}
