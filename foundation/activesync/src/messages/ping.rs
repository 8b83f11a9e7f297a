use super::decode::{self, DecodeError, Values, keep};
use crate::codepage::ping as page;
use crate::status::Status;
use crate::wbxml::{Reader, Writer};

/// Asks to be told when something changes in folders. The server remembers both parts; later requests may leave them out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PingRequest {
    /// How long the server may hold the request, in seconds.
    pub heartbeat_interval: Option<u32>,
    /// The folders to watch; empty means as before.
    pub folders: Vec<PingFolder>,
}

/// A folder to watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PingFolder {
    /// Its id.
    pub id: String,
    /// Class of its items, for instance `Email`.
    pub class: String,
}

/// Says that something changed, or that the interval is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PingAnswer {
    /// Root status.
    pub status: Status,
    /// Ids of folders with changes, with status 2.
    pub folders: Vec<String>,
    /// The nearest allowed interval in seconds, with status 5.
    pub heartbeat_interval: Option<u32>,
    /// Most folders allowed, with status 6.
    pub max_folders: Option<u32>,
}

impl PingRequest {
    /// Reads a request, or `None` if the body is empty: the stored request once more.
    pub fn decode(input: &[u8]) -> Result<Option<Self>, DecodeError> {
        if input.is_empty() {
            return Ok(None);
        }
        let mut reader = decode::open(input, page::PING)?;
        let mut request = Self::default();
        while let Some(tag) = reader.child()? {
            match tag {
                page::HEARTBEAT_INTERVAL => request.heartbeat_interval = Some(reader.number(tag)?),
                page::FOLDERS => request.read_folders(&mut reader)?,
                _ => reader.skip()?,
            }
        }
        decode::close(reader)?;
        Ok(Some(request))
    }

    /// Writes the request.
    pub fn encode(&self) -> Vec<u8> {
        Writer::document(page::PING, |root| {
            if let Some(interval) = self.heartbeat_interval {
                root.number(page::HEARTBEAT_INTERVAL, interval);
            }
            if self.folders.is_empty() {
                return;
            }
            root.container(page::FOLDERS, |list| {
                for folder in &self.folders {
                    list.container(page::FOLDER, |entry| {
                        entry.text(page::ID, &folder.id);
                        entry.text(page::CLASS, &folder.class);
                    });
                }
            });
        })
    }

    fn read_folders(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        while let Some(tag) = reader.child()? {
            match tag {
                page::FOLDER => keep(&mut self.folders, PingFolder::read(reader)?, reader)?,
                _ => reader.skip()?,
            }
        }
        Ok(())
    }
}

impl PingFolder {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut id = None;
        let mut class = String::new();
        while let Some(tag) = reader.child()? {
            match tag {
                page::ID => id = Some(reader.string()?),
                page::CLASS => class = reader.string()?,
                _ => reader.skip()?,
            }
        }
        Ok(Self { id: id.ok_or(DecodeError::Missing(page::ID))?, class })
    }
}

impl PingAnswer {
    /// Makes an answer that is only a status.
    pub fn new(status: Status) -> Self {
        Self { status, folders: Vec::new(), heartbeat_interval: None, max_folders: None }
    }

    /// Reads an answer.
    pub fn decode(input: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = decode::open(input, page::PING)?;
        let mut status = None;
        let mut answer = Self::new(Status::OK);
        while let Some(tag) = reader.child()? {
            match tag {
                page::STATUS => status = Some(reader.status(tag)?),
                page::HEARTBEAT_INTERVAL => answer.heartbeat_interval = reader.number_if_any()?,
                page::MAX_FOLDERS => answer.max_folders = reader.number_if_any()?,
                page::FOLDERS => answer.read_folders(&mut reader)?,
                _ => reader.skip()?,
            }
        }
        decode::close(reader)?;
        Ok(Self { status: status.ok_or(DecodeError::Missing(page::STATUS))?, ..answer })
    }

    /// Writes the answer.
    pub fn encode(&self) -> Vec<u8> {
        Writer::document(page::PING, |root| {
            root.number(page::STATUS, self.status);
            if !self.folders.is_empty() {
                root.container(page::FOLDERS, |list| {
                    self.folders.iter().for_each(|id| list.text(page::FOLDER, id))
                });
            }
            if let Some(interval) = self.heartbeat_interval {
                root.number(page::HEARTBEAT_INTERVAL, interval);
            }
            if let Some(folders) = self.max_folders {
                root.number(page::MAX_FOLDERS, folders);
            }
        })
    }

    fn read_folders(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        while let Some(tag) = reader.child()? {
            match tag {
                page::FOLDER => keep(&mut self.folders, reader.string()?, reader)?,
                _ => reader.skip()?,
            }
        }
        Ok(())
    }
}
