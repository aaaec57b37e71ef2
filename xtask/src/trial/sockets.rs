//! Listening sockets of given processes, as the Linux kernel lists them.

use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::error::Result;

/// A TCP socket that listens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Socket {
    pub address: IpAddr,
    pub port: u16,
}

impl Socket {
    pub fn is_loopback(&self) -> bool {
        self.address.is_loopback()
    }
}

/// The listening sockets of `pids`, sorted; `None` where the kernel does not list them in /proc.
pub fn listening(pids: &[u32]) -> Result<Option<Vec<Socket>>> {
    let (Ok(four), Ok(six)) = (std::fs::read_to_string("/proc/net/tcp"), std::fs::read_to_string("/proc/net/tcp6")) else {
        return Ok(None);
    };
    let by_inode: HashMap<String, Socket> = parse(&four).chain(parse(&six)).collect();
    let mut found = BTreeSet::new();
    for pid in pids {
        let Ok(descriptors) = std::fs::read_dir(format!("/proc/{pid}/fd")) else { continue };
        for descriptor in descriptors.flatten() {
            let Ok(target) = std::fs::read_link(descriptor.path()) else { continue };
            let target = target.to_string_lossy().into_owned();
            let inode = target.strip_prefix("socket:[").and_then(|t| t.strip_suffix(']'));
            found.extend(inode.and_then(|i| by_inode.get(i)).cloned());
        }
    }
    Ok(Some(found.into_iter().collect()))
}

/// Inode → socket, for those in the state LISTEN (0A). Addresses are hexadecimal words in the order of the machine.
/// Source: Linux, Documentation/networking/proc_net_tcp.rst.
fn parse(table: &str) -> impl Iterator<Item = (String, Socket)> + '_ {
    table.lines().skip(1).filter_map(|line| {
        let cells: Vec<&str> = line.split_whitespace().collect();
        if *cells.get(3)? != "0A" {
            return None;
        }
        let (address, port) = cells.get(1)?.split_once(':')?;
        let words: Option<Vec<u32>> =
            (0..address.len() / 8).map(|i| u32::from_str_radix(address.get(i * 8..i * 8 + 8)?, 16).ok().map(u32::from_be)).collect();
        let address = match words?.as_slice() {
            [word] => IpAddr::V4(Ipv4Addr::from(*word)),
            [a, b, c, d] => {
                let bits = [a, b, c, d].iter().fold(0u128, |bits, word| bits << 32 | u128::from(**word));
                let six = Ipv6Addr::from(bits);
                six.to_ipv4_mapped().map_or(IpAddr::V6(six), IpAddr::V4)
            }
            _ => return None,
        };
        Some((cells.get(9)?.to_string(), Socket { address, port: u16::from_str_radix(port, 16).ok()? }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn a_listener_of_this_process_is_found_with_its_address() {
        let local = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let every = std::net::TcpListener::bind("0.0.0.0:0").unwrap();
        let found = listening(&[std::process::id()]).unwrap().unwrap();
        let of = |l: &std::net::TcpListener| found.iter().find(|s| s.port == l.local_addr().unwrap().port()).unwrap();
        assert!(of(&local).is_loopback());
        assert!(!of(&every).is_loopback());
    }
}
