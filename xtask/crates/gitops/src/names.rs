//! Names as Argo CD makes them from other texts.

/// Lower case, everything but letters, digits, `-` and `.` replaced by `-`, at most 253 bytes, no `-` or `.` at the ends.
///
/// Source: `SanitizeName` of Argo CD's `applicationset/utils`.
pub fn normalize(name: &str) -> String {
    // Go turns each character into one; Rust's lower case may be longer and knows the context.
    let lower = name.chars().map(|c| c.to_lowercase().next().unwrap_or(c));
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    let text: String = lower.map(|c| if plain(c) { c } else { '-' }).take(253).collect();
    text.trim_matches(['-', '.']).to_string()
}

/// The last name of a path, as Go's `path.Base`: `.` for nothing.
pub fn base(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    match trimmed.rsplit('/').next() {
        Some("") | None => {
            if path.is_empty() {
                "."
            } else {
                "/"
            }
        }
        Some(name) => name,
    }
}

/// The folder of a file of the tree, as Go's `path.Dir`: `.` for the root.
pub fn dir(path: &str) -> &str {
    path.rsplit_once('/').map_or(".", |(folder, _)| folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_normalized() {
        assert_eq!(normalize("Ümlaut_Name.x--"), "mlaut-name.x");
        assert_eq!((base("a/b"), base("."), base(""), dir("a/b/c"), dir("c")), ("b", ".", ".", "a/b", "."));
    }
}
