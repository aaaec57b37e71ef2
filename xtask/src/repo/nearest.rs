//! What somebody may have meant by a word that is not known.

use gitops::words::distance;

/// The known word that is nearest, if it is near enough to be worth a question.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let within = word.chars().count().max(3) / 3;
    let far = known.into_iter().map(|other| (distance(&word.to_lowercase(), &other.to_lowercase()), other)).min()?;
    // A beginning is as good as a typing error.
    (far.0 <= within || far.1.starts_with(word)).then_some(far.1)
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
