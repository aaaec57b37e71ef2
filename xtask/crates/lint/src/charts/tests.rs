//! What is read, by charts of the kinds that exist.

use std::collections::BTreeSet;

use super::harness::Shop;
use super::{Family, Reads};

/// What is read of the first chart of a repository, as it is written, with how.
fn read(text: &str) -> (Reads, BTreeSet<String>) {
    let shop = Shop::parse(text);
    let chart = shop.charts.values().next().unwrap();
    let family = Family::of(chart, &shop.charts);
    let values = family.effective(None);
    let reads = family.reads(&[&values]);
    let shown =
        reads.reads.iter().map(|read| format!("{} {:?}", reads.paths.show(read.path).trim_start_matches(".Values."), read.how)).collect();
    (reads, shown)
}

/// The reads of one template.
fn of(template: &str) -> BTreeSet<String> {
    read(&format!("=== c/Chart.yaml\nname: c\nversion: 1.0.0\n=== c/templates/a.yaml\n{template}\n")).1
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| name.to_string()).collect()
}

#[test]
fn paths_are_followed_through_variables_with_and_range() {
    assert_eq!(of("{{ $x := .Values.a }}{{ $x.b }}"), set(&["a.b Printed"]));
    assert_eq!(of("{{ with .Values.a }}{{ .b | quote }}{{ end }}"), set(&["a Tested", "a.b Text"]));
    assert_eq!(
        of("{{ range $k, $v := .Values.env }}{{ $k }}={{ $v.value | quote }}{{ end }}"),
        set(&["env Tested", "env.* Ranged", "env Keys", "env.*.value Text"])
    );
    assert_eq!(
        of("{{ range .Values.list }}{{ .name }}{{ $.Values.x }}{{ end }}"),
        set(&["list Tested", "list.* Ranged", "list.*.name Printed", "x Printed"])
    );
    assert_eq!(
        of("{{ toYaml .Values.a | nindent 2 }}{{ .Values.b | default .Values.c | int }}"),
        set(&["a Whole", "b Tested", "c Tested", "b Number", "c Number"])
    );
}

#[test]
fn functions_that_look_into_maps_are_followed() {
    assert_eq!(of("{{ index .Values \"a\" \"b\" }}"), set(&["a.b Printed"]));
    assert_eq!(of("{{ dig \"a\" \"b\" \"none\" .Values }}"), set(&["a.b Tested", "a.b Printed"]));
    assert_eq!(of("{{ get .Values.a \"b\" }}"), set(&["a.b Printed"]));
    assert_eq!(of("{{ pluck \"dev\" .Values.a .Values.b | first }}"), set(&["a.dev Printed", "b.dev Printed"]));
    assert_eq!(of("{{ if hasKey .Values.a \"b\" }}x{{ end }}"), set(&["a.b Tested"]));
    assert_eq!(of("{{ range list \"a\" \"b\" }}{{ get $.Values . }}{{ end }}"), set(&["a Printed", "b Printed"]));
    assert_eq!(of("{{ (pick .Values.a \"b\" \"c\").b }}"), set(&["a.b Printed"]));
    assert_eq!(of("{{ (merge (deepCopy .Values.a) .Values.b).x }}"), set(&["a.x Printed", "b.x Printed"]));
    assert_eq!(of("{{ .Values }}"), set(&[".Values Printed"]));
    assert_eq!(of("{{ mustToYaml .Values.a }}"), set(&["a Whole"]));
    assert_eq!(of("{{ ternary .Values.a .Values.b .Values.c }}"), set(&["a Printed", "b Printed", "c Tested"]));
}

#[test]
fn what_is_passed_to_a_template_is_followed_by_key() {
    let helper = "{{- define \"f\" }}{{ .x.name }}{{ .ctx.Values.y }}{{ end }}";
    assert_eq!(of(&format!("{helper}{{{{ include \"f\" (dict \"ctx\" $ \"x\" .Values.a) }}}}")), set(&["a.name Printed", "y Printed"]));
    let list = "{{- define \"g\" }}{{ (index . 1).name }}{{ (index . 0).Values.z }}{{ end }}";
    assert_eq!(of(&format!("{list}{{{{ include \"g\" (list . .Values.b) | nindent 2 }}}}")), set(&["b.name Printed", "z Printed"]));
    let out = "{{- define \"h\" }}{{ $_ := set .into \"v\" .from.Values.deep }}{{ end }}";
    let text = format!("{out}{{{{ $d := dict }}}}{{{{ include \"h\" (dict \"from\" . \"into\" $d) }}}}{{{{ $d.v.leaf }}}}");
    assert_eq!(of(&text), set(&["deep.leaf Printed"]));
    assert_eq!(of("{{ include \"missing\" .Values.a }}"), set(&["a Whole"]));
    assert_eq!(of("{{ include (print $.Template.BasePath \"/a.yaml\") . | sha256sum }}{{ .Values.q }}"), set(&["q Printed"]));
}

#[test]
fn a_template_that_calls_itself_walks_to_any_depth() {
    let text = "{{- define \"walk\" }}{{ range .children }}{{ .name }}{{ include \"walk\" . }}{{ end }}{{ end }}{{ include \"walk\" .Values.tree }}";
    let (reads, _) = read(&format!("=== c/Chart.yaml\nname: c\n=== c/templates/a.yaml\n{text}\n"));
    assert!(!reads.gave_up);
    assert!(reads.covers(&["tree", "children", "0", "children", "1", "children", "2", "children", "0", "name"]), "{reads:#?}");
    assert!(!reads.covers(&["other"]));
}

#[test]
fn texts_that_are_templates_are_run() {
    let text = "=== c/Chart.yaml\nname: c\n=== c/values.yaml\ngreeting: 'hello {{ .Values.name }}'\nname: x\nother: 1\n=== c/templates/a.yaml\n{{ tpl .Values.greeting $ }}\n";
    let (reads, shown) = read(text);
    assert!(shown.contains("name Printed"), "{shown:?}");
    assert!(!reads.covers(&["other"]));
    let helper = "{{- define \"common.tplvalues.render\" }}{{- $value := typeIs \"string\" .value | ternary .value (.value | toYaml) }}{{- if contains \"{{\" (toJson .value) }}{{- tpl $value .context }}{{- else }}{{- $value }}{{- end }}{{- end }}";
    let text = format!(
        "=== c/Chart.yaml\nname: c\n=== c/values.yaml\nlabels: {{a: '{{{{ .Values.name }}}}'}}\nname: x\nother: 1\n=== c/templates/a.yaml\n{helper}{{{{ include \"common.tplvalues.render\" (dict \"value\" .Values.labels \"context\" $) }}}}\n"
    );
    let (reads, shown) = read(&text);
    assert!(shown.contains("name Printed") && shown.contains("labels Whole"), "{shown:?}");
    assert!(!reads.covers(&["other"]), "{shown:?}");
}

#[test]
fn values_of_dependencies_are_under_their_names() {
    let (reads, _) = read(
        "=== a/Chart.yaml\nname: a\ndependencies:\n  - {name: redis, version: 1.0.0, repository: file://../redis, alias: cache, condition: cache.enabled, tags: [data]}\n  - {name: gone, version: 1.0.0, repository: https://x}\n=== redis/Chart.yaml\nname: redis\nversion: 1.0.0\n=== redis/templates/a.yaml\n{{ .Values.port }}{{ .Values.global.zone }}\n",
    );
    for covered in [&["cache", "port"][..], &["cache", "enabled"], &["tags", "data"], &["gone", "x"], &["global", "zone"]] {
        assert!(reads.covers(covered), "{covered:?}");
    }
    assert!(!reads.covers(&["cache", "ports"]) && !reads.covers(&["redis"]) && !reads.covers(&["tags", "other"]));
}

#[test]
fn a_text_that_runs_away_is_given_up() {
    let mut text = String::from("{{ define \"t0\" }}{{ .Values.a }}{{ end }}");
    for n in 1..40 {
        let below = n - 1;
        text += &format!(
            "{{{{ define \"t{n}\" }}}}{{{{ $d := set . \"k{n}\" {n} }}}}{{{{ include \"t{below}\" . }}}}{{{{ include \"t{below}\" . }}}}{{{{ end }}}}"
        );
    }
    let (reads, _) =
        read(&format!("=== c/Chart.yaml\nname: c\n=== c/templates/a.yaml\n{text}{{{{ include \"t39\" (dict \"Values\" .Values) }}}}\n"));
    assert!(reads.gave_up);
    assert!(reads.covers(&["anything"]));
}

#[test]
fn every_chart_of_this_repository_parses() {
    let shop = Shop::here();
    assert!(shop.charts.len() > 20);
    for chart in shop.charts.values() {
        assert!(chart.problems.is_empty(), "{:?}", chart.problems);
        for template in &chart.templates {
            assert!(template.error.is_none(), "{:?}", template.error);
        }
    }
}

#[test]
fn what_nests_without_end_is_given_up() {
    let ifs = format!("{}{{{{ .Values.a }}}}{}", "{{ if .Values.x }}".repeat(280), "{{ end }}".repeat(280));
    let parens = format!("{{{{ {}.Values.a{} }}}}", "(not ".repeat(280), ")".repeat(280));
    let ands = format!("{{{{ if {}.Values.a{} }}}}x{{{{ end }}}}", "(and .Values.b ".repeat(280), ")".repeat(280));
    for text in [ifs, parens, ands] {
        let (reads, _) = read(&format!("=== c/Chart.yaml\nname: c\n=== c/templates/a.yaml\n{text}\n"));
        assert!(reads.covers(&["a"]));
    }
    // Charts that all bring one another along.
    let names: Vec<String> = (0..14).map(|n| format!("c{n}")).collect();
    let mut text = String::new();
    for name in &names {
        text += &format!("=== {name}/Chart.yaml\nname: {name}\nversion: 1.0.0\ndependencies:\n");
        for other in names.iter().filter(|other| *other != name) {
            text += &format!("  - {{name: {other}, version: 1.0.0, repository: 'file://../{other}'}}\n");
        }
    }
    let shop = Shop::parse(&text);
    assert!(Family::of(shop.charts.values().next().unwrap(), &shop.charts).members.len() <= 200);
}
