{{/* Where the scheduler puts the pods.
Usage: {{ include "service.placement" . | nindent 2 }} */}}
{{- define "service.placement" -}}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.preferredNodeLabels }}
affinity:
  nodeAffinity:
    preferredDuringSchedulingIgnoredDuringExecution:
      {{- range $label, $value := . }}
      - weight: 100
        preference:
          matchExpressions:
            - key: {{ $label | quote }}
              operator: In
              values:
                - {{ $value | quote }}
      {{- end }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if .Values.topologySpread.enabled }}
topologySpreadConstraints:
  - topologyKey: {{ .Values.topologySpread.topologyKey | quote }}
    maxSkew: {{ .Values.topologySpread.maxSkew | int }}
    whenUnsatisfiable: {{ .Values.topologySpread.whenUnsatisfiable }}
    labelSelector:
      matchLabels:
        {{- include "service.selectorLabels" . | nindent 8 }}
    # Counts the pods of one version only: old and new ones share the selector during a release.
    matchLabelKeys:
      - rollouts-pod-template-hash
{{- end }}
{{- end -}}
