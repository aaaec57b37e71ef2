//! The graph as a drawing: four columns, waves from top to bottom, the same bytes for the same tree.

use std::collections::BTreeMap;

use super::Graph;

/// In pixels.
const ROW: usize = 34;
const BOX: usize = 24;
const GAP: usize = 90;
const MARGIN: usize = 20;
/// Of a letter at this size, wide enough for the widest ones.
const LETTER: usize = 8;
/// Room above the first row of a wave for its name.
const HEAD: usize = 26;

const STYLE: &str = "text{font:13px ui-monospace,monospace;fill:#1f2328}.w{fill:#59636e;font-weight:bold}\
.b{fill:#fff;stroke:#59636e}.s{fill:#ddf4ff}.a{fill:#dafbe1}.l{fill:#fff8c5}.e{fill:none;stroke:#818b98}.d{stroke-dasharray:4 3}";

struct Draw {
    shapes: String,
    edges: String,
    widths: [usize; 4],
}

impl Draw {
    fn x(&self, column: usize) -> usize {
        MARGIN + self.widths.iter().take(column).map(|width| width + GAP).sum::<usize>()
    }

    fn width(&self, column: usize) -> usize {
        self.widths.get(column).copied().unwrap_or_default()
    }

    fn node(&mut self, column: usize, y: usize, class: &str, text: &str, more: &str) {
        let (x, width) = (self.x(column), self.width(column));
        self.shapes.push_str(&format!(
            "<g><title>{}</title><rect class=\"b {class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{BOX}\" rx=\"4\"/><text x=\"{}\" y=\"{}\">{}</text></g>\n",
            escaped(more),
            x + LETTER,
            y + 17,
            escaped(text)
        ));
    }

    /// From the right of one box to the left of another.
    fn edge(&mut self, column: usize, from: usize, to: usize, class: &str) {
        let (x1, x2) = (self.x(column) + self.width(column), self.x(column + 1));
        let (y1, y2, middle) = (from + BOX / 2, to + BOX / 2, x1 + (x2 - x1) / 2);
        self.edges.push_str(&format!("<path class=\"e {class}\" d=\"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}\"/>\n"));
    }
}

/// Ends with a line break.
pub fn svg(graph: &Graph) -> String {
    let apps = || graph.sets.iter().flat_map(|set| &set.applications);
    let widest = |texts: &mut dyn Iterator<Item = &str>| texts.map(|text| text.chars().count()).max().unwrap_or(0) * LETTER + 2 * LETTER;
    let libraries = graph.libraries();
    let mut draw = Draw {
        shapes: String::new(),
        edges: String::new(),
        widths: [
            widest(&mut [graph.root.0.as_str()].into_iter()),
            widest(&mut graph.sets.iter().map(|set| set.name.as_str())),
            widest(&mut apps().map(|app| app.name.as_str())),
            widest(&mut libraries.iter().copied()),
        ],
    };
    let mut y = MARGIN;
    let (mut sets, mut used): (Vec<usize>, BTreeMap<&str, Vec<usize>>) = (Vec::new(), BTreeMap::new());
    for (wave, of_wave) in graph.waves() {
        let x = draw.x(1);
        draw.shapes.push_str(&format!("<text class=\"w\" x=\"{x}\" y=\"{}\">wave {wave}</text>\n", y + 16));
        y += HEAD;
        for set in of_wave {
            let first = y;
            for app in &set.applications {
                draw.node(2, y, "a", &app.name, &format!("project {}, {}", app.project, app.path));
                draw.edge(1, first, y, "");
                app.libraries.iter().for_each(|library| used.entry(library).or_default().push(y));
                y += ROW;
            }
            draw.node(1, first, "s", &set.name, &set.file);
            sets.push(first);
            y = y.max(first + ROW);
        }
    }
    let root = sets.first().zip(sets.last()).map_or(MARGIN, |(first, last)| (first + last) / 2);
    draw.node(0, root, "", &graph.root.0, &graph.root.1);
    sets.iter().for_each(|set| draw.edge(0, root, *set, ""));
    // Each library beside the middle of what uses it, below the one before.
    let mut free = MARGIN;
    for (library, users) in used {
        let middle = users.iter().sum::<usize>() / users.len().max(1);
        let at = middle.max(free);
        draw.node(3, at, "l", library, "a chart that others are made with");
        users.iter().for_each(|user| draw.edge(2, *user, at, "d"));
        free = at + ROW;
    }
    let (width, height) = (draw.x(3) + draw.width(3) + MARGIN, y.max(free) + MARGIN);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n<title>{} in {}</title>\n<style>{STYLE}</style>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{}{}</svg>\n",
        escaped(&graph.root.0),
        escaped(&graph.environment),
        draw.edges,
        draw.shapes
    )
}

fn escaped(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '<' => "&lt;".to_string(),
            '>' => "&gt;".to_string(),
            '&' => "&amp;".to_string(),
            '"' => "&quot;".to_string(),
            c if c.is_control() => " ".to_string(),
            c => c.to_string(),
        })
        .collect()
}
