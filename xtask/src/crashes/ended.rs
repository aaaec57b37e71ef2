//! Commands that are ended before their time: one plain run afterwards must make everything as if nothing had happened.

use std::time::Duration;

use serde_json::Value;

use super::tally::Tally;
use super::{Part, as_if_nothing_happened, begin_anew, good, round};
use crate::checks::cluster::clean;
use crate::checks::expect;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::trial::{Blow, Moments, Run, Trial, exact};

/// A command and how it is tried.
pub struct Command {
    pub part: Part,
    name: &'static str,
    args: &'static [&'static str],
    /// What the clone is like before the command.
    before: fn(&Trial) -> Result<()>,
    /// The one plain run that repairs.
    repair: &'static [&'static str],
    /// What must hold after it.
    after: fn(&Trial) -> Result<()>,
    /// They take turns.
    blows: [Blow; 2],
    pub runs: usize,
}

const CHANGED: &str = "config/dev/order-service.yaml";
const KEY: &str = "SPRING_PROFILES_ACTIVE";
const AS_BEFORE: fn(&Trial) -> Result<()> = as_if_nothing_happened;
const KILLS: [Blow; 2] = [Blow::Kill, Blow::KillGroup];
const INIT: &[&str] = &["dev-init"];
const UP: &[&str] = &["dev-up"];
const SYNC: &[&str] = &["dev-sync"];
const CLEAN: &[&str] = &["dev-clean", "--yes"];

pub const COMMANDS: &[Command] = &[
    Command {
        part: Part::DevInit,
        name: "dev-init killed",
        args: INIT,
        before: nothing,
        repair: INIT,
        after: AS_BEFORE,
        blows: KILLS,
        runs: 30,
    },
    Command { part: Part::DevUp, name: "dev-up killed", args: UP, before: stopped, repair: UP, after: AS_BEFORE, blows: KILLS, runs: 10 },
    Command {
        part: Part::DevSync,
        name: "dev-sync killed",
        args: SYNC,
        before: changed,
        repair: SYNC,
        after: arrived,
        blows: KILLS,
        runs: 10,
    },
    Command {
        part: Part::DevClean,
        name: "dev-clean killed",
        args: CLEAN,
        before: running,
        repair: INIT,
        after: AS_BEFORE,
        blows: KILLS,
        runs: 10,
    },
    Command {
        part: Part::Interrupts,
        name: "dev-init interrupted",
        args: INIT,
        before: nothing,
        repair: INIT,
        after: AS_BEFORE,
        blows: [Blow::Interrupt, Blow::InterruptTwice],
        runs: 20,
    },
];

fn nothing(trial: &Trial) -> Result<()> {
    clean(trial).map(drop)
}

fn running(trial: &Trial) -> Result<()> {
    good(trial, INIT).map(drop)
}

fn stopped(trial: &Trial) -> Result<()> {
    if trial.processes().is_empty() {
        running(trial)?;
    }
    good(trial, &["dev-down"]).map(drop)
}

/// Another value for one service, so that there is something to bring.
fn changed(trial: &Trial) -> Result<()> {
    if trial.processes().is_empty() {
        running(trial)?;
    }
    trial.edit(CHANGED, |text| text.replacen(&format!("{KEY}: \""), &format!("{KEY}: \"x"), 1))
}

/// What the file says is live.
fn arrived(trial: &Trial) -> Result<()> {
    as_if_nothing_happened(trial)?;
    let text = std::fs::read_to_string(trial.root().join(CHANGED))?;
    let wanted = text.lines().find_map(|l| l.trim().strip_prefix(KEY)?.strip_prefix(": ")).map(|value| value.trim_matches('"'));
    let live = trial.field("configmap", "order-api-config", &format!("/data/{KEY}"))?;
    expect(wanted.is_some() && live.as_ref().and_then(Value::as_str) == wanted, format!("{KEY} is {live:?} instead of {wanted:?}"))
}

/// Ends the command `runs` times at random moments of a full run's length.
pub fn campaign(cx: &Context, command: &Command, runs: usize, moments: &mut Moments) -> Result<Tally> {
    let trial = Trial::new(cx)?;
    let mut tally = Tally::new(command.name);
    (command.before)(&trial)?;
    let full = good(&trial, command.args)?;
    cx.ui.note(format!("{}: a full run takes {}", command.args[0], exact(full)));
    for number in 0..runs {
        let blow = command.blows[number % command.blows.len()];
        let moment = moments.within(full);
        let what = format!("{}, {} at {} of {}", round(number, runs), blow.name(), exact(moment), exact(full));
        let result = one(&trial, command, moment, blow);
        if !tally.note(cx, &what, result)? {
            begin_anew(&trial)?;
        }
    }
    clean(&trial)?;
    Ok(tally)
}

fn one(trial: &Trial, command: &Command, moment: Duration, blow: Blow) -> Result<Duration> {
    (command.before)(trial).map_err(|e| e.context("it could not be prepared"))?;
    let ended = trial.start(command.args)?.end_at(trial, moment, blow)?;
    let said = ended.stderr.clone();
    let with_last_words = |e: Error| e.cause(format!("the ended run said last: {}", last_words(&said)));
    ended_well(trial, ended, blow).map_err(with_last_words)?;
    let took = good(trial, command.repair).map_err(with_last_words)?;
    (command.after)(trial).map_err(with_last_words)?;
    if ![Part::DevUp, Part::DevSync].contains(&command.part) {
        clean(trial)?;
    }
    Ok(took)
}

/// After Ctrl-C: exit code, words, and no call that goes on by itself.
fn ended_well(trial: &Trial, ended: Run, blow: Blow) -> Result<()> {
    // It was faster than the blow.
    if ended.code == 0 || matches!(blow, Blow::Kill | Blow::KillGroup) {
        return Ok(());
    }
    let words: &[&str] = if blow == Blow::Interrupt { &["half-done", "next run: cargo xtask dev-init"] } else { &["half-done"] };
    expect(ended.code == 130, format!("exit code {} after {}", ended.code, blow.name()))?;
    for word in words {
        // Before the lock is taken, nothing is half-done and there is nothing to say.
        let early = !ended.stderr.contains('\u{2713}');
        expect(early || ended.stderr.contains(word), format!("after {} it did not say `{word}`", blow.name()))?;
    }
    let gone = || Ok(left_behind(trial).is_empty().then_some(()));
    trial.until("the end of what it called", Duration::from_secs(10), gone).map_err(|e| e.cause(left_behind(trial).join("\n")))?;
    Ok(())
}

/// Calls of a run that go on although the run is gone.
fn left_behind(trial: &Trial) -> Vec<String> {
    let calls = ["kwokctl", "kubectl", "git", "go", "helm", "openssl"];
    let program = |command: &str| command.split(' ').next().and_then(|p| p.rsplit('/').next()).unwrap_or_default().to_string();
    let rows = trial.unaccounted().into_iter();
    rows.filter(|r| calls.contains(&program(&r.command).as_str())).map(|r| r.to_string()).collect()
}

fn last_words(stderr: &str) -> String {
    let lines: Vec<&str> = stderr.lines().collect();
    lines[lines.len().saturating_sub(6)..].join(" | ")
}
