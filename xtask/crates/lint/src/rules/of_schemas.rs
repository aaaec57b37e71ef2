//! What schemas say, rule by rule.

use std::collections::BTreeSet;

use super::Findings;
use crate::index::Index;

/// Everything that belongs to one rule.
pub fn tell(index: &Index<'_>, rule: &str, out: &mut Findings) {
    for checked in &index.checked {
        for said in checked.said.iter().filter(|said| said.rule == rule) {
            let finding = out.on(index, &checked.object, &said.pointer, said.message.clone());
            finding.help(said.help.clone().unwrap_or_else(|| "write it as the API server takes it".to_string()));
        }
    }
}

/// The kinds that no schema is at hand for, each once.
pub fn unknown(index: &Index<'_>, out: &mut Findings) {
    let mut told = BTreeSet::new();
    for checked in &index.checked {
        let object = &checked.object;
        if let Some(unknown) = checked.unknown.as_ref().filter(|_| told.insert((object.group, object.version, object.kind))) {
            out.unsure(object, unknown.reason());
        }
    }
    if index.schemas.is_none() && index.scopes.iter().any(|scope| !scope.objects.is_empty()) {
        out.unverified(None, None, "the schemas of Kubernetes' kinds are not at hand");
    }
}
