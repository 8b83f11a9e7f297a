//! Mails as the server tells of them.

use crate::AccessError;
use crate::mail::change::run;
use crate::mail::column::{Moment, Written};
use crate::mail::wanted::{StoredDetails, WrittenTexts};
use crate::mail::{FolderId, MailStore, attachments, drafts, search, sources};
use ::mail::Mailbox;
use activesync::messages::{Class, Email, FlagState, Importance, Item, MeetingRequest};
use pim::{
    AttachmentRecord, Body, BodyState, CollectionId, FollowUp, ItemRef, Mail, MailPatch, ServerId,
    Text, Thread,
};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};
use time::{Date, OffsetDateTime};

/// Identifies a mail in this container; a mail keeps it for as long as the server calls the mail the same.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct MessageId(pub i64);

impl MailStore<'_> {
    /// Returns what the server calls a mail, or `None` if there is no such mail.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn item(&self, message: MessageId) -> Result<Option<ItemRef>, AccessError> {
        let database = self.0.database()?;
        let item = database
            .prepare_cached(
                "SELECT folder.server_id, message.server_id FROM message JOIN folder ON folder.id = message.folder
                 WHERE message.id = ?1",
            )?
            .query_row([message.0], |row| {
                Ok(ItemRef { collection: CollectionId(row.get(0)?), item: ServerId(row.get(1)?) })
            })
            .optional()?;
        Ok(item)
    }

    /// Returns the mail that the server calls so, or `None` if it is not here.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn find(&self, item: &ItemRef) -> Result<Option<MessageId>, AccessError> {
        Ok(find(&*self.0.database()?, item)?)
    }

    /// Returns the one mail in a folder that was received at this moment with this subject, or `None` if there is none or several.
    ///
    /// # Errors
    ///
    /// [`AccessError::Locked`] if the container was locked meanwhile.
    pub fn alike(
        &self,
        folder: FolderId,
        received: OffsetDateTime,
        subject: &str,
    ) -> Result<Option<MessageId>, AccessError> {
        let database = self.0.database()?;
        let (count, id) = database
            .prepare_cached(
                "SELECT count(*), min(id) FROM message WHERE folder = ?1 AND received = ?2 AND subject = ?3",
            )?
            .query_row(params![folder.0, Moment(received), subject], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?))
            })?;
        Ok(id.filter(|_| count == 1).map(MessageId))
    }
}

/// Adds or replaces a mail.
pub(super) fn put(connection: &Connection, item: &ItemRef, mail: &Mail) -> rusqlite::Result<()> {
    match find(connection, item)? {
        Some(id) => update(connection, id, &Told::everything(mail)),
        None => insert(connection, item, mail),
    }
}

/// Changes a mail, or adds it if the patch tells what it is.
pub(super) fn patch(
    connection: &Connection,
    item: &ItemRef,
    patch: &MailPatch,
    now: OffsetDateTime,
) -> rusqlite::Result<()> {
    match find(connection, item)? {
        Some(id) => update(connection, id, &Told::some(patch)),
        None if patch.tells_all() => insert(connection, item, &patch.clone().into_mail(now)),
        None => Ok(()),
    }
}

/// Replaces the text of a mail.
pub(super) fn put_body(
    connection: &Connection,
    item: &ItemRef,
    body: &Body,
    attachments: Option<&[AttachmentRecord]>,
) -> rusqlite::Result<()> {
    let told = Told { body: Some(body), attachments, ..Told::default() };
    find(connection, item)?.map_or(Ok(()), |id| update(connection, id, &told))
}

/// What is to be written of a mail that is here; what is absent stays.
#[derive(Default)]
struct Told<'a> {
    from: Option<&'a Mailbox>,
    to: Option<&'a [Mailbox]>,
    cc: Option<&'a [Mailbox]>,
    bcc: Option<&'a [Mailbox]>,
    reply_to: Option<&'a [Mailbox]>,
    subject: Option<&'a str>,
    received: Option<OffsetDateTime>,
    read: Option<bool>,
    flag: Option<&'a FollowUp>,
    categories: Option<&'a [String]>,
    importance: Option<Importance>,
    class: Option<&'a str>,
    thread: Option<&'a Thread>,
    body: Option<&'a Body>,
    attachments: Option<&'a [AttachmentRecord]>,
    meeting: Option<&'a MeetingRequest>,
    in_round: bool,
}

impl<'a> Told<'a> {
    fn everything(mail: &'a Mail) -> Self {
        Self {
            from: Some(&mail.from),
            to: Some(&mail.to),
            cc: Some(&mail.cc),
            bcc: Some(&mail.bcc),
            reply_to: Some(&mail.reply_to),
            subject: Some(&mail.subject),
            received: Some(mail.received),
            read: Some(mail.read),
            flag: Some(&mail.flag),
            categories: Some(&mail.categories),
            importance: Some(mail.importance),
            class: Some(&mail.class),
            thread: Some(&mail.thread),
            body: Some(&mail.body),
            attachments: Some(&mail.attachments),
            meeting: mail.meeting.as_deref(),
            in_round: true,
        }
    }

    fn some(patch: &'a MailPatch) -> Self {
        Self {
            from: patch.from.as_ref(),
            to: patch.to.as_deref(),
            cc: patch.cc.as_deref(),
            bcc: patch.bcc.as_deref(),
            reply_to: patch.reply_to.as_deref(),
            subject: patch.subject.as_deref(),
            received: patch.received,
            read: patch.read,
            flag: patch.flag.as_ref(),
            categories: patch.categories.as_deref(),
            importance: patch.importance,
            class: patch.class.as_deref(),
            thread: patch.thread.as_ref(),
            body: patch.body.as_ref(),
            attachments: patch.attachments.as_deref(),
            meeting: patch.meeting.as_deref(),
            in_round: false,
        }
    }

    /// Tells whether the mail may be found by other words than before.
    fn changes_words(&self) -> bool {
        self.from.is_some()
            || self.to.is_some()
            || self.cc.is_some()
            || self.bcc.is_some()
            || self.subject.is_some()
            || self.body.is_some()
            || self.attachments.is_some()
    }
}

/// Finds the mail that the server calls so.
pub(super) fn find(connection: &Connection, item: &ItemRef) -> rusqlite::Result<Option<MessageId>> {
    connection
        .prepare_cached(
            "SELECT id FROM message
             WHERE server_id = ?2 AND folder = (SELECT id FROM folder WHERE server_id = ?1)",
        )?
        .query_row([&item.collection.0, &item.item.0], |row| row.get(0).map(MessageId))
        .optional()
}

fn insert(connection: &Connection, item: &ItemRef, mail: &Mail) -> rusqlite::Result<()> {
    let added = connection
        .prepare_cached(
            "INSERT INTO message (folder, shown, round, server_id, from_name, from_address, to_people, cc_people,
                 bcc_people, reply_to_people, subject, received, read, flagged, importance, class, body_state, preview,
                 flag_done, flag_due, flag_completed, categories, conversation, conversation_index, topic, meeting, flag_details)
             SELECT id, id, round, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,
                 ?20, ?21, ?22, ?23, ?24, ?25
             FROM folder WHERE server_id = ?1",
        )?
        .execute(params![
            item.collection.0,
            item.item.0,
            mail.from.name,
            mail.from.address,
            Written(&mail.to),
            Written(&mail.cc),
            Written(&mail.bcc),
            Written(&mail.reply_to),
            mail.subject,
            Moment(mail.received),
            mail.read,
            mail.flag.is_active(),
            mail.importance as u8,
            mail.class,
            state_code(mail.body.state),
            mail.body.preview,
            mail.flag.state == FlagState::Done,
            mail.flag.due.map(Date::to_julian_day),
            mail.flag.completed.map(Moment),
            WrittenTexts(&mail.categories),
            mail.thread.conversation.as_deref(),
            mail.thread.index.as_deref(),
            mail.thread.topic,
            mail.meeting.as_deref().map(meeting_document),
            StoredDetails::of(&mail.flag.details),
        ])?;
    if added == 0 {
        return Ok(());
    }
    let id = MessageId(connection.last_insert_rowid());
    put_text(connection, id, &mail.body.text)?;
    attachments::put(connection, id, &mail.attachments)?;
    search::outdated(connection, id)
}

fn update(connection: &Connection, id: MessageId, told: &Told<'_>) -> rusqlite::Result<()> {
    run(
        connection,
        "UPDATE message SET
             from_name = coalesce(?2, from_name), from_address = coalesce(?3, from_address),
             to_people = coalesce(?4, to_people), cc_people = coalesce(?5, cc_people),
             bcc_people = coalesce(?6, bcc_people), reply_to_people = coalesce(?7, reply_to_people),
             subject = coalesce(?8, subject), received = coalesce(?9, received), read = coalesce(?10, read),
             flagged = coalesce(?11, flagged), importance = coalesce(?12, importance),
             class = coalesce(?13, class), body_state = coalesce(?14, body_state),
             preview = coalesce(?15, preview),
             round = CASE WHEN ?16 THEN (SELECT round FROM folder WHERE id = message.folder) ELSE round END,
             flag_done = coalesce(?17, flag_done), flag_due = CASE WHEN ?18 THEN ?19 ELSE flag_due END,
             flag_completed = CASE WHEN ?18 THEN ?20 ELSE flag_completed END,
             flag_details = CASE WHEN ?18 THEN ?27 ELSE flag_details END,
             categories = coalesce(?21, categories),
             conversation = CASE WHEN ?22 THEN ?23 ELSE conversation END,
             conversation_index = CASE WHEN ?22 THEN ?24 ELSE conversation_index END, topic = coalesce(?25, topic),
             meeting = coalesce(?26, meeting)
         WHERE id = ?1",
        params![
            id.0,
            told.from.map(|from| &from.name),
            told.from.map(|from| &from.address),
            told.to.map(Written),
            told.cc.map(Written),
            told.bcc.map(Written),
            told.reply_to.map(Written),
            told.subject,
            told.received.map(Moment),
            told.read,
            told.flag.map(|flag| flag.is_active()),
            told.importance.map(|importance| importance as u8),
            told.class,
            told.body.map(|body| state_code(body.state)),
            told.body.map(|body| &body.preview),
            told.in_round,
            told.flag.map(|flag| flag.state == FlagState::Done),
            told.flag.is_some(),
            told.flag.and_then(|flag| flag.due).map(Date::to_julian_day),
            told.flag.and_then(|flag| flag.completed).map(Moment),
            told.categories.map(WrittenTexts),
            told.thread.is_some(),
            told.thread.and_then(|thread| thread.conversation.as_deref()),
            told.thread.and_then(|thread| thread.index.as_deref()),
            told.thread.map(|thread| &thread.topic),
            told.meeting.map(meeting_document),
            told.flag.and_then(|flag| StoredDetails::of(&flag.details)),
        ],
    )?;
    if let Some(body) = told.body {
        put_text(connection, id, &body.text)?;
        sources::settle(connection, id)?;
    }
    if let Some(list) = told.attachments {
        attachments::retain(connection, id, list)?;
        attachments::put(connection, id, list)?;
    }
    if !told.changes_words() && told.importance.is_none() {
        return Ok(());
    }
    drafts::follow(connection, id)?;
    search::outdated(connection, id)
}

fn put_text(connection: &Connection, id: MessageId, text: &Text) -> rusqlite::Result<()> {
    let (html, content) = match text {
        Text::Html(content) => (true, content),
        Text::None => return run(connection, "DELETE FROM body WHERE message = ?1", [id.0]),
        Text::Plain(content) => (false, content),
    };
    run(
        connection,
        "INSERT INTO body (message, html, content) VALUES (?1, ?2, ?3)
         ON CONFLICT (message) DO UPDATE SET html = excluded.html, content = excluded.content",
        params![id.0, html, content],
    )
}

/// Writes the meeting that a mail is about.
fn meeting_document(meeting: &MeetingRequest) -> Vec<u8> {
    let meeting_request = Some(Box::new(meeting.clone()));
    Item::from(Email { meeting_request, ..Email::default() }).to_document()
}

/// Reads what [`meeting_document`] wrote.
pub(super) fn meeting(
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<Option<Box<MeetingRequest>>> {
    let Some(document) = row.get_ref(column)?.as_blob_or_null()? else { return Ok(None) };
    let item = Item::from_document(Class::Email, document).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Blob, Box::new(error))
    })?;
    Ok(item.into_email().and_then(|email| email.meeting_request))
}

/// The number that stands for the state; the index of what is to be fetched names that of [`BodyState::Partial`].
fn state_code(state: BodyState) -> u8 {
    match state {
        BodyState::Absent => 0,
        BodyState::Partial => 1,
        BodyState::Whole => 2,
    }
}

/// Reads what [`state_code`] wrote.
pub(super) fn state_from(code: u8) -> BodyState {
    match code {
        0 => BodyState::Absent,
        2 => BodyState::Whole,
        _ => BodyState::Partial,
    }
}

/// A place in the list of mails whose text is not here or not whole.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct UnfetchedPlace {
    received: i64,
    message: i64,
}

impl UnfetchedPlace {
    /// Before the newest.
    pub const START: Self = Self { received: i64::MAX, message: i64::MAX };
}

/// Returns mails after a place whose text is not here or not whole, the newest first, and the place after them.
pub(super) fn unfetched(
    connection: &Connection,
    after: UnfetchedPlace,
    most: u32,
) -> rusqlite::Result<(Vec<ItemRef>, UnfetchedPlace)> {
    let mut place = after;
    let items = connection
        .prepare_cached(
            "SELECT folder.server_id, message.server_id, message.received, message.id
             FROM message INDEXED BY message_unfetched JOIN folder ON folder.id = message.folder
             WHERE message.body_state = 1 AND (message.received, message.id) < (?1, ?2)
             ORDER BY message.received DESC, message.id DESC LIMIT ?3",
        )?
        .query_map(params![after.received, after.message, most], |row| {
            place = UnfetchedPlace { received: row.get(2)?, message: row.get(3)? };
            Ok(ItemRef { collection: CollectionId(row.get(0)?), item: ServerId(row.get(1)?) })
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok((items, place))
}
