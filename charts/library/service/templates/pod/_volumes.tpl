{{/* What the container may write: temporary files (Tomcat needs them) and the log folder. */}}

{{/* Usage: {{ include "service.volumes" . | nindent 4 }} */}}
{{- define "service.volumes" -}}
- name: tmp
  emptyDir: {}
- name: logs-dir
  emptyDir: {}
{{- end -}}

{{/* Usage: {{ include "service.volumeMounts" . | nindent 2 }} */}}
{{- define "service.volumeMounts" -}}
- name: tmp
  mountPath: /tmp
- name: logs-dir
  mountPath: /var/log/{{ .Chart.Name }}
{{- end -}}
