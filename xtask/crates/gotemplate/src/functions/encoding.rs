//! Base64 and base32; what cannot be decoded gives the error's text as the result.

use super::support::{Answer, bytes, fixed, string};
use crate::function::Function;
use crate::function::Type::String as Str;
use crate::value::Value;

pub(super) static FUNCTIONS: &[Function] = &[
    fixed("b64enc", &[Str], |a| {
        use base64::Engine;
        Ok(base64::engine::general_purpose::STANDARD.encode(bytes(a, 0)).into())
    }),
    fixed("b64dec", &[Str], |a| decoded(decode_64(bytes(a, 0)), 64)),
    fixed("b32enc", &[Str], |a| Ok(encode_32(bytes(a, 0)).into())),
    fixed("b32dec", &[Str], |a| decoded(decode_32(bytes(a, 0)), 32)),
];

fn decoded(result: Result<Vec<u8>, usize>, base: u8) -> Answer {
    match result {
        Ok(bytes) => string(&bytes),
        Err(at) => Ok(Value::from(format!("illegal base{base} data at input byte {at}"))),
    }
}

fn digit_64(b: u8) -> Option<u32> {
    Some(
        match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        }
        .into(),
    )
}

/// Line ends are skipped. Errors: the position of the first byte that is wrong.
fn decode_64(s: &[u8]) -> Result<Vec<u8>, usize> {
    let skip_lines = |mut at: usize| {
        while matches!(s.get(at), Some(b'\r' | b'\n')) {
            at += 1;
        }
        at
    };
    let (mut out, mut at) = (Vec::with_capacity(s.len() / 4 * 3), 0);
    loop {
        let (mut bits, mut have) = (0u32, 0usize);
        while have < 4 {
            let Some(b) = s.get(at).copied() else {
                return if have == 0 { Ok(out) } else { Err(at - have) };
            };
            at += 1;
            if let Some(digit) = digit_64(b) {
                bits = bits << 6 | digit;
                have += 1;
            } else if b == b'=' && have >= 2 {
                if have == 2 {
                    at = skip_lines(at);
                    match s.get(at) {
                        None => return Err(s.len()),
                        Some(b'=') => at += 1,
                        Some(_) => return Err(at - 1),
                    }
                }
                at = skip_lines(at);
                if at < s.len() {
                    return Err(at);
                }
                let whole = (bits << (6 * (4 - have))).to_be_bytes();
                out.extend_from_slice(whole.get(1..have).unwrap_or_default());
                return Ok(out);
            } else if !matches!(b, b'\r' | b'\n') {
                return Err(at - 1);
            }
        }
        out.extend_from_slice(bits.to_be_bytes().get(1..).unwrap_or_default());
    }
}

const ALPHABET_32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

fn encode_32(s: &[u8]) -> String {
    let mut out = String::with_capacity(s.len().div_ceil(5) * 8);
    for chunk in s.chunks(5) {
        let bits = chunk.iter().fold(0u64, |bits, b| bits << 8 | u64::from(*b)) << (8 * (5 - chunk.len()));
        let digits = (chunk.len() * 8).div_ceil(5);
        for at in 0..8 {
            let digit = (bits >> (35 - 5 * at) & 31) as usize;
            out.push(if at < digits { ALPHABET_32.get(digit).map_or('=', |b| char::from(*b)) } else { '=' });
        }
    }
    out
}

fn decode_32(s: &[u8]) -> Result<Vec<u8>, usize> {
    let s: Vec<u8> = s.iter().copied().filter(|b| !matches!(b, b'\r' | b'\n')).collect();
    let (mut out, mut at) = (Vec::with_capacity(s.len() / 8 * 5), 0);
    while at < s.len() {
        let (mut bits, mut have, mut end) = (0u64, 0usize, false);
        while have < 8 {
            let Some(b) = s.get(at).copied() else { return Err(s.len() - have) };
            at += 1;
            let left = s.len() - at;
            if b == b'=' && have >= 2 && left < 8 {
                if left + have < 7 {
                    return Err(s.len());
                }
                let tail = s.get(at..).unwrap_or_default();
                if let Some(wrong) = tail.iter().take(7 - have).position(|b| *b != b'=') {
                    return Err((s.len() - left + wrong).saturating_sub(1));
                }
                if matches!(have, 3 | 6) {
                    return Err(at - 1);
                }
                end = true;
                break;
            }
            let Some(digit) = ALPHABET_32.iter().position(|known| *known == b) else { return Err(at - 1) };
            bits = bits << 5 | digit as u64;
            have += 1;
        }
        let whole = (bits << (5 * (8 - have))).to_be_bytes();
        out.extend_from_slice(whole.get(3..3 + have * 5 / 8).unwrap_or_default());
        if end {
            break;
        }
    }
    Ok(out)
}
