mod answer;

pub use answer::{
    EmptyFolderAnswer, FetchAnswer, FetchContent, ItemOperationsAnswer, MoveConversationAnswer,
};

use bytes::Bytes;

use super::body::BodyPreference;
use super::decode::{self, DecodeError, Values, keep};
use super::sync_options::MimeSupport;
use crate::codepage::{
    Tag, air_sync, air_sync_base, document_library, item_operations as page, rights_management,
    search,
};
use crate::wbxml::{Reader, Writer};

/// Fetches single items and attachments, empties folders, and moves conversations.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ItemOperationsRequest {
    /// What to fetch; the answers come in the same order.
    pub fetches: Vec<Fetch>,
    /// Folders to empty; the answers come in the same order.
    pub empties: Vec<EmptyFolder>,
    /// Conversations to move; the answers come in the same order. Since 14.0.
    pub moves: Vec<MoveConversation>,
}

/// Deletes everything in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmptyFolder {
    /// The folder's id.
    pub collection_id: String,
    /// Whether the folders in it go too.
    pub delete_sub_folders: bool,
}

/// Moves a conversation; since 14.0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveConversation {
    /// Id shared by the mails of the conversation.
    pub conversation_id: Bytes,
    /// Where it goes; a folder of mail.
    pub destination: String,
    /// Whether future mails go there too; servers refuse a move without it.
    pub always: bool,
}

/// Sign-in of a document library.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Credentials {
    /// Name of the user.
    pub user_name: String,
    /// Password.
    pub password: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("user_name", &self.user_name).finish_non_exhaustive()
    }
}

/// One thing to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    /// The thing.
    pub source: FetchSource,
    /// Which bytes of it; with attachments the only option allowed.
    pub range: Option<ByteRange>,
    /// Forms of the body.
    pub body_preferences: Vec<BodyPreference>,
    /// Which mails may come as MIME.
    pub mime_support: Option<MimeSupport>,
    /// How much is wanted of the part that is new in its conversation; since 14.1.
    pub body_part_preference: Option<BodyPreference>,
    /// Whether protected mail is wanted in the clear; since 14.1.
    pub rights_management: Option<bool>,
    /// Whether the server takes the protection off for good; since 14.1.
    pub remove_rights_protection: bool,
    /// Properties that are wanted; none means all.
    pub schema: Vec<Tag>,
    /// Sign-in of a document library.
    pub credentials: Option<Credentials>,
}

/// Where a thing is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchSource {
    /// An attachment, by the reference in its item.
    Attachment(String),
    /// A document, by its address.
    Document(String),
    /// An item in a folder.
    Item {
        /// The folder's id.
        collection_id: String,
        /// The item's id.
        server_id: String,
    },
    /// An item that a search found.
    SearchResult(String),
}

/// Bytes, or results of a search, from the first to the last, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteRange {
    /// The first byte.
    pub first: u64,
    /// The last byte.
    pub last: u64,
}

impl ByteRange {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (first, last) = text.trim().split_once('-')?;
        Some(Self { first: first.parse().ok()?, last: last.parse().ok()? })
    }
}

impl std::fmt::Display for ByteRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.first, self.last)
    }
}

impl ItemOperationsRequest {
    /// Reads a request.
    pub fn decode(input: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = decode::open(input, page::ITEM_OPERATIONS)?;
        let mut request = Self::default();
        while let Some(tag) = reader.child()? {
            match tag {
                page::FETCH => keep(&mut request.fetches, Fetch::read(&mut reader)?, &mut reader)?,
                page::EMPTY_FOLDER_CONTENTS => {
                    keep(&mut request.empties, EmptyFolder::read(&mut reader)?, &mut reader)?
                }
                page::MOVE => {
                    keep(&mut request.moves, MoveConversation::read(&mut reader)?, &mut reader)?
                }
                _ => reader.skip()?,
            }
        }
        decode::close(reader)?;
        Ok(request)
    }

    /// Writes the request.
    pub fn encode(&self) -> Vec<u8> {
        Writer::document(page::ITEM_OPERATIONS, |root| {
            self.fetches.iter().for_each(|fetch| fetch.write(root));
            self.empties.iter().for_each(|folder| folder.write(root));
            self.moves.iter().for_each(|conversation| conversation.write(root));
        })
    }
}

impl Fetch {
    /// Wants a whole attachment.
    pub fn attachment(file_reference: impl Into<String>) -> Self {
        let source = FetchSource::Attachment(file_reference.into());
        Self {
            source,
            range: None,
            body_preferences: Vec::new(),
            mime_support: None,
            body_part_preference: None,
            rights_management: None,
            remove_rights_protection: false,
            schema: Vec::new(),
            credentials: None,
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut source = SourceParts::default();
        let mut fetch = Self::attachment("");
        while let Some(tag) = reader.child()? {
            match tag {
                page::OPTIONS => fetch.read_options(reader)?,
                rights_management::REMOVE_RIGHTS_MANAGEMENT_PROTECTION => {
                    fetch.remove_rights_protection = reader.boolean()?;
                }
                _ => source.read(reader, tag)?,
            }
        }
        let source = source.source().ok_or(DecodeError::Missing(air_sync::SERVER_ID))?;
        Ok(Self { source, ..fetch })
    }

    fn read_options(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        let mut credentials = Credentials::default();
        while let Some(tag) = reader.child()? {
            match tag {
                page::RANGE => {
                    let range = ByteRange::parse(&reader.text()?);
                    self.range =
                        Some(range.ok_or(DecodeError::Invalid { tag, offset: reader.offset() })?);
                }
                air_sync_base::BODY_PREFERENCE => {
                    keep(&mut self.body_preferences, BodyPreference::read(reader)?, reader)?
                }
                air_sync::MIME_SUPPORT => {
                    self.mime_support = reader.number_if_any()?.and_then(MimeSupport::from_code);
                }
                air_sync_base::BODY_PART_PREFERENCE => {
                    self.body_part_preference = BodyPreference::read(reader)?;
                }
                rights_management::RIGHTS_MANAGEMENT_SUPPORT => {
                    self.rights_management = Some(reader.boolean()?);
                }
                page::SCHEMA => {
                    while let Some(tag) = reader.child()? {
                        keep(&mut self.schema, tag, reader)?;
                        reader.skip()?;
                    }
                }
                page::USER_NAME => credentials.user_name = reader.string()?,
                page::PASSWORD => credentials.password = reader.string()?,
                _ => reader.skip()?,
            }
        }
        self.credentials = Some(credentials).filter(|known| *known != Credentials::default());
        Ok(())
    }

    fn write(&self, root: &mut Writer) {
        root.container(page::FETCH, |entry| {
            let library = matches!(self.source, FetchSource::Document(_));
            entry.text(page::STORE, if library { "DocumentLibrary" } else { "Mailbox" });
            self.source.write(entry);
            if self.remove_rights_protection {
                entry.empty(rights_management::REMOVE_RIGHTS_MANAGEMENT_PROTECTION);
            }
            let bare = Self {
                remove_rights_protection: self.remove_rights_protection,
                source: self.source.clone(),
                ..Self::attachment("")
            };
            if *self != bare {
                entry.container(page::OPTIONS, |options| self.write_options(options));
            }
        });
    }

    fn write_options(&self, options: &mut Writer) {
        if !self.schema.is_empty() {
            options.container(page::SCHEMA, |list| {
                self.schema.iter().for_each(|tag| list.empty(*tag));
            });
        }
        if let Some(range) = self.range {
            options.text(page::RANGE, &range.to_string());
        }
        if let Some(credentials) = &self.credentials {
            options.text(page::USER_NAME, &credentials.user_name);
            options.text(page::PASSWORD, &credentials.password);
        }
        if let Some(support) = self.mime_support {
            options.number(air_sync::MIME_SUPPORT, support as u8);
        }
        self.body_preferences.iter().for_each(|preference| preference.write(options));
        if let Some(preference) = &self.body_part_preference {
            preference.write_as(options, air_sync_base::BODY_PART_PREFERENCE);
        }
        if let Some(support) = self.rights_management {
            options.boolean(rights_management::RIGHTS_MANAGEMENT_SUPPORT, support);
        }
    }
}

impl EmptyFolder {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (mut collection_id, mut delete_sub_folders) = (None, false);
        while let Some(tag) = reader.child()? {
            match tag {
                air_sync::COLLECTION_ID => collection_id = Some(reader.string()?),
                page::OPTIONS => {
                    while let Some(tag) = reader.child()? {
                        match tag {
                            page::DELETE_SUB_FOLDERS => delete_sub_folders = reader.boolean()?,
                            _ => reader.skip()?,
                        }
                    }
                }
                _ => reader.skip()?,
            }
        }
        let collection_id = collection_id.ok_or(DecodeError::Missing(air_sync::COLLECTION_ID))?;
        Ok(Self { collection_id, delete_sub_folders })
    }

    fn write(&self, root: &mut Writer) {
        root.container(page::EMPTY_FOLDER_CONTENTS, |entry| {
            entry.text(air_sync::COLLECTION_ID, &self.collection_id);
            if self.delete_sub_folders {
                entry.container(page::OPTIONS, |options| options.empty(page::DELETE_SUB_FOLDERS));
            }
        });
    }
}

impl MoveConversation {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (mut conversation_id, mut destination, mut always) = (None, None, false);
        while let Some(tag) = reader.child()? {
            match tag {
                page::CONVERSATION_ID => {
                    conversation_id = Some(Bytes::copy_from_slice(&reader.bytes()?));
                }
                page::DST_FLD_ID => destination = Some(reader.string()?),
                page::OPTIONS => {
                    while let Some(tag) = reader.child()? {
                        match tag {
                            page::MOVE_ALWAYS => always = reader.boolean()?,
                            _ => reader.skip()?,
                        }
                    }
                }
                _ => reader.skip()?,
            }
        }
        Ok(Self {
            conversation_id: conversation_id.ok_or(DecodeError::Missing(page::CONVERSATION_ID))?,
            destination: destination.ok_or(DecodeError::Missing(page::DST_FLD_ID))?,
            always,
        })
    }

    fn write(&self, root: &mut Writer) {
        root.container(page::MOVE, |entry| {
            entry.opaque(page::CONVERSATION_ID, &self.conversation_id);
            entry.text(page::DST_FLD_ID, &self.destination);
            if self.always {
                entry.container(page::OPTIONS, |options| options.empty(page::MOVE_ALWAYS));
            }
        });
    }
}

#[derive(Default)]
struct SourceParts {
    collection_id: Option<String>,
    server_id: Option<String>,
    file_reference: Option<String>,
    long_id: Option<String>,
    link: Option<String>,
}

impl SourceParts {
    fn read(&mut self, reader: &mut Reader<'_>, tag: Tag) -> Result<(), DecodeError> {
        match tag {
            air_sync::COLLECTION_ID => self.collection_id = Some(reader.string()?),
            air_sync::SERVER_ID => self.server_id = Some(reader.string()?),
            air_sync_base::FILE_REFERENCE => self.file_reference = Some(reader.string()?),
            search::LONG_ID => self.long_id = Some(reader.string()?),
            document_library::LINK_ID => self.link = Some(reader.string()?),
            _ => reader.skip()?,
        }
        Ok(())
    }

    fn source(self) -> Option<FetchSource> {
        if let Some(reference) = self.file_reference {
            return Some(FetchSource::Attachment(reference));
        }
        if let Some(id) = self.long_id {
            return Some(FetchSource::SearchResult(id));
        }
        if let Some(link) = self.link {
            return Some(FetchSource::Document(link));
        }
        Some(FetchSource::Item { collection_id: self.collection_id?, server_id: self.server_id? })
    }
}

impl FetchSource {
    fn write(&self, entry: &mut Writer) {
        match self {
            Self::Attachment(reference) => entry.text(air_sync_base::FILE_REFERENCE, reference),
            Self::Document(link) => entry.text(document_library::LINK_ID, link),
            Self::Item { collection_id, server_id } => {
                entry.text(air_sync::COLLECTION_ID, collection_id);
                entry.text(air_sync::SERVER_ID, server_id);
            }
            Self::SearchResult(id) => entry.text(search::LONG_ID, id),
        }
    }
}
