//! Wrong usage: exit code 2, said in one piece, and nothing is done.

use super::nothing_there::COMMANDS;
use super::sandbox::Sandbox;

const DEV: &str = "environments/dev/environment.yaml";

#[test]
fn an_unknown_command_is_answered_with_similar_ones() {
    Sandbox::new().run(&["docter"]).exits(2).prints("").says(
        "
        error: unrecognized subcommand 'docter'

          tip: a similar subcommand exists: 'doctor'

        Usage: cargo xtask [OPTIONS] [COMMAND]

        For more information, try '--help'.
        ",
    );
}

#[test]
fn an_unknown_command_to_explain_is_answered_with_where_all_of_them_are() {
    Sandbox::new().run(&["help", "nope"]).exits(2).prints("").says(
        "
        error: there is no command `nope`
        Hint: see all of them: cargo xtask help
        ",
    );
}

#[test]
fn an_unknown_flag_is_named() {
    Sandbox::new().run(&["dev-init", "--fast"]).exits(2).prints("").says(
        "
        error: unexpected argument '--fast' found

        Usage: cargo xtask dev-init [OPTIONS]

        For more information, try '--help'.
        ",
    );
}

#[test]
fn arguments_for_a_pinned_program_stand_behind_two_dashes() {
    Sandbox::new().run(&["kubectl", "get", "pods"]).exits(2).prints("").says(
        "
        error: unexpected argument 'get' found

        Usage: cargo xtask kubectl [OPTIONS] [-- <ARGUMENTS>...]

        For more information, try '--help'.
        ",
    );
}

#[test]
fn a_part_of_the_crash_campaign_is_refused_elsewhere() {
    Sandbox::new().run(&["bench", "program", "--part", "reboot"]).exits(2).prints("").says(
        "
        error: `--part` and `--seed` belong to `crashes`
        Hint: see its parts: cargo xtask help bench
        ",
    );
}

#[test]
fn an_unknown_environment_is_answered_with_the_known_ones() {
    Sandbox::new().run(&["--env", "nope", "dev-status"]).exits(2).prints("").says(
        "
        error: there is no environment `nope`
        Caused by: known ones: dev, prod
        ",
    );
}

#[test]
fn an_environment_is_a_name_and_no_path() {
    let sandbox = Sandbox::new();
    for name in ["", ".", "..", "../environments/dev", "dev/"] {
        sandbox.run(&["--env", name, "dev-status"]).exits(2).prints("");
    }
}

#[test]
fn an_unknown_key_is_named_with_file_and_line() {
    let sandbox = Sandbox::new();
    sandbox.replace(DEV, "registry:", "registri:");
    sandbox.run(&["dev-status"]).exits(2).prints("").says(
        "
        error: environments/dev/environment.yaml is not valid
        Caused by: unknown field `registri`, expected one of `name`, `cluster`, `hosts`, `registry`, `repository`, `provides` at line 9 column 1
        ",
    );
}

#[test]
fn a_key_written_twice_is_named_with_its_file_and_line() {
    let sandbox = Sandbox::new();
    sandbox.replace(DEV, "repository:\n", "registry: another.example\nrepository:\n");
    let ran = sandbox.run(&["dev-status"]).exits(2).prints("");
    ran.says_among("error: environments/dev/environment.yaml is not valid\n")
        .says_among("duplicate entry with key \"registry\", again at line 10");
}

#[test]
fn an_environment_that_names_another_one_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.replace(DEV, "name: dev\n", "name: prod\n");
    sandbox.run(&["dev-status"]).exits(2).prints("").says(
        "
        error: environments/dev/environment.yaml says `name: prod`
        Hint: write `name: dev`
        ",
    );
}

#[test]
fn a_description_that_lacks_something_or_holds_something_else_is_refused() {
    let cases = [
        ("registry: registry.example\n", "", "missing field `registry`"),
        ("engines: [k3d, kwok]", "engines: [docker]", "unknown variant `docker`, expected one of `k3d`, `kwok`, `eks` at line 5"),
        ("  api: api.shop.example", "  api: [api.shop.example]", "hosts.api: invalid type: sequence, expected a string at line 7"),
        ("registry: registry.example", "registry registry.example", "could not find expected ':'"),
    ];
    for (old, new, why) in cases {
        let sandbox = Sandbox::new();
        sandbox.replace(DEV, old, new);
        let ran = sandbox.run(&["dev-status"]).exits(2).prints("");
        ran.says_among("error: environments/dev/environment.yaml is not valid\n").says_among(why);
    }
}

#[test]
fn a_broken_environment_does_not_hinder_the_others() {
    let sandbox = Sandbox::new();
    sandbox.replace("environments/prod/environment.yaml", "name: prod", "nome: prod");
    sandbox.run(&["dev-status"]).exits(0);
}

#[test]
fn every_command_for_a_contributors_machine_refuses_prod_and_writes_nothing() {
    let sandbox = Sandbox::new();
    let before = sandbox.files();
    let refusing: Vec<_> = COMMANDS.iter().filter(|c| c.dev_only).collect();
    assert!(refusing.len() >= 15, "the list has lost commands");
    for command in refusing {
        for plan in [&["--env", "prod"][..], &["--env", "prod", "--plan"], &["--env", "prod", "--yes"]] {
            let name = command.name;
            sandbox.run(&[plan, command.args].concat()).exits(2).prints("").says(&format!(
                "
                error: `{name}` works on the environment `dev` only, not on `prod`
                Hint: leave --env out: cargo xtask {name}
                "
            ));
        }
    }
    assert_eq!(before.changes(&sandbox.files()), [""; 0]);
}

#[test]
fn outside_a_repository_it_says_what_a_repository_is() {
    let sandbox = Sandbox::new();
    sandbox.run_in(&sandbox.root().join(".."), &["dev-status"]).exits(2).prints("").says(
        "
        error: `[TMP]` is not a repository of this kind
        Caused by: it has no folders `environments` and `argocd`
        Hint: run it inside the repository, or name it with --root DIR
        ",
    );
}

#[test]
fn a_root_that_is_nowhere_is_named() {
    Sandbox::new().run(&["--root", "/no/such/folder", "dev-status"]).exits(2).prints("").says(
        "
        error: `/no/such/folder` is not a repository of this kind
        Caused by: it has no folders `environments` and `argocd`
        Hint: run it inside the repository, or name it with --root DIR
        ",
    );
}

#[test]
fn inside_a_repository_every_folder_will_do_and_root_works_from_anywhere() {
    let sandbox = Sandbox::new();
    sandbox.run_in(&sandbox.root().join("environments/dev"), &["dev-status"]).exits(0);
    let root = sandbox.root().to_string_lossy().into_owned();
    sandbox.run_in("/".as_ref(), &["--root", &root, "dev-status"]).exits(0);
}

#[test]
fn an_environment_on_no_engine_of_this_machine_says_so() {
    let sandbox = Sandbox::new();
    sandbox.replace(DEV, "engines: [k3d, kwok]", "engines: [eks]");
    sandbox.run(&["dev-status"]).exits(2).prints("").says(
        "
        error: no engine that this program can drive carries the environment `dev`
        Caused by: its engines: eks
        ",
    );
}

#[test]
fn an_unknown_engine_is_answered_with_the_known_ones() {
    Sandbox::new().run(&["--engine", "docker", "dev-status"]).exits(2).prints("").says(
        "
        error: invalid value 'docker' for '--engine <ENGINE>': known engines: auto, kwok, k3d

        For more information, try '--help'.
        ",
    );
}

#[test]
fn an_engine_that_the_environment_does_not_name_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.replace(DEV, "engines: [k3d, kwok]", "engines: [k3d]");
    let ran = sandbox.run(&["--engine", "kwok", "dev-status"]).exits(2).prints("");
    ran.says(
        "
        error: the engine `kwok` does not carry the environment `dev`
        Caused by: its engines: k3d
        ",
    );
}

#[test]
fn deleting_without_a_terminal_and_without_yes_is_refused_and_nothing_is_deleted() {
    let sandbox = Sandbox::new();
    sandbox.write(".xtask/dev/kwok/config.json", "{}");
    sandbox.write("environments/dev/kubeconfig/config", "a kubeconfig");
    let before = sandbox.files();
    let ran = sandbox.run(&["dev-clean"]).exits(2).prints("");
    ran.says_among("no terminal to ask on").says_among("--yes");
    assert_eq!(before.changes(&sandbox.files()), [""; 0]);
}

#[test]
fn a_machine_without_a_home_is_told_to_name_a_cache() {
    let mut sandbox = Sandbox::new();
    sandbox.variable("HOME", None);
    sandbox.run(&["dev-status"]).exits(0);
    sandbox.variable("XTASK_CACHE_DIR", None);
    sandbox.run(&["dev-status"]).exits(4).prints("").says(
        "
        error: no folder for the cache
        Hint: set XTASK_CACHE_DIR
        ",
    );
}
