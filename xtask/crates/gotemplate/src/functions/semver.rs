//! Versions and constraints of github.com/Masterminds/semver v3.

use std::cmp::Ordering;

use super::semver_constraint::Constraints;
use super::support::{bytes, chars, fixed};
use crate::function::Type::{Pointer, String as Str};
use crate::function::{Failure, Function, Type};
use crate::object::{Method, Object};
use crate::value::{Kind, Value};

pub(super) static FUNCTIONS: &[Function] = &[
    fixed("semver", &[Str], |a| Ok(Value::object(Version::parse(bytes(a, 0))?))),
    fixed("semverCompare", &[Str, Str], |a| {
        let constraints = Constraints::parse(chars(a, 0)?)?;
        Ok(constraints.check(&Version::parse(bytes(a, 1))?).into())
    }),
];

const NAME: &str = "*semver.Version";

#[derive(Clone, Debug, Default)]
pub(super) struct Version {
    pub(super) major: u64,
    pub(super) minor: u64,
    pub(super) patch: u64,
    pub(super) pre: String,
    metadata: String,
    original: String,
}

fn failed(text: &str) -> Failure {
    Failure::error(text)
}

fn invalid() -> Failure {
    failed("invalid semantic version")
}

/// Letters, digits, `-` and `.`, without an empty part: what may follow `-` and `+`.
fn is_dotted(s: &str) -> bool {
    s.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
}

impl Version {
    /// `NewVersion`, which completes `v1` and `1.2`.
    pub(super) fn parse(text: &[u8]) -> Result<Self, Failure> {
        let original = std::str::from_utf8(text).map_err(|_| invalid())?;
        let s = original.strip_prefix('v').unwrap_or(original);
        let (s, metadata) = s.split_once('+').map_or((s, None), |(s, metadata)| (s, Some(metadata)));
        let (s, pre) = s.split_once('-').map_or((s, None), |(s, pre)| (s, Some(pre)));
        let parts: Vec<&str> = s.split('.').collect();
        let numeric = parts.iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
        if parts.len() > 3 || !numeric || !pre.is_none_or(is_dotted) || !metadata.is_none_or(is_dotted) {
            return Err(invalid());
        }
        let number = |at: usize| -> Result<u64, Failure> {
            let Some(part) = parts.get(at) else { return Ok(0) };
            part.parse().map_err(|_| {
                Failure::Error(format!("error parsing version segment: strconv.ParseUint: parsing \"{part}\": value out of range"))
            })
        };
        let version = Self {
            major: number(0)?,
            minor: number(1)?,
            patch: number(2)?,
            pre: pre.unwrap_or_default().into(),
            metadata: metadata.unwrap_or_default().into(),
            original: original.into(),
        };
        let leading_zero = |part: &str| part.len() > 1 && part.starts_with('0') && part.bytes().all(|b| b.is_ascii_digit());
        if version.pre.split('.').any(leading_zero) {
            return Err(failed("version segment starts with 0"));
        }
        Ok(version)
    }

    fn text(&self) -> String {
        let mut out = format!("{}.{}.{}", self.major, self.minor, self.patch);
        for (sign, part) in [('-', &self.pre), ('+', &self.metadata)] {
            if !part.is_empty() {
                out.push(sign);
                out.push_str(part);
            }
        }
        out
    }

    /// By precedence; what follows `+` does not count.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let numbers = |v: &Self| (v.major, v.minor, v.patch);
        numbers(self).cmp(&numbers(other)).then_with(|| match (self.pre.is_empty(), other.pre.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => compare_pre(&self.pre, &other.pre),
        })
    }

    fn increased(&self, major: u64, minor: u64, patch: u64) -> Self {
        let prefix = if self.original.starts_with('v') { "v" } else { "" };
        Self { major, minor, patch, original: format!("{prefix}{major}.{minor}.{patch}"), ..Self::default() }
    }
}

pub(super) fn compare_pre(one: &str, two: &str) -> Ordering {
    let (mut ones, mut twos) = (one.split('.'), two.split('.'));
    loop {
        let (one, two) = match (ones.next(), twos.next()) {
            (None, None) => return Ordering::Equal,
            (one, two) => (one.unwrap_or_default(), two.unwrap_or_default()),
        };
        if one == two {
            continue;
        }
        if one.is_empty() || two.is_empty() {
            return if one.is_empty() { Ordering::Less } else { Ordering::Greater };
        }
        return match (one.parse::<u64>(), two.parse::<u64>()) {
            (Err(_), Err(_)) => one.cmp(two),
            (Ok(_), Err(_)) => Ordering::Less,
            (Err(_), Ok(_)) => Ordering::Greater,
            // Equal numbers written in two ways: the first counts as smaller, as there.
            (Ok(one), Ok(two)) => {
                if one > two {
                    Ordering::Greater
                } else {
                    Ordering::Less
                }
            }
        };
    }
}

fn of(object: &dyn Object) -> Version {
    object.downcast::<Version>().cloned().unwrap_or_default()
}

/// The other version of a comparing method. Errors: Go's panic for nil.
fn other(args: &[Value]) -> Result<Version, Failure> {
    match args.first() {
        Some(Value::Object(object)) => Ok(of(object.as_ref())),
        _ => Err(super::support::nil_dereference()),
    }
}

const ONE: &[Type] = &[Pointer(NAME)];

impl Object for Version {
    fn type_name(&self) -> &'static str {
        NAME
    }

    fn kind(&self) -> Kind {
        Kind::Pointer
    }

    fn text(&self) -> Option<String> {
        Some(Self::text(self))
    }

    fn method(&self, name: &str) -> Option<Method> {
        let (params, call): (&'static [Type], fn(&dyn Object, &[Value]) -> Result<Value, Failure>) = match name {
            "Major" => (&[], |v, _| Ok(Value::Uint64(of(v).major))),
            "Minor" => (&[], |v, _| Ok(Value::Uint64(of(v).minor))),
            "Patch" => (&[], |v, _| Ok(Value::Uint64(of(v).patch))),
            "Prerelease" => (&[], |v, _| Ok(of(v).pre.into())),
            "Metadata" => (&[], |v, _| Ok(of(v).metadata.into())),
            "Original" => (&[], |v, _| Ok(of(v).original.into())),
            "String" => (&[], |v, _| Ok(of(v).text().into())),
            "Compare" => (ONE, |v, a| Ok(Value::Int(of(v).compare(&other(a)?) as i64))),
            "Equal" => (ONE, |v, a| Ok((!a.iter().all(Value::is_nil) && of(v).compare(&other(a)?).is_eq()).into())),
            "LessThan" => (ONE, |v, a| Ok(of(v).compare(&other(a)?).is_lt().into())),
            "LessThanEqual" => (ONE, |v, a| Ok(of(v).compare(&other(a)?).is_le().into())),
            "GreaterThan" => (ONE, |v, a| Ok(of(v).compare(&other(a)?).is_gt().into())),
            "GreaterThanEqual" => (ONE, |v, a| Ok(of(v).compare(&other(a)?).is_ge().into())),
            "IncMajor" => (&[], |v, _| Ok(Value::object(Next(of(v).increased(of(v).major.wrapping_add(1), 0, 0))))),
            "IncMinor" => (&[], |v, _| Ok(Value::object(Next(of(v).increased(of(v).major, of(v).minor.wrapping_add(1), 0))))),
            "IncPatch" => (&[], |v, _| {
                let v = of(v);
                let patch = if v.pre.is_empty() { v.patch.wrapping_add(1) } else { v.patch };
                Ok(Value::object(Next(v.increased(v.major, v.minor, patch))))
            }),
            _ => return None,
        };
        Some(Method { params, variadic: None, call })
    }

    fn equal(&self, other: &dyn Object) -> bool {
        other.downcast::<Self>().is_some_and(|other| {
            self.compare(other).is_eq() && self.pre == other.pre && self.metadata == other.metadata && self.original == other.original
        })
    }

    fn json(&self) -> Result<serde_json::Value, Failure> {
        Ok(Self::text(self).into())
    }
}

/// A `semver.Version` that is not behind a pointer, as the `Inc…` methods return it.
#[derive(Clone, Debug)]
struct Next(Version);

impl Object for Next {
    fn type_name(&self) -> &'static str {
        "semver.Version"
    }

    fn kind(&self) -> Kind {
        Kind::Struct
    }

    fn text(&self) -> Option<String> {
        Some(self.0.text())
    }

    /// Those that need no pointer: the value itself has no address.
    fn method(&self, name: &str) -> Option<Method> {
        let call: fn(&dyn Object, &[Value]) -> Result<Value, Failure> = match name {
            "Major" => |v, _| Ok(Value::Uint64(next(v).major)),
            "Minor" => |v, _| Ok(Value::Uint64(next(v).minor)),
            "Patch" => |v, _| Ok(Value::Uint64(next(v).patch)),
            "Prerelease" => |v, _| Ok(next(v).pre.into()),
            "Metadata" => |v, _| Ok(next(v).metadata.into()),
            "String" => |v, _| Ok(next(v).text().into()),
            "IncMajor" => |v, _| Ok(Value::object(Next(next(v).increased(next(v).major.wrapping_add(1), 0, 0)))),
            "IncMinor" => |v, _| Ok(Value::object(Next(next(v).increased(next(v).major, next(v).minor.wrapping_add(1), 0)))),
            "IncPatch" => |v, _| Ok(Value::object(Next(next(v).increased(next(v).major, next(v).minor, next(v).patch.wrapping_add(1))))),
            _ => return None,
        };
        Some(Method { params: &[], variadic: None, call })
    }

    fn equal(&self, other: &dyn Object) -> bool {
        other.downcast::<Self>().is_some_and(|other| Object::equal(&self.0, &other.0))
    }

    fn json(&self) -> Result<serde_json::Value, Failure> {
        Ok(self.0.text().into())
    }
}

fn next(object: &dyn Object) -> Version {
    object.downcast::<Next>().map(|next| next.0.clone()).unwrap_or_default()
}
