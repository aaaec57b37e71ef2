//! Findings that an old repository has already: written down once, and not told again.

use std::collections::BTreeMap;

use crate::{Finding, fingerprint};

const HEAD: &str =
    "# Findings that are known, one line each: fingerprint, rule, path. Written by `lint --write-baseline`; lines may be removed.";

/// A file of known findings: sorted, so that two people's changes merge.
pub fn write(findings: &[Finding]) -> String {
    let path = |finding: &Finding| finding.path.as_ref().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
    let prints = fingerprint::all(findings);
    let mut lines: Vec<String> =
        prints.iter().zip(findings).map(|(print, finding)| format!("{print} {} {}", finding.rule, path(finding))).collect();
    lines.sort_unstable();
    lines.insert(0, HEAD.to_string());
    lines.join("\n") + "\n"
}

/// Takes out what a file of known findings has. Returns how many those were, and the lines that fit nothing any more.
///
/// Errors: a line that is none of such a file, by its number.
pub fn apply(text: &str, findings: &mut Vec<Finding>) -> Result<(usize, Vec<String>), usize> {
    let mut known: BTreeMap<&str, (&str, bool)> = BTreeMap::new();
    for (i, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
        let print = line.split(' ').next().unwrap_or_default();
        let is_print = print.split_once(':').is_some_and(|(hash, nth)| hash.len() == 16 && nth.parse::<usize>().is_ok());
        if !is_print {
            return Err(i + 1);
        }
        known.insert(print, (line, false));
    }
    let mut prints = fingerprint::all(findings).into_iter();
    let before = findings.len();
    findings.retain(|_| {
        let print = prints.next().unwrap_or_default();
        match known.get_mut(print.as_str()) {
            Some((_, used)) => {
                *used = true;
                false
            }
            None => true,
        }
    });
    let gone = known.into_values().filter(|(_, used)| !used).map(|(line, _)| line.to_string()).collect();
    Ok((before - findings.len(), gone))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Findings, Severity};

    #[test]
    fn what_is_known_is_not_told_and_what_is_gone_is() {
        let mut findings = Findings::default();
        for message in ["one", "two"] {
            findings.of("a-rule", Severity::Error).say(message).at("a.yaml", 3, None);
        }
        let text = write(&findings.found);
        let mut later = findings.found.clone();
        later.remove(0);
        later[0].line = Some(77);
        let (known, gone) = apply(&text, &mut later).unwrap();
        assert_eq!((known, gone.len(), later.len()), (1, 1, 0));
        assert!(gone[0].ends_with(" a-rule a.yaml"));
        assert_eq!(apply("# head\n\nno print\n", &mut later), Err(3));
    }
}
