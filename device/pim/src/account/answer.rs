//! What follows from an answer, or from its absence.

use activesync::{
    messages::{FolderSyncAnswer, SettingsAnswer, SyncAnswer},
    query::Version,
    status::{FolderSyncStatus, SettingsStatus},
};
use time::{Duration, OffsetDateTime};

use super::{Account, Effects, Event, InFlight, Task, provision::Provisioned};
use crate::{
    Answer, Change, CollectionId, ErrandFailure, FetchFailure, OutboxId, Outcome, Ticket,
    TroubleKind,
    folders::{Carried, Moments, Upward},
    pace::{self, Expected, Trouble, WHILE_BROKEN, WHILE_OFFLINE},
    push::News,
    record::FIRST_KEY,
};

const MOST_TRIES: u32 = 3;
/// One to ask what the server speaks, and one for each version to step down.
const MOST_VERSION_TRIES: u32 = Version::ALL.len() as u32 + 1;
/// How often a server may send on to another before that is a circle.
const MOST_MOVES: u32 = 3;

impl Account {
    /// Handles the end of a request at `now`; `jitter` is a random number. An outcome that belongs to no request is ignored.
    pub fn handle(
        &mut self,
        ticket: Ticket,
        outcome: Outcome,
        now: OffsetDateTime,
        jitter: u16,
    ) -> Effects {
        let mut effects = Effects::default();
        let lane = if self.held.as_ref().is_some_and(|flight| flight.ticket == ticket) {
            &mut self.held
        } else {
            &mut self.command
        };
        let Some(flight) = lane.take_if(|flight| flight.ticket == ticket) else { return effects };
        self.jitter = jitter;
        let expected = match flight.task {
            Task::Attachment(_) => Expected::Anything,
            Task::AcknowledgeWipe
            | Task::Describe
            | Task::Errand(_)
            | Task::Fetch { .. }
            | Task::Folder { .. }
            | Task::Move { .. }
            | Task::Options
            | Task::Provision
            | Task::Push
            | Task::Send(_)
            | Task::Tree => Expected::Protocol,
        };
        let answer = pace::body(outcome, expected);
        if answer.as_ref().is_ok_and(|answer| answer.start_anew) && !self.starts_anew(&flight.task)
        {
            self.abilities.wanted = true;
            self.start_tree_anew();
        }
        let worth = flight.task.worth();
        let result = self.finish(flight, answer, now, &mut effects);
        match result {
            Ok(()) => self.pace.succeeded(worth, now),
            Err(trouble) => self.suffer(trouble, now, &mut effects),
        }
        self.look_up(now, &mut effects);
        for id in self.uploads.awaited() {
            self.folders.want(&id);
        }
        self.follow_originals(&mut effects);
        self.obey_limits(&mut effects.changes);
        effects
    }

    fn finish(
        &mut self,
        flight: InFlight,
        answer: Result<Answer, Trouble>,
        now: OffsetDateTime,
        effects: &mut Effects,
    ) -> Result<(), Trouble> {
        let elapsed = now - flight.since;
        match flight.task {
            Task::AcknowledgeWipe => self.confirmed_wipe(answer, now, effects),
            Task::Attachment(want) => self.got_attachment(want, answer, now, effects),
            Task::Describe => self.described(answer),
            Task::Errand(sent) => self.errand_ended(sent, answer, effects),
            Task::Fetch { wants, asked } => self.fetched(wants, asked, answer, now, effects),
            Task::Folder { id, sent } => self.synced(
                &id,
                &sent,
                answer,
                Moments { now, elapsed, jitter: self.jitter },
                effects,
            ),
            Task::Move { sent } => self.moved(&sent, answer, now, effects),
            Task::Options => self.told_abilities(answer, now, effects),
            Task::Provision => self.provisioned(answer, now, effects),
            Task::Push => self.pushed(answer, elapsed, now, effects),
            Task::Send(id) => self.sent(id, answer, now, effects),
            Task::Tree => self.told_tree(answer, now, effects),
        }
    }

    fn told_abilities(
        &mut self,
        answer: Result<Answer, Trouble>,
        now: OffsetDateTime,
        effects: &mut Effects,
    ) -> Result<(), Trouble> {
        let offered = match answer {
            Ok(answer) => answer.versions,
            // A server, or somebody before it, that does not let itself be asked.
            Err(Trouble::Unsupported | Trouble::BadRequest(_)) => None,
            Err(trouble) => return Err(trouble),
        };
        let speakable: Vec<_> = self.speakable().collect();
        let version = match &offered {
            Some(offered) => Version::best(offered, &speakable),
            None => self.record.version.filter(|version| speakable.contains(version)),
        };
        let is_told_none = offered.is_some() && version.is_none();
        if is_told_none || speakable.is_empty() {
            self.abilities.below = None;
            return Err(Trouble::Refused("version_not_supported".to_owned()));
        }
        self.abilities.wanted = false;
        self.record.version = version;
        self.record.asked_at = Some(now);
        effects.changes.push(Change::PutAccount(self.record.clone()));
        Ok(())
    }

    fn provisioned(
        &mut self,
        answer: Result<Answer, Trouble>,
        now: OffsetDateTime,
        effects: &mut Effects,
    ) -> Result<(), Trouble> {
        let answer = match answer {
            Ok(answer) => answer,
            Err(Trouble::Unsupported) => {
                self.provisioning.skip();
                self.record.provisioned = true;
                effects.changes.push(Change::PutAccount(self.record.clone()));
                return Ok(());
            }
            Err(trouble) => return Err(self.suspect_version(trouble)),
        };
        let before = (self.record.limits, self.record.demands.clone());
        let settled = self.provisioning.settle(&answer.body, &mut self.record)?;
        match settled {
            Provisioned::Done | Provisioned::Halfway => self.obey_policy(before, effects),
            Provisioned::Wipe(_) => {}
        }
        match settled {
            Provisioned::Halfway => {}
            Provisioned::Done => effects.changes.push(Change::PutAccount(self.record.clone())),
            Provisioned::Wipe(order) => self.obey_wipe(order, now, effects),
        }
        Ok(())
    }

    /// The server was told about the device. What it makes of that is its own affair: mail goes on without.
    fn described(&mut self, answer: Result<Answer, Trouble>) -> Result<(), Trouble> {
        let trouble = match answer.map(|answer| SettingsAnswer::decode(&answer.body)) {
            Ok(Ok(answer)) => match answer.status.settings() {
                SettingsStatus::Common(common) => Some(pace::common(answer.status, common)),
                SettingsStatus::AccessDenied
                | SettingsStatus::Ok
                | SettingsStatus::ProtocolError
                | SettingsStatus::ServerError
                | SettingsStatus::Undocumented(_) => None,
            },
            Ok(Err(_)) => None,
            Err(trouble) => Some(trouble),
        };
        match trouble {
            Some(
                trouble @ (Trouble::Busy(_)
                | Trouble::Cancelled
                | Trouble::Lost
                | Trouble::Moved(_)
                | Trouble::Noncompliant(_)
                | Trouble::Password(_)
                | Trouble::Provision
                | Trouble::Refused(_)
                | Trouble::Unsent(_)),
            ) => Err(trouble),
            Some(
                Trouble::AskOptions
                | Trouble::BadRequest(_)
                | Trouble::ServerError(_)
                | Trouble::StateLost
                | Trouble::Unsupported,
            )
            | None => {
                self.provisioning.described();
                Ok(())
            }
        }
    }

    /// Takes a request that is called bad for one in a version that the server does not speak, if that is likely.
    fn suspect_version(&self, trouble: Trouble) -> Trouble {
        let Trouble::BadRequest(code) = &trouble else { return trouble };
        let is_told = self.record.version.is_some() && self.abilities.tries > 0;
        if is_told || !matches!(code.as_str(), "http_400" | "status_101") {
            return trouble;
        }
        Trouble::AskOptions
    }

    fn told_tree(
        &mut self,
        answer: Result<Answer, Trouble>,
        now: OffsetDateTime,
        effects: &mut Effects,
    ) -> Result<(), Trouble> {
        let answer = answer.map_err(|trouble| self.suspect_version(trouble))?;
        let answer = FolderSyncAnswer::decode(&answer.body).map_err(|_| unreadable())?;
        let whole = self.record.tree_key == FIRST_KEY;
        match answer.status.folder_sync() {
            FolderSyncStatus::Ok => {}
            FolderSyncStatus::KeyInvalid if !whole => {
                self.start_tree_anew();
                return Ok(());
            }
            FolderSyncStatus::Common(common) => {
                return Err(self.suspect_version(pace::common(answer.status, common)));
            }
            FolderSyncStatus::KeyInvalid
            | FolderSyncStatus::ProtocolError
            | FolderSyncStatus::ServerError
            | FolderSyncStatus::Unknown
            | FolderSyncStatus::Undocumented(_) => {
                self.tree.failures += 1;
                if self.tree.failures >= MOST_TRIES {
                    self.start_tree_anew();
                }
                return Err(pace::undocumented(answer.status));
            }
        }
        self.tree.failures = 0;
        self.tree.wanted = false;
        if whole {
            self.folders.forgive();
        }
        let (changes, gone) = self.folders.take(&answer.changes, whole);
        effects.changes.extend(changes);
        effects.changes.extend(self.forget_folders(&gone));
        let saved = self.folders.take_saved();
        effects.changes.extend(self.forget_folders(&saved));
        if let Some(key) = answer.sync_key {
            self.record.tree_key = key;
        }
        // What was a guess has proved right.
        self.record.version = Some(self.version());
        self.settled(now, effects);
        effects.changes.push(Change::PutAccount(self.record.clone()));
        Ok(())
    }

    fn synced(
        &mut self,
        id: &CollectionId,
        sent: &Carried,
        answer: Result<Answer, Trouble>,
        moments: Moments,
        effects: &mut Effects,
    ) -> Result<(), Trouble> {
        let Some(folder) = self.folders.get_mut(id) else { return Ok(()) };
        let answer = match answer {
            Ok(answer) => SyncAnswer::decode(&answer.body).map_err(|_| unreadable()),
            Err(trouble) => Err(trouble),
        };
        let mut upward = Upward {
            mails: &mut self.uploads,
            entries: &mut self.entries,
            drafts: &mut self.drafts,
        };
        let settled = answer.and_then(|answer| folder.settle(answer, sent, &mut upward, moments));
        let settled = match settled {
            Ok(settled) => settled,
            Err(trouble) => {
                let changes = folder.suffer(&trouble, sent, &mut upward, moments);
                effects.changes.extend(changes);
                // How often in a row it may be the account's trouble; where it may be either's, the tree shows.
                let patience = match &trouble {
                    Trouble::BadRequest(_) => Some(0),
                    Trouble::AskOptions
                    | Trouble::Noncompliant(_)
                    | Trouble::Refused(_)
                    | Trouble::StateLost => Some(1),
                    Trouble::Provision => Some(MOST_TRIES),
                    Trouble::Busy(_)
                    | Trouble::Cancelled
                    | Trouble::Lost
                    | Trouble::Moved(_)
                    | Trouble::Password(_)
                    | Trouble::ServerError(_)
                    | Trouble::Unsent(_)
                    | Trouble::Unsupported => None,
                };
                let is_folders = patience.is_some_and(|patience| folder.failures() > patience);
                self.tree.wanted |= patience > Some(0);
                if is_folders && trouble == Trouble::Provision {
                    self.provisioning.begin_again();
                }
                return if is_folders { Ok(()) } else { Err(trouble) };
            }
        };
        let complete = settled.complete;
        effects.changes.extend(settled.changes);
        if complete {
            effects.changes.extend(self.uploads.completed(id));
        }
        if self.folders.sent() == Some(id) {
            let candidates = settled
                .added
                .iter()
                .filter_map(|(item, moment)| self.outbox.appeared(&item.item, *moment));
            effects.changes.extend(candidates.collect::<Vec<_>>());
            if complete {
                self.outbox.listed();
            }
        }
        self.fetches.later(settled.unfetched);
        self.done += settled.items;
        self.tree.wanted |= settled.tree_changed;
        if settled.items > 0 || !sent.is_empty() {
            self.push.found();
        }
        self.settled(moments.now, effects);
        Ok(())
    }

    fn sent(
        &mut self,
        id: OutboxId,
        answer: Result<Answer, Trouble>,
        now: OffsetDateTime,
        effects: &mut Effects,
    ) -> Result<(), Trouble> {
        let body = answer.as_ref().map(|answer| answer.body.as_slice()).map_err(Clone::clone);
        let (changes, trouble) = self.outbox.ended(id, body, now, self.jitter);
        effects.changes.extend(changes);
        if let Some(trouble) = trouble {
            self.tree.wanted |= self.outbox.is_turned_away();
            return Err(trouble);
        }
        if let Some(sent) = self.folders.sent().cloned() {
            self.folders.want(&sent);
        }
        self.provisioning.settled();
        Ok(())
    }

    fn pushed(
        &mut self,
        answer: Result<Answer, Trouble>,
        elapsed: Duration,
        now: OffsetDateTime,
        effects: &mut Effects,
    ) -> Result<(), Trouble> {
        let settled = answer.and_then(|answer| {
            self.push.settle(&answer.body, &mut self.record, elapsed, now, self.jitter)
        });
        let News { folders, anywhere, tree, learnt } = match settled {
            Ok(news) => news,
            // What becomes of push says nothing about the rest of the account.
            Err(Trouble::AskOptions | Trouble::BadRequest(_) | Trouble::Unsupported) => {
                self.push.give_up(now);
                return Err(Trouble::Cancelled);
            }
            Err(Trouble::Lost | Trouble::ServerError(_)) => {
                if self.push.cut(&mut self.record, elapsed, now, self.jitter) {
                    effects.changes.push(Change::PutAccount(self.record.clone()));
                }
                return Err(Trouble::Cancelled);
            }
            Err(trouble) => return Err(trouble),
        };
        folders.iter().for_each(|id| self.folders.want(id));
        if anywhere {
            self.folders.want_all();
        }
        self.tree.wanted |= tree;
        let quiet = folders.is_empty() && !anywhere && !tree;
        if quiet {
            self.note_success(now);
        } else {
            self.done = 0;
        }
        if quiet || learnt {
            effects.changes.push(Change::PutAccount(self.record.clone()));
        }
        Ok(())
    }

    /// Notes that the server is content, and when everything is up to date.
    pub(super) fn settled(&mut self, now: OffsetDateTime, effects: &mut Effects) {
        self.provisioning.settled();
        self.outbox.account_is_served();
        self.abilities.tries = 0;
        self.moves = 0;
        if self.is_up_to_date(now) {
            self.note_success(now);
            effects.changes.push(Change::PutAccount(self.record.clone()));
            if self.held.is_some() && self.push.is_stale(&self.watched()) {
                effects.events.push(Event::StopPush);
            }
        }
    }

    /// Everything is up to date, if no folder is left out because it fails.
    fn note_success(&mut self, now: OffsetDateTime) {
        if self.folders.failing().is_none() {
            self.record.last_success = Some(now);
        }
    }

    /// Moves the search for mails of unknown fate on.
    fn look_up(&mut self, now: OffsetDateTime, effects: &mut Effects) {
        let has_sent_folder = self.folders.sent().is_some();
        effects.changes.extend(self.outbox.end_looks(has_sent_folder, now, self.jitter));
    }

    fn suffer(&mut self, trouble: Trouble, now: OffsetDateTime, effects: &mut Effects) {
        let jitter = self.jitter;
        match trouble {
            Trouble::AskOptions => {
                self.abilities.wanted = true;
                self.abilities.tries += 1;
                if self.abilities.tries > 1 {
                    self.abilities.below = Some(self.version());
                }
                if self.abilities.tries > MOST_VERSION_TRIES {
                    self.pace.failed(
                        TroubleKind::Error,
                        "version_not_supported",
                        WHILE_BROKEN,
                        now,
                        jitter,
                    );
                }
            }
            Trouble::BadRequest(code) | Trouble::ServerError(code) => {
                self.pace.failed(TroubleKind::Error, &code, WHILE_BROKEN, now, jitter);
            }
            Trouble::Busy(until) => {
                self.pace.failed(TroubleKind::Error, "server_busy", WHILE_BROKEN, now, jitter);
                self.pace.server_rests(until, now);
            }
            Trouble::Cancelled => {}
            Trouble::Noncompliant(code) => {
                self.provisioning.begin_again();
                self.pace.refused(&code, now);
            }
            Trouble::Lost => self.pace.failed(
                TroubleKind::Offline,
                "connection_lost",
                WHILE_OFFLINE,
                now,
                jitter,
            ),
            Trouble::Moved(location) => self.mailbox_moved(location, now, effects),
            Trouble::Password(code) => self.pace.password(code),
            Trouble::Provision => {
                if !self.provisioning.demand() {
                    self.pace.failed(
                        TroubleKind::Error,
                        "provisioning_failed",
                        WHILE_BROKEN,
                        now,
                        jitter,
                    );
                }
            }
            Trouble::Refused(code) => self.pace.refused(&code, now),
            Trouble::StateLost => {
                self.start_tree_anew();
                self.pace.failed(TroubleKind::Error, "state_lost", WHILE_BROKEN, now, jitter);
            }
            Trouble::Unsent(code) => {
                self.pace.failed(TroubleKind::Offline, code, WHILE_OFFLINE, now, jitter)
            }
            Trouble::Unsupported => {
                self.pace.failed(TroubleKind::Error, "http_501", WHILE_BROKEN, now, jitter)
            }
        }
        if !self.pace.is_ready(now) {
            let code = self.pace.shown().map_or("offline", |(_, code)| code.as_str()).to_owned();
            for want in self.fetches.drain_asked() {
                let result = Err(FetchFailure::Unreachable(code.clone()));
                effects.events.push(Event::Fetched { want, result });
            }
            for errand in self.errands.drain() {
                let result = Err(ErrandFailure::Unreachable(code.clone()));
                effects.events.push(Event::ErrandEnded { errand, result });
            }
            if self.held.is_some()
                && self.pace.shown().is_some_and(|(kind, _)| *kind != TroubleKind::Error)
            {
                effects.events.push(Event::StopPush);
            }
        }
    }

    fn mailbox_moved(
        &mut self,
        location: Option<String>,
        now: OffsetDateTime,
        effects: &mut Effects,
    ) {
        self.abilities.wanted = true;
        self.moves += 1;
        match location.filter(|_| self.moves <= MOST_MOVES) {
            Some(location) => {
                if self.held.is_some() {
                    effects.events.push(Event::StopPush);
                }
                effects.events.push(Event::Moved(location));
            }
            None => {
                let code = if self.moves > MOST_MOVES { "moved_in_circles" } else { "moved" };
                self.pace.failed(TroubleKind::Error, code, WHILE_BROKEN, now, self.jitter);
            }
        }
    }

    fn starts_anew(&self, task: &Task) -> bool {
        // Some servers send the wish with each answer to the first request for the tree.
        matches!(task, Task::Tree) && self.record.tree_key == FIRST_KEY
            || matches!(task, Task::Options)
    }

    pub(super) fn start_tree_anew(&mut self) {
        FIRST_KEY.clone_into(&mut self.record.tree_key);
        self.tree.wanted = true;
    }
}

fn unreadable() -> Trouble {
    Trouble::ServerError("unreadable_answer".to_owned())
}
