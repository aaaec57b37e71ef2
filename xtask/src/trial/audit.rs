//! The API server's own record of changes: who wrote what.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use serde_json::Value;

use crate::error::Result;

/// The changes (`VERB URI`) that kubectl made, recorded after the first `offset` bytes of the log. Controllers write all the
/// time; this program and its children write through kubectl only.
pub fn writes_since(log: &Path, offset: u64) -> Result<Vec<String>> {
    let mut file = std::fs::File::open(log)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    Ok(parse(&text))
}

fn parse(text: &str) -> Vec<String> {
    let events = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let field = |event: &Value, key: &str| event.get(key).and_then(Value::as_str).unwrap_or_default().to_string();
    let ours = events.filter(|e| field(e, "userAgent").starts_with("kubectl/"));
    ours.map(|e| format!("{} {}", field(&e, "verb"), field(&e, "requestURI"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_kubectl_wrote_counts() {
        let text = r#"{"kind":"Event","verb":"patch","requestURI":"/api/v1/a","userAgent":"kubectl/v1.36.4 (linux/amd64)"}
{"kind":"Event","verb":"update","requestURI":"/api/v1/b","userAgent":"argocd-application-controller/v3"}
{"kind":"Event","verb":"pat"#;
        assert_eq!(parse(text), ["patch /api/v1/a"]);
    }
}
