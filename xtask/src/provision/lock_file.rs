//! The model of tools.toml: what is pinned, and where it may come from.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::{Error, Result};

/// Everything that is pinned. Unknown keys are refused: a typo must not read as "not recorded".
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lock {
    family: BTreeMap<String, Family>,
    #[serde(rename = "tool")]
    pub tools: Vec<Tool>,
    #[serde(rename = "artifact", default)]
    pub artifacts: Vec<ArtifactSet>,
}

/// Tools that come from one Go module and share its version.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Family {
    pub version: String,
    /// The Go module that holds the programs; its version is `v` and ours.
    #[cfg_attr(not(test), expect(dead_code, reason = "a test compares it with go.mod"))]
    pub module: String,
    /// Values for the linker's -X, templates.
    #[serde(default)]
    pub ldflags: Vec<String>,
}

/// A program of the lock.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// Name of the program and of its file.
    pub name: String,
    /// The family it is built from; the version is the family's.
    pub family: String,
    /// Without a leading `v`.
    #[serde(skip)]
    pub version: String,
    /// Go package of its `main`.
    pub(super) package: String,
    /// How long a first build took on two cores.
    pub(super) build_seconds: u64,
    #[serde(skip)]
    pub(super) ldflags: Vec<String>,
    pub(super) path_version: Option<PathVersion>,
    pub(super) release: Option<Release>,
}

/// How to ask a program on PATH for its version.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PathVersion {
    pub args: Vec<String>,
    /// The text right before the version in what it prints.
    pub after: String,
}

/// A program's release download.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Release {
    pub url: String,
    /// The program inside a .tar.gz; without it the download is the program itself.
    pub member: Option<String>,
    /// By platform, such as `linux-amd64`; an absent platform is unrecorded.
    pub sha256: BTreeMap<String, Sum>,
}

/// Third-party files of one project and version.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ArtifactSet {
    pub name: String,
    /// The same version as this family of tools.
    family: Option<String>,
    #[serde(default)]
    pub version: String,
    pub module: Option<String>,
    pub url: String,
    /// The folder of all files in the project.
    pub folder: String,
    pub files: Vec<ArtifactFile>,
}

/// One file of a set.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ArtifactFile {
    /// Below the set's folder.
    pub path: String,
    pub sha256: Sha256,
}

/// What bytes must be: 64 hexadecimal digits, lower case.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Sha256(String);

impl Sha256 {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Sha256 {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let good = text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if good { Ok(Sha256(text)) } else { Err(format!("`{text}` is not a sha256 (64 digits 0-9a-f)")) }
    }
}

/// A sum, or the word that nobody has recorded it yet.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) enum Sum {
    Known(Sha256),
    Unrecorded,
}

impl TryFrom<String> for Sum {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "unrecorded" { Ok(Sum::Unrecorded) } else { Sha256::try_from(text).map(Sum::Known) }
    }
}

impl Lock {
    /// Parses tools.toml and gives every tool and set its version. Errors name the line or the name that is wrong.
    pub fn parse(text: &str) -> Result<Self> {
        let mut lock: Lock = toml::from_str(text).map_err(|e| Error::failed("tools.toml is not valid").cause(e.to_string()))?;
        let families = &lock.family;
        let find = |owner: &str, name: &str| {
            let wrong = || Error::failed("tools.toml is not valid").cause(format!("`{owner}` names the unknown family `{name}`"));
            families.get(name).ok_or_else(wrong)
        };
        for tool in &mut lock.tools {
            let family = find(&tool.name, &tool.family)?;
            tool.version.clone_from(&family.version);
            tool.ldflags = family.ldflags.iter().map(|flag| expand(flag, &tool.version, &[])).collect();
        }
        for set in &mut lock.artifacts {
            if let Some(family) = &set.family {
                set.version.clone_from(&find(&set.name, family)?.version);
            }
            if set.version.is_empty() {
                return Err(Error::failed("tools.toml is not valid").cause(format!("`{}` has neither version nor family", set.name)));
            }
        }
        Ok(lock)
    }

    /// A tool by name. Errors: usage, with the known names.
    pub fn tool(&self, name: &str) -> Result<&Tool> {
        self.tools.iter().find(|t| t.name == name).ok_or_else(|| {
            let known: Vec<_> = self.tools.iter().map(|t| t.name.as_str()).collect();
            Error::usage(format!("there is no tool `{name}`")).cause(format!("known ones: {}", known.join(", ")))
        })
    }

    /// An artifact set by name. Errors: usage, with the known names.
    pub fn artifact(&self, name: &str) -> Result<&ArtifactSet> {
        self.artifacts.iter().find(|a| a.name == name).ok_or_else(|| {
            let known: Vec<_> = self.artifacts.iter().map(|a| a.name.as_str()).collect();
            Error::usage(format!("there is no artifact `{name}`")).cause(format!("known ones: {}", known.join(", ")))
        })
    }

    #[cfg(test)]
    pub fn families(&self) -> &BTreeMap<String, Family> {
        &self.family
    }
}

impl Release {
    /// The sum recorded for a platform.
    pub fn sum(&self, platform: &str) -> Option<&Sha256> {
        match self.sha256.get(platform) {
            Some(Sum::Known(sum)) => Some(sum),
            Some(Sum::Unrecorded) | None => None,
        }
    }
}

impl ArtifactSet {
    /// Where a file lies in the project.
    pub fn path(&self, file: &ArtifactFile) -> String {
        format!("{}/{}", self.folder, file.path)
    }

    /// Where a file can be downloaded.
    pub fn url(&self, file: &ArtifactFile) -> String {
        expand(&self.url, &self.version, &[("path", &self.path(file))])
    }
}

/// This machine, in the words of release pages.
pub(super) fn os() -> &'static str {
    match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    }
}

/// This machine's processor, in the words of release pages.
pub(super) fn arch() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

/// `linux-amd64` and the like: the keys of a release's sums.
pub(super) fn platform() -> String {
    format!("{}-{}", os(), arch())
}

/// Fills in `{version}`, `{major}`, `{minor}`, `{os}`, `{arch}` and what `more` names.
pub(super) fn expand(template: &str, version: &str, more: &[(&str, &str)]) -> String {
    let mut numbers = version.split('.');
    let major = numbers.next().unwrap_or_default();
    let minor = numbers.next().unwrap_or_default();
    let usual = [("version", version), ("major", major), ("minor", minor), ("os", os()), ("arch", arch())];
    let fill = |text: String, (key, value): &(&str, &str)| text.replace(&format!("{{{key}}}"), value);
    usual.iter().chain(more).fold(template.to_string(), fill)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"
        [family.f]
        version = "1.2.3"
        module = "example.org/f"
        ldflags = ["x.Version=v{version}", "x.Minor={minor}"]
        [[tool]]
        name = "t"
        family = "f"
        package = "."
        build_seconds = 1
        [tool.release]
        url = "https://example.org/{version}"
        sha256 = { linux-amd64 = "unrecorded" }
    "#;

    #[test]
    fn a_tool_has_the_version_and_flags_of_its_family() {
        let lock = Lock::parse(SMALL).unwrap();
        let tool = lock.tool("t").unwrap();
        assert_eq!(tool.version, "1.2.3");
        assert_eq!(tool.ldflags, ["x.Version=v1.2.3", "x.Minor=2"]);
        assert_eq!(tool.release.as_ref().unwrap().sum("linux-amd64"), None);
    }

    #[test]
    fn typos_are_refused_with_their_place() {
        let cause = |text: &str| Lock::parse(text).unwrap_err().causes()[0].clone();
        assert!(cause(&SMALL.replace("build_seconds", "build_secs")).contains("unknown field `build_secs`"));
        assert!(cause(&SMALL.replace("unrecorded", "todo")).contains("`todo` is not a sha256"));
        assert_eq!(cause(&SMALL.replace("family = \"f\"", "family = \"g\"")), "`t` names the unknown family `g`");
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let e = Lock::parse(SMALL).unwrap().tool("helm").unwrap_err();
        assert_eq!(e.one_line(), "there is no tool `helm`: known ones: t");
    }
}
