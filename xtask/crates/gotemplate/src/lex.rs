//! The lexer: text and actions into items, with trim markers and comments already dealt with. Source: text/template/parse.

use crate::quote::quote;
use crate::unicode::is_alphanumeric;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The item's text is the error.
    Error,
    Bool,
    Char,
    CharConstant,
    Complex,
    Assign,
    Declare,
    Eof,
    Field,
    Identifier,
    LeftDelim,
    LeftParen,
    Number,
    Pipe,
    RawString,
    RightDelim,
    RightParen,
    Space,
    String,
    Text,
    Variable,
    Block,
    Break,
    Continue,
    Dot,
    Define,
    Else,
    End,
    If,
    Nil,
    Range,
    Template,
    With,
}

#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    pub kind: Kind,
    /// Bytes from the start of the text.
    pub pos: usize,
    pub text: &'a str,
    pub line: usize,
}

impl Item<'_> {
    /// As error texts name it.
    pub fn describe(&self) -> String {
        match self.kind {
            Kind::Eof => "EOF".into(),
            Kind::Error => self.text.into(),
            Kind::Block
            | Kind::Break
            | Kind::Continue
            | Kind::Dot
            | Kind::Define
            | Kind::Else
            | Kind::End
            | Kind::If
            | Kind::Nil
            | Kind::Range
            | Kind::Template
            | Kind::With => format!("<{}>", self.text),
            _ if self.text.len() > 10 => {
                let end = self.text.char_indices().nth(10).map_or(self.text.len(), |(at, _)| at);
                quote(self.text.as_bytes().get(..end).unwrap_or_default()) + "..."
            }
            _ => quote(self.text.as_bytes()),
        }
    }
}

pub struct Lexer<'a> {
    input: &'a str,
    pos: usize,
    start: usize,
    line: usize,
    start_line: usize,
    parens: usize,
    inside: bool,
    /// The text of an error, which is not part of the input.
    pub error: Option<String>,
}

const LEFT: &str = "{{";
const RIGHT: &str = "}}";

impl<'a> Lexer<'a> {
    pub fn new(input: &'a str) -> Self {
        Self { input, pos: 0, start: 0, line: 1, start_line: 1, parens: 0, inside: false, error: None }
    }

    fn rest(&self) -> &'a str {
        self.input.get(self.pos..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        match self.input.as_bytes().get(self.pos) {
            Some(&byte) if byte < 0x80 => Some(byte.into()),
            _ => self.rest().chars().next(),
        }
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.pos += c.len_utf8();
        if c == '\n' {
            self.line += 1;
        }
        Some(c)
    }

    fn accept(&mut self, valid: &str) -> bool {
        let found = self.peek().is_some_and(|c| valid.contains(c));
        if found {
            self.next();
        }
        found
    }

    fn accept_run(&mut self, valid: &str) {
        while self.accept(valid) {}
    }

    fn emit(&mut self, kind: Kind) -> Item<'a> {
        let text = self.input.get(self.start..self.pos).unwrap_or_default();
        let item = Item { kind, pos: self.start, text, line: self.start_line };
        self.start = self.pos;
        self.start_line = self.line;
        item
    }

    /// For text that was skipped without `next`.
    fn ignore(&mut self) {
        self.line += newlines(self.input.get(self.start..self.pos).unwrap_or_default());
        self.start = self.pos;
        self.start_line = self.line;
    }

    /// Ends the input: what is asked for afterwards is at the end of nothing.
    fn fail(&mut self, text: String) -> Item<'a> {
        let item = Item { kind: Kind::Error, pos: self.start, text: "", line: self.start_line };
        self.error = Some(text);
        self.start = 0;
        self.pos = 0;
        self.input = "";
        item
    }

    pub fn next_item(&mut self) -> Item<'a> {
        if self.inside { self.inside_action() } else { self.text() }
    }

    fn text(&mut self) -> Item<'a> {
        loop {
            let Some(found) = self.rest().find(LEFT) else {
                self.pos = self.input.len();
                if self.pos == self.start {
                    return self.emit(Kind::Eof);
                }
                self.line += newlines(self.input.get(self.start..).unwrap_or_default());
                return self.emit(Kind::Text);
            };
            if found > 0 {
                self.pos += found;
                let text = self.input.get(self.start..self.pos).unwrap_or_default();
                let marked = has_left_trim(self.input.get(self.pos + LEFT.len()..).unwrap_or_default());
                let trim = if marked { text.len() - text.trim_end_matches(is_space).len() } else { 0 };
                self.pos -= trim;
                self.line += newlines(self.input.get(self.start..self.pos).unwrap_or_default());
                let item = self.emit(Kind::Text);
                self.pos += trim;
                self.ignore();
                if !item.text.is_empty() {
                    return item;
                }
            }
            // At the left delimiter.
            self.pos += LEFT.len();
            let after = if has_left_trim(self.rest()) { 2 } else { 0 };
            if self.input.get(self.pos + after..).is_some_and(|rest| rest.starts_with("/*")) {
                self.pos += after;
                self.ignore();
                if let Err(text) = self.comment() {
                    return self.fail(text.into());
                }
                continue;
            }
            let item = self.emit(Kind::LeftDelim);
            self.inside = true;
            self.pos += after;
            self.ignore();
            self.parens = 0;
            return item;
        }
    }

    fn comment(&mut self) -> Result<(), &'static str> {
        self.pos += "/*".len();
        let end = self.rest().find("*/").ok_or("unclosed comment")?;
        self.pos += end + "*/".len();
        let trim = self.at_right().ok_or("comment ends before closing delimiter")?;
        self.line += newlines(self.input.get(self.start..self.pos).unwrap_or_default());
        self.start = self.pos;
        self.start_line = self.line;
        if trim {
            self.pos += 2;
        }
        self.pos += RIGHT.len();
        if trim {
            self.skip_spaces();
        }
        self.ignore();
        Ok(())
    }

    fn skip_spaces(&mut self) {
        let rest = self.rest();
        self.pos += rest.len() - rest.trim_start_matches(is_space).len();
    }

    /// At a right delimiter? With a trim marker?
    fn at_right(&self) -> Option<bool> {
        let rest = self.rest();
        if rest.starts_with(RIGHT) {
            return Some(false);
        }
        (has_right_trim(rest) && rest.get(2..).is_some_and(|rest| rest.starts_with(RIGHT))).then_some(true)
    }

    fn right_delim(&mut self, trim: bool) -> Item<'a> {
        if trim {
            self.pos += 2;
            self.ignore();
        }
        self.pos += RIGHT.len();
        let item = self.emit(Kind::RightDelim);
        if trim {
            self.skip_spaces();
            self.ignore();
        }
        self.inside = false;
        item
    }

    fn inside_action(&mut self) -> Item<'a> {
        if let Some(trim) = self.at_right() {
            return if self.parens == 0 { self.right_delim(trim) } else { self.fail("unclosed left paren".into()) };
        }
        let before = self.pos;
        let Some(c) = self.next() else { return self.fail("unclosed action".into()) };
        match c {
            _ if is_space(c) => self.space(),
            '=' => self.emit(Kind::Assign),
            ':' => match self.next() {
                Some('=') => self.emit(Kind::Declare),
                _ => self.fail("expected :=".into()),
            },
            '|' => self.emit(Kind::Pipe),
            '"' => self.quoted('"', Kind::String, "unterminated quoted string"),
            '`' => loop {
                match self.next() {
                    None => return self.fail("unterminated raw quoted string".into()),
                    Some('`') => return self.emit(Kind::RawString),
                    Some(_) => {}
                }
            },
            '$' => self.field_or_variable(Kind::Variable),
            '\'' => self.quoted('\'', Kind::CharConstant, "unterminated character constant"),
            '.' if self.input.as_bytes().get(self.pos).is_some_and(|byte| !byte.is_ascii_digit()) => self.field_or_variable(Kind::Field),
            '.' | '+' | '-' | '0'..='9' => {
                self.pos = before;
                self.number()
            }
            _ if is_alphanumeric(c) => self.identifier(),
            '(' => {
                self.parens += 1;
                self.emit(Kind::LeftParen)
            }
            ')' => match self.parens.checked_sub(1) {
                Some(parens) => {
                    self.parens = parens;
                    self.emit(Kind::RightParen)
                }
                None => self.fail("unexpected right paren".into()),
            },
            '!'..='~' => self.emit(Kind::Char),
            _ => self.fail(format!("unrecognized character in action: {}", named(Some(c)))),
        }
    }

    /// A run of blanks, one of which is behind us; the last one may belong to a right delimiter.
    fn space(&mut self) -> Item<'a> {
        let mut count = 1;
        while self.peek().is_some_and(is_space) {
            self.next();
            count += 1;
        }
        let last = self.input.get(self.pos - 1..).unwrap_or_default();
        if has_right_trim(last) && last.get(2..).is_some_and(|rest| rest.starts_with(RIGHT)) {
            self.pos -= 1;
            if last.starts_with('\n') {
                self.line -= 1;
            }
            if count == 1 {
                return self.right_delim(true);
            }
        }
        self.emit(Kind::Space)
    }

    fn quoted(&mut self, quote: char, kind: Kind, error: &str) -> Item<'a> {
        loop {
            match self.next() {
                Some('\\') if !matches!(self.next(), None | Some('\n')) => {}
                None | Some('\\' | '\n') => return self.fail(error.into()),
                Some(c) if c == quote => return self.emit(kind),
                Some(_) => {}
            }
        }
    }

    fn identifier(&mut self) -> Item<'a> {
        while self.peek().is_some_and(is_alphanumeric) {
            self.next();
        }
        if !self.at_terminator() {
            return self.bad_character();
        }
        let kind = match self.input.get(self.start..self.pos).unwrap_or_default() {
            "block" => Kind::Block,
            "break" => Kind::Break,
            "continue" => Kind::Continue,
            "define" => Kind::Define,
            "else" => Kind::Else,
            "end" => Kind::End,
            "if" => Kind::If,
            "nil" => Kind::Nil,
            "range" => Kind::Range,
            "template" => Kind::Template,
            "with" => Kind::With,
            "true" | "false" => Kind::Bool,
            _ => Kind::Identifier,
        };
        self.emit(kind)
    }

    /// The `.` or `$` is behind us.
    fn field_or_variable(&mut self, kind: Kind) -> Item<'a> {
        if self.at_terminator() {
            return self.emit(if kind == Kind::Variable { kind } else { Kind::Dot });
        }
        while self.peek().is_some_and(is_alphanumeric) {
            self.next();
        }
        if self.at_terminator() { self.emit(kind) } else { self.bad_character() }
    }

    fn bad_character(&mut self) -> Item<'a> {
        self.fail(format!("bad character {}", named(self.peek())))
    }

    fn at_terminator(&self) -> bool {
        match self.peek() {
            None | Some('.' | ',' | '|' | ':' | ')' | '(') => true,
            Some(c) => is_space(c) || self.rest().starts_with(RIGHT),
        }
    }

    fn number(&mut self) -> Item<'a> {
        if !self.scan_number() {
            return self.bad_number();
        }
        if matches!(self.peek(), Some('+' | '-')) {
            if !self.scan_number() || !self.input.get(self.start..self.pos).is_some_and(|text| text.ends_with('i')) {
                return self.bad_number();
            }
            return self.emit(Kind::Complex);
        }
        self.emit(Kind::Number)
    }

    fn bad_number(&mut self) -> Item<'a> {
        let text = quote(self.input.get(self.start..self.pos).unwrap_or_default().as_bytes());
        self.fail(format!("bad number syntax: {text}"))
    }

    /// Not a perfect scanner: what it lets through wrongly, the parser refuses.
    fn scan_number(&mut self) -> bool {
        self.accept("+-");
        let mut digits = "0123456789_";
        if self.accept("0") {
            if self.accept("xX") {
                digits = "0123456789abcdefABCDEF_";
            } else if self.accept("oO") {
                digits = "01234567_";
            } else if self.accept("bB") {
                digits = "01_";
            }
        }
        self.accept_run(digits);
        if self.accept(".") {
            self.accept_run(digits);
        }
        if (digits.len() == 11 && self.accept("eE")) || (digits.len() == 23 && self.accept("pP")) {
            self.accept("+-");
            self.accept_run("0123456789_");
        }
        self.accept("i");
        let ends = !self.peek().is_some_and(is_alphanumeric);
        if !ends {
            self.next();
        }
        ends
    }
}

/// Go's `%#U`; the end of the input is the rune -1.
fn named(c: Option<char>) -> String {
    let Some(c) = c else { return "U+FFFFFFFFFFFFFFFF".into() };
    let n = u32::from(c);
    if crate::unicode::is_print(n) { format!("U+{n:04X} '{c}'") } else { format!("U+{n:04X}") }
}

fn newlines(text: &str) -> usize {
    text.bytes().filter(|&byte| byte == b'\n').count()
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn has_left_trim(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next() == Some(b'-') && bytes.next().is_some_and(|byte| is_space(byte.into()))
}

fn has_right_trim(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|byte| is_space(byte.into())) && bytes.next() == Some(b'-')
}
