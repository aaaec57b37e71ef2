//! The built-in escapers: `html`, `js`, `urlquery`.

use crate::unicode::is_print;

pub fn html(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for &byte in bytes {
        match byte {
            0 => out.extend_from_slice("\u{fffd}".as_bytes()),
            b'"' => out.extend_from_slice(b"&#34;"),
            b'\'' => out.extend_from_slice(b"&#39;"),
            b'&' => out.extend_from_slice(b"&amp;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            b'>' => out.extend_from_slice(b"&gt;"),
            _ => out.push(byte),
        }
    }
    out
}

pub fn js(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\\' => out.extend_from_slice(b"\\\\"),
                '\'' => out.extend_from_slice(b"\\'"),
                '"' => out.extend_from_slice(b"\\\""),
                '<' | '>' | '&' | '=' | '\0'..' ' => out.extend_from_slice(format!("\\u{:04X}", u32::from(c)).as_bytes()),
                _ if c.is_ascii() || is_print(c.into()) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
                _ => out.extend_from_slice(format!("\\u{:04X}", u32::from(c)).as_bytes()),
            }
        }
        // Go finds U+FFFD here, which is printable, and writes the byte as it was.
        out.extend_from_slice(chunk.invalid());
    }
    out
}

/// `url.QueryEscape`
pub fn query(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for &byte in bytes {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(byte),
            b' ' => out.push(b'+'),
            _ => out.extend_from_slice(format!("%{byte:02X}").as_bytes()),
        }
    }
    out
}
