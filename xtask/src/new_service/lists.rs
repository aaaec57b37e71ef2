//! Entries for a new service in the lists and maps of a YAML file, by lines: comments and order stay as they are.
//!
//! An entry is the line that names the likeness and what is indented below it. Its copy goes behind the last entry of the same
//! form that names another service, in the same list.

use super::{MODEL, Names};

/// New lines, and the number of the first one in the file as it will be.
#[derive(Debug, PartialEq, Eq)]
pub struct Hunk {
    pub line: usize,
    pub lines: Vec<String>,
}

/// The text with an entry for `new` beside each one of the likeness, and what was added; `None` when nothing is to be added.
pub fn with(text: &str, new: &Names, others: &[Names]) -> Option<(String, Vec<Hunk>)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut added: Vec<(usize, Vec<String>)> = Vec::new();
    let mut i = 0;
    while i < lines.len() {
        let end = block(&lines, i);
        let head = lines.get(i).copied().unwrap_or_default();
        if !head.contains(MODEL) || head.trim_start().starts_with('#') {
            i += 1;
            continue;
        }
        let siblings = entries_beside(&lines, i);
        let has = |line: &str| siblings.iter().copied().find(|at| lines.get(*at).is_some_and(|l| *l == line));
        if has(&new.instead(head)).is_none() {
            let last = others.iter().filter_map(|other| has(&other.instead(head))).max().unwrap_or(i);
            let copy = lines.get(i..end).unwrap_or_default().iter().map(|line| new.instead(line)).collect();
            added.push((block(&lines, last), copy));
        }
        i = end;
    }
    if added.is_empty() {
        return None;
    }
    added.sort_by_key(|(at, _)| *at);
    let mut result: Vec<String> = Vec::new();
    let mut hunks = Vec::new();
    let mut from = 0;
    for (at, copy) in added {
        result.extend(lines.get(from..at).unwrap_or_default().iter().map(|l| l.to_string()));
        hunks.push(Hunk { line: result.len() + 1, lines: copy.clone() });
        result.extend(copy);
        from = at;
    }
    result.extend(lines.get(from..).unwrap_or_default().iter().map(|l| l.to_string()));
    Some((result.join("\n") + "\n", hunks))
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The line behind an entry: what is indented deeper belongs to it, and a comment or a blank line only when such a line follows.
fn block(lines: &[&str], start: usize) -> usize {
    let depth = lines.get(start).map_or(0, |l| indent(l));
    let mut end = start + 1;
    for (i, line) in lines.iter().enumerate().skip(start + 1) {
        if line.trim().is_empty() {
            continue;
        }
        if indent(line) <= depth {
            break;
        }
        end = i + 1;
    }
    end
}

/// The lines at the same depth in the same list or map.
fn entries_beside(lines: &[&str], at: usize) -> Vec<usize> {
    let depth = lines.get(at).map_or(0, |l| indent(l));
    let inside = |line: &&&str| line.trim().is_empty() || line.trim_start().starts_with('#') || indent(line) >= depth;
    let before = lines.get(..at).unwrap_or_default().iter().rev().take_while(inside).count();
    let after = lines.get(at..).unwrap_or_default().iter().take_while(inside).count();
    (at - before..at + after).filter(|i| lines.get(*i).is_some_and(|l| !l.trim().is_empty() && indent(l) == depth)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn services() -> Vec<Names> {
        let saga = Names { chart: "saga-tracker".into(), fullname: "saga-tracker-api".into(), domain: "saga".into() };
        vec![Names::of("order"), Names::of(MODEL), saga]
    }

    fn edited(text: &str) -> Option<String> {
        with(text, &Names::of("wishlist"), &services()).map(|(text, _)| text)
    }

    #[test]
    fn an_entry_goes_behind_the_last_one_of_its_kind_and_comments_stay() {
        let text = "# All.\nservices:\n  - order-api  # first\n  - recommendation-api\n  - saga-tracker-api\n\n# Next.\nmesh: {}\n";
        let wanted = text.replace("saga-tracker-api\n", "saga-tracker-api\n  - wishlist-api\n");
        assert_eq!(edited(text), Some(wanted));
    }

    #[test]
    fn an_entry_takes_what_stands_below_it_along() {
        let text = "- name: recommendation-db-credentials\n  keys:\n    USER: {value: recommendation}\n- name: saga-db-credentials\n  keys: {}\n\n\
                    - name: recommendation-api-secret\n  keys:\n    # None.\n    A: {from: recommendation-db-credentials/USER}\n\n- name: tls\n";
        let wanted = "- name: recommendation-db-credentials\n  keys:\n    USER: {value: recommendation}\n- name: saga-db-credentials\n  keys: {}\n\
                      - name: wishlist-db-credentials\n  keys:\n    USER: {value: wishlist}\n\n\
                      - name: recommendation-api-secret\n  keys:\n    # None.\n    A: {from: recommendation-db-credentials/USER}\n\
                      - name: wishlist-api-secret\n  keys:\n    # None.\n    A: {from: wishlist-db-credentials/USER}\n\n- name: tls\n";
        assert_eq!(edited(text).as_deref(), Some(wanted));
    }

    #[test]
    fn an_entry_stays_in_its_own_list() {
        let text = "a:\n  stores:\n    recommendation: {}\n    saga: {}\nb:\n  stores:\n    order: {}\n    saga: {}\n";
        let wanted = "a:\n  stores:\n    recommendation: {}\n    saga: {}\n    wishlist: {}\nb:\n  stores:\n    order: {}\n    saga: {}\n";
        assert_eq!(edited(text).as_deref(), Some(wanted));
    }

    #[test]
    fn what_is_there_is_not_added_again_and_a_comment_is_no_entry() {
        assert_eq!(edited("# recommendation\na: 1\n"), None);
        let once = edited("  - recommendation-api\n").unwrap();
        assert_eq!(once, "  - recommendation-api\n  - wishlist-api\n");
        assert_eq!(edited(&once), None);
    }

    #[test]
    fn the_lines_are_numbered_as_they_will_be() {
        let text = "- recommendation-a\n- recommendation-b\n";
        let (_, hunks) = with(text, &Names::of("wishlist"), &services()).unwrap();
        let hunk = |line: usize, text: &str| Hunk { line, lines: vec![text.to_string()] };
        assert_eq!(hunks, [hunk(2, "- wishlist-a"), hunk(4, "- wishlist-b")]);
    }
}
