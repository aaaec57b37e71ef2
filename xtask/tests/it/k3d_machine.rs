//! A machine with stand-ins for docker, k3d, kubectl and istioctl; the containers of the cluster are files of the sandbox.

use std::path::PathBuf;

use super::pinned;
use super::sandbox::Sandbox;

/// A machine with a Docker engine and the programs of the engine.
pub struct Machine {
    pub sandbox: Sandbox,
}

impl Machine {
    pub fn new() -> Self {
        let mut sandbox = Sandbox::with_programs(&["cat", "mkdir", "rm", "sed"]);
        let fakes = sandbox.root().join("../fakes").components().collect::<PathBuf>();
        std::fs::create_dir(&fakes).unwrap();
        let fakes = fakes.to_string_lossy().replace("/repo/..", "");
        sandbox.variable("FAKES", Some(&fakes));
        let machine = Machine { sandbox };
        machine.docker("");
        machine.k3d("");
        let version = pinned::tool("istioctl").version;
        let printed = format!(r#"echo '{{ "clientVersion": {{ "version": "{version}" }} }}'"#);
        machine.sandbox.program("istioctl", &printed);
        machine.kubectl(&format!(
            r#"  *readyz*) read -r first < "$FAKES/nodes"; case "$first" in running*) echo ok;; *) exit 1;; esac;;
  *"--raw /apis/"*) echo '{{ "items": [] }}';;
  *'config view'*) echo '{{ "contexts": [{{ "context": {{}} }}] }}';;
  *'--output json') echo '{{ "items": [{POD}] }}';;"#
        ));
        machine
    }

    /// A kubectl in the pinned version that notes every call; `cases` of a shell's `case` answer it.
    pub fn kubectl(&self, cases: &str) {
        let version = pinned::tool("kubectl").version;
        let script = r#"echo "kubectl $*" >> "$FAKES/log"
case "$*" in"#;
        let asked = format!(r#"[ "$1" = version ] && echo '{{ "gitVersion": "v{version}" }}' && exit"#);
        self.sandbox.program("kubectl", &format!("{asked}\n{script}\n{cases}\nesac"));
    }

    /// A Docker that does `first` before anything else.
    pub fn docker(&self, first: &str) {
        let script = r#"echo "docker $*" >> "$FAKES/log"
case "$1" in
  version) echo 28.1.1;;
  ps) [ ! -f "$FAKES/nodes" ] || cat "$FAKES/nodes";;
esac"#;
        self.sandbox.program("docker", &format!("{first}\n{script}"));
    }

    /// A k3d that does `first` before anything else but its version.
    pub fn k3d(&self, first: &str) {
        let version = pinned::tool("k3d").version;
        let root = self.sandbox.root();
        let root = root.display();
        let script = format!(
            r#"[ "$1" = version ] && echo 'k3d version v{version}' && exit
echo "k3d $*" >> "$FAKES/log"
echo "$KUBECONFIG $XDG_CONFIG_HOME $LOG_COLORS" >> "$FAKES/seen"
{first}
case "$1 $2" in
  'cluster create') echo 'time="now" level=info msg="Creating node"'; printf 'running server {root}\nrunning loadbalancer {root}\n' > "$FAKES/nodes";;
  'cluster start') sed 's/^exited/running/' "$FAKES/nodes" > "$FAKES/now"; cat "$FAKES/now" > "$FAKES/nodes";;
  'cluster stop') sed 's/^running/exited/' "$FAKES/nodes" > "$FAKES/now"; cat "$FAKES/now" > "$FAKES/nodes";;
  'cluster delete') rm "$FAKES/nodes";;
  'cluster list') echo 'NAME SERVERS'; exit 5;;
  'kubeconfig get') printf -- '---\nkind: Config\n';;
esac"#
        );
        self.sandbox.program("k3d", &script);
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.sandbox.root().parent().unwrap().join("fakes").join(name)
    }

    /// The containers as Docker lists them.
    pub fn nodes(&self, text: &str) {
        std::fs::write(self.file("nodes"), text.replace("[ROOT]", &self.sandbox.root().to_string_lossy())).unwrap();
    }

    pub fn has_nodes(&self) -> bool {
        self.file("nodes").exists()
    }

    /// The calls since the last time it was asked.
    pub fn calls(&self) -> String {
        let text = std::fs::read_to_string(self.file("log")).unwrap_or_default();
        std::fs::write(self.file("log"), "").unwrap();
        text.replace(&*self.sandbox.root().to_string_lossy(), "[ROOT]").trim_end().to_string()
    }

    /// The calls that do more than to look.
    pub fn work(&self) -> Vec<String> {
        self.calls().lines().filter(|l| l.starts_with("k3d ")).map(str::to_string).collect()
    }

    pub fn asked(&self) -> usize {
        self.calls().lines().filter(|l| l.starts_with("docker version")).count()
    }

    pub fn created() -> Self {
        let machine = Machine::new();
        machine.sandbox.run(&["k3d-create"]).exits(0);
        machine.calls();
        machine
    }

    /// The first words of what `dev-status` prints: the engine and why it was taken.
    pub fn introduction(&self, args: &[&str]) -> String {
        let ran = self.sandbox.run(&[&["dev-status"], args].concat()).exits(0);
        ran.stdout.split_once("): ").map(|(before, _)| format!("{before})")).unwrap_or(ran.stdout)
    }
}

pub const POD: &str = r#"{ "metadata": { "name": "argocd-server-0", "namespace": "argocd" },
  "status": { "phase": "Running", "containerStatuses": [{ "ready": true, "restartCount": 2 }] } }"#;
pub const INFO: &str = "docker info --format {{json .}}";
pub const READY: &str = "kubectl --kubeconfig [ROOT]/environments/dev/kubeconfig/config --context k3d-small-shop \
                     --cache-dir [ROOT]/.xtask/dev/kubectl get --raw /readyz --request-timeout=2s";
pub const LIST: &str =
    "docker ps --all --filter label=k3d.cluster=small-shop --format {{.State}} {{.Label \"k3d.role\"}} {{.Label \"c4ang.io/clone\"}}";
pub const ASK: &str = "docker version --format {{.Server.Version}}";
