//! A mail server that nobody here wrote: SOGo, with everything it needs, started for one test.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU16, Ordering};

use tempfile::TempDir;

/// Where the parts of it listen, from its first port on.
const OFFSETS: [u16; 9] = [0, 24, 25, 80, 143, 190, 211, 432, 443];

/// A running SOGo with sample mailboxes.
pub(super) struct Peer {
    directory: TempDir,
    first_port: u16,
}

impl Peer {
    /// Starts it; takes some seconds, and minutes where it has to be installed.
    pub(super) fn start() -> Self {
        let directory = TempDir::with_prefix("cordon-sogo-").expect("a directory");
        let peer = Self { directory, first_port: free_ports() };
        let started = peer.script("up");
        assert!(started.status.success(), "{}", String::from_utf8_lossy(&started.stderr));
        peer
    }

    /// Where it speaks HTTP.
    pub(super) fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.first_port + 80))
    }

    fn script(&self, verb: &str) -> std::process::Output {
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../dev/peers/sogo/sogo");
        Command::new(script)
            .arg(verb)
            .env("PEER_DIR", self.directory.path())
            .env("PEER_PORT_BASE", self.first_port.to_string())
            .env("PEER_POLL", "1")
            .output()
            .expect("a shell")
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.script("down"));
    }
}

/// Finds a row of ports below those that the system hands out. Tests of one process begin at different rows, like tests of several.
fn free_ports() -> u16 {
    static STARTED: AtomicU16 = AtomicU16::new(0);
    let is_free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    let first = u16::try_from(std::process::id() % 40).expect("below 40");
    let first = first + STARTED.fetch_add(1, Ordering::Relaxed) % 40;
    let rows = (0..40).map(|row| 10_000 + (first + row) % 40 * 500);
    let mut free = rows.filter(|row| OFFSETS.iter().all(|offset| is_free(row + offset)));
    free.next().expect("some ports are free")
}
