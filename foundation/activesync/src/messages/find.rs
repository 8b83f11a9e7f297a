use time::OffsetDateTime;

use super::decode::{self, DecodeError, Values, boxed, keep};
use super::directory::{FIND_PICTURE, GalEntry, PictureWish};
use super::email::Importance;
use super::item_operations::ByteRange;
use super::property::{Boolean, Code, Long, Text, properties};
use crate::codepage::{air_sync, email, email2, find as page, item_operations};
use crate::status::Status;
use crate::wbxml::{Reader, Writer};

/// Searches on the server; since 16.1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindRequest {
    /// A GUID of this search; the same for further results.
    pub search_id: String,
    /// Where, and for what.
    pub criterion: FindCriterion,
    /// Which results, from 0 to at most 999; the first request begins with 0.
    pub range: Option<ByteRange>,
}

/// Where is searched, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FindCriterion {
    /// In the directory.
    Gal {
        /// Words.
        query: String,
        /// Which photos are wanted.
        picture: Option<PictureWish>,
    },
    /// In the mailbox.
    Mailbox {
        /// Class of the items.
        class: Option<String>,
        /// Folder; absent means all.
        collection_id: Option<String>,
        /// Keyword query, for instance `from:anna received>=2026-01-01`.
        free_text: String,
        /// Whether folders below count too.
        deep_traversal: bool,
    },
}

/// Says what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindAnswer {
    /// Root status.
    pub status: Status,
    /// What was found; absent if there was no search.
    pub response: Option<FindResponse>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindResponse {
    /// Where: `Mailbox` or `GAL`.
    pub store: Option<String>,
    /// Status of the search.
    pub status: Status,
    /// Results.
    pub results: Vec<FindResult>,
    /// Which of all results these are.
    pub range: Option<ByteRange>,
    /// Number of all results, as the server guesses it.
    pub total: Option<u32>,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindResult {
    /// Class of an item.
    pub class: Option<String>,
    /// Id of an item.
    pub server_id: Option<String>,
    /// Folder of an item.
    pub collection_id: Option<String>,
    /// Its properties.
    pub content: FindContent,
}

/// Properties of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FindContent {
    /// Of somebody in the directory.
    Gal(Box<GalEntry>),
    /// Of a mail.
    Mail(Box<FindMail>),
}

properties! {
    /// What a search says about a mail.
    pub struct FindMail {
        /// Subject.
        subject: String = Text, email::SUBJECT;
        /// When the server received it.
        date_received: OffsetDateTime = Long, email::DATE_RECEIVED;
        /// Names of the recipients.
        display_to: String = Text, email::DISPLAY_TO;
        /// Names of who got a copy.
        display_cc: String = Text, page::DISPLAY_CC;
        /// Names of who got a hidden copy.
        display_bcc: String = Text, page::DISPLAY_BCC;
        /// Importance.
        importance: Importance = Code<Importance>, email::IMPORTANCE;
        /// Whether it was read.
        read: bool = Boolean, email::READ;
        /// Whether it is a draft.
        is_draft: bool = Boolean, email2::IS_DRAFT;
        /// First characters as plain text.
        preview: String = Text, page::PREVIEW;
        /// Whether it has attachments.
        has_attachments: bool = Boolean, page::HAS_ATTACHMENTS;
        /// Author.
        from: String = Text, email::FROM;
    }
}

impl FindRequest {
    /// Reads a request.
    pub fn decode(input: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = decode::open(input, page::FIND)?;
        let (mut search_id, mut search) = (None, None);
        while let Some(tag) = reader.child()? {
            match tag {
                page::SEARCH_ID => search_id = Some(reader.string()?),
                page::EXECUTE_SEARCH => {
                    while let Some(tag) = reader.child()? {
                        match tag {
                            page::GAL_SEARCH_CRITERION | page::MAIL_BOX_SEARCH_CRITERION => {
                                let gal = tag == page::GAL_SEARCH_CRITERION;
                                search = Some(Criterion::read(&mut reader, gal)?);
                            }
                            _ => reader.skip()?,
                        }
                    }
                }
                _ => reader.skip()?,
            }
        }
        decode::close(reader)?;
        let search_id = search_id.ok_or(DecodeError::Missing(page::SEARCH_ID))?;
        let (criterion, range) = search.ok_or(DecodeError::Missing(page::EXECUTE_SEARCH))?;
        Ok(Self { search_id, criterion, range })
    }

    /// Writes the request.
    pub fn encode(&self) -> Vec<u8> {
        Writer::document(page::FIND, |root| {
            root.text(page::SEARCH_ID, &self.search_id);
            root.container(page::EXECUTE_SEARCH, |search| match &self.criterion {
                FindCriterion::Gal { query, picture } => {
                    search.container(page::GAL_SEARCH_CRITERION, |entry| {
                        entry.text(page::QUERY, query);
                        self.write_options(entry, false, *picture);
                    });
                }
                FindCriterion::Mailbox { class, collection_id, free_text, deep_traversal } => {
                    search.container(page::MAIL_BOX_SEARCH_CRITERION, |entry| {
                        entry.container(page::QUERY, |query| {
                            if let Some(class) = class {
                                query.text(air_sync::CLASS, class);
                            }
                            if let Some(id) = collection_id {
                                query.text(air_sync::COLLECTION_ID, id);
                            }
                            query.text(page::FREE_TEXT, free_text);
                        });
                        self.write_options(entry, *deep_traversal, None);
                    });
                }
            });
        })
    }

    fn write_options(&self, entry: &mut Writer, deep: bool, picture: Option<PictureWish>) {
        if self.range.is_none() && !deep && picture.is_none() {
            return;
        }
        entry.container(page::OPTIONS, |options| {
            if let Some(range) = self.range {
                options.text(page::RANGE, &range.to_string());
            }
            if deep {
                options.empty(page::DEEP_TRAVERSAL);
            }
            if let Some(picture) = picture {
                picture.write(options, &FIND_PICTURE);
            }
        });
    }
}

#[derive(Default)]
struct Criterion {
    query: String,
    class: Option<String>,
    collection_id: Option<String>,
    free_text: Option<String>,
    range: Option<ByteRange>,
    deep_traversal: bool,
    picture: Option<PictureWish>,
}

impl Criterion {
    fn read(
        reader: &mut Reader<'_>,
        gal: bool,
    ) -> Result<(FindCriterion, Option<ByteRange>), DecodeError> {
        let mut parts = Self::default();
        while let Some(tag) = reader.child()? {
            match tag {
                page::QUERY if gal => parts.query = reader.string()?,
                page::QUERY => parts.read_query(reader)?,
                page::OPTIONS => parts.read_options(reader)?,
                _ => reader.skip()?,
            }
        }
        let criterion = if gal {
            FindCriterion::Gal { query: parts.query, picture: parts.picture }
        } else {
            FindCriterion::Mailbox {
                class: parts.class,
                collection_id: parts.collection_id,
                free_text: parts.free_text.ok_or(DecodeError::Missing(page::FREE_TEXT))?,
                deep_traversal: parts.deep_traversal,
            }
        };
        Ok((criterion, parts.range))
    }

    fn read_query(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        while let Some(tag) = reader.child()? {
            match tag {
                air_sync::CLASS => self.class = Some(reader.string()?),
                air_sync::COLLECTION_ID => self.collection_id = Some(reader.string()?),
                page::FREE_TEXT => self.free_text = Some(reader.string()?),
                _ => reader.skip()?,
            }
        }
        Ok(())
    }

    fn read_options(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        while let Some(tag) = reader.child()? {
            match tag {
                page::RANGE => self.range = ByteRange::parse(&reader.text()?),
                page::DEEP_TRAVERSAL => self.deep_traversal = reader.boolean()?,
                page::PICTURE => self.picture = Some(PictureWish::read(reader, &FIND_PICTURE)?),
                _ => reader.skip()?,
            }
        }
        Ok(())
    }
}

impl FindAnswer {
    /// Reads an answer.
    pub fn decode(input: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = decode::open(input, page::FIND)?;
        let (mut status, mut response) = (None, None);
        while let Some(tag) = reader.child()? {
            match tag {
                page::STATUS => status = Some(reader.status(tag)?),
                page::RESPONSE => response = Some(FindResponse::read(&mut reader)?),
                _ => reader.skip()?,
            }
        }
        decode::close(reader)?;
        Ok(Self { status: status.ok_or(DecodeError::Missing(page::STATUS))?, response })
    }

    /// Writes the answer.
    pub fn encode(&self) -> Vec<u8> {
        Writer::document(page::FIND, |root| {
            root.number(page::STATUS, self.status);
            if let Some(response) = &self.response {
                response.write(root);
            }
        })
    }
}

impl FindResponse {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut response =
            Self { store: None, status: Status::OK, results: Vec::new(), range: None, total: None };
        while let Some(tag) = reader.child()? {
            match tag {
                item_operations::STORE => response.store = Some(reader.string()?),
                page::STATUS => response.status = reader.status(tag)?,
                page::RESULT => keep(&mut response.results, FindResult::read(reader)?, reader)?,
                page::RANGE => response.range = ByteRange::parse(&reader.text()?),
                page::TOTAL => response.total = reader.number_if_any()?,
                _ => reader.skip()?,
            }
        }
        Ok(response)
    }

    fn write(&self, root: &mut Writer) {
        root.container(page::RESPONSE, |response| {
            if let Some(store) = &self.store {
                response.text(item_operations::STORE, store);
            }
            response.number(page::STATUS, self.status);
            self.results.iter().for_each(|result| result.write(response));
            if let Some(range) = self.range {
                response.text(page::RANGE, &range.to_string());
            }
            if let Some(total) = self.total {
                response.number(page::TOTAL, total);
            }
        });
    }
}

impl FindResult {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (mut class, mut server_id, mut collection_id) = (None, None, None);
        let mut content = FindContent::Mail(boxed(reader)?);
        while let Some(tag) = reader.child()? {
            match tag {
                air_sync::CLASS => class = Some(reader.string()?),
                air_sync::SERVER_ID => server_id = Some(reader.string()?),
                air_sync::COLLECTION_ID => collection_id = Some(reader.string()?),
                page::PROPERTIES => content = FindContent::read(reader)?,
                _ => reader.skip()?,
            }
        }
        Ok(Self { class, server_id, collection_id, content })
    }

    fn write(&self, response: &mut Writer) {
        response.container(page::RESULT, |entry| {
            for (tag, value) in [
                (air_sync::CLASS, &self.class),
                (air_sync::SERVER_ID, &self.server_id),
                (air_sync::COLLECTION_ID, &self.collection_id),
            ] {
                if let Some(value) = value {
                    entry.text(tag, value);
                }
            }
            entry.container(page::PROPERTIES, |properties| match &self.content {
                FindContent::Gal(person) => person.write(properties),
                FindContent::Mail(mail) => mail.write(properties),
            });
        });
    }
}

impl FindContent {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut content = Self::Mail(boxed(reader)?);
        while let Some(tag) = reader.child()? {
            if tag.page == 16 && matches!(&content, Self::Mail(mail) if mail.is_empty()) {
                content = Self::Gal(boxed(reader)?);
            }
            match &mut content {
                Self::Gal(person) => person.read_property(reader, tag)?,
                Self::Mail(mail) => mail.read_property(reader, tag)?,
            }
        }
        Ok(content)
    }
}
