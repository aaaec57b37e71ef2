//! What the running Argo CD has and renders.

use std::ffi::OsString;
use std::time::Duration;

use serde_json::Value;

use crate::argocd::{NAMESPACE, applications};
use crate::commands::pass_through::argocd_call;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::objects::{items, name, text};
use crate::proc::Invocation;
use crate::repo::yaml;
use crate::tools::Kubectl;

const HOOK: &str = "/metadata/annotations/argocd.argoproj.io~1hook";
const HELM_HOOK: &str = "/metadata/annotations/helm.sh~1hook";

/// The Argo CD of an environment. `cx` is a rehearsal where that is what runs.
pub struct Live<'a> {
    cx: &'a Context,
    kubectl: &'a Kubectl,
    pub applications: Vec<Value>,
    /// The cluster Secrets, which generators read.
    #[expect(dead_code, reason = "`expand` reads them")]
    pub clusters: Vec<Value>,
}

impl<'a> Live<'a> {
    /// Errors: the cluster does not answer, or has no Applications.
    pub fn read(cx: &'a Context, kubectl: &'a Kubectl) -> Result<Self> {
        let applications = applications::objects(kubectl)?;
        if applications.is_empty() {
            return Err(Error::prerequisite("Argo CD has no Applications").hint("go on from there: cargo xtask dev-init"));
        }
        let selector = "argocd.argoproj.io/secret-type=cluster";
        let clusters = kubectl.list(&["secrets", "--namespace", NAMESPACE, "--selector", selector])?;
        Ok(Live { cx, kubectl, applications, clusters })
    }

    pub fn application(&self, wanted: &str) -> Option<&Value> {
        self.applications.iter().find(|application| name(application) == wanted)
    }

    /// What Argo CD renders of an Application: the target state that it compares with the cluster, and the hooks, which it does
    /// not compare. Errors: Argo CD's words.
    pub fn objects(&self, application: &Value) -> Result<Vec<Value>> {
        let mut objects = self.manifests(&self.call(application, &[])?)?;
        let revisions = items(application, "/status/sync/revisions");
        let mut more: Vec<OsString> = Vec::new();
        for (i, revision) in revisions.iter().enumerate() {
            more.extend(["--revisions".into(), revision.as_str().unwrap_or_default().into()]);
            more.extend(["--source-positions".into(), (i + 1).to_string().into()]);
        }
        if revisions.is_empty() {
            more.extend(["--revision".into(), text(application, "/status/sync/revision").into()]);
        }
        let is_hook = |object: &Value| [HOOK, HELM_HOOK].iter().any(|hook| object.pointer(hook).is_some());
        let namespace = text(application, "/spec/destination/namespace");
        let hooks = self.manifests(&self.call(application, &more)?)?.into_iter().filter(is_hook);
        objects.extend(hooks.map(|hook| in_namespace(hook, namespace)));
        Ok(objects)
    }

    fn call(&self, application: &Value, more: &[OsString]) -> Result<Invocation> {
        let words = ["app", "manifests", name(application), "--app-namespace", text(application, "/metadata/namespace")];
        let arguments: Vec<OsString> = words.iter().map(OsString::from).chain(more.iter().cloned()).collect();
        Ok(argocd_call(self.cx, self.kubectl, &arguments)?.timeout(Duration::from_secs(120)))
    }

    fn manifests(&self, call: &Invocation) -> Result<Vec<Value>> {
        // Not trimmed: the last line may end a text.
        let out = self.cx.runner.run(call)?;
        yaml::parse_all(&String::from_utf8_lossy(&out.stdout))
    }
}

/// A hook without a namespace goes to that of its Application.
fn in_namespace(mut hook: Value, namespace: &str) -> Value {
    if let Some(metadata) = hook.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.entry("namespace").or_insert_with(|| namespace.into());
    }
    hook
}
