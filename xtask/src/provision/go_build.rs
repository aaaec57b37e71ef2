//! Tools built from pinned Go modules, where release hosts are out of reach or offer nothing.
//!
//! go.sum is the checksum: Go refuses any module whose bytes it does not name. The result is identified by what it was
//! made from (module files, flags, platform), never by asking it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::lock_file::{Platform, Tool};
use super::{Attempt, Inner, cache};
use crate::error::{Error, Result};
use crate::proc::{Failure, Invocation};
use crate::repo::files;
use crate::ui::{self, Task};

/// A slow machine with a slow line needs it; a hanging one must end some day.
const LONGEST: Duration = Duration::from_secs(2 * 3600);
/// The Go that fetches modules without building them.
pub(super) const FOR_MODULES: [u32; 3] = [1, 26, 0];
/// Below this a build is not worth an announcement.
const LONG: u64 = 20;

/// The files of xtask/tools/<family>/, embedded: a build does not depend on which repository it was asked from.
pub(super) struct Modules {
    pub family: &'static str,
    pub go_mod: &'static str,
    pub go_sum: &'static str,
    /// Our own program, where the family is only a library.
    pub main: Option<&'static str>,
}

macro_rules! families {
    ($($name:literal $($main:literal)?),* $(,)?) => {
        /// One folder each; a test compares.
        pub(super) static FAMILIES: &[Modules] = &[$(Modules {
            family: $name,
            go_mod: include_str!(concat!("../../tools/", $name, "/go.mod")),
            go_sum: include_str!(concat!("../../tools/", $name, "/go.sum")),
            main: families!(@main $name $($main)?),
        }),*];
    };
    (@main $name:literal) => { None };
    (@main $name:literal $main:literal) => { Some(include_str!(concat!("../../tools/", $name, "/", $main))) };
}
families!("argo-rollouts", "argocd", "etcd", "helm", "k3d", "kubernetes", "kwok", "prometheus", "redis" "main.go");

impl Inner {
    /// Where the build of a tool ends up; `None` when its family has no module files.
    pub(super) fn built(&self, tool: &Tool) -> Option<PathBuf> {
        let modules = modules(tool)?;
        let flags = ldflags(tool);
        let (go_mod, go_sum, main) = (modules.go_mod, modules.go_sum, modules.main.unwrap_or_default());
        let key = cache::key(&[&tool.version, go_mod, go_sum, main, &tool.package, &flags, Platform::here().os, Platform::here().arch]);
        Some(self.cache.tool(tool, &key))
    }

    /// Builds a tool into the cache.
    pub(super) fn build(&self, tool: &Tool, task: &Task) -> Result<Attempt<()>> {
        let (Some(modules), Some(target)) = (modules(tool), self.built(tool)) else {
            return Ok(Attempt::failed("tools.toml names no Go module for it"));
        };
        let dir = self.write_modules(modules)?;
        let go = match self.go(needed(modules.go_mod), &dir)? {
            Attempt::Got(go) => go,
            Attempt::Failed { why, hint } => return Ok(Attempt::Failed { why, hint }),
        };
        if self.program("git").is_none() {
            return Ok(Attempt::failed_with_hint("`git` is not installed", "install git, which Go fetches modules with"));
        }
        if tool.build_seconds > LONG {
            task.say(&format!("building from source, about {} once per machine", ui::roughly(tool.build_seconds)));
        }
        let unfinished = cache::unfinished(&target)?;
        cache::remove(&unfinished)?;
        let call = self.build_call(&go, tool, &dir, &unfinished);
        let mut seen = Seen::default();
        task.update("starting Go");
        let built = self.runner.run_with_stderr_lines(&call, &mut |line| {
            if seen.line(line) {
                task.update(seen.to_string());
            }
        });
        match built {
            Ok(()) => cache::publish(&unfinished, &target, 0o755).map(Attempt::Got),
            Err(failure) => {
                cache::remove(&unfinished)?;
                failed(failure)
            }
        }
    }

    /// The call that builds `tool` with the module files in `dir`.
    pub(super) fn build_call(&self, go: &Path, tool: &Tool, dir: &Path, output: &Path) -> Invocation {
        // Explicit, so that a GOFLAGS of the machine cannot loosen it: go.sum is read, never added to; and the build does not
        // look for a version control system around the cache folder. Neither changes what Go keeps in its build cache.
        self.go_call(go)
            .args(["build".as_ref(), "-C".as_ref(), dir.as_os_str()])
            .args(["-trimpath", "-v", "-mod=readonly", "-buildvcs=false", "-ldflags", &ldflags(tool), "-o"])
            .arg(output)
            .arg(&tool.package)
            .timeout(LONGEST)
    }

    /// Downloads a Go module and returns its folder in Go's own module cache, which checked it against go.sum's database.
    pub(super) fn module_folder(&self, module: &str, version: &str, task: &Task) -> Result<Attempt<PathBuf>> {
        // A module of its own: Go looks for one in all folders above, and a foreign one would have its say.
        let dir = self.cache.module_dir("none");
        let go_mod = format!("module c4ang.io/tools/none\n\ngo {}\n", dotted(FOR_MODULES));
        files::write_if_changed(&dir.join("go.mod"), go_mod.as_bytes(), 0o644)?;
        let go = match self.go(FOR_MODULES, &dir)? {
            Attempt::Got(go) => go,
            Attempt::Failed { why, hint } => return Ok(Attempt::Failed { why, hint }),
        };
        let module = format!("{module}@v{version}");
        task.update(format!("downloading the Go module {module}"));
        let call = self.go_call(&go).args(["mod", "download", "-json", &module]).cwd(&dir).timeout(LONGEST);
        let mut answer = String::new();
        let run = self.runner.follow(&call, &mut |line| {
            answer.push_str(line);
            true
        });
        // Also a failure is told in the answer, and only there.
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap_or_default();
        match (run, answer.get("Dir").and_then(|d| d.as_str()), answer.get("Error").and_then(|e| e.as_str())) {
            (Ok(()), Some(dir), _) => Ok(Attempt::Got(PathBuf::from(dir))),
            (Err(Failure::Interrupted), ..) => Err(Error::interrupted()),
            (_, _, Some(error)) => Ok(Attempt::failed(error.trim())),
            (Err(failure), ..) => failed(failure),
            (Ok(()), None, None) => Ok(Attempt::failed(format!("`{}` names no folder", call.command_line()))),
        }
    }

    /// The Go program, if it is there and new enough for a module in `dir` (where Go may choose a newer toolchain itself).
    fn go(&self, needed: [u32; 3], dir: &Path) -> Result<Attempt<PathBuf>> {
        let text = dotted(needed);
        let hint = format!("install Go {text} or newer (https://go.dev/dl), then run the same command again");
        let Some(go) = self.program("go") else {
            return Ok(Attempt::failed_with_hint("`go` is not installed", hint));
        };
        let call = self.go_call(&go).arg("version").cwd(dir).timeout(Duration::from_secs(300));
        let printed = match self.runner.run(&call) {
            Ok(output) => output.text(),
            Err(Failure::Interrupted) => return Err(Error::interrupted()),
            Err(failure) => return Ok(Attempt::failed_with_hint(Error::from(failure).what(), hint)),
        };
        match parse_go_version(&printed) {
            Some(version) if version < needed => {
                let have = dotted(version);
                Ok(Attempt::failed_with_hint(format!("{} is Go {have}, and {text} is needed", go.display()), hint))
            }
            // A Go of somebody's own making says something else; it will complain itself if it is too old.
            _ => Ok(Attempt::Got(go)),
        }
    }

    /// A call of Go with the machine's own settings (proxy, toolchain, GOFLAGS), for this machine, without C and workspaces.
    fn go_call(&self, go: &Path) -> Invocation {
        let call = Invocation::writes(go)
            .env("CGO_ENABLED", "0")
            .env("GOWORK", "off")
            .env("GOOS", Platform::here().os)
            .env("GOARCH", Platform::here().arch);
        self.path.as_ref().map_or(call.clone(), |path| call.env("PATH", path))
    }

    /// Where the module files of a family are written for Go.
    pub(super) fn modules_dir(&self, modules: &Modules) -> PathBuf {
        let key = cache::key(&[modules.go_mod, modules.go_sum, modules.main.unwrap_or_default()]);
        self.cache.module_dir(&format!("{}-{key}", modules.family))
    }

    /// The build of a tool as a plan shows it; `None` when its family has no module files.
    pub(super) fn planned_build(&self, tool: &Tool) -> Option<Invocation> {
        let dir = self.modules_dir(modules(tool)?);
        Some(self.build_call(Path::new("go"), tool, &dir, &self.built(tool)?))
    }

    fn write_modules(&self, modules: &Modules) -> Result<PathBuf> {
        let dir = self.modules_dir(modules);
        files::write_if_changed(&dir.join("go.mod"), modules.go_mod.as_bytes(), 0o644)?;
        files::write_if_changed(&dir.join("go.sum"), modules.go_sum.as_bytes(), 0o644)?;
        if let Some(main) = modules.main {
            files::write_if_changed(&dir.join("main.go"), main.as_bytes(), 0o644)?;
        }
        Ok(dir)
    }
}

pub(super) fn modules(tool: &Tool) -> Option<&'static Modules> {
    FAMILIES.iter().find(|m| Some(m.family) == tool.family.as_deref())
}

fn ldflags(tool: &Tool) -> String {
    tool.ldflags.iter().fold("-s -w".to_string(), |flags, flag| format!("{flags} -X {flag}"))
}

fn failed<T>(failure: Failure) -> Result<Attempt<T>> {
    let printed = failure.tail().to_string();
    match Error::from(failure).hint_if_full_disk(&printed) {
        e if e.exit() == crate::error::Exit::Interrupted || !e.hints().is_empty() => Err(e),
        e => Ok(Attempt::failed(e.what())),
    }
}

/// What `go build -v` has said so far.
#[derive(Default)]
struct Seen {
    modules: usize,
    packages: usize,
}

impl Seen {
    /// Counts a line; `false` when it is of no interest.
    fn line(&mut self, line: &str) -> bool {
        if line.starts_with("go: downloading ") {
            self.modules += 1;
        } else if !line.is_empty() && !line.starts_with('#') && !line.contains([' ', '\t']) {
            self.packages += 1;
        } else {
            return false;
        }
        true
    }
}

impl std::fmt::Display for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.modules, self.packages) {
            (modules, 0) => write!(f, "{} downloaded", ui::count(modules, "module")),
            (_, packages) => write!(f, "{} built", ui::count(packages, "package")),
        }
    }
}

/// `1.26.3`.
pub fn dotted(version: [u32; 3]) -> String {
    version.map(|n| n.to_string()).join(".")
}

/// The version in the `go` line of a go.mod.
pub(super) fn needed(go_mod: &str) -> [u32; 3] {
    let line = go_mod.lines().find_map(|line| line.strip_prefix("go "));
    line.and_then(parse_numbers).unwrap_or_default()
}

/// Parses `go version go1.26.8 linux/amd64`; `None` for a development version.
pub fn parse_go_version(printed: &str) -> Option<[u32; 3]> {
    let word = printed.split_whitespace().find_map(|word| word.strip_prefix("go1."))?;
    parse_numbers(&format!("1.{word}"))
}

/// Parses `1.26.8`, `1.26` and `1.27rc1` (which counts as 1.27).
fn parse_numbers(text: &str) -> Option<[u32; 3]> {
    let mut numbers = text.trim().splitn(3, '.').map(|part| {
        let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        part.get(..end).and_then(|digits| digits.parse().ok())
    });
    Some([numbers.next()??, numbers.next()??, numbers.next().flatten().unwrap_or(0)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_versions_are_numbers() {
        assert_eq!(parse_go_version("go version go1.26.8 linux/amd64"), Some([1, 26, 8]));
        assert_eq!(parse_go_version("go version go1.27rc1 linux/amd64"), Some([1, 27, 0]));
        assert_eq!(parse_go_version("go version devel +abc linux/amd64"), None);
        assert_eq!(needed("module x\n\ngo 1.26.3\n"), [1, 26, 3]);
        assert!([1, 26, 10] > [1, 26, 8]);
    }

    #[test]
    fn packages_are_counted_and_errors_are_not() {
        let mut seen = Seen::default();
        assert!(seen.line("go: downloading k8s.io/api v0.36.4"));
        assert_eq!(seen.to_string(), "1 module downloaded");
        assert!(seen.line("k8s.io/api/core/v1") && seen.line("k8s.io/klog/v2"));
        assert!(!seen.line("# k8s.io/api/core/v1") && !seen.line("./main.go:7:2: undefined: x"));
        assert_eq!(seen.to_string(), "2 packages built");
    }
}
