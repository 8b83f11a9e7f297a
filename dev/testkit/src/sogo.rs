//! SOGo, a mail server that nobody here wrote, with everything it needs, for as long as a value lives.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

/// Where the parts of it listen, from its first port on.
const OFFSETS: [u16; 9] = [0, 24, 25, 80, 143, 190, 211, 432, 443];

/// A running SOGo with its accounts.
#[derive(Debug)]
pub struct Sogo {
    directory: TempDir,
    ports: Ports,
}

/// How it is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setup {
    /// Whether the mailboxes start with sample items.
    pub samples: bool,
    /// Longest Ping and longest waiting Sync, in seconds.
    pub longest_wait: u32,
}

impl Default for Setup {
    fn default() -> Self {
        Self { samples: true, longest_wait: 60 }
    }
}

impl Sogo {
    /// The password of every account.
    pub const PASSWORD: &'static str = "Cordon-Test-1";

    /// Starts it; takes some seconds, and minutes where it has to be installed.
    ///
    /// # Errors
    ///
    /// If a part of it does not start, or is missing and cannot be installed.
    pub fn start(setup: Setup) -> Result<Self> {
        let mut refusals = Vec::new();
        for _ in 0..3 {
            let directory = TempDir::with_prefix("cordon-sogo-")?;
            let sogo = Self { directory, ports: Ports::free()? };
            let started = sogo.script("up", setup)?;
            if started.status.success() {
                return Ok(sogo);
            }
            refusals.push(String::from_utf8_lossy(&started.stderr).into_owned());
        }

        bail!("SOGo does not start: {}", refusals.join("\n"))
    }

    /// Where it speaks HTTP.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.ports.first + 80))
    }

    /// Where its data lies; `smime` in it holds the certificates with keys of its people, whose password is that of their accounts.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    fn script(&self, verb: &str, setup: Setup) -> Result<Output> {
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../peers/sogo/sogo");

        Command::new(script)
            .arg(verb)
            .env("PEER_DIR", self.directory.path())
            .env("PEER_PORT_BASE", self.ports.first.to_string())
            .env("PEER_POLL", "1")
            .env("PEER_SEED", if setup.samples { "1" } else { "0" })
            .env("PEER_MAX_PING", setup.longest_wait.to_string())
            .env("PEER_MAX_SYNC", setup.longest_wait.to_string())
            .output()
            .context("no shell for dev/peers/sogo/sogo")
    }
}

impl Drop for Sogo {
    fn drop(&mut self) {
        drop(self.script("down", Setup::default()));
    }
}

/// A row of ports below those that the system hands out.
#[derive(Debug)]
struct Ports {
    first: u16,
    /// Locked as long as the row is in use, so that no other test takes it between a look at it and the start of what listens there.
    _lock: File,
}

impl Ports {
    /// Finds a row that nobody has.
    fn free() -> Result<Self> {
        let is_free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
        let locks = std::env::temp_dir().join("cordon-sogo-ports");
        std::fs::create_dir_all(&locks)?;
        for first in (10_000..30_000).step_by(500) {
            let lock = File::create(locks.join(first.to_string()))?;
            if lock.try_lock().is_ok() && OFFSETS.iter().all(|offset| is_free(first + offset)) {
                return Ok(Self { first, _lock: lock });
            }
        }

        bail!("no free row of ports between 10000 and 30000")
    }
}
