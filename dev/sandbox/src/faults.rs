use std::sync::{Mutex, PoisonError};

use activesync::query::Command;

/// What goes wrong on purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// One item in the answer to a Sync holds nothing that anybody knows.
    BadItem,
    /// The device has lost its policy key: it is told to run Provision.
    DemandProvisioning,
    /// The device's keys of items are forgotten, so that the request is refused with status 3.
    ForgetSyncKeys,
    /// The request takes effect, but its answer is lost: the connection is closed.
    LoseAnswer,
    /// The request is refused with HTTP 401 because the token says too little; only with [`Tokens`](crate::Tokens).
    DemandClaims {
        /// What the token must say, as JSON.
        claims: String,
    },
    /// The request is refused with this root status, for instance 117, and has no effect.
    Refuse {
        /// The status.
        status: u16,
    },
    /// The request is lost before it takes effect: the connection is closed.
    LoseRequest,
    /// The first command of a Sync is refused with this item status.
    RefuseItem {
        /// The status.
        status: u16,
    },
    /// The last answer to such a command is given once more, and the request has no effect.
    RepeatAnswer,
    /// A Sync tells one change only, whatever window is wanted.
    SplitWindow,
    /// The request is refused with HTTP 451, which says that the mailbox is at this address.
    Moved {
        /// The address; empty: it does not say where.
        location: String,
    },
    /// The request is refused with HTTP 503 and a Retry-After of so many seconds.
    Unavailable {
        /// Seconds to wait.
        retry_after: u32,
    },
}

/// Faults that wait for their requests.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Vec<Waiting>>);

#[derive(Debug)]
struct Waiting {
    account: String,
    command: Option<Command>,
    fault: Fault,
}

impl Faults {
    /// Lets the next request of an account fail; with a command, the next request of that command.
    pub(crate) fn add(&self, account: &str, command: Option<Command>, fault: Fault) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push(Waiting { account: account.to_owned(), command, fault });
    }

    /// Takes the oldest fault that is meant for a request.
    pub(crate) fn take(&self, account: &str, command: Command) -> Option<Fault> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let index = waiting.iter().position(|entry| {
            entry.account == account && entry.command.is_none_or(|wanted| wanted == command)
        })?;
        Some(waiting.remove(index).fault)
    }
}
