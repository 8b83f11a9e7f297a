//! One folder: what to ask and what to make of the answer.

use activesync::{
    messages::{
        BodyPreference, BodyType, CollectionAnswer, Filter, MimeSupport, ServerCommand, SyncAnswer,
        SyncCollection, SyncOptions, SyncRequest,
    },
    status::{Status, SyncStatus},
};
use time::{Duration, OffsetDateTime};

use super::{FIRST_WINDOW, Folder, LARGEST_WINDOW, MOST_IDLE_ROUNDS};
use crate::{
    BodyState, Change, ItemRef, MailPatch, UploadRecord,
    pace::{self, Trouble},
    record::FIRST_KEY,
    uploads::{self, Uploads},
};

/// What each request for a folder asks alike.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SyncSettings {
    pub(crate) filter: Filter,
    pub(crate) html: bool,
    /// The most bytes of a text that the policy allows.
    pub(crate) text_limit: Option<u32>,
}

/// What became of an answer.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    pub(crate) changes: Vec<Change>,
    /// Mails whose text is not here, or not whole.
    pub(crate) unfetched: Vec<ItemRef>,
    /// Mails that appeared, with the moment the server names.
    pub(crate) added: Vec<(ItemRef, Option<OffsetDateTime>)>,
    /// Items the answer was about.
    pub(crate) items: u64,
    /// The folder tree has to be asked first.
    pub(crate) tree_changed: bool,
    /// The folder is up to date.
    pub(crate) complete: bool,
}

/// The longest text that comes with the list; longer ones are fetched one by one.
const TEXT_LIMIT: u32 = 64 * 1024;
const PREVIEW: u8 = 200;
const QUICK: Duration = Duration::seconds(2);
const SLOW: Duration = Duration::seconds(10);
const AFTER_PROTOCOL_ERROR: Duration = Duration::minutes(30);

impl Folder {
    /// Asks for the next part of the folder, and carries the user's changes up.
    ///
    /// With key 0 nothing can go up.
    pub(crate) fn request(&self, uploads: &[UploadRecord], settings: SyncSettings) -> SyncRequest {
        let first = self.record.key == FIRST_KEY;
        let collection = SyncCollection {
            sync_key: self.record.key.clone(),
            collection_id: self.record.id.0.clone(),
            get_changes: (!first).then_some(true),
            window_size: (!first).then_some(self.window),
            deletes_as_moves: uploads::deletes_as_moves(uploads),
            options: if first { Vec::new() } else { vec![options(settings)] },
            commands: uploads.iter().map(uploads::command).collect(),
            ..SyncCollection::default()
        };
        SyncRequest { collections: vec![collection], ..SyncRequest::default() }
    }

    /// Handles an answer to [`Folder::request`].
    pub(crate) fn settle(
        &mut self,
        answer: Option<SyncAnswer>,
        sent: &[UploadRecord],
        uploads: &mut Uploads,
        moments: Moments,
    ) -> Result<Settled, Trouble> {
        let Some(answer) = answer else { return Ok(self.nothing_new(sent, uploads, moments)) };
        if let Some(status) = answer.status.filter(|status| !status.is_ok()) {
            return self.failure(status, sent, uploads, moments);
        }
        let collection = answer
            .collections
            .into_iter()
            .find(|collection| collection.collection_id == self.record.id.0);
        match collection {
            None => Ok(self.nothing_new(sent, uploads, moments)),
            Some(collection) if !collection.status.is_ok() => {
                self.failure(collection.status, sent, uploads, moments)
            }
            Some(collection) => Ok(self.news(collection, sent, uploads, moments)),
        }
    }

    /// An empty answer: nothing changed. To key 0 there is no such answer; the server does not know the folder.
    fn nothing_new(
        &mut self,
        sent: &[UploadRecord],
        uploads: &mut Uploads,
        moments: Moments,
    ) -> Settled {
        if self.record.key == FIRST_KEY {
            let changes = self.failed(moments.now, moments.jitter);
            return Settled { changes, tree_changed: true, ..Settled::default() };
        }
        let mut settled = Settled { changes: uploads.settle(sent, &[]), ..Settled::default() };
        settled.complete = true;
        settled.changes.extend(self.complete());
        settled
    }

    fn news(
        &mut self,
        answer: CollectionAnswer,
        sent: &[UploadRecord],
        uploads: &mut Uploads,
        moments: Moments,
    ) -> Settled {
        let mut settled = Settled::default();
        let primes = self.record.key == FIRST_KEY;
        let moved = answer.sync_key.as_ref().is_some_and(|key| *key != self.record.key);
        if let Some(key) = answer.sync_key {
            self.record.key = key;
        }
        if primes {
            self.record.in_round = true;
            settled.changes.push(Change::BeginRound(self.record.id.clone()));
        }
        settled.changes.extend(uploads.settle(sent, &answer.responses));
        settled.items = u64::try_from(answer.commands.len()).unwrap_or_default();
        let useful =
            moved && (primes || !answer.commands.is_empty() || !answer.responses.is_empty());
        for command in answer.commands {
            self.take(command, uploads, moments.now, &mut settled);
        }
        self.failures = 0;
        self.paused_until = None;
        if !primes {
            self.adapt_window(moments.elapsed);
        }
        if answer.more_available || primes {
            self.wanted = true;
            self.idle_rounds = if useful { 0 } else { self.idle_rounds + 1 };
            if self.idle_rounds >= MOST_IDLE_ROUNDS {
                self.idle_rounds = 0;
                settled.changes.extend(self.failed(moments.now, moments.jitter));
            }
            settled.changes.push(Change::PutFolder(self.record.clone()));
        } else {
            settled.complete = true;
            settled.changes.extend(self.complete());
        }
        settled
    }

    /// Ends the round; what it did not bring is gone.
    fn complete(&mut self) -> Vec<Change> {
        self.wanted = false;
        self.failures = 0;
        self.idle_rounds = 0;
        self.paused_until = None;
        let ended = self.record.in_round.then(|| Change::EndRound(self.record.id.clone()));
        self.record.in_round = false;
        self.record.synced = true;
        ended.into_iter().chain([Change::PutFolder(self.record.clone())]).collect()
    }

    fn take(
        &self,
        command: ServerCommand,
        uploads: &mut Uploads,
        now: OffsetDateTime,
        settled: &mut Settled,
    ) {
        match command {
            ServerCommand::Add { server_id, item: properties, .. } => {
                let Some(mail) = properties.into_email() else { return };
                let item = uploads::item(&self.record.id, &server_id);
                let mut patch = MailPatch::of(&mail).with_all_marks();
                let arrived = uploads.appeared(&self.record.id, &server_id, &patch);
                settled.changes.extend(arrived);
                settled.changes.extend(uploads.overlay(&item, &mut patch));
                settled.added.push((item.clone(), patch.received));
                let mail = patch.into_mail(now);
                if mail.body.state == BodyState::Partial {
                    settled.unfetched.push(item.clone());
                }
                settled.changes.push(Change::PutMail { item, mail: Box::new(mail) });
            }
            ServerCommand::Change { server_id, item: properties } => {
                let Some(mail) = properties.into_email() else { return };
                let item = uploads::item(&self.record.id, &server_id);
                let mut patch = MailPatch::of(&mail);
                settled.changes.extend(uploads.overlay(&item, &mut patch));
                if patch.body.as_ref().is_some_and(|body| body.state == BodyState::Partial) {
                    settled.unfetched.push(item.clone());
                }
                settled.changes.push(Change::PatchMail { item, patch: Box::new(patch) });
            }
            ServerCommand::Delete { server_id } | ServerCommand::SoftDelete { server_id } => {
                let item = uploads::item(&self.record.id, &server_id);
                settled.changes.extend(uploads.gone(&item));
            }
        }
    }

    fn failure(
        &mut self,
        status: Status,
        sent: &[UploadRecord],
        uploads: &mut Uploads,
        moments: Moments,
    ) -> Result<Settled, Trouble> {
        let Moments { now, jitter, .. } = moments;
        let mut settled = Settled::default();
        match status.sync() {
            SyncStatus::KeyInvalid => settled.changes = self.reset(now),
            SyncStatus::FoldersChanged | SyncStatus::NotFound => {
                settled.tree_changed = true;
                settled.changes = self.failed(now, jitter);
            }
            SyncStatus::CannotComplete
            | SyncStatus::Conflict
            | SyncStatus::Incomplete
            | SyncStatus::IntervalOutOfRange
            | SyncStatus::Ok
            | SyncStatus::Retry
            | SyncStatus::ServerError
            | SyncStatus::TooManyCollections => settled.changes = self.failed(now, jitter),
            SyncStatus::ItemMalformed | SyncStatus::ProtocolError => {
                // One of the user's changes may be what the server cannot read; the folder must not stay stuck on it.
                settled.changes = uploads.unreadable(sent, status);
                self.pause_until(if sent.is_empty() { now + AFTER_PROTOCOL_ERROR } else { now });
            }
            SyncStatus::Common(common) => return Err(pace::common(status, common)),
            SyncStatus::Undocumented(_) => return Err(pace::undocumented(status)),
        }
        Ok(settled)
    }

    fn adapt_window(&mut self, elapsed: Duration) {
        if elapsed < QUICK {
            self.window = (self.window * 2).min(LARGEST_WINDOW);
        } else if elapsed > SLOW {
            self.window = (self.window / 2).max(FIRST_WINDOW);
        }
    }
}

/// When an answer came, and chance.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moments {
    pub(crate) now: OffsetDateTime,
    pub(crate) elapsed: Duration,
    pub(crate) jitter: u16,
}

fn options(settings: SyncSettings) -> SyncOptions {
    SyncOptions {
        filter: Some(settings.filter),
        body_preferences: body_preferences(
            settings.html,
            Some(settings.text_limit.map_or(TEXT_LIMIT, |limit| limit.min(TEXT_LIMIT))),
            Some(PREVIEW),
        ),
        mime_support: Some(MimeSupport::Never),
        ..SyncOptions::default()
    }
}

/// Asks for the text in the form the author wrote it; one server takes the last form named, so the richer one stands last.
pub(crate) fn body_preferences(
    html: bool,
    limit: Option<u32>,
    preview: Option<u8>,
) -> Vec<BodyPreference> {
    let preference =
        |kind| BodyPreference { kind, truncation_size: limit, all_or_none: false, preview };
    let kinds: &[BodyType] =
        if html { &[BodyType::Text, BodyType::Html] } else { &[BodyType::Text] };
    kinds.iter().copied().map(preference).collect()
}
