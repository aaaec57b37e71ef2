//! Checksums of texts: sha1sum, sha256sum, sha512sum, adler32sum.

use sha1::Digest;

use super::support::{bytes, fixed};
use crate::function::Function;
use crate::function::Type::String as Str;
use crate::value::Value;

pub(super) static FUNCTIONS: &[Function] = &[
    fixed("sha1sum", &[Str], |a| Ok(hex(&sha1::Sha1::digest(bytes(a, 0))))),
    fixed("sha256sum", &[Str], |a| Ok(hex(&sha2::Sha256::digest(bytes(a, 0))))),
    fixed("sha512sum", &[Str], |a| Ok(hex(&sha2::Sha512::digest(bytes(a, 0))))),
    fixed("adler32sum", &[Str], |a| Ok(adler32(bytes(a, 0)).to_string().into())),
];

fn hex(hash: &[u8]) -> Value {
    hash.iter().map(|b| format!("{b:02x}")).collect::<String>().into()
}

fn adler32(s: &[u8]) -> u32 {
    let (one, two) = s.iter().fold((1u32, 0u32), |(one, two), b| {
        let one = (one + u32::from(*b)) % 65_521;
        (one, (two + one) % 65_521)
    });
    two << 16 | one
}
