//! From nodes to values: merges, aliases, keys, and the bounds that keep a small text from becoming a large value.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::scalar::{Scalar, resolve};
use crate::tree::{Kind, Node, Reader};
use crate::{Document, Error, MAX_DEPTH, json, number};

pub fn all(text: &str, last_wins: bool) -> Result<Vec<Document>, Error> {
    let found = yaml(text, last_wins);
    match &found {
        // JSON has a few forms that YAML 1.1 has not, as a tab behind a colon.
        Err(e) if e.path.is_empty() && text.trim_start().starts_with(['{', '[']) => match json::parse(text.as_bytes()) {
            Ok(value) if !e.message.starts_with(TWICE) => Ok(vec![Document { line: first_line(text), value }]),
            _ => found,
        },
        _ => found,
    }
}

/// Where the first thing that is no white space stands.
fn first_line(text: &str) -> usize {
    text.len().checked_sub(text.trim_start().len()).and_then(|n| text.get(..n)).map_or(1, |before| before.matches('\n').count() + 1)
}

fn yaml(text: &str, last_wins: bool) -> Result<Vec<Document>, Error> {
    let mut reader = Reader::new(text);
    let mut documents = Vec::new();
    while let Some(tree) = reader.document() {
        let tree = tree?;
        let Some(root) = tree.first() else { continue };
        // go-yaml counts the document as the first node.
        let mut decoder = Decoder { tree: &tree, last_wins, decoded: 1, aliased: 0, in_alias: 0 };
        let value = decoder.value(0, 0)?;
        if !value.is_null() {
            documents.push(Document { line: root.start.line, value });
        }
    }
    Ok(documents)
}

/// How the message about a key that is written twice begins.
const TWICE: &str = "duplicate entry";

struct Decoder<'a> {
    tree: &'a [Node<'a>],
    last_wins: bool,
    /// Nodes decoded so far; those that are there because of an alias.
    decoded: usize,
    aliased: usize,
    in_alias: usize,
}

/// A map that is being filled.
#[derive(Default)]
struct Filling {
    map: Map<String, Value>,
    /// Keys written in the map itself; kept only once something was merged into it.
    own: Option<HashSet<String>>,
}

impl<'a> Decoder<'a> {
    fn node(&self, at: usize) -> Result<&'a Node<'a>, Error> {
        self.tree.get(at).ok_or_else(|| Error {
            line: 0,
            column: 0,
            message: "the text ends in the middle of a value".into(),
            path: String::new(),
        })
    }

    fn value(&mut self, at: usize, depth: usize) -> Result<Value, Error> {
        let node = self.node(at)?;
        self.count(node)?;
        match node.kind {
            Kind::Scalar { .. } => self.scalar(node),
            Kind::Alias(target) => {
                self.enter(node, at, target)?;
                let value = self.value(target, depth)?;
                self.in_alias -= 1;
                Ok(value)
            }
            Kind::Sequence => {
                let depth = deeper(node, depth)?;
                let mut list = Vec::new();
                let mut child = at + 1;
                while child < node.end {
                    let item = self.value(child, depth).map_err(|e| below(e, &format!("[{}]", list.len())))?;
                    list.push(item);
                    child = self.node(child)?.end;
                }
                Ok(Value::Array(list))
            }
            Kind::Mapping => {
                let mut filling = Filling::default();
                self.fill(at, depth, &mut filling, false)?;
                Ok(Value::Object(filling.map))
            }
        }
    }

    /// go-yaml's bound: of a small document 99 % may come from aliases, of a large one a tenth.
    fn count(&mut self, node: &Node) -> Result<(), Error> {
        const LOW: f64 = 400_000.0;
        const HIGH: f64 = 4_000_000.0;
        self.decoded += 1;
        if self.in_alias > 0 {
            self.aliased += 1;
        }
        if self.aliased <= 100 || self.decoded <= 1000 {
            return Ok(());
        }
        let decoded = self.decoded as f64;
        let allowed = 0.99 - 0.89 * ((decoded.clamp(LOW, HIGH) - LOW) / (HIGH - LOW));
        if self.aliased as f64 / decoded > allowed {
            return Err(error(node, "document contains excessive aliasing"));
        }
        Ok(())
    }

    fn enter(&mut self, node: &Node, at: usize, target: usize) -> Result<(), Error> {
        if self.node(target)?.end > at {
            return Err(error(node, "the value of an anchor contains itself"));
        }
        self.in_alias += 1;
        Ok(())
    }

    fn scalar(&self, node: &Node) -> Result<Value, Error> {
        let found = resolved(node)?;
        Ok(match found {
            Scalar::Null => Value::Null,
            Scalar::Bool(b) => Value::Bool(b),
            Scalar::Int(n) => n.into(),
            Scalar::Uint(n) => n.into(),
            Scalar::Float(f) => number::json(f).ok_or_else(|| error(node, &format!("`{}` has no form in JSON", node.text)))?,
            Scalar::Text(text) => Value::String(text.to_string()),
            Scalar::Binary(text) => Value::String(text),
            Scalar::Merge => Value::String("<<".into()),
        })
    }

    /// Puts the keys of the map at `at` into `filling`. Merging: keys that are there already are overwritten, as go-yaml v2
    /// goes by the order of the text.
    fn fill(&mut self, at: usize, depth: usize, filling: &mut Filling, merging: bool) -> Result<(), Error> {
        let node = self.node(at)?;
        let depth = deeper(node, depth)?;
        let mut child = at + 1;
        while child < node.end {
            let value_at = self.node(child)?.end;
            if self.is_merge(child)? {
                if filling.own.is_none() {
                    filling.own = Some(filling.map.keys().cloned().collect());
                }
                self.merge(value_at, depth, filling)?;
            } else {
                let key = self.key(child)?;
                let value = self.value(value_at, depth).map_err(|e| below(e, &key))?;
                let again = filling.map.insert(key.clone(), value).is_some();
                let own = match &mut filling.own {
                    Some(own) if !merging => !own.insert(key.clone()),
                    Some(_) => false,
                    None => again,
                };
                if own && !merging && !self.last_wins {
                    return Err(self.twice(at, child, &key));
                }
            }
            child = self.node(value_at)?.end;
        }
        Ok(())
    }

    fn is_merge(&self, at: usize) -> Result<bool, Error> {
        let node = self.node(at)?;
        let Kind::Scalar { plain } = node.kind else { return Ok(false) };
        Ok(node.text == "<<" && matches!(resolve(&node.text, plain, node.tag.as_deref()), Ok(Scalar::Merge)))
    }

    fn merge(&mut self, at: usize, depth: usize, filling: &mut Filling) -> Result<(), Error> {
        let node = self.node(at)?;
        if node.kind != Kind::Sequence {
            return self.merge_map(at, depth, filling);
        }
        let mut items = Vec::new();
        let mut child = at + 1;
        while child < node.end {
            items.push(child);
            child = self.node(child)?.end;
        }
        // The first of the list wins.
        items.into_iter().rev().try_for_each(|item| self.merge_map(item, depth, filling))
    }

    fn merge_map(&mut self, at: usize, depth: usize, filling: &mut Filling) -> Result<(), Error> {
        let node = self.node(at)?;
        self.count(node)?;
        match node.kind {
            Kind::Mapping => self.fill(at, depth, filling, true),
            Kind::Alias(target) if self.node(target)?.kind == Kind::Mapping => {
                self.enter(node, at, target)?;
                self.count(self.node(target)?)?;
                self.fill(target, depth, filling, true)?;
                self.in_alias -= 1;
                Ok(())
            }
            _ => Err(error(node, "map merge requires map or sequence of maps as the value")),
        }
    }

    /// A key as JSON has it: text. Go's words for what cannot be one.
    fn key(&mut self, at: usize) -> Result<String, Error> {
        let mut node = self.node(at)?;
        self.count(node)?;
        let written = node;
        if let Kind::Alias(target) = node.kind {
            self.enter(node, at, target)?;
            node = self.node(target)?;
            self.count(node)?;
            self.in_alias -= 1;
        }
        let Kind::Scalar { .. } = node.kind else { return Err(error(written, "a map or list cannot be a key")) };
        let found = resolved(node)?;
        Ok(match found {
            Scalar::Text(text) => text.to_string(),
            Scalar::Binary(text) => text,
            Scalar::Bool(b) => b.to_string(),
            Scalar::Int(n) => n.to_string(),
            Scalar::Float(f) => number::key(f),
            Scalar::Merge => "<<".to_string(),
            Scalar::Null => return Err(error(written, "null cannot be a key")),
            Scalar::Uint(n) => return Err(error(written, &format!("{n} is too large to be a key"))),
        })
    }

    /// `child` is the second one with `key` in the map at `at`.
    fn twice(&mut self, at: usize, child: usize, key: &str) -> Error {
        let again = self.tree.get(child).map(|node| node.start).unwrap_or_default();
        let mut message = format!("{TWICE} with key {key:?}");
        let mut first = at + 1;
        while first < child && self.is_merge(first).unwrap_or(true) | self.key(first).map_or(true, |other| other != key) {
            let value = self.tree.get(first).map_or(child, |node| node.end);
            first = self.tree.get(value).map_or(child, |node| node.end);
        }
        let start = self.tree.get(first).map(|node| node.start).unwrap_or(again);
        if start.line != again.line {
            message.push_str(&format!(", again at line {}", again.line));
        }
        Error { line: start.line, column: start.column, message, path: String::new() }
    }
}

/// The key at `at` as JSON has it; `None` for a merge, and for what cannot be a key.
pub fn key_of(tree: &[Node<'_>], at: usize) -> Option<String> {
    let mut decoder = Decoder { tree, last_wins: true, decoded: 1, aliased: 0, in_alias: 0 };
    if decoder.is_merge(at).unwrap_or(true) { None } else { decoder.key(at).ok() }
}

fn resolved<'n>(node: &'n Node) -> Result<Scalar<'n>, Error> {
    let Kind::Scalar { plain } = node.kind else { return Ok(Scalar::Null) };
    resolve(&node.text, plain, node.tag.as_deref()).map_err(|message| error(node, &message))
}

fn deeper(node: &Node, depth: usize) -> Result<usize, Error> {
    if depth >= MAX_DEPTH {
        return Err(error(node, &format!("maps and lists are nested more than {MAX_DEPTH} levels deep")));
    }
    Ok(depth + 1)
}

fn error(node: &Node, message: &str) -> Error {
    Error { line: node.start.line, column: node.start.column, message: message.to_string(), path: String::new() }
}

/// Puts a step before the path of an error.
fn below(mut e: Error, step: &str) -> Error {
    let dot = if e.path.is_empty() || e.path.starts_with('[') { "" } else { "." };
    e.path = format!("{step}{dot}{}", e.path);
    e
}
