//! The lists of a strategic merge patch: merged by key, in the order that apimachinery gives them.

use serde_json::Value;

use super::patch::{self, DIRECTIVE, go_kind, go_type, printed};
use super::schema::Kind;

/// Returns `original` with the items of `patch` merged into it by `key`, or without them (`delete`). An empty key: they are texts or
/// numbers, each kept once.
pub fn merge(original: Vec<Value>, patch: Vec<Value>, kind: &Kind, key: &str, delete: bool) -> Result<Vec<Value>, String> {
    if original.is_empty() && patch.is_empty() {
        return Ok(original);
    }
    let maps = one_type(original.iter().chain(&patch))?;
    if !maps {
        if delete {
            return Ok(original.into_iter().filter(|item| !patch.contains(item)).collect());
        }
        let both = original.iter().chain(&patch).cloned().collect();
        return arrange(once(both), &patch, &original, key);
    }
    if key.is_empty() {
        return Err(format!("cannot merge lists without merge key for {}", go_kind(kind)));
    }
    let (original, patch) = special(original, patch, key)?;
    let mut merged = original.clone();
    for item in &patch {
        let value = of(item, key).ok_or_else(|| no_key(item, key))?;
        match merged.iter().position(|have| of(have, key) == Some(value)) {
            Some(place) => {
                if let (Some(Value::Object(have)), Value::Object(item)) = (merged.get(place).cloned(), item.clone()) {
                    let both = patch::merge(have, item, kind)?;
                    merged.splice(place..=place, [Value::Object(both)]);
                }
            }
            None => merged.push(item.clone()),
        }
    }
    arrange(merged, &patch, &original, key)
}

/// Carries out the directives among the items; returns what is left of both lists.
fn special(mut original: Vec<Value>, patch: Vec<Value>, key: &str) -> Result<(Vec<Value>, Vec<Value>), String> {
    let mut plain = Vec::new();
    let mut replace = false;
    for item in patch {
        let Some(directive) = item.get(DIRECTIVE) else {
            plain.push(item);
            continue;
        };
        match directive.as_str() {
            Some("delete") => {
                let value = of(&item, key).ok_or_else(|| no_key(&item, key))?;
                original.retain(|have| of(have, key) != Some(value));
            }
            Some("replace") => replace = true,
            Some("merge") => return Err("merging lists cannot yet be specified in the patch".to_string()),
            _ => return Err(patch::unknown(directive, item.as_object().cloned().unwrap_or_default())),
        }
    }
    Ok(if replace { (plain, Vec::new()) } else { (original, plain) })
}

/// Refuses an order that contradicts that of the patch.
pub fn check_order(patch: &[Value], order: &[Value], key: &str) -> Result<(), String> {
    if patch.is_empty() || order.is_empty() {
        return Ok(());
    }
    let mut kept = Vec::new();
    for item in patch {
        match item.as_object() {
            None if !key.is_empty() => return Err(format!("expected a map[string]interface {{}}, but received a {}", go_type(item))),
            Some(map) if !key.is_empty() && map.get(DIRECTIVE).is_some_and(|d| d == "delete") => {}
            _ => kept.push(item),
        }
    }
    let (mut at, mut of_order) = (0, order.iter());
    while let Some(item) = kept.get(at) {
        if item.get(DIRECTIVE).is_some() {
            at += 1;
            continue;
        }
        let Some(wanted) = of_order.next() else {
            let shown = |list: &[Value]| printed(&Value::Array(list.to_vec())).into_owned();
            let words = "The order in patch list:\n{}\n doesn't match $setElementOrder list:\n{}\n";
            return Err(words.replacen("{}", &shown(patch), 1).replacen("{}", &shown(order), 1));
        };
        if key.is_empty() {
            at += usize::from(*item == wanted);
        } else {
            let left = of(item, key).ok_or_else(|| no_key(item, key))?;
            at += usize::from(left == of(wanted, key).ok_or_else(|| no_key(wanted, key))?);
        }
    }
    Ok(())
}

/// Puts the items that `order` names into its order, and the others among them where the original had them.
pub fn arrange(merged: Vec<Value>, order: &[Value], original: &[Value], key: &str) -> Result<Vec<Value>, String> {
    let place = |list: &[Value], item: &Value| list.iter().position(|other| identity(other, key) == identity(item, key));
    if let Some(item) = merged.iter().find(|item| !key.is_empty() && of(item, key).is_none()) {
        return Err(no_key(item, key));
    }
    let (mut named, mut others): (Vec<Value>, Vec<Value>) = merged.into_iter().partition(|item| place(order, item).is_some());
    named.sort_by_key(|item| place(order, item));
    others.sort_by_key(|item| place(original, item));
    let mut all = Vec::with_capacity(named.len() + others.len());
    let (mut named, mut others) = (named.into_iter().peekable(), others.into_iter().peekable());
    loop {
        let take_other = match (others.peek(), named.peek()) {
            (None, None) => return Ok(all),
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (Some(left), Some(right)) => match (place(original, left), place(original, right)) {
                (Some(left), Some(right)) => left < right,
                _ => false,
            },
        };
        all.extend(if take_other { others.next() } else { named.next() });
    }
}

/// Errors: the items are of several types, or lists. Answers whether they are objects.
pub fn one_type<'a>(mut items: impl Iterator<Item = &'a Value> + Clone) -> Result<bool, String> {
    let all = items.clone();
    let first = items.next().ok_or("no elements in any of the given slices")?;
    if first.is_array() {
        return Err("lists of lists are not supported".to_string());
    }
    if items.any(|item| !patch::same_type(first, item)) {
        let shown = Value::Array(all.cloned().collect());
        return Err(format!("list element types are not identical: {}", printed(&shown)));
    }
    Ok(first.is_object())
}

/// Each value once; the last one takes the place of a repeated one, as in Kubernetes.
fn once(mut list: Vec<Value>) -> Vec<Value> {
    let mut at = 0;
    while at < list.len() {
        let mut other = at + 1;
        while other < list.len() {
            if list.get(at) == list.get(other) { drop(list.swap_remove(other)) } else { other += 1 }
        }
        at += 1;
    }
    list
}

fn of<'a>(item: &'a Value, key: &str) -> Option<&'a Value> {
    item.as_object()?.get(key)
}

fn identity<'a>(item: &'a Value, key: &str) -> Option<&'a Value> {
    if key.is_empty() { Some(item) } else { of(item, key) }
}

fn no_key(item: &Value, key: &str) -> String {
    format!("map: {} does not contain declared merge key: {key}", printed(item))
}
