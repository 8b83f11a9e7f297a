use bytes::Bytes;
use data_encoding::{BASE64, BASE64_MIME_PERMISSIVE};
use time::OffsetDateTime;

use super::{ByteRange, FetchSource, SourceParts};
use crate::codepage::{Tag, air_sync, air_sync_base, item_operations as page};
use crate::date;
use crate::messages::decode::{self, DecodeError, Values, keep};
use crate::messages::directory::Document;
use crate::messages::item::Item;
use crate::status::Status;
use crate::wbxml::{Reader, Writer};

/// Gives what was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemOperationsAnswer {
    /// Root status.
    pub status: Status,
    /// One answer per fetch, in order.
    pub fetches: Vec<FetchAnswer>,
    /// One answer per folder to empty, in order.
    pub empties: Vec<EmptyFolderAnswer>,
    /// One answer per conversation to move, in order.
    pub moves: Vec<MoveConversationAnswer>,
}

/// Says whether a folder is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmptyFolderAnswer {
    /// How it went.
    pub status: Status,
    /// The folder's id.
    pub collection_id: Option<String>,
}

/// Says whether a conversation was moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveConversationAnswer {
    /// How it went.
    pub status: Status,
    /// Id shared by the mails of the conversation.
    pub conversation_id: Option<Bytes>,
}

/// The answer to one fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchAnswer {
    /// How it went.
    pub status: Status,
    /// What it was, as far as the server repeats it.
    pub source: Option<FetchSource>,
    /// The bytes that came, which counts more than what was asked for.
    pub range: Option<ByteRange>,
    /// Size of the whole.
    pub total: Option<u64>,
    /// Content type of an attachment.
    pub content_type: Option<String>,
    /// Content of an attachment.
    pub content: Option<FetchContent>,
    /// Class of an item.
    pub class: Option<String>,
    /// When a document was changed last.
    pub version: Option<OffsetDateTime>,
    /// Properties of an item, with its body; empty for an attachment.
    pub item: Item,
    /// Properties of a document; empty for anything else.
    pub document: Box<Document>,
}

/// Where the content is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchContent {
    /// Here; base64 on the wire.
    Inline(Bytes),
    /// In a part of the multipart answer.
    Part(u32),
}

impl ItemOperationsAnswer {
    /// Reads an answer; of a multipart answer, its part 0.
    pub fn decode(input: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = decode::open(input, page::ITEM_OPERATIONS)?;
        let mut status = None;
        let mut answer = Self::new(Status::OK);
        while let Some(tag) = reader.child()? {
            match tag {
                page::STATUS => status = Some(reader.status(tag)?),
                page::RESPONSE => answer.read_response(&mut reader)?,
                _ => reader.skip()?,
            }
        }
        decode::close(reader)?;
        Ok(Self { status: status.ok_or(DecodeError::Missing(page::STATUS))?, ..answer })
    }

    /// Makes an answer that is only a root status.
    pub fn new(status: Status) -> Self {
        Self { status, fetches: Vec::new(), empties: Vec::new(), moves: Vec::new() }
    }

    /// Writes the answer.
    pub fn encode(&self) -> Vec<u8> {
        Writer::document(page::ITEM_OPERATIONS, |root| {
            root.number(page::STATUS, self.status);
            if *self == Self::new(self.status) {
                return;
            }
            root.container(page::RESPONSE, |response| {
                self.fetches.iter().for_each(|fetch| fetch.write(response));
                for folder in &self.empties {
                    response.container(page::EMPTY_FOLDER_CONTENTS, |entry| {
                        entry.number(page::STATUS, folder.status);
                        if let Some(id) = &folder.collection_id {
                            entry.text(air_sync::COLLECTION_ID, id);
                        }
                    });
                }
                for conversation in &self.moves {
                    response.container(page::MOVE, |entry| {
                        entry.number(page::STATUS, conversation.status);
                        if let Some(id) = &conversation.conversation_id {
                            entry.opaque(page::CONVERSATION_ID, id);
                        }
                    });
                }
            });
        })
    }

    fn read_response(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        while let Some(tag) = reader.child()? {
            match tag {
                page::FETCH => keep(&mut self.fetches, FetchAnswer::read(reader)?, reader)?,
                page::EMPTY_FOLDER_CONTENTS | page::MOVE => self.read_done(reader, tag)?,
                _ => reader.skip()?,
            }
        }
        Ok(())
    }

    fn read_done(&mut self, reader: &mut Reader<'_>, operation: Tag) -> Result<(), DecodeError> {
        let (mut status, mut collection_id, mut conversation_id) = (None, None, None);
        while let Some(tag) = reader.child()? {
            match tag {
                page::STATUS => status = Some(reader.status(tag)?),
                air_sync::COLLECTION_ID => collection_id = Some(reader.string()?),
                page::CONVERSATION_ID => {
                    conversation_id = Some(Bytes::copy_from_slice(&reader.bytes()?));
                }
                _ => reader.skip()?,
            }
        }
        let status = status.ok_or(DecodeError::Missing(page::STATUS))?;
        if operation == page::MOVE {
            keep(&mut self.moves, MoveConversationAnswer { status, conversation_id }, reader)?;
        } else {
            keep(&mut self.empties, EmptyFolderAnswer { status, collection_id }, reader)?;
        }
        Ok(())
    }
}

impl FetchAnswer {
    /// Makes an answer that is only a status.
    pub fn new(status: Status, source: FetchSource) -> Self {
        let source = Some(source);
        Self {
            status,
            source,
            range: None,
            total: None,
            content_type: None,
            content: None,
            class: None,
            version: None,
            item: Item::default(),
            document: Box::default(),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.take_room(size_of::<Document>())?;
        let mut source = SourceParts::default();
        let mut status = None;
        let mut answer = Self::new(Status::OK, FetchSource::Attachment(String::new()));
        while let Some(tag) = reader.child()? {
            match tag {
                page::STATUS => status = Some(reader.status(tag)?),
                page::PROPERTIES => answer.read_properties(reader)?,
                air_sync::CLASS => answer.class = Some(reader.string()?),
                _ => source.read(reader, tag)?,
            }
        }
        answer.status = status.ok_or(DecodeError::Missing(page::STATUS))?;
        answer.source = source.source();
        Ok(answer)
    }

    fn read_properties(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        while let Some(tag) = reader.child()? {
            match tag {
                page::RANGE => self.range = ByteRange::parse(&reader.text()?),
                page::TOTAL => self.total = reader.number_if_any()?,
                air_sync_base::CONTENT_TYPE => self.content_type = Some(reader.string()?),
                page::PART => self.content = Some(FetchContent::Part(reader.number(tag)?)),
                page::DATA => {
                    let data = BASE64_MIME_PERMISSIVE.decode(&reader.bytes()?);
                    let data =
                        data.map_err(|_| DecodeError::Invalid { tag, offset: reader.offset() })?;
                    self.content = Some(FetchContent::Inline(data.into()));
                }
                page::VERSION => self.version = reader.date_if_any()?,
                _ if tag.page == 19 => self.document.read_property(reader, tag)?,
                _ => self.item.read_property(reader, tag)?,
            }
        }
        Ok(())
    }

    fn write(&self, response: &mut Writer) {
        response.container(page::FETCH, |entry| {
            entry.number(page::STATUS, self.status);
            if let Some(source) = &self.source {
                source.write(entry);
            }
            if let Some(class) = &self.class {
                entry.text(air_sync::CLASS, class);
            }
            if !self.status.is_ok() {
                return;
            }
            entry.container(page::PROPERTIES, |properties| {
                if let Some(range) = self.range {
                    properties.text(page::RANGE, &range.to_string());
                }
                if let Some(total) = self.total {
                    properties.number(page::TOTAL, i64::try_from(total).unwrap_or(i64::MAX));
                }
                if let Some(kind) = &self.content_type {
                    properties.text(air_sync_base::CONTENT_TYPE, kind);
                }
                match &self.content {
                    Some(FetchContent::Inline(data)) => {
                        properties.text(page::DATA, &BASE64.encode(data))
                    }
                    Some(FetchContent::Part(number)) => properties.number(page::PART, *number),
                    None => {}
                }
                if let Some(version) = self.version {
                    properties.text(page::VERSION, &date::long(version));
                }
                self.document.write(properties);
                self.item.write(properties);
            });
        });
    }
}
