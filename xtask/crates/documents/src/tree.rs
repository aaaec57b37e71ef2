//! A document as a flat list of nodes: parents before children, aliases not followed.

use std::borrow::Cow;
use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};

use crate::characters::{self, Tabs};
use crate::{Error, MAX_DEPTH, Mark};

/// What begins with it is UTF-8; Go's readers skip it.
const BYTE_ORDER_MARK: char = '\u{feff}';

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `plain`: without quotes and no text block.
    Scalar {
        plain: bool,
    },
    Sequence,
    /// Children are key, value, key, value…
    Mapping,
    /// Index of the node it stands for.
    Alias(usize),
}

#[derive(Debug)]
pub struct Node<'a> {
    pub kind: Kind,
    /// Of a scalar.
    pub text: Cow<'a, str>,
    pub tag: Option<Box<str>>,
    pub start: Mark,
    /// Where it ends. Of a map or list in block style: where its last item does.
    pub stop: Mark,
    /// Index behind its last descendant.
    pub end: usize,
    /// Not a map or list in block style.
    pub inline: bool,
}

pub type Tree<'a> = Vec<Node<'a>>;

/// Documents one after the other.
pub struct Reader<'a> {
    parser: Parser<'a, StrInput<'a>>,
    tabs: Tabs<'a>,
    /// Found before the parser looked.
    refused: Option<Error>,
}

impl<'a> Reader<'a> {
    pub fn new(text: &'a str) -> Self {
        let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        Reader { parser: Parser::new_from_str(text), tabs: Tabs::new(text), refused: characters::check(text).err() }
    }

    /// The next document; `None` at the end of the text.
    pub fn document(&mut self) -> Option<Result<Tree<'a>, Error>> {
        if let Some(e) = self.refused.take() {
            return Some(Err(e));
        }
        let mut build = Build::default();
        loop {
            let (event, span) = match self.parser.next_event()? {
                Ok(event) => event,
                Err(e) => return Some(Err(scan_error(&e))),
            };
            match event {
                Event::DocumentEnd => return Some(Ok(build.tree)),
                Event::StreamEnd => return None,
                _ => {}
            }
            if let Err(e) = build.add(event, span, &self.tabs).and_then(|()| build.no_tab(&self.tabs)) {
                return Some(Err(e));
            }
        }
    }
}

fn scan_error(e: &ScanError) -> Error {
    let Mark { line, column } = mark(*e.marker());
    Error { line, column, message: words(e.info()).to_string(), path: String::new() }
}

/// The parser's words, where libyaml's say more.
fn words(info: &str) -> &str {
    match info {
        "simple key expected" | "simple key expect ':'" => "could not find expected ':'",
        "recursion limit exceeded" => "brackets are nested too deep",
        info => info,
    }
}

fn mark(marker: Marker) -> Mark {
    Mark { line: marker.line(), column: marker.col() + 1 }
}

#[derive(Default)]
struct Build<'a> {
    tree: Tree<'a>,
    /// Maps and lists that are not closed.
    open: Vec<usize>,
    /// By the number that the parser gives to an anchor.
    anchors: HashMap<usize, usize>,
    /// Of the open ones: those in braces and brackets.
    braces: usize,
}

impl<'a> Build<'a> {
    fn add(&mut self, event: Event<'a>, span: Span, tabs: &Tabs) -> Result<(), Error> {
        match event {
            Event::Alias(id) => {
                // The parser remembers anchors of documents before; they are not this one's.
                let target = self.anchors.get(&id).copied().ok_or_else(|| error(span, "unknown anchor"))?;
                self.push(Kind::Alias(target), Cow::default(), 0, None, span);
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.push(Kind::Scalar { plain: style == ScalarStyle::Plain }, text, anchor, tag, span);
            }
            Event::SequenceStart(anchor, tag) => self.open(Kind::Sequence, anchor, tag, span, tabs)?,
            Event::MappingStart(anchor, tag) => self.open(Kind::Mapping, anchor, tag, span, tabs)?,
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            _ => {}
        }
        Ok(())
    }

    /// Indentation is spaces; in braces and brackets anything goes.
    fn no_tab(&self, tabs: &Tabs) -> Result<(), Error> {
        let Some(last) = self.tree.last().filter(|_| self.braces == 0) else { return Ok(()) };
        let Some(Mark { line, column }) = tabs.before(last.start) else { return Ok(()) };
        Err(Error { line, column, message: "a tab stands where only spaces may indent".to_string(), path: String::new() })
    }

    fn open(&mut self, kind: Kind, anchor: usize, tag: Option<Cow<'a, Tag>>, span: Span, tabs: &Tabs) -> Result<(), Error> {
        if self.open.len() >= MAX_DEPTH {
            return Err(error(span, &format!("maps and lists are nested more than {MAX_DEPTH} levels deep")));
        }
        self.open.push(self.tree.len());
        // In block style nothing is consumed where a map or list begins.
        self.braces += usize::from(self.braces > 0 || tabs.opens(mark(span.end)));
        self.push(kind, Cow::default(), anchor, tag, span);
        Ok(())
    }

    fn close(&mut self, span: Span) {
        let Some(at) = self.open.pop() else { return };
        self.braces = self.braces.saturating_sub(1);
        let end = self.tree.len();
        // In braces and brackets the end is a token of its own; in block style it is found where the next thing begins.
        let last = self.tree.last().filter(|_| end > at + 1).map(|node| node.stop);
        if let Some(node) = self.tree.get_mut(at) {
            node.end = end;
            node.inline = !span.is_empty();
            // The token goes on to the end of a comment behind it, so its end is of no use.
            let Mark { line, column } = mark(span.start);
            node.stop = if node.inline { Mark { line, column: column + 1 } } else { last.unwrap_or(node.stop) };
        }
    }

    fn push(&mut self, kind: Kind, text: Cow<'a, str>, anchor: usize, tag: Option<Cow<'a, Tag>>, span: Span) {
        let at = self.tree.len();
        if anchor != 0 {
            self.anchors.insert(anchor, at);
        }
        let tag = tag.map(|tag| format!("{}{}", tag.handle, tag.suffix).into_boxed_str());
        self.tree.push(Node { kind, text, tag, start: mark(span.start), stop: mark(span.end), end: at + 1, inline: true });
    }
}

fn error(span: Span, message: &str) -> Error {
    let Mark { line, column } = mark(span.start);
    Error { line, column, message: message.to_string(), path: String::new() }
}
