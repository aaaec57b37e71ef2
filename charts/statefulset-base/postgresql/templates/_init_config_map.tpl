{{/* SQL that the server runs at its first start. */}}

{{/* Usage: {{ include "postgresql.initConfigMap" $server }} */}}
{{- define "postgresql.initConfigMap" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ printf "%s-init" .name | quote }}
  namespace: {{ .root.Release.Namespace | quote }}
  labels:
    {{- include "statefulset.labels" . | nindent 4 }}
data:
  01-extensions.sql: |
    -- Extensions of {{ .values.database }}; run once, while the data directory is empty.
    {{- range .values.extensions }}
    CREATE EXTENSION IF NOT EXISTS {{ . | quote }};
    {{- end }}
  {{- with .values.initSql }}
  02-schema.sql: |
    {{- . | trim | nindent 4 }}
  {{- end }}
{{- end -}}
