//! Where a missing tool or set would come from, without asking anybody: for `doctor`.

use std::path::PathBuf;

use super::lock_file::Platform;
use super::{Provision, cache, download, go_build};
use crate::error::Result;

/// The sources that the lock has for something, whether or not this machine can use them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// The mirror folder has all of it.
    pub mirrored: bool,
    /// The host of its release download, where the sha256 for this platform is recorded.
    pub host: Option<String>,
    /// A build, or for a set of files a Go module that holds them.
    pub build: Option<Build>,
}

/// What Go has to do, and which Go that takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Build {
    /// Measured on two cores with nothing built before; 0 where nothing is compiled.
    pub seconds: u64,
    pub go: [u32; 3],
}

impl Provision {
    /// Returns the first program of that name on PATH that is not in the cache.
    pub fn program(&self, name: &str) -> Option<PathBuf> {
        self.0.program(name)
    }

    /// Returns the sources of a tool. Errors: usage for an unknown name.
    pub fn sources(&self, tool: &str) -> Result<Sources> {
        let tool = self.0.lock.tool(tool)?;
        let here = Platform::here();
        let release = tool.release.as_ref().and_then(|r| Some((r, r.sum(here)?)));
        let host = release.map(|(r, _)| download::host(&r.url(&tool.version, here)).to_string());
        let build = go_build::modules(tool).map(|m| Build { seconds: tool.build_seconds, go: go_build::needed(m.go_mod) });
        Ok(Sources { mirrored: release.is_some_and(|(_, sum)| self.mirrors(sum.as_str())), host, build })
    }

    /// Returns the version of a set of files and its sources. Errors: usage for an unknown name.
    pub fn artifact_sources(&self, set: &str) -> Result<(&str, Sources)> {
        let set = self.0.lock.artifact(set)?;
        let missing = set.files.iter().zip(self.0.cache.artifact(set)).filter(|(_, target)| !cache::is_filled(target));
        let missing: Vec<_> = missing.map(|(file, _)| file).collect();
        let sources = Sources {
            mirrored: missing.iter().all(|file| self.mirrors(file.sha256.as_str())),
            host: missing.first().map(|file| download::host(&set.url(file)).to_string()),
            build: set.module.as_ref().map(|_| Build { seconds: 0, go: go_build::FOR_MODULES }),
        };
        Ok((&set.version, sources))
    }

    fn mirrors(&self, sum: &str) -> bool {
        self.0.mirror.as_ref().is_some_and(|mirror| mirror.join(sum).is_file())
    }
}
