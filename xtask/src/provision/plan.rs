//! What provisioning would run, for `--plan`: the first source that the lock has for each missing thing.

use std::path::Path;

use super::lock_file::Platform;
use super::{Provision, cache};
use crate::error::Result;
use crate::proc::Invocation;

impl Provision {
    /// The calls that would bring what is missing of `names`. A download that fails is followed by a build; that is not known
    /// beforehand and not shown. Errors: usage for a name that is not in the lock.
    pub fn plan(&self, names: &[&str]) -> Result<Vec<Invocation>> {
        let mut calls = Vec::new();
        for name in names {
            if self.look(name)?.is_some() {
                continue;
            }
            let tool = self.0.lock.tool(name)?;
            calls.extend(match tool.recorded(Platform::here()) {
                Some((release, sum)) => {
                    let url = release.url(&tool.version, Platform::here());
                    Some(self.0.curl_call(Path::new("curl"), &url, &self.0.cache.part(sum)))
                }
                None => self.0.planned_build(tool),
            });
        }
        Ok(calls)
    }

    /// The calls that would bring what is missing of the artifact sets `names`. Errors: usage for an unknown name.
    pub fn plan_artifacts(&self, names: &[&str]) -> Result<Vec<Invocation>> {
        let mut calls = Vec::new();
        for name in names {
            let set = self.0.lock.artifact(name)?;
            let missing = set.files.iter().zip(self.0.cache.artifact(set)).filter(|(_, target)| !cache::is_filled(target));
            calls.extend(missing.map(|(file, _)| self.0.curl_call(Path::new("curl"), &set.url(file), &self.0.cache.part(&file.sha256))));
        }
        Ok(calls)
    }
}
