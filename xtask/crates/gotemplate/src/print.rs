//! Go's `fmt` for values of templates: `Sprint`, `Sprintln`, and what one value looks like under a verb.

use crate::collections::{Element, Map, Slice};
use crate::format::{Flags, Formatter};
use crate::function::Failure;
use crate::object::Object;
use crate::text::Text;
use crate::value::{Kind, MAX_DEPTH, Value};

/// More is an error; Go would go on until memory ends.
pub const MAX_OUTPUT: usize = 64 << 20;

/// `fmt.Sprint`: a blank between two values neither of which is a string.
pub fn sprint(values: &[Value]) -> Result<Text, Failure> {
    let mut printer = Printer::default();
    let mut after_text = false;
    for (at, value) in values.iter().enumerate() {
        let text = value.kind() == Kind::String;
        if at > 0 && !text && !after_text {
            printer.out.push(b' ');
        }
        printer.argument(value, 'v')?;
        after_text = text;
    }
    Ok(printer.out.into())
}

/// `fmt.Sprintln`: a blank between all values.
pub fn sprintln(values: &[Value]) -> Result<Text, Failure> {
    let mut printer = Printer::default();
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            printer.out.push(b' ');
        }
        printer.argument(value, 'v')?;
    }
    printer.out.push(b'\n');
    Ok(printer.out.into())
}

/// Appends `value` as `{{ value }}` prints it.
pub fn print_into(out: &mut Vec<u8>, value: &Value) -> Result<(), Failure> {
    match value {
        Value::String(text) => out.extend_from_slice(text.as_bytes()),
        other => {
            let mut printer = Printer { out: std::mem::take(out), ..Printer::default() };
            let done = printer.argument(other, 'v');
            *out = printer.out;
            return done;
        }
    }
    Ok(())
}

/// `value` as Go's `%v`, `%s` … prints it.
pub fn with_verb(value: &Value, verb: char) -> Result<Text, Failure> {
    let mut printer = Printer::default();
    printer.argument(value, verb)?;
    Ok(printer.out.into())
}

#[derive(Default)]
pub struct Printer {
    pub out: Vec<u8>,
    pub flags: Flags,
    /// While a wrong verb is being reported, text is not asked of objects.
    erroring: bool,
}

impl Printer {
    fn formatter(&mut self) -> Formatter<'_> {
        Formatter { out: &mut self.out, flags: self.flags }
    }

    pub fn push(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// One argument of a print function.
    pub fn argument(&mut self, value: &Value, verb: char) -> Result<(), Failure> {
        match (value, verb) {
            (Value::Nil, 'T' | 'v') => self.formatter().pad(b"<nil>"),
            (Value::Nil, _) => self.bad_nil(verb),
            (_, 'T') => self.formatter().text(value.type_name().as_bytes()),
            (Value::Slice(_) | Value::Map(_), 'p') => return Err(address()),
            (Value::Object(object), 'p') if object.kind() == Kind::Pointer => return Err(address()),
            (_, 'p') => self.bad(value, verb)?,
            // The one collection that has a way of its own goes item by item.
            (Value::Slice(slice), 'w') if slice.element() == Element::Byte => self.value(value, verb, 0)?,
            (_, 'w') => self.bad(value, verb)?,
            _ => self.value(value, verb, 0)?,
        }
        Ok(())
    }

    fn bad_nil(&mut self, verb: char) {
        self.push(&format!("%!{verb}(<nil>)"));
    }

    /// `%!d(float64=8080)`
    fn bad(&mut self, value: &Value, verb: char) -> Result<(), Failure> {
        if value.is_nil() {
            self.bad_nil(verb);
            return Ok(());
        }
        self.push(&format!("%!{verb}({}=", value.type_name()));
        self.erroring = true;
        let done = self.value(value, 'v', 0);
        self.erroring = false;
        self.push(")");
        done
    }

    fn value(&mut self, value: &Value, verb: char, depth: usize) -> Result<(), Failure> {
        if depth > MAX_DEPTH {
            return Err(Failure::Unverifiable(format!("prints a value nested more than {MAX_DEPTH} deep, or within itself")));
        }
        if self.out.len() > MAX_OUTPUT {
            return Err(Failure::Unverifiable(format!("prints more than {} MiB", MAX_OUTPUT >> 20)));
        }
        match value {
            Value::Nil if verb == 'v' && self.flags.sharp_v && depth > 0 => self.push("interface {}(nil)"),
            Value::Nil if depth > 0 => self.push("<nil>"),
            Value::Nil => self.bad_nil(verb),
            Value::Bool(truth) if matches!(verb, 't' | 'v') => self.formatter().pad(if *truth { b"true" } else { b"false" }),
            Value::Float32(n) if is_float_verb(verb) => self.formatter().float((*n).into(), true, verb),
            Value::Float64(n) if is_float_verb(verb) => self.formatter().float(*n, false, verb),
            Value::Complex128(re, im) if is_float_verb(verb) => {
                let plus = self.flags.plus;
                self.push("(");
                self.formatter().float(*re, false, verb);
                self.flags.plus = true;
                self.formatter().float(*im, false, verb);
                self.push("i)");
                self.flags.plus = plus;
            }
            Value::String(text) => return self.text(text.as_bytes(), verb, value),
            Value::Slice(slice) => return self.slice(slice, verb, depth, value),
            Value::Map(map) => return self.map(map, verb, depth, value),
            Value::Object(object) => return self.object(&**object, verb, depth, value),
            other => match (other.as_int(), other.as_uint()) {
                (Some(n), _) => return self.integer(n.unsigned_abs(), n < 0, true, verb, value),
                (None, Some(n)) => return self.integer(n, false, false, verb, value),
                (None, None) => return self.bad(value, verb),
            },
        }
        Ok(())
    }

    fn slice(&mut self, slice: &Slice, verb: char, depth: usize, value: &Value) -> Result<(), Failure> {
        let bytes = slice.element() == Element::Byte;
        if bytes && matches!(verb, 's' | 'x' | 'X' | 'q') {
            let bytes: Vec<u8> = slice.items().iter().filter_map(|item| item.as_uint()?.try_into().ok()).collect();
            match verb {
                's' => self.formatter().text(&bytes),
                'q' => self.formatter().quoted(&bytes),
                _ => self.formatter().hex(&bytes, verb == 'X'),
            }
            return Ok(());
        }
        let sharp = self.flags.sharp_v;
        if sharp {
            self.push(if bytes && depth == 0 { "[]byte" } else { value.type_name() });
            if slice.is_nil() {
                self.push("(nil)");
                return Ok(());
            }
        }
        self.push(if sharp { "{" } else { "[" });
        for (at, item) in slice.items().iter().enumerate() {
            if at > 0 {
                self.push(if sharp { ", " } else { " " });
            }
            self.value(item, verb, depth + 1)?;
        }
        self.push(if sharp { "}" } else { "]" });
        Ok(())
    }

    fn map(&mut self, map: &Map, verb: char, depth: usize, value: &Value) -> Result<(), Failure> {
        let sharp = self.flags.sharp_v;
        if sharp {
            self.push(value.type_name());
            if map.is_nil() {
                self.push("(nil)");
                return Ok(());
            }
        }
        self.push(if sharp { "{" } else { "map[" });
        for (at, (key, item)) in map.entries().into_iter().enumerate() {
            if at > 0 {
                self.push(if sharp { ", " } else { " " });
            }
            self.value(&Value::String(key), verb, depth + 1)?;
            self.push(":");
            self.value(&item, verb, depth + 1)?;
        }
        self.push(if sharp { "}" } else { "]" });
        Ok(())
    }

    fn text(&mut self, bytes: &[u8], verb: char, value: &Value) -> Result<(), Failure> {
        match verb {
            'v' if self.flags.sharp_v => self.formatter().quoted(bytes),
            'v' | 's' => self.formatter().text(bytes),
            'x' | 'X' => self.formatter().hex(bytes, verb == 'X'),
            'q' => self.formatter().quoted(bytes),
            _ => return self.bad(value, verb),
        }
        Ok(())
    }

    fn integer(&mut self, n: u64, negative: bool, signed: bool, verb: char, value: &Value) -> Result<(), Failure> {
        let bits = if negative { n.wrapping_neg() } else { n };
        match verb {
            'v' if self.flags.sharp_v && !signed => {
                let sharp = std::mem::replace(&mut self.flags.sharp, true);
                self.formatter().integer(n, negative, 16, verb);
                self.flags.sharp = sharp;
            }
            'v' | 'd' => self.formatter().integer(n, negative, 10, verb),
            'b' => self.formatter().integer(n, negative, 2, verb),
            'o' | 'O' => self.formatter().integer(n, negative, 8, verb),
            'x' | 'X' => self.formatter().integer(n, negative, 16, verb),
            'c' => self.formatter().character(bits),
            'q' => self.formatter().quoted_character(bits),
            'U' => self.formatter().unicode(bits),
            _ => return self.bad(value, verb),
        }
        Ok(())
    }

    fn object(&mut self, object: &dyn Object, verb: char, depth: usize, value: &Value) -> Result<(), Failure> {
        if self.flags.sharp_v {
            return Err(Failure::Unverifiable(format!("prints the inside of a {}", object.type_name())));
        }
        if !self.erroring
            && matches!(verb, 'v' | 's' | 'x' | 'X' | 'q')
            && let Some(text) = object.text()
        {
            return self.text(text.as_bytes(), verb, value);
        }
        if let Some(n) = object.integer() {
            return self.integer(n.unsigned_abs(), n < 0, true, verb, value);
        }
        let fields = object.fields();
        if fields.is_empty() {
            return Err(Failure::Unverifiable(format!("prints the inside of a {}", object.type_name())));
        }
        self.push(if object.kind() == Kind::Pointer { "&{" } else { "{" });
        for (at, (name, field)) in fields.iter().enumerate() {
            if at > 0 {
                self.push(" ");
            }
            if self.flags.plus_v {
                self.push(name);
                self.push(":");
            }
            self.value(field, verb, depth + 1)?;
        }
        self.push("}");
        Ok(())
    }
}

fn is_float_verb(verb: char) -> bool {
    matches!(verb, 'v' | 'b' | 'g' | 'G' | 'x' | 'X' | 'f' | 'F' | 'e' | 'E')
}

fn address() -> Failure {
    Failure::Unverifiable("prints an address in memory".into())
}
