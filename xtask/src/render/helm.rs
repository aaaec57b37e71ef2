//! The calls of Helm for a chart, as Argo CD 3.5 makes them (util/helm/cmd.go), and what becomes of them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::bad_values;
use super::copy::Copy;
use super::files::{Files, Sum, feed, hex, sum_of};
use super::source::Chart;
use super::unstable::Suspicion;
use crate::error::{Error, Result};
use crate::proc::{Failure, Invocation, Runner};

/// Changes whenever what an entry of the cache holds changes its meaning.
const FORMAT: &str = "objects 2";

/// The two calls. Their arguments and inputs decide what they print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    Template,
    Lint,
}

/// The sums of everything that a call reads.
pub struct Inputs {
    pub chart: Sum,
    /// In the order of [`Chart::values`].
    pub values: Vec<Sum>,
    /// In the order of [`Chart::set_file`].
    pub set_file: Vec<Sum>,
}

impl Inputs {
    /// As the tree has them. `None`: one of them is not there.
    pub fn look(files: &Files, chart: &Chart, sum: Sum) -> Option<Self> {
        let values = chart.values.iter().map(|path| files.sum(path).ok()).collect::<Option<_>>()?;
        let set_file = chart.set_file.values().map(|path| files.sum(path).ok()).collect::<Option<_>>()?;
        Some(Inputs { chart: sum, values, set_file })
    }

    /// The key of the result in the cache. Paths and names of Applications are no part of it: the same content gives the same.
    pub fn key(&self, chart: &Chart, call: Call, helm: &str) -> String {
        let mut hasher = Sha256::new();
        feed(&mut hasher, FORMAT.as_bytes());
        feed(&mut hasher, helm.as_bytes());
        for arg in arguments(chart, call, Path::new("chart"), &|_| PathBuf::from("file")) {
            feed(&mut hasher, arg.as_bytes());
        }
        self.values.iter().chain(&self.set_file).for_each(|sum| feed(&mut hasher, sum));
        feed(&mut hasher, chart.inline.as_deref().unwrap_or_default().as_bytes());
        feed(&mut hasher, &self.chart);
        hex(&hasher.finalize().into())
    }
}

/// What a call is made with.
pub struct Machine<'a> {
    pub files: &'a Files,
    pub runner: &'a Runner,
    pub program: &'a dyn Fn() -> Result<PathBuf>,
    /// How long Helm may take.
    pub limit: Duration,
}

/// A chart in a copy, ready to be rendered.
pub struct Ready {
    pub inputs: Inputs,
    pub suspicion: Suspicion,
    inline: Option<PathBuf>,
}

impl Machine<'_> {
    /// Copies all that Helm will read. The inner error: it cannot be had offline, and why. `named_in`: where the files of values
    /// are named.
    pub fn prepare(&self, copy: &Copy, chart: &Chart, named_in: &str) -> Result<Result<Ready, String>> {
        let mut suspicion = Suspicion::default();
        let mut values = Vec::new();
        for path in &chart.values {
            let (sum, found) = copy.values(self.files, path, named_in)?;
            suspicion = suspicion.and(found);
            values.push(sum);
        }
        let set_file = chart.set_file.values().map(|path| copy.plain(self.files, path).map(|(sum, _)| sum)).collect::<Result<_>>()?;
        let inline = chart.inline.as_deref().map(|text| copy.inline(text)).transpose()?;
        suspicion = chart.inline.iter().fold(suspicion, |so_far, text| so_far.and(super::unstable::suspicion(text.as_bytes())));
        let copied = match copy.chart(self.files, &chart.path, self.program, self.runner)? {
            Ok(copied) => copied,
            Err(why) => return Ok(Err(why)),
        };
        let inputs = Inputs { chart: copied.sum, values, set_file };
        Ok(Ok(Ready { inputs, suspicion: suspicion.and(copied.suspicion), inline }))
    }

    /// Runs a call in the copy and returns what it printed. Errors: Helm's own words, with the files and lines of bad values.
    pub fn run(&self, copy: &Copy, chart: &Chart, ready: &Ready, call: Call) -> Result<String> {
        let program = (self.program)()?;
        let mut args = arguments(chart, call, &chart.path, &|path| path.to_path_buf());
        if let Some(inline) = &ready.inline {
            let at = args.iter().position(|arg| arg == INLINE).unwrap_or(args.len());
            args.splice(at..at + 1, [inline.display().to_string()]);
        }
        let invocation = apart(Invocation::reads(program).args(args), copy.dir()?).timeout(self.limit);
        let mut stdout = Vec::new();
        let result = self.runner.run_keeping(&invocation, &mut stdout);
        match result {
            Ok(()) => String::from_utf8(stdout).map_err(|_| Error::failed(format!("what {} renders is not UTF-8", chart.path.display()))),
            Err(failure) => Err(self.explain(chart, failure, &String::from_utf8_lossy(&stdout))),
        }
    }

    /// Puts the files and lines of bad values beside Helm's own words.
    fn explain(&self, chart: &Chart, failure: Failure, stdout: &str) -> Error {
        let printed = format!("{stdout}\n{}", failure.tail());
        let mut texts: Vec<(PathBuf, String)> = Vec::new();
        for path in &chart.values {
            texts.push((path.clone(), self.files.text(path).unwrap_or_default()));
        }
        if let Some(inline) = &chart.inline {
            texts.push((PathBuf::from("values of the source"), inline.clone()));
        }
        let found = bad_values::locate(&printed, &texts);
        if found.is_empty() {
            let said = stdout.lines().filter(|line| line.starts_with("[ERROR]") || line.starts_with("[WARNING]"));
            let names: Vec<String> = texts.iter().map(|(path, _)| path.display().to_string()).collect();
            let e = said.fold(Error::from(failure), |e, line| e.cause(line));
            return if names.is_empty() { e } else { e.cause(format!("its values, the later ones stronger: {}", names.join(", "))) };
        }
        found.into_iter().fold(Error::failed("its values are not what the chart allows"), Error::cause)
    }
}

/// Stands for the file of values that has no name yet.
const INLINE: &str = "<values of the source>";

/// `shown`: what is passed for a file of values.
fn arguments(chart: &Chart, call: Call, path: &Path, shown: &dyn Fn(&Path) -> PathBuf) -> Vec<String> {
    let path = if path.as_os_str().is_empty() { ".".to_string() } else { path.display().to_string() };
    let mut args: Vec<String> = match call {
        Call::Template => vec!["template".into(), path, "--name-template".into(), chart.release.clone()],
        Call::Lint => vec!["lint".into(), "--strict".into(), path],
    };
    let mut flag = |name: &str, value: String| args.extend([name.to_string(), value]);
    let named = [("--namespace", &chart.namespace), ("--kube-version", &chart.kube_version)];
    named.into_iter().filter(|(_, value)| !value.is_empty()).for_each(|(name, value)| flag(name, value.clone()));
    chart.set.iter().for_each(|(name, value)| flag("--set", format!("{name}={value}")));
    chart.set_string.iter().for_each(|(name, value)| flag("--set-string", format!("{name}={value}")));
    chart.set_file.iter().for_each(|(name, file)| flag("--set-file", format!("{name}={}", shown(file).display())));
    chart.values.iter().for_each(|file| flag("--values", shown(file).display().to_string()));
    if chart.inline.is_some() {
        flag("--values", INLINE.into());
    }
    if call == Call::Template {
        chart.api_versions.iter().for_each(|api| flag("--api-versions", api.clone()));
        let switches = [(!chart.skip_crds, "--include-crds"), (chart.skip_tests, "--skip-tests")];
        args.extend(switches.into_iter().filter(|(on, _)| *on).map(|(_, name)| name.to_string()));
    }
    if chart.skip_schema_validation {
        args.push("--skip-schema-validation".into());
    }
    args
}

/// The call as it could be typed, for a plan.
pub fn command_line(chart: &Chart) -> String {
    Invocation::reads("helm").args(arguments(chart, Call::Template, &chart.path, &|path| path.to_path_buf())).command_line()
}

/// In a copy, without what a contributor's own Helm is set up for.
pub fn apart(call: Invocation, dir: &Path) -> Invocation {
    let own = ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"];
    let foreign = ["HELM_DEBUG", "HELM_NAMESPACE", "HELM_PLUGINS", "HELM_KUBECONTEXT", "HELM_KUBEAPISERVER", "KUBECONFIG"];
    let call = own.iter().fold(call.cwd(dir), |call, name| call.env(name, dir.join(".helm")));
    foreign.iter().fold(call, |call, name| call.unset(name))
}

/// The key for what is read from plain files.
pub fn key_of_files(files: &Files, paths: &[PathBuf]) -> Result<String> {
    let mut hasher = Sha256::new();
    feed(&mut hasher, FORMAT.as_bytes());
    feed(&mut hasher, b"directory");
    for path in paths {
        // Their ends decide how they are read.
        feed(&mut hasher, &sum_of(path.as_os_str().as_encoded_bytes()));
        feed(&mut hasher, &files.sum(path)?);
    }
    Ok(hex(&hasher.finalize().into()))
}
