//! A whole company on this machine, to look at or to be driven through the main job.

mod check;
mod company;
mod measure;
pub(crate) mod postgres;
mod process;

use crate::{flags, setup, step, web};
use anyhow::{Result, bail};
pub(crate) use company::PROFILE;
use company::{
    ADMINISTRATOR, ADMINISTRATOR_PASSWORD, CONTAINER_PASSWORD, Company, TRANSPORT_PASSWORD,
};
pub(crate) use measure::{Measured, app as measure_app, server as measure_server};
use std::fmt;
use std::io::Read as _;
use std::path::{Path, PathBuf};
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

/// What to do with the browser in a check.
#[derive(Clone, Debug)]
pub(crate) struct Browser {
    /// Where the screenshots stay; `None`: nowhere.
    pub(crate) screenshots: Option<PathBuf>,
}

/// Runs the demo as the command line asks.
pub(crate) fn run(sh: &Shell, flags: &flags::Demo) -> Result<()> {
    let mail = match flags.mail.as_deref() {
        None | Some("sandbox") => Mail::Sandbox,
        Some("sogo") => Mail::Sogo,
        Some(other) => bail!("--mail takes sandbox or sogo, not {other:?}"),
    };
    setup::run(sh)?;
    web::build_if_stale(sh)?;
    step("building the programs (the first time takes some minutes)", || {
        Ok(cmd!(sh, "cargo build --workspace --bins").run()?)
    })?;
    if flags.check {
        let screenshots = flags.screenshots.as_ref().map(|folder| sh.current_dir().join(folder));
        let browser = flags.browser.then_some(Browser { screenshots });
        return check(sh, mail, browser);
    }

    show(sh, mail)
}

/// Drives the main job without a person; fails unless each step held.
pub(crate) fn check(sh: &Shell, mail: Mail, browser: Option<Browser>) -> Result<()> {
    let folder = Folder::make()?;

    check::run(sh, &folder.0, mail, browser.as_ref())
}

fn show(sh: &Shell, mail: Mail) -> Result<()> {
    let folder = Folder::make()?;
    let company = step("setting up a company", || Company::set_up(sh, &folder.0, mail))?;
    let link = company.invite("bob")?;
    let mut alice = step("registering alice's app", || {
        check::register(&company, "alice")?;
        check::open_door(&company, "alice", true)
    })?;
    let _bob = check::open_door(&company, "bob", false)?;

    println!("\nA sample company is running, with {mail} behind the gateway.\n");
    println!("Console        {}   (the certificate is the demo's own)", company.console);
    println!("               {ADMINISTRATOR} / {ADMINISTRATOR_PASSWORD}");
    println!(
        "Alice's app    registered and unlocked; open its page with: {}",
        check::open_command(&company, "alice")
    );
    println!("               password {CONTAINER_PASSWORD}");
    println!(
        "Bob's app      not registered yet; open its page with: {}",
        check::open_command(&company, "bob")
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
    alice.stop();

    Ok(())
}

/// A folder of this demo's own, which goes with it.
struct Folder(PathBuf);

impl Folder {
    fn make() -> Result<Self> {
        let path = std::env::temp_dir().join(format!("cordon-demo-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        // Other accounts (a mail server's) have to pass through, but not to list.
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o711))?;

        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if std::thread::panicking() || std::env::var_os("CORDON_DEMO_KEEP").is_some() {
            return;
        }
        remove(&self.0);
    }
}

fn remove(folder: &Path) {
    if let Err(error) = std::fs::remove_dir_all(folder) {
        eprintln!("{} could not be removed: {error}", folder.display());
    }
}
