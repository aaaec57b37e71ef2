//! Does the API server publish the schema of every kind that is defined in it?
//!
//! After a start of the API server (Kubernetes 1.36) the definitions of other projects come into its OpenAPI document one after
//! the other, for seconds. Argo CD's application controller (3.5.3) reads that document once, when it syncs its cache, and
//! cannot compare a kind that was missing then ("unable to resolve parseableType") until it reads it anew.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::error::Result;
use crate::proc::Runner;

use super::Schemas;

/// How long one of the calls may take: the document has megabytes, and is made when it is asked for.
const CALL: Duration = Duration::from_secs(20);
/// How often it is asked.
const AGAIN: Duration = Duration::from_millis(500);

impl Schemas {
    /// Waits until every schema is published, `limit` at most; whether that came. Errors: interrupted.
    pub fn wait(&self, runner: &Runner, limit: Duration) -> Result<bool> {
        let end = Instant::now() + limit;
        while !self.are_published(runner) {
            if Instant::now() > end {
                return Ok(false);
            }
            runner.interrupt().sleep(AGAIN)?;
        }
        Ok(true)
    }

    fn are_published(&self, runner: &Runner) -> bool {
        let ask = |call: &super::ProcessSpec| runner.run(&call.invocation().timeout(CALL)).map(|out| out.text());
        let (Ok(definitions), Ok(document)) = (ask(&self.definitions), ask(&self.document)) else { return false };
        all_in(&definitions, &document)
    }
}

/// Every path of the document ends with the plural name of what it serves, but for those that go on with an object's name.
fn all_in(definitions: &str, document: &str) -> bool {
    let paths = document.split("\"/apis/").skip(1).filter_map(|rest| rest.split_once('"'));
    let served: BTreeSet<(&str, &str)> = paths.filter_map(|(path, _)| Some((path.split_once('/')?.0, path.rsplit_once('/')?.1))).collect();
    let names = definitions.lines().filter_map(|line| line.split_whitespace().next());
    names.filter_map(|name| name.split_once('.')).all(|(plural, group)| served.contains(&(group, plural)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"{"paths":{"/apis/argoproj.io/v1alpha1/namespaces/{namespace}/rollouts":{},
        "/apis/argoproj.io/v1alpha1/namespaces/{namespace}/rollouts/{name}":{},"/apis/kafka.strimzi.io/v1/kafkas":{}}}"#;

    #[test]
    fn a_kind_without_a_path_is_not_published() {
        assert!(all_in("", DOCUMENT));
        assert!(all_in("rollouts.argoproj.io   2026-11-24T00:00:00Z\nkafkas.kafka.strimzi.io   2026-11-24T00:00:00Z\n", DOCUMENT));
        assert!(!all_in("rollouts.argoproj.io   x\nexperiments.argoproj.io   x\n", DOCUMENT));
        assert!(!all_in("rollouts.example.org   x\n", DOCUMENT), "another group's kind of the same name");
    }
}
