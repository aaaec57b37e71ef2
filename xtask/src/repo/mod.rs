//! Where things lie: the root of the repository, its environments, the folders this program writes to.

pub mod environment;
pub mod files;
pub mod keys;
mod nearest;
mod typed;
pub mod watch;
pub mod yaml;

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

pub use documents::emit;
pub use environment::Environment;
pub use nearest::nearest;

/// A repository of this kind: a folder with `environments/` and `argocd/`.
#[derive(Clone, Debug)]
pub struct Repo {
    root: PathBuf,
}

impl Repo {
    /// The folder that `--root` names, else the nearest one at or above `from` that looks like such a repository.
    /// Errors: usage, when there is none.
    pub fn find(root: Option<&Path>, from: &Path) -> Result<Self> {
        let looks_right = |dir: &Path| dir.join("environments").is_dir() && dir.join("argocd").is_dir();
        let found = match root {
            Some(dir) => Some(dir).filter(|d| looks_right(d)),
            None => from.ancestors().find(|d| looks_right(d)),
        };
        let Some(dir) = found else {
            let place = root.unwrap_or(from).display();
            return Err(Error::usage(format!("`{place}` is not a repository of this kind"))
                .cause("it has no folders `environments` and `argocd`")
                .hint("run it inside the repository, or name it with --root DIR"));
        };
        Ok(Repo { root: dir.canonicalize()? })
    }

    /// The folder that `--root` names, whatever is in it; else the nearest repository of this kind at or above `from`, else the
    /// nearest git working tree, else `from`. Errors: usage, when it is no folder.
    pub fn any(root: Option<&Path>, from: &Path) -> Result<Self> {
        let Some(dir) = root else {
            let tree = || from.ancestors().find(|dir| dir.join(".git").exists()).unwrap_or(from);
            return Self::find(None, from).or_else(|_| Ok(Repo { root: tree().canonicalize()? }));
        };
        if !dir.is_dir() {
            return Err(Error::usage(format!("`{}` is no folder", dir.display())).hint("name a folder with --root DIR"));
        }
        Ok(Repo { root: dir.canonicalize()? })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// `path` as people know it: relative to the root when it lies below.
    pub fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }

    pub fn environments_dir(&self) -> PathBuf {
        self.root.join("environments")
    }

    pub fn environment_file(&self, env: &str) -> PathBuf {
        self.environments_dir().join(env).join("environment.yaml")
    }

    /// The kubeconfig of an environment; git ignores it.
    pub fn kubeconfig(&self, env: &str) -> PathBuf {
        self.environments_dir().join(env).join("kubeconfig/config")
    }

    /// What a cluster of this clone and its commands write: state, logs, journal, snapshot. Git ignores it.
    pub fn state_dir(&self, name: &str) -> PathBuf {
        self.root.join(".xtask").join(name)
    }

    pub fn bootstrap_dir(&self) -> PathBuf {
        self.root.join("bootstrap")
    }

    pub fn charts_dir(&self) -> PathBuf {
        self.root.join("charts")
    }

    /// The values of a component in an environment.
    pub fn values(&self, env: &str, component: &str) -> PathBuf {
        self.root.join("config").join(env).join(format!("{component}.yaml"))
    }

    pub fn argocd_dir(&self) -> PathBuf {
        self.root.join("argocd")
    }
}
