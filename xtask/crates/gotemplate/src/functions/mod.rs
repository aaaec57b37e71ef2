//! The functions that an ApplicationSet's templates have beside Go's own, one file for each family.

mod cast;
mod conversion;
mod dates;
mod decimal;
mod defaults;
mod dicts;
mod encoding;
mod float;
mod hashes;
mod instant;
mod integer_slice;
mod json;
mod json_read;
mod layout;
mod layout_parse;
mod lists;
mod math;
mod merging;
pub(crate) mod order;
mod paths;
mod pattern;
mod print;
mod reflection;
mod regex;
mod regex_class;
mod regex_syntax;
mod semver;
mod semver_constraint;
mod strings;
mod strings_case;
mod strings_slice;
mod support;
mod unicode;
mod unverifiable;
mod url;
mod yaml;
mod yaml_read;
mod yaml_scalar;

pub use pattern::Pattern;

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::function::Function;

/// Every family. A name here hides a built-in function of that name, as `slice` does.
static FAMILIES: &[&[Function]] = &[
    conversion::FUNCTIONS,
    dates::FUNCTIONS,
    defaults::FUNCTIONS,
    dicts::FUNCTIONS,
    encoding::FUNCTIONS,
    float::FUNCTIONS,
    hashes::FUNCTIONS,
    integer_slice::FUNCTIONS,
    json::FUNCTIONS,
    lists::FUNCTIONS,
    math::FUNCTIONS,
    paths::FUNCTIONS,
    reflection::FUNCTIONS,
    regex::FUNCTIONS,
    semver::FUNCTIONS,
    strings::FUNCTIONS,
    strings_case::FUNCTIONS,
    strings_slice::FUNCTIONS,
    unverifiable::FUNCTIONS,
    url::FUNCTIONS,
    yaml::FUNCTIONS,
];

/// The function of this name.
pub fn lookup(name: &str) -> Option<&'static Function> {
    static BY_NAME: OnceLock<HashMap<&'static str, &'static Function>> = OnceLock::new();
    BY_NAME
        .get_or_init(|| FAMILIES.iter().flat_map(|family| family.iter()).map(|function| (function.name, function)).collect())
        .get(name)
        .copied()
}
