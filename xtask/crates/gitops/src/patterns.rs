//! Patterns for paths: Go's `path.Match` for folders, git's pathspecs for files. Both in time that grows with text × pattern.

/// One step of a pattern.
#[derive(Debug)]
enum Token {
    Byte(u8),
    /// `?`; may it be a slash?
    One(bool),
    /// `*`; may it cross slashes?
    Many(bool),
    /// `**/` of a pattern for whole names: any folders, or none.
    Folders,
    /// `[…]`
    Class {
        not: bool,
        ranges: Vec<(u8, u8)>,
        slash: bool,
    },
}

/// Does `text` match as Go's `path.Match` has it? `*` and `?` stay within a name; what is no pattern matches nothing.
///
/// Source: Go's package `path`. It works on characters, this on bytes: the same but for classes of other than ASCII.
pub fn path_match(pattern: &str, text: &str) -> bool {
    go_tokens(pattern).is_some_and(|tokens| matches(&tokens, text.as_bytes()))
}

/// `None`: Go's `ErrBadPattern`.
fn go_tokens(pattern: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = pattern.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '*' => tokens.push(Token::Many(false)),
            '?' => tokens.push(Token::One(false)),
            '\\' => push_char(&mut tokens, rest.next()?),
            '[' => {
                let not = rest.next_if_eq(&'^').is_some();
                let mut ranges = Vec::new();
                loop {
                    if !ranges.is_empty() && rest.next_if_eq(&']').is_some() {
                        break;
                    }
                    let low = class_char(&mut rest)?;
                    let high = if rest.next_if_eq(&'-').is_some() { class_char(&mut rest)? } else { low };
                    ranges.push((low, high));
                }
                tokens.push(Token::Class { not, ranges, slash: false });
            }
            other => push_char(&mut tokens, other),
        }
    }
    Some(tokens)
}

fn class_char(rest: &mut std::iter::Peekable<std::str::Chars>) -> Option<u8> {
    let c = match rest.next()? {
        '-' | ']' => return None,
        '\\' => rest.next()?,
        other => other,
    };
    // The next must be there: a class has an end.
    rest.peek()?;
    u8::try_from(u32::from(c)).ok().filter(u8::is_ascii)
}

fn push_char(tokens: &mut Vec<Token>, c: char) {
    let mut bytes = [0; 4];
    tokens.extend(c.encode_utf8(&mut bytes).bytes().map(Token::Byte));
}

/// What git lists for a pathspec.
pub struct Pathspec {
    /// Without `.` and `..`, as it stands for itself or for a folder.
    literal: String,
    tokens: Option<Vec<Token>>,
}

impl Pathspec {
    /// Errors: in git's words; `Err(None)` for a pathspec with a kind of magic that is not known here.
    pub fn parse(text: &str) -> Result<Self, Option<String>> {
        let (glob, literal, text) = match text.strip_prefix(':') {
            None => (false, false, text),
            Some(rest) => {
                let rest = rest.strip_prefix('(').and_then(|r| r.split_once(')')).ok_or(None)?;
                match rest {
                    ("glob", text) => (true, false, text),
                    ("literal", text) => (false, true, text),
                    ("top" | "", text) => (false, false, text),
                    _ => return Err(None),
                }
            }
        };
        let path = normal(text).ok_or_else(|| Some(format!("fatal: {text}: '{text}' is outside repository")))?;
        let special = !literal && path.contains(['*', '?', '[', '\\']);
        let tokens = if special { git_tokens(path.as_bytes(), glob) } else { None };
        Ok(Pathspec { literal: path, tokens })
    }

    pub fn matches(&self, file: &str) -> bool {
        let below = |rest: &str| rest.is_empty() || rest.starts_with('/') || self.literal.is_empty() || self.literal.ends_with('/');
        file.strip_prefix(self.literal.as_str()).is_some_and(below)
            || self.tokens.as_ref().is_some_and(|tokens| matches(tokens, file.as_bytes()))
    }
}

/// `a/./b//c/../d` is `a/b/d`; the root is empty; `None` for what leaves it. A slash at the end stays.
fn normal(text: &str) -> Option<String> {
    if text.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    let folder = text.ends_with('/') && !parts.is_empty();
    Some(parts.join("/") + if folder { "/" } else { "" })
}

/// `names`: `*` stays within a name, as magic `glob` asks for. `None`: git matches nothing with a class that never ends.
fn git_tokens(pattern: &[u8], names: bool) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&byte) = pattern.get(at) {
        at += 1;
        match byte {
            b'*' => {
                let starts = at == 1 || pattern.get(at - 2) == Some(&b'/');
                let from = at;
                while pattern.get(at) == Some(&b'*') {
                    at += 1;
                }
                let double = at > from;
                let ends = matches!(pattern.get(at), None | Some(b'/'));
                if names && double && starts && ends {
                    if pattern.get(at) == Some(&b'/') {
                        at += 1;
                        tokens.push(Token::Folders);
                    } else {
                        tokens.push(Token::Many(true));
                    }
                } else {
                    tokens.push(Token::Many(!names));
                }
            }
            b'?' => tokens.push(Token::One(!names)),
            b'\\' => {
                tokens.push(Token::Byte(*pattern.get(at)?));
                at += 1;
            }
            b'[' => tokens.push(git_class(pattern, &mut at, !names)?),
            other => tokens.push(Token::Byte(other)),
        }
    }
    Some(tokens)
}

fn git_class(pattern: &[u8], at: &mut usize, slash: bool) -> Option<Token> {
    let not = matches!(pattern.get(*at), Some(b'!' | b'^'));
    *at += usize::from(not);
    let mut ranges: Vec<(u8, u8)> = Vec::new();
    let mut first = true;
    loop {
        let mut byte = *pattern.get(*at)?;
        *at += 1;
        if byte == b']' && !first {
            return Some(Token::Class { not, ranges, slash });
        }
        first = false;
        if byte == b'[' && pattern.get(*at) == Some(&b':') {
            let rest = pattern.get(*at + 1..)?;
            let end = rest.windows(2).position(|w| w == b":]")?;
            ranges.extend(named_class(rest.get(..end)?)?);
            *at += end + 3;
            continue;
        }
        if byte == b'\\' {
            byte = *pattern.get(*at)?;
            *at += 1;
        }
        let mut high = byte;
        if pattern.get(*at) == Some(&b'-') && !matches!(pattern.get(*at + 1), None | Some(b']')) {
            *at += 1;
            high = *pattern.get(*at)?;
            *at += 1;
            if high == b'\\' {
                high = *pattern.get(*at)?;
                *at += 1;
            }
        }
        ranges.push((byte, high));
    }
}

fn named_class(name: &[u8]) -> Option<Vec<(u8, u8)>> {
    Some(match name {
        b"alnum" => vec![(b'0', b'9'), (b'A', b'Z'), (b'a', b'z')],
        b"alpha" => vec![(b'A', b'Z'), (b'a', b'z')],
        b"blank" => vec![(b' ', b' '), (b'\t', b'\t')],
        b"cntrl" => vec![(0, 31), (127, 127)],
        b"digit" => vec![(b'0', b'9')],
        b"graph" => vec![(33, 126)],
        b"lower" => vec![(b'a', b'z')],
        b"print" => vec![(32, 126)],
        b"punct" => vec![(33, 47), (58, 64), (91, 96), (123, 126)],
        b"space" => vec![(b' ', b' '), (9, 13)],
        b"upper" => vec![(b'A', b'Z')],
        b"xdigit" => vec![(b'0', b'9'), (b'A', b'F'), (b'a', b'f')],
        _ => return None,
    })
}

/// Follows all ways through the pattern at once.
fn matches(tokens: &[Token], text: &[u8]) -> bool {
    let mut now = vec![false; tokens.len() + 1];
    enter(tokens, &mut now, 0, true);
    for (i, &byte) in text.iter().enumerate() {
        let starts = i == 0 || text.get(i - 1) == Some(&b'/');
        let mut next = vec![false; tokens.len() + 1];
        for (at, token) in tokens.iter().enumerate() {
            if !now.get(at).copied().unwrap_or_default() {
                continue;
            }
            match token {
                Token::Byte(b) if *b == byte => enter(tokens, &mut next, at + 1, byte == b'/'),
                Token::One(slash) if *slash || byte != b'/' => enter(tokens, &mut next, at + 1, byte == b'/'),
                Token::Many(slash) if *slash || byte != b'/' => enter(tokens, &mut next, at, byte == b'/'),
                // Stays in it within a folder's name; the end of one is a way out.
                Token::Folders => {
                    if byte == b'/' && !starts {
                        enter(tokens, &mut next, at, true);
                    } else if let Some(state) = next.get_mut(at) {
                        *state = true;
                    }
                }
                Token::Class { not, ranges, slash }
                    if (*slash || byte != b'/') && ranges.iter().any(|(low, high)| (low..=high).contains(&&byte)) != *not =>
                {
                    enter(tokens, &mut next, at + 1, byte == b'/');
                }
                _ => {}
            }
        }
        now = next;
    }
    now.last().copied().unwrap_or_default()
}

/// Marks a place in the pattern, and those that are reached from it without reading anything. `begins`: a name begins here.
fn enter(tokens: &[Token], states: &mut [bool], mut at: usize, begins: bool) {
    loop {
        if let Some(state) = states.get_mut(at) {
            *state = true;
        }
        match tokens.get(at) {
            Some(Token::Many(_)) => at += 1,
            Some(Token::Folders) if begins => at += 1,
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_match_as_in_go() {
        let yes = [("apps/*", "apps/a"), ("**", "a"), ("a/[b-d]x", "a/cx"), ("a/[^b]", "a/c"), ("a\\*", "a*"), ("?", "x"), ("*/é", "a/é")];
        let no = [("apps/*", "apps/a/b"), ("**", "a/b"), ("a/[b-d]x", "a/ex"), ("[", "["), ("[]a]", "]"), ("a\\", "a"), ("{a,b}", "a")];
        assert_eq!(yes.iter().find(|(p, t)| !path_match(p, t)), None);
        assert_eq!(no.iter().find(|(p, t)| path_match(p, t)), None);
    }

    #[test]
    fn files_match_as_in_git() {
        let fits = |pattern: &str, file: &str| Pathspec::parse(pattern).ok().unwrap().matches(file);
        let yes = [
            ("*.yaml", "a/b.yaml"),
            ("a", "a/b"),
            ("a/", "a/b"),
            (".", "a/b"),
            ("./a/../b", "b"),
            ("a/**/c", "a/b/c"),
            ("a*c", "a/b/c"),
            ("[[:digit:]]x", "1x"),
            (":(glob)**/x", "x"),
            (":(glob)**/x", "a/b/x"),
            (":(glob)a/**", "a/b/c"),
        ];
        let no = [
            ("*.yaml", "a.yml"),
            ("a", "ab"),
            ("a/**/c", "a/c"),
            ("**/x", "x"),
            ("a/", "a"),
            ("[ab", "[ac"),
            (":(glob)*.yaml", "a/b.yaml"),
            (":(glob)**/x", "ax"),
        ];
        assert_eq!(yes.iter().find(|(p, t)| !fits(p, t)), None);
        assert_eq!(no.iter().find(|(p, t)| fits(p, t)), None);
        assert!(matches!(Pathspec::parse("../x"), Err(Some(_))) && matches!(Pathspec::parse(":(attr:x)y"), Err(None)));
    }
}
