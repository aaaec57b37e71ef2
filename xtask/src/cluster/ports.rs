//! Loopback ports of one clone's environment: chosen once, remembered, so that addresses stay the same.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::repo::files;

/// Everything that listens. The name is the key in the remembered file, the order that of the block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Port {
    KubeApiserver,
    Etcd,
    EtcdPeer,
    KubeControllerManager,
    KubeScheduler,
    KwokController,
    ArgocdServer,
    ArgocdServerMetrics,
    ArgocdRepoServer,
    ArgocdRepoServerMetrics,
    ArgocdApplicationControllerMetrics,
    ArgocdApplicationsetControllerMetrics,
    ArgocdApplicationsetControllerProbe,
    ArgocdApplicationsetControllerWebhook,
    Redis,
    RolloutsMetrics,
    RolloutsHealth,
}

impl Port {
    pub const ALL: [Port; 17] = [
        Port::KubeApiserver,
        Port::Etcd,
        Port::EtcdPeer,
        Port::KubeControllerManager,
        Port::KubeScheduler,
        Port::KwokController,
        Port::ArgocdServer,
        Port::ArgocdServerMetrics,
        Port::ArgocdRepoServer,
        Port::ArgocdRepoServerMetrics,
        Port::ArgocdApplicationControllerMetrics,
        Port::ArgocdApplicationsetControllerMetrics,
        Port::ArgocdApplicationsetControllerProbe,
        Port::ArgocdApplicationsetControllerWebhook,
        Port::Redis,
        Port::RolloutsMetrics,
        Port::RolloutsHealth,
    ];

    /// Programs that bind every address and cannot be told otherwise (Argo CD 3.5, Argo Rollouts 1.9).
    /// Everything else listens on 127.0.0.1; a test compares the sockets with exactly this list.
    pub const ON_EVERY_ADDRESS: [Port; 3] = [Port::ArgocdApplicationControllerMetrics, Port::RolloutsMetrics, Port::RolloutsHealth];

    /// The name in the remembered file, in messages and in docs.
    pub fn name(self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(name)) => name,
            _ => format!("{self:?}"),
        }
    }
}

/// Below the range from which systems take the source ports of outgoing connections (32768 on Linux, 49152 on macOS):
/// a port from there may be busy at the next start for no visible reason.
const FIRST: u16 = 18_000;
/// Below the ports that a k3d cluster of another clone takes (30000 to 30100): the two engines work side by side.
const LAST: u16 = 29_990;
/// Room for a clone: a few more than there are ports, so that a later version can add some.
const BLOCK: u16 = 32;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ports(BTreeMap<Port, u16>);

impl Ports {
    fn file(state_dir: &Path) -> PathBuf {
        state_dir.join("ports.json")
    }

    /// The remembered ports; `None` when none were chosen yet, or the file is of another version.
    pub fn remembered(state_dir: &Path) -> Option<Self> {
        let text = std::fs::read(Self::file(state_dir)).ok()?;
        let ports: Ports = serde_json::from_slice(&text).ok()?;
        Port::ALL.iter().all(|p| ports.0.contains_key(p)).then_some(ports)
    }

    /// Chooses a free block, beginning at a place that depends on the clone's path, and remembers it.
    /// Errors: no block is free.
    pub fn choose(state_dir: &Path) -> Result<Self> {
        let blocks = (LAST - FIRST) / BLOCK;
        let start = hash(state_dir) % u64::from(blocks);
        for i in 0..blocks {
            let block = ((start + u64::from(i)) % u64::from(blocks)) as u16;
            let ports = Self::block(FIRST + block * BLOCK);
            if ports.taken().is_none() {
                files::write_if_changed(&Self::file(state_dir), &serde_json::to_vec_pretty(&ports)?, 0o600)?;
                return Ok(ports);
            }
        }
        Err(Error::failed(format!("no {} free ports side by side between {FIRST} and {LAST}", Port::ALL.len())))
    }

    fn block(first: u16) -> Self {
        Ports(Port::ALL.iter().enumerate().map(|(i, p)| (*p, first + i as u16)).collect())
    }

    pub fn get(&self, port: Port) -> u16 {
        self.0.get(&port).copied().unwrap_or_default()
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self, port: Port) -> String {
        format!("127.0.0.1:{}", self.get(port))
    }

    /// The first port that another program listens on.
    pub fn taken(&self) -> Option<(Port, u16)> {
        self.taken_of(&Port::ALL)
    }

    fn taken_of(&self, ports: &[Port]) -> Option<(Port, u16)> {
        ports.iter().map(|p| (*p, self.get(*p))).find(|(_, number)| !is_free(*number))
    }

    /// Why `ports` cannot be listened on, and what helps; `None` when all are free.
    pub fn conflict(&self, ports: &[Port]) -> Option<(String, String)> {
        let (port, number) = self.taken_of(ports)?;
        let why = format!("port {number} of {} is taken by another program", port.name());
        let find = format!("see which one: ss -ltnp 'sport = :{number}'");
        Some((why, format!("{find}; end it, or begin anew on other ports: cargo xtask dev-clean --yes && cargo xtask dev-init")))
    }

    /// Errors when one of `ports` is taken by another program.
    pub fn require_free(&self, ports: &[Port]) -> Result<()> {
        self.conflict(ports).map_or(Ok(()), |(why, hint)| Err(Error::prerequisite(why).hint(hint)))
    }
}

fn is_free(port: u16) -> bool {
    // On every address too: three programs bind that way.
    let bind = |ip| TcpListener::bind(SocketAddrV4::new(ip, port)).is_ok();
    bind(Ipv4Addr::LOCALHOST) && bind(Ipv4Addr::UNSPECIFIED)
}

/// Does something accept connections on this loopback port?
pub fn answers(port: u16) -> bool {
    let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, port).into();
    TcpStream::connect_timeout(&address, Duration::from_millis(300)).is_ok()
}

/// FNV-1a: stable over Rust versions, unlike the standard hasher.
fn hash(path: &Path) -> u64 {
    path.as_os_str().as_encoded_bytes().iter().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_block_reaches_into_the_ports_of_a_k3d_cluster() {
        let last = FIRST + ((LAST - FIRST) / BLOCK - 1) * BLOCK;
        let ports = Ports::block(last);
        assert!(Port::ALL.iter().all(|p| ports.get(*p) < 30_000));
    }

    #[test]
    fn a_choice_is_remembered() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Ports::remembered(dir.path()).is_none());
        let chosen = Ports::choose(dir.path()).unwrap();
        assert_eq!(Ports::remembered(dir.path()), Some(chosen));
    }

    #[test]
    fn a_block_with_a_taken_port_is_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        let first = Ports::choose(dir.path()).unwrap();
        let _held = TcpListener::bind(("127.0.0.1", first.get(Port::Redis))).unwrap();
        let second = Ports::choose(dir.path()).unwrap();
        assert_ne!(first, second);
        let e = first.require_free(&Port::ALL).unwrap_err();
        assert_eq!(e.what(), format!("port {} of redis is taken by another program", first.get(Port::Redis)));
    }
}
