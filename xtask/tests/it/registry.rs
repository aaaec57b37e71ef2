//! The login to the registry, on stand-ins for docker, kubectl and aws: who may log in, and where the password goes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use super::k3d_machine::Machine;
use super::pinned;

const HOST: &str = "111122223333.dkr.ecr.ap-northeast-2.amazonaws.com";
const TOKEN: &str = "a-token-that-nobody-may-see";

/// A k3d cluster with a registry of Amazon's, and a kubectl that keeps what it is fed.
fn machine() -> Machine {
    let machine = Machine::created();
    machine.sandbox.replace("environments/dev/environment.yaml", "registry: registry.example", &format!("registry: {HOST}"));
    machine.kubectl(
        r#"  *readyz*) echo ok;;
  *' apply '*) cat > "$FAKES/applied";;
  *'get secret ecr-secret'*) [ -f "$FAKES/secret" ] && cat "$FAKES/secret" && exit; echo 'Error from server (NotFound)' >&2; exit 1;;
  *' delete '*) rm "$FAKES/secret";;
  *) exit 1;;"#,
    );
    machine
}

/// An aws that is logged in to `account`.
fn logged_in(machine: &Machine, account: &str) {
    machine.sandbox.program(
        "aws",
        &format!(
            r#"echo "aws $*" >> "$FAKES/log"
case "$*" in
  'sts get-caller-identity --output json') echo '{{"Account": "{account}"}}';;
  'ecr get-login-password --region ap-northeast-2') echo {TOKEN};;
  *) exit 1;;
esac"#
        ),
    );
}

/// The live Secret, made at that time.
fn secret(machine: &Machine, created_at: &str) {
    let config = BASE64.encode(json!({ "auths": { HOST: {} } }).to_string());
    let secret = json!({ "metadata": { "annotations": { "ecr-secret/created-at": created_at } }, "data": { ".dockerconfigjson": config } });
    std::fs::write(machine.file("secret"), secret.to_string()).unwrap();
}

#[test]
fn the_password_goes_from_aws_into_the_secret_and_nowhere_else() {
    let machine = machine();
    logged_in(&machine, "111122223333");
    let ran = machine.sandbox.run(&["ecr-login"]).exits(0).prints("").says_among("Secret ecr-secret for 111122223333.dkr.ecr");
    let applied: Value = serde_json::from_slice(&std::fs::read(machine.file("applied")).unwrap()).unwrap();
    let made = &applied["items"][0];
    assert_eq!((&made["metadata"]["name"], &made["metadata"]["namespace"]), (&json!("ecr-secret"), &json!("ecommerce")));
    let config = BASE64.decode(made["data"][".dockerconfigjson"].as_str().unwrap()).unwrap();
    let config: Value = serde_json::from_slice(&config).unwrap();
    assert_eq!(config["auths"][HOST]["password"], TOKEN);

    assert!(!ran.stderr.contains(TOKEN) && !machine.calls().contains(TOKEN));
    let journal = std::fs::read_to_string(machine.sandbox.state().join("journal.jsonl")).unwrap();
    assert!(journal.contains("get-login-password") && !journal.contains(TOKEN), "{journal}");
}

#[test]
fn a_plan_asks_nobody_for_a_password() {
    let machine = machine();
    logged_in(&machine, "111122223333");
    let ran = machine.sandbox.run(&["--plan", "ecr-login"]).exits(0);
    ran.prints_among("aws ecr get-login-password --region ap-northeast-2\n").prints_among(" --filename - < ");
    assert!(!machine.calls().contains("aws "), "a plan calls aws");
}

#[test]
fn the_login_must_be_there_and_belong_to_the_account_of_the_registry() {
    let machine = machine();
    let ran = machine.sandbox.run(&["ecr-login"]).exits(4).says_among("error: the AWS command line `aws` is not installed\n");
    ran.says_among("Hint: install the AWS CLI");
    machine.sandbox.program("aws", "echo 'Unable to locate credentials.' >&2; exit 253");
    machine.sandbox.run(&["ecr-login"]).exits(4).says_among("Caused by: Unable to locate credentials.\n").says_among("Hint: log in");
    logged_in(&machine, "999999999999");
    let ran = machine.sandbox.run(&["ecr-login"]).exits(4);
    ran.says_among("logged in to AWS account 999999999999, and the registry belongs to 111122223333\n").says_among("AWS_PROFILE");
    assert!(!machine.file("applied").exists());
}

#[test]
fn the_status_says_how_long_and_says_expiry_loudly() {
    let machine = machine();
    machine.sandbox.run(&["ecr-status"]).exits(1).prints_among("ecr-secret: there is none\n").prints_among("next: cargo xtask ecr-login");
    secret(&machine, "2020-01-01T00:00:00Z");
    machine.sandbox.run(&["ecr-status"]).exits(1).prints_among("ecr-secret: EXPIRED ");
    // Beyond what this machine's clock says, whatever that is: it was made just now.
    secret(&machine, "9999-01-01T00:00:00Z");
    machine.sandbox.run(&["ecr-status"]).exits(0).prints_among("ecr-secret: 0 min old, good for another 12 h 0 min");
}

#[test]
fn the_whole_picture_says_which_images_the_services_run() {
    let machine = machine();
    let version = pinned::tool("kubectl").version;
    let script = format!(
        r#"[ "$1" = version ] && echo '{{ "gitVersion": "v{version}" }}' && exit
case "$*" in
  *readyz*) echo ok;;
  *'get secret ecr-secret'*) [ -f "$FAKES/secret" ] && cat "$FAKES/secret" && exit; echo 'Error from server (NotFound)' >&2; exit 1;;
  *) echo '{{ "kind": "List", "items": [] }}';;
esac"#
    );
    machine.sandbox.program("kubectl", &script);
    machine.sandbox.run(&["dev-status"]).exits(0).prints_among("services: the public stand-in image; ecr-secret: there is none\n");
    secret(&machine, "9999-01-01T00:00:00Z");
    machine.sandbox.run(&["dev-status"]).exits(0).prints_among("services: the shop's own images; ecr-secret: 0 min old");
}

#[test]
fn deleting_asks_and_can_be_repeated() {
    let machine = machine();
    secret(&machine, "2020-01-01T00:00:00Z");
    machine.sandbox.run(&["ecr-delete"]).exits(2);
    assert!(machine.file("secret").exists());
    machine.sandbox.run(&["ecr-delete", "--yes"]).exits(0).says_among("the Secret ecr-secret is gone");
    machine.sandbox.run(&["ecr-delete", "--yes"]).exits(0).says_among("nothing to delete");
}
