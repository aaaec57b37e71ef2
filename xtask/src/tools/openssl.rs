//! openssl: a self-signed certificate for a development host.

use crate::error::{Error, Result};
use crate::proc::{Invocation, Runner};

/// A certificate and its private key, both PEM. The key comes through a pipe and never touches the disk.
pub struct Certificate {
    pub certificate: String,
    pub key: String,
}

/// Makes a self-signed certificate for `host`, valid for ten years.
/// Errors: openssl is missing (exit code 4) or refuses.
pub fn self_signed(runner: &Runner, host: &str) -> Result<Certificate> {
    let call = Invocation::reads("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-sha256", "-days", "3650"])
        .args(["-subj", &format!("/CN={host}"), "-addext", &format!("subjectAltName=DNS:{host}")])
        .args(["-keyout", "/dev/stdout", "-out", "/dev/stdout"]);
    let text = runner.run(&call).map_err(|f| {
        let missing = matches!(f, crate::proc::Failure::NotFound { .. });
        let error = Error::from(f).context(format!("could not make a certificate for {host}"));
        if missing { error.hint("install openssl with the package manager of your system") } else { error }
    })?;
    let text = text.text();
    match (block(&text, "CERTIFICATE"), block(&text, "PRIVATE KEY")) {
        (Some(certificate), Some(key)) => Ok(Certificate { certificate, key }),
        _ => Err(Error::failed(format!("openssl printed no certificate and key for {host}"))),
    }
}

fn block(pem: &str, kind: &str) -> Option<String> {
    let end = format!("-----END {kind}-----");
    let from = pem.find(&format!("-----BEGIN {kind}-----"))?;
    let to = from + pem[from..].find(&end)? + end.len();
    Some(format!("{}\n", &pem[from..to]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::Interrupt;

    #[test]
    fn certificate_and_key_come_apart() {
        let made = self_signed(&Runner::new(Interrupt::default()), "api.example.com").unwrap();
        assert!(made.certificate.starts_with("-----BEGIN CERTIFICATE-----\n"));
        assert!(made.key.ends_with("-----END PRIVATE KEY-----\n"));
    }
}
