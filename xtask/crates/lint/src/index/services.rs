//! Services, those that are rendered and those that a controller makes.

use serde_json::{Map, Value};

use super::object::{Obj, text};

/// A Service of the cluster.
#[derive(Clone, Debug)]
pub struct Service<'a> {
    pub namespace: String,
    pub name: String,
    /// The Service, or the object for which a controller makes it.
    pub object: Obj<'a>,
    pub origin: Origin,
    pub ports: Ports<'a>,
    pub selector: Option<&'a Map<String, Value>>,
    /// Without an address of its own: clients meet the ports of the pods.
    pub is_headless: bool,
    /// The name that it is an alias of.
    pub external: Option<&'a str>,
}

/// Who makes a Service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Rendered,
    /// By a controller; in its words.
    Generated(&'static str),
}

/// The ports of a Service.
#[derive(Clone, Debug)]
pub enum Ports<'a> {
    Known(Vec<Port<'a>>),
    /// A controller decides.
    Unknown,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Port<'a> {
    pub name: &'a str,
    pub number: i64,
    pub target: Option<&'a Value>,
    /// JSON pointer of the item; empty if it is not written anywhere.
    pub pointer: String,
}

impl<'a> Service<'a> {
    fn rendered(object: &Obj<'a>) -> Self {
        let spec = object.at("/spec").unwrap_or(&Value::Null);
        let ports = object.list("/spec/ports").filter_map(|(pointer, port)| {
            Some(Port { name: text(port, "name"), number: port["port"].as_i64()?, target: port.get("targetPort"), pointer })
        });
        let is_alias = text(spec, "type") == "ExternalName";
        Service {
            namespace: object.namespace.to_string(),
            name: object.name.to_string(),
            object: *object,
            origin: Origin::Rendered,
            ports: Ports::Known(ports.collect()),
            selector: spec.get("selector").and_then(Value::as_object).filter(|selector| !selector.is_empty()),
            is_headless: text(spec, "clusterIP") == "None",
            external: is_alias.then(|| text(spec, "externalName")),
        }
    }

    fn generated(object: &Obj<'a>, name: String, numbers: &[i64], by: &'static str, is_headless: bool) -> Self {
        let port = |number: &i64| Port { name: "", number: *number, target: None, pointer: String::new() };
        Service {
            namespace: object.namespace.to_string(),
            name,
            object: *object,
            origin: Origin::Generated(by),
            ports: if numbers.is_empty() { Ports::Unknown } else { Ports::Known(numbers.iter().map(port).collect()) },
            selector: None,
            is_headless,
            external: None,
        }
    }

    /// The port of this number.
    pub fn port(&self, number: i64) -> Option<&Port<'a>> {
        self.known_ports().find(|port| port.number == number)
    }

    pub fn known_ports(&self) -> impl Iterator<Item = &Port<'a>> {
        match &self.ports {
            Ports::Known(ports) => ports.iter(),
            Ports::Unknown => [].iter(),
        }
    }
}

/// The Services that come of an object.
///
/// Names and ports are those of Strimzi 0.45 to 1.0 (`KafkaResources`, `KafkaConnectResources`, ports of listeners from
/// `KafkaCluster`), Istio 1.2x (`gateway-name-istio`, its status port), Argo CD's Gateway API users and the Prometheus operator.
pub fn of<'a>(object: &Obj<'a>) -> Vec<Service<'a>> {
    let name = object.name;
    match (object.group, object.kind) {
        ("", "Service") => vec![Service::rendered(object)],
        ("kafka.strimzi.io", "Kafka") => kafka(object),
        ("kafka.strimzi.io", "KafkaConnect" | "KafkaMirrorMaker2") => {
            let prefix = if object.kind == "KafkaConnect" { "connect" } else { "mirrormaker2" };
            vec![
                Service::generated(object, format!("{name}-{prefix}-api"), &[8083], "Strimzi", false),
                Service::generated(object, format!("{name}-{prefix}"), &[8083], "Strimzi", true),
            ]
        }
        ("kafka.strimzi.io", "KafkaBridge") => {
            let port = object.at("/spec/http/port").and_then(Value::as_i64).unwrap_or(8080);
            vec![Service::generated(object, format!("{name}-bridge-service"), &[port], "Strimzi", false)]
        }
        ("gateway.networking.k8s.io", "Gateway") => {
            let class = object.text("/spec/gatewayClassName");
            let listeners = object.list("/spec/listeners").filter_map(|(_, listener)| listener["port"].as_i64());
            let mut numbers: Vec<i64> = listeners.collect();
            numbers.push(15021);
            let own = object.annotation("gateway.istio.io/name-override").map(str::to_string);
            let generated = own.unwrap_or_else(|| if class == "istio-waypoint" { name.to_string() } else { format!("{name}-{class}") });
            vec![Service::generated(object, generated, &numbers, "the controller of the GatewayClass", false)]
        }
        ("monitoring.coreos.com", "Prometheus") => {
            vec![Service::generated(object, "prometheus-operated".into(), &[9090], "the Prometheus operator", true)]
        }
        ("monitoring.coreos.com", "Alertmanager") => {
            vec![Service::generated(object, "alertmanager-operated".into(), &[9093, 9094], "the Prometheus operator", true)]
        }
        _ => Vec::new(),
    }
}

fn kafka<'a>(object: &Obj<'a>) -> Vec<Service<'a>> {
    let name = object.name;
    let mut inside = vec![9091];
    let mut all = Vec::new();
    for (_, listener) in object.list("/spec/kafka/listeners") {
        let Some(port) = listener["port"].as_i64() else { continue };
        match text(listener, "type") {
            "internal" | "cluster-ip" => inside.push(port),
            _ => {
                let called = text(listener, "name");
                all.push(Service::generated(object, format!("{name}-kafka-{called}-bootstrap"), &[port], "Strimzi", false));
            }
        }
    }
    all.push(Service::generated(object, format!("{name}-kafka-bootstrap"), &inside, "Strimzi", false));
    inside.extend([9090, 8443]);
    all.push(Service::generated(object, format!("{name}-kafka-brokers"), &inside, "Strimzi", true));
    all
}
