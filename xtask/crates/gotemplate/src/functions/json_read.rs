//! Reads JSON into Go's values, with the error texts of `encoding/json`.

use crate::function::Failure;
use crate::text::{self, Text};
use crate::value::{MAX_DEPTH, Value};

pub(super) enum Stop {
    /// Not JSON: Go has no value at all then.
    Syntax(String),
    /// A number that no float64 holds; the rest is read.
    Number(String, Value),
    Unverifiable(Failure),
}

pub(super) fn parse(json: &[u8]) -> Result<Value, Stop> {
    let mut reader = Reader { json, at: 0, out_of_range: None };
    let value = reader.value(0)?;
    reader.blank();
    if let Some(b) = reader.json.get(reader.at).copied() {
        return Err(unexpected(b, "after top-level value"));
    }
    match reader.out_of_range {
        Some(number) => Err(Stop::Number(format!("json: cannot unmarshal number {number} into Go value of type float64"), value)),
        None => Ok(value),
    }
}

struct Reader<'a> {
    json: &'a [u8],
    at: usize,
    out_of_range: Option<String>,
}

fn end() -> Stop {
    Stop::Syntax("unexpected end of JSON input".into())
}

fn unexpected(b: u8, context: &str) -> Stop {
    let quoted = match b {
        b'\'' => r"'\''".into(),
        b'"' => "'\"'".into(),
        b => format!("'{}'", char::from(b).escape_go()),
    };
    Stop::Syntax(format!("invalid character {quoted} {context}"))
}

trait EscapeGo {
    fn escape_go(self) -> String;
}

impl EscapeGo for char {
    /// As `strconv.Quote` writes a character below U+0100.
    fn escape_go(self) -> String {
        match self {
            '\\' => r"\\".into(),
            '\u{7}' => r"\a".into(),
            '\u{8}' => r"\b".into(),
            '\u{c}' => r"\f".into(),
            '\n' => r"\n".into(),
            '\r' => r"\r".into(),
            '\t' => r"\t".into(),
            '\u{b}' => r"\v".into(),
            '\0'..='\u{1f}' | '\u{7f}' => format!(r"\x{:02x}", u32::from(self)),
            '\u{80}'..='\u{a0}' | '\u{ad}' => format!(r"\u{:04x}", u32::from(self)),
            c => c.into(),
        }
    }
}

impl Reader<'_> {
    fn blank(&mut self) {
        while matches!(self.json.get(self.at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn next(&mut self) -> Result<u8, Stop> {
        let b = self.json.get(self.at).copied().ok_or_else(end)?;
        self.at += 1;
        Ok(b)
    }

    fn value(&mut self, depth: usize) -> Result<Value, Stop> {
        if depth > MAX_DEPTH {
            return Err(Stop::Unverifiable(Failure::Unverifiable(format!("JSON nested more than {MAX_DEPTH} deep"))));
        }
        self.blank();
        match self.next()? {
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b'"' => Ok(Value::String(self.string()?)),
            b't' => self.literal("true", Value::Bool(true)),
            b'f' => self.literal("false", Value::Bool(false)),
            b'n' => self.literal("null", Value::Nil),
            b @ (b'-' | b'0'..=b'9') => self.number(b),
            b => Err(unexpected(b, "looking for beginning of value")),
        }
    }

    fn literal(&mut self, word: &str, value: Value) -> Result<Value, Stop> {
        for wanted in word.bytes().skip(1) {
            let b = self.next()?;
            if b != wanted {
                return Err(unexpected(b, &format!("in literal {word} (expecting '{}')", char::from(wanted))));
            }
        }
        Ok(value)
    }

    fn object(&mut self, depth: usize) -> Result<Value, Stop> {
        let mut entries = Vec::new();
        self.blank();
        let mut b = self.next()?;
        if b == b'}' {
            return Ok(Value::map::<Text>([]));
        }
        loop {
            if b != b'"' {
                return Err(unexpected(b, "looking for beginning of object key string"));
            }
            let key = self.string()?;
            self.blank();
            match self.next()? {
                b':' => {}
                b => return Err(unexpected(b, "after object key")),
            }
            entries.push((key, self.value(depth + 1)?));
            self.blank();
            match self.next()? {
                b',' => {}
                b'}' => return Ok(Value::map(entries)),
                b => return Err(unexpected(b, "after object key:value pair")),
            }
            self.blank();
            b = self.next()?;
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, Stop> {
        let mut items = Vec::new();
        self.blank();
        if self.json.get(self.at) == Some(&b']') {
            self.at += 1;
            return Ok(Value::list(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.blank();
            match self.next()? {
                b',' => {}
                b']' => return Ok(Value::list(items)),
                b => return Err(unexpected(b, "after array element")),
            }
        }
    }

    fn number(&mut self, first: u8) -> Result<Value, Stop> {
        let start = self.at - 1;
        let mut first = first;
        if first == b'-' {
            first = self.next()?;
            if !first.is_ascii_digit() {
                return Err(unexpected(first, "in numeric literal"));
            }
        }
        if first != b'0' {
            self.digits();
        }
        if self.json.get(self.at) == Some(&b'.') {
            self.at += 1;
            let b = self.next()?;
            if !b.is_ascii_digit() {
                return Err(unexpected(b, "after decimal point in numeric literal"));
            }
            self.digits();
        }
        if matches!(self.json.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            let mut b = self.next()?;
            if matches!(b, b'+' | b'-') {
                b = self.next()?;
            }
            if !b.is_ascii_digit() {
                return Err(unexpected(b, "in exponent of numeric literal"));
            }
            self.digits();
        }
        let number = text::lossy(self.json.get(start..self.at).unwrap_or_default());
        match number.parse::<f64>() {
            Ok(n) if n.is_finite() => Ok(Value::Float64(n)),
            _ => {
                self.out_of_range.get_or_insert(number);
                Ok(Value::Nil)
            }
        }
    }

    fn digits(&mut self) {
        while self.json.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
    }

    fn string(&mut self) -> Result<Text, Stop> {
        let mut out = Vec::new();
        loop {
            match self.next()? {
                b'"' => return Ok(Text::from(text::lossy(&out))),
                b'\\' => {
                    let c = self.escape()?;
                    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
                b @ 0..=0x1f => return Err(unexpected(b, "in string literal")),
                b => out.push(b),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Stop> {
        Ok(match self.next()? {
            b @ (b'"' | b'\\' | b'/') => b.into(),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let one = self.hex()?;
                if (0xD800..0xDC00).contains(&one) && self.json.get(self.at..self.at + 2) == Some(b"\\u") {
                    let back = self.at;
                    self.at += 2;
                    let two = self.hex()?;
                    if (0xDC00..0xE000).contains(&two) {
                        return Ok(char::from_u32(0x10000 + (one - 0xD800) * 0x400 + (two - 0xDC00)).unwrap_or('\u{FFFD}'));
                    }
                    self.at = back;
                }
                char::from_u32(one).unwrap_or('\u{FFFD}')
            }
            b => return Err(unexpected(b, "in string escape code")),
        })
    }

    fn hex(&mut self) -> Result<u32, Stop> {
        let mut out = 0;
        for _ in 0..4 {
            let b = self.next()?;
            let digit = char::from(b).to_digit(16).ok_or_else(|| unexpected(b, r"in \u hexadecimal character escape"))?;
            out = out * 16 + digit;
        }
        Ok(out)
    }
}
