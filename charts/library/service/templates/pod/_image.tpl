{{/* The image reference: by digest when one is given, else by tag.
Usage: {{ include "service.image" . | quote }} */}}
{{- define "service.image" -}}
{{- with .Values.image -}}
{{- with .registry }}{{ . }}/{{ end -}}
{{- .repository -}}
{{- if .digest }}@{{ .digest }}{{ else }}:{{ .tag }}{{ end -}}
{{- end -}}
{{- end -}}
