//! What is fetched one by one: texts, attachments, heads.

use std::collections::VecDeque;

use activesync::{
    messages::{
        BodyPreference, BodyType, ByteRange, Email, Fetch, FetchAnswer, FetchContent, FetchSource,
        ItemOperationsAnswer, ItemOperationsRequest, MimeSupport, multipart::Parts,
    },
    status::ItemOperationsStatus,
};
use bytes::Bytes;
use time::{Duration, OffsetDateTime};

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
    /// A mail byte for byte, as signatures need it.
    Source(ItemRef),
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
    /// The mail as it came is among the changes.
    Source,
}

impl Want {
    /// The reference of the attachment that this is about.
    pub fn attachment(&self) -> Option<&str> {
        match self {
            Self::Attachment(reference) | Self::Part { reference, .. } => Some(reference),
            Self::Body(_) | Self::Head(_) | Self::Source(_) => None,
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
    not_before: Option<OffsetDateTime>,
}

/// How many texts go into one request in the background. One that made the server fail goes alone.
const BATCH: usize = 5;
/// Tries after which a text is left alone for long.
const TRIES: u8 = 3;
const BETWEEN_LATE_TRIES: Duration = Duration::hours(1);

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
        self.background.extend(items.into_iter().map(|item| Text {
            item,
            tries: 0,
            not_before: None,
        }));
    }

    /// Says that every text that was to be fetched in the background was taken, but for those that failed.
    pub(crate) fn wants_texts(&self) -> bool {
        self.background.iter().all(|text| text.tries > 0) && !self.unsupported
    }

    /// Says when the next text that failed is tried again.
    pub(crate) fn wake_at(&self) -> Option<OffsetDateTime> {
        let waiting = self.background.iter().filter(|_| !self.unsupported);
        waiting.filter_map(|text| text.not_before).min()
    }

    pub(crate) fn take_asked(&mut self) -> Option<Want> {
        self.asked.pop_front()
    }

    /// Gives up what the user waits for.
    pub(crate) fn drain_asked(&mut self) -> Vec<Want> {
        self.asked.drain(..).collect()
    }

    /// Takes some texts for one request, with how often they were tried before.
    pub(crate) fn take_background(&mut self, now: OffsetDateTime) -> (Vec<Want>, u8) {
        let is_due = |text: &Text| text.not_before.is_none_or(|moment| moment <= now);
        let first = self.background.iter().find(|text| is_due(text) && !self.unsupported);
        let Some(tries) = first.map(|text| text.tries) else { return (Vec::new(), 0) };
        let most = if tries == 0 { BATCH } else { 1 };
        let (mut taken, mut left) = (Vec::new(), VecDeque::new());
        for text in self.background.drain(..) {
            if taken.len() < most && text.tries == tries && is_due(&text) {
                taken.push(Want::Body(text.item));
            } else {
                left.push_back(text);
            }
        }
        self.background = left;
        (taken, tries)
    }

    /// Puts texts back that were not asked for after all.
    pub(crate) fn put_back(&mut self, wants: Vec<Want>, tries: u8) {
        for item in wants.into_iter().rev().filter_map(Want::into_body) {
            self.background.push_front(Text { item, tries, not_before: None });
        }
    }

    /// Puts texts behind the others with which the server failed; after some tries they are left alone for long.
    pub(crate) fn try_later(
        &mut self,
        wants: Vec<Want>,
        tries: u8,
        now: OffsetDateTime,
        jitter: u16,
    ) {
        let tries = tries.saturating_add(1);
        let pause = if tries < TRIES {
            pace::pause(tries.into(), pace::WHILE_BROKEN, jitter)
        } else {
            BETWEEN_LATE_TRIES
        };
        let not_before = Some(now + pause);
        let items = wants.into_iter().filter_map(Want::into_body);
        self.background.extend(items.map(|item| Text { item, tries, not_before }));
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

impl Want {
    fn into_body(self) -> Option<ItemRef> {
        match self {
            Self::Body(item) => Some(item),
            Self::Attachment(_) | Self::Head(_) | Self::Part { .. } | Self::Source(_) => None,
        }
    }

    /// What stands for it in a request, and in the answer.
    fn source(&self) -> FetchSource {
        match self {
            Self::Attachment(reference) | Self::Part { reference, .. } => {
                FetchSource::Attachment(reference.clone())
            }
            Self::Body(item) | Self::Head(item) | Self::Source(item) => FetchSource::Item {
                collection_id: item.collection.0.clone(),
                server_id: item.item.0.clone(),
            },
        }
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
    match want {
        Want::Attachment(reference) => Fetch::attachment(reference.clone()),
        Want::Part { reference, from, length } => {
            let last = from.saturating_add((*length).max(1).into()) - 1;
            let range = Some(ByteRange { first: *from, last });
            Fetch { range, ..Fetch::attachment(reference.clone()) }
        }
        Want::Body(_) => Fetch {
            source: want.source(),
            body_preferences: preferences_of_text(settings),
            mime_support: Some(MimeSupport::OnlySmime),
            ..Fetch::attachment("")
        },
        Want::Head(_) => Fetch {
            source: want.source(),
            body_preferences: vec![as_mime(Some(HEAD_LIMIT))],
            mime_support: Some(MimeSupport::All),
            ..Fetch::attachment("")
        },
        Want::Source(_) => Fetch {
            source: want.source(),
            body_preferences: vec![as_mime(None)],
            mime_support: Some(MimeSupport::All),
            ..Fetch::attachment("")
        },
    }
}

/// Asks for a text, and for mails that are signed or encrypted as they came.
///
/// One server takes the last form named, and makes HTML of it for other mails; where that is not allowed, it is to take the text.
fn preferences_of_text(settings: SyncSettings) -> Vec<BodyPreference> {
    let mut preferences = body_preferences(settings.html, settings.text_limit, None);
    let place = if settings.html { preferences.len() } else { 0 };
    preferences.insert(place, as_mime(None));
    preferences
}

fn as_mime(truncation_size: Option<u32>) -> BodyPreference {
    BodyPreference { kind: BodyType::Mime, truncation_size, all_or_none: false, preview: None }
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
        let failed = wants.into_iter().map(|want| {
            let failure = unreadable(&want);
            (want, Err(failure))
        });
        return Ok((failed.collect(), Vec::new()));
    };
    if let ItemOperationsStatus::Common(common) = decoded.status.item_operations() {
        return Err(pace::common(decoded.status, common));
    }
    let mut changes = Vec::new();
    let mut results = Vec::new();
    let most = wants.len();
    for (place, want) in wants.into_iter().enumerate() {
        let result = match answer_to(&want, place, most, &decoded.fetches) {
            Some(answer) => one(&want, answer, parts.as_ref(), &mut changes),
            None => Err(failure(decoded.status.item_operations(), decoded.status.0)),
        };
        results.push((want, result));
    }
    Ok((results, changes))
}

/// Finds the answer to a wish by what the server repeats of it, because one may be left out; a server that repeats nothing answers in
/// order.
fn answer_to<'a>(
    want: &Want,
    place: usize,
    most: usize,
    answers: &'a [FetchAnswer],
) -> Option<&'a FetchAnswer> {
    let source = want.source();
    let named = answers.iter().find(|answer| answer.source.as_ref() == Some(&source));
    let in_order = answers.get(place).filter(|answer| {
        // There is only one attachment at a time, whatever the server calls it.
        let is_attachment = matches!(want, Want::Attachment(_) | Want::Part { .. }) && most == 1;
        answers.len() == most && (answer.source.is_none() || is_attachment)
    });
    named.or(in_order)
}

fn unreadable(want: &Want) -> FetchFailure {
    match want {
        // One server answers an unknown reference with something that is not base64.
        Want::Attachment(_) | Want::Part { .. } => FetchFailure::Missing,
        Want::Body(_) | Want::Head(_) | Want::Source(_) => {
            FetchFailure::Unreachable("unreadable_answer".to_owned())
        }
    }
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
            let source = source(&email).filter(|source| is_protected(source));
            changes.extend(source.map(|bytes| Change::PutSource { item: item.clone(), bytes }));
            Ok(Fetched::Body)
        }
        Want::Source(item) => {
            let email = answer.item.clone().into_email().unwrap_or_default();
            let bytes = source(&email);
            let bytes = bytes.ok_or_else(|| FetchFailure::Refused("no_source".to_owned()))?;
            changes.push(Change::PutSource { item: item.clone(), bytes });
            Ok(Fetched::Source)
        }
        Want::Head(item) => {
            let email = answer.item.clone().into_email().unwrap_or_default();
            // A server that hands out something else says nothing of what mail it is.
            let head = email.body.as_ref().filter(|body| body.kind == BodyType::Mime);
            let head = head.and_then(|body| body.data.as_ref());
            let head = head.ok_or_else(|| FetchFailure::Refused("no_head".to_owned()))?;
            let message_id = mail::Message::message_id_of(head);
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

/// The mail as it came, if all of it is there.
fn source(email: &Email) -> Option<Bytes> {
    let body = email.body.as_ref().filter(|body| body.kind == BodyType::Mime && !body.truncated)?;
    body.data.clone().filter(|data| !data.is_empty())
}

fn is_protected(source: &[u8]) -> bool {
    mail::Message::parse(source).is_some_and(|mail| mail.protection == mail::Protection::Smime)
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
        ItemOperationsStatus::Ok => FetchFailure::Unreachable("no_answer".to_owned()),
        ItemOperationsStatus::AccessDenied
        | ItemOperationsStatus::Common(_)
        | ItemOperationsStatus::PartlyDone
        | ItemOperationsStatus::ProtocolError
        | ItemOperationsStatus::RangeInvalid
        | ItemOperationsStatus::TooLarge => FetchFailure::Refused(code),
    }
}
