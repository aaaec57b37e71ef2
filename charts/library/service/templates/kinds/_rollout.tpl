{{/* Rollout: the pods, released blue/green. */}}
{{- define "service.rollout" -}}
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata:
  name: {{ include "service.fullname" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "service.labels" . | nindent 4 }}
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
    blueGreen:
      {{- include "service.blueGreen" . | nindent 6 }}
{{- end -}}

{{/* The analysis templates are cluster-wide and belong to the chart argo-rollouts; here are only their arguments.
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
  templates:
    - templateName: smoke-test-analysis
      clusterScope: true
  args:
    {{- include "service.analysisTarget" . | nindent 4 }}
    - name: port
      value: {{ .Values.service.port | quote }}
{{- end }}
{{- with .Values.analysis.post }}
{{- if .enabled }}
postPromotionAnalysis:
  templates:
    - templateName: post-promotion-analysis
      clusterScope: true
    {{- if $.Values.analysis.trafficDrop.enabled }}
    - templateName: traffic-drop-analysis
      clusterScope: true
    {{- end }}
  args:
    {{- include "service.analysisTarget" $ | nindent 4 }}
    - name: error-rate-limit
      value: {{ .errorRateLimit | quote }}
    - name: latency-p95-limit
      value: {{ .latencyP95Limit | quote }}
    - name: latency-p99-limit
      value: {{ .latencyP99Limit | quote }}
    - name: business-success-ratio
      value: {{ .businessSuccessRatio | quote }}
    - name: min-traffic-rpm
      value: {{ .minTrafficRpm | quote }}
    {{- if $.Values.analysis.trafficDrop.enabled }}
    - name: traffic-drop-ratio
      value: {{ $.Values.analysis.trafficDrop.ratio | quote }}
    {{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The arguments that say whom an analysis looks at.
Usage: {{ include "service.analysisTarget" . | nindent 4 }} */}}
{{- define "service.analysisTarget" -}}
- name: service-name
  value: {{ include "service.fullname" . | quote }}
- name: namespace
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
{{- end -}}
