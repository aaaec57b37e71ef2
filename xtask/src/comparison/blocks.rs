//! What differs, in lines: first what is the same in several Applications, once; then each Application.

use std::collections::{BTreeMap, BTreeSet};

use gitops::comparison::{Change, Delta, Field, Noise, Pair, lines};
use serde_json::Value;

use crate::ui::count;

/// Characters of a value that are shown.
const WIDTH: usize = 160;

/// A heading, and lines that begin with a sign: `+`, `-`, `~`, or a blank.
pub struct Block {
    /// `+`, `-` or `~`.
    pub sign: char,
    pub title: String,
    pub lines: Vec<String>,
}

/// Returns what differs. Shape: common changes first, those of the most Applications in front; then Applications by environment and name.
pub fn blocks(change: &Change<'_>) -> Vec<Block> {
    let mut common: BTreeMap<Vec<String>, Vec<&Delta<'_>>> = BTreeMap::new();
    for delta in change.deltas.iter().filter(|delta| delta.only_noise().is_empty()) {
        common.entry(signature(delta)).or_default().push(delta);
    }
    common.retain(|_, deltas| deltas.iter().map(|delta| delta.pair).collect::<BTreeSet<_>>().len() > 1);
    let folded: BTreeSet<*const Delta<'_>> = common.values().flatten().map(|delta| std::ptr::from_ref(*delta)).collect();
    let mut groups: Vec<(Vec<String>, Vec<&Delta<'_>>)> = common.into_iter().collect();
    groups.sort_by_key(|(_, deltas)| std::cmp::Reverse(deltas.len()));
    let mut blocks: Vec<Block> = groups.iter().map(|(_, deltas)| group(change, deltas)).collect();
    let quiet: Vec<usize> = (0..change.pairs.len()).filter(|i| is_quiet(change, *i)).collect();
    let told = |i: &usize| quiet.len() < 2 || !quiet.contains(i);
    blocks.extend((0..change.pairs.len()).filter(told).filter_map(|i| application(change, i, &folded)));
    if quiet.len() > 1 {
        blocks.push(noise(change, &quiet));
    }
    blocks
}

/// Does nothing but noise differ in it?
fn is_quiet(change: &Change<'_>, i: usize) -> bool {
    let deltas = change.deltas_of_pair(i);
    let plain = change.pairs.get(i).is_some_and(|pair| pair.fields.is_empty() && pair.before.is_some() && pair.after.is_some());
    plain && !deltas.is_empty() && deltas.iter().all(|delta| !delta.only_noise().is_empty())
}

/// All Applications in which nothing but noise differs.
fn noise(change: &Change<'_>, quiet: &[usize]) -> Block {
    let mut kinds: BTreeMap<BTreeSet<Noise>, usize> = BTreeMap::new();
    for delta in quiet.iter().flat_map(|i| change.deltas_of_pair(*i)) {
        *kinds.entry(delta.only_noise()).or_default() += 1;
    }
    let mut lines: Vec<String> = kinds.iter().map(|(kinds, n)| format!("  {}: {} only", count(*n, "object"), words(kinds))).collect();
    let names: Vec<String> = quiet.iter().filter_map(|i| change.pairs.get(*i)).map(shown).collect();
    lines.push(format!("  in {}", names.join(", ")));
    Block { sign: '~', title: format!("in {}: nothing but checksums and labels", count(quiet.len(), "Application")), lines }
}

/// What two objects have in common whose changes are told once.
fn signature(delta: &Delta<'_>) -> Vec<String> {
    let mut words = vec![delta.change().to_string(), delta.key.kind.to_string()];
    if delta.change() == "changed" {
        words.extend(delta.fields.iter().filter(|field| field.noise.is_none()).flat_map(field_lines));
    } else {
        // One that comes or goes is the same one in another environment.
        words.extend([delta.key.namespace.to_string(), delta.key.name.to_string()]);
        words.extend(delta.from.into_iter().chain(delta.to).map(str::to_string));
    }
    words
}

fn sign(delta: &Delta<'_>) -> char {
    match delta.change() {
        "added" => '+',
        "removed" => '-',
        _ => '~',
    }
}

fn group(change: &Change<'_>, deltas: &[&Delta<'_>]) -> Block {
    let names: BTreeSet<String> = deltas.iter().filter_map(|delta| change.pair(delta)).map(shown).collect();
    let objects: BTreeSet<&str> = deltas.iter().map(|delta| delta.key.name).collect();
    let (first, rest) = (deltas.first(), objects.len());
    let kind = first.map_or("", |delta| delta.key.kind);
    let what = if rest == 1 { format!("{kind} {}", objects.iter().next().unwrap_or(&"")) } else { format!("{rest} of kind {kind}") };
    let mut lines = vec![format!("  in {}", names.into_iter().collect::<Vec<_>>().join(", "))];
    lines.extend(first.into_iter().flat_map(|delta| fields(delta)));
    let applications = deltas.iter().map(|delta| delta.pair).collect::<BTreeSet<_>>().len();
    Block { sign: first.map_or('~', |delta| sign(delta)), title: format!("in {}: {what}", count(applications, "Application")), lines }
}

/// `order-service-dev`, with its environment where the name does not say it.
fn shown(pair: &Pair<'_>) -> String {
    let (name, environment) = (pair.name(), pair.environment());
    if environment.is_empty() || name.contains(environment) { name.to_string() } else { format!("{name} ({environment})") }
}

fn application(change: &Change<'_>, i: usize, folded: &BTreeSet<*const Delta<'_>>) -> Option<Block> {
    let pair = change.pairs.get(i)?;
    let mut lines = Vec::new();
    for (side, when) in [(pair.before, "before"), (pair.after, "now")] {
        if let Some(error) = side.and_then(|d| d.error()) {
            lines.push(format!("! it cannot be rendered {when}: {}", error.what));
        }
    }
    if pair.unknown {
        lines.push("! what it comes of cannot be read at the other revision".into());
    }
    lines.extend(pair.fields.iter().flat_map(field_lines).map(|line| format!("  {line}")));
    let (mut common, mut noise): (usize, BTreeMap<BTreeSet<Noise>, usize>) = (0, BTreeMap::new());
    for delta in change.deltas_of_pair(i) {
        let only = delta.only_noise();
        match () {
            () if !only.is_empty() => *noise.entry(only).or_default() += 1,
            () if folded.contains(&std::ptr::from_ref(delta)) => common += 1,
            () => lines.extend(object(delta)),
        }
    }
    for (kinds, objects) in noise {
        lines.push(format!("  {}: {} only", count(objects, "object"), words(&kinds)));
    }
    let came = pair.before.is_some() != pair.after.is_some() && !pair.unknown;
    // Everything is told above.
    if lines.is_empty() && !came {
        return None;
    }
    if common > 0 {
        lines.push(format!("  {} as above", count(common, "object")));
    }
    let sign = match (pair.before, pair.after) {
        (None, Some(_)) if !pair.unknown => '+',
        (Some(_), None) if !pair.unknown => '-',
        _ => '~',
    };
    Some(Block { sign, title: shown(pair), lines })
}

fn words(kinds: &BTreeSet<Noise>) -> String {
    let word = |kind: &Noise| match kind {
        Noise::Checksum => "checksum",
        Noise::Label => "chart label",
    };
    kinds.iter().map(word).collect::<Vec<_>>().join(" and ")
}

fn object(delta: &Delta<'_>) -> Vec<String> {
    let moved = match (delta.from, delta.to) {
        (Some(from), _) => format!(", moves here from {from}"),
        (_, Some(to)) => format!(", moves to {to}"),
        _ => String::new(),
    };
    std::iter::once(format!("{} {}{moved}", sign(delta), delta.key.shown())).chain(fields(delta)).collect()
}

/// The fields of an object, those that are noise counted.
fn fields(delta: &Delta<'_>) -> Vec<String> {
    let (noise, said): (Vec<&Field>, Vec<&Field>) = delta.fields.iter().partition(|field| field.noise.is_some());
    let mut lines: Vec<String> = said.into_iter().flat_map(field_lines).map(|line| format!("    {line}")).collect();
    if !noise.is_empty() {
        let kinds: BTreeSet<Noise> = noise.iter().filter_map(|field| field.noise).collect();
        lines.push(format!("    and {}", words(&kinds)));
    }
    lines
}

/// `path: a -> b`, or the lines of a text that differ.
fn field_lines(field: &Field) -> Vec<String> {
    let Field { path, before, after, .. } = field;
    match (before, after) {
        (Some(Value::String(a)), Some(Value::String(b))) if a.contains('\n') || b.contains('\n') => {
            let lines = lines(a, b).into_iter().map(|line| format!("  {}", cut(&line)));
            std::iter::once(format!("{path}:")).chain(lines).collect()
        }
        (Some(a), Some(b)) if a == b => vec![format!("{path}: changed, {}", word(a))],
        (Some(a), Some(b)) => vec![format!("{path}: {} -> {}", word(a), word(b))],
        (Some(a), None) => vec![format!("{path}: {} is gone", word(a))],
        (None, Some(b)) => vec![format!("{path}: {} is new", word(b))],
        (None, None) => Vec::new(),
    }
}

/// A value on one line. Text that could be taken for another type stands in quotes.
fn word(value: &Value) -> String {
    match value {
        Value::String(text) if text.is_empty() || text.contains('\n') || text.parse::<f64>().is_ok() => cut(&value.to_string()),
        Value::String(text) if matches!(text.as_str(), "true" | "false" | "null") => value.to_string(),
        Value::String(text) => cut(text),
        other => cut(&other.to_string()),
    }
}

/// At most so many characters, and no control characters.
fn cut(text: &str) -> String {
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    if text.chars().count() <= WIDTH {
        return text.chars().map(clean).collect();
    }
    text.chars().take(WIDTH - 1).map(clean).chain(['…']).collect()
}
