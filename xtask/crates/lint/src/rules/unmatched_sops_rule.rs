//! A rule of `.sops.yaml` that is for no file.
//!
//! ## What
//! No file of the tree fits the pattern of a creation rule, neither as it lies there nor under the name that it has before it is encrypted.
//! ## Why
//! The first file that is meant gets another rule, with other people's keys, or none, and `sops` refuses.
//! ## Bad
//! ```yaml .sops.yaml
//! creation_rules:
//!   - path_regex: confg/dev/.*\.enc\.yaml$ # bad
//!     pgp: FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4
//! ```
//! ```yaml config/dev/shop.yaml
//! a: 1
//! ```
//! ## Good
//! ```yaml .sops.yaml
//! creation_rules:
//!   - path_regex: config/dev/.*\.yaml$
//!     pgp: FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4
//! ```
//! ```yaml config/dev/shop.yaml
//! a: 1
//! ```
//! ## Trap
//! `sops` compares the name of what it reads: `shop.yaml` before it becomes `shop.enc.yaml`. A rule can be kept for later, and say so.
//! ```yaml .sops.yaml
//! creation_rules:
//!   - path_regex: config/dev/[a-z]+\.yaml$
//!     pgp: FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4
//!   # Reserved for the next environment.
//!   - path_regex: config/stage/.*
//!     pgp: FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4
//!   - pgp: FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4
//! ```
//! ```yaml config/dev/shop.enc.yaml
//! a: 1
//! ```
//! ## Fix
//! Mend the pattern, which begins at the folder of `.sops.yaml`; or write `reserved` into a comment above the rule.

use super::{Findings, Meta, Severity};
use crate::index::Index;
use crate::index::files::name;
use crate::sops::{self, Rule as Creation};

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "unmatched-sops-rule", severity: Severity::Warning }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for rule in sops::rules(index).iter().filter(|rule| rule.path.is_some()) {
            let below = crate::index::files::folder(&rule.config);
            if index.input.files.below(below).any(|(path, _)| fits(rule, path)) {
                continue;
            }
            let Some(site) = index.in_document(&rule.config, 0, &format!("/creation_rules/{}", rule.at)) else { continue };
            let text = index.input.files.text(&rule.config).unwrap_or_default();
            let above = text.lines().take(site.line.saturating_sub(1)).collect::<Vec<_>>();
            let comments = above.iter().rev().map(|line| line.trim()).take_while(|line| line.starts_with('#'));
            if { comments }.any(|line| line.to_ascii_lowercase().contains("reserved")) {
                continue;
            }
            out.say(format!("no file fits `{}`", rule.pattern))
                .at(site.path, site.line, site.column)
                .help("mend the pattern, or write `reserved` into a comment above the rule if the files are still to come");
        }
    }
}

/// Does the rule fit a file, or the name that it has before it is encrypted?
fn fits(rule: &Creation, path: &str) -> bool {
    if name(path) == ".sops.yaml" {
        return false;
    }
    let readable = |mark: &str| [path.replacen(mark, ".", 1), path.replacen(mark, ".dec.", 1), path.replacen(mark, ".plain.", 1)];
    let before = [".enc.", ".sops.", ".encrypted."].into_iter().filter(|mark| path.contains(mark)).flat_map(readable);
    let ends = [".enc", ".sops", ".example", ".sample", ".dist"].into_iter().filter_map(|end| path.strip_suffix(end)).map(str::to_string);
    rule.fits(path) || before.chain(ends).chain([format!("{path}.dec")]).any(|name| rule.fits(&name))
}
