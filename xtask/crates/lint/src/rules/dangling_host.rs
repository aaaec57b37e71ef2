//! A host of the cluster that nothing answers for.
//!
//! ## What
//! A variable, an argument or a line of configuration names a host inside the cluster, and no Service, ServiceEntry or Service of a
//! controller has that name in that namespace.
//! ## Why
//! The name does not resolve: the process fails when it starts, or at the first call.
//! ## Bad
//! ```yaml objects
//! apiVersion: v1
//! kind: Service
//! metadata: {name: redis-master}
//! spec: {selector: {app: redis}, ports: [{port: 6379}]}
//! ---
//! apiVersion: v1
//! kind: Pod
//! metadata: {name: web}
//! spec:
//!   containers:
//!     - name: web
//!       image: web:1.0.0
//!       env:
//!         - {name: REDIS_HOST, value: redis-mastr} # bad
//!         - {name: CART_URL, value: "http://cart.shop.svc.cluster.local/api"} # bad
//! ```
//! ## Good
//! ```yaml objects
//! apiVersion: v1
//! kind: Service
//! metadata: {name: redis-master}
//! spec: {selector: {app: redis}, ports: [{port: 6379}]}
//! ---
//! apiVersion: v1
//! kind: Pod
//! metadata: {name: web}
//! spec:
//!   containers: [{name: web, image: "web:1.0.0", env: [{name: REDIS_HOST, value: redis-master}]}]
//! ```
//! ## Trap
//! A word is no host unless its key, a scheme or a port says so. Pods of a headless Service have names of their own; other people's
//! namespaces and the Internet are not ours to know.
//! ```yaml objects
//! apiVersion: v1
//! kind: Service
//! metadata: {name: db}
//! spec: {clusterIP: None, selector: {app: db}, ports: [{port: 5432}]}
//! ---
//! apiVersion: v1
//! kind: Pod
//! metadata: {name: web}
//! spec:
//!   containers:
//!     - name: web
//!       image: web:1.0.0
//!       env:
//!         - {name: DB_HOST, value: db-0.db.shop.svc.cluster.local}
//!         - {name: MODE, value: standalone}
//!         - {name: BIND_ADDRESS, value: localhost}
//!         - {name: TRACES_URL, value: "http://collector.observability.svc:4317"}
//!         - {name: BANK_URL, value: "https://api.bank.example"}
//!         - {name: LEVELS, value: "root:1,web:2"}
//! ```
//! ## Fix
//! Name the Service as it is rendered, with its namespace if it lies in another one; or add a ServiceEntry, or the host to `provides`
//! of the environment, for what the cluster resolves without this repository.

use super::of_index::{each, meant};
use super::{Findings, Meta, Severity};
use crate::index::mentions::{Mention, Role};
use crate::index::{Index, Resolved};

pub struct Rule;

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "dangling-host", severity: Severity::Error }
    }

    fn check(&self, index: &Index<'_>, out: &mut Findings) {
        for (scope, mention) in each(index, |scope| &scope.mentions) {
            if !is_meant_as_host(mention) {
                continue;
            }
            let (namespace, name) = match scope.resolve(&mention.host, mention.object.namespace) {
                Resolved::Missing { namespace, name } => (namespace, name),
                Resolved::Elsewhere { namespace, name } => {
                    out.unsure(&mention.object, format!("whether namespace {namespace} has a Service {name}: this repository deploys nothing there"));
                    continue;
                }
                _ => continue,
            };
            if let Some(gap) = scope.gap() {
                out.unsure(&mention.object, format!("whether Service {namespace}/{name} exists: {gap}"));
                continue;
            }
            let names = scope.service_names(&namespace);
            let near = meant(&name, names.iter().map(String::as_str));
            let message = format!("`{}` names host `{}`, and no Service {namespace}/{name} exists{near}", mention.key, mention.host.name);
            out.on_mention(index, mention, message)
                .help("name a Service as it is rendered, or say in `provides` of the environment that the host exists");
        }
    }
}

/// Is there more to it than a word? In configuration files many words are followed by a colon and a number.
fn is_meant_as_host(mention: &Mention<'_>) -> bool {
    let is_full = mention.host.name.contains(".svc");
    let is_whole = mention.text.trim().split([',', ' ']).count() == 1 && !mention.text.contains('\n');
    let by_key = crate::index::hosts::is_host_key(&mention.key);
    match mention.role {
        Role::Process => is_full || mention.host.scheme.is_some() || by_key || is_whole && mention.host.port.is_some() && mention.text.len() < 254 && has_known_port(mention),
        Role::Configuration => is_full || mention.host.scheme.is_some() || by_key && is_whole,
        Role::Field => is_full || mention.host.scheme.is_some_and(|scheme| scheme.starts_with("http")),
    }
}

/// `web:2` is no address; `cart:8080` looks like one.
fn has_known_port(mention: &Mention<'_>) -> bool {
    mention.host.port.is_some_and(|port| port >= 80)
}
