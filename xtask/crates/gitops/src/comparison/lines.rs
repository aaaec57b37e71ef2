//! How texts of several lines differ.

/// Lines of either text beyond which the middle is shown as replaced as a whole: the table has the square of them.
const MOST: usize = 400;
/// Lines of both texts shown around a change.
const AROUND: usize = 2;

/// Returns the lines that differ with their sign (`-`, `+`, or a blank for those around them); `…` stands for what is left out.
pub fn lines(before: &str, after: &str) -> Vec<String> {
    let (a, b): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let start = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let most = a.len().min(b.len()) - start;
    let end = a.iter().rev().zip(b.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    let (old, new) = (a.get(start..a.len() - end).unwrap_or_default(), b.get(start..b.len() - end).unwrap_or_default());
    let mut edits: Vec<(char, &str)> = a.iter().take(start).map(|line| (' ', *line)).collect();
    if old.len() > MOST || new.len() > MOST {
        edits.extend(old.iter().map(|line| ('-', *line)).chain(new.iter().map(|line| ('+', *line))));
    } else {
        edits.extend(common(old, new));
    }
    edits.extend(a.iter().skip(a.len() - end).map(|line| (' ', *line)));
    trimmed(&edits)
}

/// The longest common subsequence of lines, written as edits.
fn common<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(char, &'a str)> {
    let width = new.len() + 1;
    let mut table = vec![0_u32; (old.len() + 1) * width];
    let at = |table: &[u32], i: usize, j: usize| table.get(i * width + j).copied().unwrap_or_default();
    for (i, a) in old.iter().enumerate().rev() {
        for (j, b) in new.iter().enumerate().rev() {
            let best = if a == b { at(&table, i + 1, j + 1) + 1 } else { at(&table, i + 1, j).max(at(&table, i, j + 1)) };
            if let Some(cell) = table.get_mut(i * width + j) {
                *cell = best;
            }
        }
    }
    let (mut i, mut j, mut edits) = (0, 0, Vec::new());
    loop {
        match (old.get(i), new.get(j)) {
            (Some(a), Some(b)) if a == b => {
                edits.push((' ', *a));
                (i, j) = (i + 1, j + 1);
            }
            (Some(a), b) if b.is_none() || at(&table, i + 1, j) >= at(&table, i, j + 1) => {
                edits.push(('-', *a));
                i += 1;
            }
            (_, Some(b)) => {
                edits.push(('+', *b));
                j += 1;
            }
            _ => return edits,
        }
    }
}

/// Only what is near a change.
fn trimmed(edits: &[(char, &str)]) -> Vec<String> {
    let near: Vec<bool> = {
        let mut near = vec![false; edits.len()];
        for (i, _) in edits.iter().enumerate().filter(|(_, (sign, _))| *sign != ' ') {
            near.iter_mut().take(i + AROUND + 1).skip(i.saturating_sub(AROUND)).for_each(|slot| *slot = true);
        }
        near
    };
    let mut shown: Vec<String> = Vec::new();
    for ((sign, line), near) in edits.iter().zip(near) {
        if near {
            shown.push(format!("{sign} {line}").trim_end().to_string());
        } else if shown.last().is_some_and(|last| last != "…") {
            shown.push("…".into());
        }
    }
    shown.pop_if(|last| last == "…");
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_stay_are_shown_only_near_a_change() {
        let before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let after = "1\n2\n3\nfour\n5\n6\n7\n8\n9\n10\n";
        assert_eq!(lines(before, after), ["  2", "  3", "- 4", "+ four", "  5", "  6", "…", "  8", "  9", "+ 10"]);
    }

    #[test]
    fn a_line_in_the_middle_is_one_edit() {
        assert_eq!(lines("a\nb\nc", "a\nx\nb\nc"), ["  a", "+ x", "  b", "  c"]);
        assert_eq!(lines("a\nb", "a\nb"), [""; 0]);
    }
}
