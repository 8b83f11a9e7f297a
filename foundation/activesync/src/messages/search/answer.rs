use crate::codepage::{air_sync, search as page};
use crate::messages::decode::{self, DecodeError, Values, boxed, keep};
use crate::messages::directory::{Document, GalEntry};
use crate::messages::item::Item;
use crate::messages::item_operations::ByteRange;
use crate::status::Status;
use crate::wbxml::{Reader, Writer};

/// Says what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchAnswer {
    /// Root status.
    pub status: Status,
    /// Status of the search; absent if there was none.
    pub store_status: Option<Status>,
    /// What was found.
    pub results: Vec<SearchResult>,
    /// Which of all results these are.
    pub range: Option<ByteRange>,
    /// Number of all results, as the server guesses it.
    pub total: Option<u32>,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchResult {
    /// Class of an item.
    pub class: Option<String>,
    /// Address of an item for ItemOperations, SmartReply, SmartForward and MeetingResponse.
    pub long_id: Option<String>,
    /// Folder of an item.
    pub collection_id: Option<String>,
    /// Its properties.
    pub content: SearchContent,
}

/// Properties of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SearchContent {
    /// Of a document.
    Document(Box<Document>),
    /// Of somebody in the directory.
    Gal(Box<GalEntry>),
    /// Of an item in the mailbox.
    Item(Item),
}

impl SearchAnswer {
    /// Makes an answer that is only a root status.
    pub fn new(status: Status) -> Self {
        Self { status, store_status: None, results: Vec::new(), range: None, total: None }
    }

    /// Reads an answer.
    pub fn decode(input: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = decode::open(input, page::SEARCH)?;
        let mut status = None;
        let mut answer = Self::new(Status::OK);
        while let Some(tag) = reader.child()? {
            match tag {
                page::STATUS => status = Some(reader.status(tag)?),
                page::RESPONSE => {
                    while let Some(tag) = reader.child()? {
                        match tag {
                            page::STORE => answer.read_store(&mut reader)?,
                            _ => reader.skip()?,
                        }
                    }
                }
                _ => reader.skip()?,
            }
        }
        decode::close(reader)?;
        Ok(Self { status: status.ok_or(DecodeError::Missing(page::STATUS))?, ..answer })
    }

    /// Writes the answer.
    pub fn encode(&self) -> Vec<u8> {
        Writer::document(page::SEARCH, |root| {
            root.number(page::STATUS, self.status);
            let Some(store_status) = self.store_status else { return };
            root.container(page::RESPONSE, |response| {
                response.container(page::STORE, |store| {
                    store.number(page::STATUS, store_status);
                    self.results.iter().for_each(|result| result.write(store));
                    if let Some(range) = self.range {
                        store.text(page::RANGE, &range.to_string());
                    }
                    if let Some(total) = self.total {
                        store.number(page::TOTAL, total);
                    }
                });
            });
        })
    }

    /// A result that is there and empty says that nothing was found.
    fn read_store(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        while let Some(tag) = reader.child()? {
            match tag {
                page::STATUS => self.store_status = Some(reader.status(tag)?),
                page::RESULT => keep(&mut self.results, SearchResult::read(reader)?, reader)?,
                page::RANGE => self.range = ByteRange::parse(&reader.text()?),
                page::TOTAL => self.total = reader.number_if_any()?,
                _ => reader.skip()?,
            }
        }
        Ok(())
    }
}

impl SearchResult {
    fn read(reader: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        let (mut class, mut long_id, mut collection_id) = (None, None, None);
        let mut content = None;
        while let Some(tag) = reader.child()? {
            match tag {
                air_sync::CLASS => class = Some(reader.string()?),
                page::LONG_ID => long_id = Some(reader.string()?),
                air_sync::COLLECTION_ID => collection_id = Some(reader.string()?),
                page::PROPERTIES => content = Some(SearchContent::read(reader)?),
                _ => reader.skip()?,
            }
        }
        let empty = class.is_none() && long_id.is_none() && content.is_none();
        let content = content.unwrap_or(SearchContent::Item(Item::default()));
        Ok((!empty).then_some(Self { class, long_id, collection_id, content }))
    }

    fn write(&self, store: &mut Writer) {
        store.container(page::RESULT, |entry| {
            for (tag, value) in [
                (air_sync::CLASS, &self.class),
                (page::LONG_ID, &self.long_id),
                (air_sync::COLLECTION_ID, &self.collection_id),
            ] {
                if let Some(value) = value {
                    entry.text(tag, value);
                }
            }
            entry.container(page::PROPERTIES, |properties| match &self.content {
                SearchContent::Document(document) => document.write(properties),
                SearchContent::Gal(person) => person.write(properties),
                SearchContent::Item(item) => item.write(properties),
            });
        });
    }
}

impl SearchContent {
    /// The page of a property tells what it belongs to.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut content = Self::Item(Item::default());
        while let Some(tag) = reader.child()? {
            let undecided = matches!(&content, Self::Item(item) if *item == Item::default());
            match (undecided, tag.page) {
                (true, 16) => content = Self::Gal(boxed(reader)?),
                (true, 19) => content = Self::Document(boxed(reader)?),
                _ => {}
            }
            match &mut content {
                Self::Document(document) => document.read_property(reader, tag)?,
                Self::Gal(person) => person.read_property(reader, tag)?,
                Self::Item(item) => item.read_property(reader, tag)?,
            }
        }
        Ok(content)
    }
}
