//! A file that is YAML by its name and no YAML by its text.
//!
//! ## What
//! A `.yaml` or `.yml` file that is no template of a chart cannot be parsed.
//! ## Why
//! Argo CD, Helm and kubectl refuse the whole file: nothing in it is deployed or set.
//! ## Bad
//! ```yaml config/dev/shop.yaml
//! replicas: 2
//!   image: shop # bad
//! ```
//! ## Good
//! ```yaml config/dev/shop.yaml
//! replicas: 2
//! image: shop
//! ```
//! ## Trap
//! Templates of charts are YAML only once they are rendered, also those that other programs fill in; tags of other programs are YAML.
//! ```yaml charts/shop/Chart.yaml
//! {apiVersion: v2, name: shop, version: 1.0.0}
//! ```
//! ```yaml charts/shop/templates/web.yaml
//! {{- if .Values.web }}
//! kind: Service
//! {{- end }}
//! ```
//! ```yaml scaffold/service.yaml
//! {% if port %}
//! port: {{ port }}
//! {% endif %}
//! ```
//! ```yaml .gitlab-ci.yml
//! build: {script: !reference [.build, script]}
//! ```
//! ## Fix
//! Mend the line that is named, or the one above it: an indentation, a quote, a tab, a colon in a text without quotes.

use super::of_files::yaml;
use super::{Findings, Meta, Severity};
use crate::index::Index;
use crate::index::files::{folder, name};

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "broken-yaml", severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for (path, file, text) in yaml(index) {
            let Err(e) = file.documents() else { continue };
            if has_actions(text) && !is_plain(index, path) {
                out.unverified(Some(path.into()), None, "it has actions of a template engine, and is no YAML without it");
                continue;
            }
            out.say(format!("this is no YAML: {}", e.about().replace('\n', " ")))
                .at(path, e.line.max(1), Some(e.column.max(1)))
                .help("mend the indentation, a quote or a tab here or on the line above; nothing of the file is read until then");
        }
    }
}

/// Is there something in it that a template engine replaces?
fn has_actions(text: &str) -> bool {
    ["{{", "{%", "<%", "[[ "].iter().any(|open| text.contains(open))
}

/// Does no program fill it in before it is read? Helm reads these as they are.
fn is_plain(index: &Index<'_>, path: &str) -> bool {
    let is_in_chart = index.input.files.contains(&format!("{}/Chart.yaml", folder(path)));
    name(path) == "Chart.yaml" || is_in_chart && name(path).starts_with("values")
}
