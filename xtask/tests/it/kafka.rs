//! The charts of Kafka, and the commands of its add-on where containers run.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::charts::{helm, parse, value};
use super::k3d_machine::Machine;
use super::pinned;
use super::this_repository::{copy, read};

/// What Helm makes of a chart with these values: its objects. Errors: its words.
fn render(chart: &str, files: &[&str], values: &Value) -> Option<Result<Vec<Value>, String>> {
    let program = pinned::program_or_skip("helm")?;
    let dir = copy(&["charts", "config"]);
    std::fs::write(dir.path().join("values.json"), values.to_string()).unwrap();
    if read(&format!("{chart}/Chart.yaml")).contains("dependencies:") {
        helm(&program, dir.path(), &["dependency", "build", chart]).unwrap();
    }
    let mut command = Command::new(program);
    command.args(["template", "test", chart, "--namespace", "kafka"]);
    for file in files.iter().chain(&["values.json"]) {
        command.args(["--values", file]);
    }
    let ran = command.current_dir(dir.path()).env_clear().env("HOME", dir.path()).stdin(Stdio::null()).output().unwrap();
    if !ran.status.success() {
        return Some(Err(String::from_utf8(ran.stderr).unwrap()));
    }
    let text = String::from_utf8(ran.stdout).unwrap();
    Some(Ok(parse(&text)))
}

/// Partitions and milliseconds by topic, as the Job gets them.
fn lines(objects: &[Value]) -> BTreeMap<String, (u64, u64)> {
    let list = objects.iter().find(|o| o["kind"] == "ConfigMap").unwrap()["data"]["topics"].as_str().unwrap();
    let parse = |line: &str| {
        let [name, partitions, retention] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        (name.to_string(), (partitions.parse().unwrap(), retention.parse().unwrap()))
    };
    list.lines().map(parse).collect()
}

#[test]
fn there_are_43_topics_and_both_modes_make_the_same() {
    let Some(by_job) = render("charts/kafka-topics", &["config/dev/kafka-topics.yaml"], &json!({})) else { return };
    let by_job = lines(&by_job.unwrap());
    assert_eq!(by_job.len(), 43);
    let day = 86_400_000;
    let kinds = |partitions: u64, days: u64| by_job.values().filter(|kind| **kind == (partitions, days * day)).count();
    assert_eq!([kinds(3, 7), kinds(1, 7), kinds(3, 30), kinds(1, 30), kinds(3, 1)], [14, 22, 3, 2, 2]);

    let objects = render("charts/kafka-topics", &[], &json!({ "mode": "strimzi" })).unwrap().unwrap();
    assert!(objects.iter().all(|o| o["kind"] == "KafkaTopic" && o["spec"]["replicas"] == 3));
    assert!(objects.iter().all(|o| o["metadata"]["labels"]["strimzi.io/cluster"] == "c4-kafka"));
    let retention = |o: &Value| o["spec"]["config"]["retention.ms"].as_str().unwrap().parse().unwrap();
    let kind = |o: &Value| (o["spec"]["partitions"].as_u64().unwrap(), retention(o));
    let by_operator = objects.iter().map(|o| (o["metadata"]["name"].as_str().unwrap().to_string(), kind(o)));
    assert_eq!(by_operator.collect::<BTreeMap<_, _>>(), by_job);
}

#[test]
fn the_job_makes_what_is_missing_and_a_second_run_makes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).display().to_string();
    // What the image has in fixed places.
    let script = read("charts/kafka-topics/files/create-topics.bash");
    let script = script.replace("/opt/kafka/bin/kafka-topics.sh", &path("tool")).replace("/tmp/existing-topics", &path("existing"));
    std::fs::write(path("script"), script).unwrap();
    std::fs::write(path("list"), "a.b 3 1000\na.b.c 1 2000\naxb 1 3000\n").unwrap();
    // A broker that is a file: `--list` prints it, `--create` adds a line.
    let tool = format!(
        "#!/bin/bash\ncase \" $* \" in\n*' --list '*) cat '{0}';;\n*) echo \"$6\" >> '{0}'; echo \"$*\" >> '{1}';;\nesac\n",
        path("topics"),
        path("made")
    );
    std::fs::write(path("tool"), tool).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(path("tool"), mode).unwrap();
    std::fs::write(path("topics"), "axb\n__consumer_offsets\n").unwrap();
    let run = || {
        let mut bash = Command::new("bash");
        bash.args([path("script"), path("list")]).env("BOOTSTRAP_SERVERS", "kafka:9092").env("REPLICATION_FACTOR", "1");
        let ran = bash.output().unwrap();
        (ran.status.code(), String::from_utf8(ran.stdout).unwrap())
    };
    // A dot in a name is a dot: `axb` does not stand in for `a.b`.
    assert_eq!(run(), (Some(0), "2 topics made, 1 were there\n".to_string()));
    let made = std::fs::read_to_string(path("made")).unwrap();
    let create = "--bootstrap-server kafka:9092 --create --if-not-exists --topic";
    let wanted = [("a.b", 3, 1000), ("a.b.c", 1, 2000)].map(|(name, partitions, retention)| {
        format!("{create} {name} --partitions {partitions} --replication-factor 1 --config retention.ms={retention}\n")
    });
    assert_eq!(made, wanted.concat());
    assert_eq!(run(), (Some(0), "0 topics made, 3 were there\n".to_string()));
    // A broker that does not answer must not look like one without topics.
    std::fs::remove_file(path("topics")).unwrap();
    assert_eq!(run(), (Some(1), String::new()));
}

#[test]
fn a_list_that_cannot_be_meant_is_refused() {
    let topic = |name: &str| json!({ "name": name, "partitions": 1, "retentionDays": 7 });
    let refused = [
        (json!({ "mode": "strimzi", "topics": [topic("a.b"), topic("a.b")] }), "a.b is in the list twice"),
        (json!({ "mode": "strimzi", "topics": [{ "name": "a.b", "partition": 1, "retentionDays": 7 }] }), "partition"),
        (json!({ "topics": [topic("a.b")] }), "job.bootstrapServers is required"),
        (json!({ "mode": "strimzi", "topics": [topic("a_b")] }), "a_b"),
    ];
    for (values, words) in refused {
        let Some(result) = render("charts/kafka-topics", &[], &values) else { return };
        let error = result.expect_err(words);
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn prod_connects_to_the_brokers_by_their_names_and_to_s3_by_its_role() {
    let Some(objects) = render("charts/kafka-connect", &["config/prod/kafka-connect.yaml"], &json!({})) else { return };
    let objects = objects.unwrap();
    let find = |kind: &str| objects.iter().find(|o| o["kind"] == kind).unwrap();
    let connect = find("KafkaConnect");
    assert_eq!(connect["metadata"]["annotations"]["strimzi.io/use-connector-resources"], "true");
    assert_eq!(find("KafkaConnector")["metadata"]["labels"]["strimzi.io/cluster"], connect["metadata"]["name"]);
    let annotations = &connect["spec"]["template"]["serviceAccount"]["metadata"]["annotations"];
    assert_eq!(annotations["eks.amazonaws.com/role-arn"], "arn:aws:iam::111122223333:role/c4-kafka-connect-role");
    // All components of Kafka agree on where it is.
    let brokers = connect["spec"]["bootstrapServers"].as_str().unwrap();
    assert_eq!(brokers.split(',').count(), 3);
    for component in ["kafka-topics", "schema-registry", "kafka-ui"] {
        assert!(read(&format!("config/prod/{component}.yaml")).contains(brokers), "{component} names other brokers");
    }
}

#[test]
fn versions_that_belong_together_agree() {
    let values = |chart: &str| value(&read(&format!("charts/{chart}/values.yaml")));
    let broker = values("statefulset-base/kafka")["image"]["tag"].clone();
    assert_eq!(values("kafka-topics")["job"]["image"]["tag"], broker, "the topic tool and the broker of dev");
    let cluster = values("kafka-cluster")["version"].clone();
    assert_eq!(cluster, broker, "the add-on and the broker of dev");
    let connect = values("kafka-connect");
    assert_eq!(connect["version"], cluster, "Connect and the add-on");
    let tag = connect["image"]["tag"].as_str().unwrap();
    assert!(tag.starts_with(&format!("{}-", cluster.as_str().unwrap())), "Connect and its image");
    let crds = pinned::artifacts().into_iter().find(|a| a.name == "strimzi-crds").unwrap().version;
    assert_eq!(pinned::tool("strimzi-operator").version, crds, "the operator and its kinds");
}

#[test]
fn where_containers_run_it_does_not_begin_without_the_operator() {
    if pinned::tool("strimzi-operator").release.is_some() {
        return pinned::skipped("the manifest of the operator is recorded");
    }
    let machine = Machine::created();
    let ran = machine.sandbox.run(&["kafka-install"]).exits(4);
    ran.says_among("error: strimzi-operator 1.2.0 is not here, and the sha256 of its release is unrecorded")
        .says_among("cargo xtask tools-lock strimzi-operator");
    assert!(!machine.calls().contains("apply"), "nothing was begun");
}
