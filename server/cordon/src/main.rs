//! The server: configuration, wiring, subcommands.
//!
//! ```text
//! cli ──> commands ──> Operations            what administrators script
//!            │
//!            └── serve ──> gateway, console, feed, upkeep
//! ```
//!
//! # Invariants
//!
//! - The only crate of the server wing that reads the clock and the environment.
//! - Every private key that lies in the data folder is sealed; one on a token never does.

mod cli;
mod commands;
mod config;
mod expiry;
mod https;
mod identity;
mod output;
mod seal;
mod tls;
mod token;
mod vital;

use anyhow::Context as _;
use clap::Parser as _;
use output::Output;
use rustix::process::{Resource, Rlimit, setrlimit};
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let output = Output::new(cli.json);
    if let Err(error) = forbid_core_dumps() {
        return output.failed(&error);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return output.failed(&error.into()),
    };

    match runtime.block_on(commands::run(cli, output)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => output.failed(&error),
    }
}

/// Keeps keys, passwords and PINs out of files that nobody knows of.
fn forbid_core_dumps() -> anyhow::Result<()> {
    let none = Rlimit { current: Some(0), maximum: Some(0) };

    setrlimit(Resource::Core, none).context("cannot forbid core dumps")
}
