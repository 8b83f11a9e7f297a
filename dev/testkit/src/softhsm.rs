//! Tokens of SoftHSM2, and a service that has them, which can be ended and started as that of a security module.

use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The module that has the tokens in the process that loads it.
pub const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";

/// The PIN of every token.
pub const PIN: &str = "917356";

/// How long the service is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where distributions put modules.
const FOLDERS: [&str; 4] = [
    "/usr/lib/x86_64-linux-gnu/pkcs11",
    "/usr/lib/aarch64-linux-gnu/pkcs11",
    "/usr/lib64/pkcs11",
    "/usr/lib/pkcs11",
];

/// A folder with tokens; gone when dropped.
#[derive(Debug)]
pub struct Tokens(TempDir);

impl Tokens {
    /// Makes tokens with these labels.
    ///
    /// # Errors
    ///
    /// If SoftHSM2 is not installed.
    pub fn make(labels: &[&str]) -> Result<Self> {
        let tokens = Self(TempDir::with_prefix("cordon-softhsm-")?);
        fs::create_dir(tokens.folder())?;
        let text = format!("directories.tokendir = {}\n", tokens.folder().display());
        fs::write(tokens.0.path().join("softhsm2.conf"), text)?;
        for label in labels {
            let pins = ["--so-pin", "12345678", "--pin", PIN];
            let made = Command::new("softhsm2-util")
                .args(["--init-token", "--free", "--label", label])
                .args(pins)
                .envs(tokens.environment())
                .output()
                .context("softhsm2-util is not installed: cargo xtask setup")?;
            ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        }

        Ok(tokens)
    }

    /// What a process needs in its environment, to find the tokens by [`MODULE`] or by [`served_module`].
    pub fn environment(&self) -> [(&'static str, String); 2] {
        let configuration = self.0.path().join("softhsm2.conf");
        [
            ("SOFTHSM2_CONF", configuration.display().to_string()),
            ("P11_KIT_SERVER_ADDRESS", format!("unix:path={}", self.socket().display())),
        ]
    }

    /// The folder that has a folder for each token.
    pub fn folder(&self) -> PathBuf {
        self.0.path().join("tokens")
    }

    fn socket(&self) -> PathBuf {
        self.0.path().join("service")
    }
}

/// Finds the module that has the tokens of a [`Service`].
///
/// # Errors
///
/// If it is not installed.
pub fn served_module() -> Result<PathBuf> {
    let mut modules = FOLDERS.iter().map(|folder| Path::new(folder).join("p11-kit-client.so"));

    modules
        .find(|path| path.exists())
        .context("p11-kit-modules is not installed: cargo xtask setup")
}

/// A process that has the tokens (p11-kit), with one more for each client; killed when dropped.
#[derive(Debug)]
pub struct Service(Child);

impl Service {
    /// Starts it.
    ///
    /// # Errors
    ///
    /// If p11-kit is not installed, or does not start.
    pub fn start(tokens: &Tokens) -> Result<Self> {
        let socket = tokens.socket();
        drop(fs::remove_file(&socket));
        let child = Command::new("p11-kit")
            .args(["server", "--foreground", "--provider", MODULE, "--name"])
            .arg(&socket)
            .arg("pkcs11:")
            .envs(tokens.environment())
            .process_group(0)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("p11-kit is not installed: cargo xtask setup")?;
        let mut service = Self(child);
        let deadline = Instant::now() + PATIENCE;
        while !socket.exists() {
            if let Some(status) = service.0.try_wait()? {
                bail!("p11-kit server ended: {status}");
            }
            ensure!(Instant::now() < deadline, "p11-kit server does not start");
            std::thread::sleep(Duration::from_millis(10));
        }

        Ok(service)
    }

    /// Has it answer nothing until it is [resumed](Self::resume), as if its network were lost.
    pub fn pause(&self) {
        self.signal("-STOP");
    }

    /// Has it answer again, also what was asked meanwhile.
    pub fn resume(&self) {
        self.signal("-CONT");
    }

    /// Each client has a process of its own, in the same group.
    fn signal(&self, signal: &str) {
        let group = format!("-{}", self.0.id());
        drop(Command::new("kill").args([signal, "--", &group]).status());
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.signal("-KILL");
        drop(self.0.wait());
    }
}
