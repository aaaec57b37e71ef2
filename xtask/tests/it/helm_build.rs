//! Packed copies of chart dependencies, made by the real Helm and deleted again: by content, and nothing that is not a copy.

use std::process::Command;

use super::pinned;
use super::sandbox::Sandbox;

const COPY: &str = "charts/app/charts/lib-1.0.0.tgz";

/// A library and a chart that uses it, and the pinned Helm of this machine.
fn shop() -> Option<Sandbox> {
    let helm = pinned::program_or_skip("helm")?;
    let sandbox = Sandbox::with_programs(&["git"]);
    sandbox.program("helm", &format!("exec '{}' \"$@\"", helm.display()));
    sandbox.write("charts/library/lib/Chart.yaml", "# Shared.\napiVersion: v2\nname: lib\ntype: library\nversion: 1.0.0\n");
    sandbox.write("charts/library/lib/values.yaml", "a: 1\n");
    sandbox.write("charts/library/lib/templates/_all.tpl", "{{ define \"lib.all\" }}one{{ end }}\n");
    sandbox.write(
        "charts/app/Chart.yaml",
        "apiVersion: v2\nname: app\nversion: 1.0.0\ndependencies:\n  - name: lib\n    version: 1.0.0\n    repository: file://../library/lib\n",
    );
    Some(sandbox)
}

#[test]
fn a_copy_is_packed_when_the_content_of_the_library_differs_and_only_then() {
    let Some(shop) = shop() else { return };
    let ran = shop.run(&["helm-build"]).exits(0).prints("charts/app  packed: lib-1.0.0.tgz is missing");
    ran.says_among("1 chart with dependencies, 1 packed");
    let before = shop.files();
    shop.run(&["helm-build"]).exits(0).prints("charts/app  up to date: lib 1.0.0");
    assert_eq!(before.changes(&shop.files()), [""; 0]);
    // Newer, and the same: as after a change of branches and back.
    let library = shop.root().join("charts/library/lib/values.yaml");
    std::fs::write(&library, std::fs::read(&library).unwrap()).unwrap();
    shop.run(&["helm-deps"]).exits(0).prints("charts/app  up to date: lib 1.0.0");
    shop.replace("charts/library/lib/templates/_all.tpl", "one", "two");
    let before = shop.files();
    let ran = shop.run(&["--plan", "helm-build"]).exits(0);
    ran.prints(
        "charts/app  out of date: lib-1.0.0.tgz: templates/_all.tpl differs\n$ helm dependency build --skip-refresh [ROOT]/charts/app",
    );
    assert_eq!(before.changes(&shop.files()), [""; 0]);
    shop.run(&["helm-build"]).exits(0).prints("charts/app  packed: lib-1.0.0.tgz: templates/_all.tpl differs");
    shop.run(&["helm-build"]).exits(0).prints("charts/app  up to date: lib 1.0.0");
}

#[test]
fn a_lock_that_does_not_fit_is_said_with_what_helps() {
    let Some(shop) = shop() else { return };
    let lock = "dependencies:\n- name: lib\n  repository: file://../library/lib\n  version: 0.9.0\ndigest: sha256:0\ngenerated: \"2026-11-23T00:00:00Z\"\n";
    shop.write("charts/app/Chart.lock", lock);
    let ran = shop.run(&["helm-build"]).exits(3).says_among("error: could not pack the dependencies of charts/app\n");
    ran.says_among("Hint: write Chart.lock anew: cargo xtask helm -- dependency update --skip-refresh charts/app\n");
}

#[test]
fn only_copies_that_can_be_packed_again_are_deleted() {
    let Some(shop) = shop() else { return };
    shop.run(&["helm-build"]).exits(0);
    shop.write("charts/app/charts/by-hand-1.0.0.tgz", "of somebody");
    let before = shop.files();
    shop.run(&["--plan", "clean-helm-cache"]).exits(0).prints_among(&format!("would delete {COPY} ("));
    assert_eq!(before.changes(&shop.files()), [""; 0]);
    let ran = shop.run(&["clean-helm-cache"]).exits(0).prints_among(&format!("deleted {COPY} ("));
    ran.says_among("kept charts/app/charts/by-hand-1.0.0.tgz: Chart.yaml names no such dependency\n").says_among("1 file, ");
    let changes = before.changes(&shop.files());
    assert_eq!(changes, [format!("repo/{COPY}")]);
    // The folder goes with the last file in it; the folder of the charts stays.
    std::fs::remove_file(shop.root().join("charts/app/charts/by-hand-1.0.0.tgz")).unwrap();
    shop.run(&["clean-helm-cache"]).exits(0).says("nothing to delete: no chart has a packed dependency");
    assert!(!shop.root().join("charts/app/charts").exists() && shop.root().join("charts/app/Chart.yaml").is_file());
}

#[test]
fn a_copy_that_git_knows_stays() {
    let Some(shop) = shop() else { return };
    shop.run(&["helm-build"]).exits(0);
    for args in [&["init", "--quiet"][..], &["add", "--force", COPY]] {
        let ran = Command::new("git").args(args).current_dir(shop.root()).env("HOME", shop.root()).output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    }
    shop.run(&["clean-helm-cache"]).exits(0).prints("").says_among(&format!("kept {COPY}: git knows it\n"));
    assert!(shop.root().join(COPY).is_file());
}
