{{/* Services: the active one that callers use, and the one of the version not yet promoted. */}}

{{/* Usage: {{ include "service.activeService" . }} */}}
{{- define "service.activeService" -}}
{{- include "service.clusterService" (list . (include "service.fullname" .)) -}}
{{- end -}}

{{/* Usage: {{ include "service.previewService" . }} */}}
{{- define "service.previewService" -}}
{{- include "service.clusterService" (list . (include "service.previewName" .)) -}}
{{- end -}}

{{/* Usage: {{ include "service.canaryService" . }} */}}
{{- define "service.canaryService" -}}
{{- include "service.clusterService" (list . (include "service.canaryName" .)) -}}
{{- end -}}

{{/* Each selects all pods of the service; the rollout controller adds the hash of one version to each.
Usage: {{ include "service.clusterService" (list . "order-api") }} */}}
{{- define "service.clusterService" -}}
{{- $ctx := index . 0 -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ index . 1 }}
  namespace: {{ $ctx.Release.Namespace }}
  labels:
    {{- include "service.labels" $ctx | nindent 4 }}
spec:
  type: {{ $ctx.Values.service.type }}
  ports:
    # The name tells the mesh the protocol.
    - name: http
      port: {{ $ctx.Values.service.port | int }}
      targetPort: {{ $ctx.Values.service.targetPort | int }}
      protocol: TCP
  selector:
    {{- include "service.selectorLabels" $ctx | nindent 4 }}
{{- end -}}
