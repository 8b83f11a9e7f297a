use time::OffsetDateTime;

use super::body::Body;
use super::decode::{self, DecodeError, Values, keep};
use super::property::codes;
use crate::codepage::{Tag, air_sync_base, meeting_response as page, search};
use crate::date;
use crate::query::Version;
use crate::status::Status;
use crate::wbxml::{Reader, Writer};

codes! {
    /// What the user answers to an invitation.
    pub enum UserResponse {
        /// Yes.
        Accept = 1,
        /// Perhaps.
        Tentative = 2,
        /// No.
        Decline = 3,
    }
}

/// Answers invitations.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MeetingResponseRequest {
    /// The answers.
    pub replies: Vec<MeetingReply>,
}

/// The answer to one invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeetingReply {
    /// The answer.
    pub response: UserResponse,
    /// The invitation.
    pub target: MeetingTarget,
    /// Start that the series gives to the only occurrence that is meant; since 14.1.
    pub instance: Option<OffsetDateTime>,
    /// The mail that the server sends to the organiser; since 16.0. Before, the client sends one itself.
    pub send: Option<SendResponse>,
}

/// Where an invitation is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MeetingTarget {
    /// In a folder: the mail, or since 14.0 the event.
    Item {
        /// The folder's id.
        collection_id: String,
        /// The item's id.
        request_id: String,
    },
    /// A search found it.
    SearchResult(String),
}

/// The mail to the organiser.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SendResponse {
    /// Text.
    pub body: Option<Body>,
    /// Start and end that the user proposes instead; since 16.1.
    pub proposed: Option<(OffsetDateTime, OffsetDateTime)>,
}

/// Says what became of the answers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MeetingResponseAnswer {
    /// Root status, there only for errors.
    pub status: Option<Status>,
    /// One result per answer.
    pub results: Vec<MeetingResult>,
}

/// What became of one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeetingResult {
    /// The invitation, as far as the server repeats it.
    pub request_id: Option<String>,
    /// How it went.
    pub status: Status,
    /// The event that came of it; absent when the user declined.
    pub calendar_id: Option<String>,
}

impl MeetingResponseRequest {
    /// Reads a request.
    pub fn decode(input: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = decode::open(input, page::MEETING_RESPONSE)?;
        let mut request = Self::default();
        while let Some(tag) = reader.child()? {
            match tag {
                page::REQUEST => {
                    keep(&mut request.replies, MeetingReply::read(&mut reader)?, &mut reader)?
                }
                _ => reader.skip()?,
            }
        }
        decode::close(reader)?;
        Ok(request)
    }

    /// Writes the request.
    pub fn encode(&self) -> Vec<u8> {
        Writer::document(page::MEETING_RESPONSE, |root| {
            self.replies.iter().for_each(|reply| reply.write(root));
        })
    }

    /// Takes away what a protocol version does not have.
    pub fn prepare(&mut self, version: Version) {
        for reply in &mut self.replies {
            if version < Version::V14_1 {
                reply.instance = None;
            }
            if version < Version::V16_0 {
                reply.send = None;
            }
            if let (true, Some(send)) = (version < Version::V16_1, &mut reply.send) {
                send.proposed = None;
            }
        }
    }
}

impl MeetingReply {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (mut response, mut collection_id, mut request_id) = (None, None, None);
        let (mut long_id, mut instance, mut send) = (None, None, None);
        while let Some(tag) = reader.child()? {
            match tag {
                page::USER_RESPONSE => {
                    let code = UserResponse::from_code(reader.number(tag)?);
                    response =
                        Some(code.ok_or(DecodeError::Invalid { tag, offset: reader.offset() })?);
                }
                page::COLLECTION_ID => collection_id = Some(reader.string()?),
                page::REQUEST_ID => request_id = Some(reader.string()?),
                search::LONG_ID => long_id = Some(reader.string()?),
                page::INSTANCE_ID => {
                    let moment = reader.date_if_any()?;
                    instance =
                        Some(moment.ok_or(DecodeError::Invalid { tag, offset: reader.offset() })?);
                }
                page::SEND_RESPONSE => send = Some(SendResponse::read(reader)?),
                _ => reader.skip()?,
            }
        }
        let target = match (long_id, collection_id, request_id) {
            (Some(id), _, _) => MeetingTarget::SearchResult(id),
            (None, Some(collection_id), Some(request_id)) => {
                MeetingTarget::Item { collection_id, request_id }
            }
            (None, None, _) => return Err(DecodeError::Missing(page::COLLECTION_ID)),
            (None, Some(_), None) => return Err(DecodeError::Missing(page::REQUEST_ID)),
        };
        let response = response.ok_or(DecodeError::Missing(page::USER_RESPONSE))?;
        Ok(Self { response, target, instance, send })
    }

    fn write(&self, root: &mut Writer) {
        root.container(page::REQUEST, |entry| {
            entry.number(page::USER_RESPONSE, self.response.code());
            match &self.target {
                MeetingTarget::Item { collection_id, request_id } => {
                    entry.text(page::COLLECTION_ID, collection_id);
                    entry.text(page::REQUEST_ID, request_id);
                }
                MeetingTarget::SearchResult(id) => entry.text(search::LONG_ID, id),
            }
            if let Some(instance) = self.instance {
                entry.text(page::INSTANCE_ID, &date::long(instance));
            }
            if let Some(send) = &self.send {
                send.write(entry);
            }
        });
    }
}

impl SendResponse {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (mut body, mut start, mut end) = (None, None, None);
        while let Some(tag) = reader.child()? {
            match tag {
                air_sync_base::BODY => body = Body::read(reader)?,
                page::PROPOSED_START_TIME => start = reader.date_if_any()?,
                page::PROPOSED_END_TIME => end = reader.date_if_any()?,
                _ => reader.skip()?,
            }
        }
        Ok(Self { body, proposed: start.zip(end) })
    }

    fn write(&self, entry: &mut Writer) {
        if *self == Self::default() {
            return entry.empty(page::SEND_RESPONSE);
        }
        entry.container(page::SEND_RESPONSE, |send| {
            if let Some(body) = &self.body {
                body.write(send);
            }
            if let Some((start, end)) = self.proposed {
                send.text(page::PROPOSED_START_TIME, &date::compact(start));
                send.text(page::PROPOSED_END_TIME, &date::compact(end));
            }
        });
    }
}

impl MeetingResponseAnswer {
    /// Reads an answer.
    pub fn decode(input: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = decode::open(input, page::MEETING_RESPONSE)?;
        let mut answer = Self::default();
        while let Some(tag) = reader.child()? {
            match tag {
                page::STATUS => answer.status = Some(reader.status(tag)?),
                page::RESULT => {
                    keep(&mut answer.results, MeetingResult::read(&mut reader)?, &mut reader)?
                }
                _ => reader.skip()?,
            }
        }
        decode::close(reader)?;
        Ok(answer)
    }

    /// Writes the answer.
    pub fn encode(&self) -> Vec<u8> {
        Writer::document(page::MEETING_RESPONSE, |root| {
            if let Some(status) = self.status {
                root.number(page::STATUS, status);
            }
            for result in &self.results {
                root.container(page::RESULT, |entry| {
                    let text = |entry: &mut Writer, tag: Tag, value: &Option<String>| {
                        if let Some(value) = value {
                            entry.text(tag, value);
                        }
                    };
                    text(entry, page::REQUEST_ID, &result.request_id);
                    entry.number(page::STATUS, result.status);
                    text(entry, page::CALENDAR_ID, &result.calendar_id);
                });
            }
        })
    }
}

impl MeetingResult {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (mut request_id, mut status, mut calendar_id) = (None, None, None);
        while let Some(tag) = reader.child()? {
            match tag {
                page::REQUEST_ID => request_id = Some(reader.string()?),
                page::STATUS => status = Some(reader.status(tag)?),
                page::CALENDAR_ID => calendar_id = Some(reader.string()?),
                _ => reader.skip()?,
            }
        }
        Ok(Self {
            request_id,
            status: status.ok_or(DecodeError::Missing(page::STATUS))?,
            calendar_id,
        })
    }
}
