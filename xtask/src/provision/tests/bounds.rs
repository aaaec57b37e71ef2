//! The cache stays small by itself: older versions go when a new one arrives.

use std::time::SystemTime;

use super::*;
use crate::proc;

/// Puts an older version of `owner` into the cache, so many days old.
fn older(sandbox: &Sandbox, owner: &str, version: &str, days: u64) -> PathBuf {
    let dir = sandbox.at("cache").join(owner).join(format!("{version}-0123456789ab"));
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("program"), "old").unwrap();
    let time = SystemTime::now() - Duration::from_secs(days * 24 * 3600);
    std::fs::File::open(&dir).unwrap().set_modified(time).unwrap();
    dir
}

#[test]
fn a_new_version_of_a_tool_leaves_the_newest_older_one() {
    let sandbox = Sandbox::new();
    sandbox.go();
    let [oldest, old, newest] =
        [("1.0.0", 30), ("2.0.0", 20), ("3.0.0", 10)].map(|(version, days)| older(&sandbox, "tools/helm", version, days));
    let other = older(&sandbox, "tools/etcd", "1.0.0", 90);
    let pinned = sandbox.provision(&lock("http://127.0.0.1:1", "unrecorded")).tool("helm").unwrap();
    assert!(pinned.is_file() && newest.is_dir(), "the pinned one and the one before it stay");
    assert!(!oldest.exists() && !old.exists());
    assert!(other.is_dir(), "another tool's versions are its own matter");
}

#[test]
fn nothing_is_dropped_when_nothing_new_arrives() {
    let sandbox = Sandbox::new();
    sandbox.go();
    let provision = sandbox.provision(&lock("http://127.0.0.1:1", "unrecorded"));
    provision.tool("helm").unwrap();
    let olds = ["1.0.0", "2.0.0"].map(|version| older(&sandbox, "tools/helm", version, 9));
    provision.tool("helm").unwrap();
    assert!(olds.iter().all(|dir| dir.is_dir()));
}

#[test]
fn a_version_that_a_process_runs_is_not_dropped() {
    let sandbox = Sandbox::new();
    sandbox.go();
    let running = older(&sandbox, "tools/helm", "1.0.0", 30);
    let _newer = older(&sandbox, "tools/helm", "2.0.0", 20);
    let idle = older(&sandbox, "tools/helm", "1.5.0", 25);
    let sleep = Invocation::writes("sh").args(["-c", "cp \"$(command -v sleep)\" \"$1\"", "sh"]).arg(running.join("sleep"));
    Runner::new(Interrupt::default()).run(&sleep).unwrap();
    let old = SystemTime::now() - Duration::from_secs(30 * 24 * 3600);
    std::fs::File::open(&running).unwrap().set_modified(old).unwrap();
    let (runner, stop) = Runner::new(Interrupt::default()).part();
    std::thread::scope(|scope| {
        let program = running.join("sleep");
        scope.spawn(move || runner.run(&Invocation::reads(&program).arg("600").timeout(Duration::from_secs(600))));
        while !proc::running().iter().any(|p| p.program == running.join("sleep").canonicalize().unwrap()) {
            std::thread::sleep(Duration::from_millis(5));
        }
        let provided = sandbox.provision(&lock("http://127.0.0.1:1", "unrecorded")).tool("helm");
        stop.raise();
        provided.unwrap();
    });
    assert!(running.is_dir() && !idle.exists());
}

#[test]
fn what_a_supervisor_will_start_again_is_in_use() {
    let sandbox = Sandbox::new();
    let older = older(&sandbox, "tools/kwokctl", "1.0.0", 30);
    let run = sandbox.at("clone/run");
    std::fs::create_dir_all(&run).unwrap();
    let spec = format!("{{\"start\":{{\"program\":\"{}\"}}}}", older.join("program").display());
    std::fs::write(run.join("processes.json"), spec).unwrap();
    let found = clean::named_in(&run);
    assert!(found.contains(&older.join("program")), "{found:?}");
}
