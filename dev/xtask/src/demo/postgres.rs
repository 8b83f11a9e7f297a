//! A private PostgreSQL server for one run of the tests.

use super::process::Process;
use anyhow::{Context as _, Result};
use std::path::PathBuf;
use std::process::Command;

/// Runs until it is dropped.
pub(crate) struct Server {
    url: String,
    _process: Process,
}

impl Server {
    /// Starts a server on a free loopback port.
    pub(crate) fn start() -> Result<Self> {
        let folder: PathBuf =
            std::env::temp_dir().join(format!("cordon-postgres-{}", std::process::id()));
        let mut command = Command::new(super::company::program("postgres-for-tests"));
        command.stdin(std::process::Stdio::null());
        let mut process = Process::start("postgres", command, &folder)?;
        let url = process
            .wait_for_output(|line| line.starts_with("postgres://").then(|| line.trim().to_owned()))
            .context("PostgreSQL for the tests")?;

        Ok(Self { url, _process: process })
    }

    /// Where it is, without a database name.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}
