//! Findings about a rendered object: where they are, and whose.

use std::path::Path;

use gitops::model::{Expansion, Kind};

use crate::index::configuration::Reference;
use crate::index::mentions::Mention;
use crate::index::{Deployed, Index, Obj, Scope, Site};
use crate::{Finding, Findings};

impl Findings {
    /// A finding about a field of an object.
    pub fn on(&mut self, index: &Index<'_>, object: &Obj<'_>, pointer: &str, message: impl Into<String>) -> &mut Finding {
        let site = index.site(object, pointer);
        let finding = self.say(message);
        finding.at(site.path, site.line, site.column);
        finding.object = Some(object.shown());
        finding.application = Some(object.application().to_string());
        finding.environments = object.deployed.application.environment.iter().cloned().collect();
        finding
    }

    /// A finding about a field of an Application.
    pub fn on_application(&mut self, index: &Index<'_>, deployed: &Deployed, pointer: &str, message: impl Into<String>) -> &mut Finding {
        let site = index.site_of(deployed, pointer);
        let finding = self.say(message);
        finding.at(site.path, site.line, site.column);
        finding.object = Some(format!("Application {}", deployed.application.name()));
        finding.application = Some(deployed.application.name().to_string());
        finding.environments = deployed.application.environment.iter().cloned().collect();
        finding
    }

    /// A finding about an ApplicationSet or Application that Argo CD refuses, at a field of its document.
    pub fn on_refused(&mut self, index: &Index<'_>, expansion: &Expansion, pointer: &str, message: impl Into<String>) -> &mut Finding {
        let site = index.site_of_document(&expansion.place, pointer);
        let kind = if expansion.kind == Kind::ApplicationSet { "ApplicationSet" } else { "Application" };
        let finding = self.say(message);
        finding.at(site.path, site.line, site.column).object(format!("{kind} {}", expansion.name));
        finding
    }

    /// What the rule at hand cannot decide about an Application.
    pub fn unsure_of(&mut self, deployed: &Deployed, reason: impl Into<String>) {
        let object = Some(format!("Application {}", deployed.application.name()));
        self.unverified(Some(deployed.application.place.file.clone()), object, reason);
    }

    /// A finding about a host in a text of an object.
    pub fn on_mention(&mut self, index: &Index<'_>, mention: &Mention<'_>, message: impl Into<String>) -> &mut Finding {
        let finding = self.on(index, &mention.object, &mention.pointer, message);
        if mention.line > 0 {
            // A text of several lines begins behind its key.
            finding.line = finding.line.map(|line| line + mention.line + 1);
            finding.column = None;
        }
        finding
    }

    /// A finding about a name in an object that nothing else has.
    pub fn on_reference(&mut self, index: &Index<'_>, reference: &Reference<'_>, message: impl Into<String>) -> &mut Finding {
        self.on(index, &reference.object, &reference.pointer, message)
    }

    /// What the rule at hand cannot decide about an object.
    pub fn unsure(&mut self, object: &Obj<'_>, reason: impl Into<String>) {
        self.unverified(Some(object.source.into()), Some(object.shown()), reason);
    }
}

impl Finding {
    /// The other end of a reference.
    pub fn related_to(&mut self, index: &Index<'_>, object: &Obj<'_>, pointer: &str, message: impl Into<String>) -> &mut Self {
        let Site { path, line, column } = index.site(object, pointer);
        self.related(path, line, column, message)
    }

    /// More that refer to the same: each place once, and not that of the finding itself.
    pub fn and_others(&mut self, index: &Index<'_>, others: &[&Reference<'_>]) -> &mut Self {
        for reference in others {
            let site = index.site(&reference.object, &reference.pointer);
            if Some(Path::new(&site.path)) != self.path.as_deref() || Some(site.line) != self.line {
                self.related(site.path, site.line, site.column, format!("{} as well", reference.object));
            }
        }
        self
    }
}

/// `; did you mean …?` with the name that is nearest, or nothing.
pub fn meant<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    crate::text::nearest(name, known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}

/// `80`, `80 and 443`, `80, 443 and 9090`.
pub fn listed<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    let mut all: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    let last = all.pop().unwrap_or_default();
    if all.is_empty() { last } else { format!("{} and {last}", all.join(", ")) }
}

/// Every scope with the things that `of` gives for it.
pub fn each<'i, 'a, T: 'i>(index: &'i Index<'a>, of: impl Fn(&'i Scope<'a>) -> &'i [T]) -> impl Iterator<Item = (&'i Scope<'a>, &'i T)> {
    index.scopes.iter().flat_map(move |scope| of(scope).iter().map(move |item| (scope, item)))
}

/// Is it no workload but something that belongs to one of the same name?
pub fn is_part(object: &Obj<'_>) -> bool {
    crate::index::workloads::of(object).is_empty()
}
