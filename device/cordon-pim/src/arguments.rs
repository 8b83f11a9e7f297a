//! The command line.

mod certificates;
mod directory;
mod entries;
pub(crate) mod folder;
mod out_of_office;

pub(crate) use certificates::Certificates;
pub(crate) use directory::{Availability, Directory, FindCertificates, FindPeople};
pub(crate) use entries::{
    Answer, AnswerEvent, Contact, ContactInput, EntryList, EntrySearch, Event, EventInput, Note,
    NoteInput, Recurrence, Reply, Settle, Side, Task, TaskInput,
};
pub(crate) use folder::Folder;
pub(crate) use out_of_office::{On, OutOfOffice, Outside};

use crate::commands::encoded;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// The secure mail app: keeps the company's mail in an encrypted container on this device.
///
/// Without a command it opens its page in the browser and stays until it is
/// stopped. While it runs, every command talks to it; without it, a command opens
/// the container by itself, does its work and locks the container again.
///
/// Passwords are never arguments. Each is read from the file that is named for it,
/// else from its environment variable, else asked for at the terminal.
#[derive(Debug, Parser)]
#[command(
    name = "cordon-pim",
    version,
    verbatim_doc_comment,
    after_help = "Exit codes: 0 done, 1 refused or failed, 2 wrong usage or unusable input.\n\
        CORDON_PIM_LOG sets what is logged to standard error, for example `info`."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Print the file that leads to the page, and leave the browser alone.
    #[arg(long)]
    pub(crate) no_browser: bool,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What every command understands.
#[derive(Args, Debug)]
pub(crate) struct Common {
    /// The folder for the container [default: cordon-pim in the user's data folder].
    #[arg(long, global = true, value_name = "DIR", env = "CORDON_PIM_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// Keep the device-bound keys in this folder [default: the desktop's Secret Service, else a folder of its own].
    #[arg(long, global = true, value_name = "DIR", env = "CORDON_PIM_KEY_FILES")]
    pub(crate) key_files: Option<PathBuf>,
    /// The file with the container's password [else CORDON_PIM_PASSWORD].
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
    /// The file with the PIN of the smart card that opens the container [else CORDON_PIM_PIN].
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) pin_file: Option<PathBuf>,
    /// The company's middleware for smart cards, a PKCS#11 module [default: cards with PIV or ISO 7816-15, over PC/SC].
    #[arg(long, global = true, value_name = "FILE", env = "CORDON_PIM_CARD_MODULE")]
    pub(crate) card_module: Option<PathBuf>,
    /// Answer in JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Register this device with an invitation.
    Register(Register),
    /// Read the data again whose key was deleted, with the same certificate.
    Restore(Restore),
    /// Take another personal certificate from now on; what was encrypted for the one of before stays readable.
    Renew(Renew),
    /// Open the container of the running app; without one, try the password.
    Unlock,
    /// Lock the container of the running app.
    Lock,
    /// Change the password of the container, or let one open it in place of a smart card.
    Password(Password),
    /// Show smart card readers, their cards, how the PINs stand, and certificates.
    Card {
        #[command(subcommand)]
        command: Option<Card>,
    },
    /// Show the state of container, device and synchronisation.
    Status,
    /// Synchronise and wait until that is done.
    Sync(Sync),
    /// Set the password of the mailbox.
    MailPassword(MailPassword),
    /// Sign in to the mail server with the browser, where IT wants that.
    SignIn(SignIn),
    /// Forget the sign-in with the browser.
    SignOut,
    /// Read, send and sort mail.
    Mail {
        #[command(subcommand)]
        command: Mail,
    },
    /// Write mails that are sent later.
    Draft {
        #[command(subcommand)]
        command: Draft,
    },
    /// Look people up in the company's directory.
    Directory {
        #[command(subcommand)]
        command: Directory,
    },
    /// Keep the certificates of the people that one writes to.
    Certificates {
        #[command(subcommand)]
        command: Certificates,
    },
    /// Answer mails by themselves while away.
    OutOfOffice {
        #[command(subcommand)]
        command: OutOfOffice,
    },
    /// List and change folders.
    Folder {
        #[command(subcommand)]
        command: Folder,
    },
    /// Read and change contacts.
    Contact {
        #[command(subcommand)]
        command: Contact,
    },
    /// Read and change events of the calendar.
    Event {
        #[command(subcommand)]
        command: Event,
    },
    /// Read and change tasks.
    Task {
        #[command(subcommand)]
        command: Task,
    },
    /// Read and change notes.
    Note {
        #[command(subcommand)]
        command: Note,
    },
    /// Print completions for a shell.
    Completions { shell: clap_complete::Shell },
    /// Print the description of the local interface (OpenAPI).
    #[command(hide = true)]
    Openapi,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Card {
    /// Let the smart card in the reader open the container, in place of the password, where IT wants that.
    Use,
}

#[derive(Args, Debug)]
pub(crate) struct Register {
    /// The invitation link.
    pub(crate) link: String,
    /// The file with the personal certificate, which is deleted once its key is in the container [else the one that waits at the server or
    /// lies in the import folder].
    #[arg(long, value_name = "FILE")]
    pub(crate) p12: Option<PathBuf>,
    /// Let the smart card in the reader open the container; without --p12 the personal key is the one on the card, and stays there.
    #[arg(long)]
    pub(crate) card: bool,
    /// Leave the file with the certificate where it is.
    #[arg(long)]
    pub(crate) keep_p12: bool,
    /// The file with the certificate file's password [else CORDON_PIM_P12_PASSWORD].
    #[arg(long, value_name = "FILE")]
    pub(crate) p12_password_file: Option<PathBuf>,
    /// The file with the mailbox's password [else CORDON_PIM_MAIL_PASSWORD, else none].
    #[arg(long, value_name = "FILE")]
    pub(crate) mail_password_file: Option<PathBuf>,
    /// Delete the data of an earlier registration whose key is gone.
    #[arg(long)]
    pub(crate) discard_data: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Restore {
    /// The link of a new invitation, once IT has taken the device out of service.
    #[arg(long)]
    pub(crate) link: Option<String>,
    /// The file with the certificate of the registration; it is deleted once its key is in the container.
    #[arg(long, value_name = "FILE", required_unless_present = "card")]
    pub(crate) p12: Option<PathBuf>,
    /// Let the smart card in the reader open the container; without --p12 the key of the registration is the one on the card.
    #[arg(long)]
    pub(crate) card: bool,
    /// Leave the file with the certificate where it is.
    #[arg(long)]
    pub(crate) keep_p12: bool,
    /// The file with the certificate file's password [else CORDON_PIM_P12_PASSWORD].
    #[arg(long, value_name = "FILE")]
    pub(crate) p12_password_file: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct Renew {
    /// The file with the new certificate, which is deleted once its key is in the container [else the one that waits at the server, while
    /// the container is open, or lies in the import folder].
    #[arg(long, value_name = "FILE")]
    pub(crate) p12: Option<PathBuf>,
    /// Leave the file with the certificate where it is.
    #[arg(long)]
    pub(crate) keep_p12: bool,
    /// The file with the certificate file's password [else CORDON_PIM_P12_PASSWORD].
    #[arg(long, value_name = "FILE")]
    pub(crate) p12_password_file: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct Password {
    /// The file with the new password [else CORDON_PIM_NEW_PASSWORD].
    #[arg(long, value_name = "FILE")]
    pub(crate) new_password_file: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct Sync {
    /// How long to wait, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub(crate) wait: u64,
}

#[derive(Args, Debug)]
pub(crate) struct MailPassword {
    /// The file with the mailbox's password [else CORDON_PIM_MAIL_PASSWORD].
    #[arg(long, value_name = "FILE")]
    pub(crate) mail_password_file: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct SignIn {
    /// How long to wait for the browser, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    pub(crate) wait: u64,
    /// Only print the address to open in the browser.
    #[arg(long = "print-address")]
    pub(crate) print_address: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Mail {
    /// List messages of a folder, newest first.
    List(List),
    /// Find messages on this device, newest first.
    Search(Search),
    /// Show a message, or write one of its attachments to standard output.
    Show(Show),
    /// List the messages of a message's conversation in all folders, newest first.
    Conversation {
        /// The message's number, from `mail list`.
        id: i64,
    },
    /// Send a mail.
    Send(Send),
    /// Answer the author of a message.
    Reply(Respond),
    /// Answer the author of a message and everybody who got it.
    ReplyAll(Respond),
    /// Send a message on, with its files.
    Forward(Respond),
    /// Answer a message that invites to a meeting; the organiser is told.
    Answer {
        /// The message's number, from `mail list`.
        id: i64,
        #[command(flatten)]
        reply: Reply,
    },
    /// Mark messages as read.
    Read(Messages),
    /// Mark messages as unread.
    Unread(Messages),
    /// Flag messages, note that they are done, or take their flags away.
    Flag(Flag),
    /// Set the categories of messages.
    Categorize(Categorize),
    /// Move messages to another folder.
    Move(Move),
    /// Delete messages.
    Delete(Delete),
}

#[derive(Args, Debug)]
pub(crate) struct Respond {
    /// The message's number, from `mail list`.
    #[arg(value_name = "NUMBER")]
    pub(crate) id: i64,
    /// A recipient, besides those of the original for an answer; may be repeated.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) to: Vec<String>,
    /// A recipient of a copy; may be repeated.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) cc: Vec<String>,
    /// A recipient whom the others do not see; may be repeated.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) bcc: Vec<String>,
    /// The subject [default: made of the original's].
    #[arg(long)]
    pub(crate) subject: Option<String>,
    /// The file with what is new [default: standard input].
    #[arg(long, value_name = "FILE")]
    pub(crate) text_file: Option<PathBuf>,
    /// A file to attach; may be repeated.
    #[arg(long, value_name = "FILE")]
    pub(crate) attach: Vec<PathBuf>,
    /// How urgent it is.
    #[arg(long, value_enum, default_value_t, value_name = "LEVEL")]
    pub(crate) importance: Importance,
    #[command(flatten)]
    pub(crate) protect: Protect,
    /// How long to wait until it is sent, in seconds; it stays in the outbox after that.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub(crate) wait: u64,
}

#[derive(Args, Debug)]
pub(crate) struct Messages {
    /// The messages' numbers, from `mail list`.
    #[arg(required = true, value_name = "NUMBER")]
    pub(crate) ids: Vec<i64>,
}

#[derive(Args, Debug)]
pub(crate) struct Flag {
    #[command(flatten)]
    pub(crate) messages: Messages,
    /// What there was to do is done.
    #[arg(long, conflicts_with_all = ["clear", "due"])]
    pub(crate) complete: bool,
    /// There is nothing to do.
    #[arg(long, conflicts_with = "due")]
    pub(crate) clear: bool,
    /// The day by which it is to be done, as 2026-12-31.
    #[arg(long, value_name = "DAY")]
    pub(crate) due: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Categorize {
    #[command(flatten)]
    pub(crate) messages: Messages,
    /// A category; may be repeated. Those before are replaced; without any the messages have none.
    #[arg(long, value_name = "NAME")]
    pub(crate) category: Vec<String>,
}

#[derive(Args, Debug)]
pub(crate) struct Move {
    #[command(flatten)]
    pub(crate) messages: Messages,
    /// The folder: its name or its number.
    #[arg(long)]
    pub(crate) to: String,
}

#[derive(Args, Debug)]
pub(crate) struct Delete {
    #[command(flatten)]
    pub(crate) messages: Messages,
    /// Leave nothing in the folder for deleted messages.
    #[arg(long)]
    pub(crate) for_good: bool,
}

#[derive(Args, Debug)]
pub(crate) struct List {
    /// The folder: its name or its number [default: the inbox].
    #[arg(long)]
    pub(crate) folder: Option<String>,
    /// How many of the newest to leave out.
    #[arg(long, default_value_t = 0)]
    pub(crate) offset: u64,
    /// How many to list, at most 200.
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: u32,
}

/// Find messages on this device, newest first.
///
/// All conditions have to hold: words, "phrases", from:NAME, to:NAME, subject:WORD,
/// has:attachment, is:unread, is:read, is:flagged, before:2026-12-31, after:2026-01-01.
/// The last word may be the beginning of one.
#[derive(Args, Debug)]
#[command(verbatim_doc_comment)]
pub(crate) struct Search {
    /// What to find.
    #[arg(required = true)]
    pub(crate) query: Vec<String>,
    /// The folder: its name or its number [default: all].
    #[arg(long)]
    pub(crate) folder: Option<String>,
    /// Let the mail server search, which finds also what is not on this device.
    #[arg(long)]
    pub(crate) on_server: bool,
    /// How many of the newest to leave out.
    #[arg(long, default_value_t = 0)]
    pub(crate) offset: u64,
    /// How many to list, at most 200.
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: u32,
}

#[derive(Args, Debug)]
pub(crate) struct Show {
    /// The message's number, from `mail list`.
    pub(crate) id: i64,
    /// The number of an attachment to write out instead.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) attachment: Option<i64>,
}

#[derive(Args, Debug)]
pub(crate) struct Send {
    /// A recipient; may be repeated.
    #[arg(long, required = true, value_name = "ADDRESS")]
    pub(crate) to: Vec<String>,
    /// A recipient of a copy; may be repeated.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) cc: Vec<String>,
    /// A recipient whom the others do not see; may be repeated.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) bcc: Vec<String>,
    /// The subject.
    #[arg(long)]
    pub(crate) subject: String,
    /// The file with the text [default: standard input].
    #[arg(long, value_name = "FILE")]
    pub(crate) text_file: Option<PathBuf>,
    /// A file to attach; may be repeated.
    #[arg(long, value_name = "FILE")]
    pub(crate) attach: Vec<PathBuf>,
    /// The number of the message that this one answers.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) reply_to: Option<i64>,
    /// How urgent it is.
    #[arg(long, value_enum, default_value_t, value_name = "LEVEL")]
    pub(crate) importance: Importance,
    #[command(flatten)]
    pub(crate) protect: Protect,
    /// How long to wait until it is sent, in seconds; it stays in the outbox after that.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub(crate) wait: u64,
}

/// How a mail is signed and encrypted; without these, as IT has it, or as the mail came that is answered.
#[derive(Args, Debug, Default)]
pub(crate) struct Protect {
    /// Sign it.
    #[arg(long, conflicts_with = "no_sign")]
    pub(crate) sign: bool,
    /// Do not sign it.
    #[arg(long)]
    pub(crate) no_sign: bool,
    /// Encrypt it for everybody who gets it.
    #[arg(long, conflicts_with = "no_encrypt")]
    pub(crate) encrypt: bool,
    /// Do not encrypt it.
    #[arg(long)]
    pub(crate) no_encrypt: bool,
    /// Encrypt for this recipient although something is wrong with the certificate; may be repeated.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) despite: Vec<String>,
}

impl Protect {
    /// The same behind a path.
    pub(crate) fn to_query(&self) -> String {
        let choice = |name: &str, yes: bool, no: bool| (yes || no).then(|| format!("{name}={yes}"));
        let despite = self.despite.iter().map(|one| encoded(one)).collect::<Vec<_>>().join(",");
        let despite = (!despite.is_empty()).then(|| format!("despite={despite}"));
        let sign = choice("sign", self.sign, self.no_sign);
        let encrypt = choice("encrypt", self.encrypt, self.no_encrypt);
        [sign, encrypt, despite].into_iter().flatten().collect::<Vec<_>>().join("&")
    }

    /// What the local API calls it.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        let choice = |yes: bool, no: bool| (yes || no).then_some(yes);
        serde_json::json!({
            "sign": choice(self.sign, self.no_sign), "encrypt": choice(self.encrypt, self.no_encrypt),
            "despite": self.despite,
        })
    }
}

/// How urgent a mail is.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum Importance {
    Low,
    #[default]
    Normal,
    High,
}

impl Importance {
    /// What the local API calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Draft {
    /// List the drafts, the one saved last first.
    List,
    /// Show a draft.
    Show {
        /// The draft's number, from `draft list`.
        id: i64,
    },
    /// Save a draft: a new one, or in place of one that is there, whose files stay.
    Save(SaveDraft),
    /// Send a draft.
    Send {
        /// The draft's number.
        id: i64,
        #[command(flatten)]
        protect: Protect,
        /// How long to wait until it is sent, in seconds; it stays in the outbox after that.
        #[arg(long, value_name = "SECONDS", default_value_t = 60)]
        wait: u64,
    },
    /// Throw drafts away.
    Delete {
        /// The drafts' numbers.
        #[arg(required = true, value_name = "NUMBER")]
        ids: Vec<i64>,
    },
}

#[derive(Args, Debug)]
pub(crate) struct SaveDraft {
    /// The number of the draft that is replaced.
    pub(crate) id: Option<i64>,
    /// A recipient; may be repeated.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) to: Vec<String>,
    /// A recipient of a copy; may be repeated.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) cc: Vec<String>,
    /// A recipient whom the others do not see; may be repeated.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) bcc: Vec<String>,
    /// The subject.
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(crate) subject: String,
    /// How urgent it is [default: as it was].
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub(crate) importance: Option<Importance>,
    /// The file with the text [default: standard input].
    #[arg(long, value_name = "FILE")]
    pub(crate) text_file: Option<PathBuf>,
    /// A file to attach; may be repeated.
    #[arg(long, value_name = "FILE")]
    pub(crate) attach: Vec<PathBuf>,
    /// The number of the message whose author gets an answer.
    #[arg(long, value_name = "NUMBER", group = "original")]
    pub(crate) reply_to: Option<i64>,
    /// The number of the message of which everybody gets an answer.
    #[arg(long, value_name = "NUMBER", group = "original")]
    pub(crate) reply_all_to: Option<i64>,
    /// The number of the message that is sent on.
    #[arg(long, value_name = "NUMBER", group = "original")]
    pub(crate) forward: Option<i64>,
}
