//! What somebody may have meant by a word that is not known.

/// The known word that is nearest, if it is near enough to be worth a question.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let within = word.chars().count().max(3) / 3;
    let far = known.into_iter().map(|other| (distance(&word.to_lowercase(), &other.to_lowercase()), other)).min()?;
    // A beginning is as good as a typing error.
    (far.0 <= within || far.1.starts_with(word)).then_some(far.1)
}

/// Letters to insert, delete or replace.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(row.first_mut().unwrap_or(&mut 0), i + 1);
        let mut left = i + 1;
        for (y, cell) in b.iter().zip(row.iter_mut().skip(1)) {
            let best = (diagonal + usize::from(x != *y)).min(*cell + 1).min(left + 1);
            diagonal = std::mem::replace(cell, best);
            left = best;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_keyboard_is_understood_and_another_word_is_not() {
        let known = ["order-service", "store-service", "replicaCount"];
        assert_eq!(nearest("oder-service", known), Some("order-service"));
        assert_eq!(nearest("replicacount", known), Some("replicaCount"));
        assert_eq!(nearest("grafana", known), None);
        assert_eq!((distance("", "ab"), distance("kitten", "sitting")), (2, 3));
    }
}
