//! A regular expression in Go's syntax, compiled once, for those who match many texts.

use super::regex_syntax;

/// What `regexp.Compile` gives.
pub struct Pattern {
    compiled: regex_lite::Regex,
    folds_case: bool,
    is_ascii: bool,
}

impl Pattern {
    /// `None`: Go refuses it, or it is one that this program cannot read.
    pub fn new(pattern: &str) -> Option<Self> {
        let translated = regex_syntax::translate(pattern).ok()?;
        let compiled = regex_lite::Regex::new(&translated.pattern).ok()?;
        Some(Pattern { compiled, folds_case: translated.folds_case, is_ascii: pattern.is_ascii() })
    }

    /// Is there a match anywhere in the text? `None`: letters beyond ASCII, and case does not count.
    pub fn is_match(&self, text: &str) -> Option<bool> {
        if self.folds_case && !(self.is_ascii && text.is_ascii()) {
            return None;
        }
        Some(self.compiled.is_match(text))
    }
}

impl std::fmt::Debug for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pattern({})", self.compiled)
    }
}
