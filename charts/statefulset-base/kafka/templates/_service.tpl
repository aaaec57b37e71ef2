{{/* The Service that applications use: in front of the node, or an alias to a broker elsewhere under the same name and port. */}}

{{/* Usage: {{ include "kafka.service" $node }} */}}
{{- define "kafka.service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ .name | quote }}
  namespace: {{ .root.Release.Namespace | quote }}
  labels:
    {{- include "kafka.labels" . | nindent 4 }}
spec:
  {{- if eq .values.mode "external" }}
  type: ExternalName
  externalName: {{ .values.externalName | quote }}
  ports:
    - name: tcp-kafka
      port: 9092
      protocol: TCP
  {{- else }}
  type: ClusterIP
  selector:
    {{- include "kafka.selectorLabels" . | nindent 4 }}
  ports:
    - name: tcp-kafka
      port: 9092
      targetPort: tcp-kafka
      protocol: TCP
    # Only for `kubectl port-forward`: this listener tells its clients to come back to localhost.
    - name: tcp-external
      port: 9094
      targetPort: tcp-external
      protocol: TCP
  {{- end }}
{{- end -}}
