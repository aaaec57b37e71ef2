//! `time.Time` in UTC or at a fixed offset, `time.Duration`, `time.Month` and `time.Weekday`.

use super::layout;
use crate::function::{Failure, Type};
use crate::object::{Method, Object};
use crate::value::{Kind, Value};

pub(super) const TIME: &str = "time.Time";
pub(super) const DURATION: &str = "time.Duration";

/// A moment and the zone it is shown in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Time {
    /// Seconds since 1970.
    pub(super) unix: i64,
    pub(super) nanos: u32,
    /// Seconds east of Greenwich.
    pub(super) offset: i32,
    /// `UTC`, or the abbreviation of a made-up zone; nothing if only the offset is known.
    pub(super) zone: String,
}

/// Year, month, day, hour, minute, second; day of the year from 1; weekday from Sunday 0.
pub(super) struct Civil {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
    pub(super) year_day: i64,
    pub(super) weekday: i64,
}

const DAY: i64 = 86_400;

/// Days since 1970 of a date; months and days may be out of their range.
pub(super) fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = year + (month - 1).div_euclid(12);
    let month = (month - 1).rem_euclid(12) + 1;
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let of_era = shifted.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

impl Time {
    pub(super) fn utc(unix: i64, nanos: u32) -> Self {
        Self { unix, nanos, offset: 0, zone: "UTC".into() }
    }

    pub(super) fn zero() -> Self {
        Self::utc(-62_135_596_800, 0)
    }

    /// Errors: years of more than seven digits.
    pub(super) fn from_unix(unix: i64) -> Result<Self, Failure> {
        if unix.unsigned_abs() > 100_000_000_000_000 {
            return Err(Failure::unverifiable("a date millions of years away"));
        }
        Ok(Self::utc(unix, 0))
    }

    pub(super) fn civil(&self) -> Civil {
        let local = self.unix + i64::from(self.offset);
        let (days, second) = (local.div_euclid(DAY), local.rem_euclid(DAY));
        let shifted = days + 719_468;
        let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Civil {
            year,
            month,
            day,
            hour: second / 3600,
            minute: second % 3600 / 60,
            second: second % 60,
            year_day: days - days_from_civil(year, 1, 1) + 1,
            weekday: (days + 4).rem_euclid(7),
        }
    }

    pub(super) fn plus(&self, nanos: i64) -> Result<Self, Failure> {
        let sum = i64::from(self.nanos) + nanos.rem_euclid(1_000_000_000);
        let unix = self.unix + nanos.div_euclid(1_000_000_000) + sum / 1_000_000_000;
        Self::from_unix(unix)?;
        Ok(Self { unix, nanos: (sum % 1_000_000_000) as u32, ..self.clone() })
    }

    fn in_utc(&self) -> Self {
        Self::utc(self.unix, self.nanos)
    }

    fn moment(&self) -> (i64, u32) {
        (self.unix, self.nanos)
    }
}

fn of(object: &dyn Object) -> Time {
    object.downcast::<Time>().cloned().unwrap_or_else(Time::zero)
}

pub(super) fn time_at(args: &[Value], at: usize) -> Time {
    match args.get(at) {
        Some(Value::Object(object)) => of(object.as_ref()),
        _ => Time::zero(),
    }
}

fn int_at(args: &[Value], at: usize) -> i64 {
    args.get(at).and_then(Value::as_int).unwrap_or_default()
}

const ONE_TIME: &[Type] = &[Type::Object(TIME)];
type Call = fn(&dyn Object, &[Value]) -> Result<Value, Failure>;

impl Object for Time {
    fn type_name(&self) -> &'static str {
        TIME
    }

    fn kind(&self) -> Kind {
        Kind::Struct
    }

    fn text(&self) -> Option<String> {
        Some(layout::format(self, b"2006-01-02 15:04:05.999999999 -0700 MST"))
    }

    fn method(&self, name: &str) -> Option<Method> {
        let (params, call): (&'static [Type], Call) = match name {
            "Year" => (&[], |t, _| Ok(Value::Int(of(t).civil().year))),
            "Month" => (&[], |t, _| Ok(Value::object(Named::Month(of(t).civil().month)))),
            "Day" => (&[], |t, _| Ok(Value::Int(of(t).civil().day))),
            "Hour" => (&[], |t, _| Ok(Value::Int(of(t).civil().hour))),
            "Minute" => (&[], |t, _| Ok(Value::Int(of(t).civil().minute))),
            "Second" => (&[], |t, _| Ok(Value::Int(of(t).civil().second))),
            "Nanosecond" => (&[], |t, _| Ok(Value::Int(of(t).nanos.into()))),
            "YearDay" => (&[], |t, _| Ok(Value::Int(of(t).civil().year_day))),
            "Weekday" => (&[], |t, _| Ok(Value::object(Named::Weekday(of(t).civil().weekday)))),
            "Unix" => (&[], |t, _| Ok(Value::Int64(of(t).unix))),
            "UnixMilli" => (&[], |t, _| Ok(Value::Int64(of(t).unix.wrapping_mul(1000) + i64::from(of(t).nanos / 1_000_000)))),
            "UnixMicro" => (&[], |t, _| Ok(Value::Int64(of(t).unix.wrapping_mul(1_000_000) + i64::from(of(t).nanos / 1000)))),
            "UnixNano" => (&[], |t, _| Ok(Value::Int64(of(t).unix.wrapping_mul(1_000_000_000).wrapping_add(of(t).nanos.into())))),
            "UTC" | "Local" => (&[], |t, _| Ok(Value::object(of(t).in_utc()))),
            "String" => (&[], |t, _| Ok(t.text().unwrap_or_default().into())),
            "IsZero" => (&[], |t, _| Ok((of(t).moment() == Time::zero().moment()).into())),
            "IsDST" => (&[], |_, _| Ok(false.into())),
            "Format" => (&[Type::String], |t, a| Ok(layout::format(&of(t), super::support::bytes(a, 0)).into())),
            "Equal" => (ONE_TIME, |t, a| Ok((of(t).moment() == time_at(a, 0).moment()).into())),
            "Before" => (ONE_TIME, |t, a| Ok((of(t).moment() < time_at(a, 0).moment()).into())),
            "After" => (ONE_TIME, |t, a| Ok((of(t).moment() > time_at(a, 0).moment()).into())),
            "Compare" => (ONE_TIME, |t, a| Ok(Value::Int(of(t).moment().cmp(&time_at(a, 0).moment()) as i64))),
            "Sub" => (ONE_TIME, |t, a| {
                let (one, two) = (of(t), time_at(a, 0));
                let nanos = i128::from(one.unix - two.unix) * 1_000_000_000 + i128::from(one.nanos) - i128::from(two.nanos);
                Ok(Value::object(Named::Duration(nanos.clamp(i64::MIN.into(), i64::MAX.into()) as i64)))
            }),
            "Add" => (&[Type::Object(DURATION)], |t, a| Ok(Value::object(of(t).plus(int_at(a, 0))?))),
            "AddDate" => (&[Type::Int, Type::Int, Type::Int], |t, a| {
                let (time, civil) = (of(t), of(t).civil());
                if (0..3).any(|at| int_at(a, at).unsigned_abs() > 1_000_000) {
                    return Err(Failure::unverifiable("a date thousands of years away"));
                }
                let days = days_from_civil(civil.year + int_at(a, 0), civil.month + int_at(a, 1), civil.day + int_at(a, 2));
                let unix = days * DAY + civil.hour * 3600 + civil.minute * 60 + civil.second - i64::from(time.offset);
                Ok(Value::object(Time { unix, ..time }))
            }),
            _ => return None,
        };
        Some(Method { params, variadic: None, call })
    }

    /// Not the moment only: the zone as well.
    fn equal(&self, other: &dyn Object) -> bool {
        other.downcast::<Self>() == Some(self)
    }

    fn json(&self) -> Result<serde_json::Value, Failure> {
        if !(0..=9999).contains(&self.civil().year) {
            return Err(Failure::error(
                "json: error calling MarshalJSON for type time.Time: Time.MarshalJSON: year outside of range [0,9999]",
            ));
        }
        Ok(layout::format(self, b"2006-01-02T15:04:05.999999999Z07:00").into())
    }
}

/// A number with a name of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    Duration(i64),
    Month(i64),
    Weekday(i64),
}

fn duration_of(object: &dyn Object) -> i64 {
    object.integer().unwrap_or_default()
}

impl Object for Named {
    fn type_name(&self) -> &'static str {
        match self {
            Self::Duration(_) => DURATION,
            Self::Month(_) => "time.Month",
            Self::Weekday(_) => "time.Weekday",
        }
    }

    fn kind(&self) -> Kind {
        if matches!(self, Self::Duration(_)) { Kind::Int64 } else { Kind::Int }
    }

    fn integer(&self) -> Option<i64> {
        match self {
            Self::Duration(n) | Self::Month(n) | Self::Weekday(n) => Some(*n),
        }
    }

    fn text(&self) -> Option<String> {
        Some(match self {
            Self::Duration(nanos) => layout::duration_text(*nanos),
            Self::Month(n) => layout::name_of(&layout::MONTHS, n - 1).into(),
            Self::Weekday(n) => layout::name_of(&layout::DAYS, *n).into(),
        })
    }

    fn method(&self, name: &str) -> Option<Method> {
        let call: Call = match (self, name) {
            (_, "String") => |n, _| Ok(n.text().unwrap_or_default().into()),
            (Self::Duration(_), "Hours") => |d, _| Ok((duration_of(d) as f64 / 3.6e12).into()),
            (Self::Duration(_), "Minutes") => |d, _| Ok((duration_of(d) as f64 / 6e10).into()),
            (Self::Duration(_), "Seconds") => |d, _| {
                let (whole, part) = (duration_of(d) / 1_000_000_000, duration_of(d) % 1_000_000_000);
                Ok((whole as f64 + part as f64 / 1e9).into())
            },
            (Self::Duration(_), "Milliseconds") => |d, _| Ok(Value::Int64(duration_of(d) / 1_000_000)),
            (Self::Duration(_), "Microseconds") => |d, _| Ok(Value::Int64(duration_of(d) / 1000)),
            (Self::Duration(_), "Nanoseconds") => |d, _| Ok(Value::Int64(duration_of(d))),
            _ => return None,
        };
        Some(Method { params: &[], variadic: None, call })
    }

    fn equal(&self, other: &dyn Object) -> bool {
        other.downcast::<Self>() == Some(self)
    }

    fn json(&self) -> Result<serde_json::Value, Failure> {
        Ok(self.integer().unwrap_or_default().into())
    }
}
