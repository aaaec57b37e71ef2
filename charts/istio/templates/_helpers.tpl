{{/* charts/istio: names and labels that several templates share. */}}

{{/* Gateway of the public API; the routes of the services name it as their parent.
Usage: {{ include "istio.mainGateway" . }} */}}
{{- define "istio.mainGateway" -}}
ecommerce-gateway
{{- end }}

{{/* Gateway of the payment provider's callback.
Usage: {{ include "istio.webhookGateway" . }} */}}
{{- define "istio.webhookGateway" -}}
webhook-gateway
{{- end }}

{{/* Labels of every object. Not `part-of: c4ang`: that label marks pods of the shop's own services.
Usage: {{- include "istio.labels" . | nindent 4 }} */}}
{{- define "istio.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: istio
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{/* Labels of what the gateway controller generates (Deployment, pods, Service). It copies the Gateway's own labels
unless these are given, and a chart version among the pod labels would restart the gateway with every chart release.
Usage: {{- include "istio.generatedLabels" . | nindent 6 }} */}}
{{- define "istio.generatedLabels" -}}
app.kubernetes.io/part-of: istio
{{- end }}

{{/* Hosts of the new version of each service in `canary`, as a JSON list; the service charts make the Services.
Usage: {{- range include "istio.canaryHosts" . | fromJsonArray }} */}}
{{- define "istio.canaryHosts" -}}
{{- $hosts := list }}
{{- range .Values.canary }}
{{- $hosts = append $hosts (printf "%s-canary" .) }}
{{- end }}
{{- toJson $hosts }}
{{- end }}

{{/* Attaches a policy to a Gateway by reference, so it never depends on the labels of generated pods.
Usage: {{- include "istio.targetRefs" (include "istio.mainGateway" .) | nindent 2 }} */}}
{{- define "istio.targetRefs" -}}
targetRefs:
  - group: gateway.networking.k8s.io
    kind: Gateway
    name: {{ . }}
{{- end }}

{{/* Source and condition of a rule for one role. A valid token is required besides the claim.
Usage, as an item of `rules`: - {{ include "istio.role" "OWNER" | nindent 6 | trim }} */}}
{{- define "istio.role" -}}
from:
  - source:
      requestPrincipals: ["*"]
when:
  - key: request.auth.claims[role]
    values: [{{ . | quote }}]
{{- end }}
