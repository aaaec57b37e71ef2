//! One Application by itself: Argo CD looks again, syncs it, and this waits until it is Synced and Healthy.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::NAMESPACE;
use super::applications::{Application, KIND};
use super::wait::REFRESH;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::proc::Invocation;
use crate::tools::{Kubectl, Reference};
use crate::ui::{Task, seconds};

/// An error has to stay this long before it counts: Argo CD may still have it from before it looked again.
const PATIENCE: Duration = Duration::from_secs(3);

/// The Application of that name; `None` when Argo CD, or the Application, is not there.
pub fn find(kubectl: &Kubectl, name: &str) -> Result<Option<Value>> {
    kubectl.find(&reference(name))
}

fn reference(name: &str) -> Reference<'_> {
    Reference { kind: KIND, name, namespace: NAMESPACE }
}

/// What `argocd app sync` asks for: everything of the commit that the Application follows.
fn operation() -> Value {
    json!({ "operation": { "initiatedBy": { "username": "cargo-xtask" }, "sync": { "prune": true, "syncStrategy": { "hook": {} } } } })
}

/// The calls of [`bring`], but for the looks.
pub fn plan(kubectl: &Kubectl, name: &str) -> Vec<Invocation> {
    vec![kubectl.annotate_call(KIND, &[name], NAMESPACE, REFRESH), kubectl.patch_call(&reference(name), &operation())]
}

/// Errors: an error of Argo CD that waiting cannot mend, in its own words; not ready within `limit`; Ctrl-C.
pub fn bring(cx: &Context, kubectl: &Kubectl, name: &str, limit: Duration, task: &Task) -> Result<()> {
    task.update("Argo CD looks again");
    kubectl.annotate(KIND, &[name], NAMESPACE, REFRESH)?;
    let end = Instant::now() + limit;
    let mut asked = false;
    let mut hopeless: Option<(String, Instant)> = None;
    loop {
        let object = find(kubectl, name)?.ok_or_else(|| Error::failed(format!("the Application `{name}` went away")))?;
        let application = Application::from(&object);
        // One at a time: an operation that is under way is waited for first, as Argo CD itself demands it.
        let under_way = !object["operation"].is_null() || application.refreshing;
        if !under_way && !asked {
            task.update("Argo CD syncs it");
            kubectl.patch(&reference(name), &operation())?;
            asked = true;
            continue;
        }
        let revision = application.revisions.first().cloned().unwrap_or_default();
        if !under_way && application.is_ready_at(&revision) {
            return Ok(());
        }
        let message = application.hopeless(&revision).filter(|_| !under_way);
        hopeless = message.map(|m| hopeless.take().filter(|(same, _)| *same == m).unwrap_or_else(|| (m, Instant::now())));
        if let Some((message, _)) = hopeless.as_ref().filter(|(_, since)| since.elapsed() >= PATIENCE) {
            return Err(Error::failed(format!("`{name}` cannot become healthy without a change"))
                .cause(format!("Argo CD: {}", message.trim()))
                .hint("mend it, then bring it: cargo xtask dev-sync"));
        }
        if Instant::now() > end {
            return Err(Error::failed(format!("`{name}` was not Synced and Healthy within {}", seconds(limit)))
                .cause(application.state())
                .hint(format!("what Argo CD says: cargo xtask argocd -- app get {name}")));
        }
        task.update(application.state());
        cx.runner.interrupt().sleep(Duration::from_millis(300))?;
    }
}
