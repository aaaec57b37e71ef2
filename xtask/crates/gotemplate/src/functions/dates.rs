//! Dates and durations. Argo CD's container lives in UTC, so `Local` is UTC; other zones are not known here.

use super::instant::{TIME, Time, time_at};
use super::support::{Answer, any, bytes, chars, fixed};
use super::{cast, layout, layout_parse};
use crate::function::Type::{Any, Object, String as Str};
use crate::function::{Failure, Function};
use crate::value::Value;

pub(super) static FUNCTIONS: &[Function] = &[
    fixed("date", &[Str, Any], |a| in_zone(bytes(a, 0), any(a, 1), "Local")),
    fixed("htmlDate", &[Any], |a| in_zone(b"2006-01-02", any(a, 0), "Local")),
    fixed("htmlDateInZone", &[Any, Str], |a| in_zone(b"2006-01-02", any(a, 0), chars(a, 1)?)),
    fixed("dateInZone", &[Str, Any, Str], |a| in_zone(bytes(a, 0), any(a, 1), chars(a, 2)?)),
    fixed("date_in_zone", &[Str, Any, Str], |a| in_zone(bytes(a, 0), any(a, 1), chars(a, 2)?)),
    fixed("dateModify", &[Str, Object(TIME)], modify),
    fixed("date_modify", &[Str, Object(TIME)], modify),
    fixed("mustDateModify", &[Str, Object(TIME)], must_modify),
    fixed("must_date_modify", &[Str, Object(TIME)], must_modify),
    fixed("duration", &[Any], duration),
    fixed("durationRound", &[Any], round),
    fixed("toDate", &[Str, Str], |a| Ok(Value::object(layout::parse(chars(a, 0)?, chars(a, 1)?).unwrap_or_else(|_| Time::zero())))),
    fixed("mustToDate", &[Str, Str], |a| layout::parse(chars(a, 0)?, chars(a, 1)?).map(Value::object).map_err(Failure::Error)),
    fixed("unixEpoch", &[Object(TIME)], |a| Ok(time_at(a, 0).unix.to_string().into())),
];

/// A time, or seconds since 1970 as a whole number; for anything else Go takes the clock.
fn in_zone(format: &[u8], date: &Value, zone: &str) -> Answer {
    let time = match date {
        Value::Object(object) => match object.downcast::<Time>() {
            Some(time) => time.clone(),
            None => return now(),
        },
        Value::Int(seconds) | Value::Int64(seconds) => Time::from_unix(*seconds)?,
        Value::Int32(seconds) => Time::from_unix((*seconds).into())?,
        _ => return now(),
    };
    let broken = zone.starts_with(['/', '\\']) || zone.contains('\\') || zone.split('/').any(|part| part == "..");
    if !matches!(zone, "" | "UTC" | "Local") && !broken {
        return Err(Failure::Unverifiable(format!("the time zone `{zone}`, of which this program has no table")));
    }
    Ok(layout::format(&Time::utc(time.unix, time.nanos), format).into())
}

fn now() -> Answer {
    Err(Failure::unverifiable("a date of something that is no time: Go takes the clock, so it is another one each time"))
}

fn modify(args: &[Value]) -> Answer {
    let time = time_at(args, 1);
    match layout_parse::duration(bytes(args, 0)) {
        Ok(nanos) => time.plus(nanos).map(Value::object),
        Err(_) => Ok(Value::object(time)),
    }
}

fn must_modify(args: &[Value]) -> Answer {
    let nanos = layout_parse::duration(bytes(args, 0)).map_err(Failure::Error)?;
    time_at(args, 1).plus(nanos).map(Value::object)
}

/// Seconds in a text or an int64, nothing else.
fn duration(args: &[Value]) -> Answer {
    let seconds = match any(args, 0) {
        Value::String(text) => {
            let s = text.as_str().unwrap_or_default();
            let digits = s.strip_prefix(['-', '+']).unwrap_or(s);
            let numeric = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            let limit = if s.starts_with('-') { i64::MIN } else { i64::MAX };
            if numeric { cast::parse_int(s, 10).unwrap_or(limit) } else { 0 }
        }
        Value::Int64(seconds) => *seconds,
        _ => 0,
    };
    Ok(layout::duration_text(seconds.wrapping_mul(1_000_000_000)).into())
}

fn round(args: &[Value]) -> Answer {
    let nanos = match any(args, 0) {
        Value::String(text) => layout_parse::duration(text.as_bytes()).unwrap_or_default(),
        Value::Int64(nanos) => *nanos,
        Value::Object(object) if object.type_name() == TIME => {
            return Err(Failure::unverifiable("`durationRound` of a time gives another result each time"));
        }
        _ => 0,
    };
    let n = nanos.unsigned_abs();
    const HOUR: u64 = 3_600_000_000_000;
    let units =
        [(HOUR * 24 * 365, "y"), (HOUR * 24 * 30, "mo"), (HOUR * 24, "d"), (HOUR, "h"), (60_000_000_000, "m"), (1_000_000_000, "s")];
    let unit = units.iter().find(|(unit, _)| n > *unit);
    Ok(unit.map_or_else(|| "0s".into(), |(unit, name)| format!("{}{name}", n / unit)).into())
}
