//! Which URL of a repository means the tree at hand.

use super::model::Tree;

/// A URL in a form in which two spellings of one repository are equal: `git@host:a/b.git`, `ssh://git@host/a/b` and
/// `https://host/a/b/` all are `host/a/b`.
pub fn comparable(url: &str) -> String {
    let url = url.trim();
    let rest = url.split_once("://").map_or_else(
        // `user@host:path`, if no slash comes before the colon.
        || match url.split_once(':') {
            Some((host, path)) if !host.contains('/') => format!("{host}/{}", path.trim_start_matches('/')),
            _ => url.to_string(),
        },
        |(scheme, rest)| if scheme == "file" { rest.to_string() } else { without_port(rest) },
    );
    let rest = match rest.split_once('/') {
        Some((host, path)) if host.contains('@') => format!("{}/{path}", host.rsplit('@').next().unwrap_or(host)),
        _ => rest,
    };
    let rest = rest.trim_end_matches('/');
    rest.strip_suffix(".git").unwrap_or(rest).to_lowercase()
}

fn without_port(rest: &str) -> String {
    match rest.split_once('/') {
        Some((host, path)) => {
            let digits = |port: &str| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
            let host = host.rsplit_once(':').filter(|(_, port)| digits(port)).map_or(host, |(host, _)| host);
            format!("{host}/{path}")
        }
        None => rest.to_string(),
    }
}

/// Does this URL mean the tree?
pub fn is_this(tree: &Tree, url: &str) -> bool {
    let url = comparable(url);
    tree.urls.iter().any(|known| comparable(known) == url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_repository_are_equal() {
        let spellings =
            ["git@github.com:A/b.git", "ssh://git@github.com:22/a/b", "https://github.com/a/b/", "https://u:p@github.com/a/b.git"];
        assert_eq!(spellings.map(comparable), ["github.com/a/b"; 4]);
        assert_eq!(comparable("file:///a/b"), "/a/b");
        assert_ne!(comparable("https://github.com/a/b"), comparable("https://github.com/a/c"));
    }
}
