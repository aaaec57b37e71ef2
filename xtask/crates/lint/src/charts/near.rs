//! The name that was likely meant.

/// The nearest of the known names, if it is near: one change in four characters, letter case and separators aside.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = plain(word);
    let near = known.into_iter().map(|name| (distance(&word, &plain(name)), name));
    near.filter(|(distance, _)| *distance <= (word.len() / 4).max(1)).min().map(|(_, name)| name)
}

fn plain(word: &str) -> Vec<char> {
    word.chars().filter(|c| !['-', '_', '.'].contains(c)).flat_map(char::to_lowercase).collect()
}

/// Insertions, deletions and replacements between two words.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut last = i + 1;
        let mut diagonal = i;
        for (y, cell) in b.iter().zip(row.iter_mut().skip(1)) {
            let above = *cell;
            *cell = (diagonal + usize::from(x != y)).min(above + 1).min(last + 1);
            (diagonal, last) = (above, *cell);
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_near_with_few_changes() {
        assert_eq!(nearest("replicacount", ["replicas", "replicaCount"]), Some("replicaCount"));
        assert_eq!(nearest("resorces", ["resources", "service"]), Some("resources"));
        assert_eq!(nearest("image", ["route"]), None);
    }
}
