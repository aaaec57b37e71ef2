//! Dashboards, as Grafana gets them: ConfigMaps with one file of JSON each.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Expression, list, of_kind, text};

/// What one scrape interval and a little more is in Grafana's own variable.
const RATE_INTERVAL: (&str, &str) = ("$__rate_interval", "1m");

/// All dashboards of an environment.
#[derive(Default)]
pub struct Dashboards {
    pub count: usize,
    pub expressions: Vec<Expression>,
    pub problems: Vec<String>,
}

impl Dashboards {
    fn add(&mut self, place: String, expression: &str, variables: &[&str]) {
        let query = fill(expression, variables);
        if query.contains('$') {
            self.problems.push(format!("{place} has a variable that the dashboard does not define: {query}"));
        }
        self.expressions.push(Expression { place, text: expression.to_string(), query });
    }
}

pub fn read(objects: &[Value]) -> Dashboards {
    let mut found = Dashboards::default();
    let mut uids = BTreeSet::new();
    let mounted: Vec<String> = of_kind(objects, "Deployment").map(Value::to_string).collect();
    for map in of_kind(objects, "ConfigMap").filter(|map| text(map, "/metadata/labels/grafana_dashboard") == "1") {
        let name = text(map, "/metadata/name");
        let quoted = format!("\"{name}\"");
        if !mounted.iter().any(|deployment| deployment.contains(&quoted)) {
            found.problems.push(format!("no Deployment mounts the ConfigMap {name}"));
        }
        for (file, content) in map["data"].as_object().into_iter().flatten() {
            match content.as_str().map(serde_json::from_str::<Value>) {
                Some(Ok(dashboard)) => {
                    if !uids.insert(text(&dashboard, "/uid").to_string()) {
                        found.problems.push(format!("{file}: the uid `{}` is empty or taken", text(&dashboard, "/uid")));
                    }
                    found.count += 1;
                    one(file.trim_end_matches(".json"), &dashboard, &mut found);
                }
                Some(Err(e)) => found.problems.push(format!("{file} is no JSON: {e}")),
                None => found.problems.push(format!("{file} is no text")),
            }
        }
    }
    found
}

fn one(name: &str, dashboard: &Value, found: &mut Dashboards) {
    let mut variables: Vec<&str> = list(dashboard, "/templating/list").map(|variable| text(variable, "/name")).collect();
    // Longest first: `$namespace` begins as `$name` does.
    variables.sort_by_key(|name| std::cmp::Reverse(name.len()));
    for variable in list(dashboard, "/templating/list") {
        // label_values(SELECTOR, LABEL)
        let selector = text(variable, "/query/query").strip_prefix("label_values(").and_then(|rest| rest.rsplit_once(", "));
        let selector = selector.map(|(selector, _)| selector).unwrap_or_default();
        found.add(format!("dashboard {name}, variable {}", text(variable, "/name")), selector, &variables);
    }
    let mut ids = BTreeSet::new();
    for panel in list(dashboard, "/panels") {
        let title = text(panel, "/title");
        if !ids.insert(panel["id"].to_string()) {
            found.problems.push(format!("dashboard {name}, {title}: its id is taken"));
        }
        if text(panel, "/datasource/uid") != "prometheus" || list(panel, "/targets").next().is_none() {
            found.problems.push(format!("dashboard {name}, {title}: asks nothing of the datasource `prometheus`"));
        }
        for target in list(panel, "/targets") {
            let place = format!("dashboard {name}, {title} ({})", text(target, "/refId"));
            found.add(place, text(target, "/expr"), &variables);
        }
    }
}

/// With an example for each variable: any pod, any namespace.
fn fill(expression: &str, variables: &[&str]) -> String {
    let filled = expression.replace(RATE_INTERVAL.0, RATE_INTERVAL.1);
    variables.iter().fold(filled, |text, name| text.replace(&format!("${name}"), ".*"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn map(dashboard: &Value) -> Vec<Value> {
        let labels = json!({ "grafana_dashboard": "1" });
        let map =
            json!({ "kind": "ConfigMap", "metadata": { "name": "d", "labels": labels }, "data": { "d.json": dashboard.to_string() } });
        vec![map, json!({ "kind": "Deployment", "spec": { "volumes": [{ "configMap": { "name": "d" } }] } })]
    }

    fn panel(expr: &str) -> Value {
        json!({ "id": 1, "title": "P", "datasource": { "uid": "prometheus" }, "targets": [{ "refId": "A", "expr": expr }] })
    }

    #[test]
    fn variables_are_filled_in_and_their_own_queries_count() {
        let variable = json!({ "name": "pod", "query": { "query": "label_values(up{a=\"b\"}, pod)" } });
        let found = read(&map(&json!({ "uid": "u", "templating": { "list": [variable] },
            "panels": [panel("rate(x{pod=~\"$pod\"}[$__rate_interval])")] })));
        assert_eq!(found.problems, Vec::<String>::new());
        let queries: Vec<&str> = found.expressions.iter().map(|e| e.query.as_str()).collect();
        assert_eq!(queries, ["up{a=\"b\"}", "rate(x{pod=~\".*\"}[1m])"]);
    }

    #[test]
    fn what_grafana_would_only_show_as_an_empty_panel_is_a_problem() {
        let mut foreign = panel("up{pod=~\"$pod\"}");
        foreign["datasource"]["uid"] = json!("loki");
        let mut objects = map(&json!({ "uid": "u", "panels": [foreign] }));
        objects.pop();
        assert_eq!(
            read(&objects).problems,
            [
                "no Deployment mounts the ConfigMap d",
                "dashboard d, P: asks nothing of the datasource `prometheus`",
                "dashboard d, P (A) has a variable that the dashboard does not define: up{pod=~\"$pod\"}",
            ]
        );
    }
}
