//! What every run did and how long it took, one JSON line per run. It explains; nothing is ever decided by it.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::context::Context;
use crate::error::Error;
use crate::proc::Effect;

/// A journal beyond this size begins anew; the one before it is kept.
const LIMIT_BYTES: u64 = 1024 * 1024;

pub struct Journal {
    command: &'static str,
    steps: Mutex<Vec<Value>>,
}

impl Journal {
    pub fn new(command: &'static str) -> Self {
        Journal { command, steps: Mutex::default() }
    }

    fn file(cx: &Context) -> PathBuf {
        cx.state_dir().join("journal.jsonl")
    }

    /// Notes a step: whether it was applied, or why it failed.
    pub fn step(&self, id: &str, took: Duration, result: Result<bool, String>) {
        let entry = match result {
            Ok(applied) => json!({ "id": id, "ms": took.as_millis(), "applied": applied }),
            Err(error) => json!({ "id": id, "ms": took.as_millis(), "error": error }),
        };
        self.steps.lock().unwrap_or_else(|e| e.into_inner()).push(entry);
    }

    /// Appends the run. A journal that cannot be written is no reason to fail: the work is done.
    pub fn close<T>(self, cx: &Context, result: &Result<T, Error>) {
        let calls: Vec<Value> = cx
            .runner
            .take_observed()
            .into_iter()
            .map(|call| {
                let effect = if call.effect == Effect::Writes { "writes" } else { "reads" };
                json!({ "command": call.command, "effect": effect, "ms": call.took.as_millis(), "ok": call.ok })
            })
            .collect();
        let entry = json!({
            "at": SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs()),
            "command": self.command,
            "ms": cx.ui.elapsed().as_millis(),
            "error": result.as_ref().err().map(Error::one_line),
            "steps": self.steps.into_inner().unwrap_or_else(|e| e.into_inner()),
            "calls": calls,
        });
        let path = Self::file(cx);
        if !cx.state_dir().is_dir() {
            return;
        }
        if std::fs::metadata(&path).is_ok_and(|m| m.len() > LIMIT_BYTES) {
            let _ = std::fs::rename(&path, path.with_extension("jsonl.1"));
        }
        let file = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path);
        let _ = file.and_then(|mut f| writeln!(f, "{entry}"));
    }
}
