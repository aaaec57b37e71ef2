//! A number in a file proves nothing: processes of others are never ended, whatever the files of a dead run say.

use std::os::unix::fs::symlink;

use super::sandbox::{Sandbox, Stranger};

/// The files of a run that died: its component's and its processes' numbers belong to somebody else now.
fn left_behind(sandbox: &Sandbox, stranger: &Stranger) {
    let pid = stranger.pid();
    let pids = sandbox.cluster().join("pids");
    let run = sandbox.state().join("run");
    std::fs::create_dir_all(&pids).unwrap();
    std::fs::create_dir_all(run.join("pids")).unwrap();
    std::fs::write(pids.join("etcd.pid"), pid.to_string()).unwrap();
    std::fs::write(pids.join("kwok-controller.pid"), format!("{pid}\n")).unwrap();
    // Started at another time than the process that has the number now.
    let identity = format!(r#"{{"pid":{pid},"started":"1"}}"#);
    std::fs::write(run.join("supervisor.pid.json"), &identity).unwrap();
    std::fs::write(run.join("pids/argocd-server.json"), &identity).unwrap();
}

#[test]
fn stopping_spares_strangers_and_drops_the_files() {
    let (sandbox, mut stranger) = (Sandbox::new(), Stranger::start());
    left_behind(&sandbox, &stranger);
    sandbox.run(&["dev-down"]).exits(0).prints("").says(
        "
        ✓ stop       nothing was running [TIME]
        next: cargo xtask dev-up        start it again
              cargo xtask dev-clean     forget it
        ",
    );
    assert!(stranger.is_alive());
    assert_eq!(std::fs::read_dir(sandbox.cluster().join("pids")).unwrap().count(), 0);
    assert!(!sandbox.state().join("run/supervisor.pid.json").exists());
    assert!(!sandbox.state().join("run/pids").exists());
}

#[test]
fn deleting_spares_strangers_too() {
    let (sandbox, mut stranger) = (Sandbox::new(), Stranger::start());
    left_behind(&sandbox, &stranger);
    let before = sandbox.files();
    sandbox.run(&["dev-clean", "--yes"]).exits(0).prints("").says(
        "
        ✓ delete     cluster, data and kubeconfig are gone; tools stay in the cache [TIME]
        ",
    );
    assert!(stranger.is_alive());
    assert!(!sandbox.root().join(".xtask").exists());
    let kept = before.changes(&sandbox.files()).into_iter().filter(|path| !path.starts_with("repo/.xtask"));
    assert_eq!(kept.collect::<Vec<_>>(), ["repo"; 0], "nothing but the state is gone");
}

#[test]
fn looking_names_no_stranger_and_removes_nothing() {
    let (sandbox, mut stranger) = (Sandbox::new(), Stranger::start());
    left_behind(&sandbox, &stranger);
    let before = sandbox.files();
    sandbox.run(&["--plan", "dev-down"]).exits(0).prints("").says("");
    sandbox.run(&["dev-status"]).exits(0).prints_among("cluster: does not work: it was only half created\n\nnext: cargo xtask dev-");
    assert!(stranger.is_alive());
    assert_eq!(before.changes(&sandbox.files()), [""; 0]);
}

#[test]
fn a_component_of_this_cluster_is_ended_and_one_of_another_clone_is_not() {
    let (ours, theirs) = (Sandbox::new(), Sandbox::new());
    let start = |sandbox: &Sandbox| {
        // As kwokctl does it: each cluster starts its components by links of its own.
        let dir = sandbox.cluster();
        std::fs::create_dir_all(dir.join("bin")).unwrap();
        std::fs::create_dir_all(dir.join("pids")).unwrap();
        symlink("/bin/sh", dir.join("bin/etcd")).unwrap();
        Stranger::start_as(&dir.join("bin/etcd"))
    };
    let (mut own, mut other) = (start(&ours), start(&theirs));
    // The other clone's number in our file, by accident; ours is in no file, as after a starter that was killed.
    std::fs::write(ours.cluster().join("pids/etcd.pid"), other.pid().to_string()).unwrap();
    ours.run(&["--plan", "dev-down"]).exits(0).prints(&format!("would end etcd (pid {})", own.pid()));
    assert!(own.is_alive());
    ours.run(&["dev-down"]).exits(0).says_among("✓ stop       1 process ended");
    assert!(!own.is_alive());
    assert!(other.is_alive());
}
