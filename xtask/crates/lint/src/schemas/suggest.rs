//! Where a field that is not known here may belong: a name like it, or another level that has it.

use super::schema::Id;
use super::store::Store;
use gitops::words::distance;

/// Levels below a schema that are looked through.
const DEEP: usize = 2;
/// Nodes that are looked at in all.
const NODES: usize = 400;

/// Where a name is known instead.
pub(super) enum Better<'s> {
    Name(String),
    /// As many levels up as the number says, then these fields down; empty for that level itself.
    Level(usize, Vec<&'s str>),
}

/// `trail`: the schemas from the root to the object that has the field, that one last.
pub(super) fn better<'s>(store: &'s Store, trail: &[Id], field: &str) -> Option<Better<'s>> {
    let here = store.node(*trail.last()?);
    let near = nearest(field, here.properties.iter().map(|(name, _)| name.as_str()));
    if let Some((0 | 1, name)) = near {
        return Some(Better::Name(name.to_string()));
    }
    // `name` for `secretName`.
    let lower = field.to_lowercase();
    let longer = here.properties.iter().find(|(name, _)| lower.len() > 2 && name.to_lowercase().ends_with(&lower));
    if let Some((name, _)) = longer {
        return Some(Better::Name(name.clone()));
    }
    let mut budget = NODES;
    for (up, id) in trail.iter().rev().enumerate() {
        let mut level = vec![(*id, Vec::new())];
        for _ in 0..=DEEP {
            let mut next = Vec::new();
            for (id, path) in level {
                let node = store.node(id);
                let node = node.items.map_or(node, |items| store.node(items));
                if (up, path.len()) != (0, 0) && node.property(field).is_some() {
                    return Some(Better::Level(up, path));
                }
                budget = budget.saturating_sub(node.properties.len());
                if budget == 0 {
                    return near.map(|(_, name)| Better::Name(name.to_string()));
                }
                next.extend(node.properties.iter().map(|(name, child)| {
                    let mut path = path.clone();
                    path.push(name.as_str());
                    (*child, path)
                }));
            }
            level = next;
        }
    }
    near.map(|(_, name)| Better::Name(name.to_string()))
}

/// The name that is like `word`, if one is near enough, and how many letters differ.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<(usize, &'a str)> {
    let lower = word.to_lowercase();
    let within = word.chars().count().max(3) / 3;
    known.into_iter().map(|other| (distance(&lower, &other.to_lowercase()), other)).min().filter(|(far, _)| *far <= within)
}
