//! Hosts that objects name in their texts.

use super::hosts::{self, Host};
use super::object::{Obj, text, texts};
use super::{routes, workloads};

/// A host in a text of an object.
#[derive(Clone, Debug)]
pub struct Mention<'a> {
    pub object: Obj<'a>,
    /// JSON pointer of the text.
    pub pointer: String,
    /// The whole text.
    pub text: &'a str,
    pub host: Host<'a>,
    /// What the text is the value of: a variable's name, a key.
    pub key: String,
    /// How many lines of the text come before the host.
    pub line: usize,
    pub role: Role,
}

/// What the text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A variable or an argument of a container.
    Process,
    /// A file or a value in a ConfigMap or Secret.
    Configuration,
    /// A field of any other object.
    Field,
}

/// Adds what an object names. Not looked at: schemas, labels, images, and what is written for people.
pub fn of<'a>(object: &Obj<'a>, into: &mut Vec<Mention<'a>>) {
    let is_schema = object.is("apiextensions.k8s.io", "CustomResourceDefinition");
    // Routes say by their fields what is a host: `routes` reads them.
    let is_route = matches!(object.group, routes::ISTIO | routes::GATEWAY_API) || object.is("networking.k8s.io", "Ingress");
    if is_schema || is_route || object.label("grafana_dashboard").is_some() {
        return;
    }
    let is_pods = !workloads::of(object).is_empty();
    let is_data = object.group.is_empty() && matches!(object.kind, "ConfigMap" | "Secret");
    texts(object.value, &mut String::new(), &mut |pointer, whole| {
        if !whole.contains([':', '.']) && !hosts::is_host_key(last(pointer)) && !pointer.ends_with("/value") {
            return;
        }
        if pointer.starts_with("/metadata") || ["image", "description", "summary", "message", "title"].contains(&last(pointer)) {
            return;
        }
        // `data` of a Secret is encoded.
        if object.kind == "Secret" && pointer.starts_with("/data/") {
            return;
        }
        let key = match pointer.strip_suffix("/value").and_then(|item| object.at(item)) {
            Some(item) if !text(item, "name").is_empty() => text(item, "name").to_string(),
            _ => last(pointer).replace("~1", "/").replace("~0", "~"),
        };
        let role = match () {
            _ if is_data => Role::Configuration,
            _ if is_pods && (pointer.contains("/env/") || pointer.contains("/args/") || pointer.contains("/command/")) => Role::Process,
            _ => Role::Field,
        };
        for host in hosts::in_text(whole, &key) {
            let line = host.name.as_ptr().addr().checked_sub(whole.as_ptr().addr()).and_then(|at| whole.get(..at));
            let line = line.map_or(0, |before| before.matches('\n').count());
            into.push(Mention { object: *object, pointer: pointer.to_string(), text: whole, host, key: key.clone(), line, role });
        }
    });
}

fn last(pointer: &str) -> &str {
    pointer.rsplit_once('/').map_or(pointer, |(_, last)| last)
}
