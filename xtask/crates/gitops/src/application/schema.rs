//! How the types of Argo CD are described: what Go knows of a field by its type and its tags.

/// A Go type.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    String,
    Bool,
    /// With Go's name of it, `int64`.
    Int(&'static str),
    /// `metav1.Time`
    Time,
    /// `runtime.RawExtension`: any JSON.
    Raw,
    IntOrString,
    /// The status of an Application, which nobody writes.
    Status,
    Pointer(&'static Kind),
    /// With Go's name of the whole type.
    List(&'static Kind, &'static str),
    /// Of strings to this; with Go's name of the whole type.
    Map(&'static Kind, &'static str),
    Nested(&'static Struct),
}

#[derive(Debug)]
pub struct Struct {
    /// As Go prints it, `v1alpha1.Application`.
    pub name: &'static str,
    /// In the order of Go's fields; those of embedded structs in their place.
    pub fields: &'static [Field],
}

#[derive(Debug)]
pub struct Field {
    /// In JSON.
    pub name: &'static str,
    /// The embedded structs that it comes from, as errors name them: `TypeMeta.`.
    pub within: &'static str,
    pub kind: Kind,
    pub presence: Presence,
    /// Go's `patchStrategy`: empty, `merge` or `replace`.
    pub strategy: &'static str,
    /// Go's `patchMergeKey`.
    pub key: &'static str,
}

/// When a field is written into JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    Always,
    /// `omitempty`: structs are always written.
    NotEmpty,
    /// `omitzero` of a struct.
    NotZero,
    /// Of an embedded pointer: whenever it was given, if only as null.
    Given,
}

pub const fn always(name: &'static str, kind: Kind) -> Field {
    Field { name, within: "", kind, presence: Presence::Always, strategy: "", key: "" }
}

pub const fn optional(name: &'static str, kind: Kind) -> Field {
    Field { name, within: "", kind, presence: Presence::NotEmpty, strategy: "", key: "" }
}

impl Field {
    pub const fn within(mut self, within: &'static str) -> Self {
        self.within = within;
        self
    }

    pub const fn unless_zero(mut self) -> Self {
        self.presence = Presence::NotZero;
        self
    }

    pub const fn if_given(mut self) -> Self {
        self.presence = Presence::Given;
        self
    }

    pub const fn patched(mut self, strategy: &'static str, key: &'static str) -> Self {
        self.strategy = strategy;
        self.key = key;
        self
    }
}

impl Struct {
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// As Go's JSON looks a field up: upper and lower case are the same if nothing fits exactly.
    pub fn field_of_any_case(&self, name: &str) -> Option<&'static Field> {
        self.field(name).or_else(|| self.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name)))
    }

    /// The name without its package.
    pub fn short(&self) -> &'static str {
        self.name.rsplit('.').next().unwrap_or(self.name)
    }
}

impl Kind {
    /// Go's name of the type.
    pub fn go(&self) -> String {
        match self {
            Kind::String => "string".to_string(),
            Kind::Bool => "bool".to_string(),
            Kind::Int(name) | Kind::List(_, name) | Kind::Map(_, name) => (*name).to_string(),
            Kind::Time => "v1.Time".to_string(),
            Kind::Raw => "runtime.RawExtension".to_string(),
            Kind::IntOrString => "intstr.IntOrString".to_string(),
            Kind::Status => "v1alpha1.ApplicationStatus".to_string(),
            Kind::Pointer(to) => to.go(),
            Kind::Nested(of) => of.name.to_string(),
        }
    }
}
