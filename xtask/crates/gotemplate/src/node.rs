//! The parsed template. Every node knows where it stands and prints itself as Go does, because error texts quote it.

use crate::function::Function;
use crate::quote::quote;
use crate::text::Text;

/// Bytes from the start of the text.
pub type Pos = usize;

#[derive(Debug)]
pub enum Node {
    Text { pos: Pos, text: Text },
    Action(Action),
    If(Branch),
    With(Branch),
    Range(Branch),
    Template(Call),
    Break,
    Continue,
}

/// `{{ pipeline }}`
#[derive(Debug)]
pub struct Action {
    pub pos: Pos,
    pub pipe: Pipe,
}

/// `if`, `with` and `range`.
#[derive(Debug)]
pub struct Branch {
    pub pos: Pos,
    pub pipe: Pipe,
    pub list: Vec<Node>,
    pub other: Option<Vec<Node>>,
}

/// `{{ template "name" pipeline }}`
#[derive(Debug)]
pub struct Call {
    pub pos: Pos,
    pub name: Text,
    pub pipe: Option<Pipe>,
}

#[derive(Debug)]
pub struct Pipe {
    pub pos: Pos,
    pub assigns: bool,
    /// The variables that are declared or assigned, each with its `$`.
    pub variables: Vec<Box<str>>,
    pub commands: Vec<Command>,
}

#[derive(Debug)]
pub struct Command {
    pub pos: Pos,
    /// Never empty; the first is what is called.
    pub operands: Vec<Operand>,
}

#[derive(Debug)]
pub struct Operand {
    pub pos: Pos,
    pub term: Term,
}

#[derive(Debug)]
pub enum Term {
    Dot,
    Nil,
    Bool(bool),
    Number(Box<Number>),
    String {
        literal: Box<str>,
        text: Text,
    },
    Field(Vec<Box<str>>),
    /// The name with its `$`, then fields.
    Variable(Vec<Box<str>>),
    Function {
        name: Box<str>,
        function: Callee,
    },
    Pipe(Box<Pipe>),
    /// Fields of what a pipeline or a function gives.
    Chain {
        of: Box<Operand>,
        fields: Vec<Box<str>>,
    },
}

#[derive(Clone, Copy)]
pub enum Callee {
    Builtin(Builtin),
    Library(&'static Function),
    /// Known by name only: of a program that adds functions of its own. It cannot be executed here.
    Foreign,
}

impl std::fmt::Debug for Callee {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Builtin(builtin) => builtin.fmt(f),
            Self::Library(function) => f.write_str(function.name),
            Self::Foreign => f.write_str("foreign"),
        }
    }
}

/// Go's own functions. `slice` is not here: the library's function of that name hides it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Builtin {
    And,
    Call,
    Eq,
    Ge,
    Gt,
    Html,
    Index,
    Js,
    Le,
    Len,
    Lt,
    Ne,
    Not,
    Or,
    Print,
    Printf,
    Println,
    Urlquery,
}

impl Builtin {
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "and" => Self::And,
            "call" => Self::Call,
            "eq" => Self::Eq,
            "ge" => Self::Ge,
            "gt" => Self::Gt,
            "html" => Self::Html,
            "index" => Self::Index,
            "js" => Self::Js,
            "le" => Self::Le,
            "len" => Self::Len,
            "lt" => Self::Lt,
            "ne" => Self::Ne,
            "not" => Self::Not,
            "or" => Self::Or,
            "print" => Self::Print,
            "printf" => Self::Printf,
            "println" => Self::Println,
            "urlquery" => Self::Urlquery,
            _ => return None,
        })
    }
}

/// A constant under every type that can hold it: Go's ideal constants.
#[derive(Debug, Default)]
pub struct Number {
    pub literal: Box<str>,
    pub int: Option<i64>,
    pub uint: Option<u64>,
    pub float: Option<f64>,
    pub complex: Option<(f64, f64)>,
}

impl Node {
    /// Is there nothing but blanks and comments?
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text { text, .. } => text.lossy().trim().is_empty(),
            _ => false,
        }
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Text { text, .. } => out.push_str(&text.lossy()),
            Self::Action(action) => action.write(out),
            Self::If(branch) => branch.write("if", out),
            Self::With(branch) => branch.write("with", out),
            Self::Range(branch) => branch.write("range", out),
            Self::Template(call) => call.write(out),
            Self::Break => out.push_str("{{break}}"),
            Self::Continue => out.push_str("{{continue}}"),
        }
    }
}

impl Action {
    pub fn write(&self, out: &mut String) {
        out.push_str("{{");
        self.pipe.write(out);
        out.push_str("}}");
    }
}

impl Branch {
    pub fn write(&self, name: &str, out: &mut String) {
        out.push_str("{{");
        out.push_str(name);
        out.push(' ');
        self.pipe.write(out);
        out.push_str("}}");
        self.list.iter().for_each(|node| node.write(out));
        if let Some(other) = &self.other {
            out.push_str("{{else}}");
            other.iter().for_each(|node| node.write(out));
        }
        out.push_str("{{end}}");
    }
}

impl Call {
    pub fn write(&self, out: &mut String) {
        out.push_str("{{template ");
        out.push_str(&quote(self.name.as_bytes()));
        if let Some(pipe) = &self.pipe {
            out.push(' ');
            pipe.write(out);
        }
        out.push_str("}}");
    }
}

impl Pipe {
    pub fn write(&self, out: &mut String) {
        for (at, variable) in self.variables.iter().enumerate() {
            out.push_str(if at > 0 { ", " } else { "" });
            out.push_str(variable);
        }
        if !self.variables.is_empty() {
            out.push_str(if self.assigns { " = " } else { " := " });
        }
        for (at, command) in self.commands.iter().enumerate() {
            out.push_str(if at > 0 { " | " } else { "" });
            command.write(out);
        }
    }
}

impl Command {
    pub fn write(&self, out: &mut String) {
        for (at, operand) in self.operands.iter().enumerate() {
            out.push_str(if at > 0 { " " } else { "" });
            match &operand.term {
                Term::Pipe(pipe) => {
                    out.push('(');
                    pipe.write(out);
                    out.push(')');
                }
                _ => operand.write(out),
            }
        }
    }
}

impl Operand {
    pub fn write(&self, out: &mut String) {
        match &self.term {
            Term::Dot => out.push('.'),
            Term::Nil => out.push_str("nil"),
            Term::Bool(true) => out.push_str("true"),
            Term::Bool(false) => out.push_str("false"),
            Term::Number(number) => out.push_str(&number.literal),
            Term::String { literal, .. } => out.push_str(literal),
            Term::Field(fields) => write_fields(fields, out),
            Term::Variable(names) => out.push_str(&names.join(".")),
            Term::Function { name, .. } => out.push_str(name),
            Term::Pipe(pipe) => pipe.write(out),
            Term::Chain { of, fields } => {
                if matches!(of.term, Term::Pipe(_)) {
                    out.push('(');
                    of.write(out);
                    out.push(')');
                } else {
                    of.write(out);
                }
                write_fields(fields, out);
            }
        }
    }

    pub fn text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }
}

fn write_fields(fields: &[Box<str>], out: &mut String) {
    for field in fields {
        out.push('.');
        out.push_str(field);
    }
}
