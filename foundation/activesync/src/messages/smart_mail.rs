use bytes::Bytes;
use time::OffsetDateTime;

use super::body::Body;
use super::decode::{self, DecodeError, Values, keep};
use super::meeting_request::Forwardee;
use super::property::Nested;
use crate::codepage::{Tag, air_sync_base, compose_mail as page, rights_management};
use crate::date;
use crate::query::{Command, Parameters};
use crate::status::Status;
use crate::wbxml::{Reader, Writer};

/// Answers or forwards a mail, to which the server adds the original; SmartReply and SmartForward.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmartMailRequest {
    /// Whether it forwards; else it answers.
    pub forward: bool,
    /// Id of this message, 1 to 40 characters. Sending the same id again gives status 118 and no second message.
    pub client_id: String,
    /// Which of the user's accounts sends; absent for the first. Since 14.1.
    pub account_id: Option<String>,
    /// Whether the server keeps a copy in the Sent folder.
    pub save_in_sent_items: bool,
    /// Whether the message is complete and the server adds nothing to it.
    pub replace_mime: bool,
    /// The mail or event that is answered or forwarded.
    pub source: SmartSource,
    /// Start that the series gives to the only occurrence that is meant.
    pub instance: Option<OffsetDateTime>,
    /// The message. Absent when a meeting is forwarded to `forwardees`.
    pub mime: Option<Bytes>,
    /// The protection that the mail gets; since 14.1.
    pub template_id: Option<String>,
    /// To whom the server forwards a meeting; since 16.0, not together with `mime`.
    pub forwardees: Vec<Forwardee>,
    /// Text for the forward of a meeting; since 16.0.
    pub body: Option<Body>,
}

/// Where the original is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SmartSource {
    /// In a folder.
    Item {
        /// The folder's id.
        folder_id: String,
        /// The item's id.
        item_id: String,
    },
    /// A search found it.
    SearchResult(String),
}

/// Says why a message was not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmartMailAnswer {
    /// Root status.
    pub status: Status,
}

impl SmartMailRequest {
    /// Returns the command that carries it.
    pub fn command(&self) -> Command {
        if self.forward { Command::SmartForward } else { Command::SmartReply }
    }

    /// Reads a request; since 14.0.
    pub fn decode(input: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(input)?;
        let forward = match reader.child()? {
            Some(page::SMART_FORWARD) => true,
            Some(page::SMART_REPLY) => false,
            Some(tag) => return Err(DecodeError::WrongRoot(tag)),
            None => return Err(DecodeError::Missing(page::SMART_REPLY)),
        };
        let mut parts = Parts::default();
        while let Some(tag) = reader.child()? {
            parts.read(&mut reader, tag)?;
        }
        decode::close(reader)?;
        let source = parts.source.source.ok_or(DecodeError::Missing(page::SOURCE))?;
        Ok(Self {
            forward,
            client_id: parts.client_id.ok_or(DecodeError::Missing(page::CLIENT_ID))?,
            account_id: parts.account_id,
            save_in_sent_items: parts.save_in_sent_items,
            replace_mime: parts.replace_mime,
            source,
            instance: parts.source.instance,
            mime: parts.mime,
            template_id: parts.template_id,
            forwardees: parts.forwardees,
            body: parts.body,
        })
    }

    /// Writes the request; since 14.0.
    pub fn encode(&self) -> Vec<u8> {
        Writer::document(root(self.forward), |root| {
            root.text(page::CLIENT_ID, &self.client_id);
            root.container(page::SOURCE, |source| {
                match &self.source {
                    SmartSource::Item { folder_id, item_id } => {
                        source.text(page::FOLDER_ID, folder_id);
                        source.text(page::ITEM_ID, item_id);
                    }
                    SmartSource::SearchResult(id) => source.text(page::LONG_ID, id),
                }
                if let Some(instance) = self.instance {
                    source.text(page::INSTANCE_ID, &date::long(instance));
                }
            });
            if let Some(id) = &self.account_id {
                root.text(page::ACCOUNT_ID, id);
            }
            for (tag, wanted) in [
                (page::SAVE_IN_SENT_ITEMS, self.save_in_sent_items),
                (page::REPLACE_MIME, self.replace_mime),
            ] {
                if wanted {
                    root.empty(tag);
                }
            }
            if let Some(mime) = &self.mime {
                root.opaque(page::MIME, mime);
            }
            if let Some(id) = &self.template_id {
                root.text(rights_management::TEMPLATE_ID, id);
            }
            if !self.forwardees.is_empty() {
                root.container(page::FORWARDEES, |list| {
                    self.forwardees.iter().for_each(|one| one.write_nested(list, page::FORWARDEE));
                });
            }
            if let Some(body) = &self.body {
                body.write(root);
            }
        })
    }

    /// Returns the parameters of the query that carries the request in 12.1, where the message alone is the body.
    pub fn parameters(&self) -> Parameters {
        let (collection_id, item_id, long_id) = match &self.source {
            SmartSource::Item { folder_id, item_id } => {
                (Some(folder_id.clone()), Some(item_id.clone()), None)
            }
            SmartSource::SearchResult(id) => (None, None, Some(id.clone())),
        };
        Parameters {
            collection_id,
            item_id,
            long_id,
            occurrence: self.instance.map(date::long),
            save_in_sent: self.save_in_sent_items,
            ..Parameters::default()
        }
    }

    /// Reads the form of 12.1. `None` if the query does not say what is answered or forwarded.
    pub fn from_query(command: Command, parameters: &Parameters, mime: Bytes) -> Option<Self> {
        if !matches!(command, Command::SmartForward | Command::SmartReply) {
            return None;
        }
        let forward = command == Command::SmartForward;
        let source = match (&parameters.collection_id, &parameters.item_id, &parameters.long_id) {
            (_, _, Some(id)) => SmartSource::SearchResult(id.clone()),
            (Some(folder), Some(item), None) => {
                SmartSource::Item { folder_id: folder.clone(), item_id: item.clone() }
            }
            _ => return None,
        };
        Some(Self {
            forward,
            client_id: String::new(),
            account_id: None,
            save_in_sent_items: parameters.save_in_sent,
            replace_mime: false,
            source,
            instance: parameters.occurrence.as_deref().and_then(date::parse),
            mime: Some(mime),
            template_id: None,
            forwardees: Vec::new(),
            body: None,
        })
    }

    /// Checks what a server checks first; the error is the root status.
    pub fn check(&self) -> Result<(), Status> {
        let addressed = |one: &Forwardee| one.email.as_ref().is_some_and(|email| !email.is_empty());
        match (self.mime.is_some(), self.forwardees.is_empty()) {
            (true, false) => Err(Status(178)),
            (false, true) => Err(Status(107)),
            (false, false) if !self.forward => Err(Status(178)),
            (false, false) if !self.forwardees.iter().all(addressed) => Err(Status(179)),
            (true, true) | (false, false) => Ok(()),
        }
    }
}

#[derive(Default)]
struct Parts {
    client_id: Option<String>,
    account_id: Option<String>,
    save_in_sent_items: bool,
    replace_mime: bool,
    source: SourceParts,
    mime: Option<Bytes>,
    template_id: Option<String>,
    forwardees: Vec<Forwardee>,
    body: Option<Body>,
}

#[derive(Default)]
struct SourceParts {
    source: Option<SmartSource>,
    instance: Option<OffsetDateTime>,
}

impl Parts {
    fn read(&mut self, reader: &mut Reader<'_>, tag: Tag) -> Result<(), DecodeError> {
        match tag {
            page::CLIENT_ID => self.client_id = Some(reader.string()?),
            page::ACCOUNT_ID => self.account_id = Some(reader.string()?),
            page::SAVE_IN_SENT_ITEMS => self.save_in_sent_items = reader.boolean()?,
            page::REPLACE_MIME => self.replace_mime = reader.boolean()?,
            page::SOURCE => self.source = SourceParts::read(reader)?,
            page::MIME => self.mime = Some(Bytes::copy_from_slice(&reader.bytes()?)),
            page::FORWARDEES => {
                while let Some(tag) = reader.child()? {
                    match tag {
                        page::FORWARDEE => {
                            keep(&mut self.forwardees, Forwardee::read(reader)?, reader)?
                        }
                        _ => reader.skip()?,
                    }
                }
            }
            rights_management::TEMPLATE_ID => self.template_id = Some(reader.string()?),
            air_sync_base::BODY => self.body = Body::read(reader)?,
            _ => reader.skip()?,
        }
        Ok(())
    }
}

impl SourceParts {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (mut folder_id, mut item_id, mut long_id, mut instance) = (None, None, None, None);
        while let Some(tag) = reader.child()? {
            match tag {
                page::FOLDER_ID => folder_id = Some(reader.string()?),
                page::ITEM_ID => item_id = Some(reader.string()?),
                page::LONG_ID => long_id = Some(reader.string()?),
                page::INSTANCE_ID => instance = reader.date_if_any()?,
                _ => reader.skip()?,
            }
        }
        let source = match (long_id, folder_id, item_id) {
            (Some(id), _, _) => Some(SmartSource::SearchResult(id)),
            (None, Some(folder_id), Some(item_id)) => {
                Some(SmartSource::Item { folder_id, item_id })
            }
            (None, _, _) => None,
        };
        Ok(Self { source, instance })
    }
}

impl SmartMailAnswer {
    /// Reads an answer, or `None` if the body is empty: the message is sent.
    pub fn decode(input: &[u8]) -> Result<Option<Self>, DecodeError> {
        if input.is_empty() {
            return Ok(None);
        }
        let mut reader = Reader::new(input)?;
        match reader.child()? {
            Some(page::SMART_FORWARD | page::SMART_REPLY) => {}
            Some(tag) => return Err(DecodeError::WrongRoot(tag)),
            None => return Err(DecodeError::Missing(page::SMART_REPLY)),
        }
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

    /// Writes the answer to a SmartForward or to a SmartReply.
    pub fn encode(&self, forward: bool) -> Vec<u8> {
        Writer::document(root(forward), |root| root.number(page::STATUS, self.status))
    }
}

fn root(forward: bool) -> Tag {
    if forward { page::SMART_FORWARD } else { page::SMART_REPLY }
}
