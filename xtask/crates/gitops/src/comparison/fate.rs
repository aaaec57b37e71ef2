//! What Argo CD does with an object that is desired no more.

use serde_json::Value;

use super::{Change, Delta, Deployed, Pair, text};

/// The annotation with options of one object, in a list separated by commas.
const OPTIONS: &str = "/metadata/annotations/argocd.argoproj.io~1sync-options";
/// Argo CD deletes what an Application deployed before it lets the Application go, if this stands among its finalizers.
const FINALIZER: &str = "resources-finalizer.argocd.argoproj.io";

/// What becomes of an object that left the desired state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The next sync prunes it.
    Pruned,
    /// It is deleted with its Application.
    Cascaded,
    /// A mark on it or on its Application says that it stays.
    Kept,
    /// Nobody deletes it and nobody keeps it right; with the reason.
    Abandoned(&'static str),
    /// It is there only while a sync runs.
    Hook,
}

impl Fate {
    pub fn is_deletion(&self) -> bool {
        matches!(self, Fate::Pruned | Fate::Cascaded)
    }
}

/// The value of a sync option of an object, else that of its Application: `false` of `Prune=false`.
///
/// Source: `HasAnnotationOption` and `GetAnnotationOptionValue` of gitops-engine.
pub fn option<'a>(object: &'a Value, application: Option<&'a Value>, name: &str) -> Option<&'a str> {
    let value = |word: &'a str| word.trim().strip_prefix(name)?.strip_prefix('=');
    let own = text(object, OPTIONS).split(',').find_map(value);
    let all = application.and_then(|a| a.pointer("/spec/syncPolicy/syncOptions")).and_then(Value::as_array);
    own.or_else(|| all.into_iter().flatten().filter_map(Value::as_str).find_map(value))
}

/// Are the objects of this Application deleted with it?
pub fn cascades(application: &Value) -> bool {
    let finalizers = application.pointer("/metadata/finalizers").and_then(Value::as_array);
    finalizers.into_iter().flatten().filter_map(Value::as_str).any(|name| name.starts_with(FINALIZER))
}

/// Does this Application sync by itself, and delete what is desired no more?
fn prunes(application: &Value) -> bool {
    let automated = application.pointer("/spec/syncPolicy/automated");
    automated.is_some_and(|a| a["enabled"] != Value::Bool(false) && a["prune"] == Value::Bool(true))
}

/// Is it run at a moment of a sync, rather than kept?
pub fn is_hook(object: &Value) -> bool {
    let annotation = |name: &str| text(object, &format!("/metadata/annotations/{name}"));
    let argocd = annotation("argocd.argoproj.io~1hook");
    let helm = annotation("helm.sh~1hook");
    !argocd.is_empty() || !helm.is_empty() && helm != "crd-install"
}

impl<'a> Change<'a> {
    /// What becomes of an object that is removed; `None` for one that is not, or that another Application has now.
    pub fn fate(&self, delta: &Delta<'a>) -> Option<Fate> {
        let (Some(object), None, None) = (delta.before, delta.after, delta.to) else { return None };
        let pair = self.pair(delta)?;
        let before = pair.before?;
        if is_hook(&object.value) {
            return Some(Fate::Hook);
        }
        let Some(after) = pair.after else { return Some(self.fate_with_application(pair, before, delta)) };
        let application = &after.application.value;
        Some(match option(&object.value, Some(application), "Prune") {
            _ if before.destination() != after.destination() => Fate::Abandoned("its Application deploys to another cluster now"),
            Some("false" | "confirm") => Fate::Kept,
            _ if prunes(application) => Fate::Pruned,
            _ => Fate::Abandoned("its Application does not prune by itself"),
        })
    }

    fn fate_with_application(&self, pair: &Pair<'a>, before: &Deployed, delta: &Delta<'a>) -> Fate {
        let application = &before.application.value;
        if let Some(why) = self.application_stays(pair) {
            return Fate::Abandoned(why);
        }
        if !cascades(application) {
            return Fate::Abandoned("its Application goes without its objects");
        }
        let Some(object) = delta.before else { return Fate::Kept };
        let keep = text(&object.value, "/metadata/annotations/helm.sh~1resource-policy") == "keep";
        // The controller never deletes definitions with their Application.
        let definition = delta.key.kind == "CustomResourceDefinition";
        match option(&object.value, Some(application), "Delete") {
            Some("false" | "confirm") => Fate::Kept,
            _ if keep || definition => Fate::Kept,
            _ => Fate::Cascaded,
        }
    }

    /// Why an Application that is desired no more is not deleted; `None` if it is.
    pub fn application_stays(&self, pair: &Pair<'a>) -> Option<&'static str> {
        let application = &pair.before?.application;
        if let Some(set) = &application.set {
            let policy = self.set_after(set).map_or("", |set| text(set, "/spec/syncPolicy/applicationsSync"));
            return matches!(policy, "create-only" | "create-update").then_some("its ApplicationSet deletes no Applications");
        }
        let Some(parent) = &application.parent else { return Some("nothing deletes its Application, which no other one deploys") };
        let is_parent = |d: &&&Deployed| d.application.name() == parent && d.application.environment == application.environment;
        let sides = self.after.applications.iter().chain(&self.before.applications).collect::<Vec<_>>();
        let parent = sides.iter().find(is_parent).map(|d| &d.application.value);
        match option(&application.value, parent, "Prune") {
            Some("false" | "confirm") => Some("its Application is not pruned"),
            _ if parent.is_some_and(prunes) => None,
            _ => Some("the Application above its own does not prune by itself"),
        }
    }
}
