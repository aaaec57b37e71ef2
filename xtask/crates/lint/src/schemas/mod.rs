//! Does an object fit the schema of its kind, and what the API server checks beside it?
//!
//! Kubernetes' own kinds have the published OpenAPI schemas, which say fields and types; words, names and what belongs together
//! are checked in Go there, and in [`checks`] here. Kinds of CRDs have structural schemas, which say everything but their CEL rules
//! (`x-kubernetes-validations`): those are not evaluated, so nothing is said about them.
//!
//! As the API server does: null is an absent field of Kubernetes' own kinds; of custom objects defaults are filled in first; `status`
//! is dropped. Other than it, an unknown field is reported, not dropped without a word.

mod checks;
mod compile;
mod core_values;
mod defaults;
mod formats;
mod names;
mod objects;
mod rules;
mod schema;
mod store;
mod suggest;
mod templates;
#[cfg(test)]
mod tests;
mod values;
mod walk;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::Value;

use compile::Compiler;
pub use rules::{Said, rule_of, said};
pub use store::{Kind, Scope, Store};

/// Version of the text that [`compile`] writes; it belongs into the key under which that is kept.
pub const FORMAT: u32 = 1;

/// What is wrong with one value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// Where, as a JSON pointer into the object: `/spec/template/spec/containers/0/image`. Of what is missing: where it belongs.
    pub pointer: String,
    pub kind: ViolationKind,
    /// Goes on after the name of the field: `is required`.
    pub message: String,
    /// What to do instead.
    pub help: Option<String>,
    /// In a pod template that the schema of its kind leaves open.
    pub in_template: bool,
}

impl Violation {
    /// The pointer as people write it: `spec.template.spec.containers[0].image`.
    pub fn place(&self) -> String {
        let mut text = String::new();
        for step in self.pointer.split('/').skip(1) {
            let step = step.replace("~1", "/").replace("~0", "~");
            if !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit()) {
                text.push_str(&format!("[{step}]"));
            } else if step.contains('.') || step.contains('/') {
                text.push_str(&format!("[\"{step}\"]"));
            } else {
                text.push_str(if text.is_empty() { "" } else { "." });
                text.push_str(&step);
            }
        }
        text
    }
}

/// What kind of wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ViolationKind {
    /// The group and version are there, and have no such kind.
    NoSuchKind,
    UnknownField,
    WrongType,
    Missing,
    Empty,
    /// None of the words that are allowed.
    NotAllowed,
    Pattern,
    OutOfRange,
    Format,
    /// Name of the object, of a part that names must be well formed for, or a reference that can name nothing.
    Name,
    PortName,
    LabelKey,
    LabelValue,
    AnnotationKey,
    /// Something is there twice, and the API server refuses it.
    Duplicate,
    /// Something is there twice, the last one wins; server-side apply refuses it.
    Repeated,
    /// `anyOf`, `oneOf`, `not`.
    Alternatives,
    /// Two fields that do not go together, or a part that names another one which is not there.
    Inconsistent,
}

impl ViolationKind {
    /// Does the API server refuse to create such an object? (It refuses an unknown field only when asked to be strict.)
    pub fn is_refused(self) -> bool {
        self != ViolationKind::Repeated
    }
}

/// What was found out about an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// No schema is at hand: checked was only what all objects have, and pod templates at places that are known.
    Unknown { why: Unknown, violations: Vec<Violation> },
    /// In the order of the object's fields; empty when all is well.
    Checked(Vec<Violation>),
}

/// Why there is no schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// Nothing is known of the group.
    Group(Kind),
    /// The group is known, and this version of the kind is not.
    Version { kind: Kind, served: Vec<String> },
}

impl Unknown {
    pub fn reason(&self) -> String {
        match self {
            Unknown::Group(kind) => format!("no schema at hand for {} of {}", kind.kind, kind.api_version()),
            Unknown::Version { kind, served } => {
                format!("no schema at hand for {} of {}; known in {}", kind.kind, kind.api_version(), served.join(", "))
            }
        }
    }
}

/// Compiles Kubernetes' OpenAPI 2 document and CRDs to the text that [`Store::read`] reads. A few thousand times as
/// slow as reading it: for a cache.
///
/// What is no CRD is left out; of two CRDs of one kind and version the last counts.
pub fn compile<'a>(openapi: Option<&Value>, crds: impl IntoIterator<Item = &'a Value>) -> String {
    let mut compiler = Compiler::default();
    if let Some(openapi) = openapi {
        compiler.openapi(openapi);
    }
    crds.into_iter().for_each(|crd| compiler.crd(crd));
    Store::write(&compiler)
}

/// A CRD that the repository brings along, compiled when an object of it is met.
struct Own<'a> {
    crd: &'a Value,
    store: OnceLock<Store>,
}

/// All schemas at hand. May be used from several threads.
pub struct Schemas<'a> {
    pinned: Store,
    own: Vec<Own<'a>>,
    /// Group and kind to places in `own`; the last one that serves a version has it.
    by_kind: BTreeMap<(String, String), Vec<usize>>,
}

impl<'a> Schemas<'a> {
    /// `pinned`: what provisioning compiled. `crds`: those that the repository renders or carries; they go before pinned ones of the
    /// same kind, as they are what its clusters will have. Objects of other kinds among them are left out.
    pub fn of(pinned: Store, crds: impl IntoIterator<Item = &'a Value>) -> Self {
        let is_crd = |object: &&Value| object.get("kind").and_then(Value::as_str) == Some("CustomResourceDefinition");
        let own: Vec<Own> = crds.into_iter().filter(is_crd).map(|crd| Own { crd, store: OnceLock::new() }).collect();
        let mut by_kind: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
        for (at, Own { crd, .. }) in own.iter().enumerate() {
            let text = |pointer: &str| crd.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_string();
            by_kind.entry((text("/spec/group"), text("/spec/names/kind"))).or_default().push(at);
        }
        Schemas { pinned, own, by_kind }
    }

    /// Every kind with a schema of a group, with its version: pinned ones and the repository's own.
    pub fn served(&self, group: &str, kind: &str) -> Vec<String> {
        let pinned = self.pinned.entries.keys().filter(|of| of.group == group && of.kind == kind).map(Kind::api_version);
        let own = self.own_stores(group, kind).flat_map(|store| store.entries.keys().map(Kind::api_version));
        let mut versions: Vec<String> = pinned.chain(own).collect();
        versions.sort();
        versions.dedup();
        versions
    }

    /// Where objects of a kind live; `None`: not known.
    pub fn scope(&self, kind: &Kind) -> Option<Scope> {
        let (store, _) = self.store(kind)?;
        store.entries.get(kind)?.scope
    }

    /// Checks an object. Entries of a `List` are checked one by one.
    pub fn validate(&self, object: &Value) -> Outcome {
        objects::validate(self, object)
    }

    fn own_stores(&self, group: &str, kind: &str) -> impl Iterator<Item = &Store> {
        let places = self.by_kind.get(&(group.to_string(), kind.to_string())).map(Vec::as_slice).unwrap_or_default();
        places.iter().rev().filter_map(|at| self.own.get(*at)).map(|own| {
            own.store.get_or_init(|| {
                let mut compiler = Compiler::default();
                compiler.crd(own.crd);
                Store::of(compiler)
            })
        })
    }

    /// The schemas that have a kind; whether they are Kubernetes' own.
    fn store(&self, kind: &Kind) -> Option<(&Store, bool)> {
        if let Some(store) = self.own_stores(&kind.group, &kind.kind).find(|store| store.entries.contains_key(kind)) {
            return Some((store, false));
        }
        let entry = self.pinned.entries.get(kind)?;
        Some((&self.pinned, !entry.custom))
    }

    /// The kinds that Kubernetes itself has beside one: all there are in their group and version. Empty for those of others, and for
    /// versions that an older or a newer Kubernetes may have.
    fn siblings(&self, kind: &Kind) -> Vec<&str> {
        let of = self.pinned.entries.values().filter(|other| (&other.kind.group, &other.kind.version) == (&kind.group, &kind.version));
        of.filter(|other| !other.custom).map(|other| other.kind.kind.as_str()).collect()
    }
}
