//! A private PostgreSQL server for one run of the tests.

use super::ending::Folder;
use super::process::Process;
use anyhow::{Context as _, Result};
use std::process::Command;

/// Runs until it is dropped.
pub(crate) struct Server {
    url: String,
    _process: Process,
    _folder: Folder,
}

impl Server {
    /// Starts a server on a free loopback port.
    pub(crate) fn start() -> Result<Self> {
        let folder = Folder::make("postgres")?;
        let command = Command::new(super::company::program("postgres-for-tests"));
        let mut process = Process::start("postgres", command, &folder.0)?;
        let url = process
            .wait_for_output(|line| line.starts_with("postgres://").then(|| line.trim().to_owned()))
            .context("PostgreSQL for the tests")?;

        Ok(Self { url, _process: process, _folder: folder })
    }

    /// Where it is, without a database name.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}
