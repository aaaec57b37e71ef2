//! One line for something that takes time: redrawn on a terminal, start and end elsewhere.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::{Paint, Ui, seconds};

/// Without a terminal a long task says where it is this often.
const REMINDER: Duration = Duration::from_secs(20);

/// Columns of name and fact together; times stand behind them.
const WIDTH: usize = 78;

/// A running line; exactly one of `done`, `skipped`, `failed` ends it. Dropped without an end, it vanishes.
pub struct Task {
    ui: Ui,
    id: String,
    started: Instant,
    bar: ProgressBar,
    last_said: Mutex<Instant>,
}

impl Task {
    pub(super) fn new(ui: Ui, id: String) -> Self {
        let bar = ui.lines.add(ProgressBar::new_spinner());
        if let Ok(style) = ProgressStyle::with_template(&format!("… {id:<10} {{wide_msg}} {{elapsed}}")) {
            bar.set_style(style);
        }
        if ui.live {
            bar.enable_steady_tick(Duration::from_secs(1));
        }
        Task { ui, id, started: Instant::now(), bar, last_said: Mutex::new(Instant::now()) }
    }

    /// Says what is happening now.
    pub fn update(&self, message: impl Into<String>) {
        let message = message.into();
        self.bar.set_message(message.clone());
        if self.ui.live || self.ui.look.quiet {
            return;
        }
        let mut last = self.last_said.lock().unwrap_or_else(|e| e.into_inner());
        if last.elapsed() >= REMINDER {
            *last = Instant::now();
            self.ui.stderr(format!("… {:<10} {message} ({})", self.id, seconds(self.started.elapsed())));
        }
    }

    /// A line of its own that stays, while the task goes on.
    pub fn say(&self, message: &str) {
        self.ui.note(format!("… {:<10} {message}", self.id));
    }

    pub fn done(self, fact: &str) {
        self.finish(Paint::Green, "✓", fact);
    }

    pub fn failed(self, why: &str) {
        self.finish(Paint::Red, "✗", why);
    }

    fn finish(self, paint: Paint, sign: &str, fact: &str) {
        self.bar.finish_and_clear();
        let sign = self.ui.paint(paint, sign);
        let took = seconds(self.started.elapsed());
        self.ui.note(format!("{sign} {} {took:>8}", pad(&format!("{:<10} {fact}", self.id), WIDTH)));
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Pads to `width` columns; a longer text stays whole.
fn pad(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(text.chars().count());
    format!("{text}{}", " ".repeat(missing))
}
