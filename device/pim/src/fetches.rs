//! What is fetched one by one: texts, attachments, heads.

use std::collections::VecDeque;

use activesync::{
    messages::{
        BodyPreference, BodyType, ByteRange, Fetch, FetchAnswer, FetchContent, FetchSource,
        ItemOperationsAnswer, ItemOperationsRequest, MimeSupport, multipart::Parts,
    },
    status::ItemOperationsStatus,
};
use bytes::Bytes;

use crate::{
    Answer, AttachmentRecord, Body, BodyState, Change, ItemRef,
    folders::{SyncSettings, body_preferences},
    pace::{self, Trouble},
};

/// Something to be fetched.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Want {
    /// The bytes of an attachment, by the server's reference.
    Attachment(String),
    /// The whole text of a mail.
    Body(ItemRef),
    /// The head of a mail, for its Message-ID.
    Head(ItemRef),
    /// Some bytes of an attachment. A server that does not know ranges hands out all of it.
    Part {
        /// The server's reference.
        reference: String,
        /// The first byte.
        from: u64,
        /// How many.
        length: u32,
    },
}

/// What became of a wish.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Fetched {
    /// The bytes of an attachment.
    Attachment(Bytes),
    /// The text is among the changes.
    Body,
    /// The Message-ID; absent if the mail has none.
    Head(Option<String>),
    /// Some bytes of an attachment, from where they were wanted.
    Part {
        /// The bytes; fewer than were wanted at the end.
        bytes: Bytes,
        /// How large the attachment is, if the server says so.
        total: Option<u64>,
    },
}

impl Want {
    /// The reference of the attachment that this is about.
    pub fn attachment(&self) -> Option<&str> {
        match self {
            Self::Attachment(reference) | Self::Part { reference, .. } => Some(reference),
            Self::Body(_) | Self::Head(_) => None,
        }
    }
}

/// Why something was not fetched.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum FetchFailure {
    /// The server has no such thing.
    #[error("the server has no such thing")]
    Missing,
    /// The server, or the policy, does not allow it; the code says why.
    #[error("not allowed: {0}")]
    Refused(String),
    /// The server cannot be asked now.
    #[error("the server cannot be asked: {0}")]
    Unreachable(String),
}

/// What waits to be fetched.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fetches {
    asked: VecDeque<Want>,
    background: VecDeque<Text>,
    unsupported: bool,
}

/// A text that is fetched when there is nothing else to do.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Text {
    item: ItemRef,
    tries: u8,
}

/// How many texts go into one request in the background. One that made the server fail goes alone.
const BATCH: usize = 5;
const MOST_TRIES: u8 = 3;

/// Enough for the head of any mail.
const HEAD_LIMIT: u32 = 32 * 1024;

impl Fetches {
    pub(crate) fn restore(unfetched: Vec<ItemRef>) -> Self {
        let mut fetches = Self::default();
        fetches.later(unfetched);
        fetches
    }

    pub(crate) fn ask(&mut self, want: Want) {
        if !self.asked.contains(&want) {
            self.asked.push_back(want);
        }
    }

    pub(crate) fn later(&mut self, items: Vec<ItemRef>) {
        self.background.extend(items.into_iter().map(|item| Text { item, tries: 0 }));
    }

    /// Says that every text that was to be fetched in the background was taken.
    pub(crate) fn wants_texts(&self) -> bool {
        self.background.is_empty() && !self.unsupported
    }

    pub(crate) fn take_asked(&mut self) -> Option<Want> {
        self.asked.pop_front()
    }

    /// Gives up what the user waits for.
    pub(crate) fn drain_asked(&mut self) -> Vec<Want> {
        self.asked.drain(..).collect()
    }

    /// Takes some texts for one request, with how often they were tried before.
    pub(crate) fn take_background(&mut self) -> (Vec<Want>, u8) {
        let tries = self.background.front().map_or(0, |text| text.tries);
        let most = if self.unsupported {
            0
        } else if tries == 0 {
            BATCH
        } else {
            1
        };
        let count =
            self.background.iter().take(most).take_while(|text| text.tries == tries).count();
        (self.background.drain(..count).map(|text| Want::Body(text.item)).collect(), tries)
    }

    /// Puts texts back that were not fetched because of the connection.
    pub(crate) fn put_back(&mut self, wants: Vec<Want>, tries: u8) {
        for want in wants.into_iter().rev() {
            if let Want::Body(item) = want {
                self.background.push_front(Text { item, tries });
            }
        }
    }

    /// Puts texts behind the others with which the server failed; after some tries they are left out until the next start.
    pub(crate) fn try_later(&mut self, wants: Vec<Want>, tries: u8) {
        let items = wants.into_iter().filter_map(|want| match want {
            Want::Body(item) => Some(item),
            Want::Attachment(_) | Want::Head(_) | Want::Part { .. } => None,
        });
        if tries + 1 < MOST_TRIES {
            self.background.extend(items.map(|item| Text { item, tries: tries + 1 }));
        }
    }

    pub(crate) fn is_unsupported(&self) -> bool {
        self.unsupported
    }

    pub(crate) fn unsupported(&mut self) {
        self.unsupported = true;
    }

    pub(crate) fn forget(&mut self, gone: impl Fn(&ItemRef) -> bool) {
        self.background.retain(|text| !gone(&text.item));
    }
}

/// Writes a request for all of `wants`.
pub(crate) fn request(wants: &[Want], settings: SyncSettings) -> ItemOperationsRequest {
    ItemOperationsRequest {
        fetches: wants.iter().map(|want| fetch(want, settings)).collect(),
        ..ItemOperationsRequest::default()
    }
}

fn fetch(want: &Want, settings: SyncSettings) -> Fetch {
    let source = |item: &ItemRef| FetchSource::Item {
        collection_id: item.collection.0.clone(),
        server_id: item.item.0.clone(),
    };
    match want {
        Want::Attachment(reference) => Fetch::attachment(reference.clone()),
        Want::Part { reference, from, length } => {
            let last = from.saturating_add((*length).max(1).into()) - 1;
            let range = Some(ByteRange { first: *from, last });
            Fetch { range, ..Fetch::attachment(reference.clone()) }
        }
        Want::Body(item) => Fetch {
            source: source(item),
            body_preferences: body_preferences(settings.html, settings.text_limit, None),
            mime_support: Some(MimeSupport::Never),
            ..Fetch::attachment("")
        },
        Want::Head(item) => Fetch {
            source: source(item),
            body_preferences: vec![BodyPreference {
                kind: BodyType::Mime,
                truncation_size: Some(HEAD_LIMIT),
                all_or_none: false,
                preview: None,
            }],
            mime_support: Some(MimeSupport::All),
            ..Fetch::attachment("")
        },
    }
}

/// The result of each wish, and what is to be stored.
pub(crate) type Results = (Vec<(Want, Result<Fetched, FetchFailure>)>, Vec<Change>);

/// Reads the answer to [`request`].
pub(crate) fn read(wants: Vec<Want>, answer: &Answer) -> Result<Results, Trouble> {
    let parts =
        answer.content_type.as_deref().is_some_and(|declared| declared.contains("multipart"));
    let parts = if parts { Parts::parse(&answer.body).ok() } else { None };
    let wbxml = parts.as_ref().map_or(answer.body.as_slice(), Parts::wbxml);
    let Ok(decoded) = ItemOperationsAnswer::decode(wbxml) else {
        // One server answers an unknown reference with something that is not base64.
        let missing = wants.into_iter().map(|want| (want, Err(FetchFailure::Missing)));
        return Ok((missing.collect(), Vec::new()));
    };
    if let ItemOperationsStatus::Common(common) = decoded.status.item_operations() {
        return Err(pace::common(decoded.status, common));
    }
    let mut changes = Vec::new();
    let mut results = Vec::new();
    for (place, want) in wants.into_iter().enumerate() {
        let result = match decoded.fetches.get(place) {
            Some(answer) => one(&want, answer, parts.as_ref(), &mut changes),
            None => Err(failure(decoded.status.item_operations(), decoded.status.0)),
        };
        results.push((want, result));
    }
    Ok((results, changes))
}

fn one(
    want: &Want,
    answer: &FetchAnswer,
    parts: Option<&Parts<'_>>,
    changes: &mut Vec<Change>,
) -> Result<Fetched, FetchFailure> {
    if !answer.status.is_ok() {
        return Err(failure(answer.status.item_operations(), answer.status.0));
    }
    match want {
        Want::Attachment(_) => content(answer, parts).map(Fetched::Attachment),
        Want::Part { from, .. } => ranged(*from, content(answer, parts)?, answer),
        Want::Body(item) => {
            let email = answer.item.clone().into_email().unwrap_or_default();
            let body = email.body.as_ref().map_or_else(Body::absent, Body::of);
            // The server was asked for all of it; what it keeps back will not come.
            let body = if body.state == BodyState::Partial {
                Body { state: BodyState::Whole, ..body }
            } else {
                body
            };
            let attachments = email.attachments.as_ref();
            let attachments = attachments
                .map(|attachments| attachments.list.iter().map(AttachmentRecord::of).collect());
            changes.push(Change::PutBody { item: item.clone(), body, attachments });
            Ok(Fetched::Body)
        }
        Want::Head(item) => {
            let email = answer.item.clone().into_email().unwrap_or_default();
            let data = email.body.as_ref().and_then(|body| body.data.as_ref());
            let message_id = data.and_then(|data| mail::Message::message_id_of(data));
            if let Some(message_id) = &message_id {
                changes.push(Change::PutMessageId {
                    item: item.clone(),
                    message_id: message_id.clone(),
                });
            }
            Ok(Fetched::Head(message_id))
        }
    }
}

fn content(answer: &FetchAnswer, parts: Option<&Parts<'_>>) -> Result<Bytes, FetchFailure> {
    match &answer.content {
        Some(FetchContent::Inline(bytes)) => Ok(bytes.clone()),
        Some(FetchContent::Part(number)) => {
            let part = parts.and_then(|parts| parts.part(*number)).ok_or(FetchFailure::Missing)?;
            Ok(Bytes::copy_from_slice(part))
        }
        None => Err(FetchFailure::Missing),
    }
}

/// Tells which bytes came: what the answer says counts, not what was asked.
fn ranged(from: u64, bytes: Bytes, answer: &FetchAnswer) -> Result<Fetched, FetchFailure> {
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    match answer.range {
        Some(range) if range.first == from => Ok(Fetched::Part { bytes, total: answer.total }),
        Some(ByteRange { first: 0, .. }) if answer.total == Some(length) => {
            Ok(Fetched::Attachment(bytes))
        }
        None if answer.total.is_none_or(|total| total == length) => Ok(Fetched::Attachment(bytes)),
        Some(_) | None => Err(FetchFailure::Refused(RANGE_WRONG.to_owned())),
    }
}

/// What a server answers that has no such bytes.
const RANGE_WRONG: &str = "status_8";

fn failure(status: ItemOperationsStatus, number: u16) -> FetchFailure {
    let code = format!("status_{number}");
    match status {
        ItemOperationsStatus::NotFound
        | ItemOperationsStatus::ConversionFailed
        | ItemOperationsStatus::UnknownStore => FetchFailure::Missing,
        ItemOperationsStatus::ServerError | ItemOperationsStatus::Undocumented(_) => {
            FetchFailure::Unreachable(code)
        }
        ItemOperationsStatus::AccessDenied
        | ItemOperationsStatus::Common(_)
        | ItemOperationsStatus::Ok
        | ItemOperationsStatus::PartlyDone
        | ItemOperationsStatus::ProtocolError
        | ItemOperationsStatus::RangeInvalid
        | ItemOperationsStatus::TooLarge => FetchFailure::Refused(code),
    }
}
