//! How full the node pools are: what pods ask for, against what their nodes offer.

use gitops::quantity;
use serde_json::Value;

use crate::objects::{items, text};
use crate::repo::Environment;
use crate::repo::environment::NodePool;

/// A pool with what runs on it.
#[derive(Debug, PartialEq)]
pub struct Load {
    pub pool: String,
    pub nodes: usize,
    pub desired: usize,
    pub pods: usize,
    /// Cores that the pods ask for, and that one node offers.
    pub cpu: f64,
    pub cpu_of_node: f64,
    /// Bytes that the pods ask for, and that one node offers.
    pub memory: f64,
    pub memory_of_node: f64,
    /// Pods that one node takes.
    pub pods_of_node: usize,
}

impl Load {
    /// How many nodes the requests fill at least: the largest of CPU, memory and number of pods. Packing may need more.
    pub fn nodes_filled(&self) -> usize {
        let ratio = |asked: f64, offered: f64| if offered > 0.0 { (asked / offered).ceil() as usize } else { 0 };
        let by_pods = ratio(self.pods as f64, self.pods_of_node as f64);
        by_pods.max(ratio(self.cpu, self.cpu_of_node)).max(ratio(self.memory, self.memory_of_node))
    }
}

/// The pools of the environment, in its order.
pub fn loads(environment: &Environment, pods: &[Value]) -> Vec<Load> {
    environment.provides.node_pools.iter().map(|pool| load(pool, pods)).collect()
}

/// Nodes are called `<pool>-<number>`; a pool's name may begin with another's.
fn load(pool: &NodePool, pods: &[Value]) -> Load {
    let on_pool = |pod: &&Value| {
        let ended = ["Succeeded", "Failed"].contains(&text(pod, "/status/phase"));
        !ended
            && text(pod, "/spec/nodeName")
                .strip_prefix(&pool.name)
                .and_then(|n| n.strip_prefix('-'))
                .is_some_and(|n| n.parse::<usize>().is_ok())
    };
    let pods: Vec<&Value> = pods.iter().filter(on_pool).collect();
    // A sum of nothing is -0.0.
    let asked = |what: &str| pods.iter().flat_map(|p| requests(p, what)).fold(0.0, |sum, request| sum + request);
    let offered = |text: &str| quantity::parse(text).unwrap_or_default();
    Load {
        pool: pool.name.clone(),
        nodes: pool.max,
        desired: pool.desired,
        pods: pods.len(),
        cpu: asked("cpu"),
        cpu_of_node: offered(&pool.allocatable.cpu),
        memory: asked("memory"),
        memory_of_node: offered(&pool.allocatable.memory),
        pods_of_node: usize::from(pool.allocatable.pods),
    }
}

/// What each container of a pod asks for.
fn requests(pod: &Value, what: &str) -> Vec<f64> {
    let request = |c: &Value| c.pointer("/resources/requests")?.get(what)?.as_str().and_then(quantity::parse);
    items(pod, "/spec/containers").iter().filter_map(request).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo::yaml;
    use serde_json::json;

    #[test]
    fn a_pool_counts_the_requests_of_its_own_pods_that_still_run() {
        let prod: Environment = yaml::parse(include_str!("../../../environments/prod/environment.yaml")).unwrap();
        let pool = prod.provides.node_pools.iter().find(|p| p.name == "monitoring").unwrap();
        let pod = |node: &str, phase: &str, cpu: &str| {
            json!({
                "spec": { "nodeName": node, "containers": [{ "resources": { "requests": { "cpu": cpu, "memory": "1Gi" } } }, {}] },
                "status": { "phase": phase },
            })
        };
        let pods = [
            pod("monitoring-1", "Running", "1500m"),
            pod("monitoring-3", "Running", "1"),
            pod("monitoring-2", "Succeeded", "8"),
            pod("monitoring-extra-1", "Running", "8"),
            pod("core-on-1", "Running", "8"),
        ];
        let load = load(pool, &pods);
        assert_eq!((load.pods, load.cpu, load.memory), (2, 2.5, 2.0 * 1024.0 * 1024.0 * 1024.0));
        assert_eq!(load.nodes_filled(), 2, "2.5 cores do not fit on one node of 1.93");
    }
}
