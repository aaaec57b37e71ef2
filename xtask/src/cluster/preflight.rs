//! What this machine must offer before k3d makes a cluster: memory for Docker, disk, inotify limits, three ports.
//!
//! Everything that asks the machine is in `look`; what follows from the answers is pure.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use super::answers;
use super::docker::Info;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::proc;
use crate::repo::files;
use crate::trial::listening;
use crate::ui;

const GIB: u64 = 1024 * 1024 * 1024;
/// The whole shop with mesh, monitoring and data stores. Compared with half a GiB less: a machine of 12 GiB reports a little
/// less, because its kernel keeps some.
const MEMORY: u64 = 12 * GIB;
const KERNEL: u64 = GIB / 2;
/// Images, volumes and what containers write.
const DISK: u64 = 20 * GIB;
/// Several nodes share the limits of one kernel, and each kubelet and containerd takes many.
const INOTIFY: [(&str, u64); 2] = [("max_user_instances", 512), ("max_user_watches", 524_288)];
/// Gateway with and without TLS, Kubernetes API.
const PORTS: [u16; 3] = [80, 443, 6443];

/// The id of the finding that there is no Docker engine.
pub const DOCKER: &str = "docker-engine";

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The cluster would not come up, or not stay.
    Needed,
    /// It may.
    Warning,
}

/// Something that stands in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub level: Level,
    /// A word for programs.
    pub id: &'static str,
    /// With the value that is needed.
    pub what: String,
    pub have: String,
    /// A command, or what to do.
    pub mend: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "needed: {}, there is: {}", self.what, self.have)
    }
}

/// What the machine was found to offer. `None`: it could not be told, or does not exist here.
struct Offer {
    docker: Info,
    disk: Option<u64>,
    /// In the order of [`INOTIFY`].
    inotify: [Option<u64>; 2],
    /// Ports that somebody listens on, with who that is.
    taken: Vec<(u16, String)>,
}

/// Looks for everything that would keep k3d from carrying this environment; nothing found, nothing stands in the way.
///
/// `running`: this clone's own cluster runs already, so its ports are taken by itself. Only looks.
pub fn look(cx: &Context, docker: Info, running: bool) -> Vec<Finding> {
    let free = |port: &u16| !is_taken(*port);
    let taken = PORTS.iter().filter(|port| !running && !free(port)).map(|port| (*port, holder(*port))).collect();
    let offer = Offer { docker, disk: files::free_space(cx.repo.root()), inotify: INOTIFY.map(|(name, _)| inotify(name)), taken };
    findings(&offer)
}

/// Refuses to begin where it could not stay: too little memory or disk. Warns of what may go wrong.
/// Errors: prerequisite, with everything that is missing.
pub fn require(cx: &Context) -> Result<()> {
    let mut lacking = None;
    for finding in look(cx, Info::ask(&cx.runner), true).into_iter().filter(|f| f.id != DOCKER) {
        match finding.level {
            Level::Warning => cx.ui.warn(format!("{finding}; mend it: {}", finding.mend)),
            Level::Needed => {
                let error = lacking.unwrap_or_else(|| Error::prerequisite("this machine has too little for a k3d cluster"));
                lacking = Some(error.cause(finding.to_string()).hint(finding.mend));
            }
        }
    }
    lacking.map_or(Ok(()), |e| Err(e.hint("the engine that needs no containers: cargo xtask dev-init --engine kwok")))
}

/// Adds to a failed start which port somebody else has: Docker names the port, but not the program.
pub fn explain(cx: &Context, e: Error) -> Error {
    let ports = look(cx, Info::NotInstalled, false).into_iter().filter(|f| f.id.starts_with("port-"));
    ports.fold(e, |e, finding| e.cause(finding.to_string()).hint(finding.mend))
}

/// A limit of inotify; `None` where the kernel has none (macOS: Docker's own machine sets it).
pub fn inotify(name: &str) -> Option<u64> {
    std::fs::read_to_string(Path::new("/proc/sys/fs/inotify").join(name)).ok()?.trim().parse().ok()
}

fn findings(offer: &Offer) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut add = |level, id, what: String, have: String, mend: String| found.push(Finding { level, id, what, have, mend });
    let more = "give Docker more: Docker Desktop, Settings, Resources; on Linux it has the machine's";
    match &offer.docker {
        Info::NotInstalled => {
            let mend = "install it: https://docs.docker.com/engine/install";
            add(Level::Needed, DOCKER, "a Docker engine".into(), "not installed".into(), mend.into());
        }
        Info::Silent(why) => {
            add(Level::Needed, DOCKER, "a Docker engine".into(), why.clone(), "start it, then see what it says: docker info".into());
        }
        Info::Answers { memory: Some(bytes), .. } if *bytes < MEMORY - KERNEL => {
            add(Level::Needed, "docker-memory", format!("memory for Docker: {}", ui::bytes(MEMORY)), ui::bytes(*bytes), more.into());
        }
        Info::Answers { memory: None, .. } => {
            add(
                Level::Warning,
                "docker-memory",
                format!("memory for Docker: {}", ui::bytes(MEMORY)),
                "it does not say".into(),
                more.into(),
            );
        }
        Info::Answers { .. } => {}
    }
    if let Some(free) = offer.disk.filter(|free| *free < DISK) {
        let mend = "free some: docker system prune removes what no container uses";
        add(Level::Needed, "docker-disk", format!("free disk: {}", ui::bytes(DISK)), ui::bytes(free), mend.into());
    }
    for ((name, need), have) in INOTIFY.iter().zip(offer.inotify) {
        if let Some(have) = have.filter(|have| have < need) {
            let mend = format!("sudo sysctl -w fs.inotify.{name}={need}");
            // It comes up with less, until the log collector and the controllers have too many files.
            add(Level::Warning, name, format!("fs.inotify.{name}: {need}"), have.to_string(), mend);
        }
    }
    for (port, by) in &offer.taken {
        let mend = format!("end what listens there: sudo ss -ltnp 'sport = :{port}'");
        add(Level::Needed, port_id(*port), format!("port {port} of 127.0.0.1"), format!("taken by {by}"), mend);
    }
    found
}

fn port_id(port: u16) -> &'static str {
    match port {
        80 => "port-80",
        443 => "port-443",
        _ => "port-6443",
    }
}

/// Listens somebody on this loopback port? Ports below 1024 may not be bound by everybody; then an answer decides.
fn is_taken(port: u16) -> bool {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => false,
        Err(e) if e.kind() == ErrorKind::PermissionDenied => answers(port),
        Err(_) => true,
    }
}

/// Who listens on `port`, as far as this user may see it.
pub fn holder(port: u16) -> String {
    let listens = |pid| listening(&[pid]).ok().flatten().unwrap_or_default().iter().any(|s| s.port == port);
    let found = proc::running().into_iter().find(|process| listens(process.pid));
    found.map_or_else(
        || "a program that this user may not see".to_string(),
        |process| format!("{} (pid {})", process.program.file_name().unwrap_or_default().to_string_lossy(), process.pid),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enough() -> Offer {
        let docker = Info::Answers { version: "27.3.1".into(), memory: Some(MEMORY - KERNEL) };
        Offer { docker, disk: Some(DISK), inotify: INOTIFY.map(|(_, need)| Some(need)), taken: Vec::new() }
    }

    #[test]
    fn a_machine_with_just_enough_has_no_finding() {
        assert_eq!(findings(&enough()), []);
        assert_eq!(findings(&Offer { inotify: [None, None], disk: None, ..enough() }), []);
    }

    #[test]
    fn everything_that_is_too_little_is_found_with_what_mends_it() {
        let docker = Info::Answers { version: "27.3.1".into(), memory: Some(8 * GIB) };
        let taken = vec![(443, "nginx (pid 7)".to_string())];
        let found = findings(&Offer { docker, disk: Some(3 * GIB), inotify: [Some(128), Some(8192)], taken });
        let lines: Vec<String> = found.iter().map(|f| format!("{}; {}", f.what, f.have)).collect();
        assert_eq!(
            lines,
            [
                "memory for Docker: 12.0 GiB; 8.0 GiB",
                "free disk: 20.0 GiB; 3.0 GiB",
                "fs.inotify.max_user_instances: 512; 128",
                "fs.inotify.max_user_watches: 524288; 8192",
                "port 443 of 127.0.0.1; taken by nginx (pid 7)",
            ]
        );
        assert_eq!(found[2].mend, "sudo sysctl -w fs.inotify.max_user_instances=512");
        assert!(found.iter().all(|f| (f.level == Level::Warning) == f.id.starts_with("max_user")));
    }

    #[test]
    fn without_an_answer_of_docker_that_comes_first() {
        for (docker, have) in [(Info::NotInstalled, "not installed"), (Info::Silent("no answer within 3 s".into()), "no answer within 3 s")]
        {
            let found = findings(&Offer { docker, ..enough() });
            assert_eq!((found[0].level, found[0].have.as_str()), (Level::Needed, have));
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn who_holds_a_port_is_told() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(is_taken(port));
        assert!(holder(port).ends_with(&format!("(pid {})", std::process::id())), "{}", holder(port));
    }
}
