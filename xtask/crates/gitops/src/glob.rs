//! Patterns for paths: those of `directory.include` and `exclude`, and those of `valueFiles`.
//!
//! The first kind is gobwas/glob without separators, so `*` stands for `/` too. The second is doublestar: `*` ends at a `/`,
//! and `**` as a whole segment stands for any number of folders.

/// Alternatives that a pattern may stand for; more are as good as a broken pattern.
const ALTERNATIVES: usize = 4096;

/// Does `text` fit a pattern in which `*` crosses `/`? A pattern that is not valid fits nothing, as in Argo CD.
pub fn fits(pattern: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    alternatives(pattern, false).iter().flatten().any(|one| parse(one, false).is_some_and(|tokens| matches(&tokens, &text)))
}

/// Does a path fit a pattern of `valueFiles`? Both without a leading `/`.
pub fn fits_path(pattern: &str, path: &str) -> bool {
    let path: Vec<&str> = path.split('/').collect();
    alternatives(pattern, true).iter().flatten().any(|one| segments(&one.split('/').collect::<Vec<_>>(), &path))
}

/// Is it a pattern to Argo CD (`isGlobPath`)?
pub fn is_pattern(path: &str) -> bool {
    path.contains(['*', '?', '['])
}

fn segments(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern, path) {
        ([], []) => true,
        (["**"], _) => true,
        (["**", rest @ ..], _) => (0..=path.len()).any(|skip| path.get(skip..).is_some_and(|left| segments(rest, left))),
        ([first, rest @ ..], [name, left @ ..]) => {
            let name: Vec<char> = name.chars().collect();
            parse(first, true).is_some_and(|tokens| matches(&tokens, &name)) && segments(rest, left)
        }
        _ => false,
    }
}

#[derive(Debug)]
enum Token {
    /// Any text.
    Any,
    /// Any one character.
    One,
    Char(char),
    /// Ranges, and whether they are those that are not meant.
    Class(Vec<(char, char)>, bool),
}

/// `caret`: may `^` turn a class around beside `!`?
fn parse(pattern: &str, caret: bool) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        tokens.push(match c {
            '*' => Token::Any,
            '?' => Token::One,
            '\\' => Token::Char(chars.next()?),
            '[' => {
                let not = chars.next_if(|c| *c == '!' || caret && *c == '^').is_some();
                let mut ranges = Vec::new();
                // gobwas/glob knows one range or a list of characters, not both.
                let list = !caret && chars.clone().nth(3) != Some(']');
                loop {
                    let low = match chars.next()? {
                        ']' if !ranges.is_empty() => break,
                        '\\' => chars.next()?,
                        c => c,
                    };
                    let high = match chars.next_if(|c| *c == '-' && !list) {
                        Some(_) => chars.next().filter(|c| *c != ']')?,
                        None => low,
                    };
                    ranges.push((low, high));
                }
                Token::Class(ranges, not)
            }
            c => Token::Char(c),
        });
    }
    Some(tokens)
}

/// With one step back to the last `Any`: that is enough, because what stands before it fits already.
fn matches(tokens: &[Token], text: &[char]) -> bool {
    let (mut t, mut i, mut back) = (0, 0, None);
    loop {
        match (tokens.get(t), text.get(i)) {
            (Some(Token::Any), _) => {
                back = Some((t + 1, i));
                t += 1;
                continue;
            }
            (Some(token), Some(c)) if is_one(token, *c) => (t, i) = (t + 1, i + 1),
            (None, None) => return true,
            _ => match &mut back {
                Some((after, from)) if *from < text.len() => {
                    *from += 1;
                    (t, i) = (*after, *from);
                }
                _ => return false,
            },
        }
    }
}

fn is_one(token: &Token, c: char) -> bool {
    match token {
        Token::Any => false,
        Token::One => true,
        Token::Char(wanted) => *wanted == c,
        Token::Class(ranges, not) => ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *not,
    }
}

/// The patterns that one with braces stands for. `None`: too many, or the braces are not closed where they `must` be.
fn alternatives(pattern: &str, must: bool) -> Option<Vec<String>> {
    let mut done = Vec::new();
    let mut open = vec![pattern.to_string()];
    while let Some(one) = open.pop() {
        match braces(&one, must)? {
            None => done.push(one),
            Some((before, parts, after)) => {
                open.extend(parts.iter().map(|part| format!("{before}{part}{after}")));
            }
        }
        if done.len() + open.len() > ALTERNATIVES {
            return None;
        }
    }
    Some(done)
}

/// The first braces: what stands before, in, and behind them. `None` at the top: they are not closed.
type Braces = (String, Vec<String>, String);
fn braces(pattern: &str, must: bool) -> Option<Option<Braces>> {
    let (mut depth, mut class, mut escaped) = (0_usize, false, false);
    let (mut start, mut cut) = (0, 0);
    let mut parts = Vec::new();
    for (i, c) in pattern.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' if !class => class = true,
            ']' if class => class = false,
            _ if class => {}
            '{' => {
                if depth == 0 {
                    (start, cut) = (i, i + 1);
                }
                depth += 1;
            }
            ',' if depth == 1 => {
                parts.push(pattern.get(cut..i)?.to_string());
                cut = i + 1;
            }
            '}' if depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    parts.push(pattern.get(cut..i)?.to_string());
                    return Some(Some((pattern.get(..start)?.to_string(), parts, pattern.get(i + 1..)?.to_string())));
                }
            }
            _ => {}
        }
    }
    match depth {
        0 => Some(None),
        1 if !must => {
            parts.push(pattern.get(cut..)?.to_string());
            Some(Some((pattern.get(..start)?.to_string(), parts, String::new())))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Answers of gobwas/glob 0.2.3, as Argo CD 3.5.3 calls it.
    #[test]
    fn include_and_exclude_cross_folders() {
        let yes = [
            ("*.yaml", "a/b.yaml"),
            ("{projects/*.yaml,sets/*.yaml}", "sets/a.yaml"),
            ("a/{b,c/{d,e}}.yml", "a/c/e.yml"),
            ("[a-c]?.json", "bx.json"),
            ("[!a]*", "b"),
            ("**/x", "a/b/x"),
            (r"\*.yaml", "*.yaml"),
            ("a*b*c", "axbxbxc"),
            ("{a,b", "a"),
            ("[^a]", "^"),
            ("[abc]", "b"),
            ("a{,b}", "a"),
        ];
        let no = [("*.yaml", "a.yml"), ("[ab-d]", "c"), ("[^a]", "b"), ("[a", "a"), ("**/x", "x"), ("[!a]", "a"), ("a", "ab"), ("", "a")];
        yes.iter().for_each(|(pattern, text)| assert!(fits(pattern, text), "{pattern} {text}"));
        no.iter().for_each(|(pattern, text)| assert!(!fits(pattern, text), "{pattern} {text}"));
    }

    // Answers of doublestar 4.10.0.
    #[test]
    fn patterns_of_value_files_know_folders() {
        let yes =
            [("v/*.yaml", "v/a.yaml"), ("**/x.yaml", "x.yaml"), ("v/**/x.yaml", "v/a/b/x.yaml"), ("v/**", "v/a/b"), ("{a,b}/[^c]", "b/x")];
        let no = [("*.yaml", "v/a.yaml"), ("v/*", "v/a/b"), ("v/?", "v/ab"), ("v/a**", "v/a/b"), ("[^c]", "c")];
        yes.iter().for_each(|(pattern, path)| assert!(fits_path(pattern, path), "{pattern} {path}"));
        no.iter().for_each(|(pattern, path)| assert!(!fits_path(pattern, path), "{pattern} {path}"));
    }
}
