{{/* Canary: traffic moves in steps, by the weights of the VirtualService that charts/istio renders for services of its list
`canary`. That route is the sidecars', so calls between services are split; the gateway goes on to the stable version.
Usage: {{ include "service.canary" . | nindent 6 }} */}}
{{- define "service.canary" -}}
stableService: {{ include "service.fullname" . }}
canaryService: {{ include "service.canaryName" . }}
abortScaleDownDelaySeconds: {{ .Values.rollout.abortScaleDownDelaySeconds | int }}
trafficRouting:
  istio:
    virtualService:
      name: {{ include "service.fullname" . }}-vs
      routes:
        - primary
steps:
  {{- range $index, $weight := .Values.rollout.canary.weights }}
  - setWeight: {{ $weight | int }}
  {{- if and (eq $index 0) $.Values.analysis.post.enabled }}
  # Of the canary alone, as the mesh counts it. There is no traffic of ten minutes ago to compare with.
  - analysis:
      {{- include "service.measurement" (list $ (include "service.canaryName" $) false) | nindent 6 }}
  {{- else }}
  - pause:
      duration: {{ printf "%ds" ($.Values.rollout.canary.pauseSeconds | int) }}
  {{- end }}
  {{- end }}
{{- end -}}
