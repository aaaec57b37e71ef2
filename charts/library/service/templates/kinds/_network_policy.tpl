{{/* NetworkPolicy: who may open a connection to the pods. Who may call what is the mesh's business. */}}
{{- define "service.networkPolicy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "service.fullname" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "service.labels" . | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      {{- include "service.selectorLabels" . | nindent 6 }}
  policyTypes:
    - Ingress
  ingress:
    # The gateways, the other services and the smoke test of a preview run in this namespace.
    - from:
        - podSelector: {}
      ports:
        - port: {{ .Values.service.targetPort | int }}
          protocol: TCP
    # 15020 is the sidecar's merged view of application and proxy metrics, 15090 the proxy's own.
    - from:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: {{ .Values.networkPolicy.scrapeNamespace | quote }}
      ports:
        - port: 15020
          protocol: TCP
        - port: 15090
          protocol: TCP
{{- end -}}
