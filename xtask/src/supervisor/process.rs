//! One process under supervision: started, watched, restarted with growing pauses, ended.

use std::path::PathBuf;
use std::process::Child;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use super::{Files, LOG_LIMIT_BYTES, ProcessSpec, open_log};
use crate::cluster;
use crate::error::Result;
use crate::proc::{self, Identity, Runner};
use crate::repo::files;
use crate::ui;

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// A process that ran this long begins with the shortest pause again.
const STABLE: Duration = Duration::from_secs(30);
/// How often a connection is opened to a process that wants it.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a process may take to end after SIGTERM.
const GRACE: Duration = Duration::from_secs(5);

pub struct Supervised {
    spec: ProcessSpec,
    pid_file: PathBuf,
    log: PathBuf,
    child: Option<(Child, Instant)>,
    pause: Duration,
    not_before: Instant,
    connected: Instant,
    /// Did it run before?
    ran: bool,
}

/// How often a call after a restart is tried, and the pause between: the API may be on its way up, too.
const TRIES: u32 = 20;
const BETWEEN_TRIES: Duration = Duration::from_secs(1);

impl Supervised {
    pub fn new(spec: &ProcessSpec, files: &Files) -> Self {
        Supervised {
            pid_file: files.pids().join(format!("{}.json", spec.name)),
            log: files.logs().join(format!("{}.log", spec.name)),
            spec: spec.clone(),
            child: None,
            pause: FIRST_PAUSE,
            not_before: Instant::now(),
            connected: Instant::now(),
            ran: false,
        }
    }

    /// Starts it when it does not run and its pause is over; says what happened, if anything did.
    pub fn tend(&mut self, runner: &Runner) -> Option<String> {
        let name = self.spec.name.clone();
        if let Some((child, since)) = &mut self.child {
            let Some(status) = child.try_wait().ok().flatten() else {
                self.connect();
                return None;
            };
            let lived = since.elapsed();
            self.pause = if lived >= STABLE { FIRST_PAUSE } else { (self.pause * 2).min(LONGEST_PAUSE) };
            self.not_before = Instant::now() + self.pause;
            self.child = None;
            return Some(format!("{name} ended ({status}) after {}; next start in {}", ui::seconds(lived), ui::seconds(self.pause)));
        }
        if Instant::now() < self.not_before {
            return None;
        }
        match self.start(runner) {
            Ok(pid) => {
                if std::mem::replace(&mut self.ran, true) {
                    self.call_after_restart(runner);
                }
                Some(format!("{name} started (pid {pid})"))
            }
            Err(e) => {
                self.pause = (self.pause * 2).min(LONGEST_PAUSE);
                self.not_before = Instant::now() + self.pause;
                Some(format!("{name} did not start: {}", e.one_line()))
            }
        }
    }

    /// Opens a connection and closes it, when that is wanted and due.
    fn connect(&mut self) {
        if self.spec.connect && self.connected.elapsed() >= CONNECT {
            self.connected = Instant::now();
            cluster::answers(self.spec.ready);
        }
    }

    /// Beside everything else: whoever watches over processes waits for none.
    fn call_after_restart(&self, runner: &Runner) {
        let Some(call) = self.spec.after_restart.as_ref().map(|c| c.invocation().timeout(GRACE)) else { return };
        let runner = runner.clone();
        std::thread::spawn(move || {
            for _ in 0..TRIES {
                if runner.run(&call).is_ok() || runner.interrupt().sleep(BETWEEN_TRIES).is_err() {
                    break;
                }
            }
        });
    }

    fn start(&mut self, runner: &Runner) -> Result<u32> {
        let child = proc::spawn_supervised(runner, &self.spec.invocation(), open_log(&self.log)?)?;
        let pid = child.id();
        self.child = Some((child, Instant::now()));
        if let Some(who) = Identity::of(pid) {
            files::write_if_changed(&self.pid_file, &serde_json::to_vec(&who)?, 0o600)?;
        }
        Ok(pid)
    }

    /// Ends it when it keeps schemas of an API server that is no more: the next look starts it again. Says so.
    pub fn renew(&mut self) -> Option<String> {
        if !self.spec.keeps_schemas || self.child.is_none() {
            return None;
        }
        self.ask_to_end();
        Some(format!("{} ended: the API server is a new one, and publishes every schema now", self.spec.name))
    }

    /// A log beyond its limit starts anew; it is opened for appending, so the process just goes on.
    pub fn bound_log(&self) {
        if std::fs::metadata(&self.log).is_ok_and(|m| m.len() > LOG_LIMIT_BYTES)
            && let Ok(file) = std::fs::OpenOptions::new().write(true).open(&self.log)
        {
            let _ = file.set_len(0);
        }
    }

    /// SIGTERM to the whole group, so that all processes end side by side.
    pub fn ask_to_end(&mut self) {
        if let Some((child, _)) = &self.child {
            let _ = killpg(Pid::from_raw(child.id() as i32), Signal::SIGTERM);
        }
    }

    /// Waits for the end, and forces it after a while.
    pub fn end(&mut self) {
        let Some((mut child, _)) = self.child.take() else { return };
        let deadline = Instant::now() + GRACE;
        while child.try_wait().is_ok_and(|status| status.is_none()) {
            if Instant::now() > deadline {
                let _ = killpg(Pid::from_raw(child.id() as i32), Signal::SIGKILL);
                let _ = child.wait();
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = std::fs::remove_file(&self.pid_file);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::Interrupt;

    #[test]
    fn a_connection_is_opened_only_where_it_is_wanted_and_due() {
        let dir = tempfile::tempdir().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let ready = listener.local_addr().unwrap().port();
        let spec = |connect| ProcessSpec {
            name: "forward".into(),
            program: "sh".into(),
            args: vec!["-c".into(), "while :; do sleep 1; done".into()],
            env: Default::default(),
            cwd: dir.path().into(),
            ready,
            after_restart: None,
            connect,
            keeps_schemas: false,
        };
        let files = Files::new(dir.path());
        files::private_dir(&files.logs()).unwrap();
        let runner = Runner::new(Interrupt::default());
        let due = Instant::now().checked_sub(CONNECT).unwrap();
        let tended = |connect: bool, connected: Instant| {
            let mut process = Supervised::new(&spec(connect), &files);
            process.tend(&runner);
            process.connected = connected;
            process.tend(&runner);
            process.ask_to_end();
            process.end();
            listener.accept().is_ok()
        };
        assert!(tended(true, due));
        assert!(!tended(true, Instant::now()), "it is not due yet");
        assert!(!tended(false, due), "nobody wants it");
    }
}
