//! One writing command at a time per environment: the second one waits, says for whom, and gives up in time.

use std::fs::File;
use std::io::Write;

use super::sandbox::Sandbox;

/// A run of `dev-init` that holds the lock.
fn hold(sandbox: &Sandbox) -> File {
    std::fs::create_dir_all(sandbox.state()).unwrap();
    let mut file = File::create(sandbox.state().join("lock")).unwrap();
    file.lock().unwrap();
    file.write_all(b"`cargo xtask dev-init` (pid 4242)").unwrap();
    file
}

#[test]
fn who_waits_too_long_is_told_who_is_at_work() {
    let sandbox = Sandbox::new();
    let _held = hold(&sandbox);
    sandbox.run(&["dev-down", "--timeout", "1"]).exits(3).prints("").says(
        "
        `cargo xtask dev-init` (pid 4242) is at work on `dev` in this clone; waiting for it
        error: `cargo xtask dev-init` (pid 4242) is still at work after 1.0 s
        Hint: wait for it, or end it with Ctrl-C in its terminal, then run the same command again
        ",
    );
}

#[test]
fn every_command_that_writes_waits_for_it() {
    let sandbox = Sandbox::new();
    let _held = hold(&sandbox);
    for command in [&["dev-init"][..], &["dev-restart"], &["dev-down"], &["dev-clean", "--yes"]] {
        let ran = sandbox.run(&[command, &["--timeout", "0"]].concat()).exits(3);
        ran.says_among("`cargo xtask dev-init` (pid 4242) is at work");
    }
}

#[test]
fn commands_that_only_look_do_not_wait() {
    let sandbox = Sandbox::new();
    let _held = hold(&sandbox);
    sandbox.run(&["dev-status"]).exits(0).says("");
    sandbox.run(&["version"]).exits(0).says("");
    sandbox.run(&["--plan", "dev-down"]).exits(0).says("");
    sandbox.run(&["--plan", "dev-clean"]).exits(0).says("");
}

#[test]
fn it_goes_on_as_soon_as_the_other_one_is_done() {
    let sandbox = Sandbox::new();
    let held = hold(&sandbox);
    let mut waiting = sandbox.start(&["dev-down"]);
    waiting.wait_for("waiting for it");
    drop(held);
    waiting.end().exits(0).prints("").says(
        "
        `cargo xtask dev-init` (pid 4242) is at work on `dev` in this clone; waiting for it
        ✓ stop       nothing was running [TIME]
        ",
    );
}

#[test]
fn a_run_that_was_killed_leaves_no_lock_behind() {
    let sandbox = Sandbox::new();
    drop(hold(&sandbox));
    sandbox.run(&["dev-down", "--timeout", "0"]).exits(0).says("✓ stop       nothing was running [TIME]");
}

#[test]
fn ctrl_c_ends_the_waiting() {
    let sandbox = Sandbox::new();
    let _held = hold(&sandbox);
    let mut waiting = sandbox.start(&["dev-down"]);
    waiting.wait_for("waiting for it");
    waiting.interrupt();
    waiting.end().exits(130).prints("").says(
        "
        `cargo xtask dev-init` (pid 4242) is at work on `dev` in this clone; waiting for it
        interrupted
        ",
    );
}

#[test]
fn two_who_waited_for_a_dev_clean_do_not_work_at_once() {
    let sandbox = Sandbox::new();
    let held = hold(&sandbox);
    let mut waiting = sandbox.start(&["dev-down", "--timeout", "3"]);
    waiting.wait_for("waiting for it");
    // `dev-clean` ends with removing the folder, the lock's file included; then a third run begins with a new file.
    std::fs::remove_dir_all(sandbox.state()).unwrap();
    let _third = hold(&sandbox);
    drop(held);
    waiting.end().exits(3).says_among("is still at work after 3.0 s");
}
