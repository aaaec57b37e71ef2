//! urlParse and urlJoin, as `net/url` reads and writes.

use std::net::Ipv6Addr;

use super::support::{Answer, chars, fixed, map, nil_dereference};
use crate::function::Type::{Map as Dict, String as Str};
use crate::function::{Failure, Function};
use crate::text::Text;
use crate::value::Value;

pub(super) static FUNCTIONS: &[Function] = &[fixed("urlParse", &[Str], url_parse), fixed("urlJoin", &[Dict], url_join)];

/// Which bytes may stand unescaped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Path,
    Fragment,
    User,
    Host,
}

#[derive(Default)]
struct Url {
    scheme: String,
    opaque: String,
    /// Name, and the password if there is a colon.
    user: Option<(Vec<u8>, Option<Vec<u8>>)>,
    host: Vec<u8>,
    path: Vec<u8>,
    query: String,
    fragment: Vec<u8>,
}

fn allowed(b: u8, mode: Mode) -> bool {
    match b {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => true,
        b'!' | b'\'' | b'(' | b')' | b'*' => matches!(mode, Mode::Host | Mode::Fragment) && (mode != Mode::Fragment || b != b'\''),
        b'[' | b']' | b'<' | b'>' | b'"' => mode == Mode::Host,
        b'$' | b'&' | b'+' | b',' | b'/' | b':' | b';' | b'=' | b'?' | b'@' => match mode {
            Mode::Path => b != b'?',
            Mode::User => !matches!(b, b'@' | b'/' | b'?' | b':'),
            Mode::Fragment => true,
            Mode::Host => !matches!(b, b'/' | b'?' | b'@'),
        },
        _ => false,
    }
}

fn escape(s: &[u8], mode: Mode) -> String {
    let mut out = String::with_capacity(s.len());
    for b in s {
        if allowed(*b, mode) {
            out.push((*b).into());
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
    }
    out
}

/// Go's text for the first bad escape, or what is not allowed in a host.
fn unescape(s: &str, mode: Mode) -> Result<Vec<u8>, String> {
    let (bytes, mut out, mut at) = (s.as_bytes(), Vec::with_capacity(s.len()), 0);
    while let Some(b) = bytes.get(at).copied() {
        if b == b'%' {
            let shown = bytes.get(at..(at + 3).min(bytes.len())).unwrap_or_default();
            let bad = || format!("invalid URL escape {}", crate::quote::quote(shown));
            let hex = |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16));
            let (Some(high), Some(low)) = (hex(at + 1), hex(at + 2)) else { return Err(bad()) };
            if mode == Mode::Host && high < 8 && shown != b"%25" {
                return Err(bad());
            }
            out.push((high * 16 + low) as u8);
            at += 3;
            continue;
        }
        if mode == Mode::Host && b < 0x80 && !allowed(b, mode) {
            return Err(format!("invalid character {} in host name", crate::quote::quote(&[b])));
        }
        out.push(b);
        at += 1;
    }
    Ok(out)
}

fn parse(raw: &str) -> Result<Url, String> {
    let (start, fragment) = raw.split_once('#').unwrap_or((raw, ""));
    let shown = |url: &str, why: String| format!("parse {}: {why}", crate::quote::quote(url.as_bytes()));
    let mut url = parse_start(start).map_err(|why| shown(start, why))?;
    url.fragment = unescape(fragment, Mode::Fragment).map_err(|why| shown(raw, why))?;
    Ok(url)
}

fn parse_start(raw: &str) -> Result<Url, String> {
    if raw.bytes().any(|b| b < b' ' || b == 0x7f) {
        return Err("net/url: invalid control character in URL".into());
    }
    let mut url = Url::default();
    if raw == "*" {
        url.path = b"*".to_vec();
        return Ok(url);
    }
    let mut rest = raw;
    for (at, b) in raw.bytes().enumerate() {
        match b {
            b'a'..=b'z' | b'A'..=b'Z' => continue,
            b'0'..=b'9' | b'+' | b'-' | b'.' if at > 0 => continue,
            b':' if at == 0 => return Err("missing protocol scheme".into()),
            b':' => {
                url.scheme = raw.get(..at).unwrap_or_default().to_ascii_lowercase();
                rest = raw.get(at + 1..).unwrap_or_default();
            }
            _ => {}
        }
        break;
    }
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    url.query = query.into();
    let mut path = rest;
    if !path.starts_with('/') {
        if !url.scheme.is_empty() {
            url.opaque = path.into();
            return Ok(url);
        }
        if path.split('/').next().is_some_and(|segment| segment.contains(':')) {
            return Err("first path segment in URL cannot contain colon".into());
        }
    }
    if let Some(after) = path.strip_prefix("//").filter(|_| !url.scheme.is_empty() || !path.starts_with("///")) {
        let end = after.find('/').unwrap_or(after.len());
        let (authority, tail) = after.split_at(end);
        url.read_authority(authority)?;
        path = tail;
    }
    url.path = unescape(path, Mode::Path)?;
    Ok(url)
}

impl Url {
    fn read_authority(&mut self, authority: &str) -> Result<(), String> {
        let (user, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
        self.host = host_of(&self.scheme, host)?;
        let Some(user) = user else { return Ok(()) };
        if !user.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&b)) {
            return Err("net/url: invalid userinfo".into());
        }
        let (name, password) = user.split_once(':').map_or((user, None), |(name, password)| (name, Some(password)));
        let password = password.map(|password| unescape(password, Mode::User)).transpose()?;
        self.user = Some((unescape(name, Mode::User)?, password));
        Ok(())
    }

    fn user_text(&self) -> Option<String> {
        let (name, password) = self.user.as_ref()?;
        let password = password.as_ref().map(|password| format!(":{}", escape(password, Mode::User)));
        Some(escape(name, Mode::User) + &password.unwrap_or_default())
    }

    /// `URL.String` of one that was put together, not read.
    fn text(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if !self.scheme.is_empty() {
            out.extend_from_slice(self.scheme.as_bytes());
            out.push(b':');
        }
        if !self.opaque.is_empty() {
            out.extend_from_slice(self.opaque.as_bytes());
        } else {
            let user = self.user_text();
            if !self.host.is_empty() || user.is_some() || !self.scheme.is_empty() && !self.path.is_empty() {
                out.extend_from_slice(b"//");
            }
            if let Some(user) = user {
                out.extend_from_slice(user.as_bytes());
                out.push(b'@');
            }
            out.extend_from_slice(escape(&self.host, Mode::Host).as_bytes());
            let path = if self.path == b"*" { "*".into() } else { escape(&self.path, Mode::Path) };
            if !path.is_empty() && !path.starts_with('/') && !self.host.is_empty() {
                out.push(b'/');
            }
            if out.is_empty() && path.split('/').next().is_some_and(|segment| segment.contains(':')) {
                out.extend_from_slice(b"./");
            }
            out.extend_from_slice(path.as_bytes());
        }
        if !self.query.is_empty() {
            out.push(b'?');
            out.extend_from_slice(self.query.as_bytes());
        }
        if !self.fragment.is_empty() {
            out.push(b'#');
            out.extend_from_slice(escape(&self.fragment, Mode::Fragment).as_bytes());
        }
        out
    }
}

fn valid_port(port: &str) -> bool {
    port.is_empty() || port.strip_prefix(':').is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_digit()))
}

fn host_of(scheme: &str, host: &str) -> Result<Vec<u8>, String> {
    let bad_port = |port: &str| Err(format!("invalid port {} after host", crate::quote::quote(port.as_bytes())));
    match host.rfind('[') {
        Some(0) => {
            let Some(end) = host.rfind(']') else { return Err("missing ']' in host".into()) };
            let (inside, port) = (host.get(1..end).unwrap_or_default(), host.get(end + 1..).unwrap_or_default());
            if !valid_port(port) {
                return bad_port(port);
            }
            // The address's own grammar is left to the standard library; zones and what it refuses are refused here.
            if inside.parse::<Ipv6Addr>().is_err() {
                return Err("invalid host".into());
            }
            return Ok(host.as_bytes().to_vec());
        }
        Some(_) => return Err("invalid IP-literal".into()),
        None => {}
    }
    if let Some(first) = host.find(':') {
        let strict = matches!(scheme, "http" | "https");
        let port = host.get(if strict { first } else { host.rfind(':').unwrap_or(first) }..).unwrap_or_default();
        if !valid_port(port) {
            return bad_port(port);
        }
    }
    unescape(host, Mode::Host)
}

/// `URL.Hostname`: without port and brackets.
fn hostname(host: &[u8]) -> &[u8] {
    let colon = host.iter().rposition(|b| *b == b':');
    let port_at = colon.filter(|at| host.get(at + 1..).is_some_and(|port| port.iter().all(u8::is_ascii_digit)));
    let host = host.get(..port_at.unwrap_or(host.len())).unwrap_or_default();
    host.strip_prefix(b"[").and_then(|host| host.strip_suffix(b"]")).unwrap_or(host)
}

fn url_parse(args: &[Value]) -> Answer {
    let raw = chars(args, 0)?;
    let url = parse(raw).map_err(|why| {
        if why.ends_with(": invalid host") {
            return Failure::unverifiable("a URL with an address in brackets that is no plain IPv6 address");
        }
        Failure::Error(format!("unable to parse url: {why}"))
    })?;
    let user = url.user_text().unwrap_or_default();
    let entries: [(&str, &[u8]); 8] = [
        ("scheme", url.scheme.as_bytes()),
        ("host", &url.host),
        ("hostname", hostname(&url.host)),
        ("path", &url.path),
        ("query", url.query.as_bytes()),
        ("opaque", url.opaque.as_bytes()),
        ("fragment", &url.fragment),
        ("userinfo", user.as_bytes()),
    ];
    Ok(Value::map(entries.map(|(key, value)| (key, Value::String(Text::from_bytes(value))))))
}

fn url_join(args: &[Value]) -> Answer {
    let dict = map(args, 0);
    let get = |key: &str| match dict.get(key.as_bytes()) {
        None => Ok(Text::from("")),
        Some(Value::String(text)) => Ok(text),
        Some(Value::Nil) => Err(nil_dereference()),
        Some(other) => Err(Failure::Error(format!("unable to parse {key} key, must be of type string, but {} found", other.kind().name()))),
    };
    let mut url = Url {
        scheme: get("scheme")?.to_str()?.into(),
        host: get("host")?.as_bytes().to_vec(),
        path: get("path")?.as_bytes().to_vec(),
        query: get("query")?.to_str()?.into(),
        opaque: get("opaque")?.to_str()?.into(),
        fragment: get("fragment")?.as_bytes().to_vec(),
        user: None,
    };
    let user = get("userinfo")?;
    if !user.is_empty() {
        let raw = format!("proto://{}@host", user.to_str()?);
        let parsed = parse(&raw).map_err(|why| Failure::Error(format!("unable to parse userinfo in dict: {why}")))?;
        url.user = parsed.user;
    }
    Ok(Value::String(Text::from_bytes(&url.text())))
}
