//! Places of fields, in charts of this repository rendered by Helm, and in small ones.

use std::path::Path;

use serde_json::json;

use super::harness::Shop;
use super::origin::Origins;
use super::subject::Subject;

#[test]
fn the_line_and_the_value_of_a_field() {
    let shop = Shop::parse(
        r#"=== charts/c/Chart.yaml
name: c
version: 1.0.0
=== charts/c/values.yaml
image:
  repository: shop
  tag: v1
replicas: 2
resources:
  limits:
    cpu: 500m
env:
  LOG: info
  MODE: fast
=== charts/c/templates/_helpers.tpl
{{- define "c.labels" -}}
app: shop
tier: {{ .Values.tier | default "web" }}
{{- end -}}
{{- define "c.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag }}
{{- end -}}
=== charts/c/templates/all.yaml
# Service and Deployment.
apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
spec:
  ports:
    - port: 80
---
{{- if .Values.replicas }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
  labels:
    {{- include "c.labels" . | nindent 4 }}
spec:
  replicas: {{ .Values.replicas }}
  template:
    spec:
      containers:
      - name: sidecar
        image: proxy:1
      - name: main
        image: {{ include "c.image" . | quote }}
        env:
          {{- range $k, $v := .Values.env }}
          - name: {{ $k }}
            value: {{ $v | quote }}
          {{- end }}
        resources:
          {{- toYaml .Values.resources | nindent 10 }}
{{- end }}
=== config/prod/c.yaml
image:
  tag: v2
env:
  MODE: slow
"#,
    );
    let chart = shop.charts.values().next().unwrap();
    let subject = Subject::new(chart, &shop.charts, shop.deployments(chart));
    let origins = Origins::new(&subject);
    let object = json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "r", "labels": {"app": "shop", "tier": "web"}},
        "spec": {"replicas": 2, "template": {"spec": {"containers": [
            {"name": "sidecar", "image": "proxy:1"},
            {"name": "main", "image": "shop:v2", "env": [{"name": "LOG", "value": "info"}, {"name": "MODE", "value": "slow"}],
             "resources": {"limits": {"cpu": "500m"}}}]}}},
    });
    let template = Path::new("charts/c/templates/all.yaml");
    let line = |pointer: &str| {
        let found = origins.printed(template, &object, pointer).unwrap();
        let value = object.pointer(pointer).unwrap();
        let supplied = origins.supplied(Some(0), &found, value);
        let supplied = supplied.map(|s| format!("{}:{} {}", s.place.path.display(), s.place.line, s.keys.join("."))).unwrap_or_default();
        (format!("{}:{}", found.place.path.file_name().unwrap().to_string_lossy(), found.place.line), found.exact, supplied)
    };
    let is = |place: &str, exact, supplied: &str| (place.to_string(), exact, supplied.to_string());
    assert_eq!(line("/spec/replicas"), is("all.yaml:18", true, "charts/c/values.yaml:4 replicas"));
    assert_eq!(line("/metadata/labels/app"), is("_helpers.tpl:2", true, ""));
    assert_eq!(line("/metadata/labels/tier"), is("_helpers.tpl:3", true, ""));
    assert_eq!(line("/spec/template/spec/containers/0/image"), is("all.yaml:23", true, ""));
    // Of two parts neither is the whole: the line it is.
    assert_eq!(line("/spec/template/spec/containers/1/image"), is("all.yaml:25", true, ""));
    let image = origins.printed(template, &object, "/spec/template/spec/containers/1/image").unwrap();
    let tag = origins.supplied(Some(0), &image, &json!("v2")).unwrap();
    assert_eq!((tag.place.path.as_path(), tag.place.line, tag.whole), (Path::new("config/prod/c.yaml"), 2, true));
    assert_eq!(line("/spec/template/spec/containers/1/env/1/value"), is("all.yaml:29", true, "config/prod/c.yaml:4 env.MODE"));
    assert_eq!(
        line("/spec/template/spec/containers/1/resources/limits/cpu"),
        is("all.yaml:32", true, "charts/c/values.yaml:7 resources.limits.cpu")
    );
    assert_eq!(line("/kind"), is("all.yaml:12", true, ""));
    let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "r"}, "spec": {"ports": [{"port": 80}]}});
    assert_eq!(origins.printed(template, &service, "/spec/ports/0/port").unwrap().place.line, 8);
    let other = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "r"}});
    let nothing = origins.printed(template, &other, "/metadata/name").unwrap();
    assert_eq!((nothing.place.line, nothing.exact), (1, false));
    assert_eq!(origins.printed(Path::new("charts/c/templates/gone.yaml"), &other, "/kind"), None);
}
