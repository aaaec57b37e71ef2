//! Artifacts: mirror, network and Go module, each asked in its turn.

use super::*;

/// Two files of one project, with a Go module to fall back on.
fn artifact_lock(url: &str, module: &str, one: &str, two: &str) -> String {
    format!(
        r#"
        tool = []
        family = {{}}
        [[artifact]]
        name = "crds"
        version = "1.2.0"
        {module}
        url = "{url}/{{version}}/{{path}}"
        folder = "manifests"
        files = [{{ path = "one.yaml", sha256 = "{one}" }}, {{ path = "two.yaml", sha256 = "{two}" }}]
        "#
    )
}

#[test]
fn an_artifact_comes_from_mirror_network_and_go_module() {
    let mut sandbox = Sandbox::new();
    sandbox.in_mirror(&sum(b"one"), b"one");
    let server =
        Server::start(|request| if request.path == "/1.2.0/manifests/two.yaml" { Reply::file(b"two") } else { Reply::not_found() });
    let provision = sandbox.provision(&artifact_lock(&server.url, "", &sum(b"one"), &sum(b"two")));
    assert_eq!(provision.look_artifact("crds"), None);
    let files = provision.artifact("crds").unwrap();
    let names: Vec<_> = files.iter().map(|f| f.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, ["one.yaml", "two.yaml"]);
    assert_eq!(std::fs::read(&files[1]).unwrap(), b"two");
    assert_eq!(server.requests().len(), 1, "the mirror had the other one");
    assert_eq!(provision.look_artifact("crds"), Some(files));
    assert_eq!(sandbox.cached().len(), 2, "{:?}", sandbox.cached());

    let sandbox = Sandbox::new();
    let module = sandbox.at("module");
    std::fs::create_dir_all(module.join("manifests")).unwrap();
    std::fs::write(module.join("manifests/one.yaml"), "one").unwrap();
    std::fs::write(module.join("manifests/two.yaml"), "two").unwrap();
    let dir = module.display();
    sandbox.go_that(&format!("[ $4 = example.org/m@v1.2.0 ] && echo '{{\"Dir\": \"{dir}\"}}'"));
    let provision = sandbox.provision(&artifact_lock(NOWHERE, "module = 'example.org/m'", &sum(b"one"), &sum(b"two")));
    assert_eq!(provision.artifact("crds").unwrap().len(), 2);
    assert_eq!(provision.0.runner.take_observed().len(), 3, "one curl (then the host is known), go version, go mod download");
}

#[test]
fn an_artifact_that_nobody_has_names_what_was_tried() {
    let mut sandbox = Sandbox::new();
    sandbox.in_mirror("other", b"");
    sandbox.go_that("echo '{\"Error\": \"proxy: 404\"}'; exit 1");
    let server = Server::start(|_| Reply::not_found());
    let one = sum(b"one");
    let provision = sandbox.provision(&artifact_lock(&server.url, "module = 'example.org/m'", &one, &sum(b"two")));
    let e = provision.artifact("crds").unwrap_err();
    assert_eq!(e.exit(), Exit::Prerequisite);
    let host = server.url.trim_start_matches("http://");
    assert_eq!(
        sandbox.shown(&e),
        format!(
            "error: crds 1.2.0 could not be provided\n\
             Caused by: file: manifests/one.yaml\n\
             Caused by: mirror: [DIR]/mirror/{one}: No such file or directory (os error 2)\n\
             Caused by: release: http://{host}/1.2.0/manifests/one.yaml: curl: (22) The requested URL returned error: 404\n\
             Caused by: Go module: proxy: 404\n\
             Hint: put the file into a folder, named {one}, and name the folder in XTASK_MIRROR"
        )
    );
    let without = Sandbox::new();
    let e = without.provision(&artifact_lock(&server.url, "", &one, &sum(b"two"))).artifact("crds").unwrap_err();
    assert_eq!(e.causes()[1], "mirror: XTASK_MIRROR names none");
    assert_eq!(e.causes()[3], "Go module: the project has none");
}
