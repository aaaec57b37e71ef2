{{/* Everything a service deploys, in this order: defaults, validate, render.
Usage, as the only line of a service chart: {{ include "service.all" . }} */}}
{{- define "service.all" -}}
{{- $ctx := dict -}}
{{- include "service.defaults" (dict "from" . "into" $ctx) -}}
{{- include "service.validate" $ctx -}}
{{- $values := $ctx.Values -}}
{{- include "service.object" (list $ctx "service.serviceAccount") }}
{{- include "service.object" (list $ctx "service.configMap") }}
{{- include "service.object" (list $ctx "service.activeService") }}
{{- if eq $values.strategy "canary" }}
{{- include "service.object" (list $ctx "service.canaryService") }}
{{- else }}
{{- include "service.object" (list $ctx "service.previewService") }}
{{- end }}
{{- if $values.networkPolicy.enabled }}
{{- include "service.object" (list $ctx "service.networkPolicy") }}
{{- end }}
{{- if and $values.pdb.enabled (ge (include "service.minReplicas" $ctx | int) 2) }}
{{- include "service.object" (list $ctx "service.podDisruptionBudget") }}
{{- end }}
{{- include "service.object" (list $ctx "service.rollout") }}
{{- if $values.autoscaling.enabled }}
{{- include "service.object" (list $ctx "service.horizontalPodAutoscaler") }}
{{- end }}
{{- if $values.route.enabled }}
{{- include "service.object" (list $ctx "service.route") }}
{{- end }}
{{- if $values.webhookRoute.enabled }}
{{- include "service.object" (list $ctx "service.webhookRoute") }}
{{- end }}
{{- end -}}

{{/* One YAML document from a named template.
Usage: {{ include "service.object" (list $ctx "service.rollout") }} */}}
{{- define "service.object" -}}
{{- $ctx := index . 0 }}
---
{{ include (index . 1) $ctx | trim }}
{{- end -}}
