//! A chart with its dependencies and deployments, as rules look at it: analysed once, however many Applications deploy it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use gotemplate::syntax::Pos;
use serde_json::Value;

use super::chart::{Chart, Place};
use super::family::Family;
use super::reads::Reads;
use super::values::{Deployment, Layer};

#[derive(Debug)]
pub struct Subject<'a> {
    pub family: Family<'a>,
    pub deployments: Vec<Deployment>,
    /// The chart's values as they are without any layer.
    pub defaults: Value,
    /// The same for each deployment.
    pub effective: Vec<Value>,
    pub reads: Reads,
    /// Every layer once: the defaults of the family, then those of the deployments.
    pub layers: Vec<Used>,
}

impl<'a> Subject<'a> {
    pub fn new(chart: &'a Chart, all: &'a BTreeMap<PathBuf, Chart>, deployments: Vec<Deployment>) -> Self {
        let family = Family::of(chart, all);
        let defaults = family.effective(None);
        let effective: Vec<Value> = deployments.iter().map(|deployment| family.effective(Some(&deployment.values()))).collect();
        let values: Vec<&Value> = std::iter::once(&defaults).chain(&effective).collect();
        let reads = family.reads(&values);
        let layers = layers(&family, &deployments);
        Subject { family, deployments, defaults, effective, reads, layers }
    }

    pub fn place(&self, file: usize, pos: Pos) -> Place {
        let start = self.family.templates.get(file).map_or(pos, |(_, template)| template.expression(pos).0);
        self.reads.place(&self.family, file, start)
    }

    /// The chart itself.
    pub fn chart(&self) -> Option<&'a Chart> {
        self.family.members.first().map(|member| member.chart)
    }

    pub fn name(&self) -> &str {
        self.family.members.first().map_or("", |member| member.name.as_str())
    }
}

/// Every layer with the keys that its values are under in the chart's, and the environments that it is used in.
fn layers(family: &Family<'_>, deployments: &[Deployment]) -> Vec<Used> {
    let mut found: Vec<Used> = Vec::new();
    let mut known = BTreeMap::new();
    for member in &family.members {
        if let Some(values) = &member.chart.values {
            let layer = Layer {
                path: values.path.clone(),
                text: values.text.clone(),
                below: String::new(),
                document: 0,
                value: values.value.clone(),
                places: values.places.clone(),
            };
            found.push(Used { layer, keys: member.keys.clone(), environments: Vec::new(), deployed: false });
        }
    }
    for deployment in deployments {
        for layer in &deployment.layers {
            let key = (layer.path.as_path(), layer.below.as_str(), layer.document);
            let at = *known.entry(key).or_insert_with(|| {
                found.push(Used { layer: layer.clone(), keys: Vec::new(), environments: Vec::new(), deployed: true });
                found.len() - 1
            });
            if let Some(used) = found.get_mut(at) {
                used.environments.extend(deployment.environment.clone());
            }
        }
    }
    for used in &mut found {
        used.environments.sort();
        used.environments.dedup();
    }
    found
}

/// A layer and where it is used.
#[derive(Clone, Debug)]
pub struct Used {
    pub layer: Layer,
    /// Where its values are in those of the chart.
    pub keys: Vec<String>,
    /// Sorted; empty for a chart's own defaults.
    pub environments: Vec<String>,
    /// Not a chart's own defaults.
    pub deployed: bool,
}

/// Charts that only others bring along: their own defaults alone are never rendered.
pub fn is_brought_along(subject: &Subject<'_>, all: &[Subject<'_>]) -> bool {
    let Some(chart) = subject.chart() else { return false };
    let by = |other: &Subject<'_>| other.family.members.iter().skip(1).any(|member| member.chart.folder == chart.folder);
    subject.deployments.is_empty() && all.iter().any(by)
}
