//! Empties data stores: their claims and pods are deleted, and their StatefulSets make them anew.
//!
//! The claims go first. A claim that a pod uses is only marked as deleted (its finalizer holds it), and a StatefulSet makes no
//! pod with a claim that is marked: so the new pod waits until the old claim is gone, and nothing is scaled, which Argo CD would
//! heal. The other way round the new pod could take the old claim.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{NAMESPACE, Store};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::objects::{holds, items, name, text};
use crate::proc::Invocation;
use crate::tools::Kubectl;
use crate::ui::{Task, seconds};

/// The calls of [`reset`], but for the looks.
pub fn plan(kubectl: &Kubectl, stores: &[Store]) -> Vec<Invocation> {
    let call = |kind: &str, names: Vec<String>| {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        kubectl.delete_later_call(kind, &names, NAMESPACE)
    };
    vec![
        call("persistentvolumeclaims", stores.iter().flat_map(|s| s.claims.clone()).collect()),
        call("pods", stores.iter().flat_map(Store::pods).collect()),
    ]
}

/// Deletes, and waits until every claim is a new one and bound, and every pod a new one and ready.
/// Errors: not within `limit`; Ctrl-C. A second run mends an interrupted one.
pub fn reset(cx: &Context, kubectl: &Kubectl, stores: &[Store], limit: Duration, task: &Task) -> Result<()> {
    let before = look(kubectl, stores)?;
    for call in plan(kubectl, stores) {
        cx.runner.run(&call)?;
    }
    let end = Instant::now() + limit;
    loop {
        let left = unfinished(&before, &look(kubectl, stores)?);
        let Some(first) = left.first() else { return Ok(()) };
        task.update(first);
        if Instant::now() > end {
            let error = Error::failed(format!("not every data store was back within {}", seconds(limit)));
            return Err(left.iter().fold(error, |e, why| e.cause(why)).hint("how far they are: cargo xtask db-status"));
        }
        cx.runner.interrupt().sleep(Duration::from_millis(300))?;
    }
}

/// Claims and pods by name; `None` where there is none.
type Parts = BTreeMap<String, Option<Value>>;

fn look(kubectl: &Kubectl, stores: &[Store]) -> Result<Parts> {
    let object =
        |kind: &str, name: &String| json!({ "apiVersion": "v1", "kind": kind, "metadata": { "name": name, "namespace": NAMESPACE } });
    let claims = stores.iter().flat_map(|s| &s.claims).map(|name| object("PersistentVolumeClaim", name));
    let pods: Vec<String> = stores.iter().flat_map(Store::pods).collect();
    let wanted: Vec<Value> = claims.chain(pods.iter().map(|name| object("Pod", name))).collect();
    let live = kubectl.find_all(&wanted)?;
    Ok(wanted.iter().map(|w| format!("{} {}", text(w, "/kind"), name(w))).zip(live).collect())
}

/// What is not new and ready yet, with the reason.
fn unfinished(before: &Parts, now: &Parts) -> Vec<String> {
    let uid = |object: &Value| text(object, "/metadata/uid").to_string();
    let why = |(what, live): (&String, &Option<Value>)| {
        let old = before.get(what).and_then(Option::as_ref).map(uid);
        let why = match live {
            None => "gone, the new one is not there yet",
            Some(live) if Some(uid(live)) == old => "still the old one",
            Some(live) if what.starts_with("Pod ") && !holds(items(live, "/status/conditions"), "Ready") => "not ready yet",
            Some(live) if !what.starts_with("Pod ") && text(live, "/status/phase") != "Bound" => "not bound yet",
            Some(_) => return None,
        };
        Some(format!("{what}: {why}"))
    };
    now.iter().filter_map(why).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(claim: Value, pod: Value) -> Parts {
        let some = |object: Value| if object.is_null() { None } else { Some(object) };
        [("PersistentVolumeClaim data-order-db-0".to_string(), some(claim)), ("Pod order-db-0".to_string(), some(pod))].into()
    }

    fn claim(uid: &str, phase: &str) -> Value {
        json!({"metadata": {"uid": uid}, "status": {"phase": phase}})
    }

    fn pod(uid: &str, ready: &str) -> Value {
        json!({"metadata": {"uid": uid}, "status": {"conditions": [{"type": "Ready", "status": ready}]}})
    }

    #[test]
    fn it_is_done_when_claim_and_pod_are_new_bound_and_ready() {
        let before = parts(claim("c1", "Bound"), pod("p1", "True"));
        let left = |claim: Value, pod: Value| unfinished(&before, &parts(claim, pod));
        assert_eq!(left(claim("c2", "Bound"), pod("p2", "True")), [""; 0]);
        assert_eq!(left(claim("c1", "Bound"), pod("p2", "True")), ["PersistentVolumeClaim data-order-db-0: still the old one"]);
        assert_eq!(left(claim("c2", "Pending"), pod("p2", "True")), ["PersistentVolumeClaim data-order-db-0: not bound yet"]);
        assert_eq!(left(claim("c2", "Bound"), pod("p2", "False")), ["Pod order-db-0: not ready yet"]);
        assert_eq!(left(claim("c2", "Bound"), Value::Null), ["Pod order-db-0: gone, the new one is not there yet"]);
    }

    #[test]
    fn what_was_not_there_before_counts_when_it_comes() {
        let before = parts(Value::Null, Value::Null);
        assert_eq!(unfinished(&before, &parts(claim("c1", "Bound"), pod("p1", "True"))), [""; 0]);
    }
}
