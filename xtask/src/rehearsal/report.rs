//! The report of a rehearsal: when each Application came to life, how full the nodes are, and what this cannot prove.

use std::time::Instant;

use super::pools::Load;
use crate::argocd::timeline::{Timeline, Way};
use crate::cluster;
use crate::context::Context;
use crate::ui::{Table, bytes, seconds};

pub fn text(cx: &Context, timeline: &Timeline, loads: &[Load]) -> String {
    let ways = timeline.ways();
    let mut text = format!("{}\n\n{}\n", waves(&ways), pools(loads));
    text.push_str("\nsimulated, so not proved:\n");
    for line in cluster::of(cx).map(|c| c.simulated()).unwrap_or_default() {
        text.push_str(&format!("  {line}\n"));
    }
    text
}

/// Times count from the first Application's appearance.
fn waves(ways: &[Way<'_>]) -> String {
    let Some(begin) = ways.iter().map(|w| w.appeared).min() else { return "no Application appeared".to_string() };
    let since = |at: Instant| seconds(at.duration_since(begin));
    let mut table = Table::new(&["WAVE", "APPLICATION", "APPEARED", "READY", "OBJECTS", "STATE"]);
    for way in ways {
        let a = way.last;
        table.row([
            a.wave.map(|w| w.to_string()).unwrap_or_default(),
            a.name.clone(),
            since(way.appeared),
            way.ready.map(since).unwrap_or_else(|| "never".to_string()),
            a.objects.to_string(),
            a.summary(),
        ]);
    }
    table.to_string()
}

fn pools(loads: &[Load]) -> String {
    let mut table = Table::new(&["NODE POOL", "NODES", "PODS", "CPU ASKED", "MEMORY ASKED", "FILLS"]);
    for load in loads {
        let share = |asked: f64, of_node: f64| (100.0 * asked / (of_node * load.nodes as f64)).round();
        let filled = load.nodes_filled();
        let beyond = if filled > load.desired { format!(", more than the {} desired", load.desired) } else { String::new() };
        table.row([
            load.pool.clone(),
            load.nodes.to_string(),
            load.pods.to_string(),
            format!("{:.1} of {:.1} cores ({} %)", load.cpu, load.cpu_of_node * load.nodes as f64, share(load.cpu, load.cpu_of_node)),
            format!(
                "{} of {} ({} %)",
                bytes(load.memory as u64),
                bytes((load.memory_of_node * load.nodes as f64) as u64),
                share(load.memory, load.memory_of_node)
            ),
            format!("{filled} of {} nodes at least{beyond}", load.nodes),
        ]);
    }
    table.to_string()
}
