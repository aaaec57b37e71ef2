//! Nodes and kinds as they are kept: in memory, or as text of which only the lines in use are read.
//!
//! The text: a line with the kinds as JSON, then a node a line. Nodes name each other by the number of their line, from 0.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::{Value, json};

use super::compile::Compiler;
use super::schema::{Id, Schema};

/// Group, version and kind; the group of Kubernetes' first kinds is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind {
    pub group: String,
    pub version: String,
    pub kind: String,
}

impl Kind {
    pub fn new(group: &str, version: &str, kind: &str) -> Self {
        Kind { group: group.into(), version: version.into(), kind: kind.into() }
    }

    /// From `apps/v1` and `Deployment`.
    pub fn of(api_version: &str, kind: &str) -> Self {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        Kind::new(group, version, kind)
    }

    /// `apps/v1`.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }
}

/// Where objects of a kind live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Namespaced,
    Cluster,
}

/// A kind and its schema.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub kind: Kind,
    pub scope: Option<Scope>,
    pub root: Id,
    /// From a CRD.
    pub custom: bool,
}

/// A set of schemas.
pub struct Store {
    /// As text; empty when everything was decoded at once.
    text: Vec<u8>,
    lines: Vec<(u32, u32)>,
    nodes: Vec<OnceLock<Box<Schema>>>,
    pub(super) entries: BTreeMap<Kind, Entry>,
    unknown: Schema,
}

impl Store {
    pub(super) fn of(compiler: Compiler) -> Self {
        let nodes = compiler.nodes.iter().map(|node| OnceLock::from(Box::new(Schema::decode(node)))).collect();
        Store { text: Vec::new(), lines: Vec::new(), nodes, entries: by_kind(compiler.entries), unknown: Schema::decode(&Value::Null) }
    }

    /// The text of [`Store::read`].
    pub(super) fn write(compiler: &Compiler) -> String {
        let entries: Vec<Value> = compiler
            .entries
            .iter()
            .map(|entry| {
                let scope = match entry.scope {
                    Some(Scope::Namespaced) => 1,
                    Some(Scope::Cluster) => 2,
                    None => 0,
                };
                json!([entry.kind.group, entry.kind.version, entry.kind.kind, scope, entry.root, entry.custom])
            })
            .collect();
        let mut text = Value::from(entries).to_string();
        for node in &compiler.nodes {
            text.push('\n');
            text.push_str(&node.to_string());
        }
        text.push('\n');
        text
    }

    /// Reads the kinds; nodes are read when they are needed. `None`: the text is not of this form.
    pub fn read(text: Vec<u8>) -> Option<Self> {
        let mut lines = Vec::with_capacity(text.len() / 64);
        let mut start = 0u32;
        for part in text.split(|byte| *byte == b'\n') {
            let length = u32::try_from(part.len()).ok()?;
            lines.push((start, length));
            start = start.checked_add(length)?.checked_add(1)?;
        }
        lines.pop().filter(|(_, length)| *length == 0)?;
        let first = text.get(..lines.first()?.1 as usize)?;
        let Ok(Value::Array(rows)) = serde_json::from_slice::<Value>(first) else { return None };
        let entries = rows.iter().map(entry).collect::<Option<Vec<_>>>()?;
        lines.remove(0);
        let nodes = lines.iter().map(|_| OnceLock::new()).collect();
        Some(Store { text, lines, nodes, entries: by_kind(entries), unknown: Schema::decode(&Value::Null) })
    }

    /// A node; one that is not there says nothing.
    pub(super) fn node(&self, id: Id) -> &Schema {
        let Some(cell) = self.nodes.get(id as usize) else { return &self.unknown };
        cell.get_or_init(|| {
            let line = self.lines.get(id as usize).and_then(|(start, length)| {
                let start = *start as usize;
                self.text.get(start..start + *length as usize)
            });
            let node = line.and_then(|line| serde_json::from_slice(line).ok()).unwrap_or(Value::Null);
            Box::new(Schema::decode(&node))
        })
    }

    /// The definition of Kubernetes with this name.
    pub(super) fn named(&self, kind: &Kind, path: &[&str]) -> Option<Id> {
        let mut id = self.entries.get(kind)?.root;
        for field in path {
            id = self.node(id).property(field)?;
        }
        Some(id)
    }
}

fn entry(row: &Value) -> Option<Entry> {
    let text = |at: usize| row.get(at).and_then(Value::as_str);
    Some(Entry {
        kind: Kind::new(text(0)?, text(1)?, text(2)?),
        scope: match row.get(3)?.as_u64()? {
            1 => Some(Scope::Namespaced),
            2 => Some(Scope::Cluster),
            _ => None,
        },
        root: Id::try_from(row.get(4)?.as_u64()?).ok()?,
        custom: row.get(5)?.as_bool()?,
    })
}

fn by_kind(entries: Vec<Entry>) -> BTreeMap<Kind, Entry> {
    entries.into_iter().map(|entry| (entry.kind.clone(), entry)).collect()
}
