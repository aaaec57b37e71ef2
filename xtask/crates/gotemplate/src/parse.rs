//! The parser: items into nodes, one tree for each `define` and `block`. Source: text/template/parse, also for its errors.

use std::collections::BTreeMap;

use crate::error::{Error, ErrorKind};
use crate::functions;
use crate::lex::{Item, Kind, Lexer};
use crate::node::{Action, Branch, Builtin, Call, Callee, Node, Pos};
use crate::quote::{quote, unquote};
use crate::text::Text;

/// Blocks and parentheses within one another. Go allows 10,000 parentheses and any number of blocks.
const MAX_NESTING: usize = 300;

pub type Trees = BTreeMap<Text, Vec<Node>>;

/// Where the text of a tree begins and ends.
pub type Spans = BTreeMap<Text, (Pos, Pos)>;

/// The function of a name, if there is one.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<Callee>;

/// All trees of `text`, its own under `name`.
pub fn parse(name: &str, text: &str) -> Result<Trees, Error> {
    parse_with(name, text, &known).map(|(trees, _)| trees)
}

/// The same for a program with other functions.
pub fn parse_with(name: &str, text: &str, callee: Lookup<'_>) -> Result<(Trees, Spans), Error> {
    let tree = Tree::new();
    let mut parser = Parser { name, lexer: Lexer::new(text), tree, trees: Trees::new(), spans: Spans::new(), nesting: 0, callee };
    let root = parser.root()?;
    parser.add(name.into(), root, (0, text.len()))?;
    Ok((parser.trees, parser.spans))
}

/// The functions of an ApplicationSet's templates.
pub fn known(name: &str) -> Option<Callee> {
    functions::lookup(name).map(Callee::Library).or_else(|| Builtin::named(name).map(Callee::Builtin))
}

/// What is parsed of one definition.
pub struct Tree<'a> {
    tokens: [Item<'a>; 3],
    peeked: usize,
    pub variables: Vec<Box<str>>,
    /// The line of the action's left delimiter, 0 outside of one.
    action_line: usize,
    ranges: usize,
}

impl Tree<'_> {
    fn new() -> Self {
        let none = Item { kind: Kind::Error, pos: 0, text: "", line: 0 };
        Self { tokens: [none; 3], peeked: 0, variables: vec!["$".into()], action_line: 0, ranges: 0 }
    }
}

pub struct Parser<'a> {
    name: &'a str,
    lexer: Lexer<'a>,
    pub tree: Tree<'a>,
    trees: Trees,
    spans: Spans,
    nesting: usize,
    pub callee: Lookup<'a>,
}

pub type Parsed<T> = Result<T, Error>;

/// What ends a list of nodes.
#[derive(Clone, Copy, PartialEq)]
enum Stop {
    End,
    Else,
}

impl Stop {
    fn text(self) -> &'static str {
        match self {
            Self::End => "{{end}}",
            Self::Else => "{{else}}",
        }
    }
}

enum Parsing {
    Node(Node),
    Stop(Stop),
}

impl<'a> Parser<'a> {
    pub fn next(&mut self) -> Item<'a> {
        if self.tree.peeked > 0 {
            self.tree.peeked -= 1;
        } else {
            self.tree.tokens[0] = self.lexer.next_item();
        }
        self.tree.tokens.get(self.tree.peeked).copied().unwrap_or(self.tree.tokens[0])
    }

    pub fn backup(&mut self) {
        self.tree.peeked += 1;
    }

    pub fn backup_two(&mut self, one: Item<'a>) {
        self.tree.tokens[1] = one;
        self.tree.peeked = 2;
    }

    pub fn backup_three(&mut self, two: Item<'a>, one: Item<'a>) {
        self.tree.tokens[1] = one;
        self.tree.tokens[2] = two;
        self.tree.peeked = 3;
    }

    pub fn peek(&mut self) -> Item<'a> {
        if self.tree.peeked == 0 {
            self.tree.tokens[0] = self.lexer.next_item();
            self.tree.peeked = 1;
        }
        self.tree.tokens.get(self.tree.peeked - 1).copied().unwrap_or(self.tree.tokens[0])
    }

    pub fn next_non_space(&mut self) -> Item<'a> {
        loop {
            let item = self.next();
            if item.kind != Kind::Space {
                return item;
            }
        }
    }

    pub fn peek_non_space(&mut self) -> Item<'a> {
        let item = self.next_non_space();
        self.backup();
        item
    }

    pub fn error<T>(&self, text: impl AsRef<str>) -> Parsed<T> {
        let line = self.tree.tokens[0].line;
        let message = format!("template: {}:{line}: {}", self.name, text.as_ref());
        Err(Error { kind: ErrorKind::Parse, line: Some(line), column: None, message })
    }

    pub fn unexpected<T>(&mut self, item: Item<'a>, context: &str) -> Parsed<T> {
        if item.kind != Kind::Error {
            return self.error(format!("unexpected {} in {context}", item.describe()));
        }
        let text = self.lexer.error.clone().unwrap_or_default();
        let started = self.tree.action_line;
        if started == 0 || started == item.line {
            return self.error(text);
        }
        let action = if text.ends_with(" action") { "" } else { " in action" };
        self.error(format!("{text}{action} started at {}:{started}", self.name))
    }

    fn expect(&mut self, kind: Kind, context: &str) -> Parsed<Item<'a>> {
        let item = self.next_non_space();
        if item.kind == kind { Ok(item) } else { self.unexpected(item, context) }
    }

    /// One level deeper, for what calls itself.
    pub fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.nesting >= MAX_NESTING {
            let line = self.tree.tokens[0].line;
            let message = format!("the template nests more than {MAX_NESTING} blocks and parentheses");
            return Err(Error { kind: ErrorKind::Unverifiable, line: Some(line), column: None, message });
        }
        self.nesting += 1;
        let parsed = parse(self);
        self.nesting -= 1;
        parsed
    }

    fn add(&mut self, name: Text, root: Vec<Node>, span: (Pos, Pos)) -> Parsed<()> {
        let old = self.trees.get(&name);
        if old.is_none_or(|old| old.iter().all(Node::is_empty)) {
            self.spans.insert(name.clone(), span);
            self.trees.insert(name, root);
        } else if !root.iter().all(Node::is_empty) {
            return self.error(format!("template: multiple definition of template {}", quote(name.as_bytes())));
        }
        Ok(())
    }

    fn root(&mut self) -> Parsed<Vec<Node>> {
        let mut list = Vec::new();
        loop {
            let item = self.peek();
            if item.kind == Kind::Eof {
                return Ok(list);
            }
            if item.kind == Kind::LeftDelim {
                let delim = self.next();
                if self.next_non_space().kind == Kind::Define {
                    self.definition()?;
                    continue;
                }
                self.backup_two(delim);
            }
            match self.text_or_action()? {
                Parsing::Node(node) => list.push(node),
                Parsing::Stop(stop) => return self.error(format!("unexpected {}", stop.text())),
            }
        }
    }

    /// A tree of its own, which shares only the lexer.
    fn separate<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        let outer = std::mem::replace(&mut self.tree, Tree::new());
        let parsed = self.nested(parse);
        self.tree = outer;
        parsed
    }

    /// `define` is behind us.
    fn definition(&mut self) -> Parsed<()> {
        const CONTEXT: &str = "define clause";
        self.separate(|parser| {
            let item = parser.next_non_space();
            if !matches!(item.kind, Kind::String | Kind::RawString) {
                return parser.unexpected(item, CONTEXT);
            }
            let name = parser.unquoted(item)?;
            parser.expect(Kind::RightDelim, CONTEXT)?;
            parser.body(name, CONTEXT)
        })
    }

    fn body(&mut self, name: Text, context: &str) -> Parsed<()> {
        let start = self.tree.tokens[0].pos;
        let (root, stop) = self.list()?;
        if stop != Stop::End {
            return self.error(format!("unexpected {} in {context}", stop.text()));
        }
        let end = self.tree.tokens[0].pos;
        self.add(name, root, (start, end))
    }

    pub fn unquoted(&mut self, item: Item<'a>) -> Parsed<Text> {
        match unquote(item.text) {
            Some(text) => Ok(text.into()),
            None => self.error("invalid syntax"),
        }
    }

    fn list(&mut self) -> Parsed<(Vec<Node>, Stop)> {
        let mut list = Vec::new();
        while self.peek_non_space().kind != Kind::Eof {
            match self.text_or_action()? {
                Parsing::Node(node) => list.push(node),
                Parsing::Stop(stop) => return Ok((list, stop)),
            }
        }
        self.error("unexpected EOF")
    }

    fn text_or_action(&mut self) -> Parsed<Parsing> {
        let item = self.next_non_space();
        match item.kind {
            Kind::Text => Ok(Parsing::Node(Node::Text { pos: item.pos, text: item.text.into() })),
            Kind::LeftDelim => {
                self.tree.action_line = item.line;
                let action = self.nested(Self::action);
                self.tree.action_line = 0;
                action
            }
            _ => self.unexpected(item, "input"),
        }
    }

    fn action(&mut self) -> Parsed<Parsing> {
        let item = self.next_non_space();
        Ok(Parsing::Node(match item.kind {
            Kind::Block => self.block()?,
            Kind::Break | Kind::Continue => self.jump(item)?,
            Kind::Else => {
                // `{{else if` is `{{else}}{{if`, so the `if` is left pending.
                if !matches!(self.peek_non_space().kind, Kind::If | Kind::With) {
                    self.expect(Kind::RightDelim, "else")?;
                }
                return Ok(Parsing::Stop(Stop::Else));
            }
            Kind::End => {
                self.expect(Kind::RightDelim, "end")?;
                return Ok(Parsing::Stop(Stop::End));
            }
            Kind::If => Node::If(self.control("if")?),
            Kind::Range => Node::Range(self.control("range")?),
            Kind::With => Node::With(self.control("with")?),
            Kind::Template => self.template()?,
            _ => {
                self.backup();
                let pos = self.peek().pos;
                Node::Action(Action { pos, pipe: self.pipeline("command", Kind::RightDelim)? })
            }
        }))
    }

    fn jump(&mut self, item: Item<'a>) -> Parsed<Node> {
        let name = if item.kind == Kind::Break { "{{break}}" } else { "{{continue}}" };
        let after = self.next_non_space();
        if after.kind != Kind::RightDelim {
            return self.unexpected(after, name);
        }
        if self.tree.ranges == 0 {
            return self.error(format!("{name} outside {{{{range}}}}"));
        }
        Ok(if item.kind == Kind::Break { Node::Break } else { Node::Continue })
    }

    fn control(&mut self, context: &'static str) -> Parsed<Branch> {
        let outer = self.tree.variables.len();
        let pipe = self.pipeline(context, Kind::RightDelim)?;
        let in_range = usize::from(context == "range");
        self.tree.ranges += in_range;
        let (list, stop) = self.list()?;
        self.tree.ranges -= in_range;
        let mut other = None;
        if stop == Stop::Else {
            let pending = self.peek().kind;
            other = Some(if context == "if" && pending == Kind::If {
                self.next();
                vec![Node::If(self.nested(|parser| parser.control("if"))?)]
            } else if context == "with" && pending == Kind::With {
                self.next();
                vec![Node::With(self.nested(|parser| parser.control("with"))?)]
            } else {
                let (list, stop) = self.list()?;
                if stop != Stop::End {
                    return self.error(format!("expected end; found {}", stop.text()));
                }
                list
            });
        }
        self.tree.variables.truncate(outer);
        Ok(Branch { pos: pipe.pos, pipe, list, other })
    }

    fn block(&mut self) -> Parsed<Node> {
        const CONTEXT: &str = "block clause";
        let item = self.next_non_space();
        let name = self.template_name(item, CONTEXT)?;
        let pipe = self.pipeline(CONTEXT, Kind::RightDelim)?;
        let defined = name.clone();
        self.separate(|parser| parser.body(defined, CONTEXT))?;
        Ok(Node::Template(Call { pos: item.pos, name, pipe: Some(pipe) }))
    }

    fn template(&mut self) -> Parsed<Node> {
        const CONTEXT: &str = "template clause";
        let item = self.next_non_space();
        let name = self.template_name(item, CONTEXT)?;
        let mut pipe = None;
        if self.next_non_space().kind != Kind::RightDelim {
            self.backup();
            pipe = Some(self.pipeline(CONTEXT, Kind::RightDelim)?);
        }
        Ok(Node::Template(Call { pos: item.pos, name, pipe }))
    }

    fn template_name(&mut self, item: Item<'a>, context: &str) -> Parsed<Text> {
        match item.kind {
            Kind::String | Kind::RawString => self.unquoted(item),
            _ => self.unexpected(item, context),
        }
    }
}

/// Line from 1, and bytes before `pos` in it.
pub fn place(text: &str, pos: Pos) -> (usize, usize) {
    let before = text.as_bytes().get(..pos).unwrap_or(text.as_bytes());
    let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
    let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    (line, before.len() - start)
}
