use bytes::Bytes;

use super::decode::{self, DecodeError, Values};
use crate::codepage::{compose_mail as page, rights_management};
use crate::status::Status;
use crate::wbxml::Writer;

/// Sends a complete message; since 14.0. Before, the message itself is the body of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendMailRequest {
    /// Id of this message, 1 to 40 characters. Sending the same id again gives status 118 and no second message.
    pub client_id: String,
    /// Which of the user's accounts sends; absent for the first.
    pub account_id: Option<String>,
    /// Whether the server keeps a copy in the Sent folder.
    pub save_in_sent_items: bool,
    /// The message, with its Bcc header.
    pub mime: Bytes,
    /// The protection that the mail gets; since 14.1.
    pub template_id: Option<String>,
}

/// Says why a message was not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendMailAnswer {
    /// Root status.
    pub status: Status,
}

impl SendMailRequest {
    /// Reads a request.
    pub fn decode(input: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = decode::open(input, page::SEND_MAIL)?;
        let mut client_id = None;
        let mut account_id = None;
        let mut save_in_sent_items = false;
        let mut mime = None;
        let mut template_id = None;
        while let Some(tag) = reader.child()? {
            match tag {
                page::CLIENT_ID => client_id = Some(reader.string()?),
                page::ACCOUNT_ID => account_id = Some(reader.string()?),
                page::SAVE_IN_SENT_ITEMS => save_in_sent_items = reader.boolean()?,
                rights_management::TEMPLATE_ID => template_id = Some(reader.string()?),
                page::MIME => mime = Some(Bytes::copy_from_slice(&reader.bytes()?)),
                _ => reader.skip()?,
            }
        }
        decode::close(reader)?;
        let client_id = client_id.ok_or(DecodeError::Missing(page::CLIENT_ID))?;
        Ok(Self {
            client_id,
            account_id,
            save_in_sent_items,
            mime: mime.ok_or(DecodeError::Missing(page::MIME))?,
            template_id,
        })
    }

    /// Writes the request.
    pub fn encode(&self) -> Vec<u8> {
        Writer::document(page::SEND_MAIL, |root| {
            root.text(page::CLIENT_ID, &self.client_id);
            if let Some(id) = &self.account_id {
                root.text(page::ACCOUNT_ID, id);
            }
            if self.save_in_sent_items {
                root.empty(page::SAVE_IN_SENT_ITEMS);
            }
            root.opaque(page::MIME, &self.mime);
            if let Some(id) = &self.template_id {
                root.text(rights_management::TEMPLATE_ID, id);
            }
        })
    }
}

impl SendMailAnswer {
    /// Reads an answer, or `None` if the body is empty: the message is sent.
    pub fn decode(input: &[u8]) -> Result<Option<Self>, DecodeError> {
        if input.is_empty() {
            return Ok(None);
        }
        let mut reader = decode::open(input, page::SEND_MAIL)?;
        let mut status = None;
        while let Some(tag) = reader.child()? {
            match tag {
                page::STATUS => status = Some(reader.status(tag)?),
                _ => reader.skip()?,
            }
        }
        decode::close(reader)?;
        Ok(Some(Self { status: status.ok_or(DecodeError::Missing(page::STATUS))? }))
    }

    /// Writes the answer.
    pub fn encode(&self) -> Vec<u8> {
        Writer::document(page::SEND_MAIL, |root| root.number(page::STATUS, self.status))
    }
}
