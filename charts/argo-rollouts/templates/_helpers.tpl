{{/* charts/argo-rollouts: names, labels and pod settings that several templates share. */}}

{{/* Labels that select the pods of one part; they cannot change later.
Usage: {{- include "argo-rollouts.selectorLabels" (dict "root" . "part" "controller") | nindent 6 }} */}}
{{- define "argo-rollouts.selectorLabels" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end }}

{{/* Labels of every object of one part.
Usage: {{- include "argo-rollouts.labels" (dict "root" . "part" "controller") | nindent 4 }} */}}
{{- define "argo-rollouts.labels" -}}
{{ include "argo-rollouts.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/part-of: argo-rollouts
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{/* Placement of a pod; empty when no value asks for one.
Usage: {{- with include "argo-rollouts.placement" . | trim }}{{- . | nindent 6 }}{{- end }} */}}
{{- define "argo-rollouts.placement" -}}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Container privileges: none.
Usage: {{- include "argo-rollouts.containerSecurity" . | nindent 12 }} */}}
{{- define "argo-rollouts.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop:
    - ALL
{{- end }}

{{/* Placeholder that the Rollouts controller replaces; written out it would be taken for a Helm action.
Usage: {{ include "argo-rollouts.arg" "service-name" }} */}}
{{- define "argo-rollouts.arg" -}}
{{ printf "{{args.%s}}" . }}
{{- end }}

{{/* Series selector: requests to the service under analysis, as its callers count them.
Usage: istio_requests_total{ {{- include "argo-rollouts.destination" . -}} } */}}
{{- define "argo-rollouts.destination" -}}
destination_service="{{ include "argo-rollouts.arg" "service-name" }}.{{ include "argo-rollouts.arg" "namespace" }}.svc.cluster.local", reporter="source"
{{- end }}

{{/* Requests per second of the last minute; `before` shifts the window, `and` adds a label condition.
Usage: {{ include "argo-rollouts.requestRate" (dict "and" "response_code=~\"5..\"") }} */}}
{{- define "argo-rollouts.requestRate" -}}
sum(rate(istio_requests_total{ {{- include "argo-rollouts.destination" . }}{{ with .and }}, {{ . }}{{ end -}} }[1m]{{ with .before }} offset {{ . }}{{ end }}))
{{- end }}

{{/* True when there is enough traffic for a verdict.
Usage: ... and {{ include "argo-rollouts.enoughTraffic" . }} */}}
{{- define "argo-rollouts.enoughTraffic" -}}
{{ include "argo-rollouts.requestRate" (dict) }} * 60 >= {{ include "argo-rollouts.arg" "min-traffic-rpm" }}
{{- end }}

{{/* Latency quantile in seconds, 0 without enough traffic.
Usage: {{ include "argo-rollouts.latency" "0.95" }} */}}
{{- define "argo-rollouts.latency" -}}
(
  histogram_quantile({{ . }}, sum by (le) (rate(istio_request_duration_milliseconds_bucket{ {{- include "argo-rollouts.destination" . -}} }[1m]))) / 1000
  and
  {{ include "argo-rollouts.enoughTraffic" . }}
) or vector(0)
{{- end }}

{{/* Successful business operations per second of the last minute; the argument shifts the window.
Usage: {{ include "argo-rollouts.businessRate" " offset 10m" }} */}}
{{- define "argo-rollouts.businessRate" -}}
sum(rate(business_success_total{service="{{ include "argo-rollouts.arg" "service-name" }}"}[1m]{{ . }}))
{{- end }}
