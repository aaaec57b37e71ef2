//! The functions that an ApplicationSet's templates have beside Go's own, one file for each family.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::function::Function;

/// Every family. A name here hides a built-in function of that name, as `slice` does.
static FAMILIES: &[&[Function]] = &[];

/// The function of this name.
pub fn lookup(name: &str) -> Option<&'static Function> {
    static BY_NAME: OnceLock<HashMap<&'static str, &'static Function>> = OnceLock::new();
    BY_NAME
        .get_or_init(|| FAMILIES.iter().flat_map(|family| family.iter()).map(|function| (function.name, function)).collect())
        .get(name)
        .copied()
}
