{{/* The part of Alloy's configuration that brings log files to Loki. */}}

{{/* Usage: {{ include "monitoring.alloyLogs" . }} */}}
{{- define "monitoring.alloyLogs" -}}
// The pods of this node; the API server does the filtering.
discovery.kubernetes "pods" {
  role = "pod"

  selectors {
    role  = "pod"
    field = "spec.nodeName=" + sys.env("NODE_NAME")
  }
}

// Few labels, because every combination of their values is a stream of its own.
discovery.relabel "pods" {
  targets = discovery.kubernetes.pods.targets

  rule {
    source_labels = ["__meta_kubernetes_namespace"]
    target_label  = "namespace"
  }

  rule {
    source_labels = ["__meta_kubernetes_pod_name"]
    target_label  = "pod"
  }

  rule {
    source_labels = ["__meta_kubernetes_pod_container_name"]
    target_label  = "container"
  }

  // The service: label app where a pod has one, as those of the shop do, else its general name.
  rule {
    source_labels = ["__meta_kubernetes_pod_label_app_kubernetes_io_name"]
    regex         = "(.+)"
    target_label  = "app"
  }

  rule {
    source_labels = ["__meta_kubernetes_pod_label_app"]
    regex         = "(.+)"
    target_label  = "app"
  }

  // The kubelet's folders: NAMESPACE_POD_UID/CONTAINER.
  rule {
    source_labels = ["__meta_kubernetes_pod_uid", "__meta_kubernetes_pod_container_name"]
    separator     = "/"
    replacement   = "{{ .Values.alloy.logFolder }}/*$1/*.log"
    target_label  = "__path__"
  }
}

loki.source.file "pods" {
  targets    = discovery.relabel.pods.output
  forward_to = [loki.process.pods.receiver]

  file_match {
    enabled = true
  }
}

loki.process "pods" {
  forward_to = [loki.write.loki.receiver]

  // The runtime's own prefix: time, stream, and whether the line goes on.
  stage.cri { }

  // It has the number of restarts in it: each restart would begin another stream.
  stage.label_drop {
    values = ["filename"]
  }
}

loki.write "loki" {
  endpoint {
    url = "http://loki:3100/loki/api/v1/push"
  }
}
{{- end -}}
