{{/* What the objects of this chart share: labels, privileges. */}}

{{/* Labels of every object; the operator passes them on to what it makes.
Usage: {{- include "kafka-cluster.labels" . | nindent 4 }} */}}
{{- define "kafka-cluster.labels" -}}
app.kubernetes.io/name: kafka-cluster
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
app.kubernetes.io/part-of: kafka
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | quote }}
{{- end -}}

{{/* Container privileges: none. The operator mounts every folder that is written.
Usage: {{- include "kafka-cluster.containerSecurity" . | nindent 8 }} */}}
{{- define "kafka-cluster.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end -}}

{{/* Pod privileges.
Usage: {{- include "kafka-cluster.podSecurity" . | nindent 8 }} */}}
{{- define "kafka-cluster.podSecurity" -}}
securityContext:
  runAsNonRoot: true
  seccompProfile:
    type: RuntimeDefault
{{- end -}}
