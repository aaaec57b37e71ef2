//! Names: of objects by kind, of ports, keys and values of labels, keys of annotations.
//!
//! Source: k8s.io/apimachinery 0.36, pkg/util/validation; which kind has which names: the `ValidateNameFunc`s of
//! k8s.io/kubernetes/pkg/apis.

/// Why a text is not what it should be, in the words of a reader; `None`: it is.
pub(super) type Problem = Option<String>;

fn is_label_byte(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

fn is_label(text: &str) -> bool {
    let bytes = text.as_bytes();
    let ends = bytes.first().copied().is_some_and(is_label_byte) && bytes.last().copied().is_some_and(is_label_byte);
    ends && bytes.iter().all(|byte| is_label_byte(*byte) || *byte == b'-')
}

/// At most 63 of `a-z 0-9 -`, a letter or digit at both ends.
pub(super) fn dns_label(text: &str) -> Problem {
    if text.len() > 63 {
        return Some(too_long(text, 63));
    }
    (!is_label(text)).then(|| "only lower-case letters, digits and `-` may stand there, with a letter or digit at both ends".into())
}

/// At most 253 of DNS labels with dots between them; a label may be longer than 63 here.
pub(super) fn dns_subdomain(text: &str) -> Problem {
    if text.len() > 253 {
        return Some(too_long(text, 253));
    }
    (!text.split('.').all(is_label))
        .then(|| "only lower-case letters, digits, `-` and `.` may stand there, with a letter or digit at both ends of each part".into())
}

/// What can be one segment of a path: not `.`, not `..`, no `/`, no `%`.
pub(super) fn path_segment(text: &str) -> Problem {
    if matches!(text, "." | "..") {
        return Some(format!("it must not be `{text}`"));
    }
    text.contains(['/', '%']).then(|| "`/` and `%` must not stand in it".into())
}

fn too_long(text: &str, most: usize) -> String {
    format!("it has {} characters, {most} are allowed", text.len())
}

/// `name` or `prefix/name`; the name at most 63 of letters, digits, `-_.`.
pub(super) fn qualified_name(text: &str) -> Problem {
    let (prefix, name) = match text.rsplit_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, text),
    };
    if let Some(prefix) = prefix {
        if prefix.is_empty() {
            return Some("nothing stands before the `/`".into());
        }
        if let Some(why) = dns_subdomain(prefix) {
            return Some(format!("its prefix `{prefix}` is no DNS name: {why}"));
        }
    }
    if name.is_empty() {
        return Some("its name is empty".into());
    }
    if name.len() > 63 {
        return Some(format!("its name has {} characters, 63 are allowed", name.len()));
    }
    (!is_name_part(name)).then(|| "only letters, digits, `-`, `_` and `.` may stand in it, with a letter or digit at both ends".into())
}

fn is_name_part(text: &str) -> bool {
    let bytes = text.as_bytes();
    let ends = bytes.first().is_some_and(u8::is_ascii_alphanumeric) && bytes.last().is_some_and(u8::is_ascii_alphanumeric);
    ends && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// Empty, or at most 63 of letters, digits, `-_.`.
pub(super) fn label_value(text: &str) -> Problem {
    if text.len() > 63 {
        return Some(too_long(text, 63));
    }
    (!text.is_empty() && !is_name_part(text))
        .then(|| "only letters, digits, `-`, `_` and `.` may stand there, with a letter or digit at both ends".into())
}

/// A container's or a Service target's port: at most 15 of `a-z 0-9 -`, one of them a letter, no `-` at an end or twice.
pub(super) fn port_name(text: &str) -> Problem {
    if text.len() > 15 {
        return Some(too_long(text, 15));
    }
    let bytes = text.as_bytes();
    if !bytes.iter().all(|byte| is_label_byte(*byte) || *byte == b'-') || bytes.is_empty() {
        return Some("only lower-case letters, digits and `-` may stand there".into());
    }
    if !bytes.iter().any(u8::is_ascii_lowercase) {
        return Some("it needs a letter".into());
    }
    (text.contains("--") || text.starts_with('-') || text.ends_with('-')).then(|| "no `-` may stand at an end, nor two in a row".into())
}

/// A variable: any printable ASCII but `=`.
pub(super) fn env_name(text: &str) -> Problem {
    (!text.bytes().all(|byte| (b' '..=b'~').contains(&byte) && byte != b'='))
        .then(|| "only printable ASCII without `=` may stand there".into())
}

/// A key of a ConfigMap or Secret: at most 253 of letters, digits, `-_.`, no path.
pub(super) fn data_key(text: &str) -> Problem {
    if text.len() > 253 {
        return Some(too_long(text, 253));
    }
    if text == "." || text.starts_with("..") {
        return Some("it must not be `.` or begin with `..`".into());
    }
    let good = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    (!good).then(|| "only letters, digits, `-`, `_` and `.` may stand in it".into())
}

/// Kinds whose names are DNS labels. A Service's had to begin with a letter before Kubernetes 1.36.
const LABELS: &[(&str, &str)] = &[("", "Namespace"), ("", "Service"), ("apps", "StatefulSet"), ("", "ReplicationController")];

/// Kinds whose names may be any segment of a path: nobody makes DNS names of them.
const FREE: &[(&str, &str)] = &[
    ("rbac.authorization.k8s.io", "Role"),
    ("rbac.authorization.k8s.io", "ClusterRole"),
    ("rbac.authorization.k8s.io", "RoleBinding"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
    ("certificates.k8s.io", "CertificateSigningRequest"),
    ("certificates.k8s.io", "ClusterTrustBundle"),
    // It must be `version.group`, the name of a CRD `plural.group`: a check of its own.
    ("apiregistration.k8s.io", "APIService"),
    ("apiextensions.k8s.io", "CustomResourceDefinition"),
    ("", "ComponentStatus"),
    ("networking.k8s.io", "IPAddress"),
    ("internal.apiserver.k8s.io", "StorageVersion"),
];

/// The name of an object of a kind.
pub(super) fn object_name(group: &str, kind: &str, name: &str) -> Problem {
    if FREE.contains(&(group, kind)) {
        return path_segment(name);
    }
    if LABELS.contains(&(group, kind)) {
        return dns_label(name);
    }
    dns_subdomain(name)
}

/// The beginning of a generated name: it may end in `-`, and is cut where it is too long.
pub(super) fn generate_name(group: &str, kind: &str, prefix: &str) -> Problem {
    let masked = prefix.strip_suffix('-').map(|start| format!("{start}a"));
    object_name(group, kind, masked.as_deref().unwrap_or(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_own_names() {
        let long = "a".repeat(64);
        for (group, kind, name) in [
            ("", "ConfigMap", "a.b-c.9"),
            ("rbac.authorization.k8s.io", "ClusterRole", "system:node:Reader"),
            ("apps", "Deployment", long.as_str()),
            ("", "Service", "orders"),
            ("", "Service", "9lives"),
            ("argoproj.io", "Application", "a.b"),
        ] {
            assert_eq!(object_name(group, kind, name), None, "{kind} {name}");
        }
        for (group, kind, name) in [
            ("", "ConfigMap", "A"),
            ("", "ConfigMap", "a_b"),
            ("", "ConfigMap", "a..b"),
            ("", "ConfigMap", "-a"),
            ("", "Service", "a.b"),
            ("apps", "StatefulSet", long.as_str()),
            ("rbac.authorization.k8s.io", "Role", "a/b"),
        ] {
            assert!(object_name(group, kind, name).is_some(), "{kind} {name}");
        }
        assert_eq!(generate_name("", "Pod", "job-"), None);
    }

    #[test]
    fn labels_ports_and_keys() {
        assert!(["app", "app.kubernetes.io/name", "A_b.c"].iter().all(|key| qualified_name(key).is_none()));
        assert!(["", "a/b/c", "/a", "a/", "-a", "a b", "Upper.io/x", "app.kubernetes.io/"].iter().all(|key| qualified_name(key).is_some()));
        assert!(["", "v1.2.3", "A_b"].iter().all(|value| label_value(value).is_none()));
        assert!(["v1+build", "a b", "-", "a/b", &"x".repeat(64)].iter().all(|value| label_value(value).is_some()));
        assert!(["http", "grpc-web", "8080tcp"].iter().all(|name| port_name(name).is_none()));
        assert!(["", "HTTP", "80", "a--b", "-a", "sixteen-letters-"].iter().all(|name| port_name(name).is_some()));
        assert!(data_key("app.yaml").is_none() && data_key("a/b").is_some() && data_key("..").is_some() && data_key("").is_some());
    }
}
