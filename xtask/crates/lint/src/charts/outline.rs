//! What a template prints, as an outline of keys with the lines that they stand in: literal text, templates that it calls put in
//! their places, blocks of values as one entry.
//!
//! Branches stand one after the other: a key that is in two of them is there twice.

use std::collections::HashMap;

use gotemplate::syntax::Tree;

use super::family::Family;
use super::reads::Reads;
use super::template::Template;

/// Templates within templates.
const MAX_DEPTH: usize = 12;
/// Entries of one outline.
const MAX_ENTRIES: usize = 20_000;

/// Keys within keys.
const MAX_NESTING: usize = 100;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    Name(String),
    /// An action prints it.
    Made,
    /// An item of a list.
    Item,
    /// A block that an action prints: `toYaml`.
    Block,
}

/// A key, an item or a block.
#[derive(Clone, Debug)]
pub struct Entry {
    pub key: Key,
    /// What stands behind the colon or the dash, without quotes.
    pub value: String,
    /// By its number in [`Family::templates`].
    pub file: usize,
    /// From 1.
    pub line: usize,
    pub children: Vec<Entry>,
}

impl Entry {
    /// The value, if it is plain text.
    pub fn literal(&self) -> Option<&str> {
        let value = self.value.as_str();
        (!value.is_empty() && !value.contains("{{") && !matches!(value, "|" | "|-" | ">" | ">-" | "|+")).then_some(value)
    }
}

/// An entry before it is known what it is in.
#[derive(Clone, Debug)]
struct Flat {
    indent: usize,
    entry: Entry,
    /// A new document begins.
    separator: bool,
}

/// The documents that a template file prints.
pub fn documents(templates: &Templates<'_>, file: usize) -> Vec<Vec<Entry>> {
    let mut flat = Vec::new();
    let Some((_, template)) = templates.family.templates.get(file) else { return Vec::new() };
    let outline = templates;
    let inner: Vec<(usize, usize)> = template
        .trees
        .iter()
        .filter(|tree| tree.span.0 > 0)
        .map(|tree| (template.line_of(tree.span.0), template.line_of(tree.span.1.saturating_sub(1))))
        .collect();
    for line in 1..=template.lines() {
        if !inner.iter().any(|(from, to)| (*from..=*to).contains(&line)) {
            outline.line(file, template, line, template.line(line), 0, 0, &mut flat);
        }
    }
    flat.split(|flat| flat.separator).filter(|all| !all.is_empty()).map(tree).collect()
}

/// The templates of a family by name, and who calls whom.
pub struct Templates<'s> {
    pub family: &'s Family<'s>,
    /// By file and line.
    calls: HashMap<(usize, usize), Vec<&'s str>>,
    defines: HashMap<&'s str, (usize, &'s Tree)>,
}

impl<'s> Templates<'s> {
    pub fn new(family: &'s Family<'s>, reads: &'s Reads) -> Self {
        let mut calls: HashMap<(usize, usize), Vec<&str>> = HashMap::new();
        for ((file, pos), names) in &reads.calls {
            let line = family.templates.get(*file).map_or(0, |(_, template)| template.line_of(*pos));
            calls.entry((*file, line)).or_default().extend(names.iter().map(String::as_str));
        }
        let all = family.templates.iter().enumerate().flat_map(|(at, (_, file))| file.trees.iter().map(move |tree| (at, tree)));
        let defines = all.map(|(at, tree)| (tree.name.as_str(), (at, tree))).collect();
        Templates { family, calls, defines }
    }

    /// The file and tree of a name.
    pub fn define(&self, name: &str) -> Option<(usize, &'s Tree)> {
        self.defines.get(name).copied()
    }

    /// Templates that are called in a line.
    pub fn called(&self, file: usize, line: usize) -> &[&'s str] {
        self.calls.get(&(file, line)).map_or(&[], Vec::as_slice)
    }

    /// `shift` is how much further in the text is printed than it stands in its file.
    #[expect(clippy::too_many_arguments, reason = "a line, where it is, where it goes")]
    fn line(&self, file: usize, template: &Template, number: usize, text: &str, shift: usize, depth: usize, out: &mut Vec<Flat>) {
        if out.len() >= MAX_ENTRIES {
            return;
        }
        let body = text.trim_start();
        let column = text.len() - body.len();
        let body = body.trim_end();
        let place = |key, value: &str| Entry { key, value: value.trim().to_string(), file, line: number, children: Vec::new() };
        if body.is_empty() || body.starts_with('#') {
            return;
        }
        if body == "---" {
            out.push(Flat { indent: 0, entry: place(Key::Item, ""), separator: true });
            return;
        }
        if let Some(rest) = body.strip_prefix("- ").or_else(|| (body == "-").then_some("")) {
            out.push(Flat { indent: column + shift, entry: place(Key::Item, rest), separator: false });
            let inner = rest.trim_start();
            let offset = column + (body.len() - inner.len());
            if splits(inner).is_some() || inner.starts_with("{{") {
                self.line(file, template, number, &format!("{}{inner}", " ".repeat(offset)), shift, depth, out);
            }
            return;
        }
        let is_action = body.starts_with("{{") && !body.starts_with("{{/*") && !body.starts_with("{{- /*");
        if let Some((key, value)) = splits(body) {
            let name = if key.contains("{{") { Key::Made } else { Key::Name(key.trim_matches(['"', '\'']).to_string()) };
            out.push(Flat { indent: column + shift, entry: place(name, value.trim().trim_matches(['"', '\''])), separator: false });
            if value.trim_start().starts_with("{{") {
                self.inserted(file, template, number, value, None, shift, depth, out);
            }
            return;
        }
        if is_action {
            self.inserted(file, template, number, body, Some(column), shift, depth, out);
        }
    }

    /// What an action prints in more than one line.
    #[expect(clippy::too_many_arguments, reason = "a line, where it is, where it goes")]
    fn inserted(
        &self,
        file: usize,
        template: &Template,
        number: usize,
        text: &str,
        column: Option<usize>,
        shift: usize,
        depth: usize,
        out: &mut Vec<Flat>,
    ) {
        let names = self.called(file, number);
        let word = text.trim_start_matches(['{', '-', ' ']).split_whitespace().next().unwrap_or_default();
        let given = indentation(text);
        // The text of `with include` is printed in the line after it.
        let given = given.or_else(|| (word == "with").then(|| indentation(template.line(number + 1))).flatten());
        let Some(indent) = given.or(column) else { return };
        if matches!(word, "if" | "else" | "range" | "end" | "define") {
            return;
        }
        if !names.is_empty() {
            let mut first = true;
            for name in names {
                // One of several, each a document of its own.
                if !std::mem::take(&mut first) && indent + shift == 0 {
                    let entry = Entry { key: Key::Item, value: String::new(), file, line: number, children: Vec::new() };
                    out.push(Flat { indent: 0, entry, separator: true });
                }
                self.template(name, indent + shift, depth + 1, out);
            }
        } else if (given.is_some() || text.contains("toYaml")) && word != "with" {
            let entry = Entry { key: Key::Block, value: text.trim().to_string(), file, line: number, children: Vec::new() };
            out.push(Flat { indent: indent + shift, entry, separator: false });
        }
    }

    fn template(&self, name: &str, shift: usize, depth: usize, out: &mut Vec<Flat>) {
        if depth > MAX_DEPTH {
            return;
        }
        let Some((file, tree)) = self.define(name) else { return };
        let Some((_, template)) = self.family.templates.get(file) else { return };
        let (from, to) = (template.line_of(tree.span.0), template.line_of(tree.span.1.saturating_sub(1)));
        // The first line ends the `define`, the last one has its `end`.
        for line in from + 1..to {
            self.line(file, template, line, template.line(line), shift, depth, out);
        }
    }
}

/// Key and value of a line `key: value`; braces and quotes around the colon count.
fn splits(body: &str) -> Option<(&str, &str)> {
    let mut quote = None;
    let mut braces = 0_usize;
    for (at, c) in body.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') => quote = Some(c),
            (None, '{') => braces += 1,
            (None, '}') => braces = braces.saturating_sub(1),
            (None, ':') if braces == 0 => {
                let rest = body.get(at + 1..).unwrap_or_default();
                if rest.is_empty() || rest.starts_with([' ', '\t']) || rest.starts_with("{{") {
                    return Some((body.get(..at)?, rest));
                }
            }
            _ => {}
        }
    }
    None
}

/// `nindent 4` of an action.
fn indentation(text: &str) -> Option<usize> {
    let at = text.find("indent ")?;
    let digits: String = text.get(at + "indent ".len()..)?.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// By indentation. An item may stand as far out as the key of its list.
fn tree(flat: &[Flat]) -> Vec<Entry> {
    let mut root: Vec<Entry> = Vec::new();
    // Open entries from the outside in, each with its indentation.
    let mut open: Vec<(usize, Entry)> = Vec::new();
    for Flat { indent, entry, .. } in flat {
        while let Some((outer, last)) = open.last() {
            let within = *outer < *indent || (*outer == *indent && entry.key == Key::Item && matches!(last.key, Key::Name(_) | Key::Made));
            if within && open.len() < MAX_NESTING {
                break;
            }
            close(&mut open, &mut root);
        }
        open.push((*indent, entry.clone()));
    }
    while !open.is_empty() {
        close(&mut open, &mut root);
    }
    root
}

fn close(open: &mut Vec<(usize, Entry)>, root: &mut Vec<Entry>) {
    if let Some((_, done)) = open.pop() {
        match open.last_mut() {
            Some((_, outer)) => outer.children.push(done),
            None => root.push(done),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_from_values_with_colons() {
        assert_eq!(splits("image: \"a:b\""), Some(("image", " \"a:b\"")));
        assert_eq!(splits("{{ $k }}: {{ dict \"a: b\" 1 }}"), Some(("{{ $k }}", " {{ dict \"a: b\" 1 }}")));
        assert_eq!(splits("labels: {{- toYaml . | nindent 2 }}"), Some(("labels", " {{- toYaml . | nindent 2 }}")));
        assert_eq!(splits("http://host"), None);
        assert_eq!(splits("{{ dict \"a\" 1 }}"), None);
        assert_eq!(indentation("{{- toYaml .x | nindent 12 }}"), Some(12));
    }
}
