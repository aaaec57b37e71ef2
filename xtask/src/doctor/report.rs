//! The two ways in which people and programs read what was found: a table, and JSON with the same content.

use serde_json::{Value, json};

use super::{Check, Report, State};
use crate::ui::{Paint, Table, Ui, count, roughly};

/// `{"version":1,"engine","checks":[{"id","group","state","version","from","needed","mend"}],"ok"}`; documented in
/// docs/how-it-works.md, and only grows.
pub fn json(report: &Report) -> Value {
    let check = |c: &Check| {
        json!({
            "id": c.id, "group": c.group, "state": c.state.word(), "version": c.version, "from": c.from,
            "needed": c.needed, "mend": c.mend,
        })
    };
    json!({ "version": 1, "engine": report.engine, "checks": report.checks.iter().map(check).collect::<Vec<_>>(), "ok": report.ok() })
}

/// The table: first what must be mended, then warnings, then the rest group by group; at the end one line with the sum.
/// What mends a row stands below it, once for neighbours that the same thing mends.
pub fn text(ui: &Ui, report: &Report) -> String {
    let (first, rest): (Vec<&Check>, Vec<&Check>) = report.checks.iter().partition(|c| c.stops());
    let (warnings, rest): (Vec<&Check>, Vec<&Check>) = rest.into_iter().partition(|c| c.state == State::Warning);
    let urgent = first.len() + warnings.len();
    let rows: Vec<&Check> = first.iter().chain(&warnings).chain(&rest).copied().collect();
    let mut table = Table::new(&["STATE", "WHAT", "VERSION", "FROM"]);
    for (i, check) in rows.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|i| rows.get(i));
        let begins = i >= urgent && before.is_some_and(|before| i == urgent || before.group != check.group);
        if begins {
            table.row([String::new()]);
        }
        let what = if i < urgent { format!("{} {}", check.group, check.id) } else { check.id.clone() };
        table.row([check.state.word().to_string(), what, check.version.clone(), check.from.clone()]);
        let next = rows.get(i + 1).filter(|next| next.state == check.state).and_then(|next| next.mend.as_ref());
        if let Some(mend) = check.mend.as_ref().filter(|mend| next != Some(mend)) {
            table.row(["", "", "", &format!("-> {mend}")].map(str::to_string));
        }
    }
    format!("engine {}\n\n{table}\n\n{}", report.engine, closing(ui, report, &first))
}

fn closing(ui: &Ui, report: &Report, stopping: &[&Check]) -> String {
    if let Some(check) = stopping.first() {
        // A program or set that cannot be had for want of a program on PATH is no second thing to mend.
        let (causes, others): (Vec<&Check>, Vec<&Check>) = stopping.iter().partition(|c| c.group == check.group);
        let are = if causes.len() == 1 { "is" } else { "are" };
        let with_them = if others.is_empty() { String::new() } else { format!(", and {} more", others.len()) };
        let mend = check.mend.as_deref().map(|m| format!(": {m}")).unwrap_or_default();
        return ui.paint(Paint::Red, &format!("{} {are} missing{with_them}; first: {}{mend}", count(causes.len(), "thing"), check.id));
    }
    let build = match report.to_build {
        (0, _) => String::new(),
        (n, seconds) => format!("; it begins by building {}, about {} on two cores", count(n, "program"), roughly(seconds)),
    };
    ui.paint(Paint::Green, &format!("everything that dev-init needs is here{build}"))
}
