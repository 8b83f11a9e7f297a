//! The subcommands.

mod administrators;
mod audit;
mod autodiscover;
mod ca;
mod certificate_files;
mod devices;
mod eas;
mod init;
mod mailbox;
mod password;
mod people;
mod pki;
mod profile;
mod serve;
mod settings;
mod smime;
mod status;
mod unfinished;
mod views;

use crate::cli::{Cli, Command, Operation};
use crate::config::Config;
use crate::identity;
use crate::output::{Output, line};
use crate::seal::{KeySource, Secrets};
use ::audit::Actor;
use ::ca::Profile;
use anyhow::{Context as _, Result, ensure};
use clap::CommandFactory as _;
use fleet::licence::Licence;
use operations::{Operations, SealingKey, Setup};
use std::path::{Path, PathBuf};
use store::Store;
use time::OffsetDateTime;

const DEFAULT_CONFIG: &str = "/etc/cordon/cordon.toml";

/// Runs one subcommand.
pub(crate) async fn run(cli: Cli, output: Output) -> Result<()> {
    match cli.command {
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "cordon", &mut std::io::stdout());
            Ok(())
        }
        Command::Autodiscover(command) => autodiscover::run(command, output).await,
        Command::Eas(command) => eas::run(command, output),
        Command::Init(init) => init::run(&load(cli.config)?, init, output).await,
        Command::Openapi => {
            line(&portal::openapi().to_pretty_json()?);
            Ok(())
        }
        Command::Pki(command) => pki::run(command, now()),
        Command::Operation(operation) => operate(&load(cli.config)?, operation, output).await,
        Command::Profile(command) => profile::run(command, output),
        Command::Smime(command) => smime::run(command, output),
        Command::Serve => serve::run(&load(cli.config)?).await,
    }
}

async fn operate(config: &Config, operation: Operation, output: Output) -> Result<()> {
    ensure!(
        config.server.data.join("certificates/authority.pem").exists(),
        "{} is not set up; run: cordon init --administrator NAME",
        config.server.data.display()
    );
    let operations = open(config, Keys::Found).await?.0;
    let (operations, actor) = (&operations, &Actor::CommandLine(operating_system_user()));
    match operation {
        Operation::Administrator(command) => {
            administrators::run(operations, actor, command, output).await
        }
        Operation::Audit(audit) => audit::run(operations, audit, output).await,
        Operation::Block(block) => devices::block(operations, actor, block, output).await,
        Operation::Ca(command) => ca::run(operations, actor, command, output).await,
        Operation::Device(device) => devices::run(operations, actor, device, output).await,
        Operation::Group(group) => people::group(config, operations, actor, group, output).await,
        Operation::Invite(invite) => people::invite(operations, actor, invite, output).await,
        Operation::Mailbox => mailbox::look(config, operations, output).await,
        Operation::Settings(settings) => settings::run(operations, actor, settings, output).await,
        Operation::Status => status::run(config, operations, output).await,
        Operation::Unblock(which) => devices::unblock(operations, actor, which, output).await,
        Operation::User(user) => people::user(operations, actor, user, output).await,
        Operation::Wipe(wipe) => devices::wipe(operations, actor, wipe, output).await,
    }
}

fn load(path: Option<PathBuf>) -> Result<Config> {
    let path = path.or_else(|| Some(PathBuf::from(DEFAULT_CONFIG)).filter(|path| path.exists()));

    Ok(Config::load(path.as_deref(), std::env::vars())?)
}

/// What becomes of keys and certificates that are missing or come to their end.
#[derive(Clone, Copy, Debug)]
enum Keys {
    /// Nothing. A command may run under another account than the server, which could not read what the command made.
    Found,
    /// They are made and renewed.
    Made,
}

/// Opens the data folder and the database, brings the database forward, and finds the authority.
async fn open(config: &Config, keys: Keys) -> Result<(Operations, Secrets)> {
    let (data, key_file) = (&config.server.data, config.server.seal_key_file.as_deref());
    let (secrets, source) = match keys {
        Keys::Found => Secrets::find(data, key_file)?,
        Keys::Made => {
            make_folder(data)?;
            Secrets::open(data, key_file)?
        }
    };
    if let KeySource::DataFolder(path) = source {
        tracing::warn!(
            path = %path.display(),
            "The sealing key lies in the data folder: whoever copies the folder has the key too; see docs/operating.md"
        );
    }
    let authority = match keys {
        Keys::Found => identity::find_authority(config, &secrets, now())?,
        Keys::Made => identity::authority(config, &secrets, now())?,
    };
    let store = Store::open(&config.database_url()).await.context("the database does not open")?;
    store.migrate().await.context("the database was not brought forward")?;
    let operations = Operations::new(Setup {
        store,
        authority,
        clock: now,
        public_url: format!("https://{}", config.gateway.address),
        licence: Licence { devices: config.server.licensed_devices },
        name_rules: config.name_rules(),
        sealing_key: SealingKey::new(secrets.derive("certificate files")?),
    });
    operations
        .name_issuer()
        .await
        .context("the register of certificates was not brought forward")?;

    Ok((operations, secrets))
}

/// Enters the certificates of the server itself into the register, before anybody is shown them.
async fn record_own_certificates(
    operations: &Operations,
    tls: &identity::TlsIdentity,
    actor: &Actor,
) -> Result<()> {
    let portal = operations.authority().portal().certificate.clone();
    let issuer = operations.authority().issuer().certificate().clone();
    let own = [
        (issuer, Profile::Authority),
        (portal, Profile::Portal),
        (tls.certificate()?, Profile::Server),
    ];

    Ok(operations.record_own_certificates(actor, &own).await?)
}

/// Makes the data folder, for its owner alone.
fn make_folder(folder: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;

    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(|| format!("the data folder {} cannot be made", folder.display()))
}

/// Whom the audit log names for a command: who asked `sudo`, or the account that the program runs as.
fn operating_system_user() -> String {
    let id = rustix::process::getuid();
    // Only root has been through `sudo`; anybody else could have set the variable.
    let asked = std::env::var("SUDO_USER").ok().filter(|name| id.is_root() && !name.is_empty());
    if let Some(name) = asked {
        return name;
    }
    let id = id.as_raw().to_string();
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == id).then(|| name.to_owned())
    });

    name.unwrap_or_else(|| format!("uid {id}"))
}

/// The time. Everything else is handed it.
#[expect(clippy::disallowed_methods, reason = "the program that ships reads the clock, here")]
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}
