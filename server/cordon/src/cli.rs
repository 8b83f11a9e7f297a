//! The command line.

mod ca;
mod pki;
mod profile;
mod smime;

pub(crate) use self::pki::{Pki, Purpose, VerifyCertificate, VerifyOptions};
pub(crate) use ca::{Ca, CaIssue, CaList, CaPerson, CaRenew, KeyKind, RevokedBecause};
pub(crate) use profile::{Profile, ProfileCheck, ProfileEncrypt, ProfileSign};
pub(crate) use smime::{KeyFile, Smime, SmimeOpen, SmimeSeal, SmimeSign, Trusted};

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Manages people and devices, and guards the mail server.
#[derive(Debug, Parser)]
#[command(name = "cordon", version, max_term_width = 100)]
pub(crate) struct Cli {
    /// The configuration file [default: /etc/cordon/cordon.toml, if it is there]
    #[arg(long, global = true, env = "CORDON_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Print JSON in place of text
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Set up the data folder, keys, certificate authority and the first administrator
    Init(Init),
    /// Run the server until SIGTERM
    Serve,
    #[command(flatten)]
    Operation(Operation),
    /// Look at ActiveSync: WBXML as XML and back, and what a request line says
    #[command(subcommand)]
    Eas(Eas),
    /// Sign, verify, encrypt and decrypt mail in files (S/MIME)
    #[command(subcommand)]
    Smime(Smime),
    /// Find the mail server of a mail address, for gateway.mail_server
    Autodiscover(Autodiscover),
    /// Look at certificates: whether one is trusted, and if not, why
    #[command(subcommand)]
    Pki(Pki),
    /// Check, show, sign and encrypt configuration profiles of Apple devices
    #[command(subcommand)]
    Profile(Profile),
    /// Print the OpenAPI document of the console's API
    Openapi,
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

/// Needs no data folder and no configuration.
#[derive(Debug, Args)]
pub(crate) struct Autodiscover {
    /// Whose mail server is looked for
    pub(crate) address: String,
    /// The name for servers in the address's domain, and those of --trust, that want a sign-in
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// Its password: the first line of FILE, or of standard input if FILE is "-"; otherwise it is asked for
    #[arg(long, value_name = "FILE", requires = "user")]
    pub(crate) password_file: Option<PathBuf>,
    /// A host outside of the address's domain that may be asked too; may be repeated
    #[arg(long, value_name = "HOST")]
    pub(crate) trust: Vec<String>,
    /// Ask Exchange Online too, which learns the address by that
    #[arg(long)]
    pub(crate) exchange_online: bool,
    /// Certificates of further authorities, PEM
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// Connect there whatever the name, as before names are public
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) connect_to: Option<std::net::SocketAddr>,
    /// Ask this server for DNS [default: those of /etc/resolv.conf]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) nameserver: Option<std::net::SocketAddr>,
}

/// Needs no data folder and no configuration.
#[derive(Debug, Subcommand)]
pub(crate) enum Eas {
    /// Print WBXML as XML; a multipart answer is unpacked
    Decode {
        /// The body of a request or an answer [default: standard input]
        file: Option<PathBuf>,
    },
    /// Write XML, as decode prints it, as WBXML to standard output
    Encode {
        /// The XML [default: standard input]
        file: Option<PathBuf>,
    },
    /// Explain the query of a request line, plain or base64, as JSON
    Query {
        /// What follows the ? of the request line
        #[arg(value_name = "STRING", allow_hyphen_values = true)]
        query: String,
    },
}

/// What is done on a data folder that is set up.
#[derive(Debug, Subcommand)]
pub(crate) enum Operation {
    /// Show figures: people, devices by state, licence
    Status,
    /// People
    #[command(subcommand)]
    User(User),
    /// Groups of people
    #[command(subcommand)]
    Group(Group),
    /// The app's settings of a group
    #[command(subcommand)]
    Settings(Settings),
    /// Make an invitation for a person to register a device
    Invite(Invite),
    /// Devices
    #[command(subcommand)]
    Device(Device),
    /// Refuse a device everywhere, within a second
    Block(Block),
    /// Take a block back
    Unblock(Which),
    /// Order the app on a device to delete its key or everything
    Wipe(Wipe),
    /// Administrators of the console
    #[command(subcommand)]
    Administrator(Administrator),
    /// Show the audit log, newest first
    Audit(Audit),
    /// The certificate authority: certificates, revocation lists, directory
    #[command(subcommand)]
    Ca(Ca),
    /// Look at the mailbox for certificate files now, as the server does by itself
    Mailbox,
}

#[derive(Args, Debug)]
pub(crate) struct Init {
    /// The login name of the first administrator
    #[arg(long, value_name = "LOGIN")]
    pub(crate) administrator: String,
    /// Read the administrator's password from the first line of this file, - for standard input [default: ask]
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Administrator {
    /// List administrators
    List,
    /// Add an administrator
    Add(Account),
    /// Set the password of an administrator, and sign them out everywhere
    Password(Account),
    /// Remove an administrator, and sign them out everywhere; the last one stays
    Remove {
        /// Login name
        name: String,
    },
}

#[derive(Args, Debug)]
pub(crate) struct Account {
    /// Login name
    pub(crate) name: String,
    /// Read the password from the first line of this file, - for standard input [default: ask]
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Add a person
    Add(UserAdd),
    /// List people
    List {
        /// Only people whose name, login or address contains this
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
    },
    /// Show one person
    Show {
        /// Login name
        login: String,
    },
    /// Deposit the certificate whose key the person proves at registration
    Certificate {
        /// Login name
        login: String,
        /// The certificate, PEM or DER
        file: PathBuf,
    },
    /// Files with certificate and key (.p12, .pfx) that wait for the person's app
    #[command(subcommand)]
    CertificateFile(CertificateFile),
    /// Refuse all devices of a person everywhere, within a second
    Block {
        /// Login name
        login: String,
        /// Why; the person is shown it
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Take the block of a person back; each device has its own state again
    Unblock {
        /// Login name
        login: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum CertificateFile {
    /// Have a file wait for the person's app, which asks for its password
    Add {
        /// Login name
        login: String,
        /// The file
        file: PathBuf,
    },
    /// List the files that wait, and what became of others
    List {
        /// Login name
        login: String,
    },
    /// Remove a file that waits
    Remove {
        /// Login name
        login: String,
        /// The file's id, as `list` shows it
        id: uuid::Uuid,
    },
}

#[derive(Args, Debug)]
pub(crate) struct UserAdd {
    /// Login name, as the mail server knows it
    pub(crate) login: String,
    /// Full name
    #[arg(long)]
    pub(crate) name: String,
    /// Mail address; several may be given, the first is the one the app uses
    #[arg(long, required = true, value_name = "ADDRESS")]
    pub(crate) mail: Vec<String>,
    /// The person's group
    #[arg(long)]
    pub(crate) group: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Group {
    /// Add a group; it starts with the default settings
    Add {
        /// Its name
        name: String,
    },
    /// List groups
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Settings {
    /// Show the settings of a group
    Show {
        /// The group's name
        group: String,
    },
    /// Change settings of a group
    Set {
        /// The group's name
        group: String,
        /// KEY=VALUE, for instance container.lock_after_seconds=120; see `settings show`
        #[arg(required = true, value_name = "KEY=VALUE")]
        changes: Vec<String>,
    },
}

#[derive(Args, Debug)]
pub(crate) struct Invite {
    /// Login name of the person
    pub(crate) login: String,
    /// For how many days the invitation is good
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=90))]
    pub(crate) days: u16,
    /// What the device will be called [default: the person's name and a number]
    #[arg(long, value_name = "NAME")]
    pub(crate) device: Option<String>,
    /// Also write the link as a QR code to this SVG file
    #[arg(long, value_name = "FILE")]
    pub(crate) qr: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Device {
    /// List devices
    List {
        /// Only devices in this state
        #[arg(long)]
        state: Option<State>,
        /// Only devices whose name, model, owner or ActiveSync id contains this
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
    },
    /// Show one device
    Show(Which),
    /// Let a mail client without the app through the gateway
    Add(DeviceAdd),
    /// Take a device out of service for good; frees its place in the licence
    Retire(Retire),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum State {
    Invited,
    Registered,
    Blocked,
    Wiped,
    Retired,
}

#[derive(Args, Debug)]
pub(crate) struct DeviceAdd {
    /// Login name of its owner
    #[arg(long, value_name = "LOGIN")]
    pub(crate) user: String,
    /// The DeviceId of its ActiveSync requests (the client shows it, and the log of refusals does)
    #[arg(long, value_name = "ID")]
    pub(crate) eas_id: String,
    /// What to call it
    #[arg(long)]
    pub(crate) name: String,
}

/// Names a device.
#[derive(Args, Debug)]
pub(crate) struct Which {
    /// Id, ActiveSync id, or name if only one device has it
    pub(crate) device: String,
}

#[derive(Args, Debug)]
pub(crate) struct Retire {
    #[command(flatten)]
    pub(crate) which: Which,
    /// Also if the device has yet to confirm its wipe: it will never be told, and keeps what it has
    #[arg(long)]
    pub(crate) give_up: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Block {
    #[command(flatten)]
    pub(crate) which: Which,
    /// Why; the owner is shown it
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
}

#[derive(Args, Debug)]
pub(crate) struct Wipe {
    #[command(flatten)]
    pub(crate) which: Which,
    /// What to delete
    #[arg(long)]
    pub(crate) what: What,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum What {
    /// The person's key: the data can be read again once the certificate is restored
    Key,
    /// Everything of the company's
    Data,
}

#[derive(Args, Debug)]
pub(crate) struct Audit {
    /// How many events
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..=200))]
    pub(crate) limit: u64,
    /// Only this action, for instance device.block
    #[arg(long)]
    pub(crate) action: Option<String>,
}
