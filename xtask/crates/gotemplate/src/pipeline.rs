//! The parser's half that is within an action: pipelines, commands, operands. Source: text/template/parse.

use crate::lex::Kind;
use crate::node::{Command, Operand, Pipe, Term};
use crate::number;
use crate::parse::{Parsed, Parser};
use crate::quote::quote;

impl Parser<'_> {
    pub fn pipeline(&mut self, context: &str, end: Kind) -> Parsed<Pipe> {
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
            Kind::Identifier => match (self.callee)(item.text) {
                Some(function) => Term::Function { name: item.text.into(), function },
                None => return self.error(format!("function {} not defined", quote(item.text.as_bytes()))),
            },
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
