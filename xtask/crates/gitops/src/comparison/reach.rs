//! How far a change reaches, by environment.

use std::collections::BTreeMap;

use super::{Change, Rendered};
use crate::words::count;

/// What a change touches in one environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    pub environment: String,
    /// Applications that differ, and all there are.
    pub applications: usize,
    pub of: usize,
    /// Objects that differ by more than noise; one that moves counts once.
    pub objects: usize,
    /// Objects that differ by checksums and labels with versions only.
    pub noise: usize,
    /// Applications that cannot be rendered at one of the revisions.
    pub broken: usize,
}

/// Returns what is touched in each environment that has Applications: those that are touched first, then by name.
pub fn reach(change: &Change<'_>) -> Vec<Reach> {
    let mut all: BTreeMap<&str, Reach> = BTreeMap::new();
    let mut touched = vec![false; change.pairs.len()];
    for delta in &change.deltas {
        let reach = all.entry(delta.key.environment).or_default();
        match delta.only_noise().is_empty() {
            true => reach.objects += usize::from(delta.to.is_none()),
            false => reach.noise += 1,
        }
        if let Some(slot) = touched.get_mut(delta.pair) {
            *slot = true;
        }
    }
    for (pair, touched) in change.pairs.iter().zip(touched) {
        let reach = all.entry(pair.environment()).or_default();
        reach.of += usize::from(pair.after.is_some());
        let broken = pair.is_broken() && !matches!(pair.after.map(|d| &d.rendered), Some(Rendered::Same));
        reach.broken += usize::from(broken);
        reach.applications += usize::from(touched || broken || !pair.fields.is_empty() || pair.before.is_some() != pair.after.is_some());
    }
    let mut all: Vec<Reach> = all.into_iter().map(|(name, reach)| Reach { environment: name.to_string(), ..reach }).collect();
    all.sort_by_key(|reach| (reach.applications == 0, reach.environment.clone()));
    all
}

impl std::fmt::Display for Reach {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = if self.environment.is_empty() { "all" } else { &self.environment };
        let objects = count(self.objects, "object");
        write!(f, "{name}: {} of {}, {objects}", self.applications, count(self.of, "Application"))?;
        if self.noise > 0 {
            write!(f, ", {} by checksum or chart label only", self.noise)?;
        }
        if self.broken > 0 {
            write!(f, ", {} not rendered", self.broken)?;
        }
        Ok(())
    }
}
