//! What a run sees when sources are good, bad, slow, absent, or asked by two at once.

mod artifacts;
mod bounds;
mod schemas;
mod server;
mod the_committed_lock;

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sha2::Digest;
use tar::EntryType;

use self::server::{Reply, Server};
use super::*;
use crate::error::Exit;
use crate::proc::{Interrupt, Invocation};
use crate::ui::{Color, Look};

/// A .tar.gz with these members, also ones that no honest program writes.
pub(super) fn tar_gz(members: &[(&str, EntryType, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    for (name, kind, content) in members {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(*kind);
        header.set_size(content.len() as u64);
        header.set_mode(0o755);
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        if *kind != EntryType::Regular {
            header.set_link_name("/etc/passwd").unwrap();
        }
        header.set_cksum();
        builder.append(&header, content.as_bytes()).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

fn sum(bytes: &[u8]) -> String {
    sha2::Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// A cache, a mirror and a PATH of their own.
pub(super) struct Sandbox {
    dir: tempfile::TempDir,
    mirror: bool,
}

impl Sandbox {
    /// PATH has curl and git, and no Go.
    pub fn new() -> Self {
        let sandbox = Sandbox { dir: tempfile::tempdir().unwrap(), mirror: false };
        std::fs::create_dir_all(sandbox.at("bin")).unwrap();
        for program in ["curl", "git"] {
            let link = Invocation::writes("sh").args(["-c", "ln -s \"$(command -v $1)\" \"$2\"", "sh", program]);
            Runner::new(Interrupt::default()).run(&link.arg(sandbox.at("bin").join(program))).unwrap();
        }
        sandbox
    }

    fn at(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    /// Puts a shell script on PATH. A process of its own writes it: were the file open for writing here while another
    /// test starts a program, running it would fail with "text file busy".
    fn script(&self, name: &str, text: &str) {
        let path = self.at("bin").join(name);
        let script = format!("#!/bin/sh\n{text}\n");
        let write = Invocation::writes("sh").args(["-c", "cat > \"$1\" && chmod +x \"$1\"", "sh"]).arg(&path).stdin(script);
        Runner::new(Interrupt::default()).run(&write).unwrap();
    }

    /// A Go of the right version that otherwise does what `script` says.
    fn go_that(&self, script: &str) {
        self.script("go", &format!("if [ $1 = version ]; then echo go version go1.26.8 linux/amd64; exit; fi\n{script}"));
    }

    /// A Go that "builds" a file, slowly, and notes each build in `builds`.
    fn go(&self) {
        let note = format!("echo \"$*\" >> {}", self.at("builds").display());
        self.go_that(&format!("{note}; while [ \"$1\" != -o ]; do shift; done; /bin/sleep 0.3; echo built > \"$2\""));
    }

    fn builds(&self) -> usize {
        std::fs::read_to_string(self.at("builds")).map_or(0, |text| text.lines().count())
    }

    fn in_mirror(&mut self, name: &str, bytes: &[u8]) {
        self.mirror = true;
        std::fs::create_dir_all(self.at("mirror")).unwrap();
        std::fs::write(self.at("mirror").join(name), bytes).unwrap();
    }

    /// With the pins of this repository.
    pub fn committed(&self) -> Provision {
        self.provision(LOCK)
    }

    fn provision(&self, lock: &str) -> Provision {
        let look = Look { quiet: true, verbose: false, progress: false, color: Color::Never };
        let settings = Settings {
            cache_dir: self.at("cache"),
            mirror: self.mirror.then(|| self.at("mirror")),
            path: Some(self.at("bin").into_os_string()),
        };
        let patience = Patience { connect: Duration::from_secs(1), stall: Duration::from_secs(1) };
        Provision::with_lock(lock, patience, settings, Runner::new(Interrupt::default()), Ui::new(look, true)).unwrap()
    }

    /// The error as it is shown, with the sandbox's folder left out.
    fn shown(&self, e: &Error) -> String {
        let mut lines = vec![format!("error: {}", e.what())];
        lines.extend(e.causes().iter().map(|c| format!("Caused by: {c}")));
        lines.extend(e.hints().iter().map(|h| format!("Hint: {h}")));
        lines.join("\n").replace(self.dir.path().to_str().unwrap(), "[DIR]")
    }

    /// Everything in the cache but locks and module files.
    fn cached(&self) -> Vec<String> {
        fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
                if entry.path().is_dir() { walk(&entry.path(), found) } else { found.push(entry.path()) }
            }
        }
        let mut found = vec![];
        for part in ["tools", "artifacts", "downloads"] {
            walk(&self.at("cache").join(part), &mut found);
        }
        found.iter().map(|p| p.strip_prefix(self.at("cache")).unwrap().display().to_string()).collect()
    }
}

/// One tool, `helm`, from an archive, with a Go build to fall back on.
fn lock(url: &str, sum: &str) -> String {
    format!(
        r#"
        [family.redis]
        version = "4.2.1"
        module = "example.org"
        [[tool]]
        name = "helm"
        family = "redis"
        package = "."
        build_seconds = 3
        path_version = {{ args = ["version"], after = "v" }}
        [tool.release]
        url = "{url}/helm-v{{version}}.tar.gz"
        member = "linux/helm"
        [tool.release.sha256]
        {} = "{sum}"
        "#,
        Platform::here()
    )
}

fn archive() -> Vec<u8> {
    // Hardly compressible, so that cutting it in half leaves something on both sides.
    let content: String = (0..500).map(|i: u32| sum(&i.to_le_bytes())).collect();
    tar_gz(&[("linux/LICENSE", EntryType::Regular, "text"), ("linux/helm", EntryType::Regular, &content)])
}

const NOWHERE: &str = "http://127.0.0.1:1";
const NO_SUM: &str = "unrecorded";

#[test]
fn a_good_download_becomes_a_program_once() {
    let sandbox = Sandbox::new();
    let bytes = archive();
    let (served, key) = (bytes.clone(), sum(&bytes)[..12].to_string());
    let server = Server::start(move |_| Reply::file(&served));
    let provision = sandbox.provision(&lock(&server.url, &sum(&bytes)));
    assert_eq!(provision.look("helm").unwrap(), None);
    assert!(!sandbox.at("cache").exists(), "looking wrote something");

    let (_, found, new) = provision.ensure(&["helm"]).unwrap().remove(0);
    assert!(new);
    assert_eq!(found.origin, Origin::Cache { built: false });
    assert_eq!(found.path, sandbox.at(&format!("cache/tools/helm/4.2.1-{key}/helm")));
    assert_eq!(std::fs::metadata(&found.path).unwrap().permissions().mode() & 0o777, 0o755);
    assert_eq!(sandbox.cached(), [format!("tools/helm/4.2.1-{key}/helm")], "nothing else is kept");

    assert_eq!(provision.look("helm").unwrap(), Some(found.clone()));
    assert_eq!(provision.ensure(&["helm"]).unwrap(), [("helm".to_string(), found, false)]);
    let paths: Vec<_> = server.requests().into_iter().map(|r| r.path).collect();
    assert_eq!(paths, ["/helm-v4.2.1.tar.gz"], "asked once");
}

#[test]
fn a_wrong_checksum_stops_everything() {
    let sandbox = Sandbox::new();
    sandbox.go();
    let server = Server::start(|_| Reply::file(b"something else"));
    let want = sum(&archive());
    let e = sandbox.provision(&lock(&server.url, &want)).tool("helm").unwrap_err();
    assert_eq!(e.exit(), Exit::Failed);
    let have = sum(b"something else");
    assert_eq!(
        sandbox.shown(&e),
        format!(
            "error: helm 4.2.1 could not be provided\n\
             Caused by: {}/helm-v4.2.1.tar.gz is not the file that tools.toml names\n\
             Caused by: its sha256 is\n    {have}, not\n    {want}\n\
             Hint: run the same command again; if it fails again, something on the way changes downloads, or the release was replaced",
            server.url
        )
    );
    assert!(sandbox.cached().is_empty(), "{:?}", sandbox.cached());
    assert_eq!(sandbox.builds(), 0, "the next source was used quietly");
}

#[test]
fn a_broken_connection_is_taken_up_where_it_broke() {
    let sandbox = Sandbox::new();
    let bytes = archive();
    let (served, half) = (bytes.clone(), bytes.len() / 2);
    let server = Server::start(move |request| match request.from {
        None => Reply::file(&served).only(half),
        Some(from) => Reply::rest_of(&served, from),
    });
    sandbox.provision(&lock(&server.url, &sum(&bytes))).tool("helm").unwrap();
    let from: Vec<_> = server.requests().into_iter().map(|r| r.from).collect();
    assert_eq!(from, [None, Some(half)]);
}

#[test]
fn a_run_goes_on_from_what_a_killed_one_left() {
    let sandbox = Sandbox::new();
    let bytes = archive();
    let part = sandbox.at(&format!("cache/downloads/{}.part", sum(&bytes)));
    std::fs::create_dir_all(part.parent().unwrap()).unwrap();
    std::fs::write(&part, &bytes[..1000]).unwrap();
    // The curl of a run that was killed may have survived it, and go on writing.
    let orphan = std::fs::File::options().append(true).open(&part).unwrap();
    let served = bytes.clone();
    let server = Server::start(move |request| {
        (&orphan).write_all(b"the same again").unwrap();
        Reply::rest_of(&served, request.from.unwrap())
    });
    let provision = sandbox.provision(&lock(&server.url, &sum(&bytes)));
    let program = provision.tool("helm").unwrap();
    assert_eq!(server.requests()[0].from, Some(1000));

    // Killed between the last byte and unpacking: nothing is asked again.
    std::fs::remove_file(program).unwrap();
    std::fs::write(&part, &bytes).unwrap();
    provision.tool("helm").unwrap();
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_server_that_cannot_resume_is_asked_from_the_start() {
    let sandbox = Sandbox::new();
    let bytes = archive();
    let served = bytes.clone();
    let server = Server::start(move |_| Reply::file(&served));
    let part = sandbox.at(&format!("cache/downloads/{}.part", sum(&bytes)));
    std::fs::create_dir_all(part.parent().unwrap()).unwrap();
    std::fs::write(&part, &bytes[..1000]).unwrap();
    sandbox.provision(&lock(&server.url, &sum(&bytes))).tool("helm").unwrap();
    let from: Vec<_> = server.requests().into_iter().map(|r| r.from).collect();
    assert_eq!(from, [Some(1000), None]);
}

#[test]
fn what_is_not_there_is_built() {
    let sandbox = Sandbox::new();
    sandbox.go();
    let server = Server::start(|_| Reply::not_found());
    let provision = sandbox.provision(&lock(&server.url, &sum(b"")));
    let (_, found, new) = provision.ensure(&["helm"]).unwrap().remove(0);
    assert_eq!((found.origin, new), (Origin::Cache { built: true }, true));
    assert_eq!(found.path.file_name().unwrap(), "helm");
    assert_eq!(std::fs::metadata(&found.path).unwrap().permissions().mode() & 0o777, 0o755);
    assert_eq!(provision.look("helm").unwrap(), Some(found));
}

#[test]
fn a_stalled_download_is_given_up() {
    let sandbox = Sandbox::new();
    sandbox.go();
    let bytes = archive();
    let served = bytes.clone();
    let server = Server::start(move |_| Reply::file(&served).only(100).then_hang());
    let started = Instant::now();
    sandbox.provision(&lock(&server.url, &sum(&bytes))).tool("helm").unwrap();
    assert!(started.elapsed() < Duration::from_secs(6), "{:?}", started.elapsed());
    assert_eq!(sandbox.builds(), 1);
    assert!(sandbox.cached().iter().any(|f| f.ends_with(".part")), "what arrived is kept for the next run");
}

#[test]
fn a_bad_archive_leaves_nothing_behind() {
    let good = ("linux/helm", EntryType::Regular, "program");
    let cases = [
        (tar_gz(&[good, ("../evil", EntryType::Regular, "evil")]), "its member `../evil` leads out of the archive"),
        (tar_gz(&[("linux/tiller", EntryType::Regular, "old")]), "there is no such member"),
    ];
    for (bytes, why) in cases {
        let sandbox = Sandbox::new();
        sandbox.go();
        let served = bytes.clone();
        let server = Server::start(move |_| Reply::file(&served));
        let e = sandbox.provision(&lock(&server.url, &sum(&bytes))).tool("helm").unwrap_err();
        assert_eq!(e.exit(), Exit::Failed);
        assert_eq!(e.causes(), ["could not take `linux/helm` out of the archive", why]);
        assert!(!sandbox.cached().iter().any(|f| f.starts_with("tools")), "{:?}", sandbox.cached());
        assert!(!sandbox.at("evil").exists() && !sandbox.at("cache/evil").exists());
    }
}

#[test]
fn the_mirror_comes_before_the_network() {
    let mut sandbox = Sandbox::new();
    let bytes = archive();
    sandbox.in_mirror(&sum(&bytes), &bytes);
    sandbox.provision(&lock(NOWHERE, &sum(&bytes))).tool("helm").unwrap();
    assert!(sandbox.at("mirror").join(sum(&bytes)).is_file(), "the mirror was emptied");
}

#[test]
fn wrong_bytes_in_the_mirror_stop_everything() {
    let mut sandbox = Sandbox::new();
    sandbox.go();
    let want = sum(&archive());
    sandbox.in_mirror(&want, b"something else");
    let e = sandbox.provision(&lock(NOWHERE, &want)).tool("helm").unwrap_err();
    assert_eq!(e.exit(), Exit::Failed);
    assert_eq!(
        sandbox.shown(&e),
        format!(
            "error: helm 4.2.1 could not be provided\n\
             Caused by: [DIR]/mirror/{want} is not the file that tools.toml names\n\
             Caused by: its sha256 is\n    {}, not\n    {want}\n\
             Hint: replace or remove [DIR]/mirror/{want}",
            sum(b"something else")
        )
    );
    assert!(sandbox.cached().is_empty() && sandbox.builds() == 0);
    assert!(sandbox.at("mirror").join(want).is_file(), "the mirror is not ours to clean");
}

#[test]
fn two_at_once_build_once() {
    let sandbox = Sandbox::new();
    sandbox.go();
    let new: Vec<bool> = std::thread::scope(|s| {
        // Two of them, as two runs would have: nothing but the cache is shared.
        let run = || sandbox.provision(&lock(NOWHERE, NO_SUM)).ensure(&["helm"]).unwrap()[0].2;
        [s.spawn(run), s.spawn(run)].map(|t| t.join().unwrap()).to_vec()
    });
    assert_eq!(new.iter().filter(|new| **new).count(), 1);
    assert_eq!(sandbox.builds(), 1);
}

#[test]
fn a_dead_run_leaves_no_trace_and_half_a_program_is_none() {
    let sandbox = Sandbox::new();
    sandbox.go();
    let provision = sandbox.provision(&lock(NOWHERE, NO_SUM));
    let program = provision.tool("helm").unwrap();
    let left = program.with_file_name(".helm.4711.tmp");
    std::fs::write(&left, "half").unwrap();
    std::fs::write(&program, "").unwrap();
    assert_eq!(provision.look("helm").unwrap(), None);
    provision.tool("helm").unwrap();
    assert!(!left.exists());
    assert_eq!(std::fs::read_to_string(program).unwrap(), "built\n");
}

#[test]
fn only_the_exact_version_is_taken_from_path() {
    let sandbox = Sandbox::new();
    sandbox.script("helm", "echo v3.14.0");
    assert_eq!(sandbox.provision(&lock(NOWHERE, NO_SUM)).look("helm").unwrap(), None);

    sandbox.script("helm", "echo v4.2.1+g1a2b3c");
    let provision = sandbox.provision(&lock(NOWHERE, NO_SUM));
    let found = Found { path: sandbox.at("bin/helm"), version: "4.2.1".into(), origin: Origin::Path };
    assert_eq!(provision.look("helm").unwrap(), Some(found.clone()));
    assert_eq!(provision.ensure(&["helm"]).unwrap(), [("helm".to_string(), found, false)]);
    let asked = provision.0.runner.take_observed();
    assert_eq!(asked.len(), 1, "asked more than once: {asked:?}");
}

#[test]
fn our_own_cache_on_path_is_no_second_source() {
    let sandbox = Sandbox::new();
    sandbox.script("helm", "echo v4.2.1");
    std::fs::create_dir_all(sandbox.at("cache/elsewhere")).unwrap();
    std::fs::rename(sandbox.at("bin/helm"), sandbox.at("cache/elsewhere/helm")).unwrap();
    std::os::unix::fs::symlink(sandbox.at("cache/elsewhere/helm"), sandbox.at("bin/helm")).unwrap();
    assert_eq!(sandbox.provision(&lock(NOWHERE, NO_SUM)).look("helm").unwrap(), None);
}

#[test]
fn when_nothing_helps_everything_tried_is_named() {
    let sandbox = Sandbox::new();
    sandbox.script("helm", "echo v3.14.0");
    let e = sandbox.provision(&lock(NOWHERE, &sum(b"x"))).tool("helm").unwrap_err();
    assert_eq!(e.exit(), Exit::Prerequisite);
    // curl words it differently from version to version; the rest is ours.
    let shown = sandbox.shown(&e);
    let lines: Vec<&str> = shown.lines().map(|line| line.split_once("curl: (7) ").map_or(line, |(ours, _)| ours)).collect();
    assert_eq!(
        lines.join("\n"),
        "error: helm 4.2.1 could not be provided\n\
         Caused by: cache: not in [DIR]/cache/tools/helm\n\
         Caused by: PATH: [DIR]/bin/helm is 3.14.0, not 4.2.1\n\
         Caused by: release: http://127.0.0.1:1/helm-v4.2.1.tar.gz: \n\
         Caused by: Go build: `go` is not installed\n\
         Hint: let this machine reach 127.0.0.1:1, then run the same command again\n\
         Hint: install Go 1.26.0 or newer (https://go.dev/dl), then run the same command again"
    );
}

#[test]
fn an_unrecorded_sum_and_an_old_go_are_named() {
    let sandbox = Sandbox::new();
    sandbox.script("go", "echo go version go1.21.3 linux/amd64");
    let e = sandbox.provision(&lock(NOWHERE, NO_SUM)).tool("helm").unwrap_err();
    assert_eq!(
        sandbox.shown(&e),
        format!(
            "error: helm 4.2.1 could not be provided\n\
             Caused by: cache: not in [DIR]/cache/tools/helm\n\
             Caused by: PATH: there is no `helm`\n\
             Caused by: release: its sha256 is unrecorded for {}\n\
             Caused by: Go build: [DIR]/bin/go is Go 1.21.3, and 1.26.0 is needed\n\
             Hint: install Go 1.26.0 or newer (https://go.dev/dl), then run the same command again",
            Platform::here()
        )
    );
}

#[test]
fn a_failed_build_shows_what_the_compiler_said() {
    let sandbox = Sandbox::new();
    sandbox.go_that("echo 'main.go:3: undefined: x' >&2; exit 1");
    let e = sandbox.provision(&lock(NOWHERE, NO_SUM)).tool("helm").unwrap_err();
    assert_eq!(e.exit(), Exit::Prerequisite);
    let cause = e.causes().last().unwrap();
    assert!(cause.starts_with("Go build: `go build -C "), "{cause}");
    assert!(cause.ends_with("    main.go:3: undefined: x"), "{cause}");
    assert!(sandbox.cached().is_empty(), "{:?}", sandbox.cached());
}

#[test]
fn an_obstacle_is_what_no_network_and_no_go_would_change() {
    let sandbox = Sandbox::new();
    let alone = lock(NOWHERE, NO_SUM).replace("family = \"redis\"", "version = \"4.2.1\"").replace("package = \".\"", "");
    let provision = sandbox.provision(&alone);
    let why = format!("helm 4.2.1 is not here, and the sha256 of its release is unrecorded for {}", Platform::here());
    assert_eq!(provision.obstacle("helm").unwrap(), Some(why));
    assert_eq!(provision.tool("helm").unwrap_err().hints(), [record_hint("helm")]);

    // A Go module, a recorded release, the right program on PATH: each is a source.
    assert_eq!(sandbox.provision(&lock(NOWHERE, NO_SUM)).obstacle("helm").unwrap(), None);
    assert_eq!(sandbox.provision(&alone.replace(NO_SUM, &sum(b""))).obstacle("helm").unwrap(), None);
    sandbox.script("helm", "echo v4.2.1");
    assert_eq!(sandbox.provision(&alone).obstacle("helm").unwrap(), None);
    assert_eq!(provision.obstacle("helmet").unwrap_err().exit(), Exit::Usage);
}
