use super::decode::{self, DecodeError, Values, keep};
use super::sync_options::{Filter, SyncOptions};
use crate::codepage::{air_sync, get_item_estimate as page};
use crate::status::Status;
use crate::wbxml::{Reader, Writer};

/// Asks how many changes a Sync would give. Read in the form of 12.1 too.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EstimateRequest {
    /// Collections.
    pub collections: Vec<EstimateCollection>,
}

/// One collection of the question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EstimateCollection {
    /// The key of the last Sync.
    pub sync_key: String,
    /// The folder's id.
    pub collection_id: String,
    /// Class of the items; 12.1 only.
    pub class: Option<String>,
    /// Whether older mails of the same conversations count too; since 14.0.
    pub conversation_mode: Option<bool>,
    /// The options of the Sync.
    pub options: Vec<SyncOptions>,
}

/// Says how many changes a Sync would give.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EstimateAnswer {
    /// Root status, there only for errors.
    pub status: Option<Status>,
    /// One estimate per collection.
    pub estimates: Vec<Estimate>,
}

/// The answer for one collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimate {
    /// How it went.
    pub status: Status,
    /// The folder's id.
    pub collection_id: Option<String>,
    /// Number of changes.
    pub count: Option<u32>,
}

impl EstimateRequest {
    /// Reads a request.
    pub fn decode(input: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = decode::open(input, page::GET_ITEM_ESTIMATE)?;
        let mut request = Self::default();
        while let Some(tag) = reader.child()? {
            match tag {
                page::COLLECTIONS => {
                    while let Some(tag) = reader.child()? {
                        match tag {
                            page::COLLECTION => keep(
                                &mut request.collections,
                                EstimateCollection::read(&mut reader)?,
                                &mut reader,
                            )?,
                            _ => reader.skip()?,
                        }
                    }
                }
                _ => reader.skip()?,
            }
        }
        decode::close(reader)?;
        Ok(request)
    }

    /// Writes the request in the order of its version: the form of 12.1 if a collection names its class.
    pub fn encode(&self) -> Vec<u8> {
        Writer::document(page::GET_ITEM_ESTIMATE, |root| {
            root.container(page::COLLECTIONS, |list| {
                self.collections.iter().for_each(|collection| collection.write(list));
            });
        })
    }
}

impl EstimateCollection {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (mut sync_key, mut collection_id, mut options) = (None, None, Vec::new());
        let (mut class, mut conversation_mode) = (None, None);
        while let Some(tag) = reader.child()? {
            match tag {
                air_sync::SYNC_KEY => sync_key = Some(reader.string()?),
                page::COLLECTION_ID => collection_id = Some(reader.string()?),
                page::CLASS => class = Some(reader.string()?),
                air_sync::CONVERSATION_MODE => conversation_mode = Some(reader.boolean()?),
                air_sync::OPTIONS => keep(&mut options, SyncOptions::read(reader)?, reader)?,
                air_sync::FILTER_TYPE => {
                    let filter = reader.number_if_any()?.and_then(Filter::from_code);
                    keep(&mut options, SyncOptions { filter, ..SyncOptions::default() }, reader)?;
                }
                _ => reader.skip()?,
            }
        }
        Ok(Self {
            sync_key: sync_key.ok_or(DecodeError::Missing(air_sync::SYNC_KEY))?,
            collection_id: collection_id.ok_or(DecodeError::Missing(page::COLLECTION_ID))?,
            class,
            conversation_mode,
            options,
        })
    }

    fn write(&self, list: &mut Writer) {
        list.container(page::COLLECTION, |entry| {
            if let Some(class) = &self.class {
                entry.text(page::CLASS, class);
                entry.text(page::COLLECTION_ID, &self.collection_id);
                if let Some(filter) = self.options.iter().find_map(|options| options.filter) {
                    entry.number(air_sync::FILTER_TYPE, filter.code());
                }
                return entry.text(air_sync::SYNC_KEY, &self.sync_key);
            }
            entry.text(air_sync::SYNC_KEY, &self.sync_key);
            entry.text(page::COLLECTION_ID, &self.collection_id);
            if let Some(mode) = self.conversation_mode {
                entry.boolean(air_sync::CONVERSATION_MODE, mode);
            }
            self.options.iter().for_each(|options| options.write(entry));
        });
    }
}

impl EstimateAnswer {
    /// Reads an answer.
    pub fn decode(input: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = decode::open(input, page::GET_ITEM_ESTIMATE)?;
        let mut answer = Self::default();
        while let Some(tag) = reader.child()? {
            match tag {
                page::STATUS => answer.status = Some(reader.status(tag)?),
                page::RESPONSE => {
                    keep(&mut answer.estimates, Estimate::read(&mut reader)?, &mut reader)?
                }
                _ => reader.skip()?,
            }
        }
        decode::close(reader)?;
        Ok(answer)
    }

    /// Writes the answer.
    pub fn encode(&self) -> Vec<u8> {
        Writer::document(page::GET_ITEM_ESTIMATE, |root| {
            if let Some(status) = self.status {
                root.number(page::STATUS, status);
            }
            self.estimates.iter().for_each(|estimate| estimate.write(root));
        })
    }
}

impl Estimate {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut status = None;
        let mut estimate = Self { status: Status::OK, collection_id: None, count: None };
        while let Some(tag) = reader.child()? {
            match tag {
                page::STATUS => status = Some(reader.status(tag)?),
                page::COLLECTION => {
                    while let Some(tag) = reader.child()? {
                        match tag {
                            page::COLLECTION_ID => estimate.collection_id = Some(reader.string()?),
                            page::ESTIMATE => estimate.count = reader.number_if_any()?,
                            _ => reader.skip()?,
                        }
                    }
                }
                _ => reader.skip()?,
            }
        }
        Ok(Self { status: status.ok_or(DecodeError::Missing(page::STATUS))?, ..estimate })
    }

    fn write(&self, root: &mut Writer) {
        root.container(page::RESPONSE, |response| {
            response.number(page::STATUS, self.status);
            let Some(collection_id) = &self.collection_id else { return };
            response.container(page::COLLECTION, |collection| {
                collection.text(page::COLLECTION_ID, collection_id);
                if let Some(count) = self.count {
                    collection.number(page::ESTIMATE, count);
                }
            });
        });
    }
}
