use activesync::messages::ClientCommand;

use super::DraftContent;
use crate::{Change, ItemRef};

/// Identifies a draft in this container. It stays when the server's id changes.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct DraftId(pub i64);

/// Identifies a file of a draft in this container.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct DraftFileId(pub i64);

/// A draft as synchronisation knows it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DraftRecord {
    /// The draft.
    pub draft: DraftId,
    /// Which of the person's changes [`edit`](Self::edit) holds: they are counted.
    pub revision: i64,
    /// What the server calls it; absent until the server has taken it in.
    pub item: Option<ItemRef>,
    /// What the server knows a new draft by, the same at each try; 1 to 40 characters.
    pub client_id: String,
    /// The draft as the server has it, as far as it is known here; absent for a new one.
    pub base: Option<Box<DraftContent>>,
    /// What is to become of it; absent where the server has it as it is here.
    pub edit: Option<DraftEdit>,
    /// What was sent and may or may not have been taken.
    pub sent: Option<DraftEdit>,
    /// Why the server will not take it, as a short stable code; it is not sent again before the person changes it.
    pub refused: Option<String>,
    /// In which way a change of the person's met one of the server's; until the person changes it.
    pub conflict: Option<DraftConflict>,
}

/// What is to become of a draft.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum DraftEdit {
    /// It is to go: to the folder for deleted mails or, as one that was sent, for good.
    Delete {
        /// For good.
        for_good: bool,
    },
    /// It is to be this.
    Put(Box<DraftContent>),
}

/// In which way two changes of a draft met.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum DraftConflict {
    /// Both changed it: the server's stands, and this is the person's, kept as a draft of its own.
    Changed,
    /// It was changed on the server and deleted or sent here: what the server has stays.
    DeletedHere,
    /// It was deleted on the server and changed here: it is made anew.
    DeletedThere,
}

/// What of drafts goes up with the next request for their folder.
#[derive(Clone, Debug, Default)]
pub(crate) struct OutgoingDrafts {
    pub(crate) drafts: Vec<DraftId>,
    pub(crate) commands: Vec<ClientCommand>,
    /// To be stored before a byte is sent.
    pub(crate) store_first: Vec<Change>,
    /// Whether deleted ones go to the folder for deleted mails; absent where none is deleted.
    pub(crate) deletes_as_moves: Option<bool>,
}
