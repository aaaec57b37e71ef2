//! One Application out of an ApplicationSet's template and a parameter set, as Argo CD's controller makes it.
//!
//! The order is the controller's: the template of the generator over that of the set, every text filled in, finalizers,
//! templatePatch, the namespace of the set, the spec normalised. Types are those of Argo CD's program, so that what its types
//! lose is lost here: `types.rs` is written from them.

mod decode;
mod leaves;
mod normalize;
mod overrides;
mod patch;
mod patch_list;
mod schema;
mod types;

#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};

use super::replace::Fault;
use decode::Case;
pub use leaves::Fill;
use schema::Kind;

const APPLICATION: Kind = Kind::Nested(&types::APPLICATION);
const FINALIZER: &str = "resources-finalizer.argocd.argoproj.io";

/// What is the same for every parameter set of a generator.
#[derive(Clone, Debug)]
pub struct Blueprint {
    /// An Application as Go's types hold it.
    template: Value,
    patch: Option<String>,
    preserve: bool,
    namespace: Option<String>,
}

impl Blueprint {
    /// Reads the template of an ApplicationSet. `own` is the `template` of the generator, if it has one.
    ///
    /// Errors: a field has the wrong type, in Go's words.
    pub fn new(set: &Value, own: Option<&Value>) -> Result<Self, String> {
        let read = |template: Option<&Value>| {
            let template = template.unwrap_or(&Value::Null);
            decode::decode(&Kind::Nested(&types::APPLICATION_SET_TEMPLATE), template, Case::Sensitive, &["spec", "template"])
        };
        let mut template = read(set.pointer("/spec/template"))?;
        if let Some(own) = own.filter(|own| !own.is_null()) {
            let mut merged = read(Some(own))?;
            if let (Value::Object(merged), Value::Object(base)) = (&mut merged, &template) {
                overrides::merge(&types::APPLICATION_SET_TEMPLATE, merged, base);
            }
            template = merged;
        }
        let text = |pointer: &str| set.pointer(pointer).and_then(Value::as_str).map(str::to_string);
        Ok(Blueprint {
            template,
            patch: text("/spec/templatePatch"),
            preserve: set.pointer("/spec/syncPolicy/preserveResourcesOnDeletion") == Some(&Value::Bool(true)),
            namespace: text("/metadata/namespace"),
        })
    }

    /// Returns the Application of one parameter set. `empty`: the set has no parameters, so the template stays as it is.
    ///
    /// Errors: a template cannot be filled in, or the patch does not fit, in Argo CD's words.
    pub fn build(&self, empty: bool, fill: &mut Fill<'_>) -> Result<Value, Fault> {
        let mut built = if empty { self.template.clone() } else { self.filled(fill)? };
        if let Some(patch) = &self.patch {
            let patch = fill(patch).map_err(|fault| fault.within(|| "error replacing values in templatePatch".to_string()))?;
            built = patched(&built, &patch)?;
        }
        Ok(self.finished(built))
    }

    fn filled(&self, fill: &mut Fill<'_>) -> Result<Value, Fault> {
        let mut built = leaves::fill(&APPLICATION, &self.template, fill)?;
        if !self.preserve
            && let Some(Value::Object(metadata)) = built.get_mut("metadata")
        {
            metadata.entry("finalizers").or_insert_with(|| json!([FINALIZER]));
        }
        Ok(built)
    }

    /// Only what the controller copies into the cluster.
    fn finished(&self, mut built: Value) -> Value {
        let mut member = |key: &str| built.get_mut(key).map(Value::take);
        let mut metadata = Map::new();
        let (meta, spec, operation) = (member("metadata"), member("spec"), member("operation"));
        if let Some(Value::Object(mut meta)) = meta {
            for key in ["annotations", "finalizers", "labels", "name"] {
                metadata.extend(meta.remove(key).map(|value| (key.to_string(), value)));
            }
        }
        metadata.extend(self.namespace.clone().map(|namespace| ("namespace".to_string(), Value::String(namespace))));
        let Some(Value::Object(mut spec)) = spec else { return Value::Null };
        // Argo CD looks the project up before it fills in the default one, so a set cannot leave it out.
        let nameless = spec.get("project").and_then(Value::as_str).unwrap_or_default().is_empty();
        normalize::spec(&mut spec);
        if nameless {
            spec.insert("project".to_string(), Value::String(String::new()));
        }
        let mut object = json!({ "apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": metadata, "spec": spec });
        if let (Some(object), Some(operation)) = (object.as_object_mut(), operation) {
            object.insert("operation".to_string(), operation);
        }
        object
    }
}

/// Returns an Application that is written as it is, as Argo CD holds it: without unknown fields and empty blocks.
///
/// Errors: a field has the wrong type, in Go's words.
pub fn plain(object: &Value) -> Result<Value, String> {
    let mut read = decode::decode(&APPLICATION, object, Case::Sensitive, &[])?;
    if let Some(Value::Object(spec)) = read.get_mut("spec") {
        normalize::spec(spec);
    }
    Ok(read)
}

/// Returns `built` with the filled in templatePatch merged into it; the project stays.
fn patched(built: &Value, patch: &str) -> Result<Value, String> {
    let text = patch.trim_start();
    let patch = if text.starts_with('{') {
        serde_json::from_str(text).map_err(|e| format!("invalid templatePatch {patch:?}: {e}"))?
    } else {
        let documents = documents::parse_all_last_wins(patch);
        let documents = documents.map_err(|e| format!("error while converting template to json {patch:?}: yaml: {e}"))?;
        documents.into_iter().next().map_or(Value::Null, |document| document.value)
    };
    decode::decode(&APPLICATION, &patch, Case::Folded, &[]).map_err(|e| format!("invalid templatePatch {:?}: {e}", patch.to_string()))?;
    let original = built.as_object().cloned().unwrap_or_default();
    let words = |e: String| format!("error while applying templatePatch template to json {:?}: {e}", patch.to_string());
    let merged = patch::merge(original, patch.as_object().cloned().unwrap_or_default(), &APPLICATION).map_err(words)?;
    let merged = decode::decode(&APPLICATION, &Value::Object(merged), Case::Folded, &[]);
    let mut merged = merged.map_err(|e| format!("error while unmarhsalling patched application: {e}"))?;
    if let (Some(Value::Object(spec)), Some(project)) = (merged.get_mut("spec"), built.pointer("/spec/project")) {
        spec.insert("project".to_string(), project.clone());
    }
    Ok(merged)
}
