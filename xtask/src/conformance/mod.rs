//! ApplicationSets with what the real ApplicationSet controller makes of them: the cases of `xtask/tests/conformance`.
//!
//! The recorded answers are what `expand` is tested with; this is the program that records them, and that says whether they are
//! still what the pinned controller answers.

mod cases;
mod controller;

use serde_json::Value;

use crate::context::Context;
use crate::error::{Error, Result};
use crate::trial::Trial;

use controller::Controller;

/// What a run over all cases came to.
pub struct Outcome {
    pub cases: usize,
    /// Names of those whose recorded answer is not that of the controller; they were written anew if so wished.
    pub different: Vec<String>,
}

/// Asks the real controller about the cases of these names, all without any, on a throw-away cluster. `record`: writes its answers
/// where they are others. Errors: a case is not there, the cluster could not be brought up, or the controller does not answer.
pub fn run(cx: &Context, names: &[String], record: bool) -> Result<Outcome> {
    let mut all = cases::read(cx)?;
    if let Some(unknown) = names.iter().find(|name| !all.iter().any(|case| case.name == **name)) {
        return Err(Error::usage(format!("there is no case `{unknown}`")));
    }
    all.retain(|case| names.is_empty() || names.contains(&case.name));
    let trial = Trial::new(cx)?;
    let mut controller = Controller::bring_up(&trial.cx, &cases::tree(cx))?;
    let mut outcome = Outcome { cases: all.len(), different: Vec::new() };
    for group in cases::by_clusters(all) {
        let Some(first) = group.first() else { continue };
        controller.clusters(&first.clusters)?;
        for case in &group {
            let task = cx.ui.task(&*case.name);
            let answer = controller.answer(case).map_err(|e| e.context(format!("the controller did not answer about {}", case.name)))?;
            if case.recorded.as_ref() == Some(&answer) {
                task.done("as recorded");
                continue;
            }
            outcome.different.push(case.name.clone());
            if record {
                case.write(&answer)?;
                task.done(&said(&answer));
            } else {
                task.failed(&said(&answer));
            }
        }
    }
    controller.end()?;
    Ok(outcome)
}

/// An answer on one line.
fn said(answer: &Value) -> String {
    let applications = answer["applications"].as_array().map_or(0, Vec::len);
    let applications = crate::ui::count(applications, "Application");
    match answer["error"].as_str().and_then(|e| e.lines().next()) {
        Some(error) => format!("{applications}, {}", error.chars().take(120).collect::<String>()),
        None => applications,
    }
}
