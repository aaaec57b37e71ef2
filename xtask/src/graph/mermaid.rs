//! The graph as a Mermaid flowchart.

use super::Graph;

/// Ends with a line break. A dotted arrow is a chart that another one is made with.
pub fn mermaid(graph: &Graph) -> String {
    let mut out = String::from("flowchart LR\n");
    out.push_str(&format!("  root[\"{}\"]\n", escaped(&graph.root.0)));
    let libraries: Vec<&str> = graph.libraries().into_iter().collect();
    let mut edges = Vec::new();
    let mut before: Option<i64> = None;
    let (mut set_id, mut app_id) = (0, 0);
    for (wave, sets) in graph.waves() {
        out.push_str(&format!("  subgraph {}[\"wave {wave}\"]\n", id(wave)));
        for set in sets {
            set_id += 1;
            out.push_str(&format!("    s{set_id}([\"{}\"])\n", escaped(&set.name)));
            edges.push(format!("  root --> s{set_id}"));
            for app in &set.applications {
                app_id += 1;
                out.push_str(&format!("    a{app_id}[\"{}<br/>{}\"]\n", escaped(&app.name), escaped(&app.project)));
                edges.push(format!("  s{set_id} --> a{app_id}"));
                for library in &app.libraries {
                    let at = libraries.iter().position(|known| known == library).unwrap_or_default() + 1;
                    edges.push(format!("  a{app_id} -.-> l{at}"));
                }
            }
        }
        out.push_str("  end\n");
        if let Some(before) = before {
            edges.push(format!("  {} ==> {}", id(before), id(wave)));
        }
        before = Some(wave);
    }
    for (i, library) in libraries.iter().enumerate() {
        out.push_str(&format!("  l{}[/\"{}\"/]\n", i + 1, escaped(library)));
    }
    out.push_str(&edges.join("\n"));
    out.push('\n');
    out
}

fn id(wave: i64) -> String {
    format!("wave{}{}", if wave < 0 { "m" } else { "" }, wave.unsigned_abs())
}

/// Mermaid's own entities, which need no quotes of their own.
fn escaped(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '"' => "#quot;".to_string(),
            '<' => "#lt;".to_string(),
            '>' => "#gt;".to_string(),
            '#' => "#35;".to_string(),
            '&' => "#amp;".to_string(),
            c if c.is_control() => " ".to_string(),
            c => c.to_string(),
        })
        .collect()
}
