{{/* Grafana's provisioning file for dashboards; a helper of its own, so that the Deployment can hash it. */}}

{{/* Usage: {{ include "monitoring.grafanaDashboards" . | nindent 4 }} */}}
{{- define "monitoring.grafanaDashboards" -}}
apiVersion: 1
providers:
  - name: c4ang
    folder: c4ang
    type: file
    # They change in Git: whoever saves one in the browser saves a copy.
    allowUiUpdates: false
    disableDeletion: true
    updateIntervalSeconds: 30
    options:
      path: /var/lib/grafana/dashboards
{{- end -}}
