//! `.helmignore`: which files of a chart Helm does not load. Source: helm.sh/helm/v4/pkg/ignore.

/// The patterns of one file.
#[derive(Clone, Debug, Default)]
pub struct Ignored {
    patterns: Vec<Pattern>,
}

#[derive(Clone, Debug)]
struct Pattern {
    text: String,
    negated: bool,
    /// Against the whole path; otherwise against its last part.
    whole: bool,
    folder: bool,
}

impl Ignored {
    /// What is no pattern Helm knows, such as one with `**`, matches nothing.
    pub fn parse(text: &str) -> Self {
        // Helm's own first rule.
        let lines = std::iter::once("templates/.?*").chain(text.lines());
        let lines = lines.map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#') && !line.contains("**"));
        let one = |line: &str| {
            let (negated, line) = line.strip_prefix('!').map_or((false, line), |line| (true, line));
            let (folder, line) = line.strip_suffix('/').map_or((false, line), |line| (true, line));
            let whole = line.contains('/');
            Pattern { text: line.trim_start_matches('/').to_string(), negated, whole, folder }
        };
        Ignored { patterns: lines.map(one).collect() }
    }

    /// Is the file, or a folder that it is in, ignored?
    pub fn matches(&self, path: &str) -> bool {
        let folders = path.match_indices('/').filter_map(|(at, _)| path.get(..at)).filter(|folder| !folder.is_empty());
        folders.into_iter().any(|folder| self.one(folder, true)) || self.one(path, false)
    }

    /// A pattern that is negated ignores whatever it does not match: that is how Helm has it.
    fn one(&self, path: &str, is_folder: bool) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        self.patterns.iter().any(|pattern| {
            if pattern.folder && !is_folder {
                return false;
            }
            glob(&pattern.text, if pattern.whole { path } else { name }) != pattern.negated
        })
    }
}

/// Go's `filepath.Match` without character classes: `*` and `?` stop at a slash.
fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while t < text.len() {
        match (pattern.get(p), text.get(t)) {
            (Some('*'), _) => {
                back = Some((p + 1, t));
                p += 1;
            }
            (Some('?'), Some(c)) if *c != '/' => (p, t) = (p + 1, t + 1),
            (Some(a), Some(b)) if a == b => (p, t) = (p + 1, t + 1),
            _ => match back {
                Some((after, from)) if text.get(from) != Some(&'/') => {
                    back = Some((after, from + 1));
                    (p, t) = (after, from + 1);
                }
                _ => return false,
            },
        }
    }
    pattern.get(p..).is_none_or(|rest| rest.iter().all(|c| *c == '*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_helm_has_it() {
        let ignored = Ignored::parse("# tools\n*.orig\nrule-tests/\n/templates/old.yaml\n");
        for path in ["templates/a.yaml.orig", "rule-tests/istio.yaml", "templates/old.yaml", "templates/.a.yaml.swp"] {
            assert!(ignored.matches(path), "{path}");
        }
        for path in ["templates/a.yaml", "rule-tests", "templates/sub/old.yaml", ".helmignore"] {
            assert!(!ignored.matches(path), "{path}");
        }
    }
}
