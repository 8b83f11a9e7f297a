//! One folder: what to ask and what to make of the answer.

use activesync::{
    messages::{
        BodyPreference, BodyType, Class, ClientCommand, CollectionAnswer, CommandResult, Filter,
        MimeSupport, ServerCommand, SyncAnswer, SyncCollection, SyncOptions, SyncRequest,
    },
    status::{Status, SyncStatus},
};
use time::{Duration, OffsetDateTime};

use super::{FIRST_WINDOW, Folder, LARGEST_WINDOW, MOST_CARRIED, MOST_IDLE_ROUNDS};
use crate::{
    BodyState, Change, CollectionId, DraftId, EntryId, ItemRef, MailPatch, UploadRecord,
    drafts::{Drafts, OutgoingDrafts},
    entries::{self, Entries, News},
    pace::{self, Trouble},
    record::FIRST_KEY,
    uploads::{self, Uploads},
};

/// What each request for a folder asks alike.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SyncSettings {
    /// How far back mail is wanted.
    pub(crate) filter: Filter,
    /// How far back events are wanted.
    pub(crate) events: Filter,
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
/// The longest pause of a folder over which connections break; longer than that of the account.
const AFTER_LOSS: Duration = Duration::minutes(3);
const AFTER_PROTOCOL_ERROR: Duration = Duration::minutes(30);
/// How long edits may go up without another look at what others changed.
const FRESH: Duration = Duration::seconds(5);

/// What went up with a request for a folder.
#[derive(Clone, Debug, Default)]
pub(crate) struct Carried {
    pub(crate) mails: Vec<UploadRecord>,
    pub(crate) entries: Vec<EntryId>,
    pub(crate) drafts: Vec<DraftId>,
}

/// What is on its way to the server.
#[derive(Debug)]
pub(crate) struct Upward<'a> {
    pub(crate) mails: &'a mut Uploads,
    pub(crate) entries: &'a mut Entries,
    pub(crate) drafts: &'a mut Drafts,
}

impl Carried {
    fn len(&self) -> usize {
        self.mails.len() + self.entries.len() + self.drafts.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.mails.is_empty() && self.entries.is_empty() && self.drafts.is_empty()
    }
}

impl Upward<'_> {
    fn settle(
        &mut self,
        folder: &CollectionId,
        sent: &Carried,
        results: &[CommandResult],
        moments: Moments,
    ) -> Vec<Change> {
        let mut changes = self.mails.settle(&sent.mails, results);
        let Moments { now, jitter, .. } = moments;
        changes.extend(self.entries.settle(&sent.entries, results, now, jitter));
        changes.extend(self.drafts.settle(folder, &sent.drafts, results, now, jitter));
        changes
    }

    /// Nobody knows whether the server took these.
    fn unanswered(&mut self, sent: &Carried) {
        self.entries.unanswered(&sent.entries);
        self.drafts.unanswered(&sent.drafts);
    }

    /// The server will never take these.
    fn refuse(&mut self, sent: &Carried, code: &str) -> Vec<Change> {
        let mut changes = self.mails.unreadable(&sent.mails, code);
        changes.extend(self.entries.refuse(&sent.entries, code));
        changes.extend(self.drafts.refuse(&sent.drafts, code));
        changes
    }

    /// The server failed over these: they are tried some more times.
    fn try_again(&mut self, sent: &Carried, code: &str, moments: Moments) -> Vec<Change> {
        let Moments { now, jitter, .. } = moments;
        let mut changes = self.mails.failed(&sent.mails, code);
        changes.extend(self.entries.failed(&sent.entries, code, now, jitter));
        changes.extend(self.drafts.failed(&sent.drafts, code, now, jitter));
        changes
    }
}

/// Why a request failed that carried something up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Blame {
    /// Something in it that the server cannot read.
    Content,
    /// Perhaps what was carried, perhaps something else.
    Unknown,
}

impl Folder {
    /// Asks for the next part of the folder, and carries the user's changes up.
    ///
    /// With key 0 nothing can go up.
    pub(crate) fn request(
        &self,
        mails: &[UploadRecord],
        edits: Vec<ClientCommand>,
        drafts: &OutgoingDrafts,
        settings: SyncSettings,
    ) -> SyncRequest {
        let first = self.record.key == FIRST_KEY;
        let collection = SyncCollection {
            sync_key: self.record.key.clone(),
            collection_id: self.record.id.0.clone(),
            get_changes: (!first).then_some(true),
            window_size: (!first).then_some(self.window),
            deletes_as_moves: drafts.deletes_as_moves.or_else(|| uploads::deletes_as_moves(mails)),
            options: if first { Vec::new() } else { vec![options(self.class(), settings)] },
            commands: mails
                .iter()
                .map(uploads::command)
                .chain(edits)
                .chain(drafts.commands.iter().cloned())
                .collect(),
            ..SyncCollection::default()
        };
        SyncRequest { collections: vec![collection], ..SyncRequest::default() }
    }

    /// Handles an answer to [`Folder::request`].
    pub(crate) fn settle(
        &mut self,
        answer: Option<SyncAnswer>,
        sent: &Carried,
        upward: &mut Upward<'_>,
        moments: Moments,
    ) -> Result<Settled, Trouble> {
        let Some(answer) = answer else { return Ok(self.nothing_new(sent, upward, moments)) };
        if let Some(status) = answer.status.filter(|status| !status.is_ok()) {
            return self.failure(status, sent, upward, moments);
        }
        let tells_of_others = !answer.collections.is_empty();
        let collection = answer
            .collections
            .into_iter()
            .find(|collection| collection.collection_id == self.record.id.0);
        match collection {
            None if tells_of_others => Ok(self.stray(sent, upward, moments)),
            None => Ok(self.nothing_new(sent, upward, moments)),
            Some(collection) if !collection.status.is_ok() => {
                self.failure(collection.status, sent, upward, moments)
            }
            Some(collection) => Ok(self.news(collection, sent, upward, moments)),
        }
    }

    /// An empty answer: nothing changed. To key 0 there is no such answer; the server does not know the folder.
    fn nothing_new(
        &mut self,
        sent: &Carried,
        upward: &mut Upward<'_>,
        moments: Moments,
    ) -> Settled {
        if self.record.key == FIRST_KEY {
            let changes = self.broke("no_answer", moments.now, moments.jitter);
            return Settled { changes, tree_changed: true, ..Settled::default() };
        }
        let mut changes = upward.settle(&self.record.id, sent, &[], moments);
        changes.extend(self.went_well(sent, upward, moments));
        let mut settled = Settled { changes, ..Settled::default() };
        settled.complete = true;
        settled.changes.extend(self.complete(upward, moments.now));
        settled
    }

    /// An answer to another request confirms nothing. One without news about the folder itself does: SOGo takes changes and gives
    /// the same key again.
    fn stray(&mut self, sent: &Carried, upward: &mut Upward<'_>, moments: Moments) -> Settled {
        upward.unanswered(sent);
        let changes = self.broke("no_answer", moments.now, moments.jitter);
        Settled { changes, ..Settled::default() }
    }

    fn news(
        &mut self,
        answer: CollectionAnswer,
        sent: &Carried,
        upward: &mut Upward<'_>,
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
            upward.entries.round_begins(&self.record.id);
            if self.holds_drafts() {
                upward.drafts.round_begins(&self.record.id);
            }
        }
        let confirmed = upward.settle(&self.record.id, sent, &answer.responses, moments);
        settled.changes.extend(confirmed);
        settled.items = u64::try_from(answer.commands.len()).unwrap_or_default();
        let useful =
            moved && (primes || !answer.commands.is_empty() || !answer.responses.is_empty());
        for command in answer.commands {
            match self.class() {
                Class::Email => self.take(command, upward, moments.now, &mut settled),
                class @ (Class::Calendar | Class::Contacts | Class::Notes | Class::Tasks) => {
                    settled.changes.extend(self.take_entry(command, class, upward.entries));
                }
            }
        }
        self.recovered();
        settled.changes.extend(self.went_well(sent, upward, moments));
        if !primes {
            self.adapt_window(moments.elapsed);
        }
        if answer.more_available || primes {
            self.wanted = true;
            self.idle_rounds = if useful { 0 } else { self.idle_rounds + 1 };
            if self.idle_rounds >= MOST_IDLE_ROUNDS {
                self.idle_rounds = 0;
                let changes = self.broke("no_progress", moments.now, moments.jitter);
                settled.changes.extend(changes);
            }
            settled.changes.push(Change::PutFolder(self.record.clone()));
        } else {
            settled.complete = true;
            settled.changes.extend(self.complete(upward, moments.now));
        }
        if upward.drafts.take_behind() {
            settled.complete = false;
            settled.changes.extend(self.begin_anew());
        }
        settled
    }

    /// Ends the round; what it did not bring is gone.
    fn complete(&mut self, upward: &mut Upward<'_>, now: OffsetDateTime) -> Vec<Change> {
        self.wanted = false;
        self.fresh_until = Some(now + FRESH);
        self.idle_rounds = 0;
        self.recovered();
        let mut changes = upward.entries.up_to_date(&self.record.id);
        if self.holds_drafts() {
            changes.extend(upward.drafts.up_to_date());
        }
        if self.record.in_round {
            changes.extend(upward.entries.round_ended(&self.record.id));
            changes.extend(upward.drafts.round_ended(&self.record.id));
            changes.push(Change::EndRound(self.record.id.clone()));
        }
        self.record.in_round = false;
        self.record.synced = true;
        changes.push(Change::PutFolder(self.record.clone()));
        changes
    }

    fn take(
        &self,
        command: ServerCommand,
        upward: &mut Upward<'_>,
        now: OffsetDateTime,
        settled: &mut Settled,
    ) {
        let Upward { mails: uploads, drafts, .. } = upward;
        match command {
            ServerCommand::Add { server_id, item: properties, .. } => {
                let Some(mail) = properties.into_email() else { return };
                let item = uploads::item(&self.record.id, &server_id);
                let mut patch = MailPatch::of(&mail).with_all_marks();
                let told = patch.clone();
                let arrived = uploads.appeared(&self.record.id, &server_id, &patch);
                settled.changes.extend(arrived);
                settled.changes.extend(uploads.overlay(&item, &mut patch));
                settled.added.push((item.clone(), patch.received));
                let mail = patch.into_mail(now);
                if mail.body.state == BodyState::Partial {
                    settled.unfetched.push(item.clone());
                }
                let put = Change::PutMail { item: item.clone(), mail: Box::new(mail) };
                settled.changes.push(put);
                if self.holds_drafts() {
                    settled.changes.extend(drafts.arrived(&item, &told, true));
                }
            }
            ServerCommand::Change { server_id, item: properties } => {
                let Some(mail) = properties.into_email() else { return };
                let item = uploads::item(&self.record.id, &server_id);
                let mut patch = MailPatch::of(&mail);
                settled.changes.extend(uploads.overlay(&item, &mut patch));
                if patch.body.as_ref().is_some_and(|body| body.state == BodyState::Partial) {
                    settled.unfetched.push(item.clone());
                }
                let told = patch.clone();
                let patch = Change::PatchMail { item: item.clone(), patch: Box::new(patch) };
                settled.changes.push(patch);
                if self.holds_drafts() {
                    settled.changes.extend(drafts.arrived(&item, &told, false));
                }
            }
            ServerCommand::Delete { server_id } | ServerCommand::SoftDelete { server_id } => {
                let item = uploads::item(&self.record.id, &server_id);
                settled.changes.extend(drafts.gone(&item));
                settled.changes.extend(uploads.gone(&item));
            }
        }
    }

    fn take_entry(
        &self,
        command: ServerCommand,
        class: Class,
        entries: &mut Entries,
    ) -> Vec<Change> {
        let of = |server_id: &str| uploads::item(&self.record.id, server_id);
        match command {
            ServerCommand::Add { server_id, item: entry, .. } => {
                let item = of(&server_id);
                entries::news(entries, class, News::Put { item, entry, is_new: true })
            }
            ServerCommand::Change { server_id, item: entry } => {
                let item = of(&server_id);
                entries::news(entries, class, News::Put { item, entry, is_new: false })
            }
            ServerCommand::Delete { server_id } => {
                entries::news(entries, class, News::Gone(&of(&server_id)))
            }
            ServerCommand::SoftDelete { server_id } => {
                entries::news(entries, class, News::TooOld(&of(&server_id)))
            }
        }
    }

    fn failure(
        &mut self,
        status: Status,
        sent: &Carried,
        upward: &mut Upward<'_>,
        moments: Moments,
    ) -> Result<Settled, Trouble> {
        let Moments { now, jitter, .. } = moments;
        let code = format!("status_{}", status.0);
        let mut settled = Settled::default();
        match status.sync() {
            SyncStatus::KeyInvalid => {
                upward.unanswered(sent);
                settled.changes = self.reset(now);
            }
            SyncStatus::FoldersChanged | SyncStatus::NotFound => {
                upward.unanswered(sent);
                settled.tree_changed = true;
                settled.changes = self.broke(&code, now, jitter);
            }
            SyncStatus::ItemMalformed | SyncStatus::ProtocolError if !sent.is_empty() => {
                settled.changes = self.blame(Blame::Content, &code, sent, upward);
            }
            SyncStatus::ItemMalformed | SyncStatus::ProtocolError => {
                self.rest_until(now + AFTER_PROTOCOL_ERROR, &code);
            }
            SyncStatus::Incomplete
            | SyncStatus::IntervalOutOfRange
            | SyncStatus::Ok
            | SyncStatus::Retry
            | SyncStatus::ServerError
            | SyncStatus::TooManyCollections => {
                let trouble = Trouble::ServerError(code);
                settled.changes = self.suffer(&trouble, sent, upward, moments);
            }
            // The mailbox is full, say: its state is as good as any other.
            SyncStatus::CannotComplete | SyncStatus::Conflict => {
                let trouble = Trouble::BadRequest(code);
                settled.changes = self.suffer(&trouble, sent, upward, moments);
            }
            SyncStatus::Common(common) => return Err(pace::common(status, common)),
            SyncStatus::Undocumented(_) => return Err(pace::undocumented(status)),
        }
        Ok(settled)
    }

    /// Takes note of what went wrong with a request, so that neither this folder nor what went up with it keeps anything else waiting.
    pub(crate) fn suffer(
        &mut self,
        trouble: &Trouble,
        sent: &Carried,
        upward: &mut Upward<'_>,
        moments: Moments,
    ) -> Vec<Change> {
        let Moments { now, jitter, .. } = moments;
        // The server may take for delivered what did not arrive.
        self.wanted = true;
        let code = trouble.code();
        match trouble {
            Trouble::BadRequest(_) | Trouble::Unsupported => {
                self.failed(&code, pace::WHILE_BROKEN, now, jitter);
                self.blame(Blame::Unknown, &code, sent, upward)
            }
            Trouble::ServerError(_) if !sent.is_empty() => {
                self.failed(&code, pace::WHILE_BROKEN, now, jitter);
                self.blame(Blame::Unknown, &code, sent, upward)
            }
            Trouble::ServerError(_) | Trouble::StateLost => {
                upward.unanswered(sent);
                self.broke(&code, now, jitter)
            }
            Trouble::Busy(_) | Trouble::Lost => {
                upward.unanswered(sent);
                self.failed(&code, AFTER_LOSS, now, jitter);
                Vec::new()
            }
            Trouble::AskOptions
            | Trouble::Noncompliant(_)
            | Trouble::Provision
            | Trouble::Refused(_) => {
                upward.unanswered(sent);
                self.turned_away(&code, now, jitter);
                Vec::new()
            }
            Trouble::Cancelled | Trouble::Moved(_) | Trouble::Password(_) | Trouble::Unsent(_) => {
                upward.unanswered(sent);
                Vec::new()
            }
        }
    }

    /// Finds what a request failed for among what it carried: half of it goes up alone, until one is left. If that one is not known to be
    /// the reason, it has to be seen first that the folder can be asked without it.
    fn blame(
        &mut self,
        blame: Blame,
        code: &str,
        sent: &Carried,
        upward: &mut Upward<'_>,
    ) -> Vec<Change> {
        upward.unanswered(sent);
        match (sent.len(), blame) {
            (0, _) => Vec::new(),
            (1, Blame::Content) => upward.refuse(sent, code),
            (1, Blame::Unknown) => {
                self.suspect = Some((sent.clone(), code.to_owned()));
                Vec::new()
            }
            (carried, _) => {
                self.most_carried = carried / 2;
                Vec::new()
            }
        }
    }

    /// The folder can be asked: what went up alone with a request that failed is the reason for that.
    fn went_well(
        &mut self,
        sent: &Carried,
        upward: &mut Upward<'_>,
        moments: Moments,
    ) -> Vec<Change> {
        if !sent.is_empty() {
            self.most_carried = (self.most_carried * 2).min(MOST_CARRIED);
        }
        let Some((carried, code)) = self.suspect.take() else { return Vec::new() };
        upward.try_again(&carried, &code, moments)
    }

    fn adapt_window(&mut self, elapsed: Duration) {
        if elapsed < QUICK {
            self.window = (self.window * 2).min(LARGEST_WINDOW);
        } else if elapsed > SLOW {
            self.window = (self.window / 2).max(self.window.min(FIRST_WINDOW));
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

fn options(class: Class, settings: SyncSettings) -> SyncOptions {
    let filter = match class {
        Class::Calendar => settings.events,
        Class::Email => settings.filter,
        Class::Contacts | Class::Notes | Class::Tasks => Filter::All,
    };
    if class != Class::Email {
        // Texts of entries are edited here, so they come whole and plain.
        return SyncOptions {
            filter: Some(filter),
            body_preferences: body_preferences(false, None, None),
            ..SyncOptions::default()
        };
    }
    SyncOptions {
        filter: Some(filter),
        body_preferences: body_preferences(
            settings.html,
            Some(settings.text_limit.map_or(TEXT_LIMIT, |limit| limit.min(TEXT_LIMIT))),
            // The first words are a part of the text.
            (settings.text_limit != Some(0)).then_some(PREVIEW),
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
