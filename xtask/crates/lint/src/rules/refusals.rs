//! What Argo CD says of an ApplicationSet that it refuses: each kind of refusal is one rule's.

use gitops::model::Expansion;

/// Which rule tells of it, with the field of the template that is to blame.
///
/// The words are those of Argo CD's ApplicationSet controller (`validateGeneratedApplications`, `utils.Render`) and of Go's
/// text/template.
pub fn blame(error: &str) -> (&'static str, &'static str) {
    let has = |words: &[&str]| words.iter().any(|words| error.contains(words));
    match () {
        _ if has(&["map has no entry for key", "nil pointer evaluating", "can't evaluate field"]) => ("unresolved-template-key", "/spec"),
        _ if has(&["references project"]) => ("missing-project", "/spec/template/spec/project"),
        _ if has(&["destination spec is invalid"]) => ("unknown-destination", "/spec/template/spec/destination"),
        _ if has(&["applications with duplicate name"]) => ("duplicate-application", "/spec/template/metadata/name"),
        _ if has(&["Application.argoproj.io"]) => ("invalid-object-name", "/spec/template/metadata/name"),
        _ => ("failed-generation", ""),
    }
}

/// The sets that are refused for what a rule is about: `(expansion, error, field)`.
pub fn of<'a>(expansions: &'a [Expansion], rule: &'static str) -> impl Iterator<Item = (&'a Expansion, &'a str, &'static str)> {
    expansions.iter().filter_map(move |expansion| {
        let error = expansion.error.as_deref()?;
        let (own, field) = blame(error);
        (own == rule).then_some((expansion, error, field))
    })
}
