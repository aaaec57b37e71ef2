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
    let folders: BTreeSet<PathBuf> = files
        .iter()
        .filter_map(|(path, _)| path.strip_prefix("charts").ok())
        .filter_map(|path| path.iter().next())
        .map(|name| PathBuf::from("charts").join(name))
        .collect();
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
    assert_eq!(
        found,
        ["unread-values-key deploy/common/values.yaml:1 `exampleValue` is read by no template of the 2 charts that use the file"]
    );
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

/// One chart `c` with values and one template.
fn chart(values: &str, template: &str) -> Vec<String> {
    found(&format!(
        "=== charts/c/Chart.yaml\nname: c\nversion: 1.0.0\n=== charts/c/values.yaml\n{values}\n=== charts/c/templates/a.yaml\n{template}\n"
    ))
}

#[test]
fn walks_that_are_guarded_by_what_people_write() {
    for silent in [
        "{{- if .Values.a }}{{ .Values.a.b }}{{ end }}",
        "{{- if and .Values.a .Values.a.b }}{{ .Values.a.b.c }}{{ end }}",
        "{{- if not .Values.a }}x{{ else }}{{ .Values.a.b }}{{ end }}",
        "{{- if and .Values.x (not (empty .Values.a)) }}{{ .Values.a.b }}{{ end }}",
        "{{- with .Values.a }}{{ .b }}{{ end }}",
        "{{- $a := .Values.a | default dict }}{{ $a.b }}",
        "{{- $a := default (dict) .Values.a }}{{ $a.b.c }}",
        "{{- $a := .Values.a }}{{ $a.b }}",
        "{{- range .Values.a }}{{ .b }}{{ end }}",
        "{{ (.Values.a).b }}{{ ((.Values.a).b).c }}",
        "{{ dig \"a\" \"b\" \"none\" .Values }}",
        "{{ dig \"b\" \"none\" (default dict .Values.a) }}",
        "{{- if kindIs \"map\" .Values.a }}{{ .Values.a.b }}{{ end }}",
        "{{- if or (not .Values.a) .Values.q }}x{{ else }}{{ .Values.a.b }}{{ end }}",
        "{{- if (.Values.a).enabled }}{{ .Values.a.b }}{{ end }}",
        "{{- if eq (include \"on\" .) \"true\" }}{{ .Values.a.b }}{{ end }}{{ define \"on\" }}{{ if .Values.a }}true{{ end }}{{ end }}",
        "{{- if not .Values.a }}{{ fail \"a is required\" }}{{ end }}{{ .Values.a.b }}",
        "{{- $_ := required \"a\" .Values.a }}{{ .Values.a.b }}",
        "{{- $m := mergeOverwrite (dict \"a\" (dict)) (deepCopy .Values) }}{{ $m.a.b }}",
        "{{ get (.Values.a | default dict) \"b\" }}{{ hasKey (default dict .Values.a) \"b\" }}",
        "{{- define \"p\" }}{{ .b }}{{ end }}{{ include \"p\" .Values.a }}",
        "{{- define \"p\" }}{{ with .x }}{{ .b }}{{ end }}{{ end }}{{ include \"p\" (dict \"x\" .Values.a) }}",
        "{{- if hasKey .Values \"a\" }}{{ .Values.a.b }}{{ end }}",
        "{{- if .Values.a | default false }}{{ .Values.a.b }}{{ end }}",
        "{{- if .Capabilities.APIVersions.Has \"x\" }}{{ with .Values.a }}{{ .b }}{{ end }}{{ end }}",
        "{{ ternary \"x\" \"y\" (empty .Values.a) }}",
        "{{ coalesce .Values.a \"x\" }}{{ .Values.a | default \"x\" }}",
    ] {
        let found = chart("", silent);
        assert!(found.is_empty(), "{silent}: {found:#?}");
    }
    for (bad, map) in [
        ("{{ .Values.a.b }}", ".Values.a`"),
        ("{{ $.Values.a.b | default \"x\" }}", ".Values.a`"),
        ("{{ default \"x\" .Values.a.b }}", ".Values.a`"),
        ("{{ index .Values \"a\" \"b\" }}", ".Values.a`"),
        ("{{ get .Values.a \"b\" }}", ".Values.a`"),
        ("{{ if hasKey .Values.a \"b\" }}x{{ end }}", ".Values.a`"),
        ("{{ dig \"b\" \"none\" .Values.a }}", ".Values.a`"),
        ("{{ if .Values.x.enabled }}{{ end }}", ".Values.x`"),
        ("{{ if .Values.q }}{{ .Values.a.b }}{{ else }}{{ .Values.z.b }}{{ end }}", ".Values.z`"),
        ("{{- define \"p\" }}{{ .x.b }}{{ end }}{{ include \"p\" (dict \"x\" .Values.a) }}", ".Values.a`"),
        ("{{- define \"p\" }}{{ .Values.a.b }}{{ end }}{{ include \"p\" . }}", ".Values.a`"),
        ("{{ with .Values.w }}x{{ end }}{{ .Values.w.b }}", ".Values.w`"),
        ("{{ if .Capabilities.APIVersions.Has \"x\" }}{{ .Values.a.b }}{{ end }}", ".Values.a`"),
    ] {
        let found = chart("", bad);
        assert!(found.len() == 1 && found[0].contains("unguarded") && found[0].contains(map), "{bad}: {found:#?}");
    }
}

#[test]
fn an_item_without_the_map_is_found_by_its_index() {
    let template = "{{ range .Values.jobs }}{{ .name }}{{ .limits.cpu }}{{ end }}";
    assert!(chart("jobs: [{name: a, limits: {cpu: 1}}]", template).is_empty());
    let found = chart("jobs: [{name: a, limits: {cpu: 1}}, {name: b}]", template);
    assert!(found.len() == 1 && found[0].contains(".Values.jobs.1.limits"), "{found:#?}");
    let guarded = "{{ range .Values.jobs }}{{ .name }}{{ if .limits }}{{ .limits.cpu }}{{ end }}{{ end }}";
    assert!(chart("jobs: [{name: a, limits: {cpu: 1}}, {name: b}]", guarded).is_empty());
    let toggled = "{{ range .Values.jobs }}{{ if .enabled }}{{ .limits.cpu }}{{ end }}{{ end }}";
    assert!(chart("jobs: [{enabled: true, limits: {cpu: 1}}, {enabled: false}]", toggled).is_empty());
}

#[test]
fn keys_that_only_a_condition_or_a_loop_reads() {
    // The last key of a map that is asked whether it is empty.
    assert!(chart("a: {b: 1}", "{{ if .Values.a }}x{{ end }}").is_empty());
    assert_eq!(chart("a: {b: {c: 1}}", "{{ range .Values.a }}x{{ end }}").len(), 1);
    assert!(chart("a: [{b: 1}]", "{{ range $i, $_ := .Values.a }}{{ $i }}{{ end }}").len() == 1);
    let found = chart("a: {b: 1, c: 2}", "{{ if .Values.a }}{{ .Values.a.c }}{{ end }}");
    assert_eq!(found, ["unread-values-key charts/c/values.yaml:1 `a.b` is read by no template of c"]);
    let found = chart("stores:\n  a: {sise: 1}\n  b: {size: 1}", "{{ range $k, $v := .Values.stores }}{{ $k }}: {{ $v.size }}{{ end }}");
    assert_eq!(found, ["unread-values-key charts/c/values.yaml:2 `stores.a.sise` is read by no template of c"]);
    for all in [
        "{{ toYaml .Values }}",
        "{{ tpl (.Files.Get \"x\") . }}",
        "{{ include (printf \"%s\" .Values.a) . }}",
        "{{ range $k, $v := .Values }}{{ $k }}={{ $v }}{{ end }}",
        "{{ .Values | toJson | sha256sum }}",
        "{{ template \"gone\" . }}",
        "{{ $v := .Values }}{{ range keys $v }}{{ get $v . }}{{ end }}",
        "{{ $v := .Values }}{{ range tuple \"a\" \"b\" }}{{ index $v . }}{{ end }}",
        "{{ with pick .Values \"a\" \"b\" }}{{ toYaml . }}{{ end }}",
        "{{ range list .Values.a .Values.b }}{{ . }}{{ end }}",
        "{{ $c := dict }}{{ range $k, $v := .Values }}{{ $_ := set $c $k $v }}{{ end }}{{ toYaml $c }}",
        "{{ $l := list }}{{ $l = append $l .Values.a }}{{ $l = concat $l (list .Values.b) }}{{ toYaml $l }}",
        "{{ .Values.a }}{{- $x := \"\" }}{{ if true }}{{ $x = .Values.b }}{{ end }}{{ $x }}",
        "{{ block \"x\" .Values }}{{ .a }}{{ .b }}{{ end }}",
        "{{ printf \"%v-%v\" .Values.a .Values.b | fail }}",
    ] {
        let found = chart("a: 1\nb: 2", all);
        assert!(found.iter().all(|found| !found.contains("unread")), "{all}: {found:#?}");
    }
}
