//! The ports of this clone: free, ours, or taken by another program.

use std::collections::BTreeSet;

use super::{Check, State};
use crate::cluster::{Port, Ports, is_free, preflight};
use crate::commands::dev_down::running;
use crate::context::Context;
use crate::repo::environment::Engine;
use crate::trial::listening;

const GROUP: &str = "ports";

/// Who has a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holder {
    Nobody,
    Us,
    Other,
}

pub fn checks(cx: &Context, engine: Engine) -> Vec<Check> {
    if engine != Engine::Kwok {
        return Vec::new();
    }
    let Some(ports) = Ports::remembered(&cx.state_dir()) else {
        return vec![Check::ok(GROUP, "ports", "", "chosen by the first dev-init: free ones on 127.0.0.1"), everywhere(None)];
    };
    let pids: Vec<u32> = running(cx).into_iter().map(|(_, who)| who.pid).collect();
    // Where the kernel does not tell who listens, a running cluster is taken for the owner of its ports.
    let ours: Option<BTreeSet<u16>> = listening(&pids).ok().flatten().map(|found| found.into_iter().map(|s| s.port).collect());
    let holder = |port: &Port| {
        let number = ports.get(*port);
        match &ours {
            Some(ours) if ours.contains(&number) => Holder::Us,
            _ if is_free(number) => Holder::Nobody,
            None if !pids.is_empty() => Holder::Us,
            _ => Holder::Other,
        }
    };
    let held: Vec<(Port, u16, Holder)> = Port::ALL.iter().map(|p| (*p, ports.get(*p), holder(p))).collect();
    rows(&held, preflight::holder).into_iter().chain([everywhere(Some(&ports))]).collect()
}

/// One row for all that is well, and one for each port that another program has.
fn rows(held: &[(Port, u16, Holder)], who: impl Fn(u16) -> String) -> Vec<Check> {
    let count = |holder| held.iter().filter(|(_, _, h)| *h == holder).count();
    let numbers = held.iter().map(|(_, number, _)| *number);
    let range = numbers.clone().min().zip(numbers.max()).map(|(a, b)| format!("{a}-{b}")).unwrap_or_default();
    let parts = [(Holder::Us, "in use by this clone's cluster"), (Holder::Nobody, "free")];
    let parts = parts.into_iter().filter(|(holder, _)| count(*holder) > 0);
    let fact: Vec<String> = parts.map(|(holder, words)| format!("{} {words}", count(holder))).collect();
    let mut rows = vec![Check::ok(GROUP, "ports", range, fact.join(", "))];
    rows.extend(held.iter().filter(|(_, _, h)| *h == Holder::Other).map(|(port, number, _)| {
        let mend = "end it, or begin anew on other ports: cargo xtask dev-clean --yes && cargo xtask dev-init";
        Check::ok(GROUP, port.name(), number.to_string(), format!("taken by {}", who(*number))).state(State::Missing).mend(mend)
    }));
    rows
}

/// A note: what other machines of the network can reach.
fn everywhere(ports: Option<&Ports>) -> Check {
    let names: Vec<String> = Port::ON_EVERY_ADDRESS.iter().map(|p| p.name()).collect();
    let numbers = ports.map(|ports| Port::ON_EVERY_ADDRESS.map(|p| ports.get(p).to_string()).join(" ")).unwrap_or_default();
    let from = format!("these listen on every address, not only on 127.0.0.1: {}", names.join(", "));
    Check::ok(GROUP, "beyond-loopback", numbers, from).optional().mend("close them with a firewall on a network you do not trust")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_a_row_of_its_own_with_who_has_it() {
        let held = [(Port::Etcd, 18_001, Holder::Us), (Port::Redis, 18_014, Holder::Other), (Port::KubeApiserver, 18_000, Holder::Nobody)];
        let rows = rows(&held, |port| format!("nginx ({port})"));
        assert_eq!((rows[0].version.as_str(), rows[0].from.as_str()), ("18000-18014", "1 in use by this clone's cluster, 1 free"));
        assert_eq!((rows[1].id.as_str(), rows[1].from.as_str()), ("redis", "taken by nginx (18014)"));
        assert!(rows[1].stops() && !rows[0].stops());
    }
}
