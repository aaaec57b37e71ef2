//! The committed tools.toml: its names, versions and folders agree.

use super::super::go_build::FAMILIES;
use super::super::lock_file::Lock;
use super::*;

#[test]
fn names_each_folder_and_its_version() {
    let lock = Lock::parse(LOCK).unwrap();
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools");
    let mut folders: Vec<_> = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    folders.sort();
    let families: Vec<_> = FAMILIES.iter().map(|m| m.family).collect();
    assert_eq!(folders, families, "add the folder to `families!` in go_build.rs");
    assert_eq!(lock.families().keys().collect::<Vec<_>>(), folders.iter().collect::<Vec<_>>(), "add [family.…] to tools.toml");
    for modules in FAMILIES {
        let family = &lock.families()[modules.family];
        let pin = format!("{} v{}", family.module, family.module_version.as_ref().unwrap_or(&family.version));
        let pinned = modules.go_mod.lines().any(|l| {
            let l = l.trim().trim_start_matches("require ");
            l == pin || l.starts_with(&format!("{pin} "))
        });
        assert!(pinned, "tools/{}/go.mod does not say `{pin}`", modules.family);
    }
}

#[test]
fn names_programs_that_the_module_files_know() {
    for tool in Lock::parse(LOCK).unwrap().tools {
        let Some(family) = &tool.family else { continue };
        let modules = FAMILIES.iter().find(|m| m.family == *family).unwrap();
        let known = tool.package == "." && modules.main.is_some()
            || modules.go_mod.lines().any(|l| l.trim().trim_start_matches("tool ") == tool.package);
        assert!(known, "tools/{}/go.mod has no `tool {}`", family, tool.package);
    }
}

#[test]
fn has_no_name_twice() {
    let lock = Lock::parse(LOCK).unwrap();
    let mut names: Vec<_> = lock.tools.iter().map(|t| &t.name).chain(lock.artifacts.iter().map(|a| &a.name)).collect();
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all, "tools and artifacts share the folder of locks");
    for set in &lock.artifacts {
        let mut paths: Vec<_> = set.files.iter().map(|f| &f.path).collect();
        paths.sort();
        paths.dedup();
        assert_eq!(paths.len(), set.files.len(), "{}", set.name);
        assert!(set.files.iter().all(|f| !f.path.contains('/')), "{}: `path` is a file name", set.name);
    }
    let mut sums: Vec<_> = lock.artifacts.iter().flat_map(|a| &a.files).map(|f| f.sha256.as_str()).collect();
    let all = sums.len();
    sums.sort();
    sums.dedup();
    assert_eq!(sums.len(), all, "two artifacts would arrive in the same place at the same time");
}

#[test]
fn is_asked_by_name() {
    let sandbox = Sandbox::new();
    let provision = sandbox.provision(LOCK);
    assert_eq!(provision.tools().len(), 15);
    let e = provision.tool("helmet").unwrap_err();
    assert_eq!(e.exit(), Exit::Usage);
    assert_eq!(provision.look_artifact("nothing"), None);
}
