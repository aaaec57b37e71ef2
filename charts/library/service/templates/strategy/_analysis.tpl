{{/* Analyses of a new version. Their templates are cluster-wide and belong to the chart argo-rollouts; here are the arguments. */}}

{{/* One request to the preview, before it gets traffic.
Usage: {{ include "service.smokeTest" . | nindent 2 }} */}}
{{- define "service.smokeTest" -}}
templates:
  - templateName: smoke-test-analysis
    clusterScope: true
args:
  {{- include "service.analysisTarget" (include "service.fullname" .) | nindent 2 }}
  - name: port
    value: {{ .Values.service.port | quote }}
{{- end -}}

{{/* What a version does with its traffic, as the mesh and the application count it. Takes the Service that gets the traffic,
and whether that traffic is compared with what it was before.
Usage: {{ include "service.measurement" (list . "order-api" false) | nindent 2 }} */}}
{{- define "service.measurement" -}}
{{- $analysis := (index . 0).Values.analysis -}}
{{- $compare := index . 2 -}}
templates:
  - templateName: post-promotion-analysis
    clusterScope: true
  {{- if $compare }}
  - templateName: traffic-drop-analysis
    clusterScope: true
  {{- end }}
args:
  {{- include "service.analysisTarget" (index . 1) | nindent 2 }}
  - name: error-rate-limit
    value: {{ $analysis.post.errorRateLimit | quote }}
  - name: latency-p95-limit
    value: {{ $analysis.post.latencyP95Limit | quote }}
  - name: latency-p99-limit
    value: {{ $analysis.post.latencyP99Limit | quote }}
  - name: business-success-ratio
    value: {{ $analysis.post.businessSuccessRatio | quote }}
  - name: min-traffic-rpm
    value: {{ $analysis.post.minTrafficRpm | quote }}
  {{- if $compare }}
  - name: traffic-drop-ratio
    value: {{ $analysis.trafficDrop.ratio | quote }}
  {{- end }}
{{- end -}}

{{/* The arguments that say whom an analysis looks at.
Usage: {{ include "service.analysisTarget" "order-api" | nindent 2 }} */}}
{{- define "service.analysisTarget" -}}
- name: service-name
  value: {{ . | quote }}
- name: namespace
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
{{- end -}}
