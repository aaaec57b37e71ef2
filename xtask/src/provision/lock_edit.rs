//! Writes sums into the text of tools.toml and leaves everything else of it as it is: comments, order, blank lines.
//!
//! By lines, and not by a crate that edits TOML: the sums stand one to a line below `[tool.release.sha256]`, which a person
//! wants anyway, and the result is parsed again and compared before anybody sees it.

use super::lock_file::{Lock, Platform};
use super::record::{Finding, Recording};
use crate::error::{Error, Result};

/// The header below which sums stand.
const HEADER: &str = "[tool.release.sha256]";

/// A changed text, and how it differs.
#[derive(Debug)]
pub struct Edit {
    pub text: String,
    /// As `diff --unified=0` shows it, with the tool's name in place of the function's.
    pub diff: String,
    /// How many lines are new or different.
    pub changes: usize,
}

impl Recording {
    /// Refuses a text that sums could not be written into. Errors: failed.
    pub(super) fn require_lines(&self) -> Result<()> {
        let lines: Vec<String> = self.text.lines().map(str::to_string).collect();
        let without = self.assets.iter().find(|asset| section(&lines, &asset.tool).is_none());
        without.map_or(Ok(()), |asset| Err(no_lines(&asset.tool)))
    }

    /// Puts what was found into the text. Errors: failed, when the text is not of the shape that can be edited.
    pub fn edited(&self, findings: &[Finding]) -> Result<Edit> {
        let mut lines: Vec<String> = self.text.lines().map(str::to_string).collect();
        let mut hunks = Vec::new();
        let mut changes = 0;
        for (asset, finding) in self.assets.iter().zip(findings) {
            let Finding::Sum { sum, .. } = finding else { continue };
            if asset.recorded.as_ref().is_some_and(|recorded| recorded.as_str() == sum) {
                continue;
            }
            let section = section(&lines, &asset.tool).ok_or_else(|| no_lines(&asset.tool))?;
            let new = format!("{} = \"{sum}\"", asset.platform);
            let found = section.clone().find(|i| lines.get(*i).is_some_and(|line| key(line) == Some(asset.platform.as_str())));
            let (at, old) = match found.and_then(|i| Some((i, lines.get_mut(i)?))) {
                // What stands behind the value is a comment.
                Some((i, line)) => {
                    let comment = line.split_once('#').map(|(_, text)| format!(" #{text}")).unwrap_or_default();
                    (i, Some(std::mem::replace(line, format!("{new}{comment}"))))
                }
                None => {
                    let at = place(&lines, section, &asset.platform);
                    lines.insert(at, new.clone());
                    (at, None)
                }
            };
            changes += 1;
            hunks.push(format!("@@ {}, line {} @@", asset.tool, at + 1));
            hunks.extend(old.map(|old| format!("-{old}")));
            hunks.push(format!("+{}", lines.get(at).unwrap_or(&new)));
        }
        let text = lines.join("\n") + "\n";
        self.require_recorded(&text, findings)?;
        let diff =
            if hunks.is_empty() { String::new() } else { format!("--- xtask/tools.toml\n+++ xtask/tools.toml\n{}", hunks.join("\n")) };
        Ok(Edit { text, diff, changes })
    }

    /// Reads the new text as the next build will, and compares.
    fn require_recorded(&self, text: &str, findings: &[Finding]) -> Result<()> {
        let lock = Lock::parse(text)?;
        for (asset, finding) in self.assets.iter().zip(findings) {
            let Finding::Sum { sum, .. } = finding else { continue };
            let release = lock.tool(&asset.tool)?.release.as_ref();
            let read = Platform::ALL.iter().find(|p| p.to_string() == asset.platform).and_then(|p| release?.sum(*p));
            if read.is_none_or(|read| read.as_str() != sum) {
                let what = format!("the sum of {} for {} would be read as another one", asset.tool, asset.platform);
                return Err(Error::failed(what).cause("xtask/tools.toml is written in a way that cannot be edited line by line"));
            }
        }
        Ok(())
    }
}

fn no_lines(tool: &str) -> Error {
    Error::failed(format!("xtask/tools.toml has no lines to write the sums of `{tool}` into"))
        .hint(format!("give it a section {HEADER} with one line per platform"))
}

/// The lines below the header of a tool's sums, up to the next header; `None` when it has none.
fn section(lines: &[String], tool: &str) -> Option<std::ops::Range<usize>> {
    let named = format!("name = \"{tool}\"");
    let name = lines.iter().position(|line| without_comment(line) == named)?;
    let rest = lines.iter().enumerate().skip(name);
    let start =
        rest.clone().take_while(|(_, line)| without_comment(line) != "[[tool]]").find(|(_, line)| without_comment(line) == HEADER)?.0 + 1;
    let end = rest.skip_while(|(i, _)| *i < start).find(|(_, line)| line.starts_with('[')).map_or(lines.len(), |(i, _)| i);
    Some(start..end)
}

/// Where the line of a platform belongs: behind those that come before it in [`Platform::ALL`].
fn place(lines: &[String], mut section: std::ops::Range<usize>, platform: &str) -> usize {
    let names = Platform::ALL.map(|p| p.to_string());
    let before: Vec<&String> = names.iter().take_while(|name| *name != platform).collect();
    let is_before = |line: &String| key(line).is_some_and(|key| before.iter().any(|name| *name == key));
    let start = section.start;
    section.rfind(|i| lines.get(*i).is_some_and(is_before)).map_or(start, |i| i + 1)
}

fn key(line: &str) -> Option<&str> {
    let (key, _) = line.split_once('=')?;
    Some(key.trim()).filter(|key| !key.starts_with('#'))
}

fn without_comment(line: &str) -> &str {
    line.split_once('#').map_or(line, |(before, _)| before).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    const TWO: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// Two tools, so that the sums of one cannot end up with the other.
    fn text(first: &str, second: &str) -> String {
        let tool = |name: &str, sums: &str| {
            format!(
                "[[tool]] # a program\nname = \"{name}\"\nversion = \"1.2.3\"\n[tool.release]\nurl = \"https://example.org/{name}\"\n{sums}\n"
            )
        };
        format!("# Pins.\nfamily = {{}}\n\n{}\n{}# The end.\n", tool("one", first), tool("two", second))
    }

    fn edit(text: &str, findings: &[Finding]) -> Result<Edit> {
        Recording::new(text.to_string(), &["two".to_string()], &[])?.edited(findings)
    }

    fn sum(sum: &str) -> Finding {
        Finding::Sum { sum: sum.to_string(), vouched: false }
    }

    #[test]
    fn only_the_lines_of_sums_change() {
        let first = "[tool.release.sha256]\nlinux-amd64 = \"unrecorded\"";
        let before = text(first, "[tool.release.sha256] # by platform\ndarwin-amd64 = \"unrecorded\" # Intel\n# none for arm64");
        let edit = edit(&before, &[sum(ONE), Finding::NotPublished, sum(TWO), sum(ONE)]).unwrap();
        let sums = format!("linux-amd64 = \"{ONE}\"\ndarwin-amd64 = \"{TWO}\" # Intel\ndarwin-arm64 = \"{ONE}\"\n# none for arm64");
        assert_eq!(edit.text, text(first, &format!("[tool.release.sha256] # by platform\n{sums}")));
        assert_eq!(
            edit.diff,
            format!(
                "--- xtask/tools.toml\n+++ xtask/tools.toml\n\
                 @@ two, line 18 @@\n+linux-amd64 = \"{ONE}\"\n\
                 @@ two, line 19 @@\n-darwin-amd64 = \"unrecorded\" # Intel\n+darwin-amd64 = \"{TWO}\" # Intel\n\
                 @@ two, line 20 @@\n+darwin-arm64 = \"{ONE}\""
            )
        );
        assert_eq!(edit.changes, 3);
    }

    #[test]
    fn what_is_recorded_already_is_no_change() {
        let before = text("sha256 = {}", &format!("[tool.release.sha256]\nlinux-amd64 = \"{ONE}\""));
        let edit = edit(&before, &[sum(ONE), Finding::NotPublished, Finding::NotPublished, Finding::NotPublished]).unwrap();
        assert_eq!((edit.text, edit.diff, edit.changes), (before, String::new(), 0));
    }

    #[test]
    fn sums_in_another_shape_are_refused() {
        let before = text("[tool.release.sha256]\nlinux-amd64 = \"unrecorded\"", "sha256 = { linux-amd64 = \"unrecorded\" }");
        let none = Finding::NotPublished;
        let e = edit(&before, &[sum(ONE), none.clone(), none.clone(), none]).unwrap_err();
        assert_eq!(e.what(), "xtask/tools.toml has no lines to write the sums of `two` into");
    }

    #[test]
    fn the_committed_file_can_be_edited() {
        let committed = include_str!("../../tools.toml").to_string();
        let recording = Recording::new(committed.clone(), &[], &[]).unwrap();
        let findings: Vec<Finding> = recording.assets().iter().map(|_| sum(ONE)).collect();
        let edit = recording.edited(&findings).unwrap();
        let comments = |text: &str| text.lines().filter(|l| l.starts_with('#')).map(str::to_string).collect::<Vec<_>>();
        assert_eq!(comments(&edit.text), comments(&committed));
        assert_eq!(edit.text.matches(ONE).count(), recording.assets().len());
    }
}
