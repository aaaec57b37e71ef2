//! `goTemplateOptions`.

/// What a key that a map has not gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingKey {
    /// No value: printed `<no value>`. `missingkey=default`, `missingkey=invalid`.
    #[default]
    Default,
    /// The zero value of what the map holds: nil, or "" of a map of strings.
    Zero,
    Error,
}

/// The options of a template.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    pub missing_key: MissingKey,
}

impl Options {
    /// The last one wins. Errors: what Go panics with for an option that it does not know; no Application comes of the set then.
    pub fn parse<T: AsRef<str>>(options: &[T]) -> Result<Self, String> {
        let mut parsed = Self::default();
        for option in options {
            parsed.missing_key = match option.as_ref() {
                "missingkey=default" | "missingkey=invalid" => MissingKey::Default,
                "missingkey=zero" => MissingKey::Zero,
                "missingkey=error" => MissingKey::Error,
                "" => return Err("empty option string".into()),
                unknown => return Err(format!("unrecognized option: {unknown}")),
            };
        }
        Ok(parsed)
    }
}
