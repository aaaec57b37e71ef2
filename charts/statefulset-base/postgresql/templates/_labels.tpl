{{/* Labels of one PostgreSQL server. */}}

{{/* Labels that select its pods: name and instance only, because a StatefulSet's selector cannot change later.
Usage: {{ include "postgresql.selectorLabels" $server | nindent 4 }} */}}
{{- define "postgresql.selectorLabels" -}}
app.kubernetes.io/name: {{ .name | quote }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
{{- end -}}

{{/* Labels of the pods. The chart's version is not among them: a new one would restart every store.
Usage: {{ include "postgresql.podLabels" $server | nindent 8 }} */}}
{{- define "postgresql.podLabels" -}}
{{ include "postgresql.selectorLabels" . }}
app.kubernetes.io/component: database
app.kubernetes.io/part-of: {{ .root.Chart.Name | quote }}
# Outside the mesh: clients talk plain TCP to it, exporters reach it without a certificate.
sidecar.istio.io/inject: "false"
{{- end -}}

{{/* Labels of every object.
Usage: {{ include "postgresql.labels" $server | nindent 4 }} */}}
{{- define "postgresql.labels" -}}
{{ include "postgresql.selectorLabels" . }}
app.kubernetes.io/component: database
app.kubernetes.io/part-of: {{ .root.Chart.Name | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service | quote }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | quote }}
{{- end -}}
