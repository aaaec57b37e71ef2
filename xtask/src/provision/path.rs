//! Programs on PATH: where they are, and which version they say they are.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::lock_file::{PathVersion, Tool};
use super::{Attempt, Found, Inner, Origin, cache};
use crate::error::{Error, Result};
use crate::proc::{Failure, Invocation};

impl Inner {
    /// The program that a shell would run for `tool`, if it is of exactly the locked version.
    pub(super) fn on_path(&self, tool: &Tool) -> Result<Attempt<Found>> {
        let Some(how) = &tool.path_version else {
            return Ok(Attempt::failed("not asked, as tools.toml has no path_version for it"));
        };
        if let Some(found) = self.path_hits().get(&tool.name) {
            return Ok(Attempt::Got(found.clone()));
        }
        let Some(program) = self.program(&tool.name) else {
            return Ok(Attempt::failed(format!("there is no `{}`", tool.name)));
        };
        let call = Invocation::reads(&program).args(&how.args).timeout(Duration::from_secs(10));
        let printed = match self.runner.run(&call) {
            Ok(output) => output.text(),
            Err(Failure::Interrupted) => return Err(Error::interrupted()),
            Err(failure) => return Ok(Attempt::failed(Error::from(failure).what())),
        };
        let shown = program.display();
        match parse_version(&printed, how) {
            Some(version) if version == tool.version => {
                let found = Found { path: program, version: version.to_string(), origin: Origin::Path };
                self.path_hits().insert(tool.name.clone(), found.clone());
                Ok(Attempt::Got(found))
            }
            Some(version) => Ok(Attempt::failed(format!("{shown} is {version}, not {}", tool.version))),
            None => Ok(Attempt::failed(format!("{shown} does not say its version"))),
        }
    }

    /// The first program of that name on PATH that is not our own cache's.
    pub(super) fn program(&self, name: &str) -> Option<PathBuf> {
        let own = self.cache.root.canonicalize().unwrap_or_else(|_| self.cache.root.clone());
        find(self.path.as_deref()?, name, &own)
    }
}

/// A relative entry of PATH would mean another program in every folder, so it is left out.
fn find(path: &OsStr, name: &str, but_not_below: &Path) -> Option<PathBuf> {
    let candidates = std::env::split_paths(path).filter(|dir| dir.is_absolute()).map(|dir| dir.join(name));
    let foreign = |p: &PathBuf| p.canonicalize().is_ok_and(|real| !real.starts_with(but_not_below));
    candidates.filter(|p| cache::is_program(p)).find(foreign)
}

/// Returns the version that stands right after the known text: letters, digits, `.` and `-`.
/// Build metadata (`+…`) is not part of it.
fn parse_version<'a>(printed: &'a str, how: &PathVersion) -> Option<&'a str> {
    let (_, rest) = printed.split_once(&how.after)?;
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '-').unwrap_or(rest.len());
    rest.get(..end).filter(|version| !version.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provision::lock_file::Lock;

    /// Recorded from the pinned programs; a release of argocd has a commit instead of `unknown`. That of istioctl is put
    /// together from its source (`BuildInfo` in pkg/version, printed by `json.MarshalIndent`).
    #[test]
    fn what_the_programs_print_is_understood() {
        let lock = Lock::parse(crate::provision::LOCK).unwrap();
        let recorded = [
            ("kubectl", "{\n  \"clientVersion\": {\n    \"major\": \"1\",\n    \"minor\": \"36\",\n    \"gitVersion\": \"v1.36.4\",\n"),
            ("helm", "v4.2.1"),
            ("etcd", "etcd Version: 3.6.14\nGit SHA: Not provided (use ./build instead of go build)\nGo Version: go1.26.8\n"),
            ("kwok", "kwok version v0.8.0 go1.26.8 (linux/amd64)"),
            ("kwokctl", "kwokctl version v0.8.0 go1.26.8 (linux/amd64)"),
            ("argocd", "argocd: v3.5.3+unknown\n"),
            (
                "istioctl",
                "{\n  \"clientVersion\": {\n    \"version\": \"1.31.1\",\n    \"revision\": \"0123abc\",\n    \"golang_version\": \"go1.26.8\",\n",
            ),
            ("promtool", "promtool, version 3.13.0 (branch: , revision: unknown)\n  build user:       \n"),
            ("k3d", "k3d version v5.9.0\nk3s version v1.32.5-k3s1 (default)\n"),
        ];
        for (name, printed) in recorded {
            let how = lock.tool(name).unwrap().path_version.clone().unwrap();
            let version = parse_version(printed, &how).unwrap();
            assert!(version.split('.').count() == 3 && version.split('.').all(|n| n.parse::<u32>().is_ok()), "{name}: {version}");
        }
        let asked = lock.tools.iter().filter(|t| t.path_version.is_some()).count();
        assert_eq!(asked, recorded.len(), "record what each tool with a path_version prints");
    }

    #[test]
    fn a_pre_release_is_another_version() {
        let how = PathVersion { args: vec![], after: "v".into() };
        assert_eq!(parse_version("v4.2.1-rc.1+g1a2b3c", &how), Some("4.2.1-rc.1"));
        assert_eq!(parse_version("nothing", &how), None);
    }
}
