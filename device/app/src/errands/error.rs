//! Why the mail server did not do what it was asked.

use crate::error::AccessError;
use pim::ErrandFailure;

/// Why the mail server did not do what a person asked of it. Codes are short and stable.
#[derive(Debug, thiserror::Error)]
pub enum ErrandError {
    /// The server, or a policy, does not allow it: ask IT.
    #[error("the mail server does not allow this ({code}): ask IT")]
    Forbidden {
        /// What it said.
        code: String,
    },
    /// It cannot be so: correct it.
    #[error("{}", impossible(.code))]
    Impossible {
        /// What is wrong with it.
        code: &'static str,
    },
    /// The container is locked.
    #[error("the container is locked")]
    Locked,
    /// What it is about is not there, or not any more.
    #[error("there is no such thing, or not any more")]
    Missing,
    /// There is a folder of this name in the same place.
    #[error("there is a folder of this name in the same place: take another name")]
    NameTaken,
    /// The folder is one that the mailbox needs.
    #[error("this folder belongs to the mailbox and stays as it is")]
    Protected,
    /// The server will not do it as it was asked.
    #[error("the mail server refused ({code})")]
    Refused {
        /// What it said.
        code: String,
    },
    /// The database failed.
    #[error("the container cannot be read or written: {reason}")]
    Storage {
        /// What went wrong.
        reason: String,
    },
    /// It is too much for the server: ask for less.
    #[error("this is too much for the mail server ({code}): ask for less")]
    TooMuch {
        /// What it said.
        code: String,
    },
    /// The answer was lost: look whether it was done before doing it again.
    #[error(
        "the mail server's answer was lost and it may have been done: look before you do it again"
    )]
    Uncertain,
    /// The server cannot be asked now: try later.
    #[error("{}", unreachable(.code))]
    Unreachable {
        /// What is in the way.
        code: String,
    },
    /// The server does not know how to do this.
    #[error("this mail server does not do this")]
    Unsupported,
}

fn impossible(code: &str) -> &str {
    match code {
        "end_before_start" => "the end comes before the start",
        "inside_itself" => "a folder cannot lie in itself",
        "name_empty" => "there is no name",
        "name_too_long" => "the name is too long",
        "no_certificate" => "there is no certificate",
        "no_invitation" => "this mail does not invite you to anything, or not any more",
        "no_organizer" => "the event does not say who organises it",
        "not_invited" => "nobody has invited you to this event",
        "occurrence_unreadable" => {
            "there is no such occurrence: name it as `event list --json` does"
        }
        "proposal_unreadable" => {
            "the time proposed cannot be read: write it as 2026-12-31T09:30:00+01:00"
        }
        "proposal_untold" => "a time can only be proposed if the organiser is told",
        "no_words" => "the mail server needs at least one word to search for",
        other => other,
    }
}

fn unreachable(code: &str) -> String {
    match code {
        "connection_lost" | "offline" => "the mail server cannot be reached".to_owned(),
        "password_expired" | "password_refused" => {
            "the mail server wants the mailbox's password".to_owned()
        }
        "server_busy" => "the mail server is busy: try again in a while".to_owned(),
        "server_untrusted" => "whoever answers is not the mail server: ask IT".to_owned(),
        other => format!("the mail server cannot do it now ({other}): try again later"),
    }
}

impl From<ErrandFailure> for ErrandError {
    fn from(failure: ErrandFailure) -> Self {
        match failure {
            ErrandFailure::Forbidden(code) => Self::Forbidden { code },
            ErrandFailure::Impossible(code) => Self::Impossible { code },
            ErrandFailure::Missing => Self::Missing,
            ErrandFailure::NameTaken => Self::NameTaken,
            ErrandFailure::Protected => Self::Protected,
            ErrandFailure::Refused(code) => Self::Refused { code },
            ErrandFailure::TooMuch(code) => Self::TooMuch { code },
            ErrandFailure::Uncertain => Self::Uncertain,
            ErrandFailure::Unreachable(code) => Self::Unreachable { code },
            ErrandFailure::Unsupported => Self::Unsupported,
        }
    }
}

impl From<AccessError> for ErrandError {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Locked => Self::Locked,
            AccessError::Missing => Self::Missing,
            AccessError::Storage { reason } => Self::Storage { reason },
        }
    }
}
