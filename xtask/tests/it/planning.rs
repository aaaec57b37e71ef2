//! `plan COMMAND`: another way to write `COMMAND --plan`.

use super::nothing_there::COMMANDS;
use super::sandbox::Sandbox;

/// What `plan` answers to commands that change nothing.
fn only_looks(words: &str) -> String {
    format!("`{words}` only looks: it changes nothing, so it has no plan\n")
}

#[test]
fn it_is_the_plan_of_every_command_that_changes_something() {
    for command in COMMANDS {
        let sandbox = Sandbox::with_programs(&["git"]);
        let before = sandbox.files();
        let word = sandbox.run(&[&["plan"], command.args].concat());
        if word.stdout == only_looks(&command.args.join(" ")) {
            let readers = [
                "status",
                "version",
                "help",
                "list",
                "logs",
                "config",
                "password",
                "doctor",
                "cache",
                "plan",
                "completions",
                "offline",
                "graph",
                "why",
                "diff",
                "expand",
                "lint",
            ];
            assert!(readers.iter().any(|r| command.name.ends_with(r)), "`plan {}` says that it only looks", command.name);
        } else {
            // The sandbox has no terminal, and a plan never asks.
            let flag = sandbox.run(&[&["--plan"], command.args].concat());
            assert_eq!((word.stdout, word.stderr), (flag.stdout, flag.stderr), "{}", command.name);
        }
        assert_eq!(before.changes(&sandbox.files()), [""; 0], "`plan {}` writes", command.name);
    }
}

#[test]
fn options_may_stand_before_and_behind_and_arguments_of_programs_keep_their_dashes() {
    let sandbox = Sandbox::new();
    let plan = sandbox.run(&["plan", "install-tools", "redis-server"]).exits(0).stdout;
    assert!(plan.starts_with("$ go build "), "{plan}");
    let root = sandbox.root().to_string_lossy().into_owned();
    let elsewhere = |args: &[&str]| sandbox.run_in("/".as_ref(), args).exits(0).stdout;
    assert_eq!(elsewhere(&["--root", &root, "plan", "install-tools", "redis-server"]), plan);
    assert_eq!(elsewhere(&["plan", "install-tools", "redis-server", "--root", &root]), plan);
    assert_eq!(elsewhere(&["plan", "--root", &root, "install-tools", "--plan", "redis-server"]), plan);
    let ran = sandbox.run(&["plan", "helm", "--", "list", "--all-namespaces", "--timeout", "3s"]).exits(0);
    assert!(ran.stdout.ends_with(" list --all-namespaces --timeout 3s\n"), "{}", ran.stdout);
}

#[test]
fn what_only_looks_has_no_plan_and_needs_no_repository_to_say_so() {
    let sandbox = Sandbox::new();
    for words in ["dev-status", "cache status", "dev-logs etcd -f", "plan dev-init"] {
        let args: Vec<&str> = std::iter::once("plan").chain(words.split(' ')).collect();
        let ran = sandbox.run_in("/".as_ref(), &args).exits(0).says("");
        assert_eq!(ran.stdout, only_looks(words));
    }
}

#[test]
fn a_wrong_command_line_behind_it_is_wrong_usage() {
    let sandbox = Sandbox::new();
    sandbox.run(&["plan"]).exits(2).prints("").says_among("required arguments were not provided");
    sandbox.run(&["plan", "dev-innit"]).exits(2).prints("").says_among("unrecognized subcommand 'dev-innit'");
    sandbox.run(&["plan", "dev-init", "--fast"]).exits(2).prints("").says_among("unexpected argument '--fast' found");
}
