//! The snapshot of the working tree that Argo CD follows.

use std::process::Command;

use super::sandbox::Sandbox;

/// The files of the snapshot, after a `dev-init` that found no tools but came as far as this.
fn snapshot(sandbox: &Sandbox) -> Vec<String> {
    sandbox.run(&["dev-init"]).exits(4);
    let mut git = Command::new("git");
    git.args(["ls-tree", "-r", "--name-only", "worktree"]).env("GIT_DIR", sandbox.state().join("source.git"));
    let listed = git.output().unwrap();
    assert!(listed.status.success(), "there is no snapshot: {}", String::from_utf8_lossy(&listed.stderr));
    String::from_utf8(listed.stdout).unwrap().lines().map(str::to_string).collect()
}

#[test]
fn state_and_kubeconfigs_are_never_part_of_it_even_without_a_gitignore() {
    let sandbox = Sandbox::with_programs(&["git"]);
    std::fs::remove_file(sandbox.root().join(".gitignore")).unwrap();
    sandbox.write("environments/dev/kubeconfig/config", "a key");
    sandbox.write(".xtask/dev/kwok/clusters/small-shop/pki/ca.key", "a key");
    let expected = ["argocd/applicationsets/01-services.yaml", "environments/dev/environment.yaml", "environments/prod/environment.yaml"];
    assert_eq!(snapshot(&sandbox), expected);
    // Again: what the first run left behind does not count either.
    assert_eq!(snapshot(&sandbox), expected);
}

#[test]
fn it_needs_no_repository_of_git_and_follows_every_change() {
    let sandbox = Sandbox::with_programs(&["git"]);
    assert!(snapshot(&sandbox).contains(&".gitignore".to_string()));
    sandbox.write("config/dev/new.yaml", "# new\n{}\n");
    assert!(snapshot(&sandbox).contains(&"config/dev/new.yaml".to_string()));
    std::fs::remove_file(sandbox.root().join("config/dev/new.yaml")).unwrap();
    assert!(!snapshot(&sandbox).contains(&"config/dev/new.yaml".to_string()));
}
