{{/* Security contexts: no root, no privileges, nothing writable but the volumes. */}}

{{/* The volume group lets the application write to its emptyDirs.
Usage: {{ include "service.podSecurity" . | nindent 4 }} */}}
{{- define "service.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ .Values.runAsUser | int }}
runAsGroup: {{ .Values.runAsUser | int }}
fsGroup: {{ .Values.runAsUser | int }}
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* Usage: {{ include "service.containerSecurity" . | nindent 2 }} */}}
{{- define "service.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop:
    - ALL
{{- end -}}
