//! Expressions that are written twice, and should be one recorded series.
//!
//! Two rules: no range of samples is rated twice, and no whole expression over metrics of targets stands at two places.
//! Expressions with Grafana's variables are left out, because nothing can be recorded for them.

use std::collections::{BTreeMap, BTreeSet};

use super::Expression;

/// `read`: the metrics of each expression, in the same order.
pub fn problems(expressions: &[Expression], read: &[BTreeSet<String>]) -> Vec<String> {
    let mut places: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (expression, metrics) in expressions.iter().zip(read) {
        if expression.text.contains('$') || expression.text.contains("{{") {
            continue;
        }
        let text: String = expression.text.split_whitespace().collect();
        let mut parts: BTreeSet<String> = rated(&text).into_iter().collect();
        // What only reads recorded series is cheap and short.
        if text.contains('(') && metrics.iter().any(|metric| !metric.contains(':')) {
            parts.insert(without_limit(&text).to_string());
        }
        for part in parts {
            places.entry(part).or_default().push(&expression.place);
        }
    }
    let twice = places.into_iter().filter(|(_, places)| places.len() > 1);
    twice.map(|(part, places)| format!("make it a recording rule: `{part}`, written by {}", places.join("; "))).collect()
}

/// Every call of a function over a range: `rate(x[5m])`.
fn rated(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for name in ["rate(", "increase("] {
        for (start, _) in text.match_indices(name) {
            let mut depth = 0;
            let end = text[start..].char_indices().find(|(_, c)| {
                depth += i32::from(*c == '(') - i32::from(*c == ')');
                *c == ')' && depth == 0
            });
            found.extend(end.map(|(end, _)| text[start..=start + end].to_string()));
        }
    }
    found
}

/// Without the number that an alert compares with.
fn without_limit(text: &str) -> &str {
    let Some(at) = text.rfind(['<', '>', '=']) else { return text };
    let number = text[at + 1..].parse::<f64>().is_ok();
    if number { text[..at].trim_end_matches(['<', '>', '=', '!']) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(texts: &[&str]) -> Vec<String> {
        let expressions: Vec<Expression> = texts.iter().enumerate().map(|(i, text)| Expression::new(format!("e{i}"), text)).collect();
        let read: Vec<BTreeSet<String>> =
            texts.iter().map(|text| BTreeSet::from([if text.contains("a:b:c") { "a:b:c".to_string() } else { "x".to_string() }])).collect();
        problems(&expressions, &read)
    }

    #[test]
    fn the_same_rate_in_two_expressions_is_found_however_it_is_spaced() {
        let found = found(&["sum by (a) (rate(x{b=~\"(c|d)\"}[5m])) > 1", "max( rate( x{b=~\"(c|d)\"}[5m]))", "rate(x[5m])"]);
        assert_eq!(found, ["make it a recording rule: `rate(x{b=~\"(c|d)\"}[5m])`, written by e0; e1"]);
    }

    #[test]
    fn an_alert_and_a_panel_with_the_same_expression_are_found_and_limits_do_not_matter() {
        assert_eq!(found(&["count(x) >= 10", "count(x)"]), ["make it a recording rule: `count(x)`, written by e0; e1"]);
        assert_eq!(found(&["count(x) == bool 1", "count(x)"]).len(), 0);
    }

    #[test]
    fn bare_metrics_recorded_series_and_expressions_with_variables_may_stand_twice() {
        assert_eq!(found(&["x", "x > 1", "sum(a:b:c)", "sum(a:b:c)", "rate(x{n=\"$n\"}[1m])", "rate(x{n=\"$n\"}[1m])"]).len(), 0);
    }
}
