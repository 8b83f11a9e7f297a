//! Changes of folders: what may be asked, and what the answers mean for the tree.

use activesync::{
    messages::{
        EmptyFolder, Folder as WireFolder, FolderChange, FolderChangeAnswer, FolderChangeRequest,
        FolderKind, ItemOperationsAnswer, ItemOperationsRequest,
    },
    query::Command,
    status::{FolderChangeStatus, ItemOperationsStatus, Status},
};

use mail::text;

use super::{ErrandFailure, Refusal, Terms, failure::unreadable};
use crate::{CollectionId, FolderRecord, folders::Folders, pace};

/// What can be done to a folder.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum FolderErrand {
    /// Makes a folder for mail.
    Create {
        /// The folder it will lie in; absent at the top.
        parent: Option<CollectionId>,
        /// Its name.
        name: String,
    },
    /// Deletes a folder with the folders and the mails in it, those that are not here among them. Some servers keep a copy among
    /// the deleted mails, others do not.
    Delete(CollectionId),
    /// Deletes the mails in a folder, those that are not here among them, for good.
    Empty {
        /// The folder.
        folder: CollectionId,
        /// The folders in it go too.
        subfolders: bool,
    },
    /// Moves a folder with everything in it.
    Move {
        /// The folder.
        folder: CollectionId,
        /// The folder it will lie in; absent at the top.
        parent: Option<CollectionId>,
    },
    /// Gives a folder another name.
    Rename {
        /// The folder.
        folder: CollectionId,
        /// Its new name.
        name: String,
    },
}

/// What an answer means.
#[derive(Debug, Default)]
pub(crate) struct FolderNews {
    /// What the tree has to take over.
    pub(crate) changes: Vec<FolderChange>,
    /// The key of the tree from here on.
    pub(crate) key: Option<String>,
    /// The id of a new folder.
    pub(crate) made: Option<CollectionId>,
}

/// Names longer than this are taken by no known server.
const LONGEST_NAME: usize = 255;
const ROOT: &str = "0";

impl FolderErrand {
    /// Says at once what need not be asked.
    pub(super) fn check(&self, folders: &Folders) -> Result<(), ErrandFailure> {
        match self {
            Self::Create { parent, name } => {
                exists(parent.as_ref(), folders)?;
                free(parent.as_ref(), name, None, folders)
            }
            Self::Delete(folder) => changeable(folder, folders).map(drop),
            Self::Empty { folder, .. } => {
                let kind = known(folder, folders)?.kind;
                let may = kind == FolderKind::Deleted || is_users(kind);
                if may { Ok(()) } else { Err(ErrandFailure::Protected) }
            }
            Self::Move { folder, parent } => {
                let record = changeable(folder, folders)?;
                exists(parent.as_ref(), folders)?;
                if parent.as_ref().is_some_and(|parent| folders.lies_in(parent, folder)) {
                    return Err(ErrandFailure::Impossible("inside_itself"));
                }
                free(parent.as_ref(), &record.name, Some(folder), folders)
            }
            Self::Rename { folder, name } => {
                let record = changeable(folder, folders)?;
                free(record.parent.as_ref(), name, Some(folder), folders)
            }
        }
    }

    pub(super) fn request(&self, terms: Terms<'_>) -> (Command, Vec<u8>) {
        let sync_key = terms.tree_key.to_owned();
        let request = match self {
            Self::Create { parent, name } => FolderChangeRequest::Create {
                sync_key,
                parent_id: parent_id(parent.as_ref()),
                display_name: text::line(name),
                kind: FolderKind::UserMail,
            },
            Self::Delete(folder) => {
                FolderChangeRequest::Delete { sync_key, server_id: folder.0.clone() }
            }
            Self::Empty { folder, subfolders } => {
                let empty = EmptyFolder {
                    collection_id: folder.0.clone(),
                    delete_sub_folders: *subfolders,
                };
                let request = ItemOperationsRequest {
                    empties: vec![empty],
                    ..ItemOperationsRequest::default()
                };
                return (Command::ItemOperations, request.encode());
            }
            Self::Move { folder, .. } | Self::Rename { folder, .. } => {
                let after = self.after(terms.folders);
                FolderChangeRequest::Update {
                    sync_key,
                    server_id: folder.0.clone(),
                    parent_id: after.as_ref().map_or(ROOT, |after| &after.parent_id).to_owned(),
                    display_name: after.map(|after| after.display_name).unwrap_or_default(),
                }
            }
        };
        (request.command(), request.encode())
    }

    /// Reads the answer.
    pub(crate) fn read(&self, body: &[u8], folders: &Folders) -> Result<FolderNews, Refusal> {
        let command = match self {
            Self::Create { .. } => Command::FolderCreate,
            Self::Delete(_) => Command::FolderDelete,
            Self::Empty { .. } => return read_emptied(body),
            Self::Move { .. } | Self::Rename { .. } => Command::FolderUpdate,
        };
        let answer = FolderChangeAnswer::decode(command, body).map_err(unreadable)?;
        refused(answer.status)?;
        let (changes, made) = match (self, answer.server_id) {
            (Self::Create { parent, name }, Some(server_id)) => {
                let made = CollectionId(server_id.clone());
                let folder = WireFolder {
                    server_id,
                    parent_id: parent_id(parent.as_ref()),
                    display_name: text::line(name),
                    kind: FolderKind::UserMail,
                };
                (vec![FolderChange::Add(folder)], Some(made))
            }
            (Self::Create { .. }, None) => return Err(unreadable(()).into()),
            (Self::Delete(folder), _) => {
                let gone = folders.with_descendants(folder);
                let gone = gone.into_iter().map(|id| FolderChange::Delete { server_id: id.0 });
                (gone.collect(), None)
            }
            (Self::Empty { .. } | Self::Move { .. } | Self::Rename { .. }, _) => {
                (self.after(folders).map(FolderChange::Update).into_iter().collect(), None)
            }
        };
        Ok(FolderNews { changes, key: answer.sync_key, made })
    }

    /// The folder as it will be.
    fn after(&self, folders: &Folders) -> Option<WireFolder> {
        let (folder, parent, name) = match self {
            Self::Move { folder, parent } => {
                let record = &folders.get(folder)?.record;
                (record, parent.as_ref(), record.name.clone())
            }
            Self::Rename { folder, name } => {
                let record = &folders.get(folder)?.record;
                (record, record.parent.as_ref(), text::line(name))
            }
            Self::Create { .. } | Self::Delete(_) | Self::Empty { .. } => return None,
        };
        Some(WireFolder {
            server_id: folder.id.0.clone(),
            parent_id: parent_id(parent),
            display_name: name,
            kind: folder.kind,
        })
    }
}

fn refused(status: Status) -> Result<(), Refusal> {
    let code = format!("status_{}", status.0);
    let failure = match status.folder_change() {
        FolderChangeStatus::Ok => return Ok(()),
        FolderChangeStatus::NameTaken => ErrandFailure::NameTaken,
        FolderChangeStatus::SpecialFolder => ErrandFailure::Protected,
        FolderChangeStatus::NotFound | FolderChangeStatus::ParentNotFound => ErrandFailure::Missing,
        FolderChangeStatus::KeyInvalid => return Err(Refusal::TreeLost),
        FolderChangeStatus::ProtocolError => ErrandFailure::Refused(code),
        FolderChangeStatus::ServerError | FolderChangeStatus::Undocumented(_) => {
            ErrandFailure::Unreachable(code)
        }
        FolderChangeStatus::Common(common) => return Err(pace::common(status, common).into()),
    };
    Err(Refusal::Failed(failure))
}

fn read_emptied(body: &[u8]) -> Result<FolderNews, Refusal> {
    let answer = ItemOperationsAnswer::decode(body).map_err(unreadable)?;
    // Some servers say no more than that all is well.
    let status = answer.empties.first().map_or(answer.status, |folder| folder.status);
    let code = format!("status_{}", status.0);
    let failure = match status.item_operations() {
        ItemOperationsStatus::Ok => return Ok(FolderNews::default()),
        ItemOperationsStatus::AccessDenied => ErrandFailure::Forbidden(code),
        ItemOperationsStatus::NotFound | ItemOperationsStatus::UnknownStore => {
            ErrandFailure::Missing
        }
        ItemOperationsStatus::PartlyDone => ErrandFailure::Uncertain,
        ItemOperationsStatus::ServerError | ItemOperationsStatus::Undocumented(_) => {
            ErrandFailure::Unreachable(code)
        }
        ItemOperationsStatus::ConversionFailed
        | ItemOperationsStatus::ProtocolError
        | ItemOperationsStatus::RangeInvalid
        | ItemOperationsStatus::TooLarge => ErrandFailure::Refused(code),
        ItemOperationsStatus::Common(common) => return Err(pace::common(status, common).into()),
    };
    Err(Refusal::Failed(failure))
}

fn known<'a>(
    folder: &CollectionId,
    folders: &'a Folders,
) -> Result<&'a FolderRecord, ErrandFailure> {
    folders.get(folder).map(|folder| &folder.record).ok_or(ErrandFailure::Missing)
}

fn changeable<'a>(
    folder: &CollectionId,
    folders: &'a Folders,
) -> Result<&'a FolderRecord, ErrandFailure> {
    let record = known(folder, folders)?;
    if is_users(record.kind) { Ok(record) } else { Err(ErrandFailure::Protected) }
}

fn exists(parent: Option<&CollectionId>, folders: &Folders) -> Result<(), ErrandFailure> {
    parent.map_or(Ok(()), |parent| known(parent, folders).map(drop))
}

/// Says whether a name can be had in a place. One server fails on a name that is taken, so it is not asked.
fn free(
    parent: Option<&CollectionId>,
    name: &str,
    but: Option<&CollectionId>,
    folders: &Folders,
) -> Result<(), ErrandFailure> {
    let name = text::line(name);
    if name.is_empty() {
        return Err(ErrandFailure::Impossible("name_empty"));
    }
    if name.chars().count() > LONGEST_NAME {
        return Err(ErrandFailure::Impossible("name_too_long"));
    }
    let same = |record: &FolderRecord| {
        record.parent.as_ref() == parent
            && Some(&record.id) != but
            && record.name.to_lowercase() == name.to_lowercase()
    };
    if folders.records().any(same) { Err(ErrandFailure::NameTaken) } else { Ok(()) }
}

fn is_users(kind: FolderKind) -> bool {
    match kind {
        FolderKind::Other
        | FolderKind::UserCalendar
        | FolderKind::UserContacts
        | FolderKind::UserJournal
        | FolderKind::UserMail
        | FolderKind::UserNotes
        | FolderKind::UserTasks => true,
        FolderKind::Calendar
        | FolderKind::Contacts
        | FolderKind::Deleted
        | FolderKind::Drafts
        | FolderKind::Inbox
        | FolderKind::Journal
        | FolderKind::Notes
        | FolderKind::Outbox
        | FolderKind::RecipientCache
        | FolderKind::Sent
        | FolderKind::Tasks
        | FolderKind::Unknown => false,
    }
}

fn parent_id(parent: Option<&CollectionId>) -> String {
    parent.map_or_else(|| ROOT.to_owned(), |parent| parent.0.clone())
}
