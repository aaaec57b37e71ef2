//! Helm on one component, with what Argo CD would pass, in a copy of what it reads.

use std::path::Path;
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

use super::inputs::Inputs;
use super::{Target, bad_values, versions};
use crate::context::Context;
use crate::error::{Context as _, Error, Result};
use crate::gitops;
use crate::proc::{Failure, Invocation};
use crate::repo::yaml;
use crate::tools::helm::dependency_build_call;

/// A chart with the values of one environment.
pub struct Job<'a> {
    cx: &'a Context,
    target: &'a Target,
    helm: &'a gitops::Helm,
    inputs: Inputs,
    /// The copy with its dependencies, once something is not in the cache.
    copy: OnceLock<TempDir>,
}

/// The two calls. Their arguments and inputs decide what they print.
#[derive(Clone, Copy)]
enum Call {
    Template,
    Lint,
}

impl<'a> Job<'a> {
    /// Errors: those of [`Inputs::read`].
    pub fn new(cx: &'a Context, target: &'a Target, helm: &'a gitops::Helm) -> Result<Self> {
        let inputs = Inputs::read(&cx.repo, &target.source)?;
        Ok(Job { cx, target, helm, inputs, copy: OnceLock::new() })
    }

    /// Returns what Helm renders, as parsed objects in Helm's order. Errors: Helm refuses the values; what it prints is no YAML.
    pub fn objects(&self) -> Result<Vec<Value>> {
        let text = self.printed(Call::Template)?;
        yaml::parse_all(&text).with_context(|| format!("what {} renders is not valid", self.target.source.path.display()))
    }

    /// Errors: what `helm lint --strict` finds.
    pub fn lint(&self) -> Result<()> {
        self.printed(Call::Lint).map(drop)
    }

    fn printed(&self, call: Call) -> Result<String> {
        let args = arguments(self.cx, self.target, self.helm, call);
        let parts: Vec<&[u8]> = args.iter().map(|arg| arg.as_bytes()).chain(self.inputs.parts()).collect();
        self.cx.provision.rendered(&self.target.component.application, &parts, || self.run(&args))
    }

    fn run(&self, args: &[String]) -> Result<String> {
        let helm = self.cx.provision.tool("helm")?;
        let dir = match self.copy.get() {
            Some(dir) => dir.path(),
            None => {
                let made = self.make_copy(&helm)?;
                self.copy.get_or_init(|| made).path()
            }
        };
        let mut stdout = Vec::new();
        let result = self.cx.runner.run_keeping(&apart(Invocation::reads(&helm).args(args), dir), &mut stdout);
        let text = String::from_utf8_lossy(&stdout).into_owned();
        result.map(|()| text.clone()).map_err(|failure| self.explain(failure, &text))
    }

    fn make_copy(&self, helm: &Path) -> Result<TempDir> {
        let dir = tempfile::tempdir().context("could not make a folder for a copy of the chart")?;
        self.inputs.write(dir.path())?;
        let chart = &self.target.source.path;
        if self.inputs.has_dependencies(chart) {
            // Fails when Chart.lock does not fit Chart.yaml.
            let call = dependency_build_call(helm, chart);
            self.cx.runner.run(&apart(call, dir.path()))?;
        }
        Ok(dir)
    }

    /// Puts the files and lines of bad values beside Helm's own words.
    fn explain(&self, failure: Failure, stdout: &str) -> Error {
        let printed = format!("{stdout}\n{}", failure.tail());
        let found = bad_values::locate(&printed, &self.helm.values, &self.inputs);
        if found.is_empty() {
            let said = stdout.lines().filter(|line| line.starts_with("[ERROR]") || line.starts_with("[WARNING]"));
            let files: Vec<String> = self.helm.values.iter().map(|file| file.display().to_string()).collect();
            let values = format!("its values, the later ones stronger: {}", files.join(", "));
            return said.fold(Error::from(failure), |e, line| e.cause(line)).cause(values);
        }
        found.into_iter().fold(Error::failed("its values are not what the chart allows"), Error::cause)
    }
}

/// The calls as they could be typed, for a plan.
pub fn command_lines(cx: &Context, target: &Target, helm: &gitops::Helm) -> Result<Vec<String>> {
    let inputs = Inputs::read(&cx.repo, &target.source)?;
    let build = dependency_build_call(Path::new("helm"), &target.source.path);
    let template = Invocation::reads("helm").args(arguments(cx, target, helm, Call::Template));
    let build = inputs.has_dependencies(&target.source.path).then(|| build.command_line());
    Ok(build.into_iter().chain([template.command_line()]).collect())
}

/// As Argo CD 3.5 calls it (util/helm/cmd.go). Not passed: the kinds beside the groups and versions that the cluster serves.
fn arguments(cx: &Context, target: &Target, helm: &gitops::Helm, call: Call) -> Vec<String> {
    let chart = target.source.path.display().to_string();
    let mut args: Vec<String> = match call {
        Call::Template => vec!["template".into(), chart, "--name-template".into(), helm.release.clone()],
        Call::Lint => vec!["lint".into(), "--strict".into(), chart],
    };
    args.extend(["--namespace".into(), target.source.namespace.clone()]);
    args.extend(["--kube-version".into(), versions::kubernetes(cx)]);
    args.extend(helm.values.iter().flat_map(|file| ["--values".into(), file.display().to_string()]));
    if matches!(call, Call::Template) {
        args.extend(versions::apis(cx).into_iter().flat_map(|api| ["--api-versions".into(), api.into()]));
        args.push("--include-crds".into());
    }
    args
}

/// In its copy, without what a contributor's own Helm is set up for.
fn apart(call: Invocation, dir: &Path) -> Invocation {
    let own = ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"];
    let foreign = ["HELM_DEBUG", "HELM_NAMESPACE", "HELM_PLUGINS", "HELM_KUBECONTEXT", "HELM_KUBEAPISERVER", "KUBECONFIG"];
    let call = own.iter().fold(call.cwd(dir), |call, name| call.env(name, dir.join(".helm")));
    foreign.iter().fold(call, |call, name| call.unset(name))
}
