{{/* The Service that applications use: in front of the pod, or an alias to a server elsewhere under the same name and port. */}}

{{/* `ports` is a list of {name, port}; an alias carries the first only, the others serve port-forwards to the pod.
Usage: {{ include "statefulset.service" $store }} */}}
{{- define "statefulset.service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ .name | quote }}
  namespace: {{ .root.Release.Namespace | quote }}
  labels:
    {{- include "statefulset.labels" . | nindent 4 }}
spec:
  {{- if eq .values.mode "external" }}
  type: ExternalName
  externalName: {{ .values.externalName | quote }}
  ports:
    - name: {{ (first .ports).name }}
      port: {{ (first .ports).port }}
      protocol: TCP
  {{- else }}
  type: ClusterIP
  selector:
    {{- include "statefulset.selectorLabels" . | nindent 4 }}
  ports:
    {{- range .ports }}
    - name: {{ .name }}
      port: {{ .port }}
      targetPort: {{ .name }}
      protocol: TCP
    {{- end }}
  {{- end }}
{{- end -}}
