use super::decode::{self, DecodeError, Values, keep};
use super::item::Class;
use crate::codepage::folder_hierarchy as page;
use crate::status::Status;
use crate::wbxml::{Reader, Writer};

/// Asks for what changed in the folder tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderSyncRequest {
    /// The key of the last answer, `0` the first time.
    pub sync_key: String,
}

/// Says what changed in the folder tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderSyncAnswer {
    /// Root status.
    pub status: Status,
    /// The key for the next request; absent when the status is an error.
    pub sync_key: Option<String>,
    /// Changes in the server's order. Parents may come after children.
    pub changes: Vec<FolderChange>,
}

/// One change of the folder tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FolderChange {
    /// A folder appeared.
    Add(Folder),
    /// A folder and everything in it is gone.
    Delete {
        /// Its id.
        server_id: String,
    },
    /// A folder was renamed or moved.
    Update(Folder),
}

/// A folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// Opaque id, sent back exactly as it came.
    pub server_id: String,
    /// Id of the folder above, `0` at the top.
    pub parent_id: String,
    /// Name for people.
    pub display_name: String,
    /// What it holds.
    pub kind: FolderKind,
}

/// What a folder holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
#[expect(missing_docs, reason = "the names say it")]
pub enum FolderKind {
    Other = 1,
    Inbox = 2,
    Drafts = 3,
    Deleted = 4,
    Sent = 5,
    Outbox = 6,
    Tasks = 7,
    Calendar = 8,
    Contacts = 9,
    Notes = 10,
    Journal = 11,
    UserMail = 12,
    UserCalendar = 13,
    UserContacts = 14,
    UserTasks = 15,
    UserJournal = 16,
    UserNotes = 17,
    Unknown = 18,
    RecipientCache = 19,
}

impl FolderKind {
    const ALL: [Self; 19] = [
        Self::Other,
        Self::Inbox,
        Self::Drafts,
        Self::Deleted,
        Self::Sent,
        Self::Outbox,
        Self::Tasks,
        Self::Calendar,
        Self::Contacts,
        Self::Notes,
        Self::Journal,
        Self::UserMail,
        Self::UserCalendar,
        Self::UserContacts,
        Self::UserTasks,
        Self::UserJournal,
        Self::UserNotes,
        Self::Unknown,
        Self::RecipientCache,
    ];

    /// Returns the number on the wire.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// Reads the number on the wire; numbers without a meaning are [`FolderKind::Unknown`].
    pub fn from_code(code: u8) -> Self {
        Self::ALL.into_iter().find(|kind| kind.code() == code).unwrap_or(Self::Unknown)
    }

    /// Returns the class of the items in the folder; `None` for those that no class of this protocol fits, such as journals, and
    /// for the recipient cache, which the server alone fills.
    pub fn class(self) -> Option<Class> {
        match self {
            Self::Calendar | Self::UserCalendar => Some(Class::Calendar),
            Self::Contacts | Self::UserContacts => Some(Class::Contacts),
            Self::Deleted
            | Self::Drafts
            | Self::Inbox
            | Self::Outbox
            | Self::Sent
            | Self::UserMail => Some(Class::Email),
            Self::Notes | Self::UserNotes => Some(Class::Notes),
            Self::Tasks | Self::UserTasks => Some(Class::Tasks),
            Self::Journal
            | Self::Other
            | Self::RecipientCache
            | Self::Unknown
            | Self::UserJournal => None,
        }
    }

    /// Returns whether the folder holds mail.
    pub fn is_mail(self) -> bool {
        self.class() == Some(Class::Email)
    }
}

impl FolderSyncRequest {
    /// Reads a request.
    pub fn decode(input: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = decode::open(input, page::FOLDER_SYNC)?;
        let mut sync_key = None;
        while let Some(tag) = reader.child()? {
            match tag {
                page::SYNC_KEY => sync_key = Some(reader.string()?),
                _ => reader.skip()?,
            }
        }
        decode::close(reader)?;
        Ok(Self { sync_key: sync_key.ok_or(DecodeError::Missing(page::SYNC_KEY))? })
    }

    /// Writes the request.
    pub fn encode(&self) -> Vec<u8> {
        Writer::document(page::FOLDER_SYNC, |root| root.text(page::SYNC_KEY, &self.sync_key))
    }
}

impl FolderSyncAnswer {
    /// Reads an answer.
    pub fn decode(input: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = decode::open(input, page::FOLDER_SYNC)?;
        let mut status = None;
        let mut sync_key = None;
        let mut changes = Vec::new();
        while let Some(tag) = reader.child()? {
            match tag {
                page::STATUS => status = Some(reader.status(tag)?),
                page::SYNC_KEY => sync_key = Some(reader.string()?),
                page::CHANGES => changes = read_changes(&mut reader)?,
                _ => reader.skip()?,
            }
        }
        decode::close(reader)?;
        Ok(Self { status: status.ok_or(DecodeError::Missing(page::STATUS))?, sync_key, changes })
    }

    /// Writes the answer.
    pub fn encode(&self) -> Vec<u8> {
        Writer::document(page::FOLDER_SYNC, |root| {
            root.number(page::STATUS, self.status);
            let Some(sync_key) = &self.sync_key else { return };
            root.text(page::SYNC_KEY, sync_key);
            root.container(page::CHANGES, |list| {
                list.number(page::COUNT, i64::try_from(self.changes.len()).unwrap_or(i64::MAX));
                self.changes.iter().for_each(|change| write_change(list, change));
            });
        })
    }
}

fn read_changes(reader: &mut Reader<'_>) -> Result<Vec<FolderChange>, DecodeError> {
    let mut changes = Vec::new();
    while let Some(tag) = reader.child()? {
        match tag {
            page::ADD => keep(&mut changes, FolderChange::Add(read_folder(reader)?), reader)?,
            page::UPDATE => keep(&mut changes, FolderChange::Update(read_folder(reader)?), reader)?,
            page::DELETE => keep(
                &mut changes,
                FolderChange::Delete { server_id: read_folder(reader)?.server_id },
                reader,
            )?,
            _ => reader.skip()?,
        }
    }
    Ok(changes)
}

fn read_folder(reader: &mut Reader<'_>) -> Result<Folder, DecodeError> {
    let mut server_id = None;
    let mut parent_id = String::from("0");
    let mut display_name = String::new();
    let mut kind = FolderKind::Unknown;
    while let Some(tag) = reader.child()? {
        match tag {
            page::SERVER_ID => server_id = Some(reader.string()?),
            page::PARENT_ID => parent_id = reader.string()?,
            page::DISPLAY_NAME => display_name = reader.string()?,
            page::TYPE => {
                kind = reader.number_if_any()?.map_or(FolderKind::Unknown, FolderKind::from_code)
            }
            _ => reader.skip()?,
        }
    }
    let server_id = server_id.ok_or(DecodeError::Missing(page::SERVER_ID))?;
    Ok(Folder { server_id, parent_id, display_name, kind })
}

fn write_change(list: &mut Writer, change: &FolderChange) {
    match change {
        FolderChange::Add(folder) => list.container(page::ADD, |entry| write_folder(entry, folder)),
        FolderChange::Delete { server_id } => {
            list.container(page::DELETE, |entry| entry.text(page::SERVER_ID, server_id));
        }
        FolderChange::Update(folder) => {
            list.container(page::UPDATE, |entry| write_folder(entry, folder))
        }
    }
}

fn write_folder(entry: &mut Writer, folder: &Folder) {
    entry.text(page::SERVER_ID, &folder.server_id);
    entry.text(page::PARENT_ID, &folder.parent_id);
    entry.text(page::DISPLAY_NAME, &folder.display_name);
    entry.number(page::TYPE, folder.kind.code());
}
