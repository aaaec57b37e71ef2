//! `tools-lock` against a server of its own: what it records, what it refuses, and that a refusal writes nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use sha2::Digest;

use super::sandbox::{Ran, Sandbox};
use super::server::{Reply, Server};

const PLATFORMS: [&str; 4] = ["linux-amd64", "linux-arm64", "darwin-amd64", "darwin-arm64"];

fn sum(bytes: &[u8]) -> String {
    sha2::Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// Something that begins like a program for a platform.
fn program(os: &str, text: &str) -> Vec<u8> {
    let magic: &[u8] = if os == "linux" { b"\x7fELF" } else { b"\xcf\xfa\xed\xfe" };
    [magic, text.repeat(500).as_bytes()].concat()
}

/// `alpha` has a checksum file, `beta` none, `gamma` no release.
fn lock(url: &str, alpha: &str, beta: &str) -> String {
    format!(
        r#"# Pins of a small shop.

[family.gamma]
version = "3.0.0"
module = "example.org/gamma"

[[tool]]
name = "alpha" # the first
version = "1.2.3"
[tool.release]
url = "{url}/alpha-{{version}}-{{os}}-{{arch}}"
checksums = "{url}/v{{version}}/SUMS"
[tool.release.sha256]
# What most have.
{alpha}

[[tool]]
name = "beta"
version = "2.0.0"
[tool.release]
url = "{url}/beta/{{os}}/{{arch}}"
[tool.release.sha256]
{beta}
[[tool]]
name = "gamma"
family = "gamma"
package = "example.org/gamma"
# The end.
"#
    )
}

/// A repository with a lock whose releases are on a server of this test.
struct Site {
    sandbox: Sandbox,
    server: Server,
    files: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
}

const UNRECORDED: &str = "linux-amd64 = \"unrecorded\" # the usual one";

impl Site {
    /// Every platform of `alpha`, and `beta` for Linux.
    fn new() -> Self {
        let files: BTreeMap<String, Vec<u8>> = ["linux", "darwin"]
            .iter()
            .flat_map(|os| ["amd64", "arm64"].map(|arch| (os, arch)))
            .map(|(os, arch)| (format!("/alpha-1.2.3-{os}-{arch}"), program(os, &format!("alpha of {os} {arch}"))))
            .chain(["amd64", "arm64"].map(|arch| (format!("/beta/linux/{arch}"), program("linux", &format!("beta of {arch}")))))
            .collect();
        let files = Arc::new(Mutex::new(files));
        let shared = files.clone();
        let server = Server::start(move |request| {
            let files = shared.lock().unwrap();
            match (files.get(&request.path), request.from) {
                (Some(bytes), Some(from)) => Reply::rest_of(bytes, from),
                (Some(bytes), None) => Reply::file(bytes),
                (None, _) => Reply::not_found(),
            }
        });
        let site = Site { sandbox: Sandbox::with_programs(&["curl"]), server, files };
        site.publish("/v1.2.3/SUMS", site.sums());
        site.sandbox.write("xtask/tools.toml", lock(&site.server.url, UNRECORDED, ""));
        site
    }

    fn publish(&self, path: &str, bytes: impl AsRef<[u8]>) {
        self.files.lock().unwrap().insert(path.to_string(), bytes.as_ref().to_vec());
    }

    fn retract(&self, path: &str) {
        self.files.lock().unwrap().remove(path).unwrap();
    }

    /// The sum of what is published now.
    fn sum(&self, path: &str) -> String {
        sum(&self.files.lock().unwrap()[path])
    }

    /// The checksum file that fits what is published now.
    fn sums(&self) -> String {
        let line = |platform: &&str| format!("{}  alpha-1.2.3-{platform}\n", self.sum(&format!("/alpha-1.2.3-{platform}")));
        PLATFORMS.iter().map(line).collect()
    }

    fn text(&self) -> String {
        std::fs::read_to_string(self.sandbox.root().join("xtask/tools.toml")).unwrap()
    }

    /// Runs it and requires that the repository is as before.
    #[track_caller]
    fn refuses(&self, args: &[&str], exit: i32) -> Ran {
        let before = self.sandbox.files();
        let ran = self.sandbox.run(&[&["tools-lock"], args].concat()).exits(exit).prints("");
        let changes: Vec<String> = before.changes(&self.sandbox.files()).into_iter().filter(|path| path.starts_with("repo")).collect();
        assert_eq!(changes, [""; 0]);
        ran
    }

    /// The text of a refusal, with the server's address left out.
    fn said(&self, ran: &Ran) -> String {
        ran.stderr.replace(&self.server.url, "[URL]")
    }

    fn requests(&self, path: &str) -> Vec<Option<usize>> {
        self.server.requests().into_iter().filter(|r| r.path == path).map(|r| r.from).collect()
    }
}

#[test]
fn every_platform_is_recorded_and_the_rest_of_the_file_stays() {
    let site = Site::new();
    let alpha = PLATFORMS.map(|p| site.sum(&format!("/alpha-1.2.3-{p}")));
    let beta = ["amd64", "arm64"].map(|arch| site.sum(&format!("/beta/linux/{arch}")));
    let ran = site.sandbox.run(&["tools-lock"]).exits(0).says(
        "
        gamma: no release, it is built from its Go module
        6 checksums recorded in xtask/tools.toml; the next build of this program uses them
        ",
    );
    let row = |sum: &str| sum[..12].to_string();
    ran.prints(&format!(
        "
        TOOL   VERSION  PLATFORM      SHA256        STATE          CHECKED
        alpha  1.2.3    linux-amd64   {}  new            matches the project's checksum file
        alpha  1.2.3    linux-arm64   {}  new            matches the project's checksum file
        alpha  1.2.3    darwin-amd64  {}  new            matches the project's checksum file
        alpha  1.2.3    darwin-arm64  {}  new            matches the project's checksum file
        beta   2.0.0    linux-amd64   {}  new            no checksum file: trust on first use
        beta   2.0.0    linux-arm64   {}  new            no checksum file: trust on first use
        beta   2.0.0    darwin-amd64                not published  nothing: the host has no such file
        beta   2.0.0    darwin-arm64                not published  nothing: the host has no such file

        --- xtask/tools.toml
        +++ xtask/tools.toml
        @@ alpha, line 15 @@
        -linux-amd64 = \"unrecorded\" # the usual one
        +linux-amd64 = \"{}\" # the usual one
        @@ alpha, line 16 @@
        +linux-arm64 = \"{}\"
        @@ alpha, line 17 @@
        +darwin-amd64 = \"{}\"
        @@ alpha, line 18 @@
        +darwin-arm64 = \"{}\"
        @@ beta, line 26 @@
        +linux-amd64 = \"{}\"
        @@ beta, line 27 @@
        +linux-arm64 = \"{}\"
        ",
        row(&alpha[0]),
        row(&alpha[1]),
        row(&alpha[2]),
        row(&alpha[3]),
        row(&beta[0]),
        row(&beta[1]),
        alpha[0],
        alpha[1],
        alpha[2],
        alpha[3],
        beta[0],
        beta[1]
    ));
    let line = |platform: &str, sum: &str| format!("{platform} = \"{sum}\"");
    let first = format!("{} # the usual one", line(PLATFORMS[0], &alpha[0]));
    let others = [1, 2, 3].map(|i| line(PLATFORMS[i], &alpha[i])).join("\n");
    let both = [0, 1].map(|i| line(PLATFORMS[i], &beta[i])).join("\n") + "\n";
    let recorded = lock(&site.server.url, &format!("{first}\n{others}"), &both);
    assert_eq!(site.text(), recorded);
    assert_eq!(site.requests("/v1.2.3/SUMS"), [None], "one file for four platforms");

    let before = site.sandbox.files();
    let again = site.sandbox.run(&["tools-lock"]).exits(0).prints_among("  as recorded    matches the project's checksum file\n");
    again.says_among("xtask/tools.toml says all of it already\n");
    let changes = before.changes(&site.sandbox.files());
    assert!(changes.iter().all(|path| path.starts_with("cache")), "{changes:?}");
}

#[test]
fn what_is_kept_is_for_this_machine() {
    let site = Site::new();
    site.sandbox.run(&["tools-lock"]).exits(0);
    let kept: Vec<String> = std::fs::read_dir(site.sandbox.cache().join("downloads"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let here = super::pinned::platform();
    let mut wanted = vec![format!("{}.part", site.sum(&format!("/alpha-1.2.3-{here}")))];
    if here.starts_with("linux") {
        wanted.push(format!("{}.part", site.sum(&format!("/beta/{}", here.replace('-', "/")))));
    }
    wanted.sort();
    let mut kept = kept;
    kept.sort();
    assert_eq!(kept, wanted);
}

#[test]
fn only_the_named_tools_are_asked_for() {
    let site = Site::new();
    site.sandbox
        .run(&["tools-lock", "beta"])
        .exits(0)
        .says("2 checksums recorded in xtask/tools.toml; the next build of this program uses them");
    assert!(site.server.requests().iter().all(|r| r.path.starts_with("/beta/")));
    assert!(site.text().contains(UNRECORDED));
    site.refuses(&["delta"], 2).says_among("error: there is no tool `delta`\nCaused by: known ones: alpha, beta, gamma\n");
    site.refuses(&["--replace", "delta"], 2);
    site.refuses(&["gamma"], 2).says(
        "
        error: tools.toml names no release of `gamma`
        Caused by: it is built from its Go module, whose sums are in go.sum
        ",
    );
}

#[test]
fn a_plan_prints_addresses_asks_for_none_and_writes_nothing() {
    let site = Site::new();
    let before = site.sandbox.files();
    let ran = site.sandbox.run(&["--plan", "tools-lock"]).exits(0).says("");
    let rows: Vec<Vec<String>> =
        ran.stdout.lines().map(|l| l.replace(&site.server.url, "").split_whitespace().map(str::to_string).collect()).collect();
    assert_eq!(rows.len(), 9);
    assert_eq!(rows[1], ["alpha", "linux-amd64", "/alpha-1.2.3-linux-amd64", "/v1.2.3/SUMS"]);
    assert_eq!(rows[8], ["beta", "darwin-arm64", "/beta/darwin/arm64"]);
    assert_eq!(before.changes(&site.sandbox.files()), [""; 0]);
    assert!(site.server.requests().is_empty());
}

#[test]
fn bytes_that_the_projects_checksum_file_does_not_name_are_refused() {
    let site = Site::new();
    let want = site.sum("/alpha-1.2.3-linux-arm64");
    site.publish("/alpha-1.2.3-linux-arm64", "something else");
    let ran = site.refuses(&[], 3);
    assert_eq!(
        site.said(&ran).lines().skip(1).collect::<Vec<_>>().join("\n"),
        format!(
            "error: the release of alpha 1.2.3 for linux-arm64 could not be recorded\n\
             Caused by: [URL]/alpha-1.2.3-linux-arm64 is not the file that the project's checksum file names\n\
             Caused by: its sha256 is\n    {}, not\n    {want}\n\
             Hint: run the same command again; if it fails again, something on the way changes downloads, or the release was replaced",
            sum(b"something else")
        )
    );
}

#[test]
fn a_checksum_file_that_says_nothing_is_refused_and_not_passed_over() {
    let site = Site::new();
    site.publish("/v1.2.3/SUMS", format!("{}  another\n{}  file\n", sum(b"1"), sum(b"2")));
    let ran = site.refuses(&["alpha"], 3).says_among("Hint: correct or remove `checksums` of this tool in xtask/tools.toml\n");
    let why = "Caused by: the project's checksum file [URL]/v1.2.3/SUMS names no sha256 of alpha-1.2.3-linux-amd64\n";
    assert!(site.said(&ran).contains(why), "{}", ran.stderr);
    site.retract("/v1.2.3/SUMS");
    let ran = site.refuses(&["alpha"], 3);
    assert!(site.said(&ran).contains("Caused by: the project's checksum file [URL]/v1.2.3/SUMS is not there\n"), "{}", ran.stderr);
}

#[test]
fn a_release_that_changed_is_refused_with_both_sums() {
    let site = Site::new();
    site.sandbox.run(&["tools-lock"]).exits(0);
    for (tool, path, source) in [
        ("alpha", "/alpha-1.2.3-linux-amd64", "the project's checksum file says"),
        ("beta", "/beta/linux/amd64", "downloaded from [URL]/beta/linux/amd64"),
    ] {
        let old = site.sum(path);
        site.publish(path, program("linux", "another release under the same name"));
        site.publish("/v1.2.3/SUMS", site.sums());
        let new = site.sum(path);
        let ran = site.refuses(&[tool], 3);
        let version = if tool == "alpha" { "1.2.3" } else { "2.0.0" };
        assert_eq!(
            site.said(&ran),
            format!(
                "error: the release of {tool} {version} for linux-amd64 could not be recorded\n\
                 Caused by: the release of {tool} {version} for linux-amd64 is not the one that was recorded\n\
                 Caused by: recorded in tools.toml: {old}\n\
                 Caused by: {source}: {new}\n\
                 Hint: find out from the project why it changed a release; until then use nothing of it\n\
                 Hint: take the new one: cargo xtask tools-lock --replace {tool}\n"
            )
        );
        // Another tool's permission does not count.
        site.refuses(&[tool, "--replace", if tool == "alpha" { "beta" } else { "alpha" }], 3);
        let ran = site.sandbox.run(&["tools-lock", "--replace", tool]).exits(0);
        ran.prints_among(&format!("\n-linux-amd64 = \"{old}\"")).prints_among(&format!("\n+linux-amd64 = \"{new}\""));
        assert!(site.text().contains(&new) && !site.text().contains(&old));
    }
}

#[test]
fn a_recorded_release_that_is_gone_stays_recorded() {
    let site = Site::new();
    site.sandbox.run(&["tools-lock", "beta"]).exits(0);
    let text = site.text();
    site.retract("/beta/linux/arm64");
    site.sandbox.run(&["tools-lock", "beta"]).exits(0).prints_among("  gone, kept     nothing: the host has no such file\n");
    assert_eq!(site.text(), text);
}

#[test]
fn a_tool_that_is_published_for_nobody_has_a_wrong_address() {
    let site = Site::new();
    site.retract("/beta/linux/amd64");
    site.retract("/beta/linux/arm64");
    let ran = site.refuses(&["beta"], 3);
    assert_eq!(
        site.said(&ran),
        "error: no platform of beta 2.0.0 is published\n\
         Caused by: asked for [URL]/beta/linux/amd64 and the like\n\
         Hint: correct its url in xtask/tools.toml\n"
    );
}

#[test]
fn a_download_goes_on_from_where_an_earlier_run_stopped() {
    let site = Site::new();
    let path = "/alpha-1.2.3-darwin-arm64";
    let bytes = site.files.lock().unwrap()[path].clone();
    let downloads = site.sandbox.cache().join("downloads");
    std::fs::create_dir_all(&downloads).unwrap();
    std::fs::write(downloads.join(format!("{}.part", sum(&bytes))), &bytes[..1000]).unwrap();
    site.sandbox.run(&["tools-lock", "alpha"]).exits(0);
    assert_eq!(site.requests(path), [Some(1000)]);
    assert!(site.text().contains(&sum(&bytes)));
}

#[test]
fn a_connection_that_breaks_is_taken_up_again() {
    let bytes = program("linux", "beta");
    let served = bytes.clone();
    let server = Server::start(move |request| match (request.path.as_str(), request.from) {
        ("/beta/linux/amd64", None) => Reply::file(&served).only(1500),
        ("/beta/linux/amd64", Some(from)) => Reply::rest_of(&served, from),
        _ => Reply::not_found(),
    });
    let sandbox = Sandbox::with_programs(&["curl"]);
    sandbox.write("xtask/tools.toml", lock(&server.url, UNRECORDED, ""));
    sandbox.run(&["tools-lock", "beta"]).exits(0).prints_among(&format!("+linux-amd64 = \"{}\"", sum(&bytes)));
    let from: Vec<_> = server.requests().into_iter().filter(|r| r.path == "/beta/linux/amd64").map(|r| r.from).collect();
    assert_eq!(from, [None, Some(1500)]);
}

#[test]
fn a_host_that_is_out_of_reach_or_out_of_order_ends_it_with_the_reason() {
    let sandbox = Sandbox::with_programs(&["curl"]);
    let text = lock("http://127.0.0.1:1", UNRECORDED, "");
    sandbox.write("xtask/tools.toml", &text);
    let ran = sandbox.run(&["tools-lock", "beta"]).exits(4).prints("");
    ran.says_among("error: the release of beta 2.0.0 for linux-amd64 could not be recorded\nCaused by: http://127.0.0.1:1/beta/linux/amd64: curl: (7) ")
        .says_among("Hint: let this machine reach 127.0.0.1:1, then run the same command again\n");

    let server = Server::start(|_| Reply::status("503 Service Unavailable"));
    sandbox.write("xtask/tools.toml", lock(&server.url, UNRECORDED, ""));
    sandbox
        .run(&["tools-lock", "alpha"])
        .exits(3)
        .prints("")
        .says_among("/v1.2.3/SUMS: curl: (22) The requested URL returned error: 503\n");

    let without_curl = Sandbox::new();
    without_curl.write("xtask/tools.toml", &text);
    without_curl.run(&["tools-lock"]).exits(4).prints("").says_among("`curl` is not installed\nHint: install curl\n");
    assert_eq!(std::fs::read_to_string(without_curl.root().join("xtask/tools.toml")).unwrap(), text);
}

/// A .tar.gz with one file.
fn archive(member: &str, content: &[u8]) -> Vec<u8> {
    let mut builder = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    let mut header = tar::Header::new_gnu();
    header.set_size(content.len() as u64);
    header.set_mode(0o755);
    builder.append_data(&mut header, member, content).unwrap();
    builder.into_inner().unwrap().finish().unwrap()
}

#[test]
fn what_is_no_program_is_not_recorded() {
    let site = Site::new();
    site.publish("/beta/linux/amd64", "<html>Log in to this network</html>");
    let ran = site.refuses(&["beta"], 3);
    let why = "Caused by: [URL]/beta/linux/amd64 is not the release of a program\n\
               Caused by: it does not begin like a program for linux-amd64\n";
    assert!(site.said(&ran).ends_with(why), "{}", ran.stderr);

    // In an archive the program must be where it will be looked for.
    site.sandbox.replace("xtask/tools.toml", "/beta/{os}/{arch}\"\n", "/beta/{os}/{arch}\"\nmember = \"bin/beta\"\n");
    site.publish("/beta/linux/amd64", archive("bin/beta", b"beta"));
    site.publish("/beta/linux/arm64", archive("sbin/beta", b"beta"));
    let ran = site.refuses(&["beta"], 3);
    assert!(site.said(&ran).contains("Caused by: [URL]/beta/linux/arm64 is not the release of a program\n"), "{}", ran.stderr);
    let ran = ran.says_among("Caused by: could not take `bin/beta` out of the archive\nCaused by: there is no such member\n");
    assert!(ran.stderr.contains("for linux-arm64"));
    site.publish("/beta/linux/arm64", archive("bin/beta", b"beta"));
    site.sandbox.run(&["tools-lock", "beta"]).exits(0).prints_among("no checksum file: trust on first use");
}

#[test]
fn sums_in_a_shape_that_cannot_be_edited_are_refused_before_anything_is_asked_for() {
    let site = Site::new();
    site.sandbox.replace(
        "xtask/tools.toml",
        "[tool.release.sha256]\n# What most have.\nlinux-amd64 = \"unrecorded\" # the usual one",
        "sha256 = {}",
    );
    site.refuses(&[], 3).says(
        "
        error: xtask/tools.toml has no lines to write the sums of `alpha` into
        Hint: give it a section [tool.release.sha256] with one line per platform
        ",
    );
    assert!(site.server.requests().is_empty());
}

#[test]
fn a_file_that_is_no_lock_says_where() {
    let sandbox = Sandbox::new();
    sandbox.write("xtask/tools.toml", "[family]\n[[tool]]\nnam = \"x\"\n");
    sandbox.run(&["tools-lock"]).exits(3).prints("").says_among("error: tools.toml is not valid\n").says_among("unknown field `nam`");
}
