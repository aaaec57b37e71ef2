//! Forms of text that Kubernetes knows: durations, times, addresses, base64, cron.

use std::net::{Ipv4Addr, Ipv6Addr};

/// RFC 3339, as Go's `time.RFC3339` reads it.
pub(super) fn is_date_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once(['T', 't']) else { return false };
    let Some(zone) = time.find(['Z', 'z', '+', '-']) else { return false };
    let Some((clock, zone)) = time.split_at_checked(zone) else { return false };
    let clock = clock.split_once(['.', ',']).map_or(clock, |(clock, fraction)| if is_digits(fraction) { clock } else { "" });
    let offset = matches!(zone, "Z" | "z") || zone.get(1..).is_some_and(|zone| numbers(zone, ':', &[(2, 0, 24), (2, 0, 59)]));
    is_date(date) && numbers(clock, ':', &[(2, 0, 23), (2, 0, 59), (2, 0, 60)]) && offset
}

/// `2006-01-02`.
pub(super) fn is_date(text: &str) -> bool {
    numbers(text, '-', &[(4, 0, 9999), (2, 1, 12), (2, 1, 31)])
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Parts of so many digits, each between two numbers.
fn numbers(text: &str, separator: char, parts: &[(usize, u32, u32)]) -> bool {
    let mut given = text.split(separator);
    let fits = parts.iter().all(|(digits, least, most)| {
        given.next().is_some_and(|part| {
            part.len() == *digits && is_digits(part) && part.parse::<u32>().is_ok_and(|n| (*least..=*most).contains(&n))
        })
    });
    fits && given.next().is_none()
}

/// As Go's `time.ParseDuration` reads it: `1h30m`, `1.5s`, `-2ms`, `0`.
pub(super) fn is_duration(text: &str) -> bool {
    let mut left = text.strip_prefix(['+', '-']).unwrap_or(text);
    if left == "0" {
        return true;
    }
    if left.is_empty() {
        return false;
    }
    while !left.is_empty() {
        let end = left.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(left.len());
        let Some((number, rest)) = left.split_at_checked(end) else { return false };
        if !number.bytes().any(|b| b.is_ascii_digit()) || number.matches('.').count() > 1 {
            return false;
        }
        let units = ["ns", "us", "µs", "μs", "ms", "s", "m", "h"];
        let Some(rest) = units.iter().find_map(|unit| rest.strip_prefix(unit)) else { return false };
        left = rest;
    }
    true
}

/// The same, or a number and the name of a unit: `5 minutes`, `2 days`.
///
/// Source: `strfmt.ParseDuration` of k8s.io/kube-openapi.
pub(super) fn is_loose_duration(text: &str) -> bool {
    const UNITS: &[&str] = &[
        "ns",
        "nano",
        "nanos",
        "nanosecond",
        "us",
        "µs",
        "micro",
        "micros",
        "microsecond",
        "ms",
        "milli",
        "millis",
        "millisecond",
        "s",
        "sec",
        "second",
        "m",
        "min",
        "minute",
        "h",
        "hr",
        "hour",
        "d",
        "day",
        "w",
        "wk",
        "week",
    ];
    if is_duration(text) {
        return true;
    }
    let text = text.trim().to_lowercase();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let Some((number, unit)) = text.split_at_checked(end) else { return false };
    let unit = unit.trim();
    let known = UNITS.contains(&unit) || unit.strip_suffix('s').is_some_and(|unit| UNITS.contains(&unit));
    number.parse::<f64>().is_ok() && known
}

/// As Go's `net.ParseIP` reads it.
pub(super) fn is_ip(text: &str) -> bool {
    is_ipv4(text) || text.parse::<Ipv6Addr>().is_ok()
}

pub(super) fn is_ipv4(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok()
}

/// An address and a prefix length.
pub(super) fn is_cidr(text: &str) -> bool {
    let Some((address, bits)) = text.split_once('/') else { return false };
    let most = if is_ipv4(address) { 32 } else { 128 };
    is_ip(address) && is_digits(bits) && (bits == "0" || !bits.starts_with('0')) && bits.parse::<u32>().is_ok_and(|bits| bits <= most)
}

/// Standard base64 with padding, as Go reads the bytes of a Secret: line breaks do not count.
pub(super) fn is_base64(text: &str) -> bool {
    let mut length = 0usize;
    let mut padding = 0usize;
    for byte in text.bytes() {
        match byte {
            b'\r' | b'\n' => continue,
            b'=' => padding += 1,
            _ if padding > 0 => return false,
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => {}
            _ => return false,
        }
        length += 1;
    }
    padding <= 2 && length.is_multiple_of(4)
}

/// Why a text is no cron schedule of five fields. Without names of time zones, which have a field of their own.
///
/// Source: `cron.ParseStandard` of robfig/cron 3, which a CronJob's schedule goes through.
pub(super) fn cron_problem(text: &str) -> Option<String> {
    const NAMED: &[&str] = &["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
    if text.starts_with("TZ=") || text.starts_with("CRON_TZ=") {
        return Some("it names a time zone; that belongs into timeZone".into());
    }
    if let Some(every) = text.strip_prefix("@every ") {
        return (!is_duration(every)).then(|| format!("`{every}` is no duration"));
    }
    if text.starts_with('@') {
        return (!NAMED.contains(&text)).then(|| format!("there is no `{text}`"));
    }
    let fields: Vec<&str> = text.split_whitespace().collect();
    if fields.len() != 5 {
        return Some(format!("it has {} fields instead of 5", fields.len()));
    }
    const MONTHS: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    const DAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    let rules: [(&str, u32, u32, &[&str], u32); 5] = [
        ("minute", 0, 59, &[], 0),
        ("hour", 0, 23, &[], 0),
        ("day", 1, 31, &[], 0),
        ("month", 1, 12, MONTHS, 1),
        ("weekday", 0, 6, DAYS, 0),
    ];
    fields.iter().zip(rules).find_map(|(field, (what, least, most, names, first))| {
        let number = |text: &str| -> Option<u32> {
            let at = names.iter().position(|name| text.eq_ignore_ascii_case(name)).and_then(|at| u32::try_from(at).ok());
            at.map(|at| at + first).or_else(|| is_digits(text).then(|| text.parse().ok()).flatten())
        };
        let good = field.split(',').all(|part| {
            let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
            let step_good = step.is_none_or(|step| is_digits(step) && step.parse::<u32>().is_ok_and(|step| step > 0));
            let ends = match range {
                "*" | "?" => Some((least, most)),
                _ => match range.split_once('-') {
                    Some((from, to)) => number(from).zip(number(to)),
                    None => number(range).map(|n| (n, n)),
                },
            };
            step_good && ends.is_some_and(|(from, to)| least <= from && from <= to && to <= most)
        });
        (!good).then(|| format!("`{field}` is no {what} ({least}-{most})"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_durations_are_go_s() {
        for text in ["2006-01-02T15:04:05Z", "2006-01-02T15:04:05.123+02:00"] {
            assert!(is_date_time(text), "{text}");
        }
        for text in ["2006-01-02", "2006-01-02 15:04:05Z", "2006-13-02T15:04:05Z", "2006-01-02T15:04:05", "yesterday"] {
            assert!(!is_date_time(text), "{text}");
        }
        assert!(["1h30m", "0", "1.5s", "-2ms"].iter().all(|text| is_duration(text)));
        assert!(["", "5", "1d", "h", "1h30", "1.s.", "5 m"].iter().all(|text| !is_duration(text)));
    }

    #[test]
    fn addresses_and_base64_are_whole() {
        assert!(is_cidr("10.0.0.0/8") && is_cidr("fd00::/8") && is_ip("::1") && is_ip("127.0.0.1"));
        assert!(!is_cidr("10.0.0.0") && !is_cidr("10.0.0.0/33") && !is_cidr("10.0.0/8") && !is_ip("10.0.0.256") && !is_ip("localhost"));
        assert!(is_base64("") && is_base64("YQ==") && is_base64("YWJj\nYWJj"));
        assert!(!is_base64("YQ") && !is_base64("a b=") && !is_base64("{{x}}") && !is_base64("Y=Q="));
    }

    #[test]
    fn schedules_have_five_fields() {
        for text in ["*/5 * * * *", "0 2 * * mon-fri", "0 0 1 JAN,jul ?", "@daily", "@every 1h", "0-59/2 0 1 1 0"] {
            assert_eq!(cron_problem(text), None, "{text}");
        }
        for text in [
            "",
            "* * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * * 7",
            "*/0 * * * *",
            "@often",
            "5-1 * * * *",
            "TZ=UTC * * * * *",
        ] {
            assert!(cron_problem(text).is_some(), "{text}");
        }
    }
}
