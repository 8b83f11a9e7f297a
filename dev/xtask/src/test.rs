//! Everything that CI runs, in the order in which a mistake is cheapest to find.

use crate::demo::{self, Browser, Mail};
use crate::{setup, step, web};
use anyhow::Result;
use xshell::{Shell, cmd};

/// Sets up, checks and tests the whole project.
pub(crate) fn run(sh: &Shell, quick: bool) -> Result<()> {
    setup::run(sh)?;
    step("formatting", || Ok(cmd!(sh, "cargo fmt --all --check").run()?))?;
    step("licences, bans and sources of dependencies", || {
        Ok(cmd!(sh, "cargo deny --log-level error check bans licenses sources").run()?)
    })?;
    web::build(sh)?;
    step("building", || Ok(cmd!(sh, "cargo build --workspace --all-targets").run()?))?;
    step("lints", || Ok(cmd!(sh, "cargo clippy --workspace --all-targets -- -D warnings").run()?))?;
    step("the types of the APIs", || web::api_types(sh, web::Types::Check))?;
    // The message of a failed test is not to be looked for among a hundred frames; who wants them asks nextest.
    let _backtrace = sh.push_env("RUST_BACKTRACE", "0");
    step("tests, the server's on SQLite", || {
        Ok(cmd!(sh, "cargo nextest run --workspace --no-fail-fast").run()?)
    })?;
    step("the server's tests on PostgreSQL", || {
        let database = demo::postgres::Server::start()?;
        let _url = sh.push_env("CORDON_TEST_POSTGRES", database.url());
        // Chosen of all, not with -p: that would choose other features of dependencies, and compile them anew.
        let server =
            "package(=store) + package(=operations) + package(=app-api) + package(=portal)";
        Ok(cmd!(sh, "cargo nextest run --workspace -E {server}").run()?)
    })?;
    if quick {
        return Ok(());
    }
    for (mail, browser) in [(Mail::Sandbox, Some(&Browser::default())), (Mail::Sogo, None)] {
        step(&format!("the main job, end to end, with {mail}"), || demo::check(sh, mail, browser))?;
    }

    Ok(())
}
