//! The app as a program: a page behind a loopback door, and a command line.
//!
//! ```text
//!   browser ──► door (port on 127.0.0.1, ticket, checks) ─┐
//!                                                         ├──► api (routes, JSON) ──► app
//!   commands ──► instance (socket of the same user) ──────┘
//!   commands without a running app ───────────────────────┘ (in the same process)
//! ```
//!
//! Start reading at [`run`] for the page and at [`commands`] for the command line.
//!
//! Invariants:
//! - Nothing is written to the disk here but the ticket's file and the socket.
//! - Passwords come from files, the environment or the terminal, never from arguments.
//! - Every request through the door answers the questions of [`door::checks`] before its body is read.
//! - One process owns a container; commands talk to that one.

mod api;
mod arguments;
mod client;
mod commands;
mod door;
mod failure;
mod harden;
mod imports;
mod instance;
mod output;
mod place;
mod random;
mod run;
mod secrets;
mod standby;

use app::App;
use arguments::{Arguments, Command};
use clap::{CommandFactory as _, Parser as _};
use failure::Failure;
use output::Output;
use place::{Folders, Place};
use std::process::ExitCode;
use time::OffsetDateTime;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let output = if arguments.common.json { Output::Json } else { Output::Text };
    match start(arguments, output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.failure(&failure);
            failure.exit_code().into()
        }
    }
}

fn start(arguments: Arguments, output: Output) -> Result<(), Failure> {
    match &arguments.command {
        Some(Command::Completions { shell }) => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Arguments::command(), "cordon-pim", &mut script);
            return Output::bytes(&script);
        }
        Some(Command::Openapi) => return Output::bytes(api::description()?.as_bytes()),
        Some(_) | None => {}
    }
    harden::apply()?;
    log_to_standard_error();
    if let Some(Command::Card { command: None }) = &arguments.command {
        return commands::card::show(output);
    }
    let place = Place::choose(&arguments.common, &Folders::of_environment())
        .map_err(|error| Failure::unusable(format!("{error:#}")))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Fault(error.into()))?;
    runtime.block_on(async {
        match &arguments.command {
            Some(command) => commands::execute(command, &arguments.common, &place, output).await,
            None => {
                let show = if arguments.no_browser { run::Show::File } else { run::Show::Browser };
                run::run(&place, show, output).await
            }
        }
    })
}

/// Opens the app in this process, which makes it the owner of the container.
fn open_app(place: &Place) -> Result<App, Failure> {
    let (card_module, imports, imported) =
        (place.card_module.clone(), place.imports(), place.imported());
    let place = place.container();
    let paths = app::Paths {
        container: place.directory,
        key_files: place.key_files,
        device_keys: place.device_keys,
        card_module,
        imports,
        imported,
    };
    App::open(paths, now).map_err(|error| Failure::Fault(error.into()))
}

#[expect(clippy::disallowed_methods, reason = "the shipped program reads the clock")]
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

fn log_to_standard_error() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("CORDON_PIM_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
