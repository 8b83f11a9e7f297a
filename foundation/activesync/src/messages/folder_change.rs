use super::decode::{self, DecodeError, Values};
use super::folder_sync::FolderKind;
use crate::codepage::{Tag, folder_hierarchy as page};
use crate::query::Command;
use crate::status::Status;
use crate::wbxml::Writer;

/// Makes, changes or deletes a folder. Each request carries the key of the folder tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FolderChangeRequest {
    /// FolderCreate.
    Create {
        /// The key of the last answer about the tree.
        sync_key: String,
        /// Id of the folder above, `0` at the top.
        parent_id: String,
        /// Name for people.
        display_name: String,
        /// What it holds: one of the user's kinds.
        kind: FolderKind,
    },
    /// FolderDelete: deletes the folder with all that is in it.
    Delete {
        /// The key of the last answer about the tree.
        sync_key: String,
        /// The folder.
        server_id: String,
    },
    /// FolderUpdate: names and moves it.
    Update {
        /// The key of the last answer about the tree.
        sync_key: String,
        /// The folder.
        server_id: String,
        /// Id of the folder above, `0` at the top.
        parent_id: String,
        /// Name for people.
        display_name: String,
    },
}

/// Says what became of a [`FolderChangeRequest`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderChangeAnswer {
    /// Root status.
    pub status: Status,
    /// The key for the next request about the tree; absent when the status is an error.
    pub sync_key: Option<String>,
    /// The id of a new folder.
    pub server_id: Option<String>,
}

impl FolderChangeRequest {
    /// Returns the command that carries it.
    pub fn command(&self) -> Command {
        match self {
            Self::Create { .. } => Command::FolderCreate,
            Self::Delete { .. } => Command::FolderDelete,
            Self::Update { .. } => Command::FolderUpdate,
        }
    }

    /// Reads the request of `command`.
    ///
    /// # Errors
    ///
    /// Also if `command` is none of the three.
    pub fn decode(command: Command, input: &[u8]) -> Result<Self, DecodeError> {
        let root = root(command)?;
        let mut reader = decode::open(input, root)?;
        let (mut sync_key, mut server_id, mut parent_id) = (None, None, None);
        let (mut display_name, mut kind) = (None, None);
        while let Some(tag) = reader.child()? {
            match tag {
                page::SYNC_KEY => sync_key = Some(reader.string()?),
                page::SERVER_ID => server_id = Some(reader.string()?),
                page::PARENT_ID => parent_id = Some(reader.string()?),
                page::DISPLAY_NAME => display_name = Some(reader.string()?),
                page::TYPE => kind = Some(FolderKind::from_code(reader.number(tag)?)),
                _ => reader.skip()?,
            }
        }
        decode::close(reader)?;
        let must = |value: Option<String>, tag| value.ok_or(DecodeError::Missing(tag));
        let sync_key = must(sync_key, page::SYNC_KEY)?;
        Ok(match root {
            page::FOLDER_CREATE => Self::Create {
                sync_key,
                parent_id: must(parent_id, page::PARENT_ID)?,
                display_name: must(display_name, page::DISPLAY_NAME)?,
                kind: kind.ok_or(DecodeError::Missing(page::TYPE))?,
            },
            page::FOLDER_DELETE => {
                Self::Delete { sync_key, server_id: must(server_id, page::SERVER_ID)? }
            }
            _ => Self::Update {
                sync_key,
                server_id: must(server_id, page::SERVER_ID)?,
                parent_id: must(parent_id, page::PARENT_ID)?,
                display_name: must(display_name, page::DISPLAY_NAME)?,
            },
        })
    }

    /// Writes the request.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Create { sync_key, parent_id, display_name, kind } => {
                Writer::document(page::FOLDER_CREATE, |root| {
                    root.text(page::SYNC_KEY, sync_key);
                    root.text(page::PARENT_ID, parent_id);
                    root.text(page::DISPLAY_NAME, display_name);
                    root.number(page::TYPE, kind.code());
                })
            }
            Self::Delete { sync_key, server_id } => Writer::document(page::FOLDER_DELETE, |root| {
                root.text(page::SYNC_KEY, sync_key);
                root.text(page::SERVER_ID, server_id);
            }),
            Self::Update { sync_key, server_id, parent_id, display_name } => {
                Writer::document(page::FOLDER_UPDATE, |root| {
                    root.text(page::SYNC_KEY, sync_key);
                    root.text(page::SERVER_ID, server_id);
                    root.text(page::PARENT_ID, parent_id);
                    root.text(page::DISPLAY_NAME, display_name);
                })
            }
        }
    }
}

impl FolderChangeAnswer {
    /// Reads the answer to `command`.
    ///
    /// # Errors
    ///
    /// Also if `command` is none of the three.
    pub fn decode(command: Command, input: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = decode::open(input, root(command)?)?;
        let (mut status, mut sync_key, mut server_id) = (None, None, None);
        while let Some(tag) = reader.child()? {
            match tag {
                page::STATUS => status = Some(reader.status(tag)?),
                page::SYNC_KEY => sync_key = Some(reader.string()?),
                page::SERVER_ID => server_id = Some(reader.string()?),
                _ => reader.skip()?,
            }
        }
        decode::close(reader)?;
        Ok(Self { status: status.ok_or(DecodeError::Missing(page::STATUS))?, sync_key, server_id })
    }

    /// Writes the answer to `command`.
    ///
    /// # Errors
    ///
    /// `command` is none of the three.
    pub fn encode(&self, command: Command) -> Result<Vec<u8>, DecodeError> {
        Ok(Writer::document(root(command)?, |root| {
            root.number(page::STATUS, self.status);
            if let Some(key) = &self.sync_key {
                root.text(page::SYNC_KEY, key);
            }
            if let Some(id) = &self.server_id {
                root.text(page::SERVER_ID, id);
            }
        }))
    }
}

fn root(command: Command) -> Result<Tag, DecodeError> {
    match crate::refusal::elements(command) {
        Some((root @ (page::FOLDER_CREATE | page::FOLDER_DELETE | page::FOLDER_UPDATE), _)) => {
            Ok(root)
        }
        Some((root, _)) => Err(DecodeError::WrongRoot(root)),
        None => Err(DecodeError::Missing(page::FOLDER_CREATE)),
    }
}
