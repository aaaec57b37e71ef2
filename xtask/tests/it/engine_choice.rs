//! Which engine is taken, why, and what is said where none can be.

use super::k3d_machine::Machine;

#[test]
fn auto_takes_k3d_when_docker_answers_and_kwok_when_not_and_says_why() {
    let machine = Machine::new();
    assert_eq!(machine.introduction(&[]), "engine k3d (Docker 28.1.1 answers)");
    assert_eq!(machine.introduction(&["--engine", "k3d"]), "engine k3d (as asked for)");
    assert_eq!(machine.introduction(&["--engine", "kwok"]), "engine kwok (as asked for)");
    machine.docker("exit 1");
    assert_eq!(machine.introduction(&[]), "engine kwok (no Docker engine answers)");
    // A client without an engine prints an empty version.
    machine.docker("echo; exit");
    assert_eq!(machine.introduction(&[]), "engine kwok (no Docker engine answers)");
    machine.docker("");
    machine.sandbox.replace("environments/dev/environment.yaml", "engines: [k3d, kwok]", "engines: [kwok]");
    machine.calls();
    assert_eq!(machine.introduction(&[]), "engine kwok (no Docker needed)");
    assert_eq!(machine.asked(), 0);
}

#[test]
fn an_environment_of_k3d_only_needs_docker() {
    let machine = Machine::new();
    machine.sandbox.replace("environments/dev/environment.yaml", "engines: [k3d, kwok]", "engines: [k3d]");
    assert_eq!(machine.introduction(&[]), "engine k3d (Docker 28.1.1 answers)");
    machine.docker("exit 1");
    machine.sandbox.run(&["dev-init"]).exits(4).says(
        "
        error: the environment `dev` runs on k3d only
        Caused by: no Docker engine answers
        Hint: start Docker, then run the same command again
        ",
    );
}

#[test]
fn who_insists_on_k3d_without_docker_is_told_that_kwok_needs_none() {
    let machine = Machine::new();
    machine.docker("exit 1");
    machine.sandbox.run(&["dev-init", "--engine", "k3d"]).exits(4).prints("").says(
        "
        error: the engine k3d needs Docker, and no Docker engine answers
        Hint: start Docker, then run the same command again; the engine kwok needs none: cargo xtask dev-init --engine kwok
        ",
    );
    assert!(!machine.sandbox.root().join(".xtask").exists());
}

#[test]
fn the_engine_of_a_clone_stays_until_dev_clean() {
    let machine = Machine::created();
    machine.sandbox.run(&["dev-status", "--engine", "kwok"]).exits(2).prints("").says(
        "
        error: this clone's cluster is on the engine `k3d`, not on `kwok`
        Hint: leave --engine out, or delete it first: cargo xtask dev-clean (then --engine kwok makes a new one)
        ",
    );
    machine.sandbox.run(&["dev-clean", "--yes"]).exits(0);
    assert_eq!(machine.introduction(&["--engine", "kwok"]), "engine kwok (as asked for)");
    machine.sandbox.write(".xtask/dev/kwok/config.json", "{}");
    machine.calls();
    assert_eq!(machine.introduction(&[]), "engine kwok (this clone's cluster)");
    machine.sandbox.run(&["dev-init", "--engine", "k3d"]).exits(2).says_among("is on the engine `kwok`, not on `k3d`\n");
    for (command, nearest) in [
        ("k3d-create", "dev-up"),
        ("k3d-start", "dev-up"),
        ("k3d-stop", "dev-down"),
        ("k3d-delete", "dev-clean"),
        ("k3d-list", "dev-status"),
    ] {
        machine.sandbox.run(&[command]).exits(4).prints("").says(&format!(
            "
            error: this clone's cluster is on the engine `kwok`, and `{command}` works on k3d
            Hint: what does it there: cargo xtask {nearest}
            "
        ));
    }
    assert_eq!(machine.asked(), 0, "what the clone has decides alone");
}

#[test]
fn the_commands_of_k3d_do_not_work_on_another_engine() {
    Machine::new().sandbox.run(&["k3d-create", "--engine", "kwok"]).exits(2).prints("").says(
        "
        error: `k3d-create` works on the engine `k3d` only, not on `kwok`
        Hint: leave --engine out: cargo xtask k3d-create
        ",
    );
}

#[test]
fn docker_is_asked_once_and_only_when_the_answer_matters() {
    let machine = Machine::new();
    for args in [
        &["--help"][..],
        &["help", "dev-init"],
        &["version"],
        &["dev-down"],
        &["dev-up"],
        &["dev-sync"],
        &["kubectl-ns"],
        &["kubectl-config"],
    ] {
        machine.sandbox.run(args);
        assert_eq!(machine.asked(), 0, "{args:?}");
    }
    for args in [&["--plan", "dev-init"][..], &["dev-status"], &["k3d-create"], &["k3d-stop"], &["dev-status"], &["dev-down"]] {
        machine.sandbox.run(args).exits(0);
        assert_eq!(machine.asked(), 1, "{args:?}");
    }
}
