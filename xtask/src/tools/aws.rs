//! aws: who is logged in, and a password for the registry. The user's own program and login, from PATH.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::proc::{Failure, Invocation, Runner};

/// A password for the registry, valid for 12 hours. It has no `Debug`, so that no log shows it by accident.
pub struct Password(pub String);

pub struct Aws<'a> {
    runner: &'a Runner,
    program: PathBuf,
}

impl<'a> Aws<'a> {
    pub fn new(runner: &'a Runner) -> Self {
        Aws { runner, program: PathBuf::from("aws") }
    }

    fn reads(&self) -> Invocation {
        // A pager would wait for a key.
        Invocation::reads(&self.program).env("AWS_PAGER", "").timeout(Duration::from_secs(30))
    }

    /// The account of the login. Errors: prerequisite, when there is no program or no login.
    pub fn account(&self) -> Result<String> {
        let out = self.runner.run(&self.reads().args(["sts", "get-caller-identity", "--output", "json"])).map_err(explain)?;
        let identity: Value = serde_json::from_slice(&out.stdout)?;
        let account = identity.get("Account").and_then(Value::as_str).map(str::to_string);
        account.ok_or_else(|| Error::failed("`aws sts get-caller-identity` names no account"))
    }

    /// The call that prints a password, which therefore is never one that a log keeps the output of.
    pub fn password_call(&self, region: &str) -> Invocation {
        self.reads().args(["ecr", "get-login-password", "--region", region])
    }

    /// A fresh password of the registry of that region. Errors: prerequisite, when there is no program or no login.
    pub fn password(&self, region: &str) -> Result<Password> {
        let text = self.runner.run(&self.password_call(region)).map_err(explain)?.text();
        let password = text.trim();
        if password.is_empty() { Err(Error::failed("`aws ecr get-login-password` printed nothing")) } else { Ok(Password(password.into())) }
    }
}

/// A refusal of AWS is the user's to mend, before anything else.
fn explain(failure: Failure) -> Error {
    match failure {
        Failure::NotFound { .. } => {
            Error::prerequisite("the AWS command line `aws` is not installed").hint("install the AWS CLI, version 2, then log in")
        }
        Failure::Failed { tail, .. } => {
            let said: Vec<&str> = tail.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
            Error::prerequisite("AWS does not accept the login of this shell")
                .cause(said.join(" "))
                .hint("log in (aws sso login, or aws configure), and choose the profile with AWS_PROFILE")
        }
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::error::Exit;
    use crate::proc::Interrupt;

    fn with<T>(script: &str, test: impl FnOnce(&Aws<'_>, &Runner) -> T) -> T {
        let dir = tempfile::tempdir().unwrap();
        let program = dir.path().join("aws");
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let runner = Runner::new(Interrupt::default());
        test(&Aws { runner: &runner, program }, &runner)
    }

    #[test]
    fn the_account_and_the_password_are_what_aws_says() {
        let script = r#"case "$*" in
            'sts get-caller-identity --output json') echo '{"UserId": "u", "Account": "111122223333", "Arn": "a"}' ;;
            'ecr get-login-password --region eu-west-1') echo token ;;
            *) exit 1 ;;
        esac"#;
        with(script, |aws, runner| {
            assert_eq!(aws.account().unwrap(), "111122223333");
            assert_eq!(aws.password("eu-west-1").unwrap().0, "token");
            // What the journal would keep of these calls.
            assert!(runner.take_observed().iter().all(|call| !call.command.contains("token")));
        });
    }

    #[test]
    fn no_login_is_a_prerequisite_in_the_words_of_aws() {
        with("echo 'Unable to locate credentials.' >&2; exit 253", |aws, _| {
            let e = aws.account().unwrap_err();
            assert_eq!((e.exit(), e.causes()), (Exit::Prerequisite, ["Unable to locate credentials.".to_string()].as_slice()));
        });
    }

    #[test]
    fn no_program_is_a_prerequisite() {
        let runner = Runner::new(Interrupt::default());
        let e = Aws { runner: &runner, program: "/nowhere/aws".into() }.account().unwrap_err();
        assert_eq!(e.exit(), Exit::Prerequisite);
        assert!(e.what().contains("not installed"), "{e}");
    }
}
