{{/* The Service that applications use: in front of the pod, or an alias to a managed server under the same name and port. */}}

{{/* Usage: {{ include "redis.service" $server }} */}}
{{- define "redis.service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ .name | quote }}
  namespace: {{ .root.Release.Namespace | quote }}
  labels:
    {{- include "redis.labels" . | nindent 4 }}
spec:
  {{- if eq .values.mode "external" }}
  type: ExternalName
  externalName: {{ .values.externalName | quote }}
  ports:
    - name: tcp-redis
      port: 6379
      protocol: TCP
  {{- else }}
  type: ClusterIP
  selector:
    {{- include "redis.selectorLabels" . | nindent 4 }}
  ports:
    - name: tcp-redis
      port: 6379
      targetPort: tcp-redis
      protocol: TCP
  {{- end }}
{{- end -}}
