//! A topic gets fewer partitions, fewer copies, or a shorter memory.
//!
//! ## What
//! Partitions, replicas or retention of a topic get smaller.
//! ## Why
//! Fewer partitions are refused, fewer copies are a risk, and a shorter retention deletes data at once.
//! ## Bad
//! ```yaml before
//! apiVersion: kafka.strimzi.io/v1
//! kind: KafkaTopic
//! metadata: {name: orders}
//! spec: {partitions: 6, replicas: 3, config: {retention.ms: 604800000}}
//! ```
//! ```yaml after
//! apiVersion: kafka.strimzi.io/v1
//! kind: KafkaTopic
//! metadata: {name: orders}
//! spec: {partitions: 3, replicas: 2, config: {retention.ms: "86400000"}}
//! ```
//! ## Good
//! ```yaml before
//! apiVersion: kafka.strimzi.io/v1
//! kind: KafkaTopic
//! metadata: {name: orders}
//! spec: {partitions: 3, replicas: 2, config: {retention.ms: 604800000}}
//! ```
//! ```yaml after
//! apiVersion: kafka.strimzi.io/v1
//! kind: KafkaTopic
//! metadata: {name: orders}
//! spec: {partitions: 6, replicas: 3, config: {retention.ms: "1209600000"}}
//! ```
//! ## Trap
//! `-1` is for ever, and text is a number too.
//! ```yaml before
//! apiVersion: kafka.strimzi.io/v1
//! kind: KafkaTopic
//! metadata: {name: orders}
//! spec: {partitions: 6, replicas: 3, config: {retention.ms: 604800000, retention.bytes: "1000"}}
//! ```
//! ```yaml after
//! apiVersion: kafka.strimzi.io/v1
//! kind: KafkaTopic
//! metadata: {name: orders}
//! spec: {partitions: 6, replicas: 3, config: {retention.ms: -1, retention.bytes: 1000}}
//! ```
//! ## Fix
//! Leave the number; for fewer partitions make a topic of another name, and move producers and consumers over.

use serde_json::Value;
use gitops::comparison::Change;

use super::{Findings, Meta, Severity};

pub struct Rule;

/// Numbers of a topic: what they are called, where they stand, and what is refused or lost when they get smaller.
const NUMBERS: &[(&str, &str, &str)] = &[
    ("partitions", "/spec/partitions", "Kafka refuses that"),
    ("replicas", "/spec/replicas", "fewer brokers may fail"),
    ("replicas", "/spec/replicationFactor", "fewer brokers may fail"),
    ("retention.ms", "/spec/config/retention.ms", "older data expires at once"),
    ("retention.bytes", "/spec/config/retention.bytes", "older data expires at once"),
    ("retention.ms", "/spec/additionalConfig/retention.ms", "older data expires at once"),
    ("retention.bytes", "/spec/additionalConfig/retention.bytes", "older data expires at once"),
];

impl super::Rule for Rule {
    fn meta(&self) -> Meta {
        Meta { id: "shrunk-topic", severity: Severity::Error }
    }

    fn change(&self, change: &Change<'_>, out: &mut Findings) {
        let topics = [("KafkaTopic", "kafka.strimzi.io"), ("Topic", "cluster.redpanda.com")];
        for delta in change.deltas.iter().filter(|delta| topics.contains(&(delta.key.kind, delta.key.group))) {
            let Some((old, new)) = delta.both() else { continue };
            for (name, pointer, consequence) in NUMBERS {
                // Without a number it is the brokers' own, which no file says.
                let (Some(was), Some(is)) = (number(old, pointer), number(new, pointer)) else { continue };
                if is < was {
                    out.delta(
                        change,
                        delta,
                        format!("{name} of {} falls from {} to {}: {consequence}", delta.key.shown(), shown(was), shown(is)),
                    )
                    .help("leave it, or make a topic of another name and move its producers and consumers over");
                }
            }
        }
    }
}

/// A number, or text that is one; what is negative means without limit.
fn number(object: &Value, pointer: &str) -> Option<i64> {
    let value = object.pointer(pointer)?;
    let number = value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())?;
    Some(if number < 0 { i64::MAX } else { number })
}

fn shown(number: i64) -> String {
    if number == i64::MAX { "no limit".into() } else { number.to_string() }
}
