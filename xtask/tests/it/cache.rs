//! `cache status` and `cache clean`: what no pin names goes, what somebody uses stays.

use std::os::unix::fs::PermissionsExt;

use super::sandbox::{Sandbox, Stranger};

/// A cache with an older program, an unfinished download and a lock that nobody takes any more.
fn used() -> Sandbox {
    let sandbox = Sandbox::new();
    let file = |path: &str, text: &str| {
        let path = sandbox.cache().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    file("tools/etcd/3.0.0-0123456789ab/etcd", "an older etcd");
    file("tools/forgotten/1.0.0-0123456789ab/forgotten", "not a tool any more");
    file("artifacts/argocd-crds/1.0.0-0123456789ab/crd.yaml", "older");
    file(&format!("downloads/{}.part", "0".repeat(64)), "half");
    file("modules/etcd-0123456789ab/go.mod", "module older");
    file("locks/etcd.lock", "");
    file("locks/0123456789ab.lock", "");
    sandbox
}

#[test]
fn an_empty_cache_has_nothing_to_show_and_nothing_to_clean() {
    let sandbox = Sandbox::new();
    let before = sandbox.files();
    sandbox.run(&["cache", "status"]).exits(0).says("").prints_among("cache: [CACHE], 0 B\n").prints_among("\ntools      0 ");
    sandbox.run(&["cache", "clean"]).exits(0).prints("").says("nothing to delete: everything in the cache is pinned or in use");
    assert_eq!(before.changes(&sandbox.files()), [""; 0]);
}

#[test]
fn what_no_pin_names_is_listed_and_only_a_clean_removes_it() {
    let sandbox = used();
    let before = sandbox.files();
    let listed = "  tools/etcd/3.0.0-0123456789ab  13 B
  tools/forgotten/1.0.0-0123456789ab  19 B
  artifacts/argocd-crds/1.0.0-0123456789ab  5 B
  modules/etcd-0123456789ab  12 B
  downloads/0000000000000000000000000000000000000000000000000000000000000000.part  4 B
  1 lock file";
    let ran = sandbox.run(&["cache", "status"]).exits(0).prints_among("\ntools      2        32 B  -       2, 32 B");
    ran.prints_among(&format!("not pinned:\n{listed}\n\n53 B can be freed: cargo xtask cache clean\n"));
    let planned = format!("would delete in [CACHE]:\n{listed}\n");
    sandbox.run(&["cache", "clean", "--plan"]).exits(0).prints(&planned).says("53 B would be freed");
    sandbox.run(&["plan", "cache", "clean"]).exits(0).prints(&planned);
    assert_eq!(before.changes(&sandbox.files()), [""; 0]);

    sandbox.run(&["cache", "clean"]).exits(0).prints(&format!("deleted:\n{listed}\n")).says("53 B freed");
    // A lock of today may be taken at any time; it stays.
    assert!(sandbox.cache().join("locks/etcd.lock").exists());
    for gone in ["tools/etcd", "tools/forgotten", "modules/etcd-0123456789ab", "locks/0123456789ab.lock"] {
        assert!(!sandbox.cache().join(gone).exists(), "{gone}");
    }
    sandbox.run(&["cache", "clean"]).exits(0).prints("").says("nothing to delete: everything in the cache is pinned or in use");
}

#[test]
fn what_another_run_works_on_stays() {
    let sandbox = used();
    let lock = std::fs::File::open(sandbox.cache().join("locks/etcd.lock")).unwrap();
    lock.lock().unwrap();
    let ran = sandbox.run(&["cache", "clean"]).exits(0);
    let ran = ran.says_among("stays: tools/etcd/3.0.0-0123456789ab, another run is at work on it\n");
    // They may be that run's as well.
    ran.says_among("stays: downloads/").says_among("stays: modules/").prints_among("deleted:\n  tools/forgotten/");
    assert!(sandbox.cache().join("tools/etcd/3.0.0-0123456789ab/etcd").exists());
}

#[test]
fn what_a_process_runs_stays_also_with_all() {
    let sandbox = used();
    let shell = sandbox.cache().join("tools/etcd/3.0.0-0123456789ab/etcd");
    std::fs::copy("/bin/sh", &shell).unwrap();
    std::fs::set_permissions(&shell, std::fs::Permissions::from_mode(0o755)).unwrap();
    let runs = Stranger::start_as(&shell);
    let why = format!("stays: tools/etcd/3.0.0-0123456789ab, in use by etcd (pid {})\n", runs.pid());
    sandbox.run(&["cache", "clean", "--plan"]).exits(0).says_among(&why);
    sandbox.run(&["cache", "clean", "--all", "--yes"]).exits(0).says_among(&why);
    assert!(shell.exists());
}

#[test]
fn everything_goes_only_after_a_question() {
    let sandbox = used();
    let before = sandbox.files();
    let ran = sandbox.run(&["cache", "clean", "--all"]).exits(2).prints("");
    ran.says_among("there is no terminal to ask on").says_among("Hint: answer beforehand: cargo xtask cache clean --all --yes");
    assert_eq!(before.changes(&sandbox.files()), [""; 0]);
    sandbox.run(&["cache", "clean", "--all", "--yes"]).exits(0);
    assert!(!sandbox.cache().join("locks/etcd.lock").exists());
    sandbox.run(&["cache", "status"]).exits(0).prints_among("cache: [CACHE], 0 B\n");
}
