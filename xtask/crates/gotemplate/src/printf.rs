//! Go's `fmt.Sprintf`: the format string with its flags, widths, argument numbers and complaints.

use crate::format::Flags;
use crate::function::Failure;
use crate::print::{MAX_OUTPUT, Printer};
use crate::text::{Text, lossy};
use crate::value::Value;

/// Widths and precisions beyond are refused by Go too.
const MAX_WIDTH: i64 = 1_000_000;

/// `fmt.Sprintf(format, arguments...)`. Errors: what cannot be known (addresses), or is larger than [`MAX_OUTPUT`].
pub fn sprintf(format: &[u8], arguments: &[Value]) -> Result<Text, Failure> {
    let mut state = Sprintf { format, at: 0, arguments, next: 0, good: true, reordered: false, printer: Printer::default() };
    state.run()?;
    Ok(state.printer.out.into())
}

struct Sprintf<'a> {
    format: &'a [u8],
    at: usize,
    arguments: &'a [Value],
    /// The argument that the next verb takes.
    next: usize,
    /// Was the last `[n]` a number of an argument?
    good: bool,
    reordered: bool,
    printer: Printer,
}

impl Sprintf<'_> {
    fn run(&mut self) -> Result<(), Failure> {
        while self.at < self.format.len() {
            if self.printer.out.len() > MAX_OUTPUT {
                return Err(Failure::Unverifiable(format!("prints more than {} MiB", MAX_OUTPUT >> 20)));
            }
            let rest = self.format.get(self.at..).unwrap_or_default();
            let plain = rest.iter().position(|&byte| byte == b'%').unwrap_or(rest.len());
            self.printer.out.extend_from_slice(rest.get(..plain).unwrap_or_default());
            self.at += plain;
            if self.at < self.format.len() {
                self.at += 1;
                if !self.item()? {
                    break;
                }
            }
        }
        if self.reordered || self.next >= self.arguments.len() {
            return Ok(());
        }
        self.printer.flags = Flags::default();
        self.printer.push("%!(EXTRA ");
        for (at, argument) in self.arguments.iter().skip(self.next).enumerate() {
            if at > 0 {
                self.printer.push(", ");
            }
            self.printer.push(argument.type_name());
            if !argument.is_nil() {
                self.printer.push("=");
                self.printer.argument(argument, 'v')?;
            }
        }
        self.printer.push(")");
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.format.get(self.at).copied()
    }

    /// What follows a `%`. False if the format ends within it.
    fn item(&mut self) -> Result<bool, Failure> {
        self.good = true;
        self.printer.flags = Flags::default();
        while let Some(byte) = self.peek() {
            let flags = &mut self.printer.flags;
            match byte {
                b'#' => flags.sharp = true,
                b'0' => flags.zero = true,
                b'+' => flags.plus = true,
                b'-' => flags.minus = true,
                b' ' => flags.space = true,
                _ => break,
            }
            self.at += 1;
        }
        let mut indexed = self.index();
        if self.peek() == Some(b'*') {
            self.at += 1;
            match self.number_argument() {
                Some(width) => {
                    self.printer.flags.width = Some(width.unsigned_abs() as usize);
                    if width < 0 {
                        self.printer.flags.minus = true;
                        self.printer.flags.zero = false;
                    }
                }
                None => self.printer.push("%!(BADWIDTH)"),
            }
            indexed = false;
        } else {
            self.printer.flags.width = self.number();
            if indexed && self.printer.flags.width.is_some() {
                self.good = false;
            }
        }
        if self.at + 1 < self.format.len() && self.peek() == Some(b'.') {
            self.at += 1;
            if indexed {
                self.good = false;
            }
            indexed = self.index();
            if self.peek() == Some(b'*') {
                self.at += 1;
                let precision = self.number_argument().filter(|&precision| precision >= 0);
                self.printer.flags.precision = precision.map(|precision| precision as usize);
                if precision.is_none() {
                    self.printer.push("%!(BADPREC)");
                }
                indexed = false;
            } else {
                self.printer.flags.precision = Some(self.number().unwrap_or_default());
            }
        }
        if !indexed {
            self.index();
        }
        let Some(verb) = self.verb() else {
            self.printer.push("%!(NOVERB)");
            return Ok(false);
        };
        match self.arguments.get(self.next) {
            _ if verb == '%' => self.printer.push("%"),
            _ if !self.good => self.printer.push(&format!("%!{verb}(BADINDEX)")),
            None => self.printer.push(&format!("%!{verb}(MISSING)")),
            Some(argument) => {
                if matches!(verb, 'v' | 'w') {
                    let flags = &mut self.printer.flags;
                    flags.sharp_v = std::mem::take(&mut flags.sharp);
                    flags.plus_v = std::mem::take(&mut flags.plus);
                }
                self.printer.argument(argument, verb)?;
                self.next += 1;
            }
        }
        Ok(true)
    }

    fn verb(&mut self) -> Option<char> {
        let rest = self.format.get(self.at..)?;
        let first = rest.get(..4).unwrap_or(rest);
        let chunk = first.utf8_chunks().next()?;
        let c = chunk.valid().chars().next();
        self.at += c.map_or(1, char::len_utf8);
        Some(c.unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// Digits here. A number that is far too large ends the format, as in Go.
    fn number(&mut self) -> Option<usize> {
        let mut n = None;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            if n.unwrap_or_default() > MAX_WIDTH as usize {
                self.at = self.format.len();
                return None;
            }
            n = Some(n.unwrap_or_default() * 10 + usize::from(digit - b'0'));
            self.at += 1;
        }
        n
    }

    /// For `*`.
    fn number_argument(&mut self) -> Option<i64> {
        let argument = self.arguments.get(self.next)?;
        self.next += 1;
        let n = argument.as_int().or_else(|| argument.as_uint()?.try_into().ok())?;
        (-MAX_WIDTH..=MAX_WIDTH).contains(&n).then_some(n)
    }

    /// `[n]` here: the next argument is the nth. Whether there was one that could be read.
    fn index(&mut self) -> bool {
        let rest = self.format.get(self.at..).unwrap_or_default();
        if rest.first() != Some(&b'[') {
            return false;
        }
        self.reordered = true;
        let close = rest.iter().position(|&byte| byte == b']').filter(|_| rest.len() >= 3);
        let Some(close) = close else {
            self.at += 1;
            self.good = false;
            return false;
        };
        self.at += close + 1;
        let number = rest.get(1..close).unwrap_or_default();
        let index = if number.iter().all(u8::is_ascii_digit) { lossy(number).parse::<usize>().ok() } else { None };
        match index.filter(|&index| index <= MAX_WIDTH as usize * 10) {
            Some(index) if (1..=self.arguments.len()).contains(&index) => {
                self.next = index - 1;
                true
            }
            found => {
                self.good = false;
                found.is_some()
            }
        }
    }
}
