{{/* Every refusal of a service chart. Each message names the key, the reason and the chart.
Usage: {{ include "service.validate" $ctx }} */}}
{{- define "service.validate" -}}
{{- $values := .Values -}}
{{- $chart := .Chart.Name -}}
{{- $fullname := include "service.fullname" . -}}
{{- $sections := list "image" "service" "resources" "autoscaling" "config" "probes" "serviceAccount" "route" "webhookRoute" "rollout" "analysis" "notifications" "pdb" "networkPolicy" "topologySpread" -}}
{{- range $sections -}}
{{- if not (kindIs "map" (get $values .)) -}}
{{- fail (printf "%s must be a map: remove single keys with null, not the section (%s)" . $chart) -}}
{{- end -}}
{{- end -}}

{{- if gt (len $fullname) 55 -}}
{{- fail (printf "fullnameOverride must have at most 55 characters, `%s` has %d: `%s-preview` is a Service name (%s)" $fullname (len $fullname) $fullname $chart) -}}
{{- end -}}
{{- if not (regexMatch "^[a-z]([a-z0-9-]*[a-z0-9])?$" $fullname) -}}
{{- fail (printf "fullnameOverride must be a DNS label, `%s` is not: it names Services (%s)" $fullname $chart) -}}
{{- end -}}

{{- if not $values.image.repository -}}
{{- fail (printf "image.repository is required (%s)" $chart) -}}
{{- end -}}
{{- if not $values.image.tag -}}
{{- fail (printf "image.tag is required, also beside image.digest: it becomes the pod label `version` (%s)" $chart) -}}
{{- end -}}
{{- if not (kindIs "string" $values.image.tag) -}}
{{- fail (printf "image.tag must be quoted text, %v is a %s (%s)" $values.image.tag (kindOf $values.image.tag) $chart) -}}
{{- end -}}
{{- if eq $values.image.tag "latest" -}}
{{- fail (printf "image.tag must name one version, `latest` names another one tomorrow (%s)" $chart) -}}
{{- end -}}
{{- if and $values.image.digest (not (regexMatch "^sha256:[0-9a-f]{64}$" $values.image.digest)) -}}
{{- fail (printf "image.digest must be `sha256:` and 64 hexadecimal digits, not `%s` (%s)" $values.image.digest $chart) -}}
{{- end -}}

{{- range $key, $value := $values.config -}}
{{- if not (kindIs "string" $value) -}}
{{- fail (printf "config.%s must be quoted text: a variable is text, and a bare %v would be printed as YAML reads it (%s)" $key $value $chart) -}}
{{- end -}}
{{- end -}}

{{- if $values.autoscaling.enabled -}}
{{- if lt (int $values.autoscaling.minReplicas) 1 -}}
{{- fail (printf "autoscaling.minReplicas must be at least 1 (%s)" $chart) -}}
{{- end -}}
{{- if lt (int $values.autoscaling.maxReplicas) (int $values.autoscaling.minReplicas) -}}
{{- fail (printf "autoscaling.maxReplicas (%v) must not be below autoscaling.minReplicas (%v) (%s)" $values.autoscaling.maxReplicas $values.autoscaling.minReplicas $chart) -}}
{{- end -}}
{{- range list "cpu" "memory" -}}
{{- if not (dig "requests" . "" $values.resources) -}}
{{- fail (printf "resources.requests.%s is required when autoscaling.enabled is true: utilisation is a share of it (%s)" . $chart) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- if $values.route.enabled -}}
{{- range list "gateway" "sections" "hosts" "prefixes" "timeout" -}}
{{- if not (get $values.route .) -}}
{{- fail (printf "route.%s is required when route.enabled is true (%s)" . $chart) -}}
{{- end -}}
{{- end -}}
{{- range $values.route.prefixes -}}
{{- if not (hasPrefix "/" .) -}}
{{- fail (printf "route.prefixes must start with a slash, `%s` does not (%s)" . $chart) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- if $values.webhookRoute.enabled -}}
{{- range list "gateway" "sections" "hosts" "path" "method" -}}
{{- if not (get $values.webhookRoute .) -}}
{{- fail (printf "webhookRoute.%s is required when webhookRoute.enabled is true (%s)" . $chart) -}}
{{- end -}}
{{- end -}}
{{- if not (hasPrefix "/" $values.webhookRoute.path) -}}
{{- fail (printf "webhookRoute.path must start with a slash, `%s` does not (%s)" $values.webhookRoute.path $chart) -}}
{{- end -}}
{{- end -}}

{{- if not (has $values.strategy (list "blueGreen" "canary")) -}}
{{- fail (printf "strategy must be blueGreen or canary, not `%v` (%s)" $values.strategy $chart) -}}
{{- end -}}
{{- if and (eq $values.strategy "canary") (not $values.rollout.canary.weights) -}}
{{- fail (printf "rollout.canary.weights is required when strategy is canary: without a step all traffic moves at once (%s)" $chart) -}}
{{- end -}}

{{- if and $values.analysis.trafficDrop.enabled (not $values.analysis.post.enabled) -}}
{{- fail (printf "analysis.trafficDrop.enabled needs analysis.post.enabled: both run as one analysis after the promotion (%s)" $chart) -}}
{{- end -}}
{{- end -}}
