//! The real ApplicationSet controller on a throw-away cluster: API server, repo-server, redis, and nothing that would change
//! what it makes. The application controller does not run: it fills in status and operations, and would follow the sources.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use super::cases::{Case, URL};
use crate::argocd::settings::{self, Source};
use crate::argocd::{NAMESPACE, applications, processes};
use crate::cluster::{self, Cluster as _, Kwok, Ports};
use crate::context::Context;
use crate::engine::{self, Journal};
use crate::error::{Context as _, Error, Result};
use crate::objects::{items, name, text};
use crate::steps;
use crate::supervisor::{self, Files, Spec};
use crate::tools::{Git, Kubectl};

const SET_KIND: &str = "applicationsets.argoproj.io";
const CONTROLLER: &str = "argocd-applicationset-controller";
const PROCESSES: [&str; 3] = ["redis", "argocd-repo-server", CONTROLLER];

/// How long the controller may take to start, or to answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the controller writes into its log when it is done with a set, whatever came of it.
const DONE: [&str; 3] = ["end reconcile in", "unable to generate applications", "error occurred during application validation"];
const PANICKED: &str = "Recovered from panic: ";
const REFUSED: &str = "Reconciler error";

/// Metadata that the controller generates; the rest is the API server's.
const METADATA: [&str; 5] = ["name", "namespace", "labels", "annotations", "finalizers"];

pub struct Controller<'a> {
    cx: &'a Context,
    kubectl: Kubectl,
    files: Files,
    spec: Spec,
    /// `file://` URL of the repository with the files of `tree/`.
    url: String,
}

impl<'a> Controller<'a> {
    /// Brings the cluster up and commits `tree` for the git generators. The clusters are not known yet.
    pub fn bring_up(cx: &'a Context, tree: &Path) -> Result<Self> {
        engine::run(cx, steps::DEFINITIONS_OF_ARGOCD, &Journal::new("verify-offline"))?;
        let kubectl = Kubectl::new(cx, Kwok.context_name(cx))?;
        let files = Files::new(&cx.state_dir());
        let ports = Ports::remembered(&cx.state_dir()).ok_or_else(|| Error::failed("the ports of the cluster are not known"))?;
        let url = Git::new(&cx.runner, tree, cx.state_dir().join("tree.git")).snapshot()?.url;
        let settings = settings::objects(cx, &Source { url: url.clone(), revision: "HEAD".into() }, "kwok")?;
        let own = |object: &Value| ["Namespace", "ConfigMap"].contains(&text(object, "/kind"));
        let objects = settings.into_iter().filter(own).chain([settings::server_secret()?, project("default"), project("shop")]);
        kubectl.apply(&objects.collect::<Vec<_>>())?;
        let mut spec = processes::spec(cx, &files, &ports)?;
        spec.processes.retain(|process| PROCESSES.contains(&process.name.as_str()));
        processes::prepare(cx, &files)?;
        Ok(Controller { cx, kubectl, files, spec, url })
    }

    /// Makes the controller know these cluster Secrets and no others. It is started anew: what it remembers is then theirs alone.
    pub fn clusters(&mut self, secrets: &str) -> Result<()> {
        supervisor::stop(&self.files)?;
        let selector = "argocd.argoproj.io/secret-type=cluster";
        self.call(&["delete", "secrets", "--namespace", NAMESPACE, "--selector", selector], None)?;
        self.call(&["create", "--namespace", NAMESPACE, "--filename", "-"], Some(secrets))?;
        supervisor::start(&self.cx.runner, &self.files, &self.spec)?;
        let end = Instant::now() + PATIENCE;
        while let Some(silent) = self.spec.processes.iter().find(|process| !cluster::answers(process.ready)) {
            if Instant::now() > end {
                return Err(Error::failed(format!("{} does not answer", silent.name)));
            }
            self.cx.runner.interrupt().sleep(Duration::from_millis(50))?;
        }
        Ok(())
    }

    /// What the controller makes of a case: `{"applications": […], "error": null or its words, "reason": null or its word}`.
    pub fn answer(&self, case: &Case) -> Result<Value> {
        let log = self.files.logs().join(format!("{CONTROLLER}.log"));
        let mut read = std::fs::metadata(&log).map_or(0, |m| m.len());
        let text = case.text.replace(URL, &self.url);
        let made = self.call(&["create", "--validate=ignore", "--filename", "-", "--output", "json"], Some(&text))?;
        let set: Value = serde_json::from_slice(&made)?;
        let end = Instant::now() + PATIENCE;
        let mut heard = String::new();
        let panicked = loop {
            read += tail(&log, read, &mut heard)?;
            if let Some(panicked) = heard.lines().find_map(|line| done(line, name(&set))) {
                break panicked;
            }
            if Instant::now() > end {
                return Err(Error::failed("it wrote nothing about it within 60 s").cause(heard));
            }
            self.cx.runner.interrupt().sleep(Duration::from_millis(10))?;
        };
        let live = self.kubectl.list(&[&format!("{SET_KIND},{}", applications::KIND), "--namespace", NAMESPACE])?;
        let answer = answer(&live, name(&set), panicked);
        self.forget(&set, &live)?;
        Ok(serde_json::from_str(&answer.to_string().replace(&self.url, URL))?)
    }

    /// Ends the processes; the cluster goes with its clone.
    pub fn end(&self) -> Result<()> {
        supervisor::stop(&self.files)
    }

    /// Deletes the set and its Applications. Nobody works on their finalizers here.
    fn forget(&self, set: &Value, live: &[Value]) -> Result<()> {
        self.call(&["delete", SET_KIND, name(set), "--namespace", NAMESPACE, "--cascade=orphan"], None)?;
        let mut left: Vec<Value> = live.iter().filter(|o| text(o, "/kind") == "Application").cloned().collect();
        if left.is_empty() {
            return Ok(());
        }
        for application in &mut left {
            if let Some(metadata) = application.get_mut("metadata").and_then(Value::as_object_mut) {
                metadata.retain(|key, _| ["name", "namespace"].contains(&key.as_str()));
            }
        }
        let list = json!({ "apiVersion": "v1", "kind": "List", "items": left }).to_string();
        self.call(&["replace", "--validate=ignore", "--filename", "-"], Some(&list))?;
        self.call(&["delete", applications::KIND, "--all", "--namespace", NAMESPACE], None).map(drop)
    }

    fn call(&self, args: &[&str], stdin: Option<&str>) -> Result<Vec<u8>> {
        let args: Vec<std::ffi::OsString> = args.iter().map(Into::into).collect();
        let call = self.kubectl.pass_through(&args).timeout(PATIENCE);
        let call = stdin.iter().fold(call, |call, text| call.stdin(text.as_bytes()));
        Ok(self.cx.runner.run(&call)?.stdout)
    }
}

/// A project that allows everything: what the projects forbid is not what is asked here.
fn project(name: &str) -> Value {
    json!({
        "apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject",
        "metadata": { "name": name, "namespace": NAMESPACE },
        "spec": { "sourceRepos": ["*"], "destinations": [{ "server": "*", "namespace": "*" }] },
    })
}

/// Appends what the log has beyond `from`; the number of bytes.
fn tail(log: &Path, from: u64, heard: &mut String) -> Result<u64> {
    let mut file = std::fs::File::open(log).with_context(|| format!("could not open {}", log.display()))?;
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    // A line that is still being written is read the next time.
    bytes.truncate(bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1));
    heard.push_str(&String::from_utf8_lossy(&bytes));
    Ok(bytes.len() as u64)
}

/// Does this line end the work on a set? With the panic, if it ended by one.
fn done(line: &str, set: &str) -> Option<Option<String>> {
    let entry: Value = serde_json::from_str(line).ok()?;
    let about = ["applicationset", "ApplicationSet"].iter().filter_map(|key| entry.get(*key)).any(|value| {
        let parts = [text(value, "/name"), text(value, "/Name"), value.as_str().unwrap_or_default()];
        parts.iter().any(|part| part.rsplit('/').next() == Some(set))
    });
    let said = text(&entry, "/msg");
    let panic = said.strip_prefix(PANICKED).map(|words| words.lines().next().unwrap_or_default().to_string());
    match about {
        true if panic.is_some() => Some(panic),
        true if said == REFUSED || DONE.iter().any(|start| said.starts_with(start)) => Some(None),
        _ => None,
    }
}

fn answer(live: &[Value], set: &str, panicked: Option<String>) -> Value {
    let mut generated: Vec<Value> = live.iter().filter(|o| text(o, "/kind") == "Application").map(generated).collect();
    generated.sort_by(|a, b| name(a).cmp(name(b)));
    let status = live.iter().find(|o| text(o, "/kind") == "ApplicationSet" && name(o) == set);
    let conditions = status.map_or(&[][..], |status| items(status, "/status/conditions"));
    let error = conditions.iter().find(|c| text(c, "/type") == "ErrorOccurred" && text(c, "/status") == "True");
    match panicked {
        Some(words) => json!({ "applications": generated, "error": format!("panic: {words}"), "reason": "Panic" }),
        None => json!({ "applications": generated, "error": error.map(|e| &e["message"]), "reason": error.map(|e| &e["reason"]) }),
    }
}

/// What the controller generated of a live Application.
fn generated(application: &Value) -> Value {
    let mut made = Map::new();
    for key in ["apiVersion", "kind", "spec", "operation"] {
        made.extend(application.get(key).map(|value| (key.to_string(), value.clone())));
    }
    let metadata = METADATA.iter().filter_map(|key| Some((key.to_string(), application["metadata"].get(*key)?.clone())));
    made.insert("metadata".into(), Value::Object(metadata.collect()));
    Value::Object(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_says_when_the_controller_is_done_with_a_set() {
        let line = |key: &str, who: Value, msg: &str| json!({ key: who, "level": "info", "msg": msg }).to_string();
        let named = json!({"Namespace": "argocd", "Name": "a"});
        assert_eq!(done(&line("applicationset", named.clone(), "end reconcile in 3ms"), "a"), Some(None));
        assert_eq!(done(&line("applicationset", json!("argocd/a"), "unable to generate applications: x"), "a"), Some(None));
        assert_eq!(done(&line("ApplicationSet", json!({"name": "a"}), "Reconciler error"), "a"), Some(None));
        assert_eq!(done(&line("applicationset", named.clone(), "Recovered from panic: x\ngoroutine 1"), "a"), Some(Some("x".into())));
        assert_eq!(done(&line("applicationset", named.clone(), "generated 1 applications"), "a"), None);
        assert_eq!(done(&line("applicationset", named, "end reconcile in 3ms"), "b"), None);
        assert_eq!(done("no JSON", "a"), None);
    }

    #[test]
    fn an_answer_has_what_the_controller_generated_and_nothing_of_the_server() {
        let application = json!({"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "status": {}, "spec": {"project": "p"},
            "metadata": {"name": "x", "namespace": "argocd", "uid": "1", "ownerReferences": [], "labels": {"a": "b"}}});
        let set = json!({"kind": "ApplicationSet", "metadata": {"name": "a"}, "status": {"conditions": [
            {"type": "ResourcesUpToDate", "status": "False", "message": "m", "reason": "r"},
            {"type": "ErrorOccurred", "status": "True", "message": "words", "reason": "Why"}]}});
        let wanted = json!({"applications": [{"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "spec": {"project": "p"},
            "metadata": {"name": "x", "namespace": "argocd", "labels": {"a": "b"}}}], "error": "words", "reason": "Why"});
        assert_eq!(answer(&[set.clone(), application], "a", None), wanted);
        assert_eq!(answer(&[set], "a", Some("words".into()))["error"], "panic: words");
    }
}
