mod tree;

pub(crate) use tree::{TreeStep, TreeView, can_be_made};

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use activesync::messages::{self, Class, Flag, FolderKind};
use activesync::query::Version;
use bytes::Bytes;
use time::OffsetDateTime;

/// What one account has: folders and items, and in which order they changed.
#[derive(Debug)]
pub(crate) struct Mailbox {
    folders: Vec<Folder>,
    gone_folders: Vec<tree::GoneFolder>,
    last_folder: u16,
    items: BTreeMap<ItemId, Item>,
    last_item: u32,
    last_change: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FolderId(u16);

/// Ids rise with the time of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ItemId(u32);

#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) id: FolderId,
    pub(crate) parent: Option<FolderId>,
    pub(crate) name: String,
    pub(crate) kind: FolderKind,
    /// The change that made it.
    pub(crate) made: u64,
    /// The last change of its name or its place.
    changed: u64,
    /// Each item stands here at its last change only. Items that were there from the start stand nowhere.
    log: BTreeMap<u64, Logged>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Logged {
    Gone { item: ItemId, received: OffsetDateTime, made: u64 },
    Here(ItemId),
}

#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) folder: FolderId,
    pub(crate) content: Content,
    /// The moment by which filters judge it: when a mail came, when an event is over, never for what no filter drops.
    pub(crate) received: OffsetDateTime,
    pub(crate) read: bool,
    pub(crate) marks: Marks,
    /// The change that made it.
    pub(crate) made: u64,
    /// The last change that gave it another `received`, and the one from before.
    pub(crate) refiled: Option<(u64, OffsetDateTime)>,
    /// Its last change.
    pub(crate) changed: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Marks {
    pub(crate) flag: Option<Box<Flag>>,
    pub(crate) categories: Vec<String>,
}

#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// A mail that is made from its number whenever it is wanted.
    Generated(u32),
    /// An event that is made from its number whenever it is wanted.
    GeneratedEvent(u32),
    /// A mail.
    Stored(Bytes),
    /// A contact, an event, a note or a task, in the form that [`crate::pim`] gives it.
    Typed(Arc<messages::Item>),
}

impl Content {
    pub(crate) fn class(&self) -> Class {
        match self {
            Self::Generated(_) | Self::Stored(_) => Class::Email,
            Self::GeneratedEvent(_) => Class::Calendar,
            Self::Typed(item) => item.class().unwrap_or(Class::Email),
        }
    }
}

impl FolderId {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        text.strip_prefix('f')?.parse().ok().map(Self)
    }
}

/// Ids hold characters that clients must carry about unchanged.
impl fmt::Display for FolderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "f{}", self.0)
    }
}

impl ItemId {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        text.strip_prefix('{')?.strip_suffix("}%2F")?.parse().ok().map(Self)
    }
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}}}%2F", self.0)
    }
}

impl Folder {
    /// Returns the class of the items that devices see in it. Others may lie there too: deleted events among deleted mails.
    pub(crate) fn class(&self) -> Class {
        match self.kind {
            FolderKind::Calendar | FolderKind::UserCalendar => Class::Calendar,
            FolderKind::Contacts | FolderKind::RecipientCache | FolderKind::UserContacts => {
                Class::Contacts
            }
            FolderKind::Notes | FolderKind::UserNotes => Class::Notes,
            FolderKind::Tasks | FolderKind::UserTasks => Class::Tasks,
            FolderKind::Deleted
            | FolderKind::Drafts
            | FolderKind::Inbox
            | FolderKind::Journal
            | FolderKind::Other
            | FolderKind::Outbox
            | FolderKind::Sent
            | FolderKind::Unknown
            | FolderKind::UserJournal
            | FolderKind::UserMail => Class::Email,
        }
    }

    /// Returns whether a version knows the class of its items.
    pub(crate) fn is_known_to(&self, version: Version) -> bool {
        self.class() != Class::Notes || version >= Version::V14_0
    }

    /// Returns what changed after the change `after`, oldest first.
    pub(crate) fn changes_after(&self, after: u64) -> impl Iterator<Item = (u64, Logged)> {
        self.log.range(after.saturating_add(1)..).map(|(change, logged)| (*change, *logged))
    }
}

impl Mailbox {
    pub(crate) const INBOX: FolderId = FolderId(1);
    pub(crate) const DELETED: FolderId = FolderId(3);
    pub(crate) const SENT: FolderId = FolderId(4);
    pub(crate) const CALENDAR: FolderId = FolderId(7);
    pub(crate) const CONTACTS: FolderId = FolderId(8);
    pub(crate) const TASKS: FolderId = FolderId(9);
    pub(crate) const NOTES: FolderId = FolderId(10);

    pub(crate) fn new(with_projects: bool) -> Self {
        let mut mailbox = Self {
            folders: Vec::new(),
            gone_folders: Vec::new(),
            last_folder: 0,
            items: BTreeMap::new(),
            last_item: 0,
            last_change: 0,
        };
        for (name, kind) in [
            ("Inbox", FolderKind::Inbox),
            ("Drafts", FolderKind::Drafts),
            ("Deleted Items", FolderKind::Deleted),
            ("Sent Items", FolderKind::Sent),
            ("Outbox", FolderKind::Outbox),
            ("Junk E-mail", FolderKind::UserMail),
            ("Calendar", FolderKind::Calendar),
            ("Contacts", FolderKind::Contacts),
            ("Tasks", FolderKind::Tasks),
            ("Notes", FolderKind::Notes),
        ] {
            mailbox.push_folder(None, name, kind);
        }
        if with_projects {
            let projects = mailbox.push_folder(None, "Projekte", FolderKind::UserMail);
            mailbox.push_folder(Some(projects), "Nordlicht", FolderKind::UserMail);
            mailbox.push_folder(Some(projects), "Travel & expenses", FolderKind::UserMail);
        }
        mailbox.last_change = 0;
        mailbox.folders.iter_mut().for_each(|folder| (folder.made, folder.changed) = (0, 0));
        mailbox
    }

    pub(crate) fn folders(&self) -> &[Folder] {
        &self.folders
    }

    pub(crate) fn folder(&self, id: FolderId) -> Option<&Folder> {
        self.folders.iter().find(|folder| folder.id == id)
    }

    pub(crate) fn last_change(&self) -> u64 {
        self.last_change
    }

    pub(crate) fn item(&self, id: ItemId) -> Option<&Item> {
        self.items.get(&id)
    }

    /// Returns an item if devices see it in `folder`.
    pub(crate) fn item_in(&self, folder: FolderId, id: ItemId) -> Option<&Item> {
        self.items.get(&id).filter(|item| item.folder == folder && self.is_seen(item))
    }

    /// Returns what devices see in a folder, newest first.
    pub(crate) fn items_in(&self, folder: FolderId) -> impl Iterator<Item = (ItemId, &Item)> {
        let class = self.folder(folder).map(Folder::class);
        self.items
            .iter()
            .rev()
            .filter(move |(_, item)| item.folder == folder && Some(item.content.class()) == class)
            .map(|(id, item)| (*id, item))
    }

    fn is_seen(&self, item: &Item) -> bool {
        self.folder(item.folder).map(Folder::class) == Some(item.content.class())
    }

    pub(crate) fn add_folder(&mut self, name: &str) -> FolderId {
        self.push_folder(None, name, FolderKind::UserMail)
    }

    /// Puts in an item that was there before anybody looked.
    pub(crate) fn add_old(
        &mut self,
        folder: FolderId,
        content: Content,
        received: OffsetDateTime,
        read: bool,
    ) -> ItemId {
        self.last_item += 1;
        let id = ItemId(self.last_item);
        let marks = Marks::default();
        let item =
            Item { folder, content, received, read, marks, made: 0, refiled: None, changed: 0 };
        self.items.insert(id, item);
        id
    }

    /// Sets marks of a mail that was there before anybody looked.
    pub(crate) fn mark_old(&mut self, id: ItemId, marks: Marks) {
        if let Some(item) = self.items.get_mut(&id) {
            item.marks = marks;
        }
    }

    pub(crate) fn add(
        &mut self,
        folder: FolderId,
        content: Content,
        received: OffsetDateTime,
        read: bool,
    ) -> ItemId {
        let id = self.add_old(folder, content, received, read);
        let change = self.log(id, folder, Logged::Here(id));
        if let Some(item) = self.items.get_mut(&id) {
            (item.made, item.changed) = (change, change);
        }
        id
    }

    /// Changes a mail and returns the number of the change, or `None` if nothing is different.
    pub(crate) fn change(
        &mut self,
        id: ItemId,
        edit: impl FnOnce(&mut bool, &mut Marks),
    ) -> Option<u64> {
        let item = self.items.get_mut(&id)?;
        let before = (item.read, item.marks.clone());
        edit(&mut item.read, &mut item.marks);
        if before == (item.read, item.marks.clone()) {
            return None;
        }
        self.log_change(id)
    }

    /// Gives an item another content and returns the number of the change.
    pub(crate) fn replace(
        &mut self,
        id: ItemId,
        content: Content,
        received: OffsetDateTime,
    ) -> Option<u64> {
        let change = self.log_change(id)?;
        let item = self.items.get_mut(&id)?;
        item.content = content;
        if item.received != received {
            item.refiled = Some((change, item.received));
            item.received = received;
        }
        Some(change)
    }

    fn log_change(&mut self, id: ItemId) -> Option<u64> {
        let item = self.items.get(&id)?;
        let (folder, earlier) = (item.folder, item.changed);
        self.forget(folder, earlier);
        let change = self.log(id, folder, Logged::Here(id));
        self.items.get_mut(&id)?.changed = change;
        Some(change)
    }

    /// Deletes an item for good and returns the number of the change.
    pub(crate) fn delete(&mut self, id: ItemId) -> Option<u64> {
        let item = self.items.get(&id)?;
        let (folder, changed) = (item.folder, item.changed);
        let gone = Logged::Gone { item: id, received: item.received, made: item.made };
        self.forget(folder, changed);
        let change = self.log(id, folder, gone);
        self.items.remove(&id);
        Some(change)
    }

    /// Moves an item. Returns the number of the change in the folder that it left, and its id in the other.
    pub(crate) fn shift(&mut self, id: ItemId, to: FolderId) -> Option<(u64, ItemId)> {
        let item = self.items.get(&id)?.clone();
        let left = self.delete(id)?;
        let moved = self.add(to, item.content, item.received, item.read);
        self.mark_old(moved, item.marks);
        Some((left, moved))
    }

    fn push_folder(&mut self, parent: Option<FolderId>, name: &str, kind: FolderKind) -> FolderId {
        self.last_change += 1;
        self.last_folder = self.last_folder.saturating_add(1);
        let (id, name, made) = (FolderId(self.last_folder), name.to_owned(), self.last_change);
        let log = BTreeMap::new();
        self.folders.push(Folder { id, parent, name, kind, made, changed: made, log });
        id
    }

    /// Notes a change. What devices do not see in its folder stands in no log.
    fn log(&mut self, id: ItemId, folder: FolderId, logged: Logged) -> u64 {
        self.last_change += 1;
        let seen = self.items.get(&id).is_some_and(|item| self.is_seen(item));
        if !seen {
            return self.last_change;
        }
        if let Some(folder) = self.folders.iter_mut().find(|known| known.id == folder) {
            folder.log.insert(self.last_change, logged);
        }
        self.last_change
    }

    fn forget(&mut self, folder: FolderId, change: u64) {
        if let Some(folder) = self.folders.iter_mut().find(|known| known.id == folder) {
            folder.log.remove(&change);
        }
    }
}
