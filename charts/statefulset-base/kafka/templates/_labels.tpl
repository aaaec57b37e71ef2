{{/* Labels of one Kafka node. */}}

{{/* Labels that select its pods: name and instance only, because a StatefulSet's selector cannot change later.
Usage: {{ include "kafka.selectorLabels" $node | nindent 4 }} */}}
{{- define "kafka.selectorLabels" -}}
app.kubernetes.io/name: {{ .name | quote }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
{{- end -}}

{{/* Labels of the pods. The chart's version is not among them: a new one would restart every store.
Usage: {{ include "kafka.podLabels" $node | nindent 8 }} */}}
{{- define "kafka.podLabels" -}}
{{ include "kafka.selectorLabels" . }}
app.kubernetes.io/component: messaging
app.kubernetes.io/part-of: {{ .root.Chart.Name | quote }}
# Outside the mesh: clients talk plain TCP to it, exporters reach it without a certificate.
sidecar.istio.io/inject: "false"
{{- end -}}

{{/* Labels of every object.
Usage: {{ include "kafka.labels" $node | nindent 4 }} */}}
{{- define "kafka.labels" -}}
{{ include "kafka.selectorLabels" . }}
app.kubernetes.io/component: messaging
app.kubernetes.io/part-of: {{ .root.Chart.Name | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service | quote }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | quote }}
{{- end -}}
