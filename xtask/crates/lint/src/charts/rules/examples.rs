//! Runs the examples of every rule's own documentation: the bad one fires that rule and no other, the good one and the trap are silent.
//!
//! An example is files: the fence names the path. A folder of `charts/` without a Chart.yaml gets one with its name, and
//! `config/<env>/<chart>.yaml` is laid over the chart of that name.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::charts::harness::Shop;
use crate::charts::rules;
use crate::charts::subject::Subject;
use crate::{Finding, Findings};

const RULES: &[(&str, &str)] = &[
    (rules::ambiguous_scalar::ID, include_str!("ambiguous_scalar.rs")),
    (rules::ineffective_subchart_key::ID, include_str!("ineffective_subchart_key.rs")),
    (rules::missing_chart_dependency::ID, include_str!("missing_chart_dependency.rs")),
    (rules::retyped_values_key::ID, include_str!("retyped_values_key.rs")),
    (rules::unescaped_foreign_template::ID, include_str!("unescaped_foreign_template.rs")),
    (rules::unguarded_values_path::ID, include_str!("unguarded_values_path.rs")),
    (rules::unread_values_key::ID, include_str!("unread_values_key.rs")),
    (rules::unstable_render::ID, include_str!("unstable_render.rs")),
];

const HEADINGS: [&str; 6] = ["What", "Why", "Bad", "Good", "Trap", "Fix"];

/// What all rules say.
pub fn all(shop: &Shop) -> Findings {
    let mut out = Findings::default();
    let subjects: Vec<Subject<'_>> = shop
        .charts
        .values()
        .filter(|chart| !chart.library)
        .map(|chart| Subject::new(chart, &shop.charts, shop.deployments(chart)))
        .collect();
    rules::ambiguous_scalar::check(&subjects, &mut out);
    rules::ineffective_subchart_key::check(&subjects, &mut out);
    rules::missing_chart_dependency::check(&shop.charts, &mut out);
    rules::retyped_values_key::check(&subjects, &mut out);
    rules::unescaped_foreign_template::check(&subjects, &mut out);
    rules::unguarded_values_path::check(&subjects, &mut out);
    rules::unread_values_key::check(&subjects, &|_| true, &mut out);
    rules::unstable_render::check(&subjects, &mut out);
    out.sorted()
}

fn files(source: &str, heading: &str) -> Vec<(PathBuf, String)> {
    let lines = source.lines().map_while(|line| line.strip_prefix("//!")).map(|line| line.strip_prefix(' ').unwrap_or(line));
    let after = lines.skip_while(|line| *line != format!("## {heading}")).skip(1);
    let mut files: Vec<(PathBuf, String)> = Vec::new();
    let mut inside = false;
    for line in after.take_while(|line| !line.starts_with("## ")) {
        match line.strip_prefix("```yaml ") {
            Some(path) => {
                files.push((path.into(), String::new()));
                inside = true;
            }
            None if line == "```" => inside = false,
            None if inside => files.last_mut().into_iter().for_each(|(_, text)| *text += &format!("{line}\n")),
            None => {}
        }
    }
    let folders: BTreeSet<PathBuf> = files.iter().filter_map(|(path, _)| path.strip_prefix("charts").ok()).filter_map(|path| path.iter().next()).map(|name| PathBuf::from("charts").join(name)).collect();
    for folder in folders {
        let about = folder.join("Chart.yaml");
        if !files.iter().any(|(path, _)| *path == about) {
            files.push((about, format!("name: {}\nversion: 1.0.0\n", folder.file_name().unwrap().to_string_lossy())));
        }
    }
    files
}

fn findings(source: &str, heading: &str) -> Vec<Finding> {
    all(&Shop::new(files(source, heading))).found
}

#[test]
fn every_rule_s_bad_example_fires_it_and_nothing_else() {
    for (id, source) in RULES {
        let found = findings(source, "Bad");
        let fired: BTreeSet<&str> = found.iter().map(|finding| finding.rule).collect();
        assert_eq!(fired, BTreeSet::from([*id]), "{found:#?}");
        for finding in &found {
            assert!(finding.path.is_some() && finding.line.is_some() && finding.help.is_some(), "{id} says too little: {finding:#?}");
            assert!(!finding.message.contains('\n') && !finding.message.ends_with('.'), "{id}: {}", finding.message);
        }
    }
}

#[test]
fn every_rule_s_good_example_and_trap_are_silent() {
    for (id, source) in RULES {
        for heading in ["Good", "Trap"] {
            assert!(!files(source, heading).is_empty(), "{id}: {heading}");
            let found = findings(source, heading);
            assert!(found.is_empty(), "{id}, {heading}: {found:#?}");
        }
    }
}

#[test]
fn every_rule_is_documented_under_the_same_headings() {
    for (id, source) in RULES {
        let found: Vec<&str> = source.lines().filter_map(|line| line.strip_prefix("//! ## ")).collect();
        assert_eq!(found, HEADINGS, "{id}");
    }
}

#[test]
fn this_repository_has_none_of_these_defects() {
    let shop = Shop::here();
    let found = all(&shop);
    assert!(found.found.is_empty(), "{:#?}", found.found);
    assert!(found.unverified.is_empty(), "{:#?}", found.unverified);
}

/// What is found in a repository that is written as one text, as `rule path:line`.
fn found(text: &str) -> Vec<String> {
    let found = all(&Shop::parse(text)).found;
    found
        .into_iter()
        .map(|finding| format!("{} {}:{} {}", finding.rule, finding.path.unwrap().display(), finding.line.unwrap(), finding.message))
        .collect()
}

const UMBRELLA: &str = r#"
=== deploy/shop/Chart.yaml
name: shop
version: 1.0.0
dependencies:
  - name: postgresql
    version: ^12
    repository: file://../postgresql
    alias: orders-db
    condition: orders-db.enabled
  - name: common
    version: 2.x.x
    repository: file://../common
=== deploy/shop/values.yaml
global:
  imageRegistry: ""
image:
  repository: shop
  tag: "1.0"
commonLabels: {}
commonAnnotations: {}
podLabels:
  team: "{{ .Values.team }}"
team: checkout
extraEnvVars: []
extraEnvVarsCM: ""
service:
  type: ClusterIP
  ports:
    http: 80
containerPorts:
  http: 8080
resourcesPreset: nano
resources: {}
livenessProbe:
  enabled: true
  initialDelaySeconds: 10
env:
  LOG_LEVEL: info
  TIMEOUT: "30"
hosts:
  - host: shop.example.org
    paths: [/]
ingress:
  enabled: false
  tls: []
orders-db:
  enabled: true
  auth:
    database: orders
=== deploy/shop/templates/_helpers.tpl
{{- define "shop.image" -}}
{{ include "common.images.image" (dict "imageRoot" .Values.image "global" .Values.global) }}
{{- end -}}
=== deploy/shop/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "common.names.fullname" . }}
  labels: {{- include "common.labels.standard" ( dict "customLabels" .Values.commonLabels "context" $ ) | nindent 4 }}
  {{- if .Values.commonAnnotations }}
  annotations: {{- include "common.tplvalues.render" ( dict "value" .Values.commonAnnotations "context" $ ) | nindent 4 }}
  {{- end }}
spec:
  {{- $podLabels := include "common.tplvalues.merge" ( dict "values" ( list .Values.podLabels .Values.commonLabels ) "context" . ) }}
  template:
    metadata:
      labels: {{- include "common.labels.standard" ( dict "customLabels" $podLabels "context" $ ) | nindent 8 }}
    spec:
      containers:
        - name: shop
          image: {{ template "shop.image" . }}
          env:
            {{- range $name, $value := .Values.env }}
            - name: {{ $name }}
              value: {{ $value | quote }}
            {{- end }}
            {{- if .Values.extraEnvVars }}
            {{- include "common.tplvalues.render" (dict "value" .Values.extraEnvVars "context" $) | nindent 12 }}
            {{- end }}
          {{- if .Values.extraEnvVarsCM }}
          envFrom:
            - configMapRef:
                name: {{ include "common.tplvalues.render" (dict "value" .Values.extraEnvVarsCM "context" $) }}
          {{- end }}
          {{- if .Values.livenessProbe.enabled }}
          livenessProbe: {{- include "common.tplvalues.render" (dict "value" (omit .Values.livenessProbe "enabled") "context" $) | nindent 12 }}
            tcpSocket:
              port: {{ .Values.containerPorts.http }}
          {{- end }}
          {{- if .Values.resources }}
          resources: {{- toYaml .Values.resources | nindent 12 }}
          {{- else if ne .Values.resourcesPreset "none" }}
          resources: {{- include "common.resources.preset" (dict "type" .Values.resourcesPreset) | nindent 12 }}
          {{- end }}
---
{{- if .Values.ingress.enabled }}
{{- range .Values.hosts }}
host: {{ .host }}
paths: {{ range .paths }}{{ . }}{{ end }}
{{- end }}
{{- with .Values.ingress.tls }}
tls: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
---
port: {{ coalesce .Values.service.ports.http .Values.service.port }}
type: {{ .Values.service.type }}
=== deploy/postgresql/Chart.yaml
name: postgresql
version: 12.1.0
dependencies:
  - {name: common, version: 2.x.x, repository: "file://../common"}
=== deploy/postgresql/values.yaml
auth:
  database: ""
  username: ""
  existingSecret: ""
primary:
  persistence: {enabled: true, size: 8Gi}
=== deploy/postgresql/templates/statefulset.yaml
name: {{ include "common.names.fullname" . }}
database: {{ .Values.global.postgresql.auth.database | default .Values.auth.database | quote }}
username: {{ .Values.auth.username | default "postgres" | quote }}
{{- if not .Values.auth.existingSecret }}
password: none
{{- end }}
{{- if .Values.primary.persistence.enabled }}
size: {{ .Values.primary.persistence.size | quote }}
{{- end }}
=== deploy/common/Chart.yaml
name: common
version: 2.4.0
type: library
=== deploy/common/values.yaml
exampleValue: common-chart
=== deploy/common/templates/_names.tpl
{{- define "common.names.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- define "common.labels.standard" -}}
{{- if and (hasKey . "customLabels") (hasKey . "context") -}}
{{- $default := dict "app.kubernetes.io/name" .context.Chart.Name "app.kubernetes.io/instance" .context.Release.Name -}}
{{ template "common.tplvalues.merge" (dict "values" (list .customLabels $default) "context" .context) }}
{{- else -}}
app.kubernetes.io/name: {{ .Chart.Name }}
{{- end -}}
{{- end -}}
{{- define "common.images.image" -}}
{{- $registryName := default .imageRoot.registry ((.global).imageRegistry) -}}
{{- $repositoryName := .imageRoot.repository -}}
{{- $termination := .imageRoot.tag | toString -}}
{{- if .imageRoot.digest }}
    {{- $termination = .imageRoot.digest | toString -}}
{{- end -}}
{{- if $registryName }}
    {{- printf "%s/%s:%s" $registryName $repositoryName $termination -}}
{{- else -}}
    {{- printf "%s:%s" $repositoryName $termination -}}
{{- end -}}
{{- end -}}
{{- define "common.resources.preset" -}}
{{- $presets := dict "nano" (dict "requests" (dict "cpu" "100m")) "micro" (dict "requests" (dict "cpu" "250m")) }}
{{- if hasKey $presets .type -}}
{{- index $presets .type | toYaml -}}
{{- else -}}
{{- printf "ERROR: Preset key '%s' invalid" .type | fail -}}
{{- end -}}
{{- end -}}
{{- define "common.tplvalues.render" -}}
{{- $value := typeIs "string" .value | ternary .value (.value | toYaml) }}
{{- if contains "{{" (toJson .value) }}
  {{- if .scope }}
      {{- tpl (cat "{{- with $.RelativeScope -}}" $value "{{- end }}") (merge (dict "RelativeScope" .scope) .context) }}
  {{- else }}
    {{- tpl $value .context }}
  {{- end }}
{{- else }}
    {{- $value }}
{{- end }}
{{- end -}}
{{- define "common.tplvalues.merge" -}}
{{- $dst := dict -}}
{{- range .values -}}
{{- $dst = include "common.tplvalues.render" (dict "value" . "context" $.context "scope" $.scope) | fromYaml | merge $dst -}}
{{- end -}}
{{ $dst | toYaml }}
{{- end -}}
=== config/prod/shop.yaml
image:
  tag: "2.0"
ingress:
  enabled: true
"#;

#[test]
fn an_umbrella_chart_with_helpers_as_everybody_has_them() {
    let found = found(UMBRELLA);
    // The one defect: `global.postgresql` is nowhere, but globals are silent; the library's example value is read by nobody.
    assert_eq!(found, ["unread-values-key deploy/common/values.yaml:1 `exampleValue` is read by no template of the 2 charts that use the file"]);
}

#[test]
fn defects_in_an_umbrella_chart_are_found() {
    let text = UMBRELLA
        .replace("    database: orders\n", "    database: orders\n    user: shop\n")
        .replace("  type: ClusterIP\n", "  type: ClusterIP\n  externalTrafficPolicy: Local\n")
        .replace("  tag: \"2.0\"\n", "  tag: \"2.0\"\n  pullPolicy: Always\nlogLevel: debug\n")
        .replace("port: {{ coalesce", "cache: {{ .Values.cache.host }}\nport: {{ coalesce")
        .replace("exampleValue: common-chart\n", "");
    let found = found(&text);
    let expected = [
        "unguarded-values-path deploy/shop/templates/deployment.yaml:52 `.Values.cache.host` is read through `.Values.cache`, which is missing from the defaults of shop and the values of prod",
        "unread-values-key config/prod/shop.yaml:3",
        "unread-values-key config/prod/shop.yaml:4",
        "unread-values-key deploy/shop/values.yaml:15",
        "unread-values-key deploy/shop/values.yaml:38",
    ];
    let starts: Vec<&str> = found.iter().map(|found| found.rsplit_once(": ").map_or(found.as_str(), |(start, _)| start)).collect();
    for expected in expected {
        assert!(found.iter().any(|found| found.starts_with(expected)), "{expected}: {found:#?}");
    }
    assert_eq!(found.len(), expected.len(), "{starts:#?}");
}
