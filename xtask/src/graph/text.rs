//! The graph as a tree of lines.

use super::Graph;

/// Ends with a line break.
pub fn text(graph: &Graph) -> String {
    let mut out = format!("{}  {}\n", graph.root.0, graph.root.1);
    let waves = graph.waves();
    let last_wave = waves.len();
    for (i, (wave, sets)) in waves.iter().enumerate() {
        let (branch, below) = branches(i + 1 == last_wave);
        out.push_str(&format!("{branch}wave {wave}\n"));
        for (j, set) in sets.iter().enumerate() {
            let (branch, inner) = branches(j + 1 == sets.len());
            out.push_str(&format!("{below}{branch}{}  {}\n", set.name, set.file));
            for (k, app) in set.applications.iter().enumerate() {
                let (branch, _) = branches(k + 1 == set.applications.len());
                let with = if app.libraries.is_empty() { String::new() } else { format!(" with {}", app.libraries.join(", ")) };
                out.push_str(&format!("{below}{inner}{branch}{}  project {}, {}{with}\n", app.name, app.project, app.path));
            }
        }
    }
    out
}

fn branches(last: bool) -> (&'static str, &'static str) {
    if last { ("└─ ", "   ") } else { ("├─ ", "│  ") }
}
