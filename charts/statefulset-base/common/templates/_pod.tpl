{{/* Pieces of a StatefulSet that are the same for every store. */}}

{{/* What stands in every pod before its containers.
Usage: {{- include "statefulset.pod" $store | nindent 6 }} */}}
{{- define "statefulset.pod" -}}
serviceAccountName: {{ .values.serviceAccountName | quote }}
automountServiceAccountToken: false
{{- with .values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end -}}

{{/* User and group of the pod, which must be those of the image.
Usage: {{- include "statefulset.podSecurity" (dict "user" 999 "group" 1000) | nindent 8 }} */}}
{{- define "statefulset.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ .user }}
runAsGroup: {{ .group }}
fsGroup: {{ .group }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* Container privileges: none.
Usage: {{- include "statefulset.containerSecurity" . | nindent 12 }} */}}
{{- define "statefulset.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* The claim `data`. Written out in full, and without labels: the list cannot be changed after the first sync.
Usage: {{- include "statefulset.claim" $store | nindent 4 }} */}}
{{- define "statefulset.claim" -}}
- apiVersion: v1
  kind: PersistentVolumeClaim
  metadata:
    name: data
  spec:
    accessModes: [ReadWriteOnce]
    {{- with .values.storage.storageClassName }}
    storageClassName: {{ . | quote }}
    {{- end }}
    volumeMode: Filesystem
    resources:
      requests:
        storage: {{ .values.storage.size | quote }}
{{- end -}}
