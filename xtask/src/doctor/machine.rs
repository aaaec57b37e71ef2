//! The machine itself: system, cores, memory, disk, limits.

use nix::sys::resource::{Resource, getrlimit};

use super::{Check, State};
use crate::cluster::preflight::inotify;
use crate::context::Context;
use crate::proc::Invocation;
use crate::repo::files;
use crate::ui;

const GROUP: &str = "machine";
const GIB: u64 = 1024 * 1024 * 1024;
/// What the whole kwok cluster takes, measured.
const MEMORY: u64 = 2 * GIB;
/// Go's caches and ours, when everything is built.
const DISK_TO_BUILD: u64 = 4 * GIB;
/// Logs, etcd and snapshots of one clone, with room to spare.
const DISK: u64 = GIB;
/// etcd and the API server hold some hundred files and connections.
const OPEN_FILES: u64 = 1024;

pub fn checks(cx: &Context, builds: bool) -> Vec<Check> {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get) as u64;
    let memory = memory(cx);
    let open_files = getrlimit(Resource::RLIMIT_NOFILE).ok().map(|(soft, _)| soft);
    let mut checks = vec![
        system(std::env::consts::OS, std::env::consts::ARCH),
        enough("cores", Some(cores), 2, |n| n.to_string(), "everything works, slowly"),
        enough("memory", memory, MEMORY, ui::bytes, "close other programs, or use a larger machine"),
        enough("disk-of-clone", files::free_space(cx.repo.root()), DISK, ui::bytes, "free some disk space"),
        enough(
            "disk-of-cache",
            files::free_space(cx.provision.cache_root()),
            if builds { DISK_TO_BUILD } else { DISK },
            ui::bytes,
            "free some disk space; older programs of ours: cargo xtask cache clean",
        ),
        enough("open-files", open_files, OPEN_FILES, limit, "ulimit -n 4096"),
    ];
    // Where the kernel has these limits; the engine k3d says itself when they are too low for it.
    if let (Some(instances), Some(watches)) = (inotify("max_user_instances"), inotify("max_user_watches")) {
        checks.push(Check::ok(GROUP, "inotify", format!("{instances} / {watches}"), "instances / watches").optional());
    }
    checks
}

fn system(os: &str, arch: &str) -> Check {
    let known = matches!(os, "linux" | "macos") && matches!(arch, "x86_64" | "aarch64");
    let check = Check::ok(GROUP, "system", format!("{os} {arch}"), if known { "" } else { "never tried on it" });
    if known { check } else { check.state(State::Warning).mend("use Linux or macOS on x86_64 or aarch64") }
}

/// A row for something of which there must be `need`; `shown` makes a size readable.
fn enough(id: &str, have: Option<u64>, need: u64, shown: impl Fn(u64) -> String, mend: &str) -> Check {
    match have {
        None => Check::ok(GROUP, id, "", "cannot be told here").optional(),
        Some(have) if have < need => Check::ok(GROUP, id, shown(have), format!("{} advised", shown(need))).state(State::Warning).mend(mend),
        Some(have) => Check::ok(GROUP, id, shown(have), ""),
    }
}

fn limit(n: u64) -> String {
    // What systems say for "none".
    if n > u64::from(u32::MAX) { "unlimited".to_string() } else { n.to_string() }
}

/// The memory of this machine in bytes; `None` if it does not say.
pub fn memory(cx: &Context) -> Option<u64> {
    if cfg!(target_os = "macos") {
        let call = Invocation::reads("sysctl").args(["-n", "hw.memsize"]);
        return cx.runner.run(&call).ok()?.text().trim().parse().ok();
    }
    parse_meminfo(&std::fs::read_to_string("/proc/meminfo").ok()?)
}

/// Source: Linux, `proc_meminfo(5)`: kB there are units of 1024 bytes.
fn parse_meminfo(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_from_what_linux_lists() {
        assert_eq!(parse_meminfo("MemTotal:       24689012 kB\nMemFree: 1 kB\n"), Some(24_689_012 * 1024));
        assert_eq!(parse_meminfo(""), None);
    }

    #[test]
    fn too_little_is_a_warning_with_what_would_be_enough() {
        let check = enough("memory", Some(GIB), MEMORY, ui::bytes, "buy some");
        assert_eq!((check.state, check.version.as_str(), check.from.as_str()), (State::Warning, "1.0 GiB", "2.0 GiB advised"));
        assert!(!check.stops());
        assert_eq!(enough("memory", Some(MEMORY), MEMORY, ui::bytes, "").state, State::Ok);
    }

    #[test]
    fn systems_that_nobody_tried_are_a_warning() {
        assert_eq!(system("linux", "aarch64").state, State::Ok);
        assert_eq!(system("freebsd", "x86_64").state, State::Warning);
        assert_eq!(system("linux", "riscv64").state, State::Warning);
    }
}
