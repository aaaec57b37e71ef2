//! Charts as people write them, with and without defects.

use super::chart_examples::all;
use crate::charts::harness::Shop;

/// What is found in a repository that is written as one text, as `rule path:line`.
pub fn found(text: &str) -> Vec<String> {
    let found = all(&Shop::parse(text)).found;
    found
        .into_iter()
        .map(|finding| format!("{} {}:{} {}", finding.rule, finding.path.unwrap().display(), finding.line.unwrap(), finding.message))
        .collect()
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

/// Of one rule only, as lines.
fn lines(rule: &str, text: &str) -> Vec<String> {
    let found = all(&Shop::parse(text)).found;
    let of = found.into_iter().filter(|finding| finding.rule == rule);
    of.map(|finding| format!("{}:{}", finding.path.unwrap().display(), finding.line.unwrap())).collect()
}

#[test]
fn ambiguous_scalars() {
    const RULE: &str = "ambiguous-scalar";
    let chart = |values: &str, template: &str| {
        lines(
            RULE,
            &format!("=== charts/c/Chart.yaml\nname: c\n=== charts/c/values.yaml\n{values}\n=== charts/c/templates/a.yaml\n{template}\n"),
        )
    };
    // Bad: a variable of a container, a key, an account within a name, a version.
    assert_eq!(chart("env:\n  - name: A\n    value: off", "{{ toYaml .Values.env }}"), ["charts/c/values.yaml:3"]);
    assert_eq!(
        chart("country:\n  no: Oslo", "{{ range $k, $v := .Values.country }}{{ $k }}: {{ $v }}{{ end }}"),
        ["charts/c/values.yaml:2"]
    );
    assert_eq!(chart("account: 123456789012", "arn: arn:aws:iam::{{ .Values.account }}:role/x"), ["charts/c/values.yaml:1"]);
    assert_eq!(chart("appVersion: 1.20", "v: {{ .Values.appVersion }}"), ["charts/c/values.yaml:1"]);
    assert_eq!(chart("podAnnotations:\n  inject: no # never", "{{ toYaml .Values.podAnnotations }}"), ["charts/c/values.yaml:2"]);
    assert_eq!(chart("image:\n  tag: 1e10", "i: x:{{ .Values.image.tag }}"), ["charts/c/values.yaml:2"]);
    // Good.
    for (values, template) in [
        ("replicas: 10", "{{ .Values.replicas | quote }}"),
        ("enabled: yes", "{{ if .Values.enabled }}x{{ end }}"),
        ("probe: {initialDelaySeconds: 010}", "{{ toYaml .Values.probe }}"),
        ("accessLog: on", "log: {{ .Values.accessLog }}"),
        ("tag: \"1.10\"\nold: '0123'\nlist: [\"no\"]", "{{ .Values.tag }}{{ .Values.old | quote }}{{ toYaml .Values.list }}"),
        ("memory: 1048576", "limit: {{ .Values.memory }}"),
        ("cpu: 1.50", "cpu: {{ .Values.cpu | quote }}"),
        ("timeout: 5", "t: {{ .Values.timeout }}s"),
        ("text: |\n  no\n  0123", "t: {{ .Values.text | quote }}"),
    ] {
        assert!(chart(values, template).is_empty(), "{values}: {:?}", chart(values, template));
    }
}

#[test]
fn keys_for_dependencies() {
    const RULE: &str = "ineffective-subchart-key";
    let shop = |dependency: &str, values: &str| {
        let text = format!(
            "=== charts/a/Chart.yaml\nname: a\ndependencies:\n  - {{name: redis, version: 1.0.0, repository: 'file://../redis'{dependency}}}\n=== charts/a/values.yaml\n{values}\n=== charts/redis/Chart.yaml\nname: redis\nversion: 1.0.0\n=== charts/redis/values.yaml\nenabled: true\nport: 1\n=== charts/redis/templates/a.yaml\n{{{{ .Values.port }}}}{{{{ .Values.enabled }}}}\n"
        );
        lines(RULE, &text)
    };
    assert_eq!(shop(", condition: reddis.enabled", "redis: {port: 2}"), ["charts/a/Chart.yaml:3"]);
    assert_eq!(shop("", "redis: {port: 1}\ntags: {cache: false}"), ["charts/a/values.yaml:2"]);
    assert_eq!(shop("", "Redis: {port: 1}"), ["charts/a/values.yaml:1"]);
    assert_eq!(shop(", alias: cache, tags: [x]", "redis: {port: 1}\ntags: {x: true}"), ["charts/a/values.yaml:1"]);
    for (dependency, values) in [
        ("", "redis: {port: 2}"),
        (", condition: redis.enabled", ""),
        (", condition: \"cache.on,redis.enabled\"", "redis: {enabled: false}"),
        (", alias: cache, condition: cache.enabled", "cache: {enabled: false}"),
        (", condition: global.redis", "global: {redis: true}"),
        (", tags: [data]", "tags: {data: false}"),
    ] {
        assert!(shop(dependency, values).is_empty(), "{dependency}, {values}: {:?}", shop(dependency, values));
    }
}

#[test]
fn dependencies_that_cannot_be_built() {
    const RULE: &str = "missing-chart-dependency";
    let shop = |dependency: &str, lock: &str| {
        let lock = if lock.is_empty() { String::new() } else { format!("=== charts/a/Chart.lock\ndependencies:\n{lock}\n") };
        let text = format!(
            "=== charts/a/Chart.yaml\nname: a\ndependencies:\n  - {dependency}\n{lock}=== charts/lib/redis/Chart.yaml\nname: redis\nversion: 1.4.2\n"
        );
        lines(RULE, &text)
    };
    let local = "{name: redis, version: ^1.4.0, repository: 'file://../lib/redis'}";
    assert_eq!(shop("{name: redis, version: 1.4.2, repository: 'file://../redis'}", ""), ["charts/a/Chart.yaml:3"]);
    assert_eq!(shop("{name: cache, version: 1.4.2, repository: 'file://../lib/redis'}", ""), ["charts/a/Chart.yaml:3"]);
    assert_eq!(shop("{name: redis, version: ^2, repository: 'file://../lib/redis'}", ""), ["charts/a/Chart.yaml:3"]);
    assert_eq!(shop(local, "  - {name: redis, version: 1.3.0, repository: 'file://../lib/redis'}"), ["charts/a/Chart.lock:2"]);
    assert_eq!(
        shop(local, "  - {name: redis, version: 1.4.2, repository: 'file://../lib/redis'}\n  - {name: kafka, version: 1.0.0}"),
        ["charts/a/Chart.lock:2"]
    );
    assert_eq!(shop(local, "  []").len(), 1);
    assert!(shop(local, "").is_empty());
    assert!(shop(local, "  - {name: redis, version: 1.4.2, repository: 'file://../lib/redis'}").is_empty());
    assert!(shop("{name: x, version: 9.x, repository: 'oci://registry.example.com/charts'}", "").is_empty());
    assert!(shop("{name: x, version: 9.x, repository: '@stable', condition: x.enabled}", "").is_empty());
    let outside =
        all(&Shop::parse("=== a/Chart.yaml\nname: a\ndependencies:\n  - {name: x, version: 1.0.0, repository: 'file://../../x'}\n"));
    assert!(outside.found.is_empty() && outside.unverified.len() == 1);
}

#[test]
fn maps_that_become_something_else() {
    const RULE: &str = "retyped-values-key";
    let shop = |values: &str, template: &str, over: &str| {
        lines(
            RULE,
            &format!(
                "=== charts/c/Chart.yaml\nname: c\n=== charts/c/values.yaml\n{values}\n=== charts/c/templates/a.yaml\n{template}\n=== config/prod/c.yaml\n{over}\n"
            ),
        )
    };
    assert_eq!(shop("a: {b: 1}", "{{ toYaml .Values.a }}", "a: [b]"), ["config/prod/c.yaml:1"]);
    assert_eq!(shop("a: [1]", "{{ range .Values.a }}{{ . }}{{ end }}", "x: 1\na: {b: 1}"), ["config/prod/c.yaml:2"]);
    assert_eq!(shop("a: {}", "{{ .Values.a.b }}", "a: text"), ["config/prod/c.yaml:1"]);
    assert_eq!(shop("s: {a: {b: {c: 1}}}", "{{ toYaml .Values.s }}", "s: {a: {b: 2}}"), ["config/prod/c.yaml:1"]);
    for (values, template, over) in [
        ("a: {b: 1}", "{{ toYaml .Values.a }}", "a: null"),
        ("a: {b: 1}", "{{ toYaml .Values.a }}", "a: {}"),
        ("a: {b: 1}", "x: y", "a: [1]"),
        ("a: []", "{{ toYaml .Values.a }}", "a: {b: 1}"),
        ("a: 1", "{{ .Values.a }}", "a: [1]"),
        ("a: {b: x}", "{{ if kindIs \"string\" .Values.a }}{{ .Values.a }}{{ else }}{{ .Values.a.b }}{{ end }}", "a: text"),
        ("a: ''", "{{ with .Values.a }}{{ toYaml . }}{{ end }}", "a: {b: 1}"),
        ("a: false", "{{ with .Values.a }}{{ toYaml . }}{{ end }}", "a: {b: 1}"),
    ] {
        assert!(shop(values, template, over).is_empty(), "{values} {over}: {:?}", shop(values, template, over));
    }
}

#[test]
fn templates_of_other_programs() {
    const RULE: &str = "unescaped-foreign-template";
    let template = |text: &str| lines(RULE, &format!("=== charts/c/Chart.yaml\nname: c\n=== charts/c/templates/a.yaml\n{text}\n"));
    assert_eq!(
        template("a: 1\nq: 'up{pod=\"{{args.pod}}\"}'\nx: '{{inputs.parameters.image}}'"),
        ["charts/c/templates/a.yaml:2", "charts/c/templates/a.yaml:3"]
    );
    assert_eq!(template("legend: '{{pod}} {{ container }}'").len(), 2);
    assert_eq!(template("summary: {{ $value | humanizePercentage }}").len(), 1);
    assert_eq!(template("{{- if true }}\nmessage: Application {{.app.metadata.name}} is {{.app.status.sync.status}}\n{{- end }}").len(), 2);
    assert_eq!(template("title: '{{ .CommonLabels.alertname }}'").len(), 1);
    for silent in [
        "q: '{{ `{{args.pod}}` }}'",
        "q: '{{ \"{{\" }} $labels.pod {{ \"}}\" }}'",
        "q: {{ printf \"{{ $labels.%s }}\" .Values.x }}",
        "q: {{ .Values.x | upprcase }}",
        "q: {{ includ \"x\" . }}",
        "{{- range $labels := .Values.all }}{{ $labels.x }}{{ end }}",
        "{{- with .Values.x }}{{ .Labels.y }}{{ end }}",
        "{{- define \"x\" }}{{ .Labels.y }}{{ end }}{{ include \"x\" (dict \"Labels\" .Values.l) }}",
        "q: {{ .Value.x }}",
        "{{- $ctx := merge (dict \"Labels\" (dict)) . }}{{ $ctx.Labels.a }}",
    ] {
        assert!(template(silent).is_empty(), "{silent}: {:?}", template(silent));
    }
}

#[test]
fn templates_that_are_other_ones_each_time() {
    const RULE: &str = "unstable-render";
    let shop = |template: &str, over: &str| {
        lines(
            RULE,
            &format!(
                "=== charts/c/Chart.yaml\nname: c\n=== charts/c/templates/a.yaml\n{template}\n=== config/prod/c.yaml\n{over}\n=== config/dev/c.yaml\n{{}}\n"
            ),
        )
    };
    assert_eq!(shop("a: 1\nb: {{ uuidv4 }}", ""), ["charts/c/templates/a.yaml:2"]);
    assert_eq!(shop("{{ $ca := genCA \"x\" 365 }}\nb: {{ $ca.Cert | b64enc }}", ""), ["charts/c/templates/a.yaml:1"]);
    // One of the environments does not set it.
    assert_eq!(shop("p: {{ .Values.p | default (randAlphaNum 8) }}", "p: x"), ["charts/c/templates/a.yaml:1"]);
    assert_eq!(shop("{{- $s := lookup \"v1\" \"Secret\" .Release.Namespace \"x\" }}{{ if $s }}a: {{ $s.data.p }}{{ end }}", "").len(), 1);
    assert_eq!(shop("{{ include \"r\" . }}{{ define \"r\" }}{{ randAlpha 3 }}{{ end }}", "").len(), 1);
    for (silent, over) in [
        ("a: {{ .Values.x | sha256sum }}", ""),
        ("{{ if .Values.roll }}{{ now }}{{ end }}", ""),
        ("{{ if eq (.Values.mode | default \"\") \"random\" }}{{ now }}{{ end }}", ""),
        ("kind: Job\nmetadata: {annotations: {\"helm.sh/hook\": test}}\na: {{ now }}", ""),
        ("{{ define \"r\" }}{{ randAlpha 3 }}{{ end }}", ""),
        ("date: {{ date \"2006\" .Values.released }}", "released: 2024-01-01"),
    ] {
        let found = shop(silent, over);
        assert!(found.is_empty() || silent.contains("random"), "{silent}: {found:?}");
    }
}
