{{/* What the templates of this chart share: labels, security contexts, placement. */}}

{{/* Labels that select the pods of a component: name and instance only, because selectors cannot change later.
Usage: {{ include "monitoring.selectorLabels" (dict "root" $ "name" "loki") | nindent 4 }} */}}
{{- define "monitoring.selectorLabels" -}}
app.kubernetes.io/name: {{ .name | quote }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
{{- end -}}

{{/* Labels of the pods of a component. The chart's version is not among them: a new one would restart them all.
Usage: {{ include "monitoring.podLabels" (dict "root" $ "name" "loki") | nindent 8 }} */}}
{{- define "monitoring.podLabels" -}}
{{ include "monitoring.selectorLabels" . }}
app.kubernetes.io/part-of: {{ .root.Chart.Name | quote }}
{{- end -}}

{{/* Labels of every object.
Usage: {{ include "monitoring.labels" (dict "root" $ "name" "loki") | nindent 4 }} */}}
{{- define "monitoring.labels" -}}
{{ include "monitoring.podLabels" . }}
app.kubernetes.io/managed-by: {{ .root.Release.Service | quote }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | quote }}
{{- end -}}

{{/* Security context of a pod that runs as one user, whose group also owns the volumes.
Usage: {{ include "monitoring.podSecurity" 10001 | nindent 8 }} */}}
{{- define "monitoring.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* Security context of every container.
Usage: {{ include "monitoring.containerSecurity" . | nindent 12 }} */}}
{{- define "monitoring.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* nodeSelector and tolerations; nothing when both are empty, hence the `with`.
Usage: {{ with include "monitoring.placement" . | trim }}{{ . | nindent 6 }}{{ end }} */}}
{{- define "monitoring.placement" -}}
{{- with .Values.placement.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.placement.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Placement of what runs on every node: no taint keeps it away, and on a full node other pods make room, because without
it nobody sees what happens there.
Usage: {{ include "monitoring.everyNode" . | nindent 6 }} */}}
{{- define "monitoring.everyNode" -}}
priorityClassName: system-node-critical
nodeSelector:
  kubernetes.io/os: linux
tolerations:
  - operator: Exists
{{- end -}}

{{/* Image reference.
Usage: {{ include "monitoring.image" .Values.loki.image | quote }} */}}
{{- define "monitoring.image" -}}
{{ .repository }}:{{ .tag }}
{{- end -}}

{{/* Claim that holds one component's data; its storage class only where one is set.
Usage: {{ include "monitoring.claimSpec" (dict "root" $ "size" .Values.loki.storage) | nindent 8 }} */}}
{{- define "monitoring.claimSpec" -}}
accessModes: [ReadWriteOnce]
{{- with .root.Values.storageClassName }}
storageClassName: {{ . | quote }}
{{- end }}
volumeMode: Filesystem
resources:
  requests:
    storage: {{ .size | quote }}
{{- end -}}
