//! Small questions about words.

/// How many letters must change to make one word of another; `None` if it is more than `limit`.
pub fn distance(a: &str, b: &str, limit: usize) -> Option<usize> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = i;
        let mut left = i + 1;
        for (j, y) in b.iter().enumerate() {
            let above = row.get(j + 1).copied().unwrap_or(limit + 1);
            let cost = (corner + usize::from(x != y)).min(above + 1).min(left + 1);
            corner = above;
            if let Some(cell) = row.get_mut(j) {
                *cell = left;
            }
            left = cost;
        }
        if let Some(cell) = row.get_mut(b.len()) {
            *cell = left;
        }
    }
    row.last().copied().filter(|distance| *distance <= limit)
}

/// The word that was probably meant: the nearest one, if it is near. Letter case and separators aside.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = plain(word);
    let limit = (word.chars().count() / 3).clamp(1, 3);
    known.into_iter().filter_map(|other| Some((distance(&word, &plain(other), limit)?, other))).min().map(|(_, other)| other)
}

fn plain(word: &str) -> String {
    word.chars().filter(|c| !['-', '_', '.'].contains(c)).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_change() {
        assert_eq!(distance("cart", "cart", 2), Some(0));
        assert_eq!(distance("cart", "crt", 2), Some(1));
        assert_eq!(distance("shop", "shpo", 2), Some(2));
        assert_eq!(distance("order", "payment", 2), None);
        assert_eq!(distance("", "ab", 2), Some(2));
        assert_eq!(nearest("order-servce", ["order-service", "store-service"]), Some("order-service"));
        assert_eq!(nearest("cart", ["payment"]), None);
        assert_eq!(nearest("replicacount", ["replicas", "replicaCount"]), Some("replicaCount"));
        assert_eq!(nearest("image", ["route"]), None);
    }
}
