{{/* The rules of one group. */}}

{{/* The enabled ones of a list of rules; an explicit empty list when none is.
Usage: {{ include "monitoring.alertRules" $rules | nindent 6 }} */}}
{{- define "monitoring.alertRules" -}}
{{- $alerts := list -}}
{{- range $rule := . -}}
{{- if $rule.enabled -}}
{{- $annotations := dict "summary" $rule.summary "description" $rule.description "runbook" $rule.runbook -}}
{{- $alerts = append $alerts (dict "alert" $rule.name "expr" $rule.expr "for" $rule.duration "labels" (dict "severity" $rule.severity) "annotations" $annotations) -}}
{{- end -}}
{{- end -}}
{{ toYaml (dict "rules" $alerts) }}
{{- end -}}
