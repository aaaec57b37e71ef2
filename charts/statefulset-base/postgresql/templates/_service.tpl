{{/* The Service that applications use: in front of the pod, or an alias to a managed server under the same name and port. */}}

{{/* Usage: {{ include "postgresql.service" $server }} */}}
{{- define "postgresql.service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ .name | quote }}
  namespace: {{ .root.Release.Namespace | quote }}
  labels:
    {{- include "postgresql.labels" . | nindent 4 }}
spec:
  {{- if eq .values.mode "external" }}
  type: ExternalName
  externalName: {{ .values.externalName | quote }}
  ports:
    - name: tcp-postgresql
      port: 5432
      protocol: TCP
  {{- else }}
  type: ClusterIP
  selector:
    {{- include "postgresql.selectorLabels" . | nindent 4 }}
  ports:
    - name: tcp-postgresql
      port: 5432
      targetPort: tcp-postgresql
      protocol: TCP
  {{- end }}
{{- end -}}
