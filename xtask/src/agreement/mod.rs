//! Does this program say without a cluster what the running Argo CD says? Applications and their objects, field by field.

mod live;
mod normal;
mod offline;

use std::collections::{BTreeMap, BTreeSet};

use gitops::model::Application;
use serde_json::Value;

use crate::error::Error;
use crate::objects::name;
use crate::render;
use crate::ui::Table;

pub use live::Live;
pub use offline::Offline;

/// An Application on both sides.
pub struct Row {
    pub application: String,
    /// What differs in the Application itself, a line each.
    pub spec: Vec<String>,
    pub objects: Objects,
}

/// The objects of an Application on both sides.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Objects {
    pub equal: usize,
    pub different: usize,
    pub only_live: usize,
    pub only_offline: usize,
    /// The objects that differ, each followed by its fields.
    pub lines: Vec<String>,
}

impl Objects {
    pub fn total(&self) -> usize {
        self.equal + self.different + self.only_live + self.only_offline
    }
}

impl Row {
    pub fn agrees(&self) -> bool {
        self.spec.is_empty() && self.objects.lines.is_empty()
    }
}

/// What differs between the Application as it lives and as `expand` gives it. Before the arrow stands Argo CD's side.
pub fn spec(live: Option<&Value>, offline: Option<&Value>) -> Vec<String> {
    match (live, offline) {
        (Some(live), Some(offline)) => render::differences(&[normal::application(live)], &[normal::application(offline)]),
        (Some(_), None) => vec!["only in the cluster".into()],
        (None, Some(_)) => vec!["not in the cluster".into()],
        (None, None) => Vec::new(),
    }
}

/// Compares the objects that Argo CD renders with those that this program renders.
pub fn objects(live: &[Value], offline: &[Value]) -> Objects {
    let (live, offline) = (by_identity(live), by_identity(offline));
    let mut found = Objects::default();
    for id in live.keys().chain(offline.keys()).collect::<BTreeSet<_>>() {
        let lines = match (live.get(id), offline.get(id)) {
            (Some(a), Some(b)) => {
                let lines = render::differences(std::slice::from_ref(a), std::slice::from_ref(b));
                *if lines.is_empty() { &mut found.equal } else { &mut found.different } += 1;
                lines
            }
            (Some(a), None) => {
                found.only_live += 1;
                render::differences(std::slice::from_ref(a), &[])
            }
            (None, b) => {
                found.only_offline += 1;
                render::differences(&[], b.map(std::slice::from_ref).unwrap_or_default())
            }
        };
        found.lines.extend(lines);
    }
    found
}

fn by_identity(objects: &[Value]) -> BTreeMap<[String; 4], Value> {
    objects.iter().map(normal::object).map(|object| (render::identity(&object).map(str::to_string), object)).collect()
}

/// The comparison for people, without the lines below it.
pub fn table(rows: &[Row]) -> Table {
    let mut table = Table::new(&["APPLICATION", "SPEC", "OBJECTS EQUAL", "DIFFERENT", "ONLY IN ARGO CD", "ONLY HERE"]);
    for row in rows {
        let spec = if row.spec.is_empty() { "equal" } else { "differs" };
        let o = &row.objects;
        let numbers = [o.equal, o.different, o.only_live, o.only_offline].map(|n| n.to_string());
        table.row([row.application.clone(), spec.to_string()].into_iter().chain(numbers));
    }
    table
}

/// Both sides of every Application, by name.
pub fn all(live: &Live<'_>, offline: &Offline<'_>) -> Vec<Row> {
    let offline_names = offline.applications().iter().map(Application::name);
    let names: BTreeSet<&str> = live.applications.iter().map(name).chain(offline_names).collect();
    let names: Vec<&str> = names.into_iter().collect();
    render::at_once(&names, |name| row(name, live, offline))
}

fn row(application: &str, live: &Live<'_>, offline: &Offline<'_>) -> Row {
    let (there, here) = (live.application(application), offline.application(application));
    let spec = spec(there, here.map(|here| &here.value));
    let refused = |what: &str, e: &Error| Objects { lines: vec![format!("{what}: {}", e.one_line())], ..Objects::default() };
    let objects = match there.zip(here).map(|(there, here)| (live.objects(there), offline.objects(here))) {
        Some((Ok(live), Ok(offline))) => objects(&live, &offline),
        // Where both refuse, they agree; where only one side has it, the Application itself differs.
        Some((Err(_), Err(_))) | None => Objects::default(),
        Some((Err(e), _)) => refused("Argo CD cannot render it", &e),
        Some((_, Err(e))) => refused("it cannot be rendered here", &e),
    };
    Row { application: application.to_string(), spec, objects }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(name: &str, data: Value) -> Value {
        json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": name, "namespace": "n" }, "data": data })
    }

    #[test]
    fn objects_are_counted_and_fields_are_named() {
        let live = [map("a", json!({"k": "v"})), map("b", json!({"k": "v"})), map("c", json!({}))];
        let offline = [map("b", json!({"k": "w"})), map("a", json!({"k": "v"})), map("d", json!({}))];
        let found = objects(&live, &offline);
        assert_eq!((found.equal, found.different, found.only_live, found.only_offline), (1, 1, 1, 1));
        let wanted = ["~ ConfigMap n/b (v1)", "    data.k: \"v\" → \"w\"", "- ConfigMap n/c (v1)", "+ ConfigMap n/d (v1)"];
        assert_eq!(found.lines, wanted);
    }

    #[test]
    fn an_application_that_only_one_side_has_differs() {
        let application = json!({"metadata": {"name": "a"}, "spec": {}});
        assert_eq!(spec(Some(&application), None), ["only in the cluster"]);
        assert_eq!(spec(None, Some(&application)), ["not in the cluster"]);
        assert!(spec(Some(&application), Some(&application)).is_empty());
    }
}
