{{/* charts/argo-rollouts: messages to Discord. */}}

{{/* Body of one message. The file is a template of the notifications engine, full of double braces, so it is not
rendered by Helm: only the words between @ signs are put in.
Usage: {{- include "argo-rollouts.discordMessage" (dict "root" $ "event" $event) | nindent 10 }} */}}
{{- define "argo-rollouts.discordMessage" -}}
{{- $urls := .root.Values.notifications.urls -}}
{{- $color := get (dict "blue" 3447003 "green" 3066993 "red" 15158332) .event.color -}}
{{- $reason := list -}}
{{- range .event.reason -}}
{{- $reason = append $reason (quote .) -}}
{{- end -}}
{{- .root.Files.Get "files/discord-message.json" | trim
  | replace "@TITLE@" .event.title
  | replace "@COLOR@" (toString $color)
  | replace "@REASON@" (join " " $reason)
  | replace "@ARGOCD@" $urls.argocd
  | replace "@GRAFANA@" $urls.grafana
  | replace "@DASHBOARD@" $urls.dashboard -}}
{{- end }}
