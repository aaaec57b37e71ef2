//! YAML and JSON documents as Kubernetes programs read them.
