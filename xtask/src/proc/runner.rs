//! Executes invocations: bounded output, timeouts, Ctrl-C, and a record of every call.
//!
//! Every captured program gets a process group of its own, so that a timeout or Ctrl-C ends its children too.
//! Pipes are drained for at most two seconds after the program ended: a grandchild may hold one open for ever.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use super::spent::{self, Spent};
use super::{Calls, Effect, Interrupt, Invocation};
use crate::error::Error;

/// Bytes of stderr that are kept for an error message.
const TAIL_BYTES: usize = 64 * 1024;
/// Lines of it that are shown.
const TAIL_LINES: usize = 12;
/// How long pipes are read after the program ended.
const DRAIN: Duration = Duration::from_secs(2);

/// What a successful call gave.
#[derive(Debug)]
pub struct Output {
    pub stdout: Vec<u8>,
}

impl Output {
    /// stdout as text, without the last newline.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).trim_end_matches('\n').to_string()
    }
}

/// Why a call gave nothing.
#[derive(Debug)]
pub enum Failure {
    NotFound {
        program: String,
    },
    /// `status`: the exit code, if a signal did not end it.
    Failed {
        command: String,
        code: String,
        status: Option<u8>,
        tail: String,
        took: Duration,
    },
    TimedOut {
        command: String,
        tail: String,
        limit: Duration,
    },
    Interrupted,
    Io {
        command: String,
        error: std::io::Error,
    },
}

impl Failure {
    /// The last lines that the program printed; empty when it never ran.
    pub fn tail(&self) -> &str {
        match self {
            Failure::Failed { tail, .. } | Failure::TimedOut { tail, .. } => tail,
            _ => "",
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let with_tail = |head: String, tail: &str| {
            let lines: Vec<_> = tail.lines().filter(|l| !l.trim().is_empty()).collect();
            let shown = lines[lines.len().saturating_sub(TAIL_LINES)..].iter();
            shown.fold(head, |text, line| format!("{text}\n    {line}"))
        };
        match failure {
            Failure::NotFound { program } => Error::prerequisite(format!("`{program}` is not installed")),
            Failure::Failed { command, code, tail, took, .. } => {
                let took = crate::ui::seconds(took);
                Error::failed(with_tail(format!("`{command}` {code} after {took}"), &tail))
            }
            Failure::TimedOut { command, tail, limit } => {
                let limit = crate::ui::seconds(limit);
                Error::failed(with_tail(format!("`{command}` did not end within {limit} and was ended"), &tail))
            }
            Failure::Interrupted => Error::interrupted(),
            Failure::Io { command, error } => Error::from(error).context(format!("could not run `{command}`")),
        }
    }
}

/// A finished call, as the journal keeps it.
#[derive(Clone, Debug)]
pub struct Observed {
    pub command: String,
    pub effect: Effect,
    pub took: Duration,
    pub ok: bool,
}

/// Runs invocations one at a time or from several threads; clones share the record.
#[derive(Clone)]
pub struct Runner {
    interrupt: Interrupt,
    observed: Arc<Mutex<Vec<Observed>>>,
    calls: Arc<Mutex<Option<Calls>>>,
    spent: Spent,
}

impl Runner {
    pub fn new(interrupt: Interrupt) -> Self {
        Runner { interrupt, observed: Arc::default(), calls: Arc::default(), spent: Spent::default() }
    }

    /// From now on every captured call is noted in `calls` while it is under way; `None` ends that.
    pub fn note_calls(&self, calls: Option<Calls>) {
        *self.calls.lock().unwrap_or_else(|e| e.into_inner()) = calls;
    }

    /// The same runner for a part of the work that can be ended by itself, through the flag that comes with it.
    pub fn part(&self) -> (Self, Interrupt) {
        let interrupt = self.interrupt.part();
        (Runner { interrupt: interrupt.clone(), ..self.clone() }, interrupt)
    }

    pub fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    /// Takes the calls made so far out of the record.
    pub fn take_observed(&self) -> Vec<Observed> {
        std::mem::take(&mut *self.observed.lock().unwrap_or_else(|e| e.into_inner()))
    }

    /// How often a program was called by its name and captured, and the processor time of these calls.
    pub fn spent(&self, program: &str) -> (usize, Duration) {
        self.spent.of(program)
    }

    /// Runs to the end and returns stdout.
    pub fn run(&self, call: &Invocation) -> Result<Output, Failure> {
        let mut stdout = Vec::new();
        self.run_keeping(call, &mut stdout)?;
        Ok(Output { stdout })
    }

    /// Runs to the end and keeps stdout also when the call fails, for programs that say there what went wrong.
    pub fn run_keeping(&self, call: &Invocation, stdout: &mut Vec<u8>) -> Result<(), Failure> {
        self.stream(call, Pipe::Stdout(&mut |bytes| stdout.extend_from_slice(bytes)))
    }

    /// Runs to the end and hands every line of stderr to `line` as it comes; stdout is dropped.
    pub fn run_with_stderr_lines(&self, call: &Invocation, line: &mut (dyn FnMut(&str) + Send)) -> Result<(), Failure> {
        self.stream(call, Pipe::StderrLines(line))
    }

    /// Runs and hands every line of stdout to `line` as it comes, until `line` returns `false` or the program ends.
    /// An ended watch is not a failure of the program.
    pub fn follow(&self, call: &Invocation, line: &mut (dyn FnMut(&str) -> bool + Send)) -> Result<(), Failure> {
        self.stream(call, Pipe::StdoutLines(line))
    }

    /// Runs with our own terminal and returns the program's exit code.
    pub fn interactive(&self, call: &Invocation) -> Result<u8, Failure> {
        let started = Instant::now();
        let mut command = self.command(call);
        let status = command.status().map_err(|e| io_failure(call, e))?;
        self.record(call, started, status.success());
        Ok(status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0)) as u8)
    }

    pub(super) fn command(&self, call: &Invocation) -> Command {
        #[expect(clippy::disallowed_methods, reason = "this is the one place that starts programs")]
        let mut command = Command::new(&call.program);
        command.args(&call.args);
        for key in &call.unset {
            command.env_remove(key);
        }
        command.envs(call.env.iter().map(|(k, v)| (k, v)));
        if let Some(dir) = &call.cwd {
            command.current_dir(dir);
        }
        command
    }

    fn record(&self, call: &Invocation, started: Instant, ok: bool) {
        let entry = Observed { command: call.command_line(), effect: call.effect, took: started.elapsed(), ok };
        self.observed.lock().unwrap_or_else(|e| e.into_inner()).push(entry);
    }

    fn stream(&self, call: &Invocation, mut pipe: Pipe<'_>) -> Result<(), Failure> {
        if self.interrupt.is_set() {
            return Err(Failure::Interrupted);
        }
        let started = Instant::now();
        let mut command = self.command(call);
        command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.stdin(if call.stdin.is_some() { Stdio::piped() } else { Stdio::null() });
        let mut child = command.spawn().map_err(|e| io_failure(call, e))?;
        let _group = self.interrupt.ends_with_us(child.id());
        let calls = self.calls.lock().unwrap_or_else(|e| e.into_inner()).clone();
        let _under_way = calls.map(|calls| calls.begin(child.id()));

        if let (Some(bytes), Some(mut input)) = (call.stdin.clone(), child.stdin.take()) {
            // On a thread: a program that prints before it has read everything would wait for us for ever.
            // A program that does not read to the end says why on stderr, so a broken pipe is no news.
            std::thread::spawn(move || drop(input.write_all(&bytes)));
        }
        let (send, events) = mpsc::channel();
        read_pipe(child.stdout.take(), send.clone(), Event::Stdout);
        read_pipe(child.stderr.take(), send, Event::Stderr);

        let mut tail = Tail::default();
        let mut stopped = None;
        let mut out_lines = Lines::default();
        let mut err_lines = Lines::default();
        let group = Group::of(&child);
        let mut ended: Option<((ExitStatus, Duration), Instant)> = None;
        let (status, spent) = loop {
            if stopped.is_none() {
                stopped = self.reason_to_stop(call, started);
                if stopped.is_some() {
                    group.end();
                }
            }
            match events.recv_timeout(Duration::from_millis(50)) {
                Ok(Event::Stdout(bytes)) => match &mut pipe {
                    Pipe::Stdout(sink) => sink(&bytes),
                    Pipe::StdoutLines(line) => {
                        if stopped.is_none() && !out_lines.feed(&bytes, |l| line(l)) {
                            stopped = Some(Stop::Enough);
                            group.end();
                        }
                    }
                    Pipe::StderrLines(_) => tail.push(&bytes),
                },
                Ok(Event::Stderr(bytes)) => {
                    tail.push(&bytes);
                    if let Pipe::StderrLines(line) = &mut pipe {
                        err_lines.feed(&bytes, |l| {
                            line(l);
                            true
                        });
                    }
                }
                // What was said last may still be on its way here; but a grandchild may hold the pipes open.
                Err(RecvTimeoutError::Timeout) => match ended {
                    Some((ended, at)) if at.elapsed() > DRAIN => break ended,
                    Some(_) => {}
                    None => ended = spent::ended(&mut child).map_err(|e| io_failure(call, e))?.map(|ended| (ended, Instant::now())),
                },
                Err(RecvTimeoutError::Disconnected) => match ended {
                    Some((ended, _)) => break ended,
                    None => break self.wait(call, &mut child, &group, started, &mut stopped)?,
                },
            }
        };
        self.spent.add(call.name(), spent);
        let ok = status.success() || matches!(stopped, Some(Stop::Enough));
        self.record(call, started, ok);
        let tail = tail.text();
        match stopped {
            Some(Stop::Enough) => Ok(()),
            Some(Stop::Interrupted) => Err(Failure::Interrupted),
            Some(Stop::TimedOut) => Err(Failure::TimedOut { command: call.command_line(), tail, limit: call.timeout }),
            None if status.success() => Ok(()),
            None => {
                let code = status.code().and_then(|c| u8::try_from(c).ok());
                Err(Failure::Failed { command: call.command_line(), code: describe(status), status: code, tail, took: started.elapsed() })
            }
        }
    }

    fn reason_to_stop(&self, call: &Invocation, started: Instant) -> Option<Stop> {
        if self.interrupt.is_set() {
            Some(Stop::Interrupted)
        } else if started.elapsed() > call.timeout {
            Some(Stop::TimedOut)
        } else {
            None
        }
    }

    /// Waits for a program that closed its pipes; it still obeys the timeout and Ctrl-C.
    fn wait(
        &self,
        call: &Invocation,
        child: &mut Child,
        group: &Group,
        started: Instant,
        stopped: &mut Option<Stop>,
    ) -> Result<(ExitStatus, Duration), Failure> {
        let mut pause = Duration::from_micros(200);
        loop {
            if let Some(ended) = spent::ended(child).map_err(|e| io_failure(call, e))? {
                return Ok(ended);
            }
            if stopped.is_none() {
                *stopped = self.reason_to_stop(call, started);
                if stopped.is_some() {
                    group.end();
                }
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(20));
        }
    }
}

enum Stop {
    Enough,
    Interrupted,
    TimedOut,
}

enum Pipe<'a> {
    Stdout(&'a mut dyn FnMut(&[u8])),
    StdoutLines(&'a mut (dyn FnMut(&str) -> bool + Send)),
    StderrLines(&'a mut (dyn FnMut(&str) + Send)),
}

enum Event {
    Stdout(Vec<u8>),
    Stderr(Vec<u8>),
}

fn read_pipe(pipe: Option<impl Read + Send + 'static>, send: mpsc::Sender<Event>, wrap: fn(Vec<u8>) -> Event) {
    let Some(pipe) = pipe else { return };
    std::thread::spawn(move || {
        let mut reader = BufReader::with_capacity(64 * 1024, pipe);
        loop {
            let chunk = match reader.fill_buf() {
                Ok([]) | Err(_) => return,
                Ok(bytes) => bytes.to_vec(),
            };
            reader.consume(chunk.len());
            if send.send(wrap(chunk)).is_err() {
                return;
            }
        }
    });
}

/// A child's process group: TERM, five seconds of grace on a thread, then KILL.
struct Group(Pid);

impl Group {
    fn of(child: &Child) -> Self {
        Group(Pid::from_raw(child.id() as i32))
    }

    fn end(&self) {
        let _ = killpg(self.0, Signal::SIGTERM);
        let group = self.0;
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_secs(5));
            let _ = killpg(group, Signal::SIGKILL);
        });
    }
}

/// The last part of what a program printed.
#[derive(Default)]
struct Tail(Vec<u8>);

impl Tail {
    fn push(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
        if self.0.len() > 2 * TAIL_BYTES {
            let cut = self.0.len() - TAIL_BYTES;
            self.0.drain(..cut);
        }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }
}

/// Cuts a stream into lines; `feed` is `false` as soon as the sink said so.
#[derive(Default)]
struct Lines(Vec<u8>);

impl Lines {
    fn feed(&mut self, bytes: &[u8], mut sink: impl FnMut(&str) -> bool) -> bool {
        self.0.extend_from_slice(bytes);
        while let Some(end) = self.0.iter().position(|b| *b == b'\n') {
            let line: Vec<u8> = self.0.drain(..=end).collect();
            if !sink(String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r'])) {
                return false;
            }
        }
        true
    }
}

fn io_failure(call: &Invocation, error: std::io::Error) -> Failure {
    if error.kind() == std::io::ErrorKind::NotFound {
        Failure::NotFound { program: call.name() }
    } else {
        Failure::Io { command: call.command_line(), error }
    }
}

fn describe(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exited with code {code}"),
        (None, Some(signal)) => format!("was ended by signal {signal}"),
        (None, None) => "ended without an exit code".to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runner() -> Runner {
        Runner::new(Interrupt::default())
    }

    fn sh(script: &str) -> Invocation {
        Invocation::reads("sh").args(["-c", script])
    }

    #[test]
    fn stdout_comes_back_and_stdin_goes_in() {
        let out = runner().run(&Invocation::reads("cat").stdin("secret")).unwrap();
        assert_eq!(out.text(), "secret");
    }

    #[test]
    fn a_failure_carries_code_and_last_lines() {
        let e: Error = runner().run(&sh("echo one >&2; echo two >&2; exit 7")).unwrap_err().into();
        assert!(e.what().contains("exited with code 7"), "{e}");
        assert!(e.what().ends_with("    one\n    two"), "{e}");
    }

    #[test]
    fn a_timeout_ends_the_whole_process_group() {
        let started = Instant::now();
        let call = sh("sleep 60 & sleep 60").timeout(Duration::from_millis(200));
        assert!(matches!(runner().run(&call), Err(Failure::TimedOut { .. })));
        assert!(started.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn a_grandchild_that_holds_the_pipe_does_not_hold_us() {
        let started = Instant::now();
        runner().run(&sh("sleep 30 & exit 0")).unwrap();
        assert!(started.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn what_arrives_after_the_end_is_not_lost() {
        assert_eq!(runner().run(&sh("{ sleep 0.2; echo late; } & exit 0")).unwrap().text(), "late");
    }

    #[test]
    fn a_missing_program_is_named() {
        let e: Error = runner().run(&Invocation::reads("no-such-program")).unwrap_err().into();
        assert_eq!(e.what(), "`no-such-program` is not installed");
        assert_eq!(e.exit(), crate::error::Exit::Prerequisite);
    }

    #[test]
    fn following_ends_when_the_reader_has_enough() {
        let mut seen = Vec::new();
        let mut take = |line: &str| {
            seen.push(line.to_string());
            seen.len() < 2
        };
        runner().follow(&sh("echo a; echo b; sleep 60"), &mut take).unwrap();
        assert_eq!(seen, ["a", "b"]);
    }

    #[test]
    fn every_call_is_recorded_without_its_stdin() {
        let runner = runner();
        runner.run(&Invocation::writes("cat").stdin("hunter2")).unwrap();
        let observed = runner.take_observed();
        assert_eq!(observed[0].command, "cat < 7 bytes");
        assert_eq!(observed[0].effect, Effect::Writes);
    }
}
