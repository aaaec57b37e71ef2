//! kubectl: always with an explicit kubeconfig and context, always fed JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use crate::context::Context;
use crate::error::{Error, Result};
use crate::proc::{Invocation, Runner};

/// The owner that server-side apply records for what this program sets.
const FIELD_MANAGER: &str = "c4ang-xtask";

/// Objects a call is about: `kind`, name, namespace.
#[derive(Clone, Copy)]
pub struct Reference<'a> {
    pub kind: &'a str,
    pub name: &'a str,
    pub namespace: &'a str,
}

#[derive(Clone)]
pub struct Kubectl {
    program: PathBuf,
    kubeconfig: PathBuf,
    context: String,
    cache: PathBuf,
    runner: Runner,
}

impl Kubectl {
    /// kubectl for a context of the environment's own kubeconfig. Errors: the program cannot be provided.
    pub fn new(cx: &Context, context: String) -> Result<Self> {
        Ok(Self::with(cx, cx.provision.tool("kubectl")?, context))
    }

    /// The same without provisioning, for plans: a bare name stands in for a program that is not there yet.
    pub fn planned(cx: &Context, context: String) -> Self {
        let found = cx.provision.look("kubectl").ok().flatten();
        let program = found.map_or_else(|| PathBuf::from("kubectl"), |f| f.path);
        Self::with(cx, program, context)
    }

    /// The same, ended through the flag of `runner`.
    pub fn on(&self, runner: Runner) -> Self {
        Kubectl { runner, ..self.clone() }
    }

    fn with(cx: &Context, program: PathBuf, context: String) -> Self {
        let cache = cx.state_dir().join("kubectl");
        Kubectl { program, kubeconfig: cx.kubeconfig(), context, cache, runner: cx.runner.clone() }
    }

    fn address(&self, call: Invocation) -> Invocation {
        // KUBECONFIG would not matter beside the flag, but a plugin or a typo must not find the ambient one either.
        let call = call.unset("KUBECONFIG").arg("--kubeconfig").arg(&self.kubeconfig).args(["--context", &self.context]);
        // What the server offers is cached beside the cluster and goes with it, not in the home folder.
        call.arg("--cache-dir").arg(&self.cache)
    }

    fn reads(&self) -> Invocation {
        self.address(Invocation::reads(&self.program))
    }

    fn writes(&self) -> Invocation {
        self.address(Invocation::writes(&self.program))
    }

    /// Does the API server answer that it is ready?
    pub fn is_ready(&self) -> bool {
        let call = self.reads().args(["get", "--raw", "/readyz", "--request-timeout=2s"]).timeout(Duration::from_secs(5));
        self.runner.run(&call).is_ok_and(|out| out.text() == "ok")
    }

    /// The items of a list; none when the kind does not exist in this cluster (yet).
    pub fn list(&self, args: &[&str]) -> Result<Vec<Value>> {
        let call = self.reads().arg("get").args(args).args(["--output", "json"]);
        match self.runner.run(&call) {
            Ok(out) => match serde_json::from_slice(&out.stdout)? {
                Value::Object(mut list) => match list.remove("items") {
                    Some(Value::Array(items)) => Ok(items),
                    _ => Ok(vec![Value::Object(list)]),
                },
                _ => Ok(Vec::new()),
            },
            Err(f) if is_unknown_kind(f.tail()) => Ok(Vec::new()),
            Err(f) => Err(f.into()),
        }
    }

    /// The items of a kind in one namespace, as the server sends them: half the time of [`Kubectl::list`], which asks for the kind
    /// first and prints for people. `kind` is `PLURAL.VERSION.GROUP`. None when the kind does not exist.
    pub fn list_raw(&self, kind: &str, namespace: &str) -> Result<Vec<Value>> {
        let mut parts = kind.splitn(3, '.');
        let (plural, version, group) =
            (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let call = self.reads().args(["get", "--raw", &format!("/apis/{group}/{version}/namespaces/{namespace}/{plural}")]);
        match self.runner.run(&call) {
            Ok(out) => {
                let mut list: Value = serde_json::from_slice(&out.stdout)?;
                Ok(list.get_mut("items").and_then(Value::as_array_mut).map(std::mem::take).unwrap_or_default())
            }
            Err(f) if f.tail().contains("could not find the requested resource") => Ok(Vec::new()),
            Err(f) => Err(f.into()),
        }
    }

    /// Objects of a cluster-wide kind that carry `label`: name → value. The server sends a table, not whole objects.
    pub fn labels(&self, kind: &str, label: &str) -> Result<BTreeMap<String, String>> {
        let call = self.reads().args(["get", kind, "--selector", label, "--label-columns", label, "--no-headers"]);
        let text = self.runner.run(&call)?.text();
        let row = |line: &str| {
            let mut cells = line.split_whitespace();
            Some((cells.next()?.to_string(), cells.next_back()?.to_string()))
        };
        Ok(text.lines().filter_map(row).collect())
    }

    /// One object; `None` when it, its kind or its namespace does not exist.
    pub fn find(&self, what: &Reference<'_>) -> Result<Option<Value>> {
        let call = self.reads().args(["get", what.kind, what.name, "--namespace", what.namespace]).args(["--output", "json"]);
        match self.runner.run(&call) {
            Ok(out) => Ok(Some(serde_json::from_slice(&out.stdout)?)),
            Err(f) if f.tail().contains("(NotFound)") || is_unknown_kind(f.tail()) => Ok(None),
            Err(f) => Err(f.into()),
        }
    }

    /// Live objects for `wanted`, in their order; `None` for each that does not exist. One call for all.
    pub fn find_all(&self, wanted: &[Value]) -> Result<Vec<Option<Value>>> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let call = self.reads().args(["get", "--filename", "-", "--ignore-not-found", "--output", "json"]);
        let call = call.stdin(serde_json::to_vec(&list_of(wanted))?);
        let text = match self.runner.run(&call) {
            Ok(out) => out.stdout,
            Err(f) if is_unknown_kind(f.tail()) || f.tail().contains("(NotFound)") => return Ok(vec![None; wanted.len()]),
            Err(f) => return Err(f.into()),
        };
        // Nothing found prints nothing, one object prints itself, several print a list.
        let live: Vec<Value> = match text.trim_ascii() {
            b"" => Vec::new(),
            text => match serde_json::from_slice::<Value>(text)? {
                Value::Object(mut object) if object.get("kind").is_some_and(|k| k == "List") => {
                    object.remove("items").and_then(|i| i.as_array().cloned()).unwrap_or_default()
                }
                one => vec![one],
            },
        };
        let found = |want: &Value| live.iter().find(|have| identity(have) == identity(want)).cloned();
        Ok(wanted.iter().map(found).collect())
    }

    /// The call that makes `objects` what they should be, by server-side apply; other owners' fields stay.
    ///
    /// kubectl does not ask the server for its schemas before, which costs seconds while kinds are registered. A field that
    /// the server does not know is found by the probe that follows every apply: it is still missing then.
    pub fn apply_call(&self, objects: &[Value]) -> Result<Invocation> {
        let call =
            self.writes().args(["apply", "--server-side", "--force-conflicts", "--validate=ignore", "--field-manager", FIELD_MANAGER]);
        Ok(call.args(["--filename", "-"]).stdin(serde_json::to_vec(&list_of(objects))?).timeout(Duration::from_secs(120)))
    }

    pub fn apply(&self, objects: &[Value]) -> Result<()> {
        if !objects.is_empty() {
            self.runner.run(&self.apply_call(objects)?)?;
        }
        Ok(())
    }

    /// The call that makes `objects`, none of which exists yet. For large ones, such as definitions, the server has far less
    /// to do than for an apply, which keeps the owner of every single field.
    pub fn create_call(&self, objects: &[Value]) -> Result<Invocation> {
        let call = self.writes().args(["create", "--validate=ignore", "--field-manager", FIELD_MANAGER, "--filename", "-"]);
        Ok(call.stdin(serde_json::to_vec(&list_of(objects))?).timeout(Duration::from_secs(120)))
    }

    /// Names `PLURAL.GROUP` of the kinds that the server offers now, without a look into the cache.
    pub fn served_kinds(&self) -> Result<BTreeSet<String>> {
        let call = self.reads().args(["api-resources", "--cached=false", "--output", "name"]);
        Ok(self.runner.run(&call)?.text().lines().map(str::to_string).collect())
    }

    /// The call that sets an annotation on objects of one kind, also when it has that value already.
    pub fn annotate_call(&self, kind: &str, names: &[&str], namespace: &str, annotation: &str) -> Invocation {
        self.writes().args(["annotate", kind]).args(names).args([annotation, "--overwrite", "--namespace", namespace])
    }

    pub fn annotate(&self, kind: &str, names: &[&str], namespace: &str, annotation: &str) -> Result<()> {
        if !names.is_empty() {
            self.runner.run(&self.annotate_call(kind, names, namespace, annotation))?;
        }
        Ok(())
    }

    /// The call that applies a JSON merge patch to one object.
    pub fn patch_call(&self, what: &Reference<'_>, patch: &Value) -> Invocation {
        let call = self.writes().args(["patch", what.kind, what.name, "--namespace", what.namespace, "--type", "merge"]);
        call.args(["--patch", &patch.to_string()])
    }

    pub fn patch(&self, what: &Reference<'_>, patch: &Value) -> Result<()> {
        self.runner.run(&self.patch_call(what, patch))?;
        Ok(())
    }

    /// Deletes an object if it is there and waits until it is gone.
    pub fn delete(&self, what: &Reference<'_>) -> Result<()> {
        let call = self.writes().args(["delete", what.kind, what.name, "--namespace", what.namespace, "--ignore-not-found"]);
        self.runner.run(&call)?;
        Ok(())
    }

    /// The call that asks for the deletion of objects of one kind, and does not wait: their finalizers may take minutes.
    pub fn delete_later_call(&self, kind: &str, names: &[&str], namespace: &str) -> Invocation {
        let call = self.writes().args(["delete", kind]).args(names);
        call.args(["--namespace", namespace, "--ignore-not-found", "--wait=false"])
    }

    /// Asks for it. None of `names` is fine, and so is a kind that does not exist.
    pub fn delete_later(&self, kind: &str, names: &[&str], namespace: &str) -> Result<()> {
        if names.is_empty() {
            return Ok(());
        }
        match self.runner.run(&self.delete_later_call(kind, names, namespace)) {
            Err(f) if !is_unknown_kind(f.tail()) => Err(f.into()),
            _ => Ok(()),
        }
    }

    /// The call that deletes those of `objects` that are there, and waits until they are gone.
    pub fn delete_all_call(&self, objects: &[Value], limit: Duration) -> Result<Invocation> {
        let call = self.writes().args(["delete", "--filename", "-", "--ignore-not-found"]);
        Ok(call.stdin(serde_json::to_vec(&list_of(objects))?).timeout(limit))
    }

    pub fn delete_all(&self, objects: &[Value], limit: Duration) -> Result<()> {
        if !objects.is_empty() {
            self.runner.run(&self.delete_all_call(objects, limit)?)?;
        }
        Ok(())
    }

    /// Follows a kind: `seen` gets every change as `(ADDED|MODIFIED|DELETED, object)`, beginning with what exists, until
    /// it returns `false`. Returns quietly when Ctrl-C, the limit or the connection ends it before that.
    /// Errors: kubectl printed something that is no event.
    pub fn watch(&self, kind: &str, namespace: &str, limit: Duration, seen: &mut (dyn FnMut(&str, Value) -> bool + Send)) -> Result<()> {
        // One line per event: kubectl's indented JSON would need a stream parser, jsonpath does not indent.
        let call = self.reads().args(["get", kind, "--namespace", namespace, "--watch", "--output-watch-events"]);
        let call = call.args(["--output", r#"jsonpath={.type}{" "}{.object}{"\n"}"#]).timeout(limit);
        let mut broken = None;
        let result = self.runner.follow(&call, &mut |line| match parse_event(line) {
            Ok((event, object)) => seen(event, object),
            Err(e) => {
                broken = Some(e);
                false
            }
        });
        match (broken, result) {
            (Some(e), _) => Err(e),
            // A server that is down for a moment, the limit, or nobody wants to know any more.
            (None, _) => Ok(()),
        }
    }

    /// The kubeconfig with nothing but this context, as JSON, its default namespace set.
    pub fn kubeconfig_for(&self, namespace: &str) -> Result<Value> {
        let call = self.reads().args(["config", "view", "--minify", "--flatten", "--raw", "--output", "json"]);
        let mut config: Value = serde_json::from_slice(&self.runner.run(&call)?.stdout)?;
        match config.pointer_mut("/contexts/0/context") {
            Some(Value::Object(context)) => context.insert("namespace".into(), json!(namespace)),
            _ => return Err(Error::failed("the kubeconfig has no context")),
        };
        Ok(config)
    }

    /// The call that forwards a port of 127.0.0.1 to a Service, until it is ended or its pod is gone.
    pub fn forward_call(&self, namespace: &str, service: &str, local: u16, remote: u16) -> Invocation {
        let call = self.reads().args(["port-forward", "--address", "127.0.0.1", "--namespace", namespace]);
        call.args([format!("service/{service}"), format!("{local}:{remote}")]).timeout(Duration::MAX)
    }

    /// A call with the user's own arguments and our address, for the pass-through command.
    pub fn pass_through(&self, args: &[std::ffi::OsString]) -> Invocation {
        self.writes().args(args).timeout(Duration::MAX)
    }
}

/// Parses `ADDED {…}`. Errors: anything else.
fn parse_event(line: &str) -> Result<(&str, Value)> {
    let (event, object) = line.split_once(' ').ok_or_else(|| Error::failed(format!("kubectl printed no event: `{line}`")))?;
    Ok((event, serde_json::from_str(object)?))
}

fn list_of(objects: &[Value]) -> Value {
    json!({ "apiVersion": "v1", "kind": "List", "items": objects })
}

fn identity(object: &Value) -> [Option<&str>; 4] {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
    // The version is left out: the server answers in the one that kubectl prefers.
    let group = text("/apiVersion").map(|v| v.rsplit_once('/').map_or("", |(group, _)| group));
    [group, text("/kind"), text("/metadata/namespace"), text("/metadata/name")]
}

/// kubectl offers nothing but text for a kind that the server does not know (1.36).
fn is_unknown_kind(tail: &str) -> bool {
    tail.contains("the server doesn't have a resource type") || tail.contains("no matches for kind")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_kinds_are_told_from_failures() {
        assert!(is_unknown_kind("error: the server doesn't have a resource type \"applications\""));
        assert!(is_unknown_kind("error: resource mapping not found: no matches for kind \"Stage\" in version \"kwok.x-k8s.io/v1alpha1\""));
        assert!(!is_unknown_kind("The connection to the server 127.0.0.1:1 was refused"));
    }

    #[test]
    fn an_event_is_a_word_and_an_object() {
        let (event, object) = parse_event(r#"ADDED {"kind":"Application","a":"b c"}"#).unwrap();
        assert_eq!((event, &object["a"]), ("ADDED", &json!("b c")));
        assert!(parse_event("error: something").is_err());
    }

    #[test]
    fn objects_are_the_same_whatever_version_the_server_prefers() {
        let want = json!({"apiVersion": "apps/v1beta1", "kind": "Deployment", "metadata": {"name": "a", "namespace": "n"}});
        let have = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a", "namespace": "n", "uid": "1"}});
        assert_eq!(identity(&want), identity(&have));
    }
}
