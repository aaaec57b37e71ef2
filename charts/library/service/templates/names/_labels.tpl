{{/* Labels of objects and pods. */}}

{{/* Labels that select pods: name and instance only, because a Rollout's selector cannot change later.
Usage: {{ include "service.selectorLabels" . | nindent 4 }} */}}
{{- define "service.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{/* Labels of every object.
Usage: {{ include "service.labels" . | nindent 4 }} */}}
{{- define "service.labels" -}}
{{ include "service.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
app.kubernetes.io/part-of: c4ang
helm.sh/chart: {{ printf "%s-%s" .Chart.Name (.Chart.Version | replace "+" "_") | quote }}
{{- end -}}

{{/* Labels of the pods: those of every object, and what the mesh and the dashboards read.
Usage: {{ include "service.podLabels" . | nindent 8 }} */}}
{{- define "service.podLabels" -}}
{{ include "service.labels" . }}
app: {{ include "service.fullname" . | quote }}
version: {{ .Values.image.tag | quote }}
sidecar.istio.io/inject: "true"
{{- end -}}
