use super::decode::{self, DecodeError, Values, keep};
use crate::codepage::move_items as page;
use crate::status::Status;
use crate::wbxml::{Reader, Writer};

/// Moves items between folders.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MoveItemsRequest {
    /// The moves.
    pub moves: Vec<Move>,
}

/// One move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The item.
    pub source_id: String,
    /// The folder that it is in.
    pub source_folder: String,
    /// The folder that it goes to.
    pub destination_folder: String,
}

/// Says what became of the moves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MoveItemsAnswer {
    /// Root status, there only for errors.
    pub status: Option<Status>,
    /// One result per move.
    pub results: Vec<MoveResult>,
}

/// What became of one move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoveResult {
    /// The item's id before.
    pub source_id: String,
    /// How it went; 3 is success.
    pub status: Status,
    /// The item's id after, on success.
    pub destination_id: Option<String>,
}

impl MoveItemsRequest {
    /// Reads a request.
    pub fn decode(input: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = decode::open(input, page::MOVE_ITEMS)?;
        let mut request = Self::default();
        while let Some(tag) = reader.child()? {
            match tag {
                page::MOVE => keep(&mut request.moves, Move::read(&mut reader)?, &mut reader)?,
                _ => reader.skip()?,
            }
        }
        decode::close(reader)?;
        Ok(request)
    }

    /// Writes the request.
    pub fn encode(&self) -> Vec<u8> {
        Writer::document(page::MOVE_ITEMS, |root| {
            for entry in &self.moves {
                root.container(page::MOVE, |writer| {
                    writer.text(page::SRC_MSG_ID, &entry.source_id);
                    writer.text(page::SRC_FLD_ID, &entry.source_folder);
                    writer.text(page::DST_FLD_ID, &entry.destination_folder);
                });
            }
        })
    }
}

impl Move {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (mut source_id, mut source_folder, mut destination_folder) = (None, None, None);
        while let Some(tag) = reader.child()? {
            match tag {
                page::SRC_MSG_ID => source_id = Some(reader.string()?),
                page::SRC_FLD_ID => source_folder = Some(reader.string()?),
                page::DST_FLD_ID => destination_folder = Some(reader.string()?),
                _ => reader.skip()?,
            }
        }
        Ok(Self {
            source_id: source_id.ok_or(DecodeError::Missing(page::SRC_MSG_ID))?,
            source_folder: source_folder.ok_or(DecodeError::Missing(page::SRC_FLD_ID))?,
            destination_folder: destination_folder.ok_or(DecodeError::Missing(page::DST_FLD_ID))?,
        })
    }
}

impl MoveItemsAnswer {
    /// Reads an answer.
    pub fn decode(input: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = decode::open(input, page::MOVE_ITEMS)?;
        let mut answer = Self::default();
        while let Some(tag) = reader.child()? {
            match tag {
                page::STATUS => answer.status = Some(reader.status(tag)?),
                page::RESPONSE => {
                    keep(&mut answer.results, MoveResult::read(&mut reader)?, &mut reader)?
                }
                _ => reader.skip()?,
            }
        }
        decode::close(reader)?;
        Ok(answer)
    }

    /// Writes the answer.
    pub fn encode(&self) -> Vec<u8> {
        Writer::document(page::MOVE_ITEMS, |root| {
            if let Some(status) = self.status {
                root.number(page::STATUS, status);
            }
            for result in &self.results {
                root.container(page::RESPONSE, |writer| {
                    writer.text(page::SRC_MSG_ID, &result.source_id);
                    writer.number(page::STATUS, result.status);
                    if let Some(id) = &result.destination_id {
                        writer.text(page::DST_MSG_ID, id);
                    }
                });
            }
        })
    }
}

impl MoveResult {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (mut source_id, mut status, mut destination_id) = (None, None, None);
        while let Some(tag) = reader.child()? {
            match tag {
                page::SRC_MSG_ID => source_id = Some(reader.string()?),
                page::STATUS => status = Some(reader.status(tag)?),
                page::DST_MSG_ID => destination_id = Some(reader.string()?),
                _ => reader.skip()?,
            }
        }
        let source_id = source_id.ok_or(DecodeError::Missing(page::SRC_MSG_ID))?;
        Ok(Self {
            source_id,
            status: status.ok_or(DecodeError::Missing(page::STATUS))?,
            destination_id,
        })
    }
}
