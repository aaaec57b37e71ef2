//! Every component as Argo CD would render it in dev: by the pinned Helm, from a copy of what a commit would hold.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use serde_json::Value;

use super::pinned;
use super::this_repository::{copy, files, read, root};

const ENV: &str = "dev";
/// Files of `config/engine` that dev may take: of its engines, and the one with the public image.
const ENGINES: [&str; 3] = ["kwok", "k3d", "k3d-stand-in"];

/// Charts that are no component of dev: an add-on that a command installs, and what is of use in prod only.
const NOT_IN_DEV: [&str; 2] = ["charts/kafka-cluster", "charts/kafka-connect"];

/// Kinds without a namespace that charts here may render.
const CLUSTER_WIDE: [&str; 3] = ["ClusterRole", "ClusterRoleBinding", "ClusterAnalysisTemplate"];

/// A component of an ApplicationSet, on one engine.
struct Component {
    name: String,
    engine: &'static str,
    release: String,
    namespace: String,
    /// Folder of its chart.
    chart: String,
    /// Files of values, the later ones stronger.
    values: Vec<String>,
}

/// A component and what Helm made of it.
struct Rendered {
    component: Component,
    first: String,
    second: String,
    objects: Vec<Value>,
}

/// Fills in what the ApplicationSets of this repository use of Argo CD's templates.
fn fill(template: &Value, component: &str, engine: &str) -> String {
    let text = template.as_str().unwrap();
    let label = |name: &str| format!(r#"{{{{ index .metadata.labels "c4ang.io/{name}" }}}}"#);
    let filled = text.replace("{{ .component }}", component).replace(&label("env"), ENV).replace(&label("engine"), engine);
    assert!(!filled.contains("{{"), "this test does not understand `{filled}`");
    filled
}

/// Every component that is a chart, on every engine that makes a difference to it.
fn components() -> Vec<Component> {
    let mut components = Vec::new();
    for file in files().iter().filter(|f| f.starts_with("argocd/applicationsets/")) {
        let set = value(&read(file));
        let template = &set["spec"]["template"]["spec"];
        let sources: Vec<&Value> = template["sources"].as_array().map_or_else(|| vec![&template["source"]], |s| s.iter().collect());
        let Some(source) = sources.into_iter().find(|s| s.get("helm").is_some()) else { continue };
        let helm = &source["helm"];
        let templates = helm["valueFiles"].as_array().unwrap();
        let by_engine = templates.iter().any(|v| v.as_str().unwrap().contains("c4ang.io/engine"));
        let lists = set["spec"]["generators"][0]["matrix"]["generators"].as_array().unwrap().iter();
        for element in lists.filter_map(|g| g.pointer("/list/elements")?.as_array()).flatten() {
            let name = element["component"].as_str().unwrap();
            for engine in ENGINES.into_iter().take(if by_engine { ENGINES.len() } else { 1 }) {
                let chart = fill(&source["path"], name, engine);
                let values = templates.iter().map(|v| {
                    let path = fill(v, name, engine);
                    path.strip_prefix("$values/").map_or_else(|| format!("{chart}/{path}"), str::to_string)
                });
                components.push(Component {
                    release: fill(&helm["releaseName"], name, engine),
                    namespace: fill(&template["destination"]["namespace"], name, engine),
                    values: values.collect(),
                    name: name.to_string(),
                    engine,
                    chart,
                });
            }
        }
    }
    components
}

/// Runs Helm and returns stdout. Errors: what it printed, when it failed.
pub fn helm(program: &Path, dir: &Path, args: &[&str]) -> Result<String, String> {
    let mut command = Command::new(program);
    command.args(args).current_dir(dir).env_clear().env("HOME", dir.join("home")).env("PATH", dir).stdin(Stdio::null());
    let ran = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (stdout, stderr) = (text(ran.stdout), text(ran.stderr));
    if ran.status.success() { Ok(stdout) } else { Err(format!("helm {} ended with {}\n{stdout}{stderr}", args.join(" "), ran.status)) }
}

/// Lints a component and renders it twice.
fn render(program: &Path, dir: &Path, component: Component) -> Result<Rendered, String> {
    let values: Vec<&str> = component.values.iter().flat_map(|v| ["--values", v]).collect();
    let place = [component.chart.as_str(), "--namespace", &component.namespace];
    helm(program, dir, &[&["lint", "--strict"], &place[..], &values].concat())?;
    let template = || helm(program, dir, &[&["template", &component.release], &place[..], &values].concat());
    let (first, second) = (template()?, template()?);
    Ok(Rendered { objects: parse(&first), first, second, component })
}

/// Everything rendered, once for all tests of this file; nothing where Helm is not provisioned. Errors: all of Helm's.
static RENDERED: LazyLock<Result<Vec<Rendered>, String>> = LazyLock::new(|| {
    let Some(program) = pinned::program_or_skip("helm") else { return Ok(Vec::new()) };
    let copy = copy(&["charts", "config"]);
    let dir = copy.path();
    let mut left = components();
    let mut charts: Vec<&str> = left.iter().map(|c| c.chart.as_str()).collect();
    charts.dedup();
    for chart in charts {
        // Fails when Chart.lock does not fit Chart.yaml.
        helm(&program, dir, &["dependency", "build", chart])?;
    }
    // Two at a time: Helm waits for the disk.
    let right = left.split_off(left.len() / 2);
    let render_all = |part: Vec<Component>| part.into_iter().map(|c| render(&program, dir, c)).collect::<Vec<_>>();
    let results = std::thread::scope(|scope| {
        let other = scope.spawn(|| render_all(right));
        let mut results = render_all(left);
        results.extend(other.join().unwrap());
        results
    });
    let (rendered, failed): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    let failed: Vec<String> = failed.into_iter().filter_map(Result::err).collect();
    if failed.is_empty() { Ok(rendered.into_iter().flatten().collect()) } else { Err(failed.join("\n")) }
});

/// The one document of a text.
pub fn value(text: &str) -> Value {
    let [value] = <[Value; 1]>::try_from(parse(text)).unwrap();
    value
}

/// All documents of a text.
pub fn parse(manifests: &str) -> Vec<Value> {
    documents::parse_all(manifests).unwrap().into_iter().map(|document| document.value).collect()
}

/// What makes an object that object: group, kind, namespace, name.
fn identity(object: &Value) -> String {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let group = text("/apiVersion").rsplit_once('/').map_or("", |(group, _)| group);
    format!("{group} {} {}/{}", text("/kind"), text("/metadata/namespace"), text("/metadata/name"))
}

fn rendered() -> &'static [Rendered] {
    RENDERED.as_deref().unwrap_or_else(|_| panic!("not everything was rendered: see every_component_lints_and_renders_objects"))
}

/// Every value of `key`, however deep.
fn values_of<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(map) => {
            found.extend(map.get(key));
            map.values().for_each(|v| values_of(v, key, found));
        }
        Value::Array(list) => list.iter().for_each(|v| values_of(v, key, found)),
        _ => {}
    }
}

#[test]
fn every_chart_and_every_file_of_values_belongs_to_a_component() {
    let components = components();
    assert!(components.len() >= 18, "components were lost: {}", components.len());
    for component in &components {
        for file in component.values.iter().chain([&format!("{}/Chart.yaml", component.chart)]) {
            assert!(root().join(file).is_file(), "{} on {}: there is no {file}", component.name, component.engine);
        }
    }
    for file in files() {
        let values = file.strip_prefix("config/dev/").and_then(|f| f.strip_suffix(".yaml"));
        if let Some(name) = values.filter(|n| !n.ends_with(".secrets.enc")) {
            assert!(components.iter().any(|c| c.name == name), "{file}: no ApplicationSet names the component `{name}`");
        }
        let chart = file.strip_suffix("/Chart.yaml").filter(|_| !read(&file).contains("\ntype: library"));
        if let Some(chart) = chart.filter(|c| c.starts_with("charts/") && !NOT_IN_DEV.contains(c)) {
            assert!(components.iter().any(|c| c.chart == chart), "{chart}: no ApplicationSet deploys this chart");
        }
    }
}

#[test]
fn every_component_lints_and_renders_objects() {
    let rendered = RENDERED.as_deref().unwrap_or_else(|errors| panic!("{errors}"));
    for r in rendered {
        assert!(!r.objects.is_empty(), "{} renders nothing on {}", r.component.name, r.component.engine);
        for object in &r.objects {
            let whole = ["/apiVersion", "/kind", "/metadata/name"].iter().all(|p| object.pointer(p).is_some_and(Value::is_string));
            assert!(whole, "{}: not an object: {object}", r.component.name);
        }
    }
}

#[test]
fn rendering_twice_gives_the_same_bytes() {
    for r in rendered() {
        assert!(r.first == r.second, "{} differs from rendering to rendering on {}", r.component.name, r.component.engine);
    }
}

#[test]
fn no_object_is_rendered_twice_not_even_by_two_components() {
    for engine in ENGINES {
        let mut owners: BTreeMap<String, &str> = BTreeMap::new();
        let of_engine = |r: &&Rendered| r.component.engine == engine;
        for r in rendered().iter().filter(of_engine) {
            for object in &r.objects {
                let name = r.component.name.as_str();
                if let Some(other) = owners.insert(identity(object), name) {
                    panic!("{} is in {other} and in {name} on {engine}", identity(object));
                }
            }
        }
    }
}

#[test]
fn every_object_states_the_namespace_of_its_application() {
    for r in rendered() {
        for object in &r.objects {
            let kind = object["kind"].as_str().unwrap();
            let namespace = object.pointer("/metadata/namespace").and_then(Value::as_str);
            let wanted = (!CLUSTER_WIDE.contains(&kind)).then_some(r.component.namespace.as_str());
            assert_eq!(namespace, wanted, "{}: {}", r.component.name, identity(object));
        }
    }
}

#[test]
fn no_chart_makes_a_namespace_and_the_only_secret_is_the_address_of_kafka() {
    for r in rendered() {
        for object in &r.objects {
            assert_ne!(object["kind"], "Namespace", "{}: namespaces are wave −1", r.component.name);
            let secret = object["kind"] == "Secret" && object["metadata"]["name"] != "kafka-connection";
            assert!(!secret, "{}: secrets come from references, not from charts: {}", r.component.name, identity(object));
        }
    }
}

/// Kinds that the definitions of an environment register, by group; `None` where they are not provisioned.
fn defined() -> Option<BTreeMap<String, Vec<String>>> {
    let environment = value(&read(&format!("environments/{ENV}/environment.yaml")));
    let names = environment["provides"]["definitions"].as_array().unwrap();
    let sets = pinned::artifacts().into_iter().filter(|set| names.iter().any(|n| *n == *set.name));
    let mut kinds: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for set in sets {
        for (path, _) in &set.files {
            let file = pinned::in_cache(&format!("artifacts/{}", set.name), &set.version, path.rsplit('/').next()?)?;
            let text = std::fs::read_to_string(file).unwrap();
            // By line: group and kind stand at the same place in every generated definition, and parsing all takes seconds.
            let mut group = "";
            for line in text.lines() {
                if let Some(name) = line.strip_prefix("  group: ") {
                    group = name;
                } else if let Some(name) = line.strip_prefix("    kind: ") {
                    kinds.entry(group.to_string()).or_default().push(name.to_string());
                }
            }
        }
    }
    Some(kinds)
}

#[test]
fn every_kind_is_kubernetes_own_or_defined_in_the_environment() {
    let Some(defined) = defined() else { return pinned::skipped("the definitions of kinds are not provisioned") };
    assert!(defined.len() > 3, "this test reads the definitions wrong: {defined:?}");
    for r in rendered() {
        for object in &r.objects {
            let (group, kind) = (object["apiVersion"].as_str().unwrap(), object["kind"].as_str().unwrap());
            let group = group.rsplit_once('/').map_or("", |(group, _)| group);
            let own = !group.contains('.') || ["networking.k8s.io", "rbac.authorization.k8s.io"].contains(&group);
            let known = own || defined.get(group).is_some_and(|kinds| kinds.iter().any(|k| k == kind));
            let name = &r.component.name;
            assert!(known, "{name}: nobody defines {kind} of {group}: add its set to provides.definitions of environments/{ENV}");
        }
    }
}

/// Objects of the services on an engine, by identity.
fn services(engine: &str) -> BTreeMap<String, Value> {
    let of_engine = rendered().iter().filter(|r| r.component.engine == engine && r.component.chart.starts_with("charts/services/"));
    of_engine.flat_map(|r| &r.objects).map(|o| (identity(o), o.clone())).collect()
}

/// Pointers of the leaves that two objects do not share.
fn differences(one: &Value, other: &Value, at: &str, found: &mut Vec<String>) {
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys().filter(|k| !a.contains_key(*k))) {
                differences(a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null), &format!("{at}/{key}"), found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).for_each(|(a, b)| differences(a, b, &format!("{at}/*"), found));
        }
        (one, other) if one != other => found.push(at.to_string()),
        _ => {}
    }
}

#[test]
fn the_stand_in_image_runs_in_all_services_and_changes_nothing_but_how_it_is_run() {
    let (own, stand_in) = (services("k3d"), services("k3d-stand-in"));
    if rendered().is_empty() {
        return;
    }
    assert_eq!(own.keys().collect::<Vec<_>>(), stand_in.keys().collect::<Vec<_>>());
    let mut rollouts = 0;
    for (name, object) in &stand_in {
        let mut found = Vec::new();
        differences(&own[name], object, "", &mut found);
        found.sort();
        found.dedup();
        let allowed: &[&str] = match object["kind"].as_str().unwrap() {
            "Rollout" => &[
                "/spec/strategy/blueGreen/postPromotionAnalysis",
                "/spec/template/metadata/annotations/prometheus.io/port",
                "/spec/template/metadata/labels/version",
                "/spec/template/spec/containers/*/env",
                "/spec/template/spec/containers/*/image",
                "/spec/template/spec/containers/*/livenessProbe/initialDelaySeconds",
                "/spec/template/spec/containers/*/ports/*/containerPort",
                "/spec/template/spec/containers/*/readinessProbe/initialDelaySeconds",
                "/spec/template/spec/imagePullSecrets",
            ],
            "Service" => &["/spec/ports/*/targetPort"],
            "NetworkPolicy" => &["/spec/ingress/*/ports/*/port"],
            _ => &[],
        };
        assert_eq!(found, allowed, "{name}");
        if object["kind"] == "Rollout" {
            rollouts += 1;
            let container = &object["spec"]["template"]["spec"]["containers"][0];
            assert_eq!(container["image"], "docker.io/hashicorp/http-echo:1.0.0", "{name}");
            assert!(container["env"].as_array().is_some_and(|e| e.len() == 1 && e[0]["name"] == "ECHO_TEXT"), "{name}");
        }
    }
    let services = rendered().iter().filter(|r| r.component.engine == "k3d-stand-in" && r.component.chart.starts_with("charts/services/"));
    assert_eq!(rollouts, services.count());
}

#[test]
fn every_image_has_a_tag_and_none_is_latest() {
    for r in rendered() {
        let mut images = Vec::new();
        r.objects.iter().for_each(|o| values_of(o, "image", &mut images));
        for image in images.into_iter().filter_map(Value::as_str) {
            let name = image.rsplit('/').next().unwrap_or_default();
            let tag = name.split_once('@').or_else(|| name.split_once(':')).map(|(_, tag)| tag).unwrap_or_default();
            assert!(!tag.is_empty() && tag != "latest", "{}: image `{image}`", r.component.name);
        }
        let workloads = ["Deployment", "StatefulSet", "Rollout"];
        let runs = r.objects.iter().any(|o| workloads.iter().any(|w| o["kind"] == *w));
        assert!(!runs || r.first.contains("image: "), "{}: this test finds no image", r.component.name);
    }
}
