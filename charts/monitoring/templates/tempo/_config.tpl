{{/* Tempo's configuration; a helper of its own, so that the StatefulSet can hash it. */}}

{{/* One process, everything on its volume.
Usage: {{ include "monitoring.tempoConfig" . | nindent 4 }} */}}
{{- define "monitoring.tempoConfig" -}}
stream_over_http_enabled: true
server:
  http_listen_port: 3200
  grpc_listen_port: 9095
distributor:
  receivers:
    otlp:
      protocols:
        # Without an address the receivers listen on localhost only.
        grpc:
          endpoint: 0.0.0.0:4317
        http:
          endpoint: 0.0.0.0:4318
live_store:
  wal:
    path: /var/tempo/live-store/traces
  shutdown_marker_dir: /var/tempo/live-store/shutdown-marker
# The scheduler decides what is too old, the worker deletes it: both need the same retention.
backend_scheduler:
  local_work_path: /var/tempo/work
  provider:
    compaction:
      compaction:
        block_retention: {{ .Values.tempo.retention }}
backend_worker:
  compaction:
    block_retention: {{ .Values.tempo.retention }}
storage:
  trace:
    backend: local
    local:
      path: /var/tempo/blocks
    wal:
      path: /var/tempo/wal
# Request rates between services, derived from spans: Grafana draws its service map from them.
metrics_generator:
  storage:
    path: /var/tempo/generator/wal
    remote_write:
      - url: http://prometheus:9090/api/v1/write
        send_exemplars: false
overrides:
  defaults:
    metrics_generator:
      processors: [service-graphs]
usage_report:
  reporting_enabled: false
{{- end -}}
