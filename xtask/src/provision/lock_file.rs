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
    /// The module's version, where the project counts its releases otherwise.
    #[cfg_attr(not(test), expect(dead_code, reason = "see module"))]
    pub module_version: Option<String>,
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
    /// The family it is built from. Without one no Go module has it: it comes from PATH or as a release, or not at all.
    pub family: Option<String>,
    /// Without a leading `v`; the family's, if it has one.
    #[serde(default)]
    pub version: String,
    /// Go package of its `main`; only with a family.
    #[serde(default)]
    pub(super) package: String,
    /// How long a first build took on two cores.
    #[serde(default)]
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
    url: String,
    /// The program inside a .tar.gz; without it the download is the program itself.
    member: Option<String>,
    /// Where the project publishes sums: one alone, or lines of sum and file name. `{url}` is that of the release.
    checksums: Option<String>,
    /// What this project calls an operating system or a processor, where it differs from Go's word.
    #[serde(default)]
    words: BTreeMap<String, String>,
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
    /// Errors: the text that is no sum.
    pub fn new(text: &str) -> Result<Self, String> {
        Self::try_from(text.to_string())
    }

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
        let wrong = |why: String| Error::failed("tools.toml is not valid").cause(why);
        let find =
            |owner: &str, name: &str| families.get(name).ok_or_else(|| wrong(format!("`{owner}` names the unknown family `{name}`")));
        for tool in &mut lock.tools {
            let name = &tool.name;
            match &tool.family {
                Some(_) if !tool.version.is_empty() => return Err(wrong(format!("`{name}` has a version beside that of its family"))),
                None if tool.version.is_empty() => return Err(wrong(format!("`{name}` has neither version nor family"))),
                Some(_) if tool.package.is_empty() => return Err(wrong(format!("`{name}` has a family and no package"))),
                None if !tool.package.is_empty() => return Err(wrong(format!("`{name}` has a package and no family"))),
                None => {}
                Some(family) => {
                    let family = find(name, family)?;
                    tool.version.clone_from(&family.version);
                    tool.ldflags = family.ldflags.iter().map(|flag| expand(flag, &tool.version, &[])).collect();
                }
            }
        }
        for set in &mut lock.artifacts {
            if let Some(family) = &set.family {
                set.version.clone_from(&find(&set.name, family)?.version);
            }
            if set.version.is_empty() {
                return Err(wrong(format!("`{}` has neither version nor family", set.name)));
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

impl Tool {
    /// The release and its sum, if one is recorded for a platform.
    pub(super) fn recorded(&self, platform: Platform) -> Option<(&Release, &Sha256)> {
        let release = self.release.as_ref()?;
        Some((release, release.sum(platform)?))
    }
}

impl Release {
    /// The sum recorded for a platform.
    pub fn sum(&self, platform: Platform) -> Option<&Sha256> {
        match self.sha256.get(&platform.to_string()) {
            Some(Sum::Known(sum)) => Some(sum),
            Some(Sum::Unrecorded) | None => None,
        }
    }

    /// Where a version can be downloaded.
    pub fn url(&self, version: &str, platform: Platform) -> String {
        self.fill(&self.url, version, platform)
    }

    /// The name of the program inside the archive; `None` when the download is the program.
    pub fn member(&self, version: &str, platform: Platform) -> Option<String> {
        self.member.as_ref().map(|member| self.fill(member, version, platform))
    }

    /// Where the project publishes the sum of that download; `None` when it publishes none.
    pub fn checksums(&self, version: &str, platform: Platform) -> Option<String> {
        let template = self.checksums.as_ref()?.replace("{url}", &self.url);
        Some(self.fill(&template, version, platform))
    }

    fn fill(&self, template: &str, version: &str, platform: Platform) -> String {
        let word = |usual: &'static str| self.words.get(usual).map_or(usual, String::as_str);
        expand(template, version, &[("os", word(platform.os)), ("arch", word(platform.arch))])
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

/// An operating system and a processor, in Go's words. Shown as `linux-amd64`: a key of a release's sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Platform {
    pub os: &'static str,
    pub arch: &'static str,
}

impl Platform {
    /// Those that contributors have, in the order of the lock.
    pub const ALL: [Platform; 4] = [
        Platform { os: "linux", arch: "amd64" },
        Platform { os: "linux", arch: "arm64" },
        Platform { os: "darwin", arch: "amd64" },
        Platform { os: "darwin", arch: "arm64" },
    ];

    /// This machine.
    pub const fn here() -> Self {
        let os = if cfg!(target_os = "macos") { "darwin" } else { std::env::consts::OS };
        let arch = if cfg!(target_arch = "x86_64") {
            "amd64"
        } else if cfg!(target_arch = "aarch64") {
            "arm64"
        } else {
            std::env::consts::ARCH
        };
        Platform { os, arch }
    }
}

impl std::fmt::Display for Platform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.os, self.arch)
    }
}

/// Fills in `{version}`, `{major}`, `{minor}` and what `more` names.
pub(super) fn expand(template: &str, version: &str, more: &[(&str, &str)]) -> String {
    let mut numbers = version.split('.');
    let major = numbers.next().unwrap_or_default();
    let minor = numbers.next().unwrap_or_default();
    let usual = [("version", version), ("major", major), ("minor", minor)];
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
        assert_eq!(tool.release.as_ref().unwrap().sum(Platform { os: "linux", arch: "amd64" }), None);
    }

    /// A tool that no Go module has.
    const ALONE: &str = r#"
        family = {}
        [[tool]]
        name = "istioctl"
        version = "1.31.1"
        [tool.release]
        url = "https://example.org/{version}/{os}-{arch}.tar.gz"
        member = "{os}/istioctl"
        checksums = "{url}.sha256"
        words = { darwin = "osx" }
        sha256 = {}
    "#;

    #[test]
    fn a_tool_without_a_family_has_a_version_of_its_own() {
        let lock = Lock::parse(ALONE).unwrap();
        assert_eq!(lock.tool("istioctl").unwrap().version, "1.31.1");
        let cause = |text: &str| Lock::parse(text).unwrap_err().causes()[0].clone();
        assert_eq!(cause(&ALONE.replace("version = \"1.31.1\"", "")), "`istioctl` has neither version nor family");
        assert_eq!(cause(&ALONE.replace("[tool.release]", "package = \".\"\n[tool.release]")), "`istioctl` has a package and no family");
        assert_eq!(cause(&SMALL.replace("package = \".\"", "")), "`t` has a family and no package");
        let both = SMALL.replace("package = \".\"", "package = \".\"\nversion = \"1\"");
        assert_eq!(cause(&both), "`t` has a version beside that of its family");
    }

    #[test]
    fn a_project_may_have_its_own_word_for_a_platform() {
        let lock = Lock::parse(ALONE).unwrap();
        let release = lock.tool("istioctl").unwrap().release.as_ref().unwrap();
        let at = |os, arch| (release.url("1.31.1", Platform { os, arch }), release.member("1.31.1", Platform { os, arch }).unwrap());
        assert_eq!(at("linux", "amd64"), ("https://example.org/1.31.1/linux-amd64.tar.gz".into(), "linux/istioctl".into()));
        assert_eq!(at("darwin", "arm64"), ("https://example.org/1.31.1/osx-arm64.tar.gz".into(), "osx/istioctl".into()));
        let checksums = release.checksums("1.31.1", Platform { os: "darwin", arch: "arm64" });
        assert_eq!(checksums.unwrap(), "https://example.org/1.31.1/osx-arm64.tar.gz.sha256");
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
