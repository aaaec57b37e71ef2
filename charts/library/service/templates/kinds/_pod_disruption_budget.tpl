{{/* PodDisruptionBudget: a drained node takes one pod at a time. */}}
{{- define "service.podDisruptionBudget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "service.fullname" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "service.labels" . | nindent 4 }}
spec:
  # Not minAvailable: a preview pod also counts, and one of those could stand in for the last active pod.
  maxUnavailable: 1
  # A pod that never becomes ready must not block the drain of its node.
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "service.selectorLabels" . | nindent 6 }}
{{- end -}}
