//! Hosts in texts: URLs, `host:port`, and values of keys that are called like a host.

/// A host that a text names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Host<'a> {
    /// Without a dot at the end.
    pub name: &'a str,
    pub port: Option<u16>,
    /// In the text as it stands, such as `postgresql` of `jdbc:postgresql://…`.
    pub scheme: Option<&'a str>,
    /// It stands alone, in the value of a key that is called like a host.
    pub is_bare: bool,
}

/// The ports that clients take when a URL names none: IANA's registry, and the defaults of the protocols' own clients.
const DEFAULT_PORTS: [(&str, u16); 19] = [
    ("http", 80),
    ("https", 443),
    ("ws", 80),
    ("wss", 443),
    ("ftp", 21),
    ("ssh", 22),
    ("smtp", 25),
    ("ldap", 389),
    ("ldaps", 636),
    ("postgres", 5432),
    ("postgresql", 5432),
    ("mysql", 3306),
    ("mariadb", 3306),
    ("sqlserver", 1433),
    ("redis", 6379),
    ("rediss", 6379),
    ("amqp", 5672),
    ("nats", 4222),
    ("mongodb", 27017),
];

/// What the last word of a key is called whose value is a host.
const HOST_WORDS: [&str; 12] =
    ["host", "hosts", "hostname", "url", "urls", "uri", "uris", "server", "servers", "addr", "address", "endpoint"];

impl Host<'_> {
    /// The port that a client meets; `None` where nothing says which.
    pub fn met_port(&self) -> Option<u16> {
        self.port.or_else(|| DEFAULT_PORTS.iter().find(|(scheme, _)| Some(*scheme) == self.scheme).map(|(_, port)| *port))
    }
}

/// Is a key called like what holds a host: `REDIS_HOST`, `bootstrapServers`, `metrics.endpoint`?
pub fn is_host_key(key: &str) -> bool {
    let start = key.char_indices().rev().find(|(i, c)| matches!(c, '_' | '-' | '.' | '/') || c.is_uppercase() && is_camel(key, *i));
    let last = match start {
        Some((i, c)) if c.is_uppercase() => key.get(i..),
        Some((i, c)) => key.get(i + c.len_utf8()..),
        None => Some(key),
    };
    last.is_some_and(|last| HOST_WORDS.contains(&last.to_ascii_lowercase().as_str()))
}

fn is_camel(key: &str, at: usize) -> bool {
    key.get(..at).is_some_and(|before| before.ends_with(|c: char| c.is_lowercase()))
}

/// The hosts that a text names; `key` is what the text is the value of, or empty.
pub fn in_text<'a>(text: &'a str, key: &str) -> Vec<Host<'a>> {
    let mut found = Vec::new();
    let ends = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '"' | '\'' | '`' | '|' | '(' | ')' | '<' | '>' | '[' | ']' | '=');
    for token in text.split(ends).filter(|token| !token.is_empty()) {
        match token.split_once("://") {
            Some((before, rest)) => found.extend(of_url(before, rest)),
            None => found.extend(of_pair(token)),
        }
    }
    if found.is_empty() && is_host_key(key) {
        let name = text.trim().trim_end_matches('.');
        if is_name(name) {
            found.push(Host { name, port: None, scheme: None, is_bare: true });
        }
    }
    found
}

fn of_url<'a>(before: &'a str, rest: &'a str) -> Option<Host<'a>> {
    let start = before.rfind(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))).map_or(0, |at| at + 1);
    let scheme = before.get(start..).filter(|scheme| !scheme.is_empty())?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (name, port) = match authority.rsplit_once(':') {
        Some((name, port)) => (name, Some(port.parse().ok()?)),
        None => (authority, None),
    };
    let name = name.trim_end_matches('.');
    is_name(name).then_some(Host { name, port, scheme: Some(scheme), is_bare: false })
}

fn of_pair(token: &str) -> Option<Host<'_>> {
    let (name, rest) = token.split_once(':')?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).map_or(rest, |at| rest.get(..at).unwrap_or_default());
    let after = rest.get(digits.len()..).unwrap_or_default();
    if !(after.is_empty() || after.starts_with('/')) {
        return None;
    }
    let port = digits.parse().ok().filter(|port| *port > 0)?;
    // `user@host:port`, `SASL_SSL//host`: what is before is none of the name's business.
    let name = name.rsplit_once(['@', '/']).map_or(name, |(_, name)| name).trim_end_matches('.');
    is_name(name).then_some(Host { name, port: Some(port), scheme: None, is_bare: false })
}

/// Is it a DNS name, and no number?
fn is_name(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.bytes().any(|b| b.is_ascii_lowercase()) && text.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, key: &str) -> Vec<String> {
        let one = |host: &Host| format!("{} {:?} {:?}", host.name, host.met_port(), host.scheme);
        in_text(text, key).iter().map(one).collect()
    }

    #[test]
    fn urls_and_pairs() {
        assert_eq!(shown("http://cart:3000/x?a=b", ""), [r#"cart Some(3000) Some("http")"#]);
        assert_eq!(shown("jdbc:postgresql://user:pw@order-db.data/order", ""), [r#"order-db.data Some(5432) Some("postgresql")"#]);
        assert_eq!(shown("kafka-0:9092,kafka-1:9092", ""), ["kafka-0 Some(9092) None", "kafka-1 Some(9092) None"]);
        assert_eq!(shown("bootstrap.servers=kafka.kafka.svc.cluster.local.:9092\n", ""), ["kafka.kafka.svc.cluster.local Some(9092) None"]);
        assert_eq!(shown("https://api", ""), [r#"api Some(443) Some("https")"#]);
    }

    #[test]
    fn what_is_no_host() {
        for text in ["12:30", "http://${HOST}:80", "http://{{.Values.x}}/", "level: 5", "10.0.0.1:80", "a:b", "nginx", "PORT:80"] {
            assert!(in_text(text, "").is_empty(), "{text}: {:?}", in_text(text, ""));
        }
    }

    #[test]
    fn a_name_alone_needs_a_key_that_says_so() {
        assert_eq!(shown("redis-master", "REDIS_HOST"), ["redis-master None None"]);
        assert_eq!(shown("redis-master", "bootstrapServers").len(), 1);
        assert!(shown("redis-master", "REDIS_NAME").is_empty());
        assert!(shown("redis-master", "GHOST").is_empty());
    }
}
