//! Programs that must be on PATH: which are there, what they are for, how they are installed.

use std::path::PathBuf;
use std::time::Duration;

use super::things::Thing;
use super::{Check, State};
use crate::context::Context;
use crate::proc::Invocation;
use crate::provision::{dotted, parse_go_version};
use crate::ui::count;

const GROUP: &str = "programs";

/// Names, and what makes them print their version.
const NAMES: [(&str, &[&str]); 5] =
    [("git", &["--version"]), ("openssl", &["version"]), ("curl", &["--version"]), ("go", &["version"]), ("cc", &["--version"])];

/// Since this version Go fetches a newer one of itself when a module asks for it, unless GOTOOLCHAIN forbids it.
const FETCHES_ITSELF: [u32; 3] = [1, 21, 0];

/// A program on PATH.
pub struct Program {
    name: &'static str,
    path: PathBuf,
    /// What it prints about itself.
    printed: String,
    /// Go only: it would fetch a newer one of itself.
    grows: bool,
}

/// Which sources of programs and files this machine can use.
pub struct Has {
    pub curl: bool,
    pub git: bool,
    /// A Go that is, or makes itself, as new as `go_needed`.
    pub go: bool,
    pub go_needed: [u32; 3],
}

/// Looks for the programs and asks each for its version, all at once.
pub fn look(cx: &Context) -> Vec<Program> {
    std::thread::scope(|scope| {
        let threads = NAMES.map(|(name, args)| scope.spawn(move || ask(cx, name, args)));
        threads.into_iter().filter_map(|thread| thread.join().ok().flatten()).collect()
    })
}

fn ask(cx: &Context, name: &'static str, args: &[&str]) -> Option<Program> {
    let path = cx.provision.program(name)?;
    // In a folder that belongs to no Go module: none may have its say about the version.
    let run = |args: &[&str]| {
        let call = Invocation::reads(&path).args(args).cwd("/").timeout(Duration::from_secs(5));
        cx.runner.run(&call).map(|out| out.text()).unwrap_or_default()
    };
    let printed = run(args);
    let grows = name == "go" && run(&["env", "GOTOOLCHAIN"]).split('+').any(|word| matches!(word.trim(), "auto" | "path"));
    Some(Program { name, path, printed, grows })
}

impl Has {
    pub fn of(programs: &[Program], needed: &[&Thing]) -> Self {
        let there = |name: &str| programs.iter().any(|p| p.name == name);
        let absent = needed.iter().filter(|t| !t.is_here());
        let go_needed = absent.filter_map(|t| t.go()).max();
        let go_needed = go_needed.or(needed.iter().filter_map(|t| t.go()).max()).unwrap_or_default();
        let go = programs.iter().find(|p| p.name == "go").is_some_and(|go| go.state(go_needed) != State::TooOld);
        Has { curl: there("curl"), git: there("git"), go, go_needed }
    }

    #[cfg(test)]
    pub fn for_test(curl: bool, go: bool) -> Self {
        Has { curl, git: true, go, go_needed: [1, 26, 3] }
    }
}

impl Program {
    /// How this Go stands to what is needed.
    fn state(&self, needed: [u32; 3]) -> State {
        match parse_go_version(&self.printed) {
            Some(have) if have < needed && self.grows && have >= FETCHES_ITSELF => State::Warning,
            Some(have) if have < needed => State::TooOld,
            // A Go of somebody's own making says something else, and will complain itself.
            _ => State::Ok,
        }
    }

    fn version(&self) -> String {
        if self.name == "go" {
            return parse_go_version(&self.printed).map(dotted).unwrap_or_default();
        }
        version(&self.printed)
    }
}

/// The first word that begins like a version: `git version 2.43.0`, `cc (Debian 12.2.0-14) 12.2.0`.
fn version(printed: &str) -> String {
    let words = printed.split_whitespace().map(|word| word.trim_start_matches('('));
    let number = |word: &str| word.split(|c: char| !c.is_ascii_digit() && c != '.').next().unwrap_or_default().to_string();
    words.map(number).find(|word| word.contains('.')).unwrap_or_default()
}

pub fn checks(programs: &[Program], needed: &[&Thing], has: &Has, installer: Option<&'static str>) -> Vec<Check> {
    let absent = || needed.iter().copied().filter(|t| !t.is_here() && !t.is_mirrored());
    let only_curl: Vec<&Thing> = absent().filter(|t| t.is_downloaded() && (t.go().is_none() || !has.go)).collect();
    let can_download: Vec<&Thing> = absent().filter(|t| t.is_downloaded()).collect();
    let to_build: Vec<&Thing> = absent().filter(|t| t.go().is_some() && !(t.is_downloaded() && has.curl)).collect();
    let purpose = |name: &str| match name {
        "git" => (true, "takes the snapshot of the working tree".to_string()),
        "openssl" => (true, "makes the certificate of the gateway".to_string()),
        "curl" if !only_curl.is_empty() => (true, format!("needed to download {}", amount(&only_curl))),
        "curl" if !can_download.is_empty() => (false, format!("would download {}; Go does it, too", amount(&can_download))),
        "go" if !to_build.is_empty() => (true, format!("needed to build {}", amount(&to_build))),
        "go" if !can_download.is_empty() => (false, "needed only if a download fails".to_string()),
        "cc" => (false, "links this program when it is compiled again".to_string()),
        _ => (false, "not needed: all tools are there".to_string()),
    };
    let row = |(name, _): (&'static str, &[&str])| {
        let (needed, what_for) = purpose(name);
        let install = install(installer, name, has.go_needed);
        let Some(program) = programs.iter().find(|p| p.name == name) else {
            let state = match (needed, name) {
                (true, _) => State::Missing,
                (false, "cc") => State::Warning,
                (false, _) => State::Optional,
            };
            let check = Check { needed, ..Check::ok(GROUP, name, "", what_for).state(state) };
            return if state == State::Optional { check } else { check.mend(install) };
        };
        let check = Check { needed, ..Check::ok(GROUP, name, program.version(), program.path.display().to_string()) };
        let want = dotted(has.go_needed);
        match program.state(has.go_needed) {
            State::TooOld if name == "go" && needed => check.state(State::TooOld).mend(install),
            State::Warning if name == "go" && needed => {
                check.state(State::Warning).mend(format!("nothing: it fetches Go {want} itself when it builds"))
            }
            _ => check,
        }
    };
    NAMES.into_iter().map(row).collect()
}

/// `3 tools and 5 sets of definitions`.
fn amount(things: &[&Thing]) -> String {
    let tools = things.iter().filter(|t| t.is_tool()).count();
    let sets = things.len() - tools;
    let sets_text = format!("{} of definitions", count(sets, "set"));
    match (tools, sets) {
        (_, 0) => count(tools, "tool"),
        (0, _) => sets_text,
        _ => format!("{} and {sets_text}", count(tools, "tool")),
    }
}

/// The package manager of this machine, of those that most contributors have.
pub fn installer(cx: &Context) -> Option<&'static str> {
    ["brew", "apt-get", "dnf", "pacman", "zypper", "apk"].into_iter().find(|name| cx.provision.program(name).is_some())
}

/// The command that installs a program.
fn install(installer: Option<&str>, name: &str, go: [u32; 3]) -> String {
    if name == "go" {
        // Packages of distributions are usually older.
        return format!("install Go {} or newer: https://go.dev/dl", dotted(go));
    }
    let package = match (name, installer) {
        ("cc", Some("apt-get")) => "build-essential",
        ("cc", Some("apk")) => "build-base",
        ("cc", Some("brew")) => return "xcode-select --install".to_string(),
        ("cc", Some(_)) => "gcc",
        ("cc", None) => "a C compiler",
        _ => name,
    };
    match installer {
        Some("brew") => format!("brew install {package}"),
        Some("apk") => format!("sudo apk add {package}"),
        Some("pacman") => format!("sudo pacman -S {package}"),
        Some(manager) => format!("sudo {manager} install {package}"),
        None => format!("install {package}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_programs_print() {
        let printed = [
            ("git version 2.47.3", "2.47.3"),
            ("git version 2.39.5 (Apple Git-154)", "2.39.5"),
            ("OpenSSL 3.5.4 30 Sep 2025 (Library: OpenSSL 3.5.4 30 Sep 2025)", "3.5.4"),
            ("LibreSSL 3.3.6", "3.3.6"),
            ("curl 8.14.1 (x86_64-pc-linux-gnu) libcurl/8.14.1 OpenSSL/3.5.4", "8.14.1"),
            ("cc (Debian 14.2.0-19) 14.2.0\nCopyright (C) 2024", "14.2.0"),
            ("Apple clang version 17.0.0 (clang-1700.0.13.5)", "17.0.0"),
            ("nothing of the kind", ""),
        ];
        for (text, wanted) in printed {
            assert_eq!(version(text), wanted);
        }
    }

    #[test]
    fn an_old_go_that_may_fetch_a_newer_one_is_only_a_warning() {
        let go = |printed: &str, grows| Program { name: "go", path: "/bin/go".into(), printed: printed.into(), grows };
        let needed = [1, 26, 3];
        assert_eq!(go("go version go1.26.3 linux/amd64", false).state(needed), State::Ok);
        assert_eq!(go("go version go1.24.4 linux/amd64", true).state(needed), State::Warning);
        assert_eq!(go("go version go1.24.4 linux/amd64", false).state(needed), State::TooOld);
        assert_eq!(go("go version go1.20.1 linux/amd64", true).state(needed), State::TooOld);
    }

    #[test]
    fn what_installs_a_program_depends_on_the_machine() {
        assert_eq!(install(Some("apt-get"), "cc", [0; 3]), "sudo apt-get install build-essential");
        assert_eq!(install(Some("brew"), "git", [0; 3]), "brew install git");
        assert_eq!(install(None, "curl", [0; 3]), "install curl");
        assert_eq!(install(Some("dnf"), "go", [1, 26, 3]), "install Go 1.26.3 or newer: https://go.dev/dl");
    }
}
