//! The calls of former times: each shim and make target becomes the command that scripts/RETIRED.md names for it.

use std::collections::BTreeSet;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::nothing_there::listed;
use super::pinned::skipped;
use super::sandbox::Sandbox;
use super::this_repository::{files, read, root};

const LEDGER: &str = "scripts/RETIRED.md";
/// Targets of the Makefile of former times.
const TARGETS: usize = 37;
/// What a shim may be long.
const LINES: usize = 5;

/// A row of the ledger.
struct Row {
    /// As it was typed, without backticks; some rows describe it in words.
    old: String,
    /// The command with its arguments; `None` where none is named.
    command: Option<String>,
    state: String,
}

fn ledger() -> Vec<Row> {
    let text = read(LEDGER);
    let rows = text.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    rows.filter(|row| !row.starts_with("old call"))
        .map(|row| {
            let cells: Vec<&str> = row.split(" | ").collect();
            let [old, command, state] = cells[..] else { panic!("{LEDGER}: three columns, please: {row}") };
            let code = |cell: &str| cell.strip_prefix('`').and_then(|c| c.strip_suffix('`')).map(str::to_string);
            assert!(command == "—" || code(command).is_some(), "{LEDGER}: `command` or —: {row}");
            Row { old: code(old).unwrap_or(old.to_string()), command: code(command), state: state.to_string() }
        })
        .collect()
}

/// The shims: shell scripts that go through the helper.
fn shims() -> Vec<String> {
    let folders = ["scripts/", "bootstrap/", "charts/"];
    let scripts = files().into_iter().filter(|f| f.ends_with(".sh") && folders.iter().any(|folder| f.starts_with(folder)));
    scripts.filter(|f| f != "scripts/retired.sh").collect()
}

/// A machine with a `cargo` that says what it was called with, and from where.
struct Machine {
    dir: tempfile::TempDir,
    programs: PathBuf,
}

/// How an old call ended.
struct Ended {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Machine {
    /// `None`, with a word on stderr, when one of `programs` is not on this machine.
    fn with(programs: &[&str]) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let bin = dir.path().join("bin");
        std::fs::create_dir(&bin).unwrap();
        let path = std::env::var_os("PATH").unwrap();
        for name in ["sh", "dirname"].iter().chain(programs) {
            let Some(found) = std::env::split_paths(&path).map(|dir| dir.join(name)).find(|p| p.is_file()) else {
                skipped(&format!("`{name}` is not on this machine"));
                return None;
            };
            symlink(found, bin.join(name)).unwrap();
        }
        Some(Machine { programs: bin, dir })
    }

    fn cargo(self) -> Self {
        let cargo = self.programs.join("cargo");
        std::fs::write(&cargo, "#!/bin/sh\npwd -P\nprintf '<%s>' \"$@\"\necho\nexit ${CODE:-0}\n").unwrap();
        std::fs::set_permissions(&cargo, std::fs::Permissions::from_mode(0o755)).unwrap();
        self
    }

    /// Runs it in an empty folder, or in the repository for make.
    fn run(&self, program: &Path, args: &[&str], variables: &[(&str, &str)]) -> Ended {
        let is_make = program.ends_with("make");
        let here = if is_make { root() } else { self.dir.path().to_path_buf() };
        let mut command = Command::new(program);
        command.args(args).current_dir(here).env_clear().env("PATH", &self.programs).envs(variables.iter().copied());
        let output = command.stdin(Stdio::null()).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Ended { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }
}

/// What the fake cargo prints for `cargo xtask COMMAND…`, called at the root.
fn called(command: &str) -> String {
    let words: String = command.split(' ').map(|word| format!("<{word}>")).collect();
    format!("{}\n<xtask>{words}\n", root().canonicalize().unwrap().display())
}

#[test]
fn every_shim_becomes_the_command_that_the_ledger_names() {
    let machine = Machine::with(&["bash"]).map(Machine::cargo);
    let Some(machine) = machine else { return };
    let rows = ledger();
    for shim in shims() {
        let rows: Vec<(&str, &str)> = rows
            .iter()
            .filter_map(|row| match row.old.split_once(' ') {
                Some((script, flag)) if script == shim => Some((flag, row.command.as_deref()?)),
                None if row.old == shim => Some(("", row.command.as_deref()?)),
                _ => None,
            })
            .collect();
        assert!(rows.iter().any(|(flag, _)| flag.is_empty()), "{LEDGER} does not say what `{shim}` without a flag is");
        for (flag, command) in &rows {
            let args: Vec<&str> = flag.split_whitespace().collect();
            let script = root().join(&shim);
            // As it stands, and by the shell of macOS and of those who typed `bash`.
            let by_bash = [&[script.to_str().unwrap()], &args[..]].concat();
            let ways = [(script.clone(), args.clone()), (machine.programs.join("bash"), by_bash)];
            for (program, args) in ways {
                let ended = machine.run(&program, &args, &[]);
                assert_eq!((ended.code, ended.stdout), (Some(0), called(command)), "{shim} {flag}: {}", ended.stderr);
                assert_eq!(ended.stderr, format!("{shim} is deprecated; use: cargo xtask {command}\n"));
            }
        }
        let help = machine.run(&root().join(&shim), &["--help"], &[]);
        let known: Vec<String> = help.stdout.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        let line = |flag: &str, command: &str| format!("{} cargo xtask {command}", if flag.is_empty() { "(none)" } else { flag });
        let wanted: Vec<String> = rows.iter().map(|(flag, command)| line(flag, command)).collect();
        assert_eq!((help.code, known), (Some(0), wanted), "the flags of {shim} and {LEDGER} differ");
    }
}

#[test]
fn an_unknown_flag_is_answered_with_the_known_ones_and_runs_nothing() {
    let Some(machine) = Machine::with(&[]).map(Machine::cargo) else { return };
    for args in [&["--nope"][..], &[""], &["--status", "--password"]] {
        let ended = machine.run(&root().join("scripts/platform/argocd.sh"), args, &[]);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
        assert!(ended.stderr.starts_with("error: scripts/platform/argocd.sh "), "{}", ended.stderr);
        assert!(ended.stderr.contains("\n  --password       cargo xtask argocd-password\n"), "{}", ended.stderr);
    }
}

#[test]
fn the_exit_code_is_that_of_the_command() {
    let Some(machine) = Machine::with(&[]).map(Machine::cargo) else { return };
    for code in [1, 4] {
        let ended = machine.run(&root().join("scripts/bootstrap/dev.sh"), &["--status"], &[("CODE", &code.to_string())]);
        assert_eq!(ended.code, Some(code));
    }
    let without = Machine::with(&[]).unwrap();
    let ended = without.run(&root().join("scripts/bootstrap/dev.sh"), &["--status"], &[]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(4), ""));
    assert!(ended.stderr.ends_with("error: `cargo` is not installed\nHint: install Rust: https://rustup.rs\n"), "{}", ended.stderr);
}

#[test]
fn a_shim_is_short_and_can_be_run() {
    let shims = shims();
    assert_eq!(shims.len(), 12, "{shims:?}");
    for shim in shims.iter().map(String::as_str).chain(["scripts/retired.sh"]) {
        let mode = std::fs::metadata(root().join(shim)).unwrap().permissions().mode();
        assert_eq!(mode & 0o111, 0o111, "{shim} cannot be run");
    }
    for shim in shims {
        let lines = read(&shim).lines().count();
        assert!(lines <= LINES, "{shim} has {lines} lines: what the shims share is in scripts/retired.sh");
    }
}

#[test]
fn every_target_of_make_becomes_the_command_that_the_ledger_names() {
    let Some(machine) = Machine::with(&["make"]).map(Machine::cargo) else { return };
    let make = machine.programs.join("make");
    let rows = ledger();
    let targets: Vec<(&str, &str)> =
        rows.iter().filter_map(|row| Some((row.old.strip_prefix("make ")?, row.command.as_deref()?))).collect();
    assert_eq!(targets.len(), TARGETS);
    for (call, command) in targets {
        let target = call.split(' ').next().unwrap();
        let args: Vec<&str> = call.split(' ').collect();
        let ended = machine.run(&make, &args, &[]);
        assert_eq!((ended.code, ended.stdout), (Some(0), called(command)), "make {call}: {}", ended.stderr);
        assert_eq!(ended.stderr, format!("make is deprecated here; use: cargo xtask {target}\n"));
        // What the target does not take must not reach the command.
        let bare = machine.run(&make, &[target], &[("FILE", ""), ("SERVICE", "")]);
        assert_eq!(bare.stdout, called(target));
        let both = machine.run(&make, &[&args[..], &["FILE=F", "SERVICE=S"]].concat(), &[]);
        assert_eq!(both.stdout, called(command), "make {call} FILE=F SERVICE=S");
    }
}

#[test]
fn make_copes_with_odd_names_no_target_and_several() {
    let Some(machine) = Machine::with(&["make"]).map(Machine::cargo) else { return };
    let make = machine.programs.join("make");
    let ended = machine.run(&make, &["sops-encrypt", "FILE=a b'c.yaml"], &[]);
    assert!(ended.stdout.ends_with("\n<xtask><sops-encrypt><--file><a b'c.yaml>\n"), "{}", ended.stdout);
    // A folder of this name is there.
    assert_eq!(machine.run(&make, &["charts"], &[]).stdout, called("charts"));
    // Without a target, and with several.
    let ended = machine.run(&make, &[], &[]);
    assert_eq!((ended.stdout, ended.stderr), (called("help"), "make is deprecated here; use: cargo xtask help\n".to_string()));
    let ended = machine.run(&make, &["dev-down", "dev-up"], &[]);
    assert_eq!(ended.stdout, called("dev-down") + &called("dev-up"));
    assert_eq!(ended.stderr.matches("deprecated").count(), 1);
    assert_eq!(machine.run(&make, &["version"], &[("CODE", "3")]).code, Some(2), "make knows no other code");
}

/// Fails when a command appears, so that the ledger is brought up to date with it, and when a retired one is gone.
#[test]
fn the_ledger_says_which_commands_exist() {
    let commands: BTreeSet<String> = listed(&Sandbox::new().run(&["help"]).stdout).into_iter().collect();
    let mut wrong = Vec::new();
    for row in ledger() {
        let exists = row.command.as_deref().map(|command| commands.contains(command.split(' ').next().unwrap_or_default()));
        let script = row.old.split(' ').next().filter(|word| word.contains('/'));
        let works = script.is_none_or(|script| root().join(script).is_file());
        let fits = match row.state.as_str() {
            "retired" => exists == Some(true) && works,
            "not yet" => exists != Some(true),
            "no command" => exists.is_none(),
            _ => false,
        };
        if !fits {
            wrong.push(format!("{}: `{}` is `{}`", row.old, row.command.unwrap_or("—".into()), row.state));
        }
    }
    assert!(wrong.is_empty(), "{LEDGER} and the commands differ:\n{}", wrong.join("\n"));
}
