//! The project's tasks: `cargo xtask demo`, `cargo xtask test`, and what they are made of.
//!
//! ```text
//! setup   Debian packages, cargo tools, npm packages      (idempotent; says what it installs)
//! web     type check, build, freshness of generated types
//! test    everything that CI runs
//! demo    a whole company on this machine; with --check, driven without a person
//! bench   figures against peers in the same run
//! tidy    rules about the source tree, run as ordinary tests
//! ```
#![allow(
    clippy::indexing_slicing,
    reason = "JSON values are indexed by name, which does not panic"
)]
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a task runner talks to a terminal")]

mod bench;
mod demo;
mod setup;
mod test;
#[cfg(test)]
mod tidy;
mod web;

use anyhow::Result;
use std::path::{Path, PathBuf};
use std::time::Instant;
use xshell::Shell;

mod flags {
    xflags::xflags! {
        /// Cordon's tasks. Run as: cargo xtask COMMAND
        cmd xtask {
            /// Install what building and testing need (Debian packages, cargo tools, npm packages).
            cmd setup {}
            /// Build the web pages.
            cmd web {
                /// Write the API types anew instead of checking that they are fresh.
                optional --generate
            }
            /// Set up a sample company on this machine and leave it running until Ctrl-C.
            cmd demo {
                /// Do every step of the main job without a person, and say of each whether it held.
                optional --check
                /// The mail server: sandbox (default) or sogo.
                optional --mail server: String
                /// With --check: also drive the pages in Chromium.
                optional --browser
                /// With --browser: looks of the pages to go through, as LANGUAGE-SCHEME-WIDTH (de or en, light or dark,
                /// 390 or 1280), separated by commas, or all. Default: de-dark-390,en-light-1280.
                optional --looks looks: String
                /// With --browser: keep pictures of the main moments in this folder (docs/images is one).
                optional --screenshots folder: PathBuf
                /// With --browser: keep pictures of each page in each look in this folder.
                optional --gallery folder: PathBuf
            }
            /// Set up, then run everything that CI runs.
            cmd test {
                /// Leave out the demos and the browser.
                optional --quick
            }
            /// Measure against peers: gateway, wbxml, app, server (all if none is named).
            cmd bench {
                repeated subject: String
            }
        }
    }
    use std::path::PathBuf;
}

fn main() -> Result<()> {
    let flags = flags::Xtask::from_env_or_exit();
    let sh = Shell::new()?;
    sh.change_dir(root());

    match flags.subcommand {
        flags::XtaskCmd::Setup(_) => setup::run(&sh),
        flags::XtaskCmd::Web(web) => {
            setup::run(&sh)?;
            web::api_types(&sh, if web.generate { web::Types::Write } else { web::Types::Check })?;
            web::build(&sh)
        }
        flags::XtaskCmd::Demo(demo) => demo::run(&sh, &demo),
        flags::XtaskCmd::Test(test) => test::run(&sh, test.quick),
        flags::XtaskCmd::Bench(bench) => bench::run(&sh, &bench.subject),
    }
}

/// The folder of the whole project.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

/// Says what is being done, and afterwards how long it took.
fn step<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("── {what}");
    let start = Instant::now();
    let done = work()?;
    eprintln!("   {what}: {:.1} s", start.elapsed().as_secs_f32());

    Ok(done)
}
