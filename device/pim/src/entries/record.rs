use activesync::messages::Item;

use crate::{CollectionId, ItemRef, ServerId};

/// Identifies an entry in this container: a contact, an event, a task or a note. It stays when the server's id changes.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct EntryId(pub i64);

/// What the person wants of an entry and the server has not confirmed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EditRecord {
    /// The entry.
    pub entry: EntryId,
    /// The folder it lies in.
    pub collection: CollectionId,
    /// What the server calls it; absent until the server has taken it in.
    pub server_id: Option<ServerId>,
    /// What the server knows a new entry by, the same at each try; 1 to 40 characters.
    pub client_id: String,
    /// The entry as the server has it, as far as it is known here; absent for a new one.
    pub base: Option<Box<Item>>,
    /// What is to become of it.
    pub edit: Edit,
    /// What was sent and may or may not have been taken.
    pub sent: Option<Edit>,
    /// Why the server will not take it, as a short stable code; it is not sent again before the person changes it.
    pub refused: Option<String>,
}

/// What is to become of an entry.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Edit {
    /// It is to go.
    Delete,
    /// It is to be this, with all its properties.
    Put(Box<Item>),
}

/// What the person wrote and the server's word stands against: kept until the person has decided.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConflictRecord {
    /// The entry.
    pub entry: EntryId,
    /// What happened.
    pub kind: ConflictKind,
    /// The properties as the person wanted them, where that did not come to be; empty where nothing of theirs was lost.
    pub mine: Box<Item>,
}

/// In which way two changes of an entry met.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ConflictKind {
    /// Both changed the same property: the server's stands, the other is kept aside.
    Changed,
    /// It was deleted on the server and changed here: it is made anew.
    DeletedThere,
    /// It was changed on the server and deleted here: it stays.
    DeletedHere,
}

impl EditRecord {
    /// Names the entry as the server does, once it has taken it in.
    pub fn item(&self) -> Option<ItemRef> {
        let item = self.server_id.clone()?;
        Some(ItemRef { collection: self.collection.clone(), item })
    }
}
