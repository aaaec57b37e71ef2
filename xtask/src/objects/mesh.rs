//! Gateways and HTTPRoutes as tables, with what their controller says of them.

use serde_json::Value;

use super::{holds, items, name, text};
use crate::ui::Table;

/// Gateways: their class, listeners, address, and whether they are programmed.
pub fn gateways(gateways: &[Value]) -> Table {
    let mut table = Table::new(&["GATEWAY", "CLASS", "LISTENERS", "ADDRESS", "PROGRAMMED"]);
    for gateway in gateways {
        let listener = |l: &Value| format!("{} {}:{}", text(l, "/name"), text(l, "/protocol"), l["port"]);
        let listeners: Vec<String> = items(gateway, "/spec/listeners").iter().map(listener).collect();
        let addresses: Vec<&str> = items(gateway, "/status/addresses").iter().map(|a| text(a, "/value")).collect();
        table.row([
            name(gateway).to_string(),
            text(gateway, "/spec/gatewayClassName").to_string(),
            listeners.join(", "),
            if addresses.is_empty() { "-".into() } else { addresses.join(", ") },
            said(items(gateway, "/status/conditions"), "Programmed"),
        ]);
    }
    table
}

/// HTTPRoutes: where they belong, their hosts, and whether every parent accepts them and finds their backends.
pub fn routes(routes: &[Value]) -> Table {
    let mut table = Table::new(&["HTTPROUTE", "GATEWAY", "HOSTS", "ACCEPTED", "BACKENDS"]);
    for route in routes {
        let mut parents: Vec<&str> = items(route, "/spec/parentRefs").iter().map(|p| text(p, "/name")).collect();
        parents.dedup();
        let hosts: Vec<&str> = items(route, "/spec/hostnames").iter().filter_map(Value::as_str).collect();
        table.row([
            name(route).to_string(),
            parents.join(", "),
            hosts.join(", "),
            by_all(route, "Accepted"),
            by_all(route, "ResolvedRefs"),
        ]);
    }
    table
}

/// `yes`, the reason why not, or that nobody said anything yet.
fn said(conditions: &[Value], kind: &str) -> String {
    match conditions.iter().find(|c| c["type"] == kind) {
        None => "not yet".into(),
        Some(_) if holds(conditions, kind) => "yes".into(),
        Some(condition) => text(condition, "/reason").to_string(),
    }
}

/// What all parents say: `yes`, or the first that says something else.
fn by_all(route: &Value, kind: &str) -> String {
    let parents = items(route, "/status/parents");
    let said: Vec<String> = parents.iter().map(|p| said(items(p, "/conditions"), kind)).collect();
    said.iter().find(|word| *word != "yes").or(said.first()).cloned().unwrap_or_else(|| "not yet".into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_route_is_accepted_when_every_parent_accepts_it() {
        let parent = |status: &str, reason: &str| json!({"conditions": [{"type": "Accepted", "status": status, "reason": reason}]});
        let route = |parents: Value| json!({"metadata": {"name": "r"}, "spec": {"parentRefs": [{"name": "g"}, {"name": "g"}], "hostnames": ["a"]}, "status": {"parents": parents}});
        let word = |parents| by_all(&route(parents), "Accepted");
        assert_eq!(word(json!([parent("True", ""), parent("True", "")])), "yes");
        assert_eq!(word(json!([parent("True", ""), parent("False", "NotAllowedByListeners")])), "NotAllowedByListeners");
        assert_eq!(word(json!([])), "not yet");
        assert!(routes(&[route(json!([]))]).to_string().ends_with("\nr          g        a      not yet   not yet"));
    }

    #[test]
    fn a_gateway_shows_its_listeners() {
        let gateway = json!({"metadata": {"name": "g"},
            "spec": {"gatewayClassName": "istio", "listeners": [{"name": "https", "protocol": "HTTPS", "port": 443}]},
            "status": {"conditions": [{"type": "Programmed", "status": "True"}], "addresses": [{"value": "10.0.0.1"}]}});
        assert!(gateways(&[gateway]).to_string().ends_with("\ng        istio  https HTTPS:443  10.0.0.1  yes"));
    }
}
