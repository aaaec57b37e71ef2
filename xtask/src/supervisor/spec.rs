//! What the supervisor runs, as a file. It holds no secret: programs read theirs from the cluster.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::proc::Invocation;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spec {
    pub processes: Vec<ProcessSpec>,
    /// Set where the control plane is plain processes too.
    pub control_plane: Option<ControlPlane>,
}

/// A program, everything it may see, and the port that shows that it works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessSpec {
    pub name: String,
    pub program: PathBuf,
    pub args: Vec<String>,
    /// Added to the environment of the supervisor.
    pub env: BTreeMap<String, String>,
    pub cwd: PathBuf,
    /// Loopback port that accepts connections once it is up.
    pub ready: u16,
    /// Called whenever it was started again after it had ended.
    #[serde(default)]
    pub after_restart: Option<Box<ProcessSpec>>,
    /// Connect to `ready` now and then: it notices only by that that what is behind it is gone, and ends.
    #[serde(default)]
    pub connect: bool,
    /// It reads the API server's schemas once, and keeps them: a new API server is a reason to start it again.
    #[serde(default)]
    pub keeps_schemas: bool,
}

impl ProcessSpec {
    pub fn invocation(&self) -> Invocation {
        let call = Invocation::writes(&self.program).args(&self.args).cwd(&self.cwd);
        self.env.iter().fold(call, |call, (key, value)| call.env(key, value))
    }
}

/// A control plane with pid files of its own, and the call that starts whatever is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlPlane {
    pub pid_dir: PathBuf,
    pub start: ProcessSpec,
    pub schemas: Schemas,
}

/// The calls that tell whether the API server publishes the schema of every kind that is defined in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schemas {
    /// Prints a line for each definition; its first word is `PLURAL.GROUP`.
    pub definitions: ProcessSpec,
    /// Prints the OpenAPI document, version 2.
    pub document: ProcessSpec,
}
