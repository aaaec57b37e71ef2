//! The copy of charts and values that Helm works on, so that nothing is ever written into the tree, with the charts that they
//! take from beside them packed as `helm dependency build` would pack them, but without starting it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::dependencies::{self, Dependency, Plan};
use super::files::{Files, Memo, Sum, feed, normal, sum_of};
use super::unstable::{Suspicion, another_day, suspicion};
use crate::error::{Context as _, Error, Result};
use crate::proc::Runner;
use crate::repo::yaml;
use crate::tools::helm::dependency_build_call;

/// What is known about a chart once it lies in the copy.
#[derive(Clone, Copy, Debug)]
pub struct Copied {
    /// Of everything that Helm reads of it.
    pub sum: Sum,
    pub suspicion: Suspicion,
}

/// Files of the tree at the same paths in a folder of this run.
pub struct Copy {
    dir: OnceLock<Result<TempDir>>,
    /// Is it the one with another day?
    another_day: bool,
    charts: Memo<PathBuf, Result<Result<Copied, String>>>,
    files: Memo<PathBuf, Result<(Sum, Suspicion)>>,
}

impl Copy {
    pub fn new(another_day: bool) -> Self {
        Copy { dir: OnceLock::new(), another_day, charts: Memo::new(), files: Memo::new() }
    }

    pub fn dir(&self) -> Result<&Path> {
        let made = self.dir.get_or_init(|| tempfile::tempdir().context("could not make a folder for copies of charts"));
        made.as_ref().map(TempDir::path).map_err(Clone::clone)
    }

    /// A file of values. Errors: it is missing, no text, or no valid YAML; a key that is written twice is named with its line,
    /// because Helm would take the last one without a word.
    pub fn values(&self, files: &Files, path: &Path, named_in: &str) -> Result<(Sum, Suspicion)> {
        if !files.is_file(path) {
            return Err(Error::failed(format!("there is no {}, which {named_in} names", path.display())));
        }
        self.files.get(path.to_path_buf(), || {
            check(path, &files.text(path)?)?;
            self.file(files, path)
        })
    }

    /// A file that is handed on as it is.
    pub fn plain(&self, files: &Files, path: &Path) -> Result<(Sum, Suspicion)> {
        self.files.get(path.to_path_buf(), || self.file(files, path))
    }

    fn file(&self, files: &Files, path: &Path) -> Result<(Sum, Suspicion)> {
        let bytes = files.read(path)?;
        let text = if self.another_day { another_day(&bytes) } else { bytes.as_slice().into() };
        write(&self.dir()?.join(path), &text)?;
        Ok((sum_of(&bytes), suspicion(&bytes)))
    }

    /// A text that stands in no file; returns its path in the copy.
    pub fn inline(&self, text: &str) -> Result<PathBuf> {
        let name = super::files::hex(&sum_of(text.as_bytes()));
        let path = Path::new(".inline").join(name).with_extension("yaml");
        let write_it = || {
            let text = if self.another_day { another_day(text.as_bytes()) } else { text.as_bytes().into() };
            write(&self.dir()?.join(&path), &text).map(|()| (sum_of(&text), Suspicion::default()))
        };
        self.files.get(path.clone(), write_it)?;
        Ok(path)
    }

    /// A chart with all that it depends on. The inner error: it cannot be had offline, and why.
    pub fn chart(&self, files: &Files, path: &Path, helm: &dyn Fn() -> Result<PathBuf>, runner: &Runner) -> Result<Result<Copied, String>> {
        self.charts.get(path.to_path_buf(), || self.make(files, path, helm, runner))
    }

    fn make(&self, files: &Files, path: &Path, helm: &dyn Fn() -> Result<PathBuf>, runner: &Runner) -> Result<Result<Copied, String>> {
        let plan = dependencies::plan(files, path)?;
        if let Plan::Impossible(why) = plan {
            return Ok(Err(why));
        }
        let mut copied = self.folder(files, path)?;
        let mut hasher = Sha256::new();
        feed(&mut hasher, &copied.sum);
        for dependency in dependencies::locals(files, path)? {
            let taken = match plan {
                Plan::Pack => self.pack(files, path, &dependency)?,
                _ => self.folder(files, &dependency.folder)?,
            };
            feed(&mut hasher, dependency.name.as_bytes());
            feed(&mut hasher, &taken.sum);
            copied.suspicion = copied.suspicion.and(taken.suspicion);
        }
        if plan == Plan::Ask {
            // Helm's own words when versions or Chart.lock do not fit.
            let call = dependency_build_call(&helm()?, path);
            runner.run(&super::helm::apart(call, self.dir()?))?;
        }
        Ok(Ok(Copied { sum: hasher.finalize().into(), suspicion: copied.suspicion }))
    }

    /// Copies a folder. The sum is that of [`Files::folder`] for the same bytes.
    fn folder(&self, files: &Files, path: &Path) -> Result<Copied> {
        let to = self.dir()?.join(path);
        std::fs::create_dir_all(&to)?;
        self.each(files, path, |name, bytes| write(&to.join(name), bytes))
    }

    /// Packs a chart into the `charts` folder of another one, as `chartutil.Save` does; stored, because nobody keeps it.
    fn pack(&self, files: &Files, chart: &Path, dependency: &Dependency) -> Result<Copied> {
        let target = self.dir()?.join(chart).join("charts").join(format!("{}-{}.tgz", dependency.name, dependency.version));
        let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::none()));
        let copied = self.each(files, &dependency.folder, |name, bytes| {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            Ok(archive.append_data(&mut header, Path::new(&dependency.name).join(name), bytes)?)
        })?;
        write(&target, &archive.into_inner()?.finish()?)?;
        Ok(copied)
    }

    fn each(&self, files: &Files, path: &Path, mut take: impl FnMut(&Path, &[u8]) -> Result<()>) -> Result<Copied> {
        let folder = files.folder(path)?;
        let mut hasher = Sha256::new();
        let mut suspected = Suspicion::default();
        for name in &folder.files {
            let bytes = files.read(&path.join(name))?;
            if name.parent() == Some(Path::new("")) && (name.as_os_str() == "values.yaml" || name.as_os_str() == "Chart.yaml") {
                check(&path.join(name), &files.text(&path.join(name))?)?;
            }
            feed(&mut hasher, name.as_os_str().as_encoded_bytes());
            feed(&mut hasher, &sum_of(&bytes));
            suspected = suspected.and(match name.extension().is_some_and(|e| e == "tgz") {
                true => suspicion(&unpacked(&bytes)),
                false => suspicion(&bytes),
            });
            let text = if self.another_day { another_day(&bytes) } else { bytes.as_slice().into() };
            take(name, &text)?;
        }
        Ok(Copied { sum: hasher.finalize().into(), suspicion: suspected })
    }
}

/// The sum that [`Copy::chart`] gives for the chart as it lies in the tree.
pub fn chart_sum(files: &Files, path: &Path) -> Result<Sum> {
    let mut hasher = Sha256::new();
    feed(&mut hasher, &files.folder(path)?.sum);
    for dependency in dependencies::locals(files, path)? {
        feed(&mut hasher, dependency.name.as_bytes());
        feed(&mut hasher, &files.folder(&dependency.folder)?.sum);
    }
    Ok(hasher.finalize().into())
}

/// The bytes of an archive, one file behind the other; nothing if it is none.
fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut decoder = flate2::write::GzDecoder::new(Vec::new());
    // Helm says what is wrong with it.
    let _ = decoder.write_all(bytes);
    decoder.finish().unwrap_or_default()
}

fn check(path: &Path, text: &str) -> Result<()> {
    yaml::parse_all(text).map(drop).map_err(|e| Error::failed(format!("{} is not valid", path.display())).cause(e.one_line()))
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
    std::fs::write(path, bytes).with_context(|| format!("could not write {}", path.display()))
}

/// The chart's own description, if it can be read.
pub fn about(files: &Files, chart: &Path) -> Value {
    files.text(&chart.join("Chart.yaml")).and_then(|text| yaml::parse(&text)).unwrap_or_default()
}

/// The folder that a `file://` address means. `None`: it is not in the tree.
pub fn local(chart: &Path, address: &str) -> Option<PathBuf> {
    let path = address.strip_prefix("file://")?;
    if path.starts_with('/') { None } else { normal(&chart.join(path)) }
}
