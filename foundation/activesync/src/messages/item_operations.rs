use bytes::Bytes;
use data_encoding::{BASE64, BASE64_MIME_PERMISSIVE};

use super::body::BodyPreference;
use super::decode::{self, DecodeError, Values};
use super::email::Email;
use super::sync_options::MimeSupport;
use crate::codepage::{air_sync, air_sync_base, item_operations as page, search};
use crate::status::Status;
use crate::wbxml::{Reader, Writer};

/// Fetches single items and attachments. Other operations are skipped.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ItemOperationsRequest {
    /// What to fetch; the answers come in the same order.
    pub fetches: Vec<Fetch>,
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
}

/// Where a thing is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchSource {
    /// An attachment, by the reference in its mail.
    Attachment(String),
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

/// Bytes from the first to the last, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteRange {
    /// The first byte.
    pub first: u64,
    /// The last byte.
    pub last: u64,
}

/// Gives what was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemOperationsAnswer {
    /// Root status.
    pub status: Status,
    /// One answer per fetch, in order.
    pub fetches: Vec<FetchAnswer>,
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
    /// Properties of an item, with its body; empty for an attachment.
    pub mail: Box<Email>,
}

/// Where the content is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FetchContent {
    /// Here; base64 on the wire.
    Inline(Bytes),
    /// In a part of the multipart answer.
    Part(u32),
}

impl ByteRange {
    fn parse(text: &str) -> Option<Self> {
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
                page::FETCH => request.fetches.push(Fetch::read(&mut reader)?),
                _ => reader.skip()?,
            }
        }
        decode::close(reader)?;
        Ok(request)
    }

    /// Writes the request.
    pub fn encode(&self) -> Vec<u8> {
        Writer::document(page::ITEM_OPERATIONS, |root| {
            self.fetches.iter().for_each(|fetch| fetch.write(root))
        })
    }
}

impl Fetch {
    /// Wants a whole attachment.
    pub fn attachment(file_reference: impl Into<String>) -> Self {
        let source = FetchSource::Attachment(file_reference.into());
        Self { source, range: None, body_preferences: Vec::new(), mime_support: None }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut source = SourceParts::default();
        let mut fetch = Self::attachment("");
        while let Some(tag) = reader.child()? {
            match tag {
                page::OPTIONS => fetch.read_options(reader)?,
                _ => source.read(reader, tag)?,
            }
        }
        let source = source.source().ok_or(DecodeError::Missing(air_sync::SERVER_ID))?;
        Ok(Self { source, ..fetch })
    }

    fn read_options(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        while let Some(tag) = reader.child()? {
            match tag {
                page::RANGE => {
                    let range = ByteRange::parse(&reader.text()?);
                    self.range =
                        Some(range.ok_or(DecodeError::Invalid { tag, offset: reader.offset() })?);
                }
                air_sync_base::BODY_PREFERENCE => {
                    self.body_preferences.extend(BodyPreference::read(reader)?)
                }
                air_sync::MIME_SUPPORT => {
                    self.mime_support = reader.number_if_any()?.and_then(MimeSupport::from_code);
                }
                _ => reader.skip()?,
            }
        }
        Ok(())
    }

    fn write(&self, root: &mut Writer) {
        root.container(page::FETCH, |entry| {
            entry.text(page::STORE, "Mailbox");
            self.source.write(entry);
            if self.range.is_none()
                && self.body_preferences.is_empty()
                && self.mime_support.is_none()
            {
                return;
            }
            entry.container(page::OPTIONS, |options| {
                if let Some(range) = self.range {
                    options.text(page::RANGE, &range.to_string());
                }
                if let Some(support) = self.mime_support {
                    options.number(air_sync::MIME_SUPPORT, support as u8);
                }
                self.body_preferences.iter().for_each(|preference| preference.write(options));
            });
        });
    }
}

#[derive(Default)]
struct SourceParts {
    collection_id: Option<String>,
    server_id: Option<String>,
    file_reference: Option<String>,
    long_id: Option<String>,
}

impl SourceParts {
    fn read(
        &mut self,
        reader: &mut Reader<'_>,
        tag: crate::codepage::Tag,
    ) -> Result<(), DecodeError> {
        match tag {
            air_sync::COLLECTION_ID => self.collection_id = Some(reader.string()?),
            air_sync::SERVER_ID => self.server_id = Some(reader.string()?),
            air_sync_base::FILE_REFERENCE => self.file_reference = Some(reader.string()?),
            search::LONG_ID => self.long_id = Some(reader.string()?),
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
        Some(FetchSource::Item { collection_id: self.collection_id?, server_id: self.server_id? })
    }
}

impl FetchSource {
    fn write(&self, entry: &mut Writer) {
        match self {
            Self::Attachment(reference) => entry.text(air_sync_base::FILE_REFERENCE, reference),
            Self::Item { collection_id, server_id } => {
                entry.text(air_sync::COLLECTION_ID, collection_id);
                entry.text(air_sync::SERVER_ID, server_id);
            }
            Self::SearchResult(id) => entry.text(search::LONG_ID, id),
        }
    }
}

impl ItemOperationsAnswer {
    /// Reads an answer; of a multipart answer, its part 0.
    pub fn decode(input: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = decode::open(input, page::ITEM_OPERATIONS)?;
        let mut status = None;
        let mut fetches = Vec::new();
        while let Some(tag) = reader.child()? {
            match tag {
                page::STATUS => status = Some(reader.status(tag)?),
                page::RESPONSE => {
                    while let Some(tag) = reader.child()? {
                        match tag {
                            page::FETCH => fetches.push(FetchAnswer::read(&mut reader)?),
                            _ => reader.skip()?,
                        }
                    }
                }
                _ => reader.skip()?,
            }
        }
        decode::close(reader)?;
        Ok(Self { status: status.ok_or(DecodeError::Missing(page::STATUS))?, fetches })
    }

    /// Writes the answer.
    pub fn encode(&self) -> Vec<u8> {
        Writer::document(page::ITEM_OPERATIONS, |root| {
            root.number(page::STATUS, self.status);
            if self.fetches.is_empty() {
                return;
            }
            root.container(page::RESPONSE, |response| {
                self.fetches.iter().for_each(|fetch| fetch.write(response))
            });
        })
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
            mail: Box::default(),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut source = SourceParts::default();
        let mut status = None;
        let mut answer = Self::new(Status::OK, FetchSource::Attachment(String::new()));
        while let Some(tag) = reader.child()? {
            match tag {
                page::STATUS => status = Some(reader.status(tag)?),
                page::PROPERTIES => answer.read_properties(reader)?,
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
                _ => self.mail.read_property(reader, tag)?,
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
                self.mail.write(properties);
            });
        });
    }
}
