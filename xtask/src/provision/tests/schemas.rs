//! Schemas: compiled once from what is here, and again when they are not whole.

use super::*;
use crate::provision::schemas::Compiled;

const OPENAPI: &str = r##"{"definitions": {"io.k8s.api.core.v1.Thing": {"type": "object", "properties": {"kind": {"type": "string"}},
    "x-kubernetes-group-version-kind": [{"group": "", "version": "v1", "kind": "Thing"}]}}}"##;
const CRD: &str = "kind: CustomResourceDefinition\nspec: {group: a.io, names: {kind: A}, versions: [{name: v1, schema: {openAPIV3Schema: {type: object}}}]}\n";

fn lock(url: &str, openapi: &str) -> String {
    let set = |name: &str, file: &str, sum: &str| {
        format!(
            "[[artifact]]\nname = \"{name}\"\nversion = \"1.2.3\"\nurl = \"{url}/{{path}}\"\nfolder = \"f\"\nfiles = [{{ path = \"{file}\", sha256 = \"{sum}\" }}]\n"
        )
    };
    format!(
        "tool = []\nfamily = {{}}\n{}{}",
        set("kubernetes-openapi", "swagger.json", openapi),
        set("a-crds", "a.yaml", &sum(CRD.as_bytes()))
    )
}

fn kinds(compiled: &Compiled) -> Vec<String> {
    let schemas = lint::schemas::Schemas::of(lint::schemas::Store::read(compiled.text.clone()).unwrap(), []);
    [("", "Thing"), ("a.io", "A")].into_iter().flat_map(|(group, kind)| schemas.served(group, kind)).collect()
}

#[test]
fn they_are_compiled_once_and_again_when_they_are_not_whole() {
    let mut sandbox = Sandbox::new();
    sandbox.in_mirror(&sum(OPENAPI.as_bytes()), OPENAPI.as_bytes());
    sandbox.in_mirror(&sum(CRD.as_bytes()), CRD.as_bytes());
    let provision = sandbox.provision(&lock(NOWHERE, &sum(OPENAPI.as_bytes())));
    assert!(provision.look_schemas().is_none());
    let first = provision.schemas().unwrap();
    assert_eq!((kinds(&first), first.absent.len()), (vec!["v1".to_string(), "a.io/v1".to_string()], 0));
    assert_eq!(provision.look_schemas().unwrap().text, first.text);

    let files = cache::entries(&provision.0.cache.schemas_dir());
    assert_eq!(files.len(), 1, "{files:?}");
    let whole = std::fs::read(&files[0]).unwrap();
    for broken in [&whole[..whole.len() - 1], b"", &whole[..10], b"something else\n"] {
        std::fs::write(&files[0], broken).unwrap();
        assert!(provision.look_schemas().is_none());
        assert_eq!(provision.schemas().unwrap().text, first.text);
        assert_eq!(std::fs::read(&files[0]).unwrap(), whole);
    }
    let entry = provision.inventory().into_iter().find(|entry| entry.path == files[0]).unwrap();
    assert_eq!(entry.pinned, Pinned::Current);
}

#[test]
fn a_set_that_cannot_be_had_is_named_and_the_rest_is_there() {
    let mut sandbox = Sandbox::new();
    sandbox.in_mirror(&sum(OPENAPI.as_bytes()), OPENAPI.as_bytes());
    let provision = sandbox.provision(&lock(NOWHERE, &sum(OPENAPI.as_bytes())));
    let part = provision.schemas().unwrap();
    assert_eq!((kinds(&part), part.absent), (vec!["v1".to_string()], vec!["a-crds".to_string()]));
    assert_eq!(provision.0.runner.take_observed().len(), 1, "one curl");
    provision.schemas().unwrap();
    assert_eq!(provision.0.runner.take_observed().len(), 0, "and not another one");

    // Somebody brings it.
    sandbox.in_mirror(&sum(CRD.as_bytes()), CRD.as_bytes());
    let provision = sandbox.provision(&lock(NOWHERE, &sum(OPENAPI.as_bytes())));
    provision.artifact("a-crds").unwrap();
    assert_eq!(kinds(&provision.schemas().unwrap()), ["v1", "a.io/v1"]);
}

#[test]
fn other_bytes_than_the_pinned_ones_stop_everything() {
    let mut sandbox = Sandbox::new();
    sandbox.in_mirror(&sum(OPENAPI.as_bytes()), b"something else");
    let e = sandbox.provision(&lock(NOWHERE, &sum(OPENAPI.as_bytes()))).schemas().unwrap_err();
    assert_eq!(e.exit(), Exit::Failed);
}
