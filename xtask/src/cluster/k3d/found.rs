//! From the containers of a cluster to what can be done with it.

use crate::cluster::docker::Node;

/// What the containers of that name come to.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    Nothing,
    /// Somebody else's: the root of the clone, empty when it does not say.
    Foreign(String),
    /// It cannot be mended by a start.
    Broken(&'static str),
    Stopped,
    /// Some of it runs.
    Partly,
    Up,
}

/// From the containers to what can be done with them. A container that was created and never started is left by a run
/// that ended in between: what k3d does to it before the first start happens only in `create`.
pub fn judge(nodes: &[Node], root: &str) -> Found {
    let of = |role: &str| nodes.iter().filter(|n| n.role == role).collect::<Vec<_>>();
    let parts: Vec<&Node> = [of("server"), of("loadbalancer")].concat();
    if let Some(other) = parts.iter().find(|n| n.owner != root) {
        return Found::Foreign(other.owner.clone());
    }
    if parts.iter().any(|n| n.state == "created") {
        return Found::Broken("it was only half created");
    }
    match (of("server").len(), of("loadbalancer").len()) {
        (0, 0) if nodes.is_empty() => Found::Nothing,
        (0, 0) => Found::Broken("it was only half created"),
        (0, _) => Found::Broken("its node is gone"),
        (_, 0) => Found::Broken("its load balancer is gone"),
        _ => match parts.iter().filter(|n| n.state == "running").count() {
            0 => Found::Stopped,
            n if n == parts.len() => Found::Up,
            _ => Found::Partly,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &str = "/home/me/shop";

    fn judged(nodes: &[(&str, &str, &str)]) -> Found {
        let node =
            |(state, role, owner): &(&str, &str, &str)| Node { state: (*state).into(), role: (*role).into(), owner: (*owner).into() };
        judge(&nodes.iter().map(node).collect::<Vec<_>>(), HERE)
    }

    #[test]
    fn containers_tell_what_can_be_done() {
        assert_eq!(judged(&[]), Found::Nothing);
        assert_eq!(judged(&[("running", "server", HERE), ("running", "loadbalancer", HERE)]), Found::Up);
        assert_eq!(judged(&[("exited", "server", HERE), ("exited", "loadbalancer", HERE)]), Found::Stopped);
        assert_eq!(judged(&[("running", "server", HERE), ("exited", "loadbalancer", HERE)]), Found::Partly);
        assert_eq!(judged(&[("running", "server", HERE), ("created", "loadbalancer", HERE)]), Found::Broken("it was only half created"));
        assert_eq!(judged(&[("running", "server", HERE)]), Found::Broken("its load balancer is gone"));
        assert_eq!(judged(&[("exited", "loadbalancer", HERE)]), Found::Broken("its node is gone"));
    }

    #[test]
    fn a_helper_alone_is_the_rest_of_an_interrupted_create() {
        assert_eq!(judged(&[("running", "noRole", "")]), Found::Broken("it was only half created"));
        let up = [("running", "noRole", ""), ("running", "server", HERE), ("running", "loadbalancer", HERE)];
        assert_eq!(judged(&up), Found::Up);
    }

    #[test]
    fn another_clones_cluster_is_foreign_in_every_state() {
        for state in ["running", "exited", "created"] {
            assert_eq!(judged(&[(state, "server", "/home/other")]), Found::Foreign("/home/other".into()));
            assert_eq!(judged(&[(state, "loadbalancer", "")]), Found::Foreign(String::new()));
        }
    }
}
