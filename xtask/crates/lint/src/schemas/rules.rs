//! Which rule reports a violation, and in which words.

use serde_json::Value;

use super::{Outcome, Schemas, Unknown, Violation, ViolationKind};

/// The rule that a violation belongs to: `schema-violation`, `unknown-field`, `invalid-object-name` or `invalid-pod-template`.
pub fn rule_of(violation: &Violation) -> &'static str {
    use ViolationKind as Kind;
    match violation.kind {
        // Also in the kinds of Kubernetes: it is accepted there.
        Kind::Repeated => "invalid-pod-template",
        _ if violation.in_template => "invalid-pod-template",
        Kind::UnknownField => "unknown-field",
        Kind::Name | Kind::PortName | Kind::LabelKey | Kind::LabelValue | Kind::AnnotationKey => "invalid-object-name",
        _ => "schema-violation",
    }
}

/// What a rule says about an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub rule: &'static str,
    /// Into the object.
    pub pointer: String,
    /// One line that names the field.
    pub message: String,
    pub help: Option<String>,
}

/// What the rules that stand on schemas say about an object, and why that may not be all: `schema-violation` and `unknown-field`
/// are unverified where no schema is at hand.
pub fn said(schemas: &Schemas, object: &Value) -> (Vec<Said>, Option<Unknown>) {
    let (violations, unknown) = match schemas.validate(object) {
        Outcome::Unknown { why, violations } => (violations, Some(why)),
        Outcome::Checked(violations) => (violations, None),
    };
    (violations.into_iter().map(of).collect(), unknown)
}

fn of(violation: Violation) -> Said {
    let message = match violation.kind {
        ViolationKind::UnknownField => {
            let place = violation.place();
            let parent = place.rsplit_once('.').map_or("the object", |(parent, _)| parent);
            let name = violation.pointer.rsplit('/').next().unwrap_or_default().replace("~1", "/").replace("~0", "~");
            format!("{parent} has no field `{name}`")
        }
        _ if violation.pointer.is_empty() => format!("the object {}", violation.message),
        _ => format!("{} {}", violation.place(), violation.message),
    };
    Said { rule: rule_of(&violation), message, help: violation.help, pointer: violation.pointer }
}
