//! The difference of two texts, line by line, as `diff -u` shows it.

/// Lines around a change.
const AROUND: usize = 3;
/// Cells of the table that finds what two texts have in common; beyond it, what differs is shown as one change.
const CELLS: usize = 4_000_000;

/// Lines with ` `, `-` or `+` before them, and `@@ line N @@` where something is left out. Empty: the texts are equal.
pub fn diff(before: &str, after: &str) -> Vec<String> {
    let (a, b): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let all = script(&a, &b);
    let changed: Vec<usize> = all.iter().enumerate().filter(|(_, (sign, _))| *sign != ' ').map(|(i, _)| i).collect();
    let near = |i: usize| {
        let next = changed.partition_point(|c| *c + AROUND < i);
        changed.get(next).is_some_and(|c| *c <= i + AROUND)
    };
    let (mut shown, mut number, mut gap) = (Vec::new(), 0, true);
    for (i, (sign, line)) in all.iter().enumerate() {
        number += usize::from(*sign != '-');
        if !near(i) {
            gap = true;
            continue;
        }
        if std::mem::take(&mut gap) {
            shown.push(format!("@@ line {} @@", number.max(1)));
        }
        shown.push(format!("{sign}{line}"));
    }
    shown
}

fn script<'a>(a: &[&'a str], b: &[&'a str]) -> Vec<(char, &'a str)> {
    let start = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let most = a.len().min(b.len()) - start;
    let end = a.iter().rev().zip(b.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    let middle = |list: &[&'a str]| list.get(start..list.len() - end).unwrap_or_default().to_vec();
    let (x, y) = (middle(a), middle(b));
    let mut lines: Vec<(char, &str)> = a.iter().take(start).map(|line| (' ', *line)).collect();
    if x.len().saturating_mul(y.len()) > CELLS {
        lines.extend(x.iter().map(|line| ('-', *line)));
        lines.extend(y.iter().map(|line| ('+', *line)));
    } else {
        lines.extend(common(&x, &y));
    }
    lines.extend(a.iter().skip(a.len() - end).map(|line| (' ', *line)));
    lines
}

/// By the longest common subsequence.
fn common<'a>(x: &[&'a str], y: &[&'a str]) -> Vec<(char, &'a str)> {
    let width = y.len() + 1;
    let mut longest = vec![0u32; (x.len() + 1) * width];
    let at = |longest: &[u32], i: usize, j: usize| longest.get(i * width + j).copied().unwrap_or_default();
    for (i, a) in x.iter().enumerate().rev() {
        for (j, b) in y.iter().enumerate().rev() {
            let best = if a == b { at(&longest, i + 1, j + 1) + 1 } else { at(&longest, i + 1, j).max(at(&longest, i, j + 1)) };
            if let Some(cell) = longest.get_mut(i * width + j) {
                *cell = best;
            }
        }
    }
    let (mut i, mut j, mut lines) = (0, 0, Vec::new());
    loop {
        match (x.get(i), y.get(j)) {
            (Some(a), Some(b)) if a == b => {
                lines.push((' ', *a));
                (i, j) = (i + 1, j + 1);
            }
            (Some(a), other) if other.is_none() || at(&longest, i + 1, j) >= at(&longest, i, j + 1) => {
                lines.push(('-', *a));
                i += 1;
            }
            (_, Some(b)) => {
                lines.push(('+', *b));
                j += 1;
            }
            _ => return lines,
        }
    }
}
