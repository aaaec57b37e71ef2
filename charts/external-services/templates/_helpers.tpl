{{/* What the templates of this chart share. */}}

{{/* Labels of an object that no library renders. `component` is one of database, cache, messaging, schema-registry, or "".
Usage: {{ include "externalServices.labels" (dict "root" $ "name" "schema-registry" "component" "schema-registry") | nindent 4 }} */}}
{{- define "externalServices.labels" -}}
app.kubernetes.io/name: {{ .name | quote }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
{{- with .component }}
app.kubernetes.io/component: {{ . | quote }}
{{- end }}
app.kubernetes.io/part-of: {{ .root.Chart.Name | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service | quote }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | quote }}
{{- end -}}

{{/* The host:port list that a Kafka client starts with, in every mode.
Usage: {{ include "externalServices.bootstrapServers" . }} */}}
{{- define "externalServices.bootstrapServers" -}}
{{- if eq .Values.kafka.mode "msk" -}}
{{- $servers := list -}}
{{- range $index, $host := .Values.kafka.msk.brokers -}}
{{- $servers = append $servers (printf "kafka-broker-%d:9092" (add $index 1)) -}}
{{- end -}}
{{- join "," $servers -}}
{{- else -}}
kafka:9092
{{- end -}}
{{- end -}}

{{/* What every store gets from this chart, as YAML: its own mode or that of its kind, its claim's class, the ServiceAccount.
Usage: {{ include "externalServices.common" (dict "root" $ "mode" $.Values.caches.mode) | fromYaml }} */}}
{{- define "externalServices.common" -}}
mode: {{ .mode | quote }}
serviceAccountName: external-services
storage:
  storageClassName: {{ .root.Values.storageClassName | quote }}
{{- end -}}
