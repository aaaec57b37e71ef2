{{/* Labels of one store. `component` is one of database, cache, messaging, schema-registry, or empty. */}}

{{/* Labels that select its pods: name and instance only, because a StatefulSet's selector cannot change later.
Usage: {{ include "statefulset.selectorLabels" $store | nindent 4 }} */}}
{{- define "statefulset.selectorLabels" -}}
app.kubernetes.io/name: {{ .name | quote }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
{{- end -}}

{{/* Labels of the pods. The chart's version is not among them: a new one would restart every store.
Usage: {{ include "statefulset.podLabels" $store | nindent 8 }} */}}
{{- define "statefulset.podLabels" -}}
{{ include "statefulset.selectorLabels" . }}
app.kubernetes.io/component: {{ .component }}
app.kubernetes.io/part-of: {{ .root.Chart.Name | quote }}
# Outside the mesh: clients talk plain TCP to it, exporters reach it without a certificate.
sidecar.istio.io/inject: "false"
{{- end -}}

{{/* Labels of every object.
Usage: {{ include "statefulset.labels" $store | nindent 4 }} */}}
{{- define "statefulset.labels" -}}
{{ include "statefulset.selectorLabels" . }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
app.kubernetes.io/part-of: {{ .root.Chart.Name | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service | quote }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | quote }}
{{- end -}}
