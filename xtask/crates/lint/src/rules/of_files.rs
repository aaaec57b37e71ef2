//! What rules about files ask of a file.

use crate::index::Index;
use crate::index::files::{File, is_yaml, name};

/// Does it lie below `templates/` of a chart?
pub fn is_template(index: &Index<'_>, path: &str) -> bool {
    path.match_indices("templates/").any(|(at, _)| {
        let chart = path.get(..at).unwrap_or_default();
        (chart.is_empty() || chart.ends_with('/')) && index.input.files.contains(&format!("{chart}Chart.yaml"))
    })
}

/// YAML files that are read as they are: no templates of charts.
pub fn yaml<'i>(index: &'i Index<'_>) -> impl Iterator<Item = (&'i str, &'i File, &'i str)> {
    let files = index.input.files.iter().filter(|(path, _)| is_yaml(path) && !is_template(index, path));
    files.filter_map(|(path, file)| Some((path, file, file.text()?)))
}

/// Is it text by its name, and read by a program that configures something?
pub fn is_text(path: &str) -> bool {
    let end = name(path).rsplit_once('.').map_or("", |(_, end)| end);
    ["yaml", "yml", "json", "tpl", "toml"].contains(&end)
}
