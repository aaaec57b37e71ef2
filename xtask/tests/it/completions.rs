//! `completions`: for every shell, of every command, anywhere.

use super::nothing_there::COMMANDS;
use super::sandbox::Sandbox;

#[test]
fn every_shell_learns_every_command_without_a_repository() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ran = sandbox.run_in("/".as_ref(), &["completions", shell]).exits(0).says("");
        for command in COMMANDS {
            assert!(ran.stdout.contains(command.name), "{shell} does not know `{}`", command.name);
        }
    }
}

#[test]
fn bash_completes_commands_and_their_options_after_the_word_xtask() {
    let sandbox = Sandbox::with_programs(&["bash"]);
    let script = sandbox.run(&["completions", "bash"]).exits(0).stdout;
    let complete = |words: &str| {
        let count = words.split(' ').count() - 1;
        let ask = format!(
            "{script}\nCOMP_WORDS=({words} ''); COMP_CWORD={count}; _xtask xtask \"${{COMP_WORDS[{count}]}}\" ''; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
        let ask = ask.replace(&format!("({words} '')"), &format!("({words})"));
        let out = std::process::Command::new("bash").args(["--norc", "-c", &ask]).output().unwrap();
        String::from_utf8(out.stdout).unwrap().lines().map(str::to_string).collect::<Vec<_>>()
    };
    assert_eq!(complete("xtask dev-ini"), ["dev-init"]);
    assert_eq!(complete("xtask dev-logs --fol"), ["--follow"]);
    assert_eq!(complete("xtask cache cl"), ["clean"]);
}

#[test]
fn an_unknown_shell_is_answered_with_the_known_ones() {
    let ran = Sandbox::new().run(&["completions", "tcsh"]).exits(2).prints("");
    ran.says_among("invalid value 'tcsh'").says_among("possible values: bash, elvish, fish, powershell, zsh");
}
