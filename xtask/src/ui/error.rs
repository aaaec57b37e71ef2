//! How an error looks: what failed, `Caused by:` lines, `Hint:` lines.

use super::{Paint, Ui};
use crate::error::{Error, Exit};

/// Prints the error to stderr. An interruption is one line: people know that they pressed Ctrl-C.
pub fn print_error(ui: &Ui, error: &Error) {
    if error.exit() == Exit::Interrupted {
        ui.stderr(ui.paint(Paint::Yellow, "interrupted"));
    } else {
        ui.stderr(format!("{} {}", ui.paint(Paint::Red, "error:"), error.what()));
    }
    for cause in error.causes() {
        ui.stderr(format!("Caused by: {cause}"));
    }
    for hint in error.hints() {
        ui.stderr(format!("{} {hint}", ui.paint(Paint::Bold, "Hint:")));
    }
}
