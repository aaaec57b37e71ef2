//! Templates as their parser sees them, for programs that read templates without executing them: a linter of Helm charts.

use crate::error::Error;
use crate::parse::{known, parse_with};

pub use crate::node::{Action, Branch, Builtin, Call, Callee, Command, Node, Number, Operand, Pipe, Pos, Term};
pub use crate::parse::place;

/// One tree: the text itself, or a `define` or `block` in it.
#[derive(Debug)]
pub struct Tree {
    pub name: String,
    /// Bytes from the start of the text: from the delimiter that closes `define` to the one that closes its `end`.
    pub span: (Pos, Pos),
    pub nodes: Vec<Node>,
}

/// All trees of `text`, its own under `name`; a name that is both is the `define`'s only when the text itself is empty.
///
/// `foreign` says which functions the program has beside Go's and sprig's, `lacks` which of those it has not.
/// Errors: Go's text, with the line.
pub fn parse(name: &str, text: &str, foreign: &[&str], lacks: &[&str]) -> Result<Vec<Tree>, Error> {
    let callee = |function: &str| match known(function) {
        Some(_) if lacks.contains(&function) => None,
        None if foreign.contains(&function) => Some(Callee::Foreign),
        found => found,
    };
    let (trees, spans) = parse_with(name, text, &callee)?;
    let span = |name: &crate::text::Text| spans.get(name).copied().unwrap_or_default();
    Ok(trees.into_iter().map(|(name, nodes)| Tree { span: span(&name), name: name.lossy().into_owned(), nodes }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_of_other_programs_are_known_by_name() {
        let text = "{{ include \"a\" . }}\n{{- define \"a\" }}x{{ end }}";
        assert!(parse("t", text, &[], &[]).is_err());
        let trees = parse("t", text, &["include"], &[]).unwrap();
        let names: Vec<&str> = trees.iter().map(|tree| tree.name.as_str()).collect();
        assert_eq!(names, ["a", "t"]);
        let (from, to) = trees[0].span;
        assert_eq!(&text[from..to], "}}x{{ end ");
        assert!(parse("t", "{{ slugify . }}", &[], &["slugify"]).unwrap_err().message.contains("function \"slugify\" not defined"));
    }
}
