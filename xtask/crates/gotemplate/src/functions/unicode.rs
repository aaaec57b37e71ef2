//! Go's package `unicode`, as far as functions ask it: simple case mappings, where Rust's may give several characters.

/// `unicode.ToUpper`.
pub(super) fn to_upper(c: char) -> char {
    single(c.to_uppercase()).unwrap_or(match u32::from(c) {
        n @ (0x1F80..=0x1F87 | 0x1F90..=0x1F97 | 0x1FA0..=0x1FA7) => char::from_u32(n + 8).unwrap_or(c),
        n @ (0x1FB3 | 0x1FC3 | 0x1FF3) => char::from_u32(n + 9).unwrap_or(c),
        _ => c,
    })
}

/// `unicode.ToLower`.
pub(super) fn to_lower(c: char) -> char {
    single(c.to_lowercase()).unwrap_or(if c == 'İ' { 'i' } else { c })
}

/// `unicode.ToTitle`.
pub(super) fn to_title(c: char) -> char {
    match u32::from(c) {
        0x1C4..=0x1C6 => '\u{1C5}',
        0x1C7..=0x1C9 => '\u{1C8}',
        0x1CA..=0x1CC => '\u{1CB}',
        0x1F1..=0x1F3 => '\u{1F2}',
        0x10D0..=0x10FA | 0x10FD..=0x10FF => c,
        _ => to_upper(c),
    }
}

/// `unicode.IsUpper`: category Lu, so without letters in circles and Roman numbers.
pub(super) fn is_upper(c: char) -> bool {
    c.is_uppercase()
        && !matches!(u32::from(c), 0x2160..=0x216F | 0x24B6..=0x24CF | 0x1F130..=0x1F149 | 0x1F150..=0x1F169 | 0x1F170..=0x1F189)
}

/// `unicode.IsLower`: category Ll.
pub(super) fn is_lower(c: char) -> bool {
    c.is_lowercase()
        && !matches!(u32::from(c), 0xAA | 0xBA | 0x2B0..=0x2B8 | 0x2C0..=0x2C1 | 0x2E0..=0x2E4 | 0x345 | 0x37A | 0x10FC | 0x1D2C..=0x1D6A
            | 0x1D78 | 0x1D9B..=0x1DBF | 0x2071 | 0x207F | 0x2090..=0x209C | 0x2170..=0x217F | 0x24D0..=0x24E9 | 0x2C7C..=0x2C7D
            | 0xA69C..=0xA69D | 0xA770 | 0xA7F1..=0xA7F4 | 0xA7F8..=0xA7F9 | 0xAB5C..=0xAB5F | 0xAB69 | 0x10780..=0x107BA
            | 0x1E030..=0x1E06D)
}

/// `unicode.IsTitle`.
pub(super) fn is_title(c: char) -> bool {
    matches!(u32::from(c), 0x1C5 | 0x1C8 | 0x1CB | 0x1F2 | 0x1F88..=0x1F8F | 0x1F98..=0x1F9F | 0x1FA8..=0x1FAF | 0x1FBC | 0x1FCC | 0x1FFC)
}

/// `unicode.IsPunct` of an ASCII character; `None` beyond, where this program has no table.
pub(super) fn is_punct(c: char) -> Option<bool> {
    if c.is_alphanumeric() || c.is_whitespace() {
        return Some(false);
    }
    c.is_ascii().then(|| c.is_ascii_punctuation() && !matches!(c, '$' | '+' | '<' | '=' | '>' | '^' | '`' | '|' | '~'))
}

fn single(mut mapped: impl Iterator<Item = char>) -> Option<char> {
    let first = mapped.next()?;
    mapped.next().is_none().then_some(first)
}
