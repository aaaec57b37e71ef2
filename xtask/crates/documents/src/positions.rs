//! Where every key and value of a text stands, by JSON pointer.

use std::collections::HashMap;

use crate::scalar::{Scalar, resolve};
use crate::tree::{Kind, Node, Reader, Tree};
use crate::{Error, number};

/// Line and column from 1, columns in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    pub line: usize,
    pub column: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Of a map's key; `None` for list items and the document itself.
    pub key: Option<Mark>,
    pub value: Mark,
    /// Behind the value. Of a text block: somewhere in the line after it or at the end of its last.
    pub end: Mark,
    /// In braces or brackets, quotes or plain: not a map or list in block style.
    pub inline: bool,
}

/// Positions of the documents that are not empty, in the order of `parse_all`.
#[derive(Clone, Debug, Default)]
pub struct Positions {
    documents: Vec<HashMap<String, Position>>,
    /// Why the text could be read no further.
    pub error: Option<Error>,
}

impl Positions {
    /// `pointer` as in `Value::pointer`; "" is the document. What comes by alias or merge has no position of its own.
    pub fn get(&self, document: usize, pointer: &str) -> Option<Position> {
        self.documents.get(document)?.get(pointer).copied()
    }

    /// The position of what is nearest: the pointer itself, else the value around it.
    pub fn nearest(&self, document: usize, pointer: &str) -> Option<Position> {
        let map = self.documents.get(document)?;
        let mut pointer = pointer;
        loop {
            if let Some(position) = map.get(pointer) {
                return Some(*position);
            }
            pointer = pointer.rsplit_once('/')?.0;
        }
    }

    /// All pointers of a document with their positions, in the order of the text.
    pub fn all(&self, document: usize) -> Vec<(&str, Position)> {
        let mut all: Vec<(&str, Position)> =
            self.documents.get(document).into_iter().flatten().map(|(pointer, position)| (pointer.as_str(), *position)).collect();
        all.sort_by(|a, b| (a.1.key.unwrap_or(a.1.value), a.0.len(), a.0).cmp(&(b.1.key.unwrap_or(b.1.value), b.0.len(), b.0)));
        all
    }
}

/// Reads as far as the text is valid.
pub fn positions(text: &str) -> Positions {
    let mut found = Positions::default();
    let lines: Vec<&str> = text.lines().collect();
    let mut reader = Reader::new(text);
    while let Some(tree) = reader.document() {
        match tree {
            Ok(tree) if is_empty(&tree) => {}
            Ok(tree) => {
                let mut map = HashMap::new();
                walk(&tree, &lines, 0, None, &mut String::new(), &mut map);
                found.documents.push(map);
            }
            Err(e) => {
                found.error = Some(e);
                break;
            }
        }
    }
    found
}

fn is_empty(tree: &Tree) -> bool {
    tree.first().is_none_or(|root| match root.kind {
        Kind::Scalar { plain } => matches!(resolve(&root.text, plain, root.tag.as_deref()), Ok(Scalar::Null)),
        _ => false,
    })
}

fn walk(tree: &Tree, lines: &[&str], at: usize, key: Option<Mark>, pointer: &mut String, map: &mut HashMap<String, Position>) {
    let Some(node) = tree.get(at) else { return };
    map.insert(pointer.clone(), Position { key, value: node.start, end: quoted(node, lines).unwrap_or(node.stop), inline: node.inline });
    let length = pointer.len();
    let mut child = at + 1;
    let mut index = 0;
    while child < node.end {
        let Some(next) = tree.get(child) else { return };
        if node.kind == Kind::Sequence {
            pointer.push_str(&format!("/{index}"));
            walk(tree, lines, child, None, pointer, map);
            index += 1;
            child = next.end;
        } else {
            if let Some(name) = name(next) {
                pointer.push('/');
                pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                walk(tree, lines, next.end, Some(next.start), pointer, map);
            }
            child = tree.get(next.end).map_or(node.end, |value| value.end);
        }
        pointer.truncate(length);
    }
}

/// Behind the closing quote: the parser's end of a quoted text goes on to a comment behind it.
fn quoted(node: &Node, lines: &[&str]) -> Option<Mark> {
    let Kind::Scalar { plain: false } = node.kind else { return None };
    let line = lines.get(node.start.line.checked_sub(1)?)?;
    let mut rest = line.chars().enumerate().skip(node.start.column - 1);
    // A tag or anchor comes before the quote; then it is as the parser says.
    let (_, quote) = rest.next().filter(|(_, c)| *c == '"' || *c == '\'')?;
    let mut escaped = false;
    let mut rest = rest.peekable();
    while let Some((i, c)) = rest.next() {
        if escaped {
            escaped = false;
        } else if quote == '"' && c == '\\' {
            escaped = true;
        } else if c == quote {
            if quote == '\'' && rest.next_if(|(_, next)| *next == quote).is_some() {
                continue;
            }
            return Some(Mark { line: node.start.line, column: i + 2 });
        }
    }
    None
}

/// A key's text in JSON.
fn name(node: &Node) -> Option<String> {
    let Kind::Scalar { plain } = node.kind else { return None };
    match resolve(&node.text, plain, node.tag.as_deref()).ok()? {
        Scalar::Text(text) => Some(text.to_string()),
        Scalar::Binary(text) => Some(text),
        Scalar::Bool(b) => Some(b.to_string()),
        Scalar::Int(n) => Some(n.to_string()),
        Scalar::Float(f) => Some(number::key(f)),
        Scalar::Null | Scalar::Uint(_) | Scalar::Merge => None,
    }
}
