//! Findings about what differs between two revisions: where they are.

use std::path::PathBuf;

use gitops::comparison::{Change, Delta, Deployed, Pair};

use crate::{Finding, Findings};

impl Findings {
    /// A finding about an object that differs.
    pub fn delta(&mut self, change: &Change<'_>, delta: &Delta<'_>, message: impl Into<String>) -> &mut Finding {
        let finding = self.about(change.pair(delta), message.into());
        finding.object = Some(delta.key.shown());
        if let Some(source) = source(delta) {
            (finding.path, finding.line) = (Some(source), None);
        }
        finding
    }

    /// A finding about an Application as a whole.
    pub fn pair(&mut self, pair: &Pair<'_>, message: impl Into<String>) -> &mut Finding {
        self.about(Some(pair), message.into())
    }

    /// What this rule cannot decide about an object.
    pub fn undecided(&mut self, delta: &Delta<'_>, reason: impl Into<String>) {
        self.unverified(Some(source(delta).unwrap_or_default()), Some(delta.key.shown()), reason);
    }

    fn about(&mut self, pair: Option<&Pair<'_>>, message: String) -> &mut Finding {
        let deployed: Option<&Deployed> = pair.and_then(Pair::deployed);
        let finding = self.say(message);
        if let Some(Deployed { application, .. }) = deployed {
            finding.at(&application.place.file, application.place.line, None);
            finding.application = Some(application.name().to_string());
            finding.environments = application.environment.iter().cloned().collect();
        }
        finding
    }
}

/// The template or file of an object.
fn source(delta: &Delta<'_>) -> Option<PathBuf> {
    delta.after.or(delta.before).map(|object| PathBuf::from(&object.source)).filter(|source| !source.as_os_str().is_empty())
}
