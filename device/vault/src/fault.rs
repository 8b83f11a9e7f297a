//! What can go wrong below every operation.

use crate::database;
use rusqlite::ErrorCode;
use std::path::{Path, PathBuf};

/// A failure of the machine or of the stored bytes, which no other input by the user would have prevented.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Stored bytes are not what this container wrote: restore a backup, or wipe and register again.
    #[error("{what} of the container is damaged or was exchanged")]
    Damaged {
        /// The file's name inside the container, or what it holds.
        what: String,
    },
    /// The encrypted database refused an operation.
    #[error("the container's database failed")]
    Database(#[source] rusqlite::Error),
    /// The device-bound key is gone: the container was moved here, or the key store was emptied.
    #[error("the key that binds the container to this device is missing")]
    DeviceKeyMissing,
    /// The platform's key store does not answer or is locked: unlock it and try again.
    #[error("the platform's key store cannot be used: {reason}")]
    DeviceKeyUnavailable {
        /// What the key store said.
        reason: String,
    },
    /// The file system refused an operation.
    #[error("cannot {action} {path}", path = path.display())]
    Disk {
        /// What was tried, as a verb.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The container was written by a later version of this program: update the program.
    #[error("the container was written by a later version of this program ({what})")]
    Newer {
        /// The part that this version does not know.
        what: String,
    },
    /// The cryptographic library or the random generator failed.
    #[error("cryptography failed: {reason}")]
    Unsound {
        /// What the library said.
        reason: String,
    },
}

/// Why an open container did not give or take something.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The machine or the stored bytes failed.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The container was locked meanwhile: unlock it first.
    #[error("the container is locked")]
    Locked,
}

impl Fault {
    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged { what: what.into() }
    }

    pub(crate) fn disk(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Disk { action, path: path.to_owned(), source }
    }

    pub(crate) fn unsound(error: impl std::fmt::Display) -> Self {
        Self::Unsound { reason: error.to_string() }
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        let code = error.sqlite_error_code();
        if matches!(code, Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)) {
            return Self::damaged(database::FILE);
        }
        Self::Database(error)
    }
}

impl From<rusqlite::Error> for AccessError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Fault(error.into())
    }
}
