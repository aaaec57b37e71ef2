//! A file of the tree that cannot be read, or is no text where text belongs.
//!
//! ## What
//! A file or folder cannot be opened, is a link that leads nowhere, or is called `.yaml`, `.json`, `.toml` or `.tpl` and is not UTF-8.
//! ## Why
//! Whoever deploys it fails there as well, and what it says is missing from everything else that is checked here.
//! ## Bad
//! ```text unreadable config/dev/shop.yaml
//! not UTF-8 # bad
//! ```
//! ## Good
//! ```yaml config/dev/shop.yaml
//! greeting: "Grüße"
//! ```
//! ## Trap
//! Pictures and archives are no text, and files that git-crypt holds are not readable by everybody.
//! ```text unreadable docs/picture.png
//! not UTF-8
//! ```
//! ```text unreadable config/prod/shop.secrets.yaml
//! encrypted
//! ```
//! ## Fix
//! Save it as UTF-8, mend its permissions, or point the link to a file that is in the tree.

use super::of_files::is_text;
use super::{Findings, Meta, Severity};
use crate::index::Index;
use crate::index::files::Unread;

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "unreadable-file", severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for (path, file) in index.input.files.iter() {
            match &file.text {
                Err(Unread::Failed(why)) => {
                    out.say(format!("`{path}` cannot be read: {why}")).at(path, 1, None).help(HELP);
                }
                Err(Unread::Binary) if is_text(path) => {
                    out.say(format!("`{path}` is not UTF-8 text")).at(path, 1, None).help(HELP);
                }
                Err(Unread::Encrypted) if is_text(path) => out.unverified(Some(path.into()), None, "it is encrypted as a whole"),
                Err(Unread::Large) if is_text(path) => out.unverified(Some(path.into()), None, "it is larger than what is looked at"),
                _ => {}
            }
        }
        // What could not even be listed is no file.
        for problem in index.input.problems.iter().filter(|problem| !index.input.files.contains(&problem.place.file.to_string_lossy())) {
            let path = &problem.place.file;
            out.say(format!("`{}` cannot be read: {}", path.display(), problem.what)).at(path, problem.place.line, None).help(HELP);
        }
    }
}

const HELP: &str = "save it as UTF-8 with permissions to read it, or remove it from the tree";
