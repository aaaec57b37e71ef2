//! The only room that prints. Results go to stdout, progress and logs to stderr.

mod error;
mod table;
mod task;

use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressDrawTarget};

pub use error::print_error;
// The one wording of numbers: that of the rules.
pub use gitops::words::count;
pub use table::Table;
pub use task::Task;

/// How much is said, and how it looks.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    pub quiet: bool,
    pub verbose: bool,
    pub progress: bool,
    pub color: Color,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

/// Where everything is printed. Clones draw into the same terminal.
#[derive(Clone)]
pub struct Ui {
    look: Look,
    /// Running lines are redrawn: stderr is a terminal and nobody switched it off.
    live: bool,
    color: bool,
    lines: MultiProgress,
    started: Instant,
}

impl Ui {
    /// `no_color`: the user's NO_COLOR wish; `--color always` is stronger.
    pub fn new(look: Look, no_color: bool) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let live = terminal && look.progress && !look.quiet;
        let color = match look.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !no_color,
        };
        // Once a second is enough for a clock; a chatty build must not flood a slow terminal.
        let target = if live { ProgressDrawTarget::stderr_with_hz(8) } else { ProgressDrawTarget::hidden() };
        Ui { look, live, color, lines: MultiProgress::with_draw_target(target), started: Instant::now() }
    }

    /// Time since this command began.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// A result, on stdout. A closed pipe (`| head`) ends the output, not the command.
    pub fn out(&self, text: impl Display) {
        self.out_if_read(text);
    }

    /// The same, for output without an end: `false` when nobody reads it any more.
    pub fn out_if_read(&self, text: impl Display) -> bool {
        self.lines.suspend(|| writeln!(std::io::stdout().lock(), "{text}").is_ok())
    }

    /// A fact worth a line, on stderr.
    pub fn note(&self, text: impl Display) {
        if !self.look.quiet {
            self.stderr(text);
        }
    }

    /// Details for `-v`.
    pub fn verbose(&self, text: impl Display) {
        if self.look.verbose {
            self.stderr(text);
        }
    }

    /// Something the user should act on; also printed with `-q`.
    pub fn warn(&self, text: impl Display) {
        self.stderr(format!("{} {text}", self.paint(Paint::Yellow, "warning:")));
    }

    /// Starts a line for something that takes time.
    pub fn task(&self, id: impl Into<String>) -> Task {
        Task::new(self.clone(), id.into())
    }

    /// Asks a yes-or-no question; `None` when there is no terminal. Anything but `y` or `yes` is no.
    pub fn ask(&self, question: &str) -> std::io::Result<Option<bool>> {
        if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
            return Ok(None);
        }
        let _ = write!(std::io::stderr().lock(), "{question} [y/N] ");
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer)?;
        Ok(Some(matches!(answer.trim(), "y" | "Y" | "yes")))
    }

    fn stderr(&self, text: impl Display) {
        self.lines.suspend(|| {
            let _ = writeln!(std::io::stderr().lock(), "{text}");
        });
    }

    pub fn paint(&self, paint: Paint, text: &str) -> String {
        let code = match paint {
            Paint::Red => "31",
            Paint::Green => "32",
            Paint::Yellow => "33",
            Paint::Bold => "1",
        };
        if self.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_string() }
    }
}

#[derive(Clone, Copy)]
pub enum Paint {
    Red,
    Green,
    Yellow,
    Bold,
}

/// `0.4 s`, `12.3 s`, `2m 03s`, `1h 05m`.
pub fn seconds(time: Duration) -> String {
    let s = time.as_secs();
    match s {
        0..60 => format!("{:.1} s", time.as_secs_f64()),
        60..3600 => format!("{}m {:02}s", s / 60, s % 60),
        _ => format!("{}h {:02}m", s / 3600, s % 3600 / 60),
    }
}

/// `40 s`, `4 min`: without false precision.
pub fn roughly(seconds: u64) -> String {
    if seconds < 60 { format!("{} s", seconds.div_ceil(10) * 10) } else { format!("{} min", (seconds + 30) / 60) }
}

/// `512 B`, `1.4 KiB`, `68.0 MiB`.
pub fn bytes(count: u64) -> String {
    let mut value = count as f64;
    for unit in ["B", "KiB", "MiB"] {
        if value < 1024.0 {
            return if unit == "B" { format!("{count} B") } else { format!("{value:.1} {unit}") };
        }
        value /= 1024.0;
    }
    format!("{value:.1} GiB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_read_well() {
        assert_eq!(seconds(Duration::from_millis(420)), "0.4 s");
        assert_eq!(seconds(Duration::from_secs(123)), "2m 03s");
        assert_eq!(seconds(Duration::from_secs(3900)), "1h 05m");
        assert_eq!((roughly(31), roughly(70), roughly(211)), ("40 s".into(), "1 min".into(), "4 min".into()));
        assert_eq!(bytes(512), "512 B");
        assert_eq!(bytes(71_303_168), "68.0 MiB");
        assert_eq!(count(1, "object"), "1 object");
        assert_eq!(count(3, "object"), "3 objects");
        assert_eq!(count(2, "process"), "2 processes");
    }
}
