{{/* Refuses values that would render, but never run. */}}

{{/* Called by templates/prometheus/prometheus.yaml, which every render contains.
Usage: {{ include "monitoring.validate" . }} */}}
{{- define "monitoring.validate" -}}
{{- range $key := list "name" "environment" -}}
{{- if not (index $.Values.cluster $key) -}}
{{- fail (printf "cluster.%s is required: it labels every series" $key) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.grafana.enabled (not .Values.grafana.adminSecret) -}}
{{- fail "grafana.adminSecret is required: the name of a Secret with the keys admin-user and admin-password" -}}
{{- end -}}
{{- if not (regexMatch "^[1-9][0-9]*(h|d|w)$" .Values.loki.retention) -}}
{{- fail (printf "loki.retention must be a duration such as 7d, not %q" .Values.loki.retention) -}}
{{- end -}}
{{- if not (regexMatch "^[1-9][0-9]*h$" .Values.tempo.retention) -}}
{{- fail (printf "tempo.retention must be given in hours, such as 168h, not %q" .Values.tempo.retention) -}}
{{- end -}}
{{- range $name := list "grafana" "prometheus" -}}
{{- $ingress := (index $.Values $name).ingress -}}
{{- range $key := list "className" "host" -}}
{{- if and $ingress.enabled (not (index $ingress $key)) -}}
{{- fail (printf "%s.ingress.%s is required when %s.ingress.enabled is true" $name $key $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and .Values.alloy.enabled (not (or .Values.loki.enabled .Values.tempo.enabled)) -}}
{{- fail "alloy.enabled is true, but neither loki nor tempo is there to take what it reads" -}}
{{- end -}}
{{- if and .Values.kafkaExporter.enabled (not .Values.kafkaExporter.brokers) -}}
{{- fail "kafkaExporter.brokers is required when kafkaExporter.enabled is true: host:port of each" -}}
{{- end -}}
{{- range $name := list "postgresExporter" "redisExporter" -}}
{{- $exporter := index $.Values $name -}}
{{- if and $exporter.enabled (not $exporter.targets) -}}
{{- fail (printf "%s.targets is required when %s.enabled is true: name and address of each" $name $name) -}}
{{- end -}}
{{- end -}}
{{- $seen := dict -}}
{{- range $group, $rules := .Values.alerting.rules -}}
{{- range $rule := $rules -}}
{{- range $key := list "name" "expr" "duration" "severity" "summary" "description" "runbook" -}}
{{- if not (index $rule $key) -}}
{{- fail (printf "alerting.rules.%s: %s is required (%s)" $group $key ($rule.name | default "rule without a name")) -}}
{{- end -}}
{{- end -}}
{{- if not (has $rule.severity (list "warning" "critical")) -}}
{{- fail (printf "alerting.rules.%s: severity must be warning or critical, not %q (%s)" $group $rule.severity $rule.name) -}}
{{- end -}}
{{- if hasKey $seen $rule.name -}}
{{- fail (printf "alerting.rules.%s: name is used twice (%s)" $group $rule.name) -}}
{{- end -}}
{{- $_ := set $seen $rule.name true -}}
{{- end -}}
{{- end -}}
{{- end -}}
