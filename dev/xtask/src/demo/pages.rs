//! The pages of console and app in a real browser, on a company that runs.

use super::apps::{self, app};
use super::company::{
    ADMINISTRATOR, ADMINISTRATOR_PASSWORD, CONTAINER_PASSWORD, Company, MAIL_PASSWORD, PEOPLE,
    TRANSPORT_PASSWORD, mail_address,
};
use super::process;
use crate::{setup, step};
use anyhow::{Context as _, Result};
use serde_json::json;
use std::path::PathBuf;
use std::process::Command;

/// What to do with the browser in a check.
#[derive(Clone, Debug)]
pub(crate) struct Browser {
    /// The looks to go through, as the suites take them.
    pub(crate) looks: String,
    /// Where pictures of the main moments stay; `None`: nowhere.
    pub(crate) screenshots: Option<PathBuf>,
    /// Where pictures of each page in each look stay; `None`: nowhere.
    pub(crate) gallery: Option<PathBuf>,
}

impl Default for Browser {
    /// Both languages, both schemes, both widths, in two looks.
    fn default() -> Self {
        Self { looks: "de-dark-390,en-light-1280".to_owned(), screenshots: None, gallery: None }
    }
}

/// The main job and the suites of both pages. Alice's container has been wiped before.
pub(super) fn drive(company: &Company, browser: &Browser) -> Result<()> {
    let mut alice = apps::open_door(company, "alice")?;
    let mut bob = apps::open_door(company, "bob")?;
    step("the main job in the browser, up to the lifted block", || {
        main_job(company, browser, "work")
    })?;
    bob.stop();
    app(company, "alice", &["lock"])?;
    step("every page of the app", || suite_of_app(company, browser))?;
    step("every page of the console", || suite_of_console(company, browser))?;
    app(company, "alice", &["lock"])?;
    step("the wipe in the browser", || main_job(company, browser, "wipe"))?;
    apps::nothing_left(company, "alice").context("after the wipe")?;
    alice.stop();
    let _again = apps::open_door(company, "alice")?;
    step("the page after a restart", || main_job(company, browser, "restart"))?;

    apps::nothing_left(company, "alice").context("after a restart")
}

fn main_job(company: &Company, browser: &Browser, part: &str) -> Result<()> {
    let person = |login: &str| -> Result<_> {
        let name = PEOPLE.iter().find(|(other, _)| *other == login).map(|(_, name)| name);
        Ok(json!({
            "login": login,
            "name": name,
            "address": mail_address(login),
            "certificate": company.folder.join(format!("pki/{login}.pem")),
            "pkcs12": company.pkcs12(login),
            "page": if login == "alice" || part == "work" { apps::page(company, login)? } else { String::new() },
        }))
    };
    let job = json!({
        "console": company.console,
        "administrator": ADMINISTRATOR,
        "administrator_password": ADMINISTRATOR_PASSWORD,
        "gateway": company.gateway,
        "log": company.server.log_file(),
        "alice": person("alice")?,
        "bob": person("bob")?,
        "container_password": CONTAINER_PASSWORD,
        "transport_password": TRANSPORT_PASSWORD,
        "mail_password": MAIL_PASSWORD,
        "screenshots": browser.screenshots,
    });
    let file = company.folder.join("main-job.json");
    std::fs::write(&file, job.to_string())?;

    process::run(script(company, "main-job.mjs").arg(part).arg(file))
}

fn suite_of_console(company: &Company, browser: &Browser) -> Result<()> {
    let mut suite = script(company, "portal.mjs");
    suite.args([
        &company.console,
        ADMINISTRATOR,
        ADMINISTRATOR_PASSWORD,
        "--looks",
        &browser.looks,
    ]);
    if let Some(gallery) = &browser.gallery {
        suite.arg("--shots").arg(gallery.join("console"));
    }

    process::run(&mut suite)
}

fn suite_of_app(company: &Company, browser: &Browser) -> Result<()> {
    let mut suite = script(company, "pim.mjs");
    suite.arg(apps::page(company, "alice")?).args(["--looks", &browser.looks]);
    suite.env("APP_PASSWORD", CONTAINER_PASSWORD);
    if let Some(gallery) = &browser.gallery {
        suite.arg("--shots").arg(gallery.join("app"));
    }

    process::run(&mut suite)
}

/// A script of `web/e2e`; what its browser writes goes with the company.
fn script(company: &Company, name: &str) -> Command {
    let mut command = Command::new(setup::node_program());
    command.arg(crate::root().join("web/e2e").join(name)).env("TMPDIR", &company.folder);

    command
}
