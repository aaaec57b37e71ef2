//! Small questions about words.

use gitops::words;

/// How many letters differ between two words; `None` if it is more than `limit`.
pub fn distance(a: &str, b: &str, limit: usize) -> Option<usize> {
    // Most pairs are far apart by their lengths alone.
    let is_near = a.chars().count().abs_diff(b.chars().count()) <= limit;
    is_near.then(|| words::distance(a, b)).filter(|distance| *distance <= limit)
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
