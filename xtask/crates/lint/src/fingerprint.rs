//! What makes a finding the same finding after lines have moved.

use std::collections::BTreeMap;

use crate::Finding;

/// One for each finding, in their order: rule, path, object and message, and which of several equal ones it is. Line numbers have no
/// part in it.
pub fn all(findings: &[Finding]) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let print = |finding: &Finding| {
        let path = finding.path.as_ref().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
        let key = [finding.rule, &path, finding.object.as_deref().unwrap_or_default(), &without_lines(&finding.message)].join("\u{1f}");
        let hash = fnv(key.as_bytes());
        let nth = seen.entry(key).or_default();
        *nth += 1;
        format!("{hash:016x}:{nth}")
    };
    findings.iter().map(print).collect()
}

/// A message without the numbers of lines in it: those of `line 3` and of `web.yaml:3`.
fn without_lines(message: &str) -> String {
    const BEFORE: [&str; 5] = ["line ", ".yaml:", ".yml:", ".tpl:", ".json:"];
    let mut kept = String::with_capacity(message.len());
    for c in message.chars() {
        let is_number = c.is_ascii_digit() && BEFORE.iter().any(|before| kept.ends_with(before));
        if !is_number {
            kept.push(c);
        }
    }
    kept
}

/// FNV-1a, 64 bits (RFC 9923): stable over versions of the program, and no secret depends on it.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Findings, Severity};

    #[test]
    fn lines_may_move_and_equal_findings_are_told_apart() {
        let mut findings = Findings::default();
        for (line, message) in [(3, "wrong"), (9, "wrong"), (3, "other")] {
            findings.of("a-rule", Severity::Error).say(message).at("a.yaml", line, None);
        }
        let prints = all(&findings.found);
        assert!(prints[0].ends_with(":1") && prints[1].ends_with(":2") && prints[2].ends_with(":1"));
        findings.found.iter_mut().for_each(|finding| finding.line = Some(100));
        assert_eq!(all(&findings.found), prints);
        let moved = |line: &str| without_lines(&format!("see line {line} and web.yaml:{line}: port 8080"));
        assert_eq!(moved("3"), moved("41"));
        assert!(moved("3").ends_with("port 8080"));
        assert_eq!(fnv(b"a"), 0xaf63_dc4c_8601_ec8c, "the test vector of the RFC");
    }
}
