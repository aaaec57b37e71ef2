{{/* Refuses values that would render, but never run. */}}

{{/* Called by templates/prometheus/prometheus.yaml, which every render contains.
Usage: {{ include "monitoring.validate" . }} */}}
{{- define "monitoring.validate" -}}
{{- range $key := list "name" "environment" -}}
{{- if not (index $.Values.cluster $key) -}}
{{- fail (printf "cluster.%s is required: it labels every series" $key) -}}
{{- end -}}
{{- end -}}
{{- if not .Values.grafana.adminSecret -}}
{{- fail "grafana.adminSecret is required: the name of a Secret with the keys admin-user and admin-password" -}}
{{- end -}}
{{- if not (regexMatch "^[1-9][0-9]*(h|d|w)$" .Values.loki.retention) -}}
{{- fail (printf "loki.retention must be a duration such as 7d, not %q" .Values.loki.retention) -}}
{{- end -}}
{{- if not (regexMatch "^[1-9][0-9]*h$" .Values.tempo.retention) -}}
{{- fail (printf "tempo.retention must be given in hours, such as 168h, not %q" .Values.tempo.retention) -}}
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
