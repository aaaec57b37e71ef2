//! Takes Argo CD away: first the root Application with everything that came by it, then Argo CD itself.
//!
//! Deleting the root is what empties the cluster. Its finalizer deletes the ApplicationSets from the last wave to the first,
//! each takes its Applications along, and in dev those carry a finalizer of their own, which deletes what they deployed.
//! Only a running Argo CD works these finalizers off: without one the namespace would stay in deletion for ever. So the
//! order matters, and every part of it can be begun again.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{NAMESPACE, ROOT, applications};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::tools::{Kubectl, Reference};
use crate::ui::{Task, count, seconds};

const SETS: &str = "applicationsets.argoproj.io";
const PROJECTS: &str = "appprojects.argoproj.io";

/// How long the objects of the namespace may take to go once nothing holds them back.
const GONE_WITHIN: Duration = Duration::from_secs(180);

/// Objects that only a running Argo CD can remove: `(kind, name, is being deleted)`.
pub struct Held(Vec<(&'static str, String, bool)>);

impl Held {
    /// Applications, and what has a finalizer of Argo CD's.
    pub fn look(kubectl: &Kubectl) -> Result<Self> {
        let mut held = Vec::new();
        for kind in [applications::KIND, SETS, PROJECTS] {
            for object in kubectl.list(&[kind, "--namespace", NAMESPACE])? {
                let name = object.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default().to_string();
                let finalizers = object.pointer("/metadata/finalizers").and_then(Value::as_array).is_some_and(|f| !f.is_empty());
                if kind != PROJECTS || finalizers {
                    held.push((kind, name, object.pointer("/metadata/deletionTimestamp").is_some()));
                }
            }
        }
        Ok(Held(held))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn names(&self, of: &str) -> Vec<&str> {
        self.0.iter().filter(|(kind, ..)| *kind == of).map(|(_, name, _)| name.as_str()).collect()
    }

    /// What to delete next. The root alone while it is there: it keeps the order of the waves. Afterwards what nobody else
    /// deletes: Applications that somebody made by hand, or those of a root that was deleted without its finalizer.
    fn next(&self) -> Vec<(&'static str, &str)> {
        let new = self.0.iter().filter(|(_, _, deleting)| !deleting).map(|(kind, name, _)| (*kind, name.as_str()));
        if self.names(applications::KIND).contains(&ROOT) {
            return new.filter(|(_, name)| *name == ROOT).collect();
        }
        let sets = self.names(SETS).is_empty();
        let applications = self.names(applications::KIND).is_empty();
        // An ApplicationSet would make its Applications again; a project waits for its Applications.
        new.filter(|(kind, _)| *kind == SETS || sets && (*kind == applications::KIND || applications)).collect()
    }

    /// What is left, for people.
    pub fn describe(&self) -> String {
        let part = |kind: &str, noun: &str| match self.names(kind).len() {
            0 => None,
            n => Some(count(n, noun)),
        };
        let parts = [part(applications::KIND, "Application"), part(SETS, "ApplicationSet"), part(PROJECTS, "AppProject")];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// Deletes the root and waits until nothing is left that needs Argo CD to go. Errors: not within the command's limit.
pub fn cascade(cx: &Context, kubectl: &Kubectl, task: &Task) -> Result<()> {
    let end = Instant::now() + cx.timeout();
    loop {
        let held = Held::look(kubectl)?;
        if held.is_empty() {
            return Ok(());
        }
        end_operation(kubectl)?;
        let next = held.next();
        for kind in [applications::KIND, SETS, PROJECTS] {
            let names: Vec<&str> = next.iter().filter(|(k, _)| *k == kind).map(|(_, name)| *name).collect();
            kubectl.delete_later(kind, &names, NAMESPACE)?;
        }
        task.update(format!("{} left", held.describe()));
        if Instant::now() > end {
            let error = Error::failed(format!("not everything that Argo CD deployed was gone after {}", seconds(cx.timeout())));
            let error = held
                .0
                .iter()
                .fold(error, |e, (kind, name, _)| e.cause(format!("left: {} {name}", kind.split('.').next().unwrap_or_default())));
            return Err(error
                .hint("see what they wait for: cargo xtask argocd-status")
                .hint("go on from there: cargo xtask argocd-uninstall --timeout 900"));
        }
        cx.runner.interrupt().sleep(Duration::from_millis(500))?;
    }
}

/// Ends an operation of the root that still brings waves: it would make again what goes, for as long as it may run.
fn end_operation(kubectl: &Kubectl) -> Result<()> {
    let root = Reference { kind: applications::KIND, name: ROOT, namespace: NAMESPACE };
    let running = |root: Value| root.pointer("/status/operationState/phase").is_some_and(|phase| phase == "Running");
    if kubectl.find(&root)?.is_some_and(running) {
        kubectl.patch(&root, &json!({ "status": { "operationState": { "phase": "Terminating" } } }))?;
    }
    Ok(())
}

/// What remains of Argo CD itself: its namespace, which takes everything in it along, and the cluster-wide ones of `objects`.
pub fn remains(kubectl: &Kubectl, objects: &[Value]) -> Result<Vec<Value>> {
    let wanted = itself(objects);
    Ok(kubectl.find_all(&wanted)?.into_iter().zip(wanted).filter_map(|(live, want)| live.map(|_| want)).collect())
}

/// Deletes that.
pub fn delete(kubectl: &Kubectl, objects: &[Value]) -> Result<()> {
    kubectl.delete_all(&remains(kubectl, objects)?, GONE_WITHIN)
}

/// The namespace and what of `objects` stands outside of it, by name only.
pub fn itself(objects: &[Value]) -> Vec<Value> {
    let outside = objects.iter().filter(|o| o.pointer("/metadata/namespace").is_none() && o["kind"] != "Namespace");
    let bare = |o: &Value| json!({ "apiVersion": o["apiVersion"], "kind": o["kind"], "metadata": { "name": o["metadata"]["name"] } });
    let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": NAMESPACE } });
    outside.map(bare).chain([namespace]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(list: &[(&'static str, &str, bool)]) -> Held {
        Held(list.iter().map(|(k, n, d)| (*k, n.to_string(), *d)).collect())
    }

    #[test]
    fn the_root_goes_first_and_alone() {
        let app = applications::KIND;
        let all = held(&[(app, ROOT, false), (app, "a", false), (SETS, "s", false), (PROJECTS, "p", false)]);
        assert_eq!(all.next(), [(app, ROOT)]);
        assert_eq!(all.describe(), "2 Applications, 1 ApplicationSet, 1 AppProject");
        assert!(held(&[(app, ROOT, true), (SETS, "s", false)]).next().is_empty());
    }

    #[test]
    fn what_is_left_without_a_root_goes_in_an_order_that_ends() {
        let app = applications::KIND;
        assert_eq!(held(&[(app, "a", false), (SETS, "s", false)]).next(), [(SETS, "s")]);
        assert_eq!(held(&[(app, "a", false), (PROJECTS, "p", false)]).next(), [(app, "a")]);
        assert_eq!(held(&[(PROJECTS, "p", false)]).next(), [(PROJECTS, "p")]);
    }

    #[test]
    fn the_namespace_takes_what_is_in_it() {
        let objects = [
            json!({"kind": "Service", "metadata": {"name": "s", "namespace": NAMESPACE}}),
            json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "c"}, "rules": []}),
        ];
        let names: Vec<String> = itself(&objects).iter().map(|o| format!("{} {}", o["kind"], o["metadata"]["name"])).collect();
        assert_eq!(names, [r#""ClusterRole" "c""#, r#""Namespace" "argocd""#]);
    }
}
