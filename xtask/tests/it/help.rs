//! `--help` and `help`: the same texts, on stdout, everywhere.

use super::nothing_there::{COMMANDS, listed};
use super::sandbox::Sandbox;

#[test]
fn every_command_says_how_it_is_used_on_which_engines_with_examples() {
    let sandbox = Sandbox::new();
    for command in COMMANDS {
        let ran = sandbox.run(&[command.name, "--help"]).exits(0).says("");
        let usage = format!("Usage: cargo xtask {} ", command.name);
        let ran = ran.prints_among(&usage).prints_among("\nEngines: ").prints_among("\nExamples:\n");
        let example = format!("\n  cargo xtask {}", command.name);
        assert!(ran.stdout.matches(&example).count() >= 2, "{}: two examples, please", command.name);
    }
}

#[test]
fn help_with_a_name_is_the_help_of_that_command() {
    let sandbox = Sandbox::new();
    for command in COMMANDS {
        let flag = sandbox.run(&[command.name, "--help"]).exits(0).says("");
        let word = sandbox.run(&["help", command.name]).exits(0).says("");
        assert_eq!(word.stdout.trim_end(), flag.stdout.trim_end());
    }
}

#[test]
fn help_with_and_without_dashes_and_nothing_at_all_are_the_same() {
    let sandbox = Sandbox::new();
    let flag = sandbox.run(&["--help"]).exits(0).says("").stdout;
    for args in [&["help"][..], &[]] {
        assert_eq!(sandbox.run(args).exits(0).says("").stdout.trim_end(), flag.trim_end(), "{args:?}");
    }
}

#[test]
fn the_list_names_every_command_once_with_a_text() {
    let help = Sandbox::new().run(&["--help"]).exits(0).stdout;
    let names = listed(&help);
    for name in &names {
        assert_eq!(names.iter().filter(|n| *n == name).count(), 1, "`{name}` is listed twice");
        let line = help.lines().find(|l| l.trim_start().split(' ').next() == Some(name)).unwrap();
        assert!(line.trim_start().len() > name.len() + 10, "`{name}` has no text: {line}");
    }
    assert!(!help.contains("supervise"), "what people never type is not listed");
}

#[test]
fn help_needs_no_repository_and_no_home() {
    let mut sandbox = Sandbox::new();
    sandbox.variable("HOME", None);
    sandbox.variable("XTASK_CACHE_DIR", None);
    for args in [&["help"][..], &["--help"], &["help", "dev-init"], &["dev-init", "--help"], &["--version"]] {
        sandbox.run_in("/".as_ref(), args).exits(0).says("");
    }
}

#[test]
fn help_is_plain_text_without_a_terminal() {
    let sandbox = Sandbox::new();
    for args in [&["help"][..], &["--help"], &["dev-init", "--help"], &["dev-status"], &["nope"]] {
        let ran = sandbox.run(args);
        assert!(!ran.stdout.contains('\x1b') && !ran.stderr.contains('\x1b'), "{args:?}: {}{}", ran.stdout, ran.stderr);
    }
}
