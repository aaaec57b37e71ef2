//! The keys of a file of values with their lines and comments, which no parser keeps.
//!
//! For block style as this repository writes it: what stands in lists and in braces belongs to the key before it.

/// A key of a block map.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Key {
    /// Names from the top.
    pub path: Vec<String>,
    /// From 1.
    pub line: usize,
    /// What is said about it: the lines right above, then those behind its value.
    pub comment: String,
}

/// Returns the keys of a text in their order. A text in another style loses keys, never gets wrong ones.
pub fn scan(text: &str) -> Vec<Key> {
    let mut scan = Scan::default();
    for (i, line) in text.lines().enumerate() {
        scan.line(i + 1, line);
    }
    scan.keys
}

#[derive(Default)]
struct Scan {
    keys: Vec<Key>,
    /// Indentation and name of the maps around this line.
    open: Vec<(usize, String)>,
    /// Comment lines since the last empty line or key.
    above: Vec<String>,
    /// Column of the comment behind the last key: a comment below at the same column goes on with it.
    behind: Option<usize>,
    /// What is deeper than this belongs to a text block or a list.
    deeper: Option<usize>,
    /// Brackets of a value that are still open.
    brackets: usize,
}

impl Scan {
    fn line(&mut self, number: usize, line: &str) {
        let words = line.trim();
        let indent = line.len() - line.trim_start().len();
        if words.is_empty() {
            self.above.clear();
            self.behind = None;
            return;
        }
        if self.deeper.is_some_and(|limit| indent > limit) {
            return;
        }
        if self.brackets > 0 {
            self.brackets = still_open(self.brackets, words);
            return;
        }
        if let Some(comment) = words.strip_prefix('#') {
            return self.comment(indent, comment.trim());
        }
        self.deeper = None;
        self.behind = None;
        if words == "-" || words.starts_with("- ") {
            self.deeper = Some(indent);
            self.above.clear();
            return;
        }
        if let Some((name, rest)) = split_key(words) {
            self.key(number, indent, name, line.len() - rest.len(), rest);
        }
    }

    fn comment(&mut self, column: usize, text: &str) {
        match self.keys.last_mut().filter(|_| self.behind == Some(column)) {
            Some(key) => join(&mut key.comment, text),
            None => self.above.push(text.to_string()),
        }
    }

    fn key(&mut self, number: usize, indent: usize, name: String, column: usize, rest: &str) {
        self.open.retain(|(around, _)| *around < indent);
        self.open.push((indent, name));
        let (value, comment) = split_comment(rest);
        let mut key = Key { path: self.open.iter().map(|(_, name)| name.clone()).collect(), line: number, comment: String::new() };
        self.above.drain(..).for_each(|text| join(&mut key.comment, &text));
        if let Some((at, text)) = comment {
            join(&mut key.comment, text);
            self.behind = Some(column + at);
        }
        if value.starts_with(['|', '>']) {
            self.deeper = Some(indent);
        }
        self.brackets = if value.starts_with(['{', '[']) { still_open(0, value) } else { 0 };
        self.keys.push(key);
    }
}

fn join(text: &mut String, more: &str) {
    if !text.is_empty() && !more.is_empty() {
        text.push(' ');
    }
    text.push_str(more);
}

/// The name and what stands behind its colon.
fn split_key(words: &str) -> Option<(String, &str)> {
    if let Some(quote) = words.chars().next().filter(|c| ['"', '\''].contains(c)) {
        let (name, rest) = words.get(1..)?.split_once(quote)?;
        return Some((name.to_string(), rest.trim_start().strip_prefix(':')?));
    }
    let end = words.find(": ").or_else(|| words.strip_suffix(':').map(str::len))?;
    Some((words.get(..end)?.to_string(), words.get(end + 1..)?))
}

/// The value, and the comment behind it with its place.
fn split_comment(rest: &str) -> (&str, Option<(usize, &str)>) {
    let mut quote = None;
    let mut before = ' ';
    for (i, c) in rest.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '#' && before.is_whitespace() => {
                let (value, comment) = rest.split_at(i);
                return (value.trim(), Some((i, comment.trim_start_matches('#').trim())));
            }
            // An apostrophe in a word is no quote.
            None if ['"', '\''].contains(&c) && " [{,:".contains(before) => quote = Some(c),
            None => {}
        }
        before = c;
    }
    (rest.trim(), None)
}

/// Brackets that are open after `text`. Those in quotes count too: our values have none.
fn still_open(before: usize, text: &str) -> usize {
    text.chars().fold(before, |open, c| match c {
        '{' | '[' => open + 1,
        '}' | ']' => open.saturating_sub(1),
        _ => open,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        scan(text).into_iter().map(|k| format!("{} {} {}", k.line, k.path.join("."), k.comment).trim_end().to_string()).collect()
    }

    #[test]
    fn keys_have_lines_and_comments() {
        let text = "# The file.\n\n# Pods.\n# At least one.\nreplicas: 2  # each\nimage:\n  tag: \"a # b\"  # one\n                # and two\n  # empty\n  registry: \"\"\nname: it's # so\n";
        let wanted = ["5 replicas Pods. At least one. each", "6 image", "7 image.tag one and two", "10 image.registry empty", "11 name so"];
        assert_eq!(shown(text), wanted);
    }

    #[test]
    fn lists_text_blocks_and_braces_belong_to_their_key() {
        let text = "a:\n  - x: 1\n    y: 2\n  - z: 3\nb: |\n  c: 1\n\n  d: 2\ne: {f: 1,\n  g: 2}\nh: # why\n- i: 1\n\"j.k\":\n  l: 1\n";
        assert_eq!(shown(text), ["1 a", "5 b", "9 e", "11 h why", "13 j.k", "14 j.k.l"]);
    }

    #[test]
    fn a_comment_above_a_list_entry_is_not_that_of_the_next_key() {
        assert_eq!(shown("a:\n  # first\n  - x\nb: 1\n"), ["1 a", "4 b"]);
    }
}
