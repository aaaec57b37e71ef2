//! A further service in the likeness of one that has nothing of its own: its files are copied, and wherever a list names it,
//! the new one is named too. So there is no second place that knows what a service consists of.

mod lists;

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::error::{Context as _, Error, Result};
use crate::repo::{Repo, files, yaml};

pub use lists::Hunk;

/// The likeness. Its domain is part of every name that it has.
const MODEL: &str = "recommendation";
const CHARTS: &str = "charts/services";
const SERVICES: &str = "argocd/applicationsets/30-services.yaml";

/// Files with lists that name every service; `*` is each environment. Elsewhere the likeness may be named for what it does.
const LISTS: [&str; 7] = [
    SERVICES,
    "charts/istio/values.yaml",
    "charts/external-services/values.yaml",
    "charts/monitoring/values.yaml",
    "config/*/external-services.yaml",
    "config/*/monitoring.yaml",
    "environments/*/secrets.yaml",
];

/// Without an entry in these a service does not come up.
const NEEDED: [&str; 3] = [SERVICES, "charts/istio/values.yaml", "charts/external-services/values.yaml"];

/// Folders with files of one service each.
const FOLDERS: [&str; 4] = [CHARTS, "config", "environments", "argocd"];

/// What names the likeness beyond its own files and the lists; people decide about these.
const OTHERS: [&str; 4] = ["argocd", "charts", "config", "bootstrap"];

/// A service by its names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// `order-service`: folder of the chart, Application, file of values.
    pub chart: String,
    /// `order-api`: Service, Rollout and all other objects.
    pub fullname: String,
    /// `order`: database `order_db` at `order-db`.
    pub domain: String,
}

impl Names {
    /// The names of a new service from its domain; the chart's name is understood too.
    /// Errors: usage, when it cannot name a Service and a database.
    pub fn of_new(typed: &str) -> Result<Self> {
        let domain = typed.strip_suffix("-service").unwrap_or(typed);
        let plain = domain.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        if !plain || !domain.starts_with(|c: char| c.is_ascii_lowercase()) || domain.len() > 40 {
            return Err(Error::usage(format!("`{typed}` cannot name a service"))
                .cause("the name becomes part of host names and of a database's name")
                .hint("begin with a letter, use at most 40 lower-case letters and digits: cargo xtask new-service wishlist"));
        }
        Ok(Self::of(domain))
    }

    fn of(domain: &str) -> Self {
        Names { chart: format!("{domain}-service"), fullname: format!("{domain}-api"), domain: domain.to_string() }
    }

    /// Says of the likeness's text what it says of this service.
    fn instead(&self, text: &str) -> String {
        text.replace(&Self::of(MODEL).chart, &self.chart).replace(&Self::of(MODEL).fullname, &self.fullname).replace(MODEL, &self.domain)
    }
}

/// One file that changes.
#[derive(Debug)]
pub struct Change {
    /// From the root of the repository.
    pub path: PathBuf,
    /// All of it, as it will be.
    pub text: String,
    pub how: How,
}

#[derive(Debug)]
pub enum How {
    /// A new file with what is written for this service.
    New,
    /// A new file that is the same for all services.
    Same,
    /// Lines in a file that is there.
    Lines(Vec<Hunk>),
}

/// Everything that is still to be written for a service; nothing when it is there already.
/// Errors: prerequisite, when the repository lacks what to go by; usage, when the name is taken; failed, when a file cannot be
/// edited by lines.
pub fn changes(repo: &Repo, new: &Names) -> Result<Vec<Change>> {
    let chart = Path::new(CHARTS).join(Names::of(MODEL).chart);
    if !repo.root().join(&chart).is_dir() || !repo.root().join(SERVICES).is_file() {
        return Err(Error::prerequisite(format!("this repository has no {} to go by", chart.display())));
    }
    let known = known(repo)?;
    let taken = known.iter().find(|k| (k.domain == new.domain || k.fullname == new.fullname) && k.chart != new.chart);
    if let Some(other) = taken {
        let what = format!("`{}` is taken: {CHARTS}/{} has that name for its database or its Service", new.domain, other.chart);
        return Err(Error::usage(what));
    }
    let mut changes = Vec::new();
    for path in FOLDERS.iter().flat_map(|folder| files::below(repo.root(), Path::new(folder))) {
        let path_text = path.to_string_lossy();
        // An encrypted file holds values, which no two services share.
        if !path_text.contains(MODEL) || path_text.contains(".secrets.") {
            continue;
        }
        let target = PathBuf::from(new.instead(&path_text));
        if repo.root().join(&target).exists() {
            continue;
        }
        let have = read(repo, &path)?;
        let text = described(&new.instead(&have), &path, new);
        let how = if text == have { How::Same } else { How::New };
        changes.push(Change { path: target, text, how });
    }
    for path in expanded(repo) {
        let have = read(repo, &path)?;
        let others: Vec<Names> = known.iter().filter(|k| k.chart != new.chart).cloned().collect();
        let Some((text, hunks)) = lists::with(&have, new, &others) else {
            let needed = NEEDED.iter().any(|n| Path::new(n) == path);
            if needed && !have.contains(&new.domain) {
                return Err(Error::failed(format!("{} has no entry of {MODEL} to go by", path.display())));
            }
            continue;
        };
        // As its readers will read it: a key twice, or a list that is none any more, must not be written.
        yaml::parse_all(&text).with_context(|| format!("{} is written in a way that cannot be edited line by line", path.display()))?;
        changes.push(Change { path, text, how: How::Lines(hunks) });
    }
    Ok(changes)
}

/// Places that name the likeness and that nothing here changes, as `path:line`.
pub fn others(repo: &Repo) -> Vec<String> {
    let own = Names::of(MODEL).chart;
    let lists = expanded(repo);
    let mut found = Vec::new();
    for path in OTHERS.iter().flat_map(|folder| files::below(repo.root(), Path::new(folder))) {
        let is_document = path.extension().is_some_and(|e| e == "md");
        if path.to_string_lossy().contains(&own) || lists.contains(&path) || is_document {
            continue;
        }
        let text = read(repo, &path).unwrap_or_default();
        let line = text.lines().position(|l| l.contains(MODEL) && !l.trim_start().starts_with('#'));
        found.extend(line.map(|i| format!("{}:{}", path.display(), i + 1)));
    }
    found
}

/// The description of a chart is prose about one service.
fn described(text: &str, path: &Path, new: &Names) -> String {
    if path.file_name().is_none_or(|name| name != "Chart.yaml") {
        return text.to_string();
    }
    let line =
        |line: &str| if line.starts_with("description: ") { format!("description: Service {}", new.domain) } else { line.to_string() };
    text.lines().map(|l| line(l) + "\n").collect()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ChartValues {
    fullname_override: String,
}

/// The services that the ApplicationSet deploys.
fn known(repo: &Repo) -> Result<Vec<Names>> {
    let sets = yaml::read_all(&repo.root().join(SERVICES))?;
    let generators = sets.iter().filter_map(|s| s.pointer("/spec/generators/0/matrix/generators")?.as_array()).flatten();
    let elements = generators.filter_map(|g| g.pointer("/list/elements")?.as_array()).flatten();
    let charts = elements.filter_map(|e| e.get("component").and_then(Value::as_str));
    charts
        .map(|chart| {
            let values: ChartValues = yaml::read(&repo.root().join(CHARTS).join(chart).join("values.yaml"))?;
            let domain = chart.rsplit_once('-').map_or(chart, |(domain, _)| domain);
            Ok(Names { chart: chart.to_string(), fullname: values.fullname_override, domain: domain.to_string() })
        })
        .collect()
}

/// The files of [`LISTS`] that are there.
fn expanded(repo: &Repo) -> Vec<PathBuf> {
    let environments = crate::repo::Environment::names(repo);
    let paths = LISTS.iter().flat_map(|list| match list.split_once('*') {
        Some((before, after)) => environments.iter().map(|env| format!("{before}{env}{after}")).collect(),
        None => vec![list.to_string()],
    });
    paths.map(PathBuf::from).filter(|path| repo.root().join(path).is_file()).collect()
}

fn read(repo: &Repo, path: &Path) -> Result<String> {
    std::fs::read_to_string(repo.root().join(path)).with_context(|| format!("could not read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_must_fit_a_host_and_a_database() {
        let wanted = Names { chart: "wishlist-service".into(), fullname: "wishlist-api".into(), domain: "wishlist".into() };
        assert_eq!(Names::of_new("wishlist").unwrap(), wanted);
        assert_eq!(Names::of_new("wishlist-service").unwrap(), wanted);
        for bad in ["Wishlist", "wish-list", "1wish", "wish_list", "", "-service", "../wish", &"w".repeat(41)] {
            assert_eq!(Names::of_new(bad).unwrap_err().exit(), crate::error::Exit::Usage, "{bad}");
        }
    }

    #[test]
    fn every_name_of_the_likeness_becomes_one_of_the_new_service() {
        let new = Names::of("wishlist");
        let text = "recommendation-service recommendation-api recommendation-db recommendation_db /api/v1/recommendations";
        assert_eq!(new.instead(text), "wishlist-service wishlist-api wishlist-db wishlist_db /api/v1/wishlists");
    }
}
