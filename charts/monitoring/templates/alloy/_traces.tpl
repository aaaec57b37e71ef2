{{/* The part of Alloy's configuration that brings spans to Tempo. */}}

{{/* Usage: {{ include "monitoring.alloyTraces" . }} */}}
{{- define "monitoring.alloyTraces" -}}
otelcol.receiver.otlp "spans" {
  grpc {
    endpoint = "0.0.0.0:4317"
  }

  http {
    endpoint = "0.0.0.0:4318"
  }

  output {
    traces = [otelcol.processor.batch.spans.input]
  }
}

otelcol.processor.batch "spans" {
  output {
    traces = [otelcol.exporter.otlp.tempo.input]
  }
}

otelcol.exporter.otlp "tempo" {
  client {
    endpoint = "tempo:4317"

    // Inside the cluster, and outside the mesh at both ends.
    tls {
      insecure = true
    }
  }
}
{{- end -}}
