{{/* Grafana's provisioning file for datasources; a helper of its own, so that the Deployment can hash it. */}}

{{/* Usage: {{ include "monitoring.grafanaDatasources" . | nindent 4 }} */}}
{{- define "monitoring.grafanaDatasources" -}}
apiVersion: 1
# Provisioned ones that disappear from this file disappear from Grafana too.
prune: true
datasources:
  - name: Prometheus
    uid: prometheus
    type: prometheus
    access: proxy
    url: http://prometheus:9090
    isDefault: true
    editable: false
    jsonData:
      httpMethod: POST
      timeInterval: 30s
{{- if .Values.loki.enabled }}
  - name: Loki
    uid: loki
    type: loki
    access: proxy
    url: http://loki:3100
    editable: false
    jsonData:
      maxLines: 1000
{{- end }}
{{- if .Values.tempo.enabled }}
  - name: Tempo
    uid: tempo
    type: tempo
    access: proxy
    url: http://tempo:3200
    editable: false
    jsonData:
{{- if .Values.loki.enabled }}
      # From a span to the logs around it.
      tracesToLogsV2:
        datasourceUid: loki
        spanStartTimeShift: -5m
        spanEndTimeShift: 5m
        filterByTraceID: true
        filterBySpanID: false
{{- end }}
      serviceMap:
        datasourceUid: prometheus
      nodeGraph:
        enabled: true
{{- end }}
{{- end -}}
