//! A whole company on this machine, to look at or to be driven through the main job.

mod apps;
mod check;
mod company;
mod ending;
mod measure;
mod pages;
pub(crate) mod postgres;
mod process;

use crate::{flags, setup, step, web};
use anyhow::{Result, bail, ensure};
use company::{
    ADMINISTRATOR, ADMINISTRATOR_PASSWORD, CONTAINER_PASSWORD, Company, TRANSPORT_PASSWORD,
};
pub(crate) use company::{PROFILE, program};
use ending::Folder;
pub(crate) use measure::{Measured, app as measure_app, server as measure_server};
pub(crate) use pages::Browser;
use std::fmt;
use std::io::Read as _;
use std::path::PathBuf;
use xshell::{Shell, cmd};

/// The mail server behind the gateway.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Mail {
    /// The project's own sample server.
    Sandbox,
    /// A real one.
    Sogo,
}

impl fmt::Display for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sandbox => "the sample mail server",
            Self::Sogo => "SOGo",
        })
    }
}

/// Runs the demo as the command line asks.
pub(crate) fn run(sh: &Shell, flags: &flags::Demo) -> Result<()> {
    let mail = match flags.mail.as_deref() {
        None | Some("sandbox") => Mail::Sandbox,
        Some("sogo") => Mail::Sogo,
        Some(other) => bail!("--mail takes sandbox or sogo, not {other:?}"),
    };
    ensure!(flags.check || !flags.browser, "--browser drives the pages in a check: add --check");
    let of_browser =
        flags.looks.is_some() || flags.screenshots.is_some() || flags.gallery.is_some();
    ensure!(
        flags.browser || !of_browser,
        "--looks, --screenshots and --gallery say what a browser does: add --browser"
    );
    let folder = |folder: &Option<PathBuf>| folder.as_ref().map(|path| sh.current_dir().join(path));
    let browser = flags.browser.then(|| Browser {
        looks: flags.looks.clone().unwrap_or_else(|| Browser::default().looks),
        screenshots: folder(&flags.screenshots),
        gallery: folder(&flags.gallery),
    });
    setup::run(sh)?;
    web::build_if_stale(sh)?;
    step("building the programs (the first time takes some minutes)", || {
        Ok(cmd!(sh, "cargo build --workspace --bins").run()?)
    })?;
    if flags.check {
        return check(sh, mail, browser.as_ref());
    }

    show(sh, mail)
}

/// Drives the main job without a person; fails unless each step held.
pub(crate) fn check(sh: &Shell, mail: Mail, browser: Option<&Browser>) -> Result<()> {
    let folder = Folder::make("demo")?;

    check::run(sh, &folder.0, mail, browser)
}

fn show(sh: &Shell, mail: Mail) -> Result<()> {
    let folder = Folder::make("demo")?;
    let company = step("setting up a company", || Company::set_up(sh, &folder.0, mail))?;
    let link = company.invite("bob")?;
    let _alice = step("registering alice's app", || {
        apps::register(&company, "alice")?;
        let door = apps::open_door(&company, "alice")?;
        apps::app(&company, "alice", &["unlock"])?;
        Ok(door)
    })?;
    let _bob = apps::open_door(&company, "bob")?;

    println!("\nA sample company is running, with {mail} behind the gateway.\n");
    println!("Console        {}   (the certificate is the demo's own)", company.console);
    println!("               {ADMINISTRATOR} / {ADMINISTRATOR_PASSWORD}");
    println!(
        "Alice's app    registered and unlocked; open its page with: {}",
        apps::open_command(&company, "alice")
    );
    println!("               password {CONTAINER_PASSWORD}");
    println!(
        "Bob's app      not registered yet; open its page with: {}",
        apps::open_command(&company, "bob")
    );
    println!("               invitation {link}");
    println!(
        "               certificate {} / {TRANSPORT_PASSWORD}",
        company.pkcs12("bob").display()
    );
    println!("               mail password {}", company::MAIL_PASSWORD);
    println!("Logs           {}", folder.0.display());
    println!("\nPress Enter or Ctrl-C to end it.");
    // End of input ends the demo too, so that it can run without a terminal.
    drop(std::io::stdin().read(&mut [0]));
    ending::say("── ending it");

    Ok(())
}
