//! The parser: items into nodes, one tree for each `define` and `block`. Source: text/template/parse, also for its errors.

use std::collections::BTreeMap;

use crate::error::{Error, ErrorKind};
use crate::functions;
use crate::lex::{Item, Kind, Lexer};
use crate::node::{Action, Branch, Builtin, Call, Callee, Command, Node, Operand, Pipe, Pos, Term};
use crate::number;
use crate::quote::{quote, unquote};
use crate::text::Text;

/// Blocks and parentheses within one another. Go allows 10,000 parentheses and any number of blocks.
const MAX_NESTING: usize = 400;

pub type Trees = BTreeMap<Text, Vec<Node>>;

/// All trees of `text`, its own under `name`.
pub fn parse(name: &str, text: &str) -> Result<Trees, Error> {
    let tree = Tree::new();
    let mut parser = Parser { name, lexer: Lexer::new(text), tree, trees: Trees::new(), nesting: 0 };
    let root = parser.root()?;
    parser.add(name.into(), root)?;
    Ok(parser.trees)
}

/// What is parsed of one definition.
struct Tree<'a> {
    tokens: [Item<'a>; 3],
    peeked: usize,
    variables: Vec<Box<str>>,
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

struct Parser<'a> {
    name: &'a str,
    lexer: Lexer<'a>,
    tree: Tree<'a>,
    trees: Trees,
    nesting: usize,
}

type Parsed<T> = Result<T, Error>;

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
    fn next(&mut self) -> Item<'a> {
        if self.tree.peeked > 0 {
            self.tree.peeked -= 1;
        } else {
            self.tree.tokens[0] = self.lexer.next_item();
        }
        self.tree.tokens.get(self.tree.peeked).copied().unwrap_or(self.tree.tokens[0])
    }

    fn backup(&mut self) {
        self.tree.peeked += 1;
    }

    fn backup_two(&mut self, one: Item<'a>) {
        self.tree.tokens[1] = one;
        self.tree.peeked = 2;
    }

    fn backup_three(&mut self, two: Item<'a>, one: Item<'a>) {
        self.tree.tokens[1] = one;
        self.tree.tokens[2] = two;
        self.tree.peeked = 3;
    }

    fn peek(&mut self) -> Item<'a> {
        if self.tree.peeked == 0 {
            self.tree.tokens[0] = self.lexer.next_item();
            self.tree.peeked = 1;
        }
        self.tree.tokens.get(self.tree.peeked - 1).copied().unwrap_or(self.tree.tokens[0])
    }

    fn next_non_space(&mut self) -> Item<'a> {
        loop {
            let item = self.next();
            if item.kind != Kind::Space {
                return item;
            }
        }
    }

    fn peek_non_space(&mut self) -> Item<'a> {
        let item = self.next_non_space();
        self.backup();
        item
    }

    fn error<T>(&self, text: impl AsRef<str>) -> Parsed<T> {
        let line = self.tree.tokens[0].line;
        let message = format!("template: {}:{line}: {}", self.name, text.as_ref());
        Err(Error { kind: ErrorKind::Parse, line: Some(line), column: None, message })
    }

    fn unexpected<T>(&mut self, item: Item<'a>, context: &str) -> Parsed<T> {
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
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
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

    fn add(&mut self, name: Text, root: Vec<Node>) -> Parsed<()> {
        let old = self.trees.get(&name);
        if old.is_none_or(|old| old.iter().all(Node::is_empty)) {
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
        let (root, stop) = self.list()?;
        if stop != Stop::End {
            return self.error(format!("unexpected {} in {context}", stop.text()));
        }
        self.add(name, root)
    }

    fn unquoted(&mut self, item: Item<'a>) -> Parsed<Text> {
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
            Kind::Text => Ok(Parsing::Node(Node::Text(item.text.into()))),
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

    fn pipeline(&mut self, context: &str, end: Kind) -> Parsed<Pipe> {
        let mut pipe = Pipe { pos: self.peek_non_space().pos, assigns: false, variables: Vec::new(), commands: Vec::with_capacity(1) };
        loop {
            let variable = self.peek_non_space();
            if variable.kind != Kind::Variable {
                break;
            }
            self.next();
            // A blank is an item, so it takes three to see that `$x foo` declares nothing.
            let after = self.peek();
            let next = self.peek_non_space();
            let comma = next.kind == Kind::Char && next.text == ",";
            if comma || matches!(next.kind, Kind::Assign | Kind::Declare) {
                self.next_non_space();
                pipe.variables.push(variable.text.into());
                self.tree.variables.push(variable.text.into());
                if !comma {
                    pipe.assigns = next.kind == Kind::Assign;
                    break;
                }
                if context != "range" || pipe.variables.len() >= 2 {
                    return self.error(format!("too many declarations in {context}"));
                }
                match self.peek_non_space().kind {
                    Kind::Variable | Kind::RightDelim | Kind::RightParen => continue,
                    _ => return self.error("range can only initialize variables"),
                }
            }
            if after.kind == Kind::Space {
                self.backup_three(variable, after);
            } else {
                self.backup_two(variable);
            }
            break;
        }
        loop {
            let item = self.next_non_space();
            match item.kind {
                _ if item.kind == end => break,
                Kind::Bool
                | Kind::CharConstant
                | Kind::Complex
                | Kind::Dot
                | Kind::Field
                | Kind::Identifier
                | Kind::Number
                | Kind::Nil
                | Kind::RawString
                | Kind::String
                | Kind::Variable
                | Kind::LeftParen => {
                    self.backup();
                    pipe.commands.push(self.command()?);
                }
                _ => return self.unexpected(item, context),
            }
        }
        if pipe.commands.is_empty() {
            return self.error(format!("missing value for {context}"));
        }
        for (at, command) in pipe.commands.iter().enumerate().skip(1) {
            let first = command.operands.first().map(|operand| &operand.term);
            if matches!(first, Some(Term::Bool(_) | Term::Dot | Term::Nil | Term::Number(_) | Term::String { .. })) {
                return self.error(format!("non executable command in pipeline stage {}", at + 1));
            }
        }
        Ok(pipe)
    }

    fn command(&mut self) -> Parsed<Command> {
        let mut command = Command { pos: self.peek_non_space().pos, operands: Vec::with_capacity(2) };
        loop {
            self.peek_non_space();
            if let Some(operand) = self.operand()? {
                command.operands.push(operand);
            }
            let item = self.next();
            match item.kind {
                Kind::Space => continue,
                Kind::RightDelim | Kind::RightParen => self.backup(),
                Kind::Pipe => {}
                _ => return self.unexpected(item, "operand"),
            }
            break;
        }
        if command.operands.is_empty() {
            return self.error("empty command");
        }
        Ok(command)
    }

    fn operand(&mut self) -> Parsed<Option<Operand>> {
        let Some(mut operand) = self.term()? else { return Ok(None) };
        let pos = self.peek();
        if pos.kind != Kind::Field {
            return Ok(Some(operand));
        }
        let mut fields = Vec::new();
        while self.peek().kind == Kind::Field {
            fields.push(field_name(self.next().text));
        }
        operand = match operand.term {
            Term::Field(mut names) | Term::Variable(mut names) if !names.is_empty() => {
                let variable = names.first().is_some_and(|name| name.starts_with('$'));
                names.extend(fields);
                Operand { pos: pos.pos, term: if variable { Term::Variable(names) } else { Term::Field(names) } }
            }
            Term::Bool(_) | Term::String { .. } | Term::Number(_) | Term::Nil | Term::Dot => {
                return self.error(format!("unexpected . after term {}", quote(operand.text().as_bytes())));
            }
            _ => Operand { pos: pos.pos, term: Term::Chain { of: Box::new(operand), fields } },
        };
        Ok(Some(operand))
    }

    fn term(&mut self) -> Parsed<Option<Operand>> {
        let item = self.next_non_space();
        let term = match item.kind {
            Kind::Identifier => {
                let library = functions::lookup(item.text).map(Callee::Library);
                match library.or_else(|| Builtin::named(item.text).map(Callee::Builtin)) {
                    Some(function) => Term::Function { name: item.text.into(), function },
                    None => return self.error(format!("function {} not defined", quote(item.text.as_bytes()))),
                }
            }
            Kind::Dot => Term::Dot,
            Kind::Nil => Term::Nil,
            Kind::Variable => {
                if !self.tree.variables.iter().any(|name| **name == *item.text) {
                    return self.error(format!("undefined variable {}", quote(item.text.as_bytes())));
                }
                Term::Variable(vec![item.text.into()])
            }
            Kind::Field => Term::Field(vec![field_name(item.text)]),
            Kind::Bool => Term::Bool(item.text == "true"),
            Kind::CharConstant | Kind::Complex | Kind::Number => match number::constant(item.text, item.kind) {
                Ok(number) => Term::Number(Box::new(number)),
                Err(text) => return self.error(text),
            },
            Kind::LeftParen => Term::Pipe(Box::new(self.nested(|parser| parser.pipeline("parenthesized pipeline", Kind::RightParen))?)),
            Kind::String | Kind::RawString => Term::String { literal: item.text.into(), text: self.unquoted(item)? },
            _ => {
                self.backup();
                return Ok(None);
            }
        };
        // A pipeline stands where its first item does, as its own position has it.
        let pos = if let Term::Pipe(pipe) = &term { pipe.pos } else { item.pos };
        Ok(Some(Operand { pos, term }))
    }
}

/// Without its leading point.
fn field_name(text: &str) -> Box<str> {
    text.strip_prefix('.').unwrap_or(text).into()
}

/// Line from 1, and bytes before `pos` in it.
pub fn place(text: &str, pos: Pos) -> (usize, usize) {
    let before = text.as_bytes().get(..pos).unwrap_or(text.as_bytes());
    let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
    let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    (line, before.len() - start)
}
