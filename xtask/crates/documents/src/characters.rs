//! What go-yaml refuses before it looks at structure: characters no text may have, tabs that indent, other versions of YAML.

use crate::{Error, Mark};

/// Looks at the text as such.
pub fn check(text: &str) -> Result<(), Error> {
    let suspicious = |c: char| match c {
        '\t' | '\n' | '\r' | '\u{85}' => false,
        c if c < ' ' => true,
        '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => true,
        _ => false,
    };
    if let Some(at) = text.find(suspicious) {
        return Err(error(text, at, "control characters are not allowed"));
    }
    // Go knows 1.1 only.
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find("%YAML")).map(|at| from + at) {
        let line_begins = text.get(..at).is_none_or(|before| before.is_empty() || before.ends_with('\n'));
        let version = text.get(at + 5..).unwrap_or_default().split_whitespace().next();
        if line_begins && version != Some("1.1") {
            return Err(error(text, at, "found incompatible YAML document"));
        }
        from = at + 5;
    }
    Ok(())
}

fn error(text: &str, at: usize, message: &str) -> Error {
    let before = text.get(..at).unwrap_or_default();
    let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Error { line, column, message: message.to_string(), path: String::new() }
}

/// The lines of a text that has tabs, to look at where something in block style begins.
pub struct Tabs<'a> {
    lines: Vec<&'a str>,
}

impl<'a> Tabs<'a> {
    pub fn new(text: &'a str) -> Self {
        Tabs { lines: if text.contains('\t') { text.lines().collect() } else { Vec::new() } }
    }

    /// Whether what ends at `end` is an opening brace or bracket. Always `false` for a text without tabs.
    pub fn opens(&self, end: Mark) -> bool {
        let line = end.line.checked_sub(1).and_then(|i| self.lines.get(i));
        let last = line.zip(end.column.checked_sub(2)).and_then(|(line, i)| line.chars().nth(i));
        last.is_some_and(|c| c == '{' || c == '[')
    }

    /// A tab before what begins at `start`, where only indentation and dashes are.
    pub fn before(&self, start: Mark) -> Option<Mark> {
        let line = self.lines.get(start.line.checked_sub(1)?)?;
        for (i, c) in line.chars().take(start.column.saturating_sub(1)).enumerate() {
            match c {
                '\t' => return Some(Mark { line: start.line, column: i + 1 }),
                ' ' | '-' | '?' => {}
                _ => return None,
            }
        }
        None
    }
}
