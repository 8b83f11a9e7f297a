//! Runs a private PostgreSQL server until it is told to end, and prints where it is.
//!
//! Used as `CORDON_TEST_POSTGRES=$(…)` by `cargo xtask test`, and by hand.
#![allow(clippy::print_stdout, reason = "printing the address is what it is for")]

use anyhow::Result;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let server = testkit::postgres::Server::start()?;
    println!("{}", server.url);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }

    Ok(())
}
