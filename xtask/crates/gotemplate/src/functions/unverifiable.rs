//! Functions that draw lots, read the clock, or need cryptography that this program leaves out.

use super::support::{Answer, any, bytes, fixed, not_a};
use crate::function::Type::{Any, Int, List, Object, String as Str, Uint64};
use crate::function::{Failure, Function};
use crate::value::Value;

const CERTIFICATE: &str = "sprig.certificate";

pub(super) static FUNCTIONS: &[Function] = &[
    fixed("now", &[], |_| changing("now", "time")),
    fixed("randAlphaNum", &[Int], |_| changing("randAlphaNum", "text")),
    fixed("randAlpha", &[Int], |_| changing("randAlpha", "text")),
    fixed("randAscii", &[Int], |_| changing("randAscii", "text")),
    fixed("randNumeric", &[Int], |_| changing("randNumeric", "text")),
    fixed("randBytes", &[Int], rand_bytes),
    fixed("uuidv4", &[], |_| changing("uuidv4", "id")),
    fixed("shuffle", &[Str], shuffle),
    fixed("bcrypt", &[Str], |_| changing("bcrypt", "salt")),
    fixed("htpasswd", &[Str, Str], htpasswd),
    fixed("genPrivateKey", &[Str], |_| changing("genPrivateKey", "key")),
    fixed("genCA", &[Str, Int], |_| changing("genCA", "key")),
    fixed("genCAWithKey", &[Str, Int, Str], |_| changing("genCAWithKey", "certificate")),
    fixed("genSelfSignedCert", &[Str, List, List, Int], |_| changing("genSelfSignedCert", "key")),
    fixed("genSelfSignedCertWithKey", &[Str, List, List, Int, Str], |_| changing("genSelfSignedCertWithKey", "certificate")),
    fixed("genSignedCert", &[Str, List, List, Int, Object(CERTIFICATE)], |_| changing("genSignedCert", "key")),
    fixed("genSignedCertWithKey", &[Str, List, List, Int, Object(CERTIFICATE), Str], |_| changing("genSignedCertWithKey", "certificate")),
    fixed("encryptAES", &[Str, Str], |_| changing("encryptAES", "start value")),
    fixed("decryptAES", &[Str, Str], |_| left_out("decryptAES")),
    fixed("buildCustomCert", &[Str, Str], |_| left_out("buildCustomCert")),
    fixed("derivePassword", &[Uint64, Str, Str, Str, Str], derive_password),
    fixed("ago", &[Any], |_| changing("ago", "duration")),
    fixed("fail", &[Str], |a| match any(a, 0).as_text() {
        Some(text) => Err(Failure::Error(text.lossy().into_owned())),
        None => Err(not_a(any(a, 0), "string")),
    }),
];

fn changing(name: &str, what: &str) -> Answer {
    Err(Failure::Unverifiable(format!("`{name}` gives another {what} each time")))
}

fn left_out(name: &str) -> Answer {
    Err(Failure::Unverifiable(format!("`{name}` is cryptography that is not computed offline")))
}

fn rand_bytes(args: &[Value]) -> Answer {
    match super::support::int(args, 0) {
        0 => Ok(Value::from("")),
        count if count < 0 => Err(Failure::error("runtime error: makeslice: len out of range")),
        _ => changing("randBytes", "text"),
    }
}

fn shuffle(args: &[Value]) -> Answer {
    match super::support::chars(args, 0) {
        Ok(text) if text.chars().count() < 2 => Ok(Value::from(text)),
        _ => changing("shuffle", "order"),
    }
}

fn htpasswd(args: &[Value]) -> Answer {
    let name = bytes(args, 0);
    if name.contains(&b':') {
        return Ok(Value::from(format!("invalid username: {}", String::from_utf8_lossy(name))));
    }
    changing("htpasswd", "salt")
}

fn derive_password(args: &[Value]) -> Answer {
    match bytes(args, 1) {
        b"maximum" | b"long" | b"medium" | b"short" | b"basic" | b"pin" => left_out("derivePassword"),
        other => Ok(Value::from(format!("cannot find password template {}", String::from_utf8_lossy(other)))),
    }
}
