//! What is wanted of a session, and the way it gets there.

use super::change::MailChange;
use super::errands;
use crate::error::{AccessError, ChangeError, EntryError};
use activesync::messages::Item;
use pim::{EntryId, Errand, FetchFailure, Fetched, OutboxId, OutboxRecord, Want};
use secrecy::SecretString;
use tokio::sync::{mpsc, oneshot};
use vault::mail::{DraftId, FolderId, MessageId};

/// How many wishes may wait; who has more waits.
const WISHES: usize = 64;

/// What the user wants of the session.
#[derive(Debug)]
pub(crate) enum Wish {
    AddEntry {
        folder: FolderId,
        client_id: String,
        item: Box<Item>,
        done: oneshot::Sender<Option<EntryId>>,
    },
    Change(MessageId, MailChange, oneshot::Sender<Result<(), ChangeError>>),
    Composes(oneshot::Sender<bool>),
    Discard {
        mail: OutboxId,
        done: oneshot::Sender<bool>,
    },
    /// What is stored of a draft was changed.
    DraftChanged(DraftId),
    EditEntry {
        entry: EntryId,
        client_id: String,
        rewrite: Rewrite,
        done: oneshot::Sender<Result<(), EntryError>>,
    },
    Fetch {
        want: Want,
        done: oneshot::Sender<Result<Fetched, FetchFailure>>,
    },
    PasswordGiven(SecretString),
    Run {
        errand: Errand,
        done: errands::Done,
    },
    SignedIn,
    SignedOut,
    Submit(OutboxRecord),
    SyncNow,
}

/// Makes of an entry what is wanted, or says why that cannot be.
type Rewriting = dyn FnOnce(&mut Item) -> Result<(), EntryError> + Send;

/// What is to become of an entry.
pub(crate) enum Rewrite {
    /// What this makes of it, as it is when its turn comes.
    Change(Box<Rewriting>),
    /// It is to go.
    Delete,
}

impl std::fmt::Debug for Rewrite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Change(_) => "Change",
            Self::Delete => "Delete",
        })
    }
}

/// Takes wishes to the session.
#[derive(Clone, Debug)]
pub(crate) struct Session(mpsc::Sender<Wish>);

impl Session {
    /// Prepares a session; nothing happens before [`run`].
    pub(crate) fn new() -> (Self, mpsc::Receiver<Wish>) {
        let (sender, receiver) = mpsc::channel(WISHES);

        (Self(sender), receiver)
    }

    /// Hands over a wish.
    pub(crate) async fn wish(&self, wish: Wish) -> Result<(), AccessError> {
        self.0.send(wish).await.map_err(|_| AccessError::Locked)
    }

    /// Hands over a wish and waits for what comes of it.
    pub(crate) async fn ask<T>(
        &self,
        wish: impl FnOnce(oneshot::Sender<T>) -> Wish,
    ) -> Result<T, AccessError> {
        let (done, answer) = oneshot::channel();
        self.wish(wish(done)).await?;

        answer.await.map_err(|_| AccessError::Locked)
    }
}
