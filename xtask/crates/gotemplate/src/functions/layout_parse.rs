//! Reading times by Go's layouts, and durations such as `1h30m`.

use super::instant::{Time, days_from_civil};
use super::layout::{DAYS, MONTHS, Part, next_part};

/// Why one part cannot be read.
enum Bad {
    Part,
    Range(&'static str),
}

type Read<'a, T> = Result<(T, &'a [u8]), Bad>;

#[derive(Default)]
struct Fields {
    year: i64,
    month: Option<i64>,
    day: Option<i64>,
    year_day: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    nanos: u32,
    am: bool,
    pm: bool,
    utc: bool,
    offset: Option<i32>,
    zone: String,
}

/// Go's words around a value that it complains about.
fn quote(s: &[u8]) -> String {
    let mut out = String::from("\"");
    for c in crate::text::lossy(s).chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if c < ' ' || !c.is_ascii() => c.encode_utf8(&mut [0; 4]).bytes().for_each(|b| out.push_str(&format!("\\x{b:02x}"))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// `time.Parse` where the local zone is UTC. Errors: the text of Go's `ParseError`.
pub(in crate::functions) fn parse(layout: &str, value: &str) -> Result<Time, String> {
    let cannot = |rest: &[u8], part: &[u8]| {
        let (value, layout) = (quote(value.as_bytes()), quote(layout.as_bytes()));
        format!("parsing time {value} as {layout}: cannot parse {} as {}", quote(rest), quote(part))
    };
    let refused = |why: &str| format!("parsing time {}{why}", quote(value.as_bytes()));
    let (mut fields, mut left, mut rest) = (Fields::default(), layout.as_bytes(), value.as_bytes());
    loop {
        let (prefix, part, after) = next_part(left);
        let written = left.get(prefix.len()..left.len() - after.len()).unwrap_or_default();
        rest = skip(rest, prefix).map_err(|rest| cannot(rest, prefix))?;
        let Some(part) = part else {
            if rest.is_empty() {
                break;
            }
            return Err(refused(&format!(": extra text: {}", quote(rest))));
        };
        left = after;
        rest = match fields.read(part, rest, left) {
            Ok(rest) => rest,
            Err(Bad::Range(what)) => return Err(refused(&format!(": {what} out of range"))),
            Err(Bad::Part) => return Err(cannot(rest, written)),
        };
    }
    fields.time().map_err(|why| refused(why))
}

fn skip<'a>(mut value: &'a [u8], mut prefix: &[u8]) -> Result<&'a [u8], &'a [u8]> {
    let without_blanks = |s: &[u8]| s.iter().take_while(|b| **b == b' ').count();
    while let Some((first, rest)) = prefix.split_first() {
        if *first == b' ' {
            if value.first().is_some_and(|b| *b != b' ') {
                return Err(value);
            }
            prefix = prefix.get(without_blanks(prefix)..).unwrap_or_default();
            value = value.get(without_blanks(value)..).unwrap_or_default();
            continue;
        }
        match value.split_first() {
            Some((b, after)) if b == first => value = after,
            _ => return Err(value),
        }
        prefix = rest;
    }
    Ok(value)
}

fn digit(s: &[u8], at: usize) -> Option<i64> {
    s.get(at).filter(|b| b.is_ascii_digit()).map(|b| i64::from(b - b'0'))
}

/// One or two digits; with `fixed` two.
fn number(s: &[u8], fixed: bool) -> Read<'_, i64> {
    match (digit(s, 0), digit(s, 1)) {
        (Some(one), Some(two)) => Ok((one * 10 + two, s.get(2..).unwrap_or_default())),
        (Some(one), None) if !fixed => Ok((one, s.get(1..).unwrap_or_default())),
        _ => Err(Bad::Part),
    }
}

fn number3(s: &[u8], fixed: bool) -> Read<'_, i64> {
    let digits = (0..3).map_while(|at| digit(s, at));
    let (n, count) = digits.fold((0, 0), |(n, count), digit| (n * 10 + digit, count + 1));
    if count == 0 || fixed && count != 3 {
        return Err(Bad::Part);
    }
    Ok((n, s.get(count..).unwrap_or_default()))
}

fn within<'a>(read: Read<'a, i64>, from: i64, to: i64, what: &'static str) -> Read<'a, i64> {
    let (n, rest) = read?;
    if (from..=to).contains(&n) { Ok((n, rest)) } else { Err(Bad::Range(what)) }
}

fn name<'a>(s: &'a [u8], names: &[&str], length: usize) -> Read<'a, i64> {
    for (at, name) in names.iter().enumerate() {
        let name = name.as_bytes().get(..length.min(name.len())).unwrap_or_default();
        if s.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            return Ok((at as i64, s.get(name.len()..).unwrap_or_default()));
        }
    }
    Err(Bad::Part)
}

/// Nanoseconds of a fraction with its sign in front.
fn nanos(s: &[u8]) -> Result<u32, Bad> {
    if !matches!(s.first(), Some(b'.' | b',')) {
        return Err(Bad::Part);
    }
    let digits = s.get(1..s.len().min(10)).unwrap_or_default();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(Bad::Part);
    }
    let n = digits.iter().fold(0u32, |n, b| n * 10 + u32::from(b - b'0'));
    Ok(n * 10u32.pow(9 - digits.len() as u32))
}

fn fraction_len(s: &[u8]) -> usize {
    let digits = s.iter().skip(1).take_while(|b| b.is_ascii_digit()).count();
    if matches!(s.first(), Some(b'.' | b',')) && digits > 0 { digits + 1 } else { 0 }
}

impl Fields {
    /// Reads one part; `layout` is what follows it.
    fn read<'a>(&mut self, part: Part, s: &'a [u8], layout: &[u8]) -> Result<&'a [u8], Bad> {
        let blank = |s: &'a [u8]| s.strip_prefix(b" ").unwrap_or(s);
        let rest;
        match part {
            Part::Year => {
                let (n, after) = number(s, true)?;
                (self.year, rest) = (n + if n >= 69 { 1900 } else { 2000 }, after);
            }
            Part::LongYear => {
                let digits = (0..4).map(|at| digit(s, at).ok_or(Bad::Part)).collect::<Result<Vec<_>, _>>()?;
                (self.year, rest) = (digits.iter().fold(0, |n, digit| n * 10 + digit), s.get(4..).unwrap_or_default());
            }
            Part::Month | Part::LongMonth => {
                let (n, after) = name(s, &MONTHS, if part == Part::Month { 3 } else { 99 })?;
                (self.month, rest) = (Some(n + 1), after);
            }
            Part::NumMonth | Part::ZeroMonth => {
                let (n, after) = within(number(s, part == Part::ZeroMonth), 1, 12, "month")?;
                (self.month, rest) = (Some(n), after);
            }
            Part::Weekday => rest = name(s, &DAYS, 3)?.1,
            Part::LongWeekday => rest = name(s, &DAYS, 99)?.1,
            Part::Day | Part::UnderDay | Part::ZeroDay => {
                let s = if part == Part::UnderDay { blank(s) } else { s };
                let (n, after) = number(s, part == Part::ZeroDay)?;
                (self.day, rest) = (Some(n), after);
            }
            Part::UnderYearDay | Part::ZeroYearDay => {
                let s = if part == Part::UnderYearDay { blank(blank(s)) } else { s };
                let (n, after) = number3(s, part == Part::ZeroYearDay)?;
                (self.year_day, rest) = (Some(n), after);
            }
            Part::Hour => (self.hour, rest) = within(number(s, false), 0, 23, "hour")?,
            Part::Hour12 | Part::ZeroHour12 => (self.hour, rest) = within(number(s, part == Part::ZeroHour12), 0, 12, "hour")?,
            Part::Minute | Part::ZeroMinute => (self.minute, rest) = within(number(s, part == Part::ZeroMinute), 0, 59, "minute")?,
            Part::Second | Part::ZeroSecond => {
                let (n, after) = within(number(s, part == Part::ZeroSecond), 0, 59, "second")?;
                self.second = n;
                // A fraction may follow although the layout has none.
                let fraction = fraction_len(after);
                let expected = matches!(next_part(layout).1, Some(Part::Fraction { .. }));
                if fraction > 0 && !expected {
                    self.nanos = nanos(after.get(..fraction).unwrap_or_default())?;
                    return Ok(after.get(fraction..).unwrap_or_default());
                }
                rest = after;
            }
            Part::UpperPm | Part::LowerPm => {
                let (pm, am): (&[u8], &[u8]) = if part == Part::UpperPm { (b"PM", b"AM") } else { (b"pm", b"am") };
                (self.pm, self.am) = (s.starts_with(pm), s.starts_with(am));
                if !self.pm && !self.am {
                    return Err(Bad::Part);
                }
                rest = s.get(2..).unwrap_or_default();
            }
            Part::Offset { iso: true, .. } if s.starts_with(b"Z") => {
                self.utc = true;
                rest = s.get(1..).unwrap_or_default();
            }
            Part::Offset { colon, minutes, seconds, .. } => rest = self.read_offset(s, colon, minutes, seconds)?,
            Part::Abbreviation if s.starts_with(b"UTC") => {
                self.utc = true;
                rest = s.get(3..).unwrap_or_default();
            }
            Part::Abbreviation => {
                let length = zone_len(s).filter(|length| *length > 0).ok_or(Bad::Part)?;
                self.zone = crate::text::lossy(s.get(..length).unwrap_or_default());
                rest = s.get(length..).unwrap_or_default();
            }
            Part::Fraction { digits, trimmed: false, .. } => {
                self.nanos = nanos(s.get(..=digits).ok_or(Bad::Part)?)?;
                rest = s.get(digits + 1..).unwrap_or_default();
            }
            Part::Fraction { .. } => {
                let length = fraction_len(s);
                if length > 0 {
                    self.nanos = nanos(s.get(..length).unwrap_or_default())?;
                }
                rest = s.get(length..).unwrap_or_default();
            }
        }
        Ok(rest)
    }

    fn read_offset<'a>(&mut self, s: &'a [u8], colon: bool, minutes: bool, seconds: bool) -> Result<&'a [u8], Bad> {
        let sign = s.first().copied();
        let (mut parts, mut at) = ([0i64; 3], 1);
        let wanted = 1 + usize::from(minutes) + usize::from(seconds);
        if s.len() < 1 + wanted * 2 + if colon { wanted - 1 } else { 0 } {
            return Err(Bad::Part);
        }
        let mut wrong = false;
        for (index, part) in parts.iter_mut().enumerate().take(wanted) {
            if colon && index > 0 {
                if s.get(at) != Some(&b':') {
                    return Err(Bad::Part);
                }
                at += 1;
            }
            match (digit(s, at), digit(s, at + 1)) {
                (Some(one), Some(two)) => *part = one * 10 + two,
                _ => wrong = true,
            }
            at += 2;
        }
        let [hours, minutes, seconds] = parts;
        for (n, most, what) in
            [(hours, 24, "time zone offset hour"), (minutes, 60, "time zone offset minute"), (seconds, 60, "time zone offset second")]
        {
            if n > most {
                return Err(Bad::Range(what));
            }
        }
        if wrong || !matches!(sign, Some(b'+' | b'-')) {
            return Err(Bad::Part);
        }
        let offset = ((hours * 60 + minutes) * 60 + seconds) as i32;
        self.offset = Some(if sign == Some(b'-') { -offset } else { offset });
        Ok(s.get(at..).unwrap_or_default())
    }

    fn time(self) -> Result<Time, &'static str> {
        let hour = if self.pm && self.hour < 12 {
            self.hour + 12
        } else if self.am && self.hour == 12 {
            0
        } else {
            self.hour
        };
        let days_in = |month: i64| days_from_civil(self.year, month + 1, 1) - days_from_civil(self.year, month, 1);
        let (mut month, mut day) = (self.month.unwrap_or(1), self.day.unwrap_or(1));
        if let Some(year_day) = self.year_day {
            let length = days_from_civil(self.year + 1, 1, 1) - days_from_civil(self.year, 1, 1);
            if !(1..=length).contains(&year_day) {
                return Err(": day-of-year out of range");
            }
            let (mut found, mut left) = (1, year_day);
            while left > days_in(found) {
                left -= days_in(found);
                found += 1;
            }
            if self.month.is_some_and(|month| month != found) {
                return Err(": day-of-year does not match month");
            }
            if self.day.is_some_and(|day| day != left) {
                return Err(": day-of-year does not match day");
            }
            (month, day) = (found, left);
        }
        if day < 1 || day > days_in(month) {
            return Err(": day out of range");
        }
        let unix = days_from_civil(self.year, month, day) * 86_400 + hour * 3600 + self.minute * 60 + self.second;
        let utc = Time::utc(unix, self.nanos);
        if self.utc {
            return Ok(utc);
        }
        if let Some(offset) = self.offset {
            let unix = unix - i64::from(offset);
            if offset == 0 && self.zone.is_empty() {
                return Ok(Time { unix, ..utc });
            }
            return Ok(Time { unix, offset, zone: self.zone, ..utc });
        }
        if self.zone.is_empty() {
            return Ok(utc);
        }
        let hours = self.zone.strip_prefix("GMT").and_then(|hours| hours.parse::<i32>().ok()).unwrap_or_default();
        Ok(Time { offset: hours * 3600, zone: self.zone, ..utc })
    }
}

/// `parseTimeZone`: how many bytes look like an abbreviation.
fn zone_len(s: &[u8]) -> Option<usize> {
    if s.len() < 3 {
        return None;
    }
    if s.starts_with(b"ChST") || s.starts_with(b"MeST") {
        return Some(4);
    }
    let signed = |s: &[u8]| {
        let digits = s.iter().skip(1).take_while(|b| b.is_ascii_digit()).count();
        let n = s.iter().skip(1).take(digits).fold(0u64, |n, b| n.saturating_mul(10).saturating_add(u64::from(b - b'0')));
        if matches!(s.first(), Some(b'+' | b'-')) && digits > 0 && n <= 23 { digits + 1 } else { 0 }
    };
    if let Some(after) = s.strip_prefix(b"GMT") {
        return Some(3 + signed(after));
    }
    if matches!(s.first(), Some(b'+' | b'-')) {
        return Some(signed(s));
    }
    match s.iter().take(6).take_while(|b| b.is_ascii_uppercase()).count() {
        5 if s.get(4) == Some(&b'T') => Some(5),
        4 if s.get(3) == Some(&b'T') || s.starts_with(b"WITA") => Some(4),
        3 => Some(3),
        _ => None,
    }
}

/// `time.ParseDuration`, in nanoseconds. Errors: its text.
pub(in crate::functions) fn duration(original: &[u8]) -> Result<i64, String> {
    let fail = |what: &str| format!("time: {what} {}", quote(original));
    let invalid = || fail("invalid duration");
    let limit = 1u64 << 63;
    let negative = original.first() == Some(&b'-');
    let mut s = if matches!(original.first(), Some(b'-' | b'+')) { original.get(1..).unwrap_or_default() } else { original };
    if s == b"0" {
        return Ok(0);
    }
    if s.is_empty() {
        return Err(invalid());
    }
    let mut total = 0u64;
    while !s.is_empty() {
        let whole = s.iter().take_while(|b| b.is_ascii_digit()).count();
        let digits = std::str::from_utf8(s.get(..whole).unwrap_or_default()).unwrap_or_default();
        let mut value: u64 = if whole == 0 { 0 } else { digits.parse().ok().filter(|n| *n <= limit).ok_or_else(invalid)? };
        s = s.get(whole..).unwrap_or_default();
        let (mut fraction, mut scale, mut after) = (0u64, 1f64, 0);
        if let Some(rest) = s.strip_prefix(b".") {
            after = rest.iter().take_while(|b| b.is_ascii_digit()).count();
            for b in rest.iter().take(after.min(18)) {
                fraction = fraction * 10 + u64::from(b - b'0');
                scale *= 10.0;
            }
            s = rest.get(after..).unwrap_or_default();
        }
        if whole == 0 && after == 0 {
            return Err(invalid());
        }
        let length = s.iter().take_while(|b| **b != b'.' && !b.is_ascii_digit()).count();
        let name = s.get(..length).unwrap_or_default();
        s = s.get(length..).unwrap_or_default();
        let unit: u64 = match std::str::from_utf8(name).unwrap_or("?") {
            "" => return Err(fail("missing unit in duration")),
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return Err(fail(&format!("unknown unit {} in duration", quote(name)))),
        };
        if value > limit / unit {
            return Err(invalid());
        }
        value *= unit;
        if fraction > 0 {
            value += (fraction as f64 * (unit as f64 / scale)) as u64;
        }
        total = total.checked_add(value).filter(|total| *total <= limit && value <= limit).ok_or_else(invalid)?;
    }
    if negative {
        return Ok((total as i64).wrapping_neg());
    }
    i64::try_from(total).map_err(|_| invalid())
}
