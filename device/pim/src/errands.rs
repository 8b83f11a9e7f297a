//! What a person sends the server to do at once: it is done, or they are told why not.
//!
//! ```text
//!   Errand ──request──▶ one command at a time      Event::ErrandEnded ◀── Reply or ErrandFailure ◀──read── its answer
//! ```
//!
//! Nothing of it is stored: whoever asks waits for the end. What an errand changes in the tree is stored with the tree's key.

mod failure;
mod folder;

use std::collections::VecDeque;

use activesync::query::Command;

pub use failure::ErrandFailure;
pub use folder::FolderErrand;
pub(crate) use folder::{FolderNews, FolderRefusal};

use crate::{CollectionId, folders::Folders};

/// Names an errand until it has ended.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ErrandId(u64);

/// What a person sends the server to do at once.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Errand {
    /// Changes a folder.
    Folder(FolderErrand),
}

/// What an errand brings back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Reply {
    /// It is done, and there is nothing to say about it.
    Done,
    /// The folder is made.
    Made(CollectionId),
}

/// The errands that wait for their turn.
#[derive(Clone, Debug, Default)]
pub(crate) struct Errands {
    waiting: VecDeque<Sent>,
    last: u64,
}

/// An errand, waiting or on its way.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) id: ErrandId,
    pub(crate) errand: Errand,
    /// It was sent before and has to be sent again after something else was done.
    pub(crate) repeated: bool,
}

/// What the requests of errands are made of besides the errands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms<'a> {
    pub(crate) folders: &'a Folders,
    pub(crate) tree_key: &'a str,
}

impl Errands {
    pub(crate) fn add(&mut self, errand: Errand) -> ErrandId {
        self.last += 1;
        let id = ErrandId(self.last);
        self.waiting.push_back(Sent { id, errand, repeated: false });
        id
    }

    pub(crate) fn take(&mut self) -> Option<Sent> {
        self.waiting.pop_front()
    }

    /// Puts an errand back to the front, to be sent once more.
    pub(crate) fn again(&mut self, sent: Sent) {
        self.waiting.push_front(Sent { repeated: true, ..sent });
    }

    /// Gives up those that wait.
    pub(crate) fn drain(&mut self) -> Vec<ErrandId> {
        self.waiting.drain(..).map(|sent| sent.id).collect()
    }

    /// Drops an errand that waits, if nothing is lost by that.
    pub(crate) fn drop_reading(&mut self, id: ErrandId) {
        self.waiting.retain(|sent| sent.id != id || sent.errand.changes());
    }
}

impl Errand {
    /// Says whether the server may be another after it, even if its answer is lost.
    pub(crate) fn changes(&self) -> bool {
        match self {
            Self::Folder(_) => true,
        }
    }

    /// Writes the request.
    pub(crate) fn request(&self, terms: Terms<'_>) -> (Command, Vec<u8>) {
        match self {
            Self::Folder(errand) => errand.request(terms),
        }
    }
}
