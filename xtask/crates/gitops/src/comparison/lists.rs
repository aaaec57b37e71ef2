//! Which items of two lists are the same one: by their key where they have one, else by their content.

use std::collections::BTreeSet;

use serde_json::Value;

/// Keys of items, tried in this order. Kubernetes' own merge keys come first; `protocol` and `sectionName` may be left out.
///
/// Source: the `patchMergeKey` and `listMapKey` marks in k8s.io/api, and the lists of Istio, Gateway API and Prometheus.
const KEYS: &[&[&str]] = &[
    &["name"],
    &["containerPort", "protocol"],
    &["port", "protocol"],
    &["mountPath"],
    &["devicePath"],
    &["topologyKey", "whenUnsatisfiable"],
    &["topologyKey"],
    &["key"],
    &["host"],
    &["ip"],
    &["alert"],
    &["record"],
    &["kind", "namespace", "name"],
    &["name", "sectionName"],
    &["type"],
    &["id"],
    &["uid"],
    &["path"],
    &["secretName"],
];

/// Two items, or one that the other list has not, with the word between brackets.
pub struct Match<'a> {
    pub label: String,
    pub before: Option<&'a Value>,
    pub after: Option<&'a Value>,
}

/// Matches the items of two lists. Shape: those of `before` in their order, then what is new.
pub fn matches<'a>(before: &'a [Value], after: &'a [Value]) -> Vec<Match<'a>> {
    match KEYS.iter().find_map(|keys| Some((labels(before, keys)?, labels(after, keys)?))) {
        Some((a, b)) => by_label(before, after, a, &b),
        None => by_content(before, after),
    }
}

/// The labels of all items, if each has one of its own. The first key must be there; the others may be left out.
fn labels(list: &[Value], keys: &[&str]) -> Option<Vec<String>> {
    let mut labels = Vec::with_capacity(list.len());
    for item in list {
        let item = item.as_object()?;
        let first = scalar(item.get(*keys.first()?)?)?;
        let rest = keys.iter().skip(1).filter_map(|key| item.get(*key).and_then(scalar)).filter(|text| text != "TCP");
        labels.push(rest.fold(first, |label, part| format!("{label}/{part}")));
    }
    let distinct: BTreeSet<&String> = labels.iter().collect();
    (distinct.len() == labels.len()).then_some(labels)
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn by_label<'a>(before: &'a [Value], after: &'a [Value], a: Vec<String>, b: &[String]) -> Vec<Match<'a>> {
    let mut found: Vec<Match<'a>> = Vec::with_capacity(a.len());
    let known: BTreeSet<String> = a.iter().cloned().collect();
    let places: std::collections::BTreeMap<&String, usize> = b.iter().enumerate().map(|(i, label)| (label, i)).collect();
    for (item, label) in before.iter().zip(a) {
        let after = places.get(&label).and_then(|i| after.get(*i));
        found.push(Match { label, before: Some(item), after });
    }
    let new = after.iter().zip(b).filter(|(_, label)| !known.contains(*label));
    found.extend(new.map(|(item, label)| Match { label: label.clone(), before: None, after: Some(item) }));
    found
}

/// Without keys: equal items are the same one. Of the rest, as many on both sides are taken to be changed in their order.
fn by_content<'a>(before: &'a [Value], after: &'a [Value]) -> Vec<Match<'a>> {
    let mut taken = vec![false; after.len()];
    let mut left: Vec<(usize, &Value)> = Vec::new();
    let places = places(after);
    for (i, item) in before.iter().enumerate() {
        let free = places.get(&item.to_string()).and_then(|all| all.iter().find(|j| taken.get(**j) == Some(&false)));
        match free.and_then(|j| taken.get_mut(*j)) {
            Some(slot) => *slot = true,
            None => left.push((i, item)),
        }
    }
    let new: Vec<(usize, &Value)> = after.iter().enumerate().filter(|(j, _)| taken.get(*j) == Some(&false)).collect();
    let pairs = left.len() == new.len() && before.len() == after.len() && left.iter().all(|(_, item)| item.is_object() || item.is_array());
    let mut found = Vec::new();
    if pairs {
        found.extend(left.iter().zip(&new).map(|((i, a), (_, b))| Match { label: i.to_string(), before: Some(a), after: Some(b) }));
        return found;
    }
    found.extend(left.into_iter().map(|(i, item)| Match { label: i.to_string(), before: Some(item), after: None }));
    found.extend(new.into_iter().map(|(i, item)| Match { label: i.to_string(), before: None, after: Some(item) }));
    found
}

/// Where each content stands; one pass instead of comparing every item with every other.
fn places(list: &[Value]) -> std::collections::BTreeMap<String, Vec<usize>> {
    let mut places: std::collections::BTreeMap<String, Vec<usize>> = std::collections::BTreeMap::new();
    for (i, item) in list.iter().enumerate() {
        places.entry(item.to_string()).or_default().push(i);
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shown(before: Value, after: Value) -> Vec<String> {
        let (a, b) = (before.as_array().unwrap(), after.as_array().unwrap());
        matches(a, b)
            .iter()
            .map(|m| format!("{}{}{}", m.label, if m.before.is_some() { " -" } else { "" }, if m.after.is_some() { " +" } else { "" }))
            .collect()
    }

    #[test]
    fn items_are_matched_by_their_key_wherever_they_stand() {
        let found = shown(json!([{"name": "a"}, {"name": "b"}]), json!([{"name": "c"}, {"name": "b"}]));
        assert_eq!(found, ["a -", "b - +", "c +"]);
        let ports = |udp: bool| json!([{"port": 53}, {"port": 53, "protocol": if udp { "UDP" } else { "TCP" }}]);
        assert_eq!(shown(ports(true), ports(true)), ["53 - +", "53/UDP - +"]);
        assert_eq!(shown(json!([{"mountPath": "/a"}]), json!([{"mountPath": "/b"}])), ["/a -", "/b +"]);
    }

    #[test]
    fn without_a_key_only_what_is_not_equal_counts() {
        assert_eq!(shown(json!(["a", "b", "c"]), json!(["a", "c"])), ["1 -"]);
        assert_eq!(shown(json!([{"from": [1]}, {"from": [2]}]), json!([{"from": [1]}, {"from": [3]}])), ["1 - +"]);
        assert_eq!(shown(json!(["a", "a"]), json!(["a"])), ["1 -"]);
    }
}
