//! Keys that stand twice in one map: all of them, where a reader stops at the first or says nothing.

use std::collections::HashMap;

use crate::decode::key_of;
use crate::tree::{Kind, Reader};
use crate::{Error, Mark};

/// A key that its map has already.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Twice {
    /// Where it stands again. What stands here counts for Helm and kubectl.
    pub again: Mark,
    /// Where it stood before.
    pub before: Mark,
    pub key: String,
}

/// Every key of a text that its map has already, in the order of the text. Overriding what `<<` brings is none.
///
/// Errors: the text is no YAML, with what was found before that.
pub fn twice(text: &str) -> (Vec<Twice>, Option<Error>) {
    let mut found = Vec::new();
    let mut reader = Reader::new(text);
    while let Some(tree) = reader.document() {
        let tree = match tree {
            Ok(tree) => tree,
            Err(e) => return (found, Some(e)),
        };
        for (at, node) in tree.iter().enumerate().filter(|(_, node)| node.kind == Kind::Mapping) {
            let mut seen: HashMap<String, Mark> = HashMap::new();
            let mut child = at + 1;
            while child < node.end {
                let Some(key) = tree.get(child) else { break };
                if let Some(name) = key_of(&tree, child)
                    && let Some(before) = seen.insert(name.clone(), key.start)
                {
                    found.push(Twice { again: key.start, before, key: name });
                }
                // Behind the key stands its value, and behind that the next key.
                child = tree.get(key.end).map_or(node.end, |value| value.end);
            }
        }
    }
    found.sort_unstable();
    (found, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(usize, usize, String)> {
        twice(text).0.into_iter().map(|twice| (twice.before.line, twice.again.line, twice.key)).collect()
    }

    #[test]
    fn every_key_that_stands_twice_is_found() {
        let text = "a: 1\nb:\n  - {c: 1, c: 2}\na: 2\na: 3\n---\na: 1\n\"a\": 2\nyes: 1\ntrue: 2\n";
        let found = [(3, 3, "c"), (1, 4, "a"), (4, 5, "a"), (7, 8, "a"), (9, 10, "true")];
        assert_eq!(lines(text), found.map(|(before, again, key)| (before, again, key.to_string())));
    }

    #[test]
    fn overriding_a_merge_is_no_second_key() {
        assert_eq!(lines("base: &b {a: 1}\nx:\n  <<: *b\n  a: 2\ny:\n  <<: *b\n  <<: *b\n"), []);
    }

    #[test]
    fn what_stands_before_an_error_is_found() {
        let (found, error) = twice("a: 1\na: 2\n---\n}\n");
        assert_eq!((found.len(), error.map(|e| e.line)), (1, Some(4)));
    }
}
