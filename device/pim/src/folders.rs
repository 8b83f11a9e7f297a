//! The folder tree, and how far each folder is.

mod sync;
mod tree;

use std::collections::BTreeMap;

use activesync::messages::{Class, Folder as WireFolder, FolderChange, FolderKind};
use time::{Duration, OffsetDateTime};

pub(crate) use sync::{Carried, Moments, SyncSettings, Upward, body_preferences};

use crate::{Change, CollectionId, FolderRecord, pace, record::FIRST_KEY};

/// The folders whose items are kept here.
#[derive(Clone, Debug, Default)]
pub(crate) struct Folders {
    folders: BTreeMap<CollectionId, Folder>,
}

/// A folder at work.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    pub(crate) record: FolderRecord,
    /// The server has, or may have, something for it.
    pub(crate) wanted: bool,
    paused_until: Option<OffsetDateTime>,
    failures: u32,
    idle_rounds: u32,
    window: u32,
    /// Until when what is known of it is good enough for edits to go up.
    fresh_until: Option<OffsetDateTime>,
    /// Why it is not up to date, as a short stable code.
    trouble: Option<String>,
    /// The most changes that go up in one request: fewer after a request that failed as a whole.
    most_carried: usize,
    /// What went up alone with a request that failed, and the code: it stays here until the folder was asked without it.
    suspect: Option<(Carried, String)>,
    /// It is gone from the server, and holds words of the person's for which there is no other place.
    stranded: bool,
}

impl Folders {
    pub(crate) fn restore(records: Vec<FolderRecord>) -> Self {
        let folder = |record: FolderRecord| (record.id.clone(), Folder::new(record));
        Self { folders: records.into_iter().map(folder).collect() }
    }

    /// Starts the rounds anew that were cut short in some folders.
    pub(crate) fn begin_again(&mut self, which: impl Fn(&CollectionId) -> bool) {
        for folder in self.folders.values_mut() {
            if folder.record.in_round && which(&folder.record.id) {
                FIRST_KEY.clone_into(&mut folder.record.key);
            }
        }
    }

    /// Starts the folder of drafts anew.
    pub(crate) fn begin_drafts(&mut self) {
        let mut folders = self.folders.values_mut();
        if let Some(folder) = folders.find(|folder| folder.holds_drafts()) {
            FIRST_KEY.clone_into(&mut folder.record.key);
        }
    }

    pub(crate) fn get(&self, id: &CollectionId) -> Option<&Folder> {
        self.folders.get(id)
    }

    pub(crate) fn get_mut(&mut self, id: &CollectionId) -> Option<&mut Folder> {
        self.folders.get_mut(id)
    }

    pub(crate) fn want(&mut self, id: &CollectionId) {
        if let Some(folder) = self.folders.get_mut(id) {
            folder.wanted = true;
        }
    }

    pub(crate) fn want_class(&mut self, class: Class) {
        let folders = self.folders.values_mut();
        folders
            .filter(|folder| folder.record.kind.class() == Some(class))
            .for_each(|folder| folder.wanted = true);
    }

    pub(crate) fn want_all(&mut self) {
        self.folders.values_mut().for_each(|folder| folder.wanted = true);
    }

    /// The user asks: no pause of a folder holds.
    pub(crate) fn user_asks(&mut self) {
        for folder in self.folders.values_mut() {
            folder.wanted = !folder.stranded;
            folder.paused_until = None;
            folder.failures = 0;
        }
    }

    /// The server has started anew with this device, and may have lost the keys of the folders once more.
    pub(crate) fn forgive(&mut self) {
        for folder in self.folders.values_mut() {
            folder.record.reset_at = None;
            if folder.failures == 0 {
                folder.paused_until = None;
            }
        }
    }

    /// Names the folder whose turn it is.
    pub(crate) fn next(&self, now: OffsetDateTime) -> Option<&CollectionId> {
        let due = self.folders.values().filter(|folder| folder.wanted && folder.is_ready(now));
        due.min_by_key(|folder| (folder.rank(), &folder.record.id)).map(|folder| &folder.record.id)
    }

    /// Names a folder that may be asked now and satisfies a condition.
    pub(crate) fn find(
        &self,
        now: OffsetDateTime,
        wish: impl Fn(&CollectionId) -> bool,
    ) -> Option<&CollectionId> {
        self.folders
            .values()
            .filter(|folder| folder.is_ready(now))
            .map(|folder| &folder.record.id)
            .find(|id| wish(id))
    }

    /// Says whether everything that was wanted has been done, but for folders that have to pause.
    pub(crate) fn are_done(&self, now: OffsetDateTime) -> bool {
        self.next(now).is_none()
    }

    /// Says why the most important of the folders that fail is not up to date.
    pub(crate) fn failing(&self) -> Option<&str> {
        let failing = self.folders.values().filter(|folder| folder.trouble.is_some());
        let first = failing.min_by_key(|folder| (folder.rank(), &folder.record.id));
        first.and_then(|folder| folder.trouble.as_deref())
    }

    /// Says when the next folder's pause ends.
    pub(crate) fn wake_at(&self) -> Option<OffsetDateTime> {
        self.folders
            .values()
            .filter(|folder| folder.wanted)
            .filter_map(|folder| folder.paused_until)
            .min()
    }

    pub(crate) fn sent(&self) -> Option<&CollectionId> {
        let sent = |folder: &&Folder| folder.record.kind == FolderKind::Sent;
        self.folders.values().find(sent).map(|folder| &folder.record.id)
    }

    pub(crate) fn drafts(&self) -> Option<&CollectionId> {
        let mut folders = self.folders.values();
        folders.find(|folder| folder.holds_drafts()).map(|folder| &folder.record.id)
    }

    /// Names the person's own folder of a class, which a server always has.
    pub(crate) fn standard(&self, class: Class) -> Option<&CollectionId> {
        let standard = |folder: &&Folder| {
            matches!(
                (class, folder.record.kind),
                (Class::Calendar, FolderKind::Calendar)
                    | (Class::Contacts, FolderKind::Contacts)
                    | (Class::Email, FolderKind::Inbox)
                    | (Class::Notes, FolderKind::Notes)
                    | (Class::Tasks, FolderKind::Tasks)
            )
        };
        self.folders.values().find(standard).map(|folder| &folder.record.id)
    }

    /// Names a folder that takes in what was written in one that is gone.
    pub(crate) fn refuge(&self, class: Class) -> Option<&CollectionId> {
        let takes = |folder: &&Folder| {
            folder.record.kind.class() == Some(class)
                && folder.record.kind != FolderKind::RecipientCache
                && !folder.stranded
        };
        let any = || self.folders.values().find(takes).map(|folder| &folder.record.id);
        self.standard(class).or_else(any)
    }

    /// Keeps a folder that is gone from the server, for what nobody else has; it is not asked any more.
    pub(crate) fn strand(&mut self, record: FolderRecord) {
        let trouble = Some("folder_missing".to_owned());
        let id = record.id.clone();
        let folder = Folder { wanted: false, trouble, stranded: true, ..Folder::new(record) };
        self.folders.insert(id, folder);
    }

    /// Takes out the folders that are gone from the server and for whose words there is a place now.
    pub(crate) fn take_saved(&mut self) -> Vec<FolderRecord> {
        let has_refuge =
            |folder: &&Folder| folder.stranded && self.refuge(folder.class()).is_some();
        let saved: Vec<CollectionId> = self
            .folders
            .values()
            .filter(has_refuge)
            .map(|folder| folder.record.id.clone())
            .collect();
        let saved = saved.iter().filter_map(|id| self.folders.remove(id));
        saved.map(|folder| folder.record).collect()
    }

    /// Names the folders the server should watch, the most important first. News of those that fail is known, and nothing follows from
    /// it.
    pub(crate) fn watched(&self, most: usize) -> Vec<CollectionId> {
        let is_primed =
            |folder: &&Folder| folder.record.key != FIRST_KEY && folder.trouble.is_none();
        let mut primed: Vec<&Folder> = self.folders.values().filter(is_primed).collect();
        primed.sort_by_key(|folder| (folder.rank(), folder.record.id.clone()));
        primed.into_iter().take(most).map(|folder| folder.record.id.clone()).collect()
    }

    /// Takes over what the server says of the tree. With `whole` it says everything, and what it leaves out is gone.
    pub(crate) fn take(
        &mut self,
        changes: &[FolderChange],
        whole: bool,
    ) -> (Vec<Change>, Vec<FolderRecord>) {
        let mut stored = Vec::new();
        let mut gone: Vec<CollectionId> =
            if whole { self.unmentioned(changes) } else { Vec::new() };
        for change in changes {
            match change {
                FolderChange::Add(folder) | FolderChange::Update(folder) => {
                    stored.extend(self.put(folder))
                }
                FolderChange::Delete { server_id } => gone.push(CollectionId(server_id.clone())),
            }
        }
        let gone = gone.iter().filter_map(|id| self.folders.remove(id));
        (stored, gone.map(|folder| folder.record).collect())
    }

    fn unmentioned(&self, changes: &[FolderChange]) -> Vec<CollectionId> {
        let mentioned = |id: &CollectionId| {
            changes.iter().any(|change| match change {
                FolderChange::Add(folder) | FolderChange::Update(folder) => {
                    folder.server_id == id.0
                }
                FolderChange::Delete { .. } => false,
            })
        };
        let here = self.folders.values().filter(|folder| !folder.stranded);
        here.map(|folder| &folder.record.id).filter(|id| !mentioned(id)).cloned().collect()
    }

    fn put(&mut self, wire: &WireFolder) -> Option<Change> {
        wire.kind.class()?;
        let id = CollectionId(wire.server_id.clone());
        let parent =
            Some(wire.parent_id.as_str()).filter(|parent| !parent.is_empty() && *parent != ROOT);
        let parent = parent.map(|parent| CollectionId(parent.to_owned()));
        let known = self
            .folders
            .entry(id.clone())
            .or_insert_with(|| Folder::new(FolderRecord::unknown(id)));
        if std::mem::take(&mut known.stranded) {
            *known = Folder::new(FolderRecord::unknown(known.record.id.clone()));
        }
        known.record.parent = parent;
        known.record.name = mail::text::line(&wire.display_name);
        known.record.kind = wire.kind;
        Some(Change::PutFolder(known.record.clone()))
    }
}

const ROOT: &str = "0";

/// A quick first screen.
const FIRST_WINDOW: u32 = 25;
const LARGEST_WINDOW: u32 = 400;
/// The most changes and edits that go up in one request.
const MOST_CARRIED: usize = 100;
/// Rounds in a row that brought nothing, or the same key, before the folder has to pause.
const MOST_IDLE_ROUNDS: u32 = 10;
/// Failures in a row before a folder is started from key 0.
const PATIENCE: u32 = 4;
const BETWEEN_RESETS: Duration = Duration::hours(1);

impl FolderRecord {
    fn unknown(id: CollectionId) -> Self {
        Self {
            id,
            parent: None,
            name: String::new(),
            kind: FolderKind::UserMail,
            key: FIRST_KEY.to_owned(),
            synced: false,
            in_round: false,
            reset_at: None,
        }
    }
}

impl Folder {
    fn new(record: FolderRecord) -> Self {
        // An answer may have been lost with the last run: the server then takes its news for delivered, and push is silent about it.
        let wanted = true;
        Self {
            record,
            wanted,
            paused_until: None,
            failures: 0,
            idle_rounds: 0,
            window: FIRST_WINDOW,
            fresh_until: None,
            trouble: None,
            most_carried: MOST_CARRIED,
            suspect: None,
            stranded: false,
        }
    }

    /// The class of its items.
    pub(crate) fn class(&self) -> Class {
        self.record.kind.class().unwrap_or(Class::Email)
    }

    pub(crate) fn holds_drafts(&self) -> bool {
        self.record.kind == FolderKind::Drafts
    }

    /// Says whether changes may go up: not with key 0, to which only another key is the answer.
    pub(crate) fn takes_changes(&self) -> bool {
        self.record.key != FIRST_KEY
    }

    /// Says whether what is known of it is good enough for edits to go up.
    pub(crate) fn is_fresh(&self, now: OffsetDateTime) -> bool {
        self.takes_changes()
            && !self.record.in_round
            && self.fresh_until.is_some_and(|until| now <= until)
    }

    fn is_ready(&self, now: OffsetDateTime) -> bool {
        !self.stranded && self.paused_until.is_none_or(|until| until <= now)
    }

    fn rank(&self) -> u8 {
        match self.record.kind {
            FolderKind::Inbox => 0,
            FolderKind::Sent => 1,
            FolderKind::Drafts => 2,
            FolderKind::Calendar | FolderKind::Contacts => 3,
            FolderKind::Notes
            | FolderKind::Tasks
            | FolderKind::UserCalendar
            | FolderKind::UserContacts
            | FolderKind::UserMail
            | FolderKind::UserNotes
            | FolderKind::UserTasks => 4,
            FolderKind::Outbox => 5,
            FolderKind::Deleted
            | FolderKind::Journal
            | FolderKind::Other
            | FolderKind::RecipientCache
            | FolderKind::Unknown
            | FolderKind::UserJournal => 6,
        }
    }

    /// How often it failed in a row.
    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }

    /// The most changes that may go up with the next request.
    pub(crate) fn most_carried(&self) -> usize {
        if self.suspect.is_some() { 0 } else { self.most_carried }
    }

    /// Lets the folder pause, longer after each failure and no longer than `longest`: longer than the account may have to, so that others
    /// come to their turn. Less is asked for, in case the answer was too large.
    fn failed(&mut self, code: &str, longest: Duration, now: OffsetDateTime, jitter: u16) {
        self.failures = self.failures.saturating_add(1);
        self.paused_until = Some(now + pace::pause(self.failures, longest, jitter));
        self.trouble = Some(code.to_owned());
        self.window =
            if self.window > FIRST_WINDOW { FIRST_WINDOW } else { (self.window / 2).max(1) };
        self.wanted = true;
    }

    /// The same for what may come from the server's state of the folder: after several failures it is started from key 0.
    fn broke(&mut self, code: &str, now: OffsetDateTime, jitter: u16) -> Vec<Change> {
        self.failed(code, pace::WHILE_BROKEN, now, jitter);
        if self.failures.is_multiple_of(PATIENCE) && self.record.key != FIRST_KEY {
            self.reset(now)
        } else {
            Vec::new()
        }
    }

    /// The server turns the folder away, or the account: it pauses only if that was so the last time too.
    fn turned_away(&mut self, code: &str, now: OffsetDateTime, jitter: u16) {
        self.failures = self.failures.saturating_add(1);
        self.trouble = Some(code.to_owned());
        if self.failures > 1 {
            let pause = pace::pause(self.failures, pace::WHILE_BROKEN, jitter);
            self.paused_until = Some(now + pause);
        }
    }

    fn recovered(&mut self) {
        self.failures = 0;
        self.paused_until = None;
        self.trouble = None;
    }

    /// Leaves the folder alone for a while.
    fn rest_until(&mut self, moment: OffsetDateTime, code: &str) {
        self.paused_until = Some(moment);
        self.trouble = Some(code.to_owned());
        self.wanted = true;
    }

    /// Starts the folder from key 0, at most once in an hour. What lies in it stays until the round is complete.
    fn reset(&mut self, now: OffsetDateTime) -> Vec<Change> {
        if let Some(last) = self.record.reset_at.filter(|last| now - *last < BETWEEN_RESETS) {
            self.rest_until(last + BETWEEN_RESETS, "state_lost");
        }
        self.record.reset_at = Some(now);
        self.begin_anew()
    }

    fn begin_anew(&mut self) -> Vec<Change> {
        FIRST_KEY.clone_into(&mut self.record.key);
        self.record.in_round = false;
        self.wanted = true;
        vec![Change::PutFolder(self.record.clone())]
    }
}
