//! AppProjects: what they admit.

use std::collections::BTreeMap;

use gitops::glob::fits;
use gitops::model::Kind;
use gitops::urls;
use serde_json::Value;

use super::Index;
use super::object::text;
use super::sources;

/// An AppProject.
#[derive(Clone, Copy, Debug)]
pub struct Project<'a> {
    pub name: &'a str,
    pub spec: &'a Value,
}

/// The projects of a tree, written or rendered, by name; of one name there may be one for each environment.
pub fn of<'a>(index: &Index<'a>) -> BTreeMap<&'a str, Vec<Project<'a>>> {
    let mut found: BTreeMap<&str, Vec<Project<'_>>> = BTreeMap::new();
    let mut take = |value: &'a Value| {
        let name = value.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        found.entry(name).or_default().push(Project { name, spec: value.get("spec").unwrap_or(&Value::Null) });
    };
    sources::documents(index.input, Kind::AppProject).for_each(|(.., value)| take(value));
    for scope in &index.scopes {
        scope.all("argoproj.io", "AppProject").for_each(|object| take(object.value));
    }
    found
}

impl Project<'_> {
    fn list(&self, key: &str) -> Option<&Vec<Value>> {
        self.spec.get(key).and_then(Value::as_array)
    }

    /// Does it admit a repository (`IsSourcePermitted`)?
    pub fn admits_source(&self, url: &str) -> bool {
        let url = urls::comparable(url);
        let mut admitted = false;
        for pattern in self.list("sourceRepos").into_iter().flatten().filter_map(Value::as_str) {
            match pattern.strip_prefix('!') {
                Some(pattern) if pattern == "*" || fits(&urls::comparable(pattern), &url) => return false,
                Some(_) => {}
                None => admitted |= pattern == "*" || fits(&urls::comparable(pattern), &url),
            }
        }
        admitted
    }

    /// Does it admit a destination (`IsDestinationPermitted`)? `server` and `name` are of the same cluster; one of them may be empty.
    pub fn admits_destination(&self, server: &str, name: &str, namespace: &str) -> bool {
        let mut admitted = false;
        for item in self.list("destinations").into_iter().flatten() {
            let pattern = |key: &str| text(item, key);
            let (of_server, of_name) = (pattern("server"), pattern("name"));
            let deny = |pattern: &str, value: &str| pattern.strip_prefix('!').is_some_and(|pattern| fits(pattern, value));
            let same_cluster = |pattern: &str, value: &str| !pattern.is_empty() && !value.is_empty() && fits(pattern, value);
            let fits_cluster = same_cluster(of_server, server) || same_cluster(of_name, name);
            let fits_namespace = fits(pattern("namespace"), namespace);
            if deny(pattern("namespace"), namespace) && (fits_cluster || of_server.is_empty() && of_name.is_empty())
                || (deny(of_server, server) || deny(of_name, name)) && fits_namespace
            {
                return false;
            }
            admitted |= fits_cluster && fits_namespace;
        }
        admitted
    }

    /// Does it admit a kind (`IsGroupKindNamePermitted`)? Without a list of them every kind of a namespace is admitted, and none of the
    /// whole cluster.
    pub fn admits_kind(&self, group: &str, kind: &str, name: &str, is_namespaced: bool) -> bool {
        let (allow, deny) = match is_namespaced {
            true => ("namespaceResourceWhitelist", "namespaceResourceBlacklist"),
            false => ("clusterResourceWhitelist", "clusterResourceBlacklist"),
        };
        let has = |list: &Vec<Value>| {
            list.iter().any(|item| {
                let own = text(item, "name");
                fits(text(item, "group"), group) && fits(text(item, "kind"), kind) && (own.is_empty() || name.is_empty() || fits(own, name))
            })
        };
        let allowed = self.list(allow).map_or(is_namespaced, has);
        allowed && !self.list(deny).is_some_and(has)
    }
}
