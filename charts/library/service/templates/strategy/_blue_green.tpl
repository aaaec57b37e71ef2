{{/* Blue/green: all traffic moves at once, from the old version to one that was looked at behind the preview Service.
Usage: {{ include "service.blueGreen" . | nindent 6 }} */}}
{{- define "service.blueGreen" -}}
activeService: {{ include "service.fullname" . }}
previewService: {{ include "service.previewName" . }}
previewReplicaCount: {{ .Values.rollout.previewReplicaCount | int }}
autoPromotionEnabled: {{ .Values.rollout.autoPromotionEnabled }}
autoPromotionSeconds: {{ .Values.rollout.autoPromotionSeconds | int }}
scaleDownDelaySeconds: {{ .Values.rollout.scaleDownDelaySeconds | int }}
abortScaleDownDelaySeconds: {{ .Values.rollout.abortScaleDownDelaySeconds | int }}
{{- if .Values.analysis.pre.enabled }}
prePromotionAnalysis:
  {{- include "service.smokeTest" . | nindent 2 }}
{{- end }}
{{- if .Values.analysis.post.enabled }}
postPromotionAnalysis:
  {{- include "service.measurement" (list . (include "service.fullname" .) .Values.analysis.trafficDrop.enabled) | nindent 2 }}
{{- end }}
{{- end -}}
