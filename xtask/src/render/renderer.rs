//! One tree, rendered: what is in the cache is read there, everything else is made, each thing once in a run.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gitops::model::{Application, Object, Tree, Unverified};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::copy::{Copy, chart_sum};
use super::files::{Files, Memo, Sum, feed, hex};
use super::helm::{self, Call, Inputs, Machine, Ready};
use super::output::{self, Made};
use super::source::{self, Chart, Source};
use super::{Capabilities, Rendered, dependencies, directory, identity, kinds, unstable};
use crate::context::Context;
use crate::error::{Context as _, Error, Exit, Result};
use crate::provision::{Render, Renders};
use crate::tools::helm::dependency_build_call;

/// How long Helm may take for one chart, if the user does not say otherwise.
const LIMIT: Duration = Duration::from_secs(60);

/// Says which URLs mean the tree.
type Here = Box<dyn Fn(&str) -> bool + Send + Sync>;

pub struct Renderer<'a> {
    cx: &'a Context,
    files: Files,
    here: Here,
    store: Renders,
    today: Copy,
    another_day: Copy,
    charts: Memo<PathBuf, Result<Sum>>,
    made: Memo<String, Result<Arc<Render>>>,
    helm: Mutex<Option<PathBuf>>,
}

/// What a source became.
enum Part {
    Entry { entry: Arc<Render>, chart: Option<PathBuf> },
    Unverified(String),
}

impl<'a> Renderer<'a> {
    /// For a tree, in which `here` says of a URL whether it means this tree.
    pub fn new(cx: &'a Context, tree: &Tree, here: impl Fn(&str) -> bool + Send + Sync + 'static) -> Result<Self> {
        Ok(Renderer {
            cx,
            files: Files::new(&tree.root, &cx.runner)?,
            here: Box::new(here),
            store: cx.provision.renders()?,
            today: Copy::new(false),
            another_day: Copy::new(true),
            charts: Memo::new(),
            made: Memo::new(),
            helm: Mutex::default(),
        })
    }

    /// For the repository of the context, whatever its Applications call it.
    pub fn of_repository(cx: &'a Context) -> Result<Self> {
        let tree = Tree { root: cx.repo.root().to_path_buf(), urls: Vec::new() };
        Self::new(cx, &tree, |_| true)
    }

    /// Renders one Application. Errors: those that Argo CD would report instead of objects, with files and lines.
    pub fn application(&self, application: &Application, capabilities: &Capabilities) -> Result<Rendered> {
        self.objects(application, capabilities).map_err(|e| self.placed(application, e))
    }

    /// A text that is the same for two Applications only if their objects are. It is had without reading what the cache holds.
    #[expect(dead_code, reason = "the comparison of two trees skips what is equal")]
    pub fn digest(&self, application: &Application, capabilities: &Capabilities) -> Result<String> {
        let (parts, _) = self.parts(application, capabilities).map_err(|e| self.placed(application, e))?;
        let mut hasher = Sha256::new();
        feed(&mut hasher, application.namespace().as_bytes());
        for part in parts {
            match part {
                Part::Entry { entry, .. } => feed(&mut hasher, entry.sum.as_bytes()),
                Part::Unverified(why) => feed(&mut hasher, format!("unverified: {why}").as_bytes()),
            }
        }
        Ok(hex(&hasher.finalize().into()))
    }

    /// What the objects of an Application are made of, as keys of the cache; `None` if that cannot be told without rendering it.
    /// Nothing is rendered: two trees in which the keys are equal give equal objects.
    pub fn inputs(&self, application: &Application, capabilities: &Capabilities) -> Option<Vec<String>> {
        let mut keys = Vec::new();
        for source in source::read(&self.files, application, capabilities, &self.here).ok()? {
            keys.push(match source {
                Source::Nothing => continue,
                Source::Unverified(why) => why,
                Source::Directory(folder) => helm::key_of_files(&self.files, &directory::files(&self.files, &folder).ok()?.ok()?).ok()?,
                Source::Helm(chart) => {
                    let sum = self.charts.get(chart.path.clone(), || chart_sum(&self.files, &chart.path)).ok()?;
                    Inputs::look(&self.files, &chart, sum)?.key(&chart, Call::Template, self.store.helm())
                }
            });
        }
        Some(keys)
    }

    /// Runs `helm lint --strict` on the charts of an Application; folders of plain files have nothing to lint.
    pub fn lint(&self, application: &Application, capabilities: &Capabilities) -> Result<()> {
        for source in source::read(&self.files, application, capabilities, &self.here)? {
            if let Source::Helm(chart) = source {
                self.entry(&chart, Call::Lint, &named_in(application))?.map_err(Error::failed)?;
            }
        }
        Ok(())
    }

    /// The calls of Helm for an Application, as they could be typed.
    pub fn command_lines(&self, application: &Application, capabilities: &Capabilities) -> Result<Vec<String>> {
        let mut lines = Vec::new();
        for source in source::read(&self.files, application, capabilities, &self.here)? {
            if let Source::Helm(chart) = source {
                if dependencies::plan(&self.files, &chart.path)? == dependencies::Plan::Ask {
                    lines.push(dependency_build_call(Path::new("helm"), &chart.path).command_line());
                }
                lines.push(helm::command_line(&chart));
            }
        }
        Ok(lines)
    }

    /// Why nothing could be kept in the cache, if so.
    pub fn cache_problem(&self) -> Option<String> {
        self.store.problem()
    }

    fn placed(&self, application: &Application, e: Error) -> Error {
        match e.exit() {
            Exit::Prerequisite | Exit::Interrupted => e,
            _ => e.context(format!("could not render {}", application.name())),
        }
    }

    fn objects(&self, application: &Application, capabilities: &Capabilities) -> Result<Rendered> {
        let (parts, mut warnings) = self.parts(application, capabilities)?;
        let mut objects = Vec::new();
        let mut unverified = Vec::new();
        let mut say =
            |reason: String| unverified.push(Unverified { place: application.place.clone(), name: application.name().into(), reason });
        for part in parts {
            match part {
                Part::Unverified(why) => say(why),
                Part::Entry { entry, chart } => {
                    let (made, unstable, said) = taken_apart(&entry)?;
                    warnings.extend(said);
                    for i in unstable {
                        if let Some((from, object)) = made.get(i) {
                            let [kind, namespace, name, _] = identity(object);
                            say(format!(
                                "{kind} {namespace}/{name} is another one each time it is rendered ({})",
                                self.origin(chart.as_deref(), from)
                            ));
                        }
                    }
                    let origins = made.into_iter().map(|(from, value)| Object { source: self.origin(chart.as_deref(), &from), value });
                    objects.extend(origins);
                }
            }
        }
        let mut values: Vec<&mut Value> = objects.iter_mut().map(|object| &mut object.value).collect();
        let (keep, repeated) = kinds::normalize(&mut values, application.namespace());
        warnings.extend(repeated);
        let mut keep = keep.into_iter();
        objects.retain(|_| keep.next().unwrap_or(true));
        Ok(Rendered { application: application.name().to_string(), objects, unverified, warnings })
    }

    fn parts(&self, application: &Application, capabilities: &Capabilities) -> Result<(Vec<Part>, Vec<String>)> {
        let mut warnings = Vec::new();
        let mut parts = Vec::new();
        for source in source::read(&self.files, application, capabilities, &self.here)? {
            parts.push(match source {
                Source::Nothing => continue,
                Source::Unverified(why) => Part::Unverified(why),
                Source::Directory(folder) => match directory::files(&self.files, &folder)? {
                    Ok(paths) => Part::Entry { entry: self.plain(&paths)?, chart: None },
                    Err(why) => Part::Unverified(why),
                },
                Source::Helm(chart) => {
                    let made = self.entry(&chart, Call::Template, &named_in(application))?;
                    warnings.extend(chart.warnings);
                    match made {
                        Ok(entry) => Part::Entry { entry, chart: Some(chart.path) },
                        Err(why) => Part::Unverified(why),
                    }
                }
            });
        }
        Ok((parts, warnings))
    }

    /// The objects of plain files.
    fn plain(&self, paths: &[PathBuf]) -> Result<Arc<Render>> {
        let key = helm::key_of_files(&self.files, paths)?;
        let make = || {
            let read = || directory::objects(&self.files, paths).map(|made| self.store.write(&key, &body(&made, &[])));
            self.store.read(&key).map_or_else(read, Ok).map(Arc::new)
        };
        self.made.get(key.clone(), make)
    }

    /// What a call of Helm gives. The inner error: it cannot be had offline, and why.
    fn entry(&self, chart: &Chart, call: Call, named_in: &str) -> Result<Result<Arc<Render>, String>> {
        let sum = self.charts.get(chart.path.clone(), || chart_sum(&self.files, &chart.path))?;
        let known = Inputs::look(&self.files, chart, sum).map(|inputs| inputs.key(chart, call, self.store.helm()));
        if let Some(entry) = known.and_then(|key| self.store.read(&key)) {
            return Ok(Ok(Arc::new(entry)));
        }
        let program = || self.program();
        let machine = Machine { files: &self.files, runner: &self.cx.runner, program: &program, limit: self.cx.timeout_or(LIMIT) };
        let ready = match machine.prepare(&self.today, chart, named_in)? {
            Ok(ready) => ready,
            Err(why) => return Ok(Err(why)),
        };
        // Of the bytes in the copy: the tree may be another one by now.
        let key = ready.inputs.key(chart, call, self.store.helm());
        let make = || match self.store.read(&key) {
            Some(entry) => Ok(Arc::new(entry)),
            None => self.make(&machine, chart, &ready, call, named_in).map(|body| Arc::new(self.store.write(&key, &body))),
        };
        self.made.get(key.clone(), make).map(Ok)
    }

    fn make(&self, machine: &Machine<'_>, chart: &Chart, ready: &Ready, call: Call, named_in: &str) -> Result<String> {
        let printed = machine.run(&self.today, chart, ready, call)?;
        if call == Call::Lint {
            return Ok(body(&Default::default(), &[]));
        }
        let made = output::of_helm(&printed)?;
        if !ready.suspicion.any() {
            return Ok(body(&made, &[]));
        }
        let again = match ready.suspicion.time {
            false => machine.run(&self.today, chart, ready, call)?,
            true => match machine.prepare(&self.another_day, chart, named_in)? {
                Ok(ready) => machine.run(&self.another_day, chart, &ready, call)?,
                Err(why) => return Err(Error::failed(why)),
            },
        };
        let unstable = if again == printed { Vec::new() } else { unstable::differing(&made.0, &output::of_helm(&again)?.0) };
        Ok(body(&made, &unstable))
    }

    fn program(&self) -> Result<PathBuf> {
        let mut helm = self.helm.lock().unwrap_or_else(|e| e.into_inner());
        match &*helm {
            Some(path) => Ok(path.clone()),
            None => Ok(helm.insert(self.cx.provision.tool("helm")?).clone()),
        }
    }

    /// The file of the tree behind what Helm calls a source: `NAME/templates/a.yaml`, `NAME/charts/LIB/templates/a.yaml`.
    fn origin(&self, chart: Option<&Path>, from: &str) -> String {
        let Some(chart) = chart else { return from.to_string() };
        let below = from.split_once('/').map_or(from, |(_, below)| below);
        if let Some((name, rest)) = below.strip_prefix("charts/").and_then(|inner| inner.split_once('/')) {
            let all = dependencies::locals(&self.files, chart).unwrap_or_default();
            if let Some(found) = all.iter().find(|dependency| dependency.known_as() == name) {
                return self.origin(Some(&found.folder), &format!("{name}/{rest}"));
            }
        }
        chart.join(below).display().to_string()
    }
}

/// Where an Application, or the ApplicationSet that makes it, is written.
fn named_in(application: &Application) -> String {
    format!("{}:{}", application.place.file.display(), application.place.line)
}

/// The body of an entry: objects, warnings, and the places of those objects that are another one each time.
fn body((made, warnings): &(Vec<Made>, Vec<String>), unstable: &[usize]) -> String {
    let objects: Vec<String> = made.iter().map(|(from, value)| format!("[{},{value}]", Value::from(from.as_str()))).collect();
    let warnings = Value::from(warnings.as_slice());
    format!("{{\"objects\":[{}],\"unstable\":{unstable:?},\"warnings\":{warnings}}}", objects.join(","))
}

fn taken_apart(entry: &Render) -> Result<(Vec<Made>, Vec<usize>, Vec<String>)> {
    // Not `serde_json::from_str`: this way the parser of that crate is used as it was compiled there, optimised.
    let mut body = entry.body().parse::<Value>().context("an entry of the cache is not valid")?;
    let unstable = body["unstable"].as_array().into_iter().flatten().filter_map(|i| usize::try_from(i.as_u64()?).ok()).collect();
    let warnings = body["warnings"].as_array().into_iter().flatten().filter_map(|said| Some(said.as_str()?.to_string())).collect();
    let Value::Array(all) = body["objects"].take() else { return Err(Error::failed("an entry of the cache is not valid")) };
    let objects = all.into_iter().filter_map(|pair| match pair {
        Value::Array(pair) => {
            let mut pair = pair.into_iter();
            match (pair.next()?, pair.next()?) {
                (Value::String(from), value) => Some((from, value)),
                _ => None,
            }
        }
        _ => None,
    });
    Ok((objects.collect(), unstable, warnings))
}
