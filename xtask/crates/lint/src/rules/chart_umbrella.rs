//! An umbrella chart with an aliased dependency and a library of helpers, as many repositories have it.

use super::chart_fixtures::found;

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
