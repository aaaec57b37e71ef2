//! What xtask/tools.toml pins, and where it lies on this machine.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::sandbox::XTASK;
use super::this_repository::root;

/// A program of the lock.
pub struct Tool {
    pub name: String,
    pub version: String,
    /// Where its release can be downloaded, if its checksum is recorded for this platform.
    pub release: Option<String>,
    /// A Go module has it.
    pub buildable: bool,
}

/// A set of files of third parties.
pub struct Artifacts {
    pub name: String,
    pub version: String,
    pub module: Option<String>,
    pub urls: Vec<String>,
    /// Paths in the project with their sha256.
    pub files: Vec<(String, String)>,
}

fn lock() -> toml::Table {
    let text = std::fs::read_to_string(root().join("xtask/tools.toml")).unwrap();
    text.parse().unwrap()
}

fn text(value: &toml::Value, key: &str) -> Option<String> {
    value.get(key).and_then(|v| v.as_str()).map(str::to_string)
}

/// `linux-amd64`: this machine as release pages call it.
pub fn platform() -> String {
    let os = std::env::consts::OS.replace("macos", "darwin");
    format!("{os}-{}", std::env::consts::ARCH.replace("x86_64", "amd64").replace("aarch64", "arm64"))
}

/// The programs that the engine kwok and what runs beside it need: not those of k3d, and not those of checks.
pub fn tools_of_kwok() -> Vec<Tool> {
    tools().into_iter().filter(|t| !["k3d", "istioctl", "promtool", "strimzi-operator"].contains(&t.name.as_str())).collect()
}

pub fn tools() -> Vec<Tool> {
    let lock = lock();
    let tool = |entry: &toml::Value| {
        let family = text(entry, "family").map(|f| text(&lock["family"][f], "version").unwrap());
        let version = text(entry, "version").or(family).unwrap();
        let platform = platform();
        let (os, arch) = platform.split_once('-').unwrap();
        let release = entry.get("release").filter(|r| r["sha256"].get(&platform).is_some_and(|s| s.as_str() != Some("unrecorded")));
        let fill = |url: String| url.replace("{version}", &version).replace("{os}", os).replace("{arch}", arch);
        let buildable = entry.get("family").is_some();
        Tool { name: text(entry, "name").unwrap(), release: release.and_then(|r| text(r, "url")).map(fill), version, buildable }
    };
    lock["tool"].as_array().unwrap().iter().map(tool).collect()
}

pub fn tool(name: &str) -> Tool {
    tools().into_iter().find(|t| t.name == name).unwrap()
}

pub fn artifacts() -> Vec<Artifacts> {
    let lock = lock();
    let set = |entry: &toml::Value| {
        let family = text(entry, "family").map(|f| text(&lock["family"][f], "version").unwrap());
        let version = text(entry, "version").or(family).unwrap();
        let folder = text(entry, "folder").unwrap();
        let file = |f: &toml::Value| (format!("{folder}/{}", text(f, "path").unwrap()), text(f, "sha256").unwrap());
        let files: Vec<(String, String)> = entry["files"].as_array().unwrap().iter().map(file).collect();
        let url = text(entry, "url").unwrap().replace("{version}", &version);
        Artifacts {
            name: text(entry, "name").unwrap(),
            module: text(entry, "module"),
            urls: files.iter().map(|(path, _)| url.replace("{path}", path)).collect(),
            files,
            version,
        }
    };
    lock["artifact"].as_array().unwrap().iter().map(set).collect()
}

/// The Go that a family's modules ask for.
pub fn go_version(family: &str) -> String {
    let modules = std::fs::read_to_string(root().join(format!("xtask/tools/{family}/go.mod"))).unwrap();
    modules.lines().find_map(|l| l.strip_prefix("go ")).unwrap().to_string()
}

/// Says on the real stderr, past the harness that would keep it, that a test did not run.
pub fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}

/// The cache of this machine's user, by the same rules as the program's own.
pub fn cache() -> Option<PathBuf> {
    let var = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let base = || var("XDG_CACHE_HOME").or_else(|| Some(var("HOME")?.join(".cache")));
    var("XTASK_CACHE_DIR").or_else(|| Some(base()?.join("c4ang-xtask")))
}

/// A pinned program as `install-tools` brought it to this machine; else `None`, with a word on stderr.
pub fn program(name: &str) -> Option<PathBuf> {
    // With the environment of whoever runs these tests: it is their cache.
    let mut check = Command::new(XTASK);
    check.args(["install-tools", "--check", name]).current_dir(root()).stdin(Stdio::null());
    let ran = check.output().unwrap();
    // 1 is "missing"; anything else is no answer, and must not look like one.
    assert!(matches!(ran.status.code(), Some(0 | 1)), "install-tools --check: {}", String::from_utf8_lossy(&ran.stderr));
    let table = String::from_utf8(ran.stdout).unwrap();
    let from = table.lines().find_map(|l| l.strip_prefix(&format!("{name} ")));
    let from = from.and_then(|l| l.trim_start().split_once(' ')).map(|(_, from)| from.trim());
    let found = match from.filter(|_| ran.status.success())?.split_once(", ") {
        Some(("PATH", path)) => Some(PathBuf::from(path)),
        _ => in_cache(&format!("tools/{name}"), &tool(name).version, name),
    };
    assert!(found.is_some(), "install-tools says that it has {name}, and it is not in the cache");
    found
}

/// As [`program`], for a test that cannot do without.
pub fn program_or_skip(name: &str) -> Option<PathBuf> {
    let found = program(name);
    if found.is_none() {
        skipped(&format!("{name} is not provisioned"));
    }
    found
}

/// A file below `folder` of the cache, in the folder of a version.
pub fn in_cache(folder: &str, version: &str, file: &str) -> Option<PathBuf> {
    let entries = std::fs::read_dir(cache()?.join(folder)).ok()?;
    let versions = entries.flatten().filter(|e| e.file_name().to_string_lossy().starts_with(&format!("{version}-")));
    versions.map(|e| e.path().join(file)).find(|p| p.is_file())
}
