//! One Application by itself: Argo CD looks again, syncs it, and this waits until it is Synced and Healthy.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::NAMESPACE;
use super::applications::{Application, KIND};
use super::wait::REFRESH;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::objects::items;
use crate::proc::Invocation;
use crate::tools::{Kubectl, Reference};
use crate::ui::{Task, seconds};

/// An error has to stay this long before it counts: Argo CD may still have it from before it looked again.
const PATIENCE: Duration = Duration::from_secs(3);

/// Who asked for a sync, as Argo CD keeps it.
pub const INITIATOR: &str = "cargo-xtask";

/// The Application of that name; `None` when Argo CD, or the Application, is not there.
pub fn find(kubectl: &Kubectl, name: &str) -> Result<Option<Value>> {
    kubectl.find(&reference(name))
}

fn reference(name: &str) -> Reference<'_> {
    Reference { kind: KIND, name, namespace: NAMESPACE }
}

/// What `argocd app sync` asks for: everything of the commit that the Application follows. Argo CD takes the options of the
/// Application only for a sync of its own (3.5), so they are handed over; what is in sync already is left alone.
fn operation(application: &Value) -> Value {
    let mut options = items(application, "/spec/syncPolicy/syncOptions").to_vec();
    options.push(json!("ApplyOutOfSyncOnly=true"));
    let sync = json!({ "prune": true, "syncOptions": options, "syncStrategy": { "hook": {} } });
    json!({ "operation": { "initiatedBy": { "username": INITIATOR }, "sync": sync } })
}

/// The calls of [`bring`], but for the looks.
pub fn plan(kubectl: &Kubectl, name: &str, application: &Value) -> Vec<Invocation> {
    vec![kubectl.annotate_call(KIND, &[name], NAMESPACE, REFRESH), kubectl.patch_call(&reference(name), &operation(application))]
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
            kubectl.patch(&reference(name), &operation(&object))?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sync_keeps_the_options_of_the_application() {
        let application = json!({"spec": {"syncPolicy": {"syncOptions": ["PruneLast=true"]}}});
        let options = |application: &Value| operation(application)["operation"]["sync"]["syncOptions"].clone();
        assert_eq!(options(&application), json!(["PruneLast=true", "ApplyOutOfSyncOnly=true"]));
        assert_eq!(options(&json!({})), json!(["ApplyOutOfSyncOnly=true"]));
    }
}
