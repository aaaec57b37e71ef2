//! One graph in its three forms.

use super::*;

fn graph() -> Graph {
    let app = |name: &str, libraries: &[&str]| Application {
        name: name.into(),
        project: "p".into(),
        path: format!("charts/{name}"),
        libraries: libraries.iter().map(|l| l.to_string()).collect(),
    };
    let set = |name: &str, wave, applications| Set { name: name.into(), wave, file: format!("sets/{name}.yaml"), applications };
    Graph {
        environment: "dev".into(),
        root: ("root".into(), "boot/root.yaml".into()),
        sets: vec![set("first", -1, vec![app("a", &[])]), set("s", 30, vec![app("b<\"&", &["lib"]), app("c", &["lib"])])],
    }
}

#[test]
fn as_text_it_is_a_tree_by_wave() {
    let wanted = "root  boot/root.yaml\n├─ wave -1\n│  └─ first  sets/first.yaml\n│     └─ a  project p, charts/a\n└─ wave 30\n   └─ s  sets/s.yaml\n      ├─ b<\"&  project p, charts/b<\"& with lib\n      └─ c  project p, charts/c with lib\n";
    assert_eq!(text(&graph()), wanted);
}

#[test]
fn as_a_flowchart_its_waves_follow_each_other() {
    let drawn = mermaid(&graph());
    for line in
        ["  subgraph wavem1[\"wave -1\"]", "  wavem1 ==> wave30", "    a2[\"b#lt;#quot;#amp;<br/>p\"]", "  a3 -.-> l1", "  root --> s2"]
    {
        assert!(drawn.lines().any(|l| l == line), "{line}\n{drawn}");
    }
}

#[test]
fn the_drawing_is_well_formed_and_the_same_each_time() {
    let drawn = svg(&graph());
    assert_eq!(drawn, svg(&graph()));
    assert!(drawn.contains("b&lt;&quot;&amp;") && !drawn.contains("b<\""));
    assert_eq!(drawn.matches("<g>").count(), drawn.matches("</g>").count());
    assert_eq!(drawn.matches("<path").count(), 2 + 3 + 2);
    assert!(svg(&Graph::default()).ends_with("</svg>\n"));
}
