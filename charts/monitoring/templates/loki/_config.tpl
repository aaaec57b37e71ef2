{{/* Loki's configuration; a helper of its own, so that the StatefulSet can hash it. */}}

{{/* One process, everything on its volume.
Usage: {{ include "monitoring.lokiConfig" . | nindent 4 }} */}}
{{- define "monitoring.lokiConfig" -}}
auth_enabled: false
server:
  http_listen_port: 3100
  grpc_listen_port: 9095
common:
  path_prefix: /loki
  replication_factor: 1
  # The ring has one member, itself.
  instance_addr: 127.0.0.1
  ring:
    kvstore:
      store: inmemory
  storage:
    filesystem:
      chunks_directory: /loki/chunks
      rules_directory: /loki/rules
schema_config:
  configs:
    # A later format is added below with the day it starts; this entry stays as long as data from its time does.
    - from: "2026-01-01"
      store: tsdb
      object_store: filesystem
      schema: v13
      index:
        prefix: index_
        period: 24h
limits_config:
  retention_period: {{ .Values.loki.retention }}
  max_global_streams_per_user: {{ .Values.loki.maxStreams }}
  ingestion_rate_mb: {{ .Values.loki.ingestionRateMB }}
  ingestion_burst_size_mb: {{ .Values.loki.ingestionBurstMB }}
compactor:
  working_directory: /loki/compactor
  compaction_interval: 10m
  retention_enabled: true
  # Room to take back a mistake before chunks are really gone.
  retention_delete_delay: 2h
  delete_request_store: filesystem
analytics:
  reporting_enabled: false
{{- end -}}
