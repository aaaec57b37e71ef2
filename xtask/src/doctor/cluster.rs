//! The state of this clone's cluster, in one word.

use super::{Check, State};
use crate::cluster::Seen;
use crate::error::Result;

const GROUP: &str = "cluster";

/// `seen`: what the engine found; `None` where there is no engine that could look.
pub fn checks(seen: Option<Result<Seen>>) -> Vec<Check> {
    let row = |word: &str, fact: String| Check::ok(GROUP, "cluster", word, fact).optional();
    let warning = |word: &str, fact: String| row(word, fact).state(State::Warning);
    let check = match seen {
        None => return Vec::new(),
        Some(Ok(Seen::Running(fact))) => row("running", fact),
        Some(Ok(Seen::Stopped)) => row("stopped", "its data is kept".into()).mend("cargo xtask dev-up"),
        Some(Ok(Seen::Nothing)) => row("none", "none in this clone yet".into()).mend("cargo xtask dev-init"),
        Some(Ok(Seen::Half(why))) => warning("half", why).mend("cargo xtask dev-up"),
        Some(Ok(Seen::Blocked { why, hint })) => warning("blocked", why).mend(hint),
        Some(Err(e)) => warning("unknown", e.one_line()),
    };
    vec![check]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_a_word_and_only_damage_is_a_warning() {
        let word = |seen| {
            let check = checks(Some(Ok(seen))).remove(0);
            (check.version, check.state == State::Warning)
        };
        assert_eq!(word(Seen::Nothing), ("none".into(), false));
        assert_eq!(word(Seen::Stopped), ("stopped".into(), false));
        assert_eq!(word(Seen::Half("its kubeconfig is gone".into())), ("half".into(), true));
        assert!(checks(None).is_empty());
    }
}
