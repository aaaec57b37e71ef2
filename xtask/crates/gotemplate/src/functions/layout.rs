//! Go's time layouts: writing by the reference time `Mon Jan 2 15:04:05 MST 2006`, and texts of durations.

use super::instant::Time;
pub(in crate::functions) use super::layout_parse::parse;

pub(super) const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
pub(super) const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

pub(super) fn name_of(names: &[&'static str], at: i64) -> &'static str {
    usize::try_from(at).ok().and_then(|at| names.get(at)).copied().unwrap_or_default()
}

/// What a part of a layout stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    LongMonth,
    Month,
    NumMonth,
    ZeroMonth,
    LongWeekday,
    Weekday,
    Day,
    UnderDay,
    ZeroDay,
    UnderYearDay,
    ZeroYearDay,
    Hour,
    Hour12,
    ZeroHour12,
    Minute,
    ZeroMinute,
    Second,
    ZeroSecond,
    LongYear,
    Year,
    UpperPm,
    LowerPm,
    Abbreviation,
    /// `Z07:00`: `Z` for UTC.
    Offset {
        iso: bool,
        colon: bool,
        minutes: bool,
        seconds: bool,
    },
    /// `.000`, or `.999` without trailing zeros; the digits and the sign before them.
    Fraction {
        digits: usize,
        trimmed: bool,
        comma: bool,
    },
}

const FIXED: [(&[u8], Part); 14] = [
    (b"January", Part::LongMonth),
    (b"Monday", Part::LongWeekday),
    (b"MST", Part::Abbreviation),
    (b"002", Part::ZeroYearDay),
    (b"01", Part::ZeroMonth),
    (b"02", Part::ZeroDay),
    (b"03", Part::ZeroHour12),
    (b"04", Part::ZeroMinute),
    (b"05", Part::ZeroSecond),
    (b"06", Part::Year),
    (b"15", Part::Hour),
    (b"2006", Part::LongYear),
    (b"PM", Part::UpperPm),
    (b"pm", Part::LowerPm),
];

const SHORT: [(u8, Part); 5] =
    [(b'1', Part::NumMonth), (b'2', Part::Day), (b'3', Part::Hour12), (b'4', Part::Minute), (b'5', Part::Second)];

const OFFSETS: [(&[u8], bool, bool, bool); 5] = [
    (b"070000", false, true, true),
    (b"07:00:00", true, true, true),
    (b"0700", false, true, false),
    (b"07:00", true, true, false),
    (b"07", false, false, false),
];

/// The next part of `layout`: what stands before it, the part, what follows.
pub(super) fn next_part(layout: &[u8]) -> (&[u8], Option<Part>, &[u8]) {
    for at in 0..layout.len() {
        let tail = layout.get(at..).unwrap_or_default();
        let Some((before, part, len)) = part_at(tail) else { continue };
        return (layout.get(..at + before).unwrap_or_default(), Some(part), tail.get(before + len..).unwrap_or_default());
    }
    (layout, None, b"")
}

/// How many bytes of `tail` are still text, the part after them, and its length.
fn part_at(tail: &[u8]) -> Option<(usize, Part, usize)> {
    if let Some((text, part)) = FIXED.iter().find(|(text, _)| tail.starts_with(text)) {
        return Some((0, *part, text.len()));
    }
    let lower_follows = |at: usize| tail.get(at).is_some_and(u8::is_ascii_lowercase);
    match tail.first()? {
        b'J' if tail.starts_with(b"Jan") && !lower_follows(3) => Some((0, Part::Month, 3)),
        b'M' if tail.starts_with(b"Mon") && !lower_follows(3) => Some((0, Part::Weekday, 3)),
        b'_' if tail.starts_with(b"_2006") => Some((1, Part::LongYear, 4)),
        b'_' if tail.starts_with(b"_2") => Some((0, Part::UnderDay, 2)),
        b'_' if tail.starts_with(b"__2") => Some((0, Part::UnderYearDay, 3)),
        sign @ (b'-' | b'Z') => {
            let (text, colon, minutes, seconds) =
                OFFSETS.iter().find(|(text, ..)| tail.get(1..).is_some_and(|rest| rest.starts_with(text)))?;
            let part = Part::Offset { iso: *sign == b'Z', colon: *colon, minutes: *minutes, seconds: *seconds };
            Some((0, part, text.len() + 1))
        }
        sign @ (b'.' | b',') => {
            let digit = *tail.get(1)?;
            let digits = tail.iter().skip(1).take_while(|b| **b == digit).count();
            let ends = !tail.get(digits + 1).is_some_and(u8::is_ascii_digit);
            let fraction = Part::Fraction { digits, trimmed: digit == b'9', comma: *sign == b',' };
            (matches!(digit, b'0' | b'9') && ends).then_some((0, fraction, digits + 1))
        }
        first => SHORT.iter().find(|(b, _)| b == first).map(|(_, part)| (0, *part, 1)),
    }
}

/// `Time.Format`.
pub(super) fn format(time: &Time, layout: &[u8]) -> String {
    let (civil, mut out, mut left) = (time.civil(), Vec::new(), layout);
    loop {
        let (text, part, rest) = next_part(left);
        out.extend_from_slice(text);
        let Some(part) = part else { break };
        left = rest;
        let hour12 = if civil.hour % 12 == 0 { 12 } else { civil.hour % 12 };
        let written = match part {
            Part::LongMonth => name_of(&MONTHS, civil.month - 1).into(),
            Part::Month => name_of(&MONTHS, civil.month - 1).get(..3).unwrap_or_default().into(),
            Part::LongWeekday => name_of(&DAYS, civil.weekday).into(),
            Part::Weekday => name_of(&DAYS, civil.weekday).get(..3).unwrap_or_default().into(),
            Part::NumMonth => civil.month.to_string(),
            Part::ZeroMonth => format!("{:02}", civil.month),
            Part::Day => civil.day.to_string(),
            Part::UnderDay => format!("{:2}", civil.day),
            Part::ZeroDay => format!("{:02}", civil.day),
            Part::UnderYearDay => format!("{:3}", civil.year_day),
            Part::ZeroYearDay => format!("{:03}", civil.year_day),
            Part::Hour => format!("{:02}", civil.hour),
            Part::Hour12 => hour12.to_string(),
            Part::ZeroHour12 => format!("{hour12:02}"),
            Part::Minute => civil.minute.to_string(),
            Part::ZeroMinute => format!("{:02}", civil.minute),
            Part::Second => civil.second.to_string(),
            Part::ZeroSecond => format!("{:02}", civil.second),
            Part::LongYear if civil.year < 0 => format!("-{:04}", civil.year.unsigned_abs()),
            Part::LongYear => format!("{:04}", civil.year),
            Part::Year => format!("{:02}", civil.year.max(0) % 100),
            Part::UpperPm => if civil.hour >= 12 { "PM" } else { "AM" }.into(),
            Part::LowerPm => if civil.hour >= 12 { "pm" } else { "am" }.into(),
            Part::Abbreviation if !time.zone.is_empty() => time.zone.clone(),
            Part::Abbreviation => offset(time.offset, false, true, false),
            Part::Offset { iso: true, .. } if time.offset == 0 => "Z".into(),
            Part::Offset { colon, minutes, seconds, .. } => offset(time.offset, colon, minutes, seconds),
            Part::Fraction { digits, trimmed, comma } => fraction(time.nanos, digits, trimmed, comma),
        };
        out.extend_from_slice(written.as_bytes());
    }
    crate::text::lossy(&out)
}

fn offset(seconds_east: i32, colon: bool, minutes: bool, seconds: bool) -> String {
    let n = seconds_east.unsigned_abs();
    let mut out = format!("{}{:02}", if seconds_east < 0 { '-' } else { '+' }, n / 3600);
    let separator = if colon { ":" } else { "" };
    if minutes {
        out.push_str(&format!("{separator}{:02}", n / 60 % 60));
    }
    if seconds {
        out.push_str(&format!("{separator}{:02}", n % 60));
    }
    out
}

fn fraction(nanos: u32, digits: usize, trimmed: bool, comma: bool) -> String {
    let all = format!("{nanos:09}");
    let shown = all.get(..digits.min(9)).unwrap_or_default();
    let shown = if trimmed { shown.trim_end_matches('0') } else { shown };
    if trimmed && shown.is_empty() {
        return String::new();
    }
    format!("{}{shown}", if comma { ',' } else { '.' })
}

/// `Duration.String`.
pub(super) fn duration_text(nanos: i64) -> String {
    let n = nanos.unsigned_abs();
    let sign = if nanos < 0 { "-" } else { "" };
    let decimal = |n: u64, unit: u64| {
        let width = unit.ilog10() as usize;
        let part = format!("{:0width$}", n % unit);
        let part = part.trim_end_matches('0');
        if n % unit == 0 { (n / unit).to_string() } else { format!("{}.{part}", n / unit) }
    };
    match n {
        0 => "0s".into(),
        1..1_000 => format!("{sign}{n}ns"),
        1_000..1_000_000 => format!("{sign}{}µs", decimal(n, 1_000)),
        1_000_000..1_000_000_000 => format!("{sign}{}ms", decimal(n, 1_000_000)),
        _ => {
            let (minutes, rest) = (n / 60_000_000_000, n % 60_000_000_000);
            let seconds = format!("{}s", decimal(rest, 1_000_000_000));
            match (minutes / 60, minutes % 60) {
                (0, 0) => format!("{sign}{seconds}"),
                (0, minutes) => format!("{sign}{minutes}m{seconds}"),
                (hours, minutes) => format!("{sign}{hours}h{minutes}m{seconds}"),
            }
        }
    }
}
