mod answer;
mod drafts;
mod errand;
mod fetched;
mod obey;
mod provision;
mod schedule;
mod wanted;
mod wipe;

use std::collections::BTreeSet;

use ::policy::PasswordRules;
use activesync::{
    messages::{DeviceInformation, Filter, Item, WipeOrder},
    query::Version,
};
use time::OffsetDateTime;

use crate::{
    AccountRecord, Change, CollectionId, Edit, EditRecord, EntryEdit, ErrandFailure, ErrandId,
    FetchFailure, Fetched, FolderRecord, ItemRef, Limits, OutboxId, OutboxRecord, Reply, Saved,
    Shown, Ticket, TroubleKind, Want,
    drafts::Drafts,
    entries::Entries,
    errands::{Errands, Sent},
    fetches::Fetches,
    folders::{Carried, Folders, SyncSettings},
    meeting,
    outbox::Outbox,
    pace::{Pace, Worth},
    policy::{self, Demand, Verdict},
    push::{self, Push},
    uploads::{Moves, Uploads},
};
use provision::Provisioning;

/// What the account is told from outside.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Preferences {
    /// What the device tells of itself.
    pub device: DeviceInformation,
    /// The newest protocol version that is spoken; absent for any.
    pub newest_version: Option<Version>,
    /// How many days of mail are kept; 0 for all.
    pub days: u16,
    /// The largest attachment that is fetched, in bytes.
    pub largest_attachment: u64,
}

/// What has to follow from an input.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Effects {
    /// To be stored in one transaction before anything else is asked of the account.
    pub changes: Vec<Change>,
    /// What happened, in order.
    pub events: Vec<Event>,
}

/// Something that happened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Event {
    /// An errand of [`Account::run`] has ended.
    ErrandEnded {
        /// The errand.
        errand: ErrandId,
        /// What it brought back.
        result: Result<Reply, ErrandFailure>,
    },
    /// A wish of [`Account::fetch`] has ended.
    Fetched {
        /// The wish.
        want: Want,
        /// What became of it.
        result: Result<Fetched, FetchFailure>,
    },
    /// The server says that the mailbox is at this address: go there, or call [`Account::stay`]. The next request is for there.
    Moved(String),
    /// The push request that is held is of no use any more: end its connection and report [`Outcome::Cancelled`](crate::Outcome).
    StopPush,
    /// The server knows that its order was obeyed, or cannot be told: what is left of the account goes now.
    Wipe(WipeOrder),
    /// The server orders a wipe. Once the changes are stored, what it gave is gone; what is left serves to tell it so, until the moment
    /// at the latest, and nothing else.
    WipeOrdered {
        /// What is to be wiped.
        order: WipeOrder,
        /// The end of [`Account::wipe_due`]'s patience.
        until: OffsetDateTime,
    },
}

/// How an account is doing, for the screen.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Progress {
    /// What it is doing.
    pub phase: Phase,
    /// A short stable code of what went wrong.
    pub detail: Option<String>,
    /// The server wants a password, or another one.
    pub needs_password: bool,
    /// Items received since it began to be busy.
    pub done: u64,
    /// When everything was up to date last.
    pub last_success: Option<OffsetDateTime>,
}

/// What an account is doing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Phase {
    /// The server misbehaves; the account tries again by itself.
    Error,
    /// Everything is up to date.
    Idle,
    /// The server cannot be reached; the account tries again by itself.
    Offline,
    /// The server turned the user or the device away.
    Refused,
    /// Bringing something up to date.
    Syncing,
}

/// The account of a person on a mail server, as a state machine.
#[derive(Clone, Debug)]
pub struct Account {
    record: AccountRecord,
    preferences: Preferences,
    folders: Folders,
    uploads: Uploads,
    entries: Entries,
    drafts: Drafts,
    outbox: Outbox,
    errands: Errands,
    fetches: Fetches,
    push: Push,
    pace: Pace,
    provisioning: Provisioning,
    abilities: Abilities,
    tree: Tree,
    command: Option<InFlight>,
    held: Option<InFlight>,
    tickets: u64,
    jitter: u16,
    done: u64,
    /// How often the server sent us elsewhere without doing anything for us in between.
    moves: u32,
    wiped: bool,
}

/// What the server is asked about itself.
#[derive(Clone, Copy, Debug, Default)]
struct Abilities {
    wanted: bool,
    tries: u32,
    /// The server announces this version, and refuses it: only older ones are spoken until it is asked again for other reasons.
    below: Option<Version>,
}

/// What is known of the folder tree.
#[derive(Clone, Copy, Debug)]
struct Tree {
    wanted: bool,
    failures: u32,
}

#[derive(Clone, Debug)]
struct InFlight {
    ticket: Ticket,
    task: Task,
    since: OffsetDateTime,
}

#[derive(Clone, Debug)]
enum Task {
    AcknowledgeWipe,
    Attachment(Want),
    Describe,
    Errand(Sent),
    Fetch { wants: Vec<Want>, asked: Asked },
    Folder { id: CollectionId, sent: Carried },
    Move { sent: Moves },
    Options,
    Provision,
    Push,
    Send(OutboxId),
    Tree,
}

impl Task {
    /// Says what it means for the account's pauses that this ended well.
    fn worth(&self) -> Worth {
        match self {
            Self::AcknowledgeWipe | Self::Describe | Self::Options | Self::Provision => {
                Worth::Nothing
            }
            Self::Tree => Worth::Answered,
            Self::Attachment(_)
            | Self::Errand(_)
            | Self::Fetch { .. }
            | Self::Folder { .. }
            | Self::Move { .. }
            | Self::Push
            | Self::Send(_) => Worth::Served,
        }
    }
}

/// Who asked for a fetch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Asked {
    /// Nobody; these texts were tried so often before.
    Background(u8),
    /// Nobody; it has to be seen which files the server has of a draft.
    Draft,
    /// The search for a mail of unknown fate.
    Search,
    /// The user.
    User,
}

impl Account {
    /// Takes an account up from what was stored.
    pub fn restore(saved: Saved, preferences: Preferences, now: OffsetDateTime) -> Self {
        let version = saved
            .account
            .version
            .filter(|version| preferences.newest_version.is_none_or(|newest| *version <= newest));
        let entries = Entries::restore(saved.edits);
        let mut folders = Folders::restore(saved.folders);
        // What a round had brought before it was cut short is not known any more, and edits depend on it.
        let drafts = Drafts::restore(saved.drafts);
        folders.begin_again(|id| entries.is_lost_in(id) || drafts.is_lost_in(id));
        if drafts.may_be_strangers() {
            folders.begin_drafts();
        }
        Self {
            abilities: Abilities { wanted: version.is_none(), ..Abilities::default() },
            provisioning: Provisioning::restore(&saved.account),
            record: AccountRecord { version, ..push::within_limits(saved.account) },
            preferences,
            folders,
            entries,
            drafts,
            uploads: Uploads::restore(saved.uploads),
            outbox: Outbox::restore(saved.outbox, saved.candidates, now),
            errands: Errands::default(),
            fetches: Fetches::restore(saved.unfetched),
            push: Push::default(),
            pace: Pace::default(),
            tree: Tree { wanted: true, failures: 0 },
            command: None,
            held: None,
            tickets: 0,
            jitter: 0,
            done: 0,
            moves: 0,
            wiped: false,
        }
    }

    /// Takes a new entry that is stored already.
    pub fn take_edit(&mut self, record: EditRecord) {
        self.entries.take(record);
    }

    /// Changes or deletes an entry. The changes are to be stored before anything else is asked of the account.
    pub fn edit(&mut self, shown: Shown, edit: EntryEdit) -> Vec<Change> {
        let (entry, was) = (shown.entry, shown.item.clone());
        let mut changes = self.entries.edit(shown, edit);
        let now = changes.iter().find_map(|change| {
            let Change::PutEdit(EditRecord { edit: Edit::Put(item), .. }) = change else {
                return None;
            };
            Some(item.as_ref())
        });
        if !changes.is_empty()
            && let Some(uid) = self.owes_news(Some(&was), now)
        {
            let deleted = now.is_none();
            changes.push(Change::OweNews { uid, entry, told: Some(Box::new(was)), deleted });
        }
        let entries = &self.entries;
        self.folders.begin_again(|id| entries.is_lost_in(id));
        changes
    }

    /// Returns the id of a meeting of whose change the device has to tell those who are invited; since 16.0 servers tell them.
    pub fn owes_news(&self, was: Option<&Item>, now: Option<&Item>) -> Option<String> {
        if self.record.version.is_some_and(|version| version >= Version::V16_0) {
            return None;
        }
        let meeting = [was, now].into_iter().flatten().find_map(|item| {
            if let Item::Event(event) = item {
                Some(event).filter(|event| meeting::invites(event))
            } else {
                None
            }
        })?;
        meeting.uid.clone().filter(|uid| !uid.is_empty())
    }

    /// Takes a mail that is stored already into the outbox.
    pub fn submit(&mut self, record: OutboxRecord) {
        self.outbox.add(record);
    }

    /// Drops a mail from the outbox; nothing if its bytes are on their way right now, or it is not there.
    pub fn discard(&mut self, id: OutboxId) -> Option<Vec<Change>> {
        self.outbox.discard(id)
    }

    /// Asks for something to be fetched; [`Event::Fetched`] tells how it ended.
    ///
    /// # Errors
    ///
    /// A failure at once if the server cannot be asked now or the policy forbids it.
    pub fn fetch(&mut self, want: Want, now: OffsetDateTime) -> Result<(), FetchFailure> {
        if want.attachment().is_some() && !self.record.limits.attachments {
            return Err(FetchFailure::Refused("attachments_forbidden".to_owned()));
        }
        if self.wiped || self.provisioning.wipe_ordered() || !self.pace.is_ready(now) {
            let code = self.pace.shown().map_or("offline", |(_, code)| code.as_str());
            return Err(FetchFailure::Unreachable(code.to_owned()));
        }
        self.fetches.ask(want);
        Ok(())
    }

    /// Tells what becomes of the demands of the server's policy.
    pub fn policy(&self) -> Vec<(&Demand, Verdict)> {
        policy::judge(&self.record.demands)
    }

    /// The time without use after which the server's policy locks, in seconds.
    pub fn lock_after_seconds(&self) -> Option<u32> {
        policy::lock_after_seconds(&self.record.demands)
    }

    /// The wrong password in a row that the server's policy wants to be the last.
    pub fn wrong_passwords(&self) -> Option<u8> {
        policy::wrong_passwords(&self.record.demands)
    }

    /// What the server's policy asks of the container's password.
    pub fn password_rules(&self) -> PasswordRules {
        self.record.password_rules()
    }

    /// Says that the texts it was told of are fetched or on their way, so that it may be told of more.
    pub fn wants_texts(&self) -> bool {
        self.fetches.wants_texts()
    }

    /// Tells of mails whose text is to be fetched when there is nothing else to do.
    pub fn fetch_later(&mut self, items: Vec<ItemRef>) {
        self.fetches.later(items);
    }

    /// The user asks for news: no pause holds, not even after a refusal, but for the one that the server itself asked for.
    pub fn sync_now(&mut self) {
        self.pace.user_asks();
        self.push.user_asks();
        self.folders.user_asks();
        self.tree.wanted = true;
    }

    /// There is a new password, or another way to sign in.
    pub fn password_given(&mut self) {
        self.pace.password_given();
        self.tree.wanted = true;
    }

    /// There are other preferences.
    pub fn prefer(&mut self, preferences: Preferences) {
        if preferences.days != self.preferences.days {
            self.folders.want_all();
        }
        if preferences.newest_version != self.preferences.newest_version {
            self.abilities = Abilities { wanted: true, ..Abilities::default() };
        }
        self.preferences = preferences;
    }

    /// The address of [`Event::Moved`] is none to be trusted: nothing is asked for a while.
    pub fn stay(&mut self, now: OffsetDateTime) {
        self.pace.refused("moved_elsewhere", now);
    }

    /// Tells how the account is doing.
    pub fn progress(&self, now: OffsetDateTime) -> Progress {
        let trouble = self.pace.shown();
        if self.provisioning.wipe_ordered() {
            return Progress {
                phase: Phase::Refused,
                detail: Some(wipe::CODE.to_owned()),
                needs_password: false,
                done: 0,
                last_success: self.record.last_success,
            };
        }
        // While there is something else to do, a folder that failed may still come to its turn.
        let failing = self.folders.failing().filter(|_| self.is_up_to_date(now));
        Progress {
            phase: match trouble.map(|(kind, _)| *kind) {
                Some(TroubleKind::Error) => Phase::Error,
                Some(TroubleKind::Offline) => Phase::Offline,
                Some(TroubleKind::Password | TroubleKind::Refused) => Phase::Refused,
                None if !self.is_up_to_date(now) => Phase::Syncing,
                None if failing.is_some() => Phase::Error,
                None => Phase::Idle,
            },
            detail: trouble.map(|(_, code)| code.as_str()).or(failing).map(str::to_owned),
            needs_password: self.pace.waits_for_password(),
            done: self.done,
            last_success: self.record.last_success,
        }
    }

    /// Tells from which moment on there may be something to do without any input.
    pub fn wake_at(&self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        if let Some((_, due)) = self.wipe_ordered() {
            return self
                .pace
                .until()
                .filter(|until| *until > now)
                .map_or(Some(due), |until| Some(until.min(due)));
        }
        if let Some(until) = self.pace.until().filter(|until| *until > now) {
            return Some(until);
        }
        [
            self.folders.wake_at(),
            self.outbox.wake_at(),
            self.entries.wake_at(),
            self.drafts_folder().and_then(|_| self.drafts.wake_at()),
            self.fetches.wake_at(),
            self.push.rest_until(),
        ]
        .into_iter()
        .flatten()
        .filter(|moment| *moment > now)
        .min()
    }

    fn is_up_to_date(&self, now: OffsetDateTime) -> bool {
        let working = matches!(
            self.command.as_ref().map(|flight| &flight.task),
            Some(
                Task::Folder { .. }
                    | Task::Tree
                    | Task::Describe
                    | Task::Options
                    | Task::Provision
                    | Task::AcknowledgeWipe
            )
        );
        !working && !self.tree.wanted && self.folders.are_done(now) && self.is_told_everything(now)
    }

    fn sync_settings(&self) -> SyncSettings {
        let Limits { oldest, html, .. } = self.record.limits;
        SyncSettings {
            filter: narrower(Filter::covering_days(self.preferences.days), oldest),
            events: policy::oldest_events(&self.record.demands),
            html,
            text_limit: policy::text_limit(&self.record.demands, html),
        }
    }

    fn watched(&self) -> Vec<CollectionId> {
        self.folders.watched(Push::most_watched(&self.record))
    }

    fn forget_folders(&mut self, gone: &[FolderRecord]) -> Vec<Change> {
        let ids: BTreeSet<&CollectionId> = gone.iter().map(|folder| &folder.id).collect();
        self.fetches.forget(|item| ids.contains(&item.collection));
        let mut changes = Vec::new();
        for folder in gone {
            let refuge = folder.kind.class().and_then(|class| self.folders.refuge(class));
            if refuge.is_none() && self.entries.has_words_in(&folder.id) {
                self.folders.strand(folder.clone());
                continue;
            }
            changes.extend(self.uploads.forget_folder(&folder.id));
            changes.extend(self.entries.forget_folder(&folder.id, refuge));
            changes.extend(self.drafts.forget_folder(&folder.id));
            changes.push(Change::RemoveFolder(folder.id.clone()));
        }
        changes
    }
}

fn narrower(one: Filter, other: Filter) -> Filter {
    match (one.days(), other.days()) {
        (Some(days), Some(limit)) if days > limit => other,
        (None, Some(_)) => other,
        (Some(_) | None, Some(_) | None) => one,
    }
}
