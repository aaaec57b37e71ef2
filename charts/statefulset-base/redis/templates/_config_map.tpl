{{/* Configuration file of the server. */}}

{{/* Usage: {{ include "redis.configMap" $server }} */}}
{{- define "redis.configMap" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ printf "%s-config" .name | quote }}
  namespace: {{ .root.Release.Namespace | quote }}
  labels:
    {{- include "statefulset.labels" . | nindent 4 }}
data:
  redis.conf: |
    {{- include "redis.conf" . | nindent 4 }}
{{- end -}}

{{/* Usage: {{ include "redis.conf" $server | nindent 4 }} */}}
{{- define "redis.conf" -}}
# The services connect without a password, so the guard against that stays off.
protected-mode no
port 6379
dir /data
appendonly {{ ternary "yes" "no" .values.appendonly }}
maxmemory {{ .values.maxmemory }}
maxmemory-policy {{ .values.maxmemoryPolicy }}
{{- end -}}
