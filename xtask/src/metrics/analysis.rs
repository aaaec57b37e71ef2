//! Queries of the analysis templates, with an example for each argument.

use serde_json::Value;

use super::{Expression, list, of_kind, text};

pub fn expressions(objects: &[Value]) -> Vec<Expression> {
    let mut found = Vec::new();
    for template in of_kind(objects, "ClusterAnalysisTemplate") {
        for metric in list(template, "/spec/metrics") {
            let query = text(metric, "/provider/prometheus/query");
            if !query.is_empty() {
                let place = format!("analysis {}, {}", text(template, "/metadata/name"), text(metric, "/name"));
                found.push(Expression { place, text: query.to_string(), query: fill(query) });
            }
        }
    }
    found
}

/// A number stands where a name or a number is meant: inside of quotes it is a name, too.
fn fill(query: &str) -> String {
    let mut parts = query.split("{{args.");
    let first = parts.next().unwrap_or_default().to_string();
    parts.fold(first, |text, part| text + "10" + part.split_once("}}").map_or(part, |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn arguments_are_filled_in_and_jobs_are_left_out() {
        let query = "sum(x{s=\"{{args.service-name}}.{{args.namespace}}\"}) * 60 >= {{args.min}}";
        let template = json!({ "kind": "ClusterAnalysisTemplate", "metadata": { "name": "t" }, "spec": { "metrics": [
            { "name": "m", "provider": { "prometheus": { "query": query } } },
            { "name": "smoke", "provider": { "job": {} } },
        ] } });
        let found = expressions(&[template]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].place, "analysis t, m");
        assert_eq!(found[0].query, "sum(x{s=\"10.10\"}) * 60 >= 10");
    }
}
