//! What to ask next.

use activesync::{
    messages::{Class, FolderSyncRequest},
    query::{Command, Parameters, Version},
};
use time::{Duration, OffsetDateTime};

use super::{Account, Asked, InFlight, Task};
use crate::{
    Change, CollectionId, Composition, Content, Lane, Original, OutboxRecord, Request, Ticket,
    Verb, Want,
    drafts::OutgoingDrafts,
    entries::Outgoing,
    fetches,
    folders::{Carried, Folder},
    uploads,
};

/// What to speak to a server that does not say what it knows.
const USUAL: Version = Version::V14_1;

const PATIENCE: Duration = Duration::seconds(120);
const PATIENCE_WITH_FILES: Duration = Duration::minutes(15);
const AFTER_INTERVAL: Duration = Duration::minutes(1);
const LARGEST_ANSWER: usize = 64 * 1024 * 1024;
const LARGEST_SMALL_ANSWER: usize = 4 * 1024 * 1024;
const ABILITIES_LAST: Duration = Duration::days(1);

impl Account {
    /// Gives the next command to send, if there is one and none is under way.
    pub fn next_command(&mut self, now: OffsetDateTime) -> Option<Request> {
        if self.command.is_some() || self.wiped {
            return None;
        }
        if self.provisioning.wipe_ordered() {
            let is_ready = self.pace.is_ready(now);
            return is_ready.then(|| self.provision_request(Task::AcknowledgeWipe, now));
        }
        if !self.pace.is_ready(now) {
            return None;
        }
        self.housekeeping(now)
            .or_else(|| self.errand(now))
            .or_else(|| self.wish(now))
            .or_else(|| self.outgoing(now))
            .or_else(|| self.upload(now))
            .or_else(|| self.look_at_draft(now))
            .or_else(|| self.folder(now))
            .or_else(|| self.background(now))
    }

    /// Gives the request that waits for news, if everything else is done and none is held.
    ///
    /// `jitter` is a random number.
    pub fn next_push(&mut self, now: OffsetDateTime, jitter: u16) -> Option<Request> {
        let busy = self.held.is_some()
            || self.wiped
            || !self.pace.is_ready(now)
            || !self.push.is_ready(now);
        let unready = self.abilities.wanted
            || self.provisioning.is_wanted()
            || self.provisioning.is_undescribed(self.version())
            || !self.is_up_to_date(now);
        if busy || unready || self.push.is_unavailable(now) {
            return None;
        }
        let watched = self.watched();
        if watched.is_empty() {
            return None;
        }
        let class = |id: &CollectionId| self.folders.get(id).map_or(Class::Email, Folder::class);
        let watched = watched.into_iter().map(|id| (class(&id), id)).collect();
        let ping = self.push.request(watched, &self.record, now, jitter)?;
        let interval = Duration::seconds(self.record.heartbeat.into());
        let request = self.post(Command::Ping, Content::Wbxml(ping.encode()), Task::Push, now);
        Some(Request { patience: interval + AFTER_INTERVAL, lane: Lane::Push, ..request })
    }

    /// What everything else stands on.
    fn housekeeping(&mut self, now: OffsetDateTime) -> Option<Request> {
        let stale = self.record.asked_at.is_none_or(|moment| now - moment > ABILITIES_LAST);
        if stale {
            self.abilities.below = None;
        }
        if self.abilities.wanted || stale {
            return Some(self.request(Verb::Options, Content::Empty, Task::Options, now));
        }
        if self.provisioning.is_wanted() {
            return Some(self.provision_request(Task::Provision, now));
        }
        if self.provisioning.is_undescribed(self.version()) {
            let version = self.version();
            let settings = self.provisioning.describe(version, &self.preferences.device);
            return Some(self.post(
                Command::Settings,
                Content::Wbxml(settings.encode()),
                Task::Describe,
                now,
            ));
        }
        if self.tree.wanted {
            let tree = FolderSyncRequest { sync_key: self.record.tree_key.clone() };
            return Some(self.post(
                Command::FolderSync,
                Content::Wbxml(tree.encode()),
                Task::Tree,
                now,
            ));
        }
        None
    }

    fn provision_request(&mut self, task: Task, now: OffsetDateTime) -> Request {
        let version = self.version();
        let (provision, policy_key) =
            self.provisioning.request(version, &self.preferences.device, &self.record);
        let verb =
            Verb::Command { command: Command::Provision, version, policy_key, multipart: false };
        self.request(verb, Content::Wbxml(provision.encode()), task, now)
    }

    fn wish(&mut self, now: OffsetDateTime) -> Option<Request> {
        let want = self.fetches.take_asked()?;
        Some(self.fetch_request(vec![want], Asked::User, now))
    }

    fn outgoing(&mut self, now: OffsetDateTime) -> Option<Request> {
        if let Some(record) = self.outbox.begin(now) {
            return Some(self.send_request(record, now));
        }
        let sent = self.folders.sent().cloned();
        if self.outbox.begin_looks(now)
            && let Some(sent) = &sent
        {
            self.folders.want(sent);
        }
        if let (Some(sent), true) = (&sent, self.outbox.waits_for_list()) {
            return self
                .folders
                .find(now, |id| id == sent)
                .cloned()
                .map(|id| self.folder_request(id, now));
        }
        let (sent, candidate) = (sent?, self.outbox.candidate()?);
        let head = Want::Head(uploads::item(&sent, &candidate.0));
        Some(self.fetch_request(vec![head], Asked::Search, now))
    }

    fn send_request(&mut self, record: OutboxRecord, now: OffsetDateTime) -> Request {
        let begun = Change::PutOutbox(record.clone());
        let OutboxRecord { id, client_id, original, .. } = record;
        let original = original.and_then(|Original { item, forward }| {
            let composition = if forward { Composition::Forward } else { Composition::Answer };
            item.map(|item| (item, composition))
        });
        let command = match original {
            None => Command::SendMail,
            Some((_, Composition::Answer)) => Command::SmartReply,
            Some((_, Composition::Forward)) => Command::SmartForward,
        };
        let (content, parameters) = if self.version() < Version::V14_0 {
            let item = original.map(|(item, _)| (item.collection.0, item.item.0)).unzip();
            let parameters = Parameters {
                collection_id: item.0,
                item_id: item.1,
                save_in_sent: true,
                ..Parameters::default()
            };
            (Content::Mime(id), parameters)
        } else {
            (Content::Mail { mail: id, client_id, original }, Parameters::default())
        };
        let request = self.post(command, content, Task::Send(id), now);
        Request {
            parameters,
            store_first: vec![begun],
            patience: PATIENCE_WITH_FILES,
            largest_answer: LARGEST_SMALL_ANSWER,
            ..request
        }
    }

    fn upload(&mut self, now: OffsetDateTime) -> Option<Request> {
        if let Some(id) = self.changed_folder(now).cloned() {
            return Some(self.folder_request(id, now));
        }
        let id = self.left_folder(now).cloned()?;
        let (sent, begun) = self.uploads.begin_moves(&id);
        let content = Content::Wbxml(uploads::request(&sent).encode());
        let request = self.post(Command::MoveItems, content, Task::Move { sent }, now);
        Some(Request { store_first: begun, ..request })
    }

    fn folder(&mut self, now: OffsetDateTime) -> Option<Request> {
        if self.push.polls(now) {
            self.folders.want_all();
        }
        let id = self.folders.next(now).cloned()?;
        Some(self.folder_request(id, now))
    }

    /// Names a folder with changes that may go up now.
    fn changed_folder(&self, now: OffsetDateTime) -> Option<&CollectionId> {
        let (mails, entries, held) = (&self.uploads, &self.entries, self.held_folder());
        let drafts = self.drafts_folder().filter(|_| self.drafts.wait(now));
        self.folders.find(now, |id| {
            held != Some(id)
                && (mails.waits_in(id) || entries.waits_in(id, now) || drafts == Some(id))
        })
    }

    /// Names a folder out of which mails are to be moved now.
    fn left_folder(&self, now: OffsetDateTime) -> Option<&CollectionId> {
        let (mails, held) = (&self.uploads, self.held_folder());
        self.folders.find(now, |id| held != Some(id) && mails.moves_from(id))
    }

    /// Says whether the server has every change that may go up now.
    pub(super) fn is_told_everything(&self, now: OffsetDateTime) -> bool {
        self.changed_folder(now).is_none()
            && self.left_folder(now).is_none()
            && self.draft_to_look_at(now).is_none()
    }

    /// Names the folder of sent mails while one of unknown fate may be among them: where it is looked for, nothing is taken away.
    fn held_folder(&self) -> Option<&CollectionId> {
        self.folders.sent().filter(|_| self.outbox.is_unsure())
    }

    fn folder_request(&mut self, id: CollectionId, now: OffsetDateTime) -> Request {
        let settings = self.sync_settings();
        let version = self.version();
        let folder = self.folders.get(&id);
        let takes_changes = folder.is_some_and(Folder::takes_changes);
        let takes = takes_changes && self.held_folder() != Some(&id);
        let most = folder.map_or(0, Folder::most_carried);
        let mut mails = if takes { self.uploads.of(&id) } else { Vec::new() };
        mails.truncate(most);
        let is_fresh = folder.is_some_and(|folder| folder.is_fresh(now));
        let edits = match is_fresh {
            true => self.entries.outgoing(&id, version, most.saturating_sub(mails.len()), now),
            false => Outgoing::default(),
        };
        let drafts = match is_fresh && self.drafts_folder() == Some(&id) {
            true => {
                let most = most.saturating_sub(mails.len() + edits.entries.len());
                self.drafts.outgoing(uploads::deletes_as_moves(&mails), most, now)
            }
            false => OutgoingDrafts::default(),
        };
        let folder = self.folders.get(&id);
        let class = folder.map(Folder::class);
        let mut sync = folder
            .map(|folder| folder.request(&mails, edits.commands, &drafts, settings))
            .unwrap_or_default();
        sync.prepare(version, |_| class);
        let carries_files = !drafts.drafts.is_empty();
        let (content, patience) = if carries_files {
            (Content::Sync(Box::new(sync)), PATIENCE_WITH_FILES)
        } else {
            (Content::Wbxml(sync.encode()), PATIENCE)
        };
        let sent = Carried { mails, entries: edits.entries, drafts: drafts.drafts };
        let store_first = edits.store_first.into_iter().chain(drafts.store_first).collect();
        let request = self.post(Command::Sync, content, Task::Folder { id, sent }, now);
        Request { store_first, patience, ..request }
    }

    fn background(&mut self, now: OffsetDateTime) -> Option<Request> {
        let (wants, tries) = self.fetches.take_background(now);
        (!wants.is_empty()).then(|| self.fetch_request(wants, Asked::Background(tries), now))
    }

    pub(super) fn fetch_request(
        &mut self,
        wants: Vec<Want>,
        asked: Asked,
        now: OffsetDateTime,
    ) -> Request {
        if self.fetches.is_unsupported()
            && self.version() < Version::V14_0
            && let [want] = wants.as_slice()
            && let Some(name) = want.attachment()
        {
            return self.get_attachment(name.to_owned(), want.clone(), now);
        }
        let content = Content::Wbxml(fetches::request(&wants, self.sync_settings()).encode());
        let multipart = wants.iter().any(|want| want.attachment().is_some());
        let verb = Verb::Command {
            command: Command::ItemOperations,
            version: self.version(),
            policy_key: Some(self.record.policy_key),
            multipart,
        };
        let request = self.request(verb, content, Task::Fetch { wants, asked }, now);
        let largest_answer = if multipart { self.largest_attachment() } else { LARGEST_ANSWER };
        Request { patience: PATIENCE_WITH_FILES, largest_answer, ..request }
    }

    /// Asks for an attachment alone, in the way that 14.0 gave up.
    fn get_attachment(&mut self, name: String, want: Want, now: OffsetDateTime) -> Request {
        let task = Task::Attachment(want);
        let request = self.post(Command::GetAttachment, Content::Empty, task, now);
        Request {
            parameters: Parameters { attachment_name: Some(name), ..Parameters::default() },
            patience: PATIENCE_WITH_FILES,
            largest_answer: self.largest_attachment(),
            ..request
        }
    }

    /// The most bytes of an answer that holds an attachment.
    fn largest_attachment(&self) -> usize {
        let limit = self
            .record
            .limits
            .largest_attachment
            .unwrap_or(u64::MAX)
            .min(self.preferences.largest_attachment);
        // Inline content is base64: four bytes for three, and line ends.
        let limit = usize::try_from(limit).unwrap_or(usize::MAX).saturating_mul(3) / 2;
        limit.saturating_add(LARGEST_SMALL_ANSWER)
    }

    pub(super) fn post(
        &mut self,
        command: Command,
        content: Content,
        task: Task,
        now: OffsetDateTime,
    ) -> Request {
        let policy_key = Some(self.record.policy_key);
        self.request(
            Verb::Command { command, version: self.version(), policy_key, multipart: false },
            content,
            task,
            now,
        )
    }

    fn request(
        &mut self,
        verb: Verb,
        content: Content,
        task: Task,
        now: OffsetDateTime,
    ) -> Request {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        let flight = InFlight { ticket, task, since: now };
        match flight.task {
            Task::Push => self.held = Some(flight),
            Task::AcknowledgeWipe
            | Task::Attachment(_)
            | Task::Describe
            | Task::Errand(_)
            | Task::Fetch { .. }
            | Task::Folder { .. }
            | Task::Move { .. }
            | Task::Options
            | Task::Provision
            | Task::Send(_)
            | Task::Tree => self.command = Some(flight),
        }
        Request {
            ticket,
            lane: Lane::Command,
            verb,
            parameters: Parameters::default(),
            content,
            patience: PATIENCE,
            largest_answer: LARGEST_ANSWER,
            store_first: Vec::new(),
        }
    }

    /// The version to speak.
    pub(super) fn version(&self) -> Version {
        let guess = || self.speakable().filter(|version| *version <= USUAL).max();
        self.record.version.or_else(guess).unwrap_or(USUAL)
    }

    /// The versions that may be spoken with this server.
    pub(super) fn speakable(&self) -> impl Iterator<Item = Version> {
        let (newest, below) = (self.preferences.newest_version, self.abilities.below);
        Version::ALL.into_iter().filter(move |version| {
            newest.is_none_or(|newest| *version <= newest)
                && below.is_none_or(|below| *version < below)
        })
    }
}
