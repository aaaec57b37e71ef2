//! A repository of a given number of Applications: a root, ApplicationSets of fifty, charts with a library, values per Application.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Applications that one ApplicationSet generates.
const PER_SET: usize = 50;
/// Applications that share a chart.
const PER_CHART: usize = 10;

pub struct Repository {
    dir: tempfile::TempDir,
    pub applications: usize,
}

impl Repository {
    /// Shape: one Application in ten is written out, the others come of ApplicationSets. Each renders a Deployment, a Service
    /// and a ConfigMap. The whole is one commit on `main`.
    pub fn new(applications: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let repository = Repository { dir, applications };
        repository.write("bootstrap/root.yaml", &application("root", "argocd", "directory: {recurse: true}"));
        repository.write("argocd/project.yaml", PROJECT);
        repository.charts();
        let names: Vec<String> = (0..applications).map(name).collect();
        for name in &names {
            repository.write(&format!("config/dev/{name}.yaml"), &values(name, 2));
        }
        let (plain, generated): (Vec<(usize, &String)>, Vec<_>) = names.iter().enumerate().partition(|(i, _)| i % 10 == 9);
        for (i, name) in plain {
            let helm = format!("helm: {{valueFiles: [../../config/dev/{name}.yaml]}}");
            repository.write(&format!("argocd/applications/{name}.yaml"), &application(name, &chart(i), &helm));
        }
        for (i, part) in generated.chunks(PER_SET).enumerate() {
            repository.write(&format!("argocd/sets/{i:02}.yaml"), &set(i, part));
        }
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository.git(&["remote", "add", "origin", URL]);
        repository.git(&["add", "--all"]);
        repository.git(&["-c", "user.name=bench", "-c", "user.email=bench@example.com", "commit", "--quiet", "--message=all"]);
        repository
    }

    pub fn root(&self) -> &Path {
        self.dir.path()
    }

    /// The values of an Application, with one line changed against the commit.
    pub fn change_one_line(&self) {
        self.write(&format!("config/dev/{}.yaml", name(0)), &values(&name(0), 3));
    }

    fn charts(&self) {
        self.write("charts/library/Chart.yaml", "apiVersion: v2\nname: library\nversion: 1.0.0\ntype: library\n");
        self.write("charts/library/templates/_labels.tpl", LABELS);
        for i in (0..self.applications).step_by(PER_CHART) {
            let dir = chart(i);
            let name = dir.trim_start_matches("charts/");
            let library = "dependencies:\n  - {name: library, version: 1.0.0, repository: file://../library}\n";
            self.write(&format!("{dir}/Chart.yaml"), &format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n{library}"));
            self.write(&format!("{dir}/values.yaml"), "replicas: 1\nport: 8080\nimage: {repository: shop, tag: \"1.0\"}\nsettings: {}\n");
            self.write(&format!("{dir}/templates/deployment.yaml"), DEPLOYMENT);
            self.write(&format!("{dir}/templates/service.yaml"), SERVICE);
            self.write(&format!("{dir}/templates/settings.yaml"), SETTINGS);
        }
    }

    fn write(&self, path: &str, text: &str) {
        let path: PathBuf = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn git(&self, args: &[&str]) {
        assert!(Command::new("git").args(args).current_dir(self.root()).status().unwrap().success(), "git {args:?}");
    }
}

fn name(i: usize) -> String {
    format!("shop-{i:04}")
}

fn chart(i: usize) -> String {
    format!("charts/chart-{:03}", i / PER_CHART)
}

fn values(name: &str, replicas: usize) -> String {
    let mut text = format!("# What differs for {name}.\nreplicas: {replicas}\nimage:\n  tag: \"1.{replicas}\"\nsettings:\n");
    for i in 0..20 {
        let _ = writeln!(text, "  SETTING_{i}: \"{name} {i}\"");
    }
    text
}

fn application(name: &str, path: &str, more: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: {name}\n  namespace: argocd\nspec:\n  project: default\n  \
         source:\n    repoURL: {URL}\n    targetRevision: main\n    path: {path}\n    {more}\n  destination:\n    \
         server: https://kubernetes.default.svc\n    namespace: shop\n"
    )
}

fn set(i: usize, elements: &[(usize, &String)]) -> String {
    let mut text =
        format!("apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata:\n  name: set-{i:02}\n  namespace: argocd\n{SET}");
    for (i, name) in elements {
        let _ = writeln!(text, "          - {{component: {name}, chart: {}}}", chart(*i));
    }
    text + TEMPLATE
}

const URL: &str = "https://example.com/shop/infra.git";

const PROJECT: &str = "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: default, namespace: argocd}\nspec:\n  \
    sourceRepos: ['*']\n  destinations: [{server: '*', namespace: '*'}]\n";

const SET: &str = "spec:
  goTemplate: true
  goTemplateOptions: [missingkey=error]
  generators:
    - list:
        elements:
";

const TEMPLATE: &str = "  template:
    metadata:
      name: '{{ .component }}-dev'
      labels:
        app.kubernetes.io/component: '{{ .component }}'
      annotations:
        argocd.argoproj.io/sync-wave: '1'
    spec:
      project: default
      source:
        repoURL: https://example.com/shop/infra.git
        targetRevision: main
        path: '{{ .chart }}'
        helm:
          releaseName: '{{ .component }}-dev'
          valueFiles:
            - values.yaml
            - ../../config/dev/{{ .component }}.yaml
      destination:
        server: https://kubernetes.default.svc
        namespace: shop
      syncPolicy:
        automated: {prune: true, selfHeal: true}
";

const LABELS: &str = "{{- define \"library.labels\" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
";

const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
  labels: {{- include \"library.labels\" . | nindent 4 }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels: {{- include \"library.labels\" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include \"library.labels\" . | nindent 8 }}
    spec:
      containers:
        - name: app
          image: {{ printf \"%s:%s\" .Values.image.repository .Values.image.tag }}
          ports:
            - containerPort: {{ .Values.port }}
          envFrom:
            - configMapRef: {name: {{ .Release.Name }}}
";

const SERVICE: &str = "apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
spec:
  selector: {{- include \"library.labels\" . | nindent 4 }}
  ports:
    - port: 80
      targetPort: {{ .Values.port }}
";

const SETTINGS: &str = "apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
data: {{- toYaml .Values.settings | nindent 2 }}
";
