//! helm: packs the dependencies of charts, and installs charts as releases, always with an explicit kubeconfig and context.
//!
//! Facts are those of Helm 4.2: a bare `--wait` watches until everything is ready, `--values -` reads stdin.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::context::Context;
use crate::error::Result;
use crate::proc::{Invocation, Runner};

/// Variables that would lead a call somewhere else than its flags say.
const AMBIENT: [&str; 7] =
    ["KUBECONFIG", "HELM_KUBEAPISERVER", "HELM_KUBETOKEN", "HELM_KUBEASUSER", "HELM_KUBEASGROUPS", "HELM_NAMESPACE", "HELM_DRIVER"];

/// After its own limit Helm says what was not ready, which is more than we could say.
const LAST_WORDS: Duration = Duration::from_secs(30);

/// A chart as it is to be installed. Later values are stronger, `overrides` the strongest.
pub struct Release<'a> {
    pub name: &'a str,
    /// A folder, or a packed chart.
    pub chart: &'a Path,
    pub namespace: &'a str,
    pub values: &'a [PathBuf],
    /// Values that stand in no file; they go through stdin. `Null`: none.
    pub overrides: Value,
}

/// A release as the cluster has it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Installed {
    pub name: String,
    pub namespace: String,
    /// Helm's word: `deployed`, `failed`, `pending-install`, `uninstalling` …
    pub status: String,
    /// `NAME-VERSION`.
    pub chart: String,
    /// Helm prints it as text.
    pub revision: String,
}

/// Helm on one cluster.
#[derive(Clone)]
pub struct Helm {
    program: PathBuf,
    kubeconfig: PathBuf,
    context: String,
    home: PathBuf,
    runner: Runner,
}

impl Helm {
    /// Helm for a context of the environment's own kubeconfig. Errors: the program cannot be provided.
    pub fn new(cx: &Context, context: String) -> Result<Self> {
        Ok(Self::with(cx, cx.provision.tool("helm")?, context))
    }

    /// The same without provisioning, for plans: a bare name stands in for a program that is not there yet.
    pub fn planned(cx: &Context, context: String) -> Self {
        Self::with(cx, planned_program(cx), context)
    }

    fn with(cx: &Context, program: PathBuf, context: String) -> Self {
        Helm { program, kubeconfig: cx.kubeconfig(), context, home: cx.state_dir().join("helm"), runner: cx.runner.clone() }
    }

    fn address(&self, call: Invocation) -> Invocation {
        let call = AMBIENT.iter().fold(call, |call, variable| call.unset(variable));
        // The contributor's repositories and plugins are not for this cluster.
        let homes = [("HELM_CACHE_HOME", "cache"), ("HELM_CONFIG_HOME", "config"), ("HELM_DATA_HOME", "data")];
        let call = homes.iter().fold(call, |call, (variable, folder)| call.env(variable, self.home.join(folder)));
        call.arg("--kubeconfig").arg(&self.kubeconfig).args(["--kube-context", &self.context])
    }

    /// The call that installs a release or brings it up to date, and waits until everything of it is ready.
    pub fn upgrade_call(&self, release: &Release<'_>, limit: Duration) -> Result<Invocation> {
        let call = self.address(Invocation::writes(&self.program)).args(["upgrade", "--install", release.name]).arg(release.chart);
        let call = call.args(["--namespace", release.namespace]);
        let mut call = release.values.iter().fold(call, |call, path| call.arg("--values").arg(path));
        if !release.overrides.is_null() {
            call = call.args(["--values", "-"]).stdin(serde_json::to_vec(&release.overrides)?);
        }
        let limit_s = format!("{}s", limit.as_secs());
        Ok(call.args(["--wait", "--timeout", &limit_s, "--output", "json"]).timeout(limit + LAST_WORDS))
    }

    /// Errors: Helm refuses, or not everything is ready within `limit`.
    pub fn upgrade(&self, release: &Release<'_>, limit: Duration) -> Result<()> {
        self.runner.run(&self.upgrade_call(release, limit)?)?;
        Ok(())
    }

    /// The call that deletes a release with its objects, if it is there, and waits until they are gone.
    pub fn uninstall_call(&self, name: &str, namespace: &str, limit: Duration) -> Invocation {
        let call = self.address(Invocation::writes(&self.program)).args(["uninstall", name, "--namespace", namespace]);
        let limit_s = format!("{}s", limit.as_secs());
        call.args(["--ignore-not-found", "--wait", "--timeout", &limit_s]).timeout(limit + LAST_WORDS)
    }

    pub fn uninstall(&self, name: &str, namespace: &str, limit: Duration) -> Result<()> {
        self.runner.run(&self.uninstall_call(name, namespace, limit))?;
        Ok(())
    }

    /// The release of that name in whatever state it is; `None` when there is none.
    pub fn find(&self, name: &str, namespace: &str) -> Result<Option<Installed>> {
        let call = self.address(Invocation::reads(&self.program)).args(["list", "--namespace", namespace, "--output", "json"]);
        // It lists every state by itself (Helm 4); the filter is a regular expression.
        let out = self.runner.run(&call.args(["--filter", &format!("^{name}$")]))?;
        Ok(parse(&out.stdout)?.into_iter().next())
    }
}

fn parse(printed: &[u8]) -> Result<Vec<Installed>> {
    Ok(serde_json::from_slice(printed)?)
}

/// The program's path if it is there already, else its bare name.
pub fn planned_program(cx: &Context) -> PathBuf {
    cx.provision.look("helm").ok().flatten().map_or_else(|| PathBuf::from("helm"), |found| found.path)
}

/// The call that packs what `Chart.lock` names into the `charts` folder of a chart. Without a look at repositories: all that
/// charts here depend on lies beside them. Errors of the call: `Chart.lock` does not fit `Chart.yaml`.
pub fn dependency_build_call(program: &Path, chart: &Path) -> Invocation {
    Invocation::writes(program).args(["dependency", "build", "--skip-refresh"]).arg(chart)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::Interrupt;

    fn helm() -> Helm {
        let runner = Runner::new(Interrupt::default());
        Helm { program: "helm".into(), kubeconfig: "/k/config".into(), context: "k3d-shop".into(), home: "/s/helm".into(), runner }
    }

    #[test]
    fn an_upgrade_names_its_cluster_and_takes_overrides_through_stdin() {
        let values = [PathBuf::from("config/dev/monitoring.yaml")];
        let release = |overrides| Release {
            name: "monitoring-dev",
            chart: Path::new("charts/monitoring"),
            namespace: "monitoring",
            values: &values,
            overrides,
        };
        let line = |release| helm().upgrade_call(&release, Duration::from_secs(600)).unwrap().command_line();
        let begin = "helm --kubeconfig /k/config --kube-context k3d-shop upgrade --install monitoring-dev charts/monitoring \
                     --namespace monitoring --values config/dev/monitoring.yaml";
        assert_eq!(line(release(Value::Null)), format!("{begin} --wait --timeout 600s --output json"));
        let fed = line(release(serde_json::json!({"a": 1})));
        assert_eq!(fed, format!("{begin} --values - --wait --timeout 600s --output json < 7 bytes"));
    }

    #[test]
    fn a_list_is_understood() {
        // Helm 4.2.1.
        let printed = br#"[{"name":"monitoring-dev","namespace":"monitoring","revision":"2","updated":"2026-11-23 17:00:00 +0000 UTC",
            "status":"deployed","chart":"monitoring-1.0.0","app_version":"1.0.0"}]"#;
        let found = parse(printed).unwrap();
        assert_eq!((found[0].status.as_str(), found[0].chart.as_str(), found[0].revision.as_str()), ("deployed", "monitoring-1.0.0", "2"));
        assert!(parse(b"[]").unwrap().is_empty());
    }
}
