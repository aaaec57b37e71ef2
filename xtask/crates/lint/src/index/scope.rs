//! What references are looked up in: one cluster of one environment.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::configuration::{self, Kind, Produced, Production, Reference};
use super::hosts::Host;
use super::input::{Deployed, Plane};
use super::kinds::{self, Definitions};
use super::mentions::{self, Mention};
use super::object::Obj;
use super::profile::Profile;
use super::routes::{self, Backend, Parent};
use super::services::{self, Service};
use super::workloads::{self, Workload};

/// One cluster of one environment. An object of another one never satisfies a reference of this.
#[derive(Debug)]
pub struct Scope<'a> {
    pub environment: Option<&'a str>,
    /// `in-cluster`, or the name or address of another.
    pub cluster: &'a str,
    pub profile: &'a Profile,
    pub applications: Vec<&'a Deployed>,
    /// In the order of Applications, then as they are rendered.
    pub objects: Vec<Obj<'a>>,
    pub workloads: Vec<Workload<'a>>,
    pub services: Vec<Service<'a>>,
    pub references: Vec<Reference<'a>>,
    /// Hosts that texts name.
    pub mentions: Vec<Mention<'a>>,
    /// Where routes send traffic.
    pub backends: Vec<Backend<'a>>,
    /// The gateways that routes bind to.
    pub parents: Vec<Parent<'a>>,
    pub definitions: Definitions<'a>,
    /// Namespaces that are there once all is deployed.
    pub namespaces: BTreeSet<&'a str>,
    /// Namespaces that this repository deploys something to.
    pub owned: BTreeSet<&'a str>,
    /// Why more objects may be there than are known: `(Application, reason)`.
    pub gaps: Vec<(&'a str, &'a str)>,
    produced: Production<'a>,
    by_name: HashMap<(&'a str, &'a str, &'a str), Vec<usize>>,
    services_by_name: HashMap<(String, String), usize>,
}

/// The address of the cluster that Argo CD itself runs in.
const IN_CLUSTER: [&str; 3] = ["https://kubernetes.default.svc", "https://kubernetes.default.svc.cluster.local", "in-cluster"];

/// Namespaces that Kubernetes makes.
const NAMESPACES: [&str; 4] = ["default", "kube-system", "kube-public", "kube-node-lease"];

/// Services that Kubernetes and its usual add-ons bring.
const BUILT_IN: [(&str, &str); 5] = [
    ("default", "kubernetes"),
    ("kube-system", "kube-dns"),
    ("kube-system", "coredns"),
    ("kube-system", "metrics-server"),
    ("kube-system", "kubelet"),
];

/// Where a host of a text leads.
#[derive(Debug)]
pub enum Resolved<'s, 'a> {
    Service(&'s Service<'a>),
    /// A name that the mesh or the profile knows.
    Known,
    /// The machine or pod itself.
    Loopback,
    /// A pod of a Service without an address.
    Pod(&'s Service<'a>),
    /// By its form inside the cluster, and nothing has this name there.
    Missing {
        namespace: String,
        name: String,
    },
    /// In a namespace that is not this repository's.
    Elsewhere {
        namespace: String,
        name: String,
    },
    /// Outside of the cluster.
    Outside,
}

/// The name under which references find the destination of an Application.
pub fn cluster_of(deployed: &Deployed) -> &str {
    let destination = deployed.application.value.pointer("/spec/destination");
    let text = |key: &str| destination.and_then(|d| d.get(key)?.as_str()).filter(|text| !text.is_empty());
    match text("server").or_else(|| text("name")) {
        Some(cluster) if IN_CLUSTER.contains(&cluster) => "in-cluster",
        Some(cluster) => cluster,
        None => "in-cluster",
    }
}

impl<'a> Scope<'a> {
    /// The clusters that the Applications of a control plane deploy to, each with what is on it.
    pub fn of(plane: &'a Plane) -> Vec<Self> {
        let mut clusters: BTreeMap<&str, Vec<&Deployed>> = BTreeMap::new();
        for deployed in &plane.applications {
            clusters.entry(cluster_of(deployed)).or_default().push(deployed);
        }
        clusters.into_iter().map(|(cluster, applications)| Scope::new(plane, cluster, applications)).collect()
    }

    fn new(plane: &'a Plane, cluster: &'a str, applications: Vec<&'a Deployed>) -> Self {
        let mut scope = Scope {
            environment: plane.environment.as_deref(),
            cluster,
            profile: &plane.profile,
            objects: Vec::new(),
            workloads: Vec::new(),
            services: Vec::new(),
            references: Vec::new(),
            mentions: Vec::new(),
            backends: Vec::new(),
            parents: Vec::new(),
            definitions: BTreeMap::new(),
            namespaces: NAMESPACES.into_iter().chain(plane.profile.namespaces.iter().map(String::as_str)).collect(),
            owned: BTreeSet::new(),
            gaps: Vec::new(),
            produced: BTreeMap::new(),
            by_name: HashMap::new(),
            services_by_name: HashMap::new(),
            applications,
        };
        for deployed in scope.applications.clone() {
            scope.take(deployed);
        }
        configuration::produce_known(scope.profile, &mut scope.produced);
        scope
    }

    fn take(&mut self, deployed: &'a Deployed) {
        let application = deployed.application.name();
        self.gaps.extend(deployed.unverified.iter().map(|why| (application, why.as_str())));
        let creates = deployed.application.value.pointer("/spec/syncPolicy/syncOptions").and_then(serde_json::Value::as_array);
        if creates.into_iter().flatten().any(|option| option.as_str() == Some("CreateNamespace=true")) {
            self.namespaces.insert(deployed.application.namespace());
        }
        let objects = match &deployed.objects {
            Ok(objects) => objects,
            Err(failure) => return self.gaps.push((application, &failure.message)),
        };
        for object in objects {
            let object = Obj::new(deployed, object);
            self.by_name.entry((object.kind, object.namespace, object.name)).or_default().push(self.objects.len());
            self.objects.push(object);
            self.owned.insert(object.namespace);
            if object.is("", "Namespace") {
                self.namespaces.insert(object.name);
            }
            if object.is("apiextensions.k8s.io", "CustomResourceDefinition")
                && let Some((kind, definition)) = kinds::of_definition(object.value, Some(object))
            {
                self.definitions.insert(kind, definition);
            }
            for service in services::of(&object) {
                let key = (service.namespace.clone(), service.name.clone());
                self.services_by_name.entry(key).or_insert(self.services.len());
                self.services.push(service);
            }
            configuration::produce(&object, &mut self.produced);
            configuration::of_object(&object, &mut self.references);
            mentions::of(&object, &mut self.mentions);
            self.backends.extend(routes::backends(&object));
            self.parents.extend(routes::parents(&object));
            for workload in workloads::of(&object) {
                configuration::of_pods(&workload, &mut self.references);
                self.workloads.push(workload);
            }
        }
    }

    /// `dev`, or what the cluster is called where there are no environments.
    pub fn shown(&self) -> &'a str {
        self.environment.unwrap_or(self.cluster)
    }

    /// Is a namespace there without a sync that makes it: Kubernetes' own, provided, or rendered?
    pub fn exists_without(&self, namespace: &str) -> bool {
        NAMESPACES.contains(&namespace)
            || self.profile.namespaces.iter().any(|known| known == namespace)
            || self.get("", "Namespace", "", namespace).is_some()
    }

    /// The objects of a kind, of every version.
    pub fn all<'s>(&'s self, group: &'s str, kind: &'s str) -> impl Iterator<Item = &'s Obj<'a>> {
        self.objects.iter().filter(move |object| object.is(group, kind))
    }

    /// The object of this kind and name; the namespace is empty for what belongs to the whole cluster.
    pub fn get(&self, group: &str, kind: &str, namespace: &str, name: &str) -> Option<&Obj<'a>> {
        let places = self.by_name.get(&(kind, namespace, name))?;
        places.iter().filter_map(|i| self.objects.get(*i)).find(|object| object.group == group)
    }

    pub fn service(&self, namespace: &str, name: &str) -> Option<&Service<'a>> {
        self.services.get(*self.services_by_name.get(&(namespace.to_string(), name.to_string()))?)
    }

    /// Who produces a ConfigMap or Secret; empty if nobody does.
    pub fn producers(&self, kind: Kind, namespace: &str, name: &str) -> &[Produced<'a>] {
        self.produced.get(&(kind, namespace.to_string(), name.to_string())).map_or(&[], Vec::as_slice)
    }

    /// Every ConfigMap and Secret that is produced, by kind, namespace and name.
    pub fn produced(&self) -> &Production<'a> {
        &self.produced
    }

    /// The names of Services of a namespace, and of others as `name.namespace`.
    pub fn service_names(&self, namespace: &str) -> Vec<String> {
        let name = |service: &Service| match service.namespace == namespace {
            true => service.name.clone(),
            false => format!("{}.{}", service.name, service.namespace),
        };
        self.services.iter().map(name).collect()
    }

    /// Where a host leads for a pod of a namespace.
    pub fn resolve(&self, host: &Host<'_>, namespace: &str) -> Resolved<'_, 'a> {
        let name = host.name;
        if name == "localhost" || name.ends_with(".localhost") {
            return Resolved::Loopback;
        }
        if self.profile.hosts.iter().any(|known| known == name) || self.is_in_mesh(name) {
            return Resolved::Known;
        }
        let labels: Vec<&str> = name.split('.').collect();
        let at = labels.iter().position(|label| *label == "svc");
        let (labels, is_full) = match at {
            Some(at) if at >= 2 => (labels.get(..at).unwrap_or_default(), true),
            _ => (labels.as_slice(), false),
        };
        let found = |namespace: &str, name: &str| self.service(namespace, name);
        match labels {
            [one] => match found(namespace, one) {
                Some(service) => Resolved::Service(service),
                None => self.missing(namespace, one),
            },
            [one, other] => match found(other, one) {
                Some(service) => Resolved::Service(service),
                // `pod-0.headless` of the own namespace.
                None => match found(namespace, other).filter(|service| service.is_headless) {
                    Some(service) if !is_full => Resolved::Pod(service),
                    _ if is_full || self.namespaces.contains(other) => self.missing(other, one),
                    _ => Resolved::Outside,
                },
            },
            [.., service, other] => match found(other, service) {
                Some(service) => Resolved::Pod(service),
                None if is_full => self.missing(other, service),
                None => Resolved::Outside,
            },
            [] => Resolved::Outside,
        }
    }

    /// Nothing has this name: whose fault that is depends on whose the namespace is.
    fn missing(&self, namespace: &str, name: &str) -> Resolved<'_, 'a> {
        if BUILT_IN.contains(&(namespace, name)) {
            return Resolved::Known;
        }
        let (owned, name) = (namespace.to_string(), name.to_string());
        let is_typo = || self.owned.iter().any(|own| crate::text::distance(own, namespace, 2).is_some());
        match self.owned.contains(namespace) || is_typo() {
            true => Resolved::Missing { namespace: owned, name },
            false => Resolved::Elsewhere { namespace: owned, name },
        }
    }

    /// Does a ServiceEntry of the mesh have this host?
    fn is_in_mesh(&self, name: &str) -> bool {
        let entries = self.all("networking.istio.io", "ServiceEntry");
        let mut hosts = entries.flat_map(|entry| entry.list("/spec/hosts")).filter_map(|(_, host)| host.as_str());
        hosts.any(|host| host == name || host.strip_prefix('*').is_some_and(|end| name.ends_with(end)))
    }

    /// The workloads whose pods a selector of a Service matches.
    pub fn selected<'s>(&'s self, service: &'s Service<'a>) -> impl Iterator<Item = &'s Workload<'a>> {
        let selects = move |workload: &&'s Workload<'a>| {
            let Some(selector) = service.selector else { return false };
            workload.object.namespace == service.namespace && workloads::matches(selector, &workload.labels())
        };
        self.workloads.iter().filter(selects)
    }

    /// Why something that is not found may be there after all; `None` if everything is known.
    pub fn gap(&self) -> Option<String> {
        let (application, why) = self.gaps.first()?;
        let more = match self.gaps.len() - 1 {
            0 => String::new(),
            n => format!(", and {n} more"),
        };
        Some(format!("{application} is not known whole ({why}){more}"))
    }
}
