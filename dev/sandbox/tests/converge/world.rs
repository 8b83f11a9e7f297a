//! A person with two devices, their mailbox, and what can happen to them.

use std::collections::{BTreeMap, BTreeSet};

use activesync::messages::{Class, FlagState, FolderKind};
use activesync::query::Version;
use pim::{
    CollectionId, Edit, EntryEdit, FollowUp, ItemRef, Marks, Original, OutboxId, OutboxRecord,
    OutboxState, Shown,
};
use sandbox::{Options, Sandbox};
use time::Duration;
use time::macros::date;
use tokio::runtime::{Builder, Runtime};

use crate::clock;
use crate::device::{Accident, Device, next_wake};
use crate::entry::{self, Spot};
use crate::wire::{PASSWORD, PERSON};

pub(crate) const OTHER: &str = "bob";
pub(crate) const INBOX: &str = "f1";
const SENT: &str = "f4";
pub(crate) const JUNK: &str = "f6";
const DEVICES: [&str; 2] = ["Laptop", "Phone"];

/// Longer than the texts that come with the list.
const LONG: usize = 70_000;

/// More than any world needs that does not go in circles.
const MOST_ROUNDS: u32 = 6000;

/// Something that happens.
#[derive(Clone, Debug)]
pub(crate) enum Happening {
    /// At one of the devices.
    At(usize, Doing),
    /// A mail comes, short or long.
    Deliver(bool),
    /// Somebody who is no device puts an entry in.
    Entry(Class),
    /// A folder for mails appears.
    Folder,
    /// The server loses what it knows of folders' items.
    ForgetKeys,
    /// The server loses what it knows of folders.
    ForgetTree,
    /// The server wants Provision again.
    NewPolicy,
    /// Time goes by, in seconds.
    Wait(u16),
}

/// Something that happens at a device.
#[derive(Clone, Debug)]
pub(crate) enum Doing {
    /// Requests that were believed lost come to the server.
    ArriveLate,
    /// The person asks for news.
    Ask,
    /// The next command is sent, with this accident.
    Command(Accident),
    Crash,
    /// The answer to the request that the server holds comes, with this accident.
    Listen(Accident),
    /// Everything that can be done without waiting is done, without an accident.
    Work,
    /// The person adds an entry; an event may be a series.
    Add(Class, bool),
    /// The person writes a word in the nth entry.
    Write(usize, Spot),
    DeleteEntry(usize),
    Mark(usize, bool),
    Flag(usize, FlagState),
    Categorize(usize, bool),
    /// The person deletes the nth mail, perhaps for good.
    DeleteMail(usize, bool),
    Move(usize, &'static str),
    Send,
    /// The person answers or forwards the nth mail.
    Answer(usize, bool),
}

pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) devices: Vec<Device>,
    version: Version,
    /// Holds the timer of held requests, which never runs out: time is the world's.
    runtime: Runtime,
    numbers: u32,
    /// Every word that somebody wrote in an entry.
    written: BTreeSet<String>,
    /// The words that somebody saw when they wrote something else in their place, or deleted them.
    replaced: BTreeSet<String>,
    /// The first word of the entry that a word was written in.
    entries: BTreeMap<String, String>,
    /// The first words of entries that somebody deleted.
    deleted: BTreeSet<String>,
    /// The mails that were to be sent: at which device, by their subjects.
    sent: BTreeMap<String, (usize, OutboxId)>,
}

impl World {
    pub(crate) fn new(version: Version, policy: bool) -> Self {
        clock::begin();
        let options = Options::new(PASSWORD, clock::now);
        let options = Options {
            accounts: [PERSON, OTHER].map(str::to_owned).to_vec(),
            samples: false,
            versions: vec![version],
            policy: options.policy.clone().filter(|_| policy),
            enforce_policy: policy,
            ..options
        };
        Self {
            sandbox: Sandbox::silent(options),
            devices: DEVICES.map(Device::new).into(),
            version,
            runtime: Builder::new_current_thread().enable_time().build().unwrap(),
            numbers: 0,
            written: BTreeSet::new(),
            replaced: BTreeSet::new(),
            entries: BTreeMap::new(),
            deleted: BTreeSet::new(),
            sent: BTreeMap::new(),
        }
    }

    pub(crate) fn happen(&mut self, happening: Happening) {
        self.pass(Duration::SECOND);
        match happening {
            Happening::At(index, doing) => self.at(index, doing),
            Happening::Deliver(long) => {
                let text = if long { "long ".repeat(LONG / 5) } else { "short".to_owned() };
                let subject = self.word();
                self.sandbox.deliver_text(PERSON, "x@example.test", &subject, &text).unwrap();
            }
            Happening::Entry(class) => {
                let word = self.word();
                let item = entry::new(class, &word, false, clock::now());
                self.sandbox.add_item(PERSON, item).unwrap();
                self.entries.insert(word.clone(), word);
            }
            Happening::Folder => {
                let name = self.word();
                self.sandbox.make_folder(PERSON, &name).unwrap();
            }
            Happening::ForgetKeys => self.sandbox.forget_sync_keys(PERSON).unwrap(),
            Happening::ForgetTree => self.sandbox.forget_folder_keys(PERSON).unwrap(),
            Happening::NewPolicy => self.sandbox.demand_provisioning(PERSON).unwrap(),
            Happening::Wait(seconds) => self.pass(Duration::seconds(seconds.into())),
        }
    }

    fn at(&mut self, index: usize, doing: Doing) {
        let runtime = self.runtime.handle().clone();
        let _timer = runtime.enter();
        let (sandbox, device) = (&self.sandbox, &mut self.devices[index]);
        match doing {
            Doing::ArriveLate => device.arrive_late(sandbox),
            Doing::Ask => device.account.sync_now(),
            Doing::Command(accident) => drop(device.command(sandbox, &accident)),
            Doing::Crash => device.crash(),
            Doing::Listen(accident) => drop(device.listen(&accident)),
            Doing::Work => {
                for _ in 0..100 {
                    if !self.devices[index].work(&self.sandbox) {
                        break;
                    }
                    self.pass(Duration::SECOND);
                }
            }
            Doing::Add(class, series) => self.add(index, class, series),
            Doing::Write(nth, spot) => self.write(index, nth, spot),
            Doing::DeleteEntry(nth) => self.delete_entry(index, nth),
            Doing::Mark(nth, read) => {
                self.mark(index, nth, Marks { read: Some(read), ..Marks::default() });
            }
            Doing::Flag(nth, state) => {
                let due = (state == FlagState::Active).then_some(date!(2026 - 02 - 01));
                let flag = FollowUp { state, due, ..FollowUp::default() };
                self.mark(index, nth, Marks { flag: Some(flag), ..Marks::default() });
            }
            Doing::Categorize(nth, red) => {
                let categories = if red { vec!["Red".to_owned()] } else { Vec::new() };
                self.mark(index, nth, Marks { categories: Some(categories), ..Marks::default() });
            }
            Doing::DeleteMail(nth, for_good) => {
                let Some(item) = nth_mail(device, nth) else { return };
                let known = device.store.mails.known(&item);
                let changes = device.account.delete(item.clone(), for_good, known);
                device.store.apply(changes);
                assert!(!device.store.mails.visible().contains(&item), "it vanishes at once");
            }
            Doing::Move(nth, to) => {
                let Some(item) = nth_mail(device, nth) else { return };
                let known = device.store.mails.known(&item);
                let to = CollectionId(to.to_owned());
                let changes = device.account.move_mail(item, to, known);
                device.store.apply(changes.unwrap_or_default());
            }
            Doing::Send => self.send(index, None),
            Doing::Answer(nth, forward) => {
                let Some(item) = nth_mail(device, nth) else { return };
                let composes = device.account.composes();
                let original = Original { item: Some(item), forward };
                self.send(index, composes.then_some(original));
            }
        }
    }

    fn add(&mut self, index: usize, class: Class, series: bool) {
        let (word, client_id) = (self.word(), self.word());
        let device = &mut self.devices[index];
        let kind = folder_kind(class);
        let mut folders = device.store.mails.folders.values();
        let Some(folder) = folders.find(|folder| folder.kind == kind).map(|one| one.id.0.clone())
        else {
            return;
        };
        let item = entry::new(class, &word, series, clock::now());
        let record = device.store.entries.add(&folder, client_id, item);
        device.account.take_edit(record);
        self.entries.insert(word.clone(), word.clone());
        self.written.insert(word);
    }

    fn write(&mut self, index: usize, nth: usize, spot: Spot) {
        let word = self.word();
        let Some(shown) = self.nth_entry(index, nth) else { return };
        let Some(change) = entry::written(&shown.item, spot, &word) else { return };
        let mut after = shown.item.clone();
        after.apply(change.clone());
        let (before, after) = (entry::words(&shown.item), entry::words(&after));
        if let Some(first) = self.first_word(&before) {
            self.entries.insert(word.clone(), first);
        }
        let gone = before.into_iter().filter(|word| !after.contains(word));
        self.replaced.extend(gone.map(|(_, word)| word));
        self.written.extend(after.into_iter().map(|(_, word)| word).filter(|one| *one == word));
        let device = &mut self.devices[index];
        let changes = device.account.edit(shown, EntryEdit::Change(Box::new(change)));
        device.store.apply(changes);
    }

    fn delete_entry(&mut self, index: usize, nth: usize) {
        let Some(shown) = self.nth_entry(index, nth) else { return };
        let words = entry::words(&shown.item);
        self.deleted.extend(self.first_word(&words));
        self.replaced.extend(words.into_iter().map(|(_, word)| word));
        let device = &mut self.devices[index];
        let changes = device.account.edit(shown, EntryEdit::Delete);
        device.store.apply(changes);
    }

    fn first_word(&self, words: &[(String, String)]) -> Option<String> {
        words.iter().find_map(|(_, word)| self.entries.get(word).cloned())
    }

    fn nth_entry(&mut self, index: usize, nth: usize) -> Option<Shown> {
        let client_id = self.word();
        let rows = &self.devices[index].store.entries.rows;
        let (entry, row) = rows.iter().filter(|(_, row)| !row.hidden).nth(nth)?;
        Some(Shown {
            entry: *entry,
            collection: row.collection.clone(),
            server_id: row.server_id.clone(),
            item: row.item.clone(),
            client_id,
        })
    }

    fn mark(&mut self, index: usize, nth: usize, marks: Marks) {
        let device = &mut self.devices[index];
        let Some(item) = nth_mail(device, nth) else { return };
        let known = device.store.mails.known(&item);
        let changes = device.account.mark(item, marks, known);
        device.store.apply(changes.unwrap_or_default());
    }

    fn send(&mut self, index: usize, original: Option<Original>) {
        let (subject, client_id) = (self.word(), self.word());
        let device = &mut self.devices[index];
        let id = OutboxId(self.numbers.into());
        let message_id = format!("{}@{}", id.0, device.name);
        let letter = format!(
            "From: <{PERSON}@example.test>\r\nTo: <{OTHER}@example.test>\r\nSubject: {subject}\r\n\
             Message-ID: <{message_id}>\r\n\r\nHello\r\n"
        );
        let record = OutboxRecord {
            id,
            client_id,
            message_id,
            created: clock::now(),
            state: OutboxState::Waiting,
            tries: 0,
            original,
        };
        device.letters.insert(id, letter.into());
        device.store.mails.outbox.insert(id, record.clone());
        device.account.submit(record);
        self.sent.insert(subject, (index, id));
    }

    fn pass(&self, time: Duration) {
        clock::pass(time);
        self.sandbox.wake();
    }

    /// Lets everybody work without accidents until nothing is left to do.
    pub(crate) fn settle(&mut self) {
        let runtime = self.runtime.handle().clone();
        let _timer = runtime.enter();
        for device in &mut self.devices {
            device.arrive_late(&self.sandbox);
        }
        for _ in 0..MOST_ROUNDS {
            let mut worked = false;
            for device in &mut self.devices {
                worked |= device.work(&self.sandbox);
            }
            if !worked && self.devices.iter().all(Device::is_quiet) {
                return;
            }
            self.pass(if worked { Duration::SECOND } else { next_wake(&self.devices) });
        }
        for device in &self.devices {
            let progress = device.account.progress(clock::now());
            let last = device.log.split_at(device.log.len().saturating_sub(20)).1;
            println!("{}: {progress:#?} {last:#?} {:#?}", device.name, device.store.saved());
        }
        panic!("never settles");
    }

    /// A device that was never here before, after it has brought everything.
    pub(crate) fn newcomer(&mut self) -> Device {
        self.devices.push(Device::new("Newcomer"));
        self.settle();
        self.devices.pop().unwrap()
    }

    /// Words that are neither on the server nor kept aside, although nobody saw them when they wrote others in their place. A server
    /// lets a deletion win over what the device that deleted has not seen yet, so deleted entries do not count.
    pub(crate) fn lost_words(&self) -> Vec<String> {
        let kinds = Class::ALL.map(folder_kind);
        let items = kinds.map(|kind| self.sandbox.items(PERSON, kind, self.version).unwrap());
        let stores = self.devices.iter().map(|device| &device.store.entries);
        let aside = stores.flat_map(|store| {
            let conflicts = store.conflicts.iter().map(|conflict| (*conflict.mine).clone());
            let refused = store.edits.values().filter_map(|record| match &record.edit {
                Edit::Put(item) if record.refused.is_some() => Some((**item).clone()),
                Edit::Put(_) | Edit::Delete => None,
            });
            conflicts.chain(refused)
        });
        let kept = items.into_iter().flatten().map(|(_, item)| item).chain(aside);
        let kept: BTreeSet<String> =
            kept.flat_map(|item| entry::words(&item)).map(|(_, word)| word).collect();
        let is_deleted =
            |word| self.entries.get(word).is_some_and(|one| self.deleted.contains(one));
        let missing = self.written.difference(&self.replaced).filter(|word| !kept.contains(*word));
        missing.filter(|word| !is_deleted(*word)).cloned().collect()
    }

    /// The ids of everything in the mailbox that devices see.
    pub(crate) fn ids(&self) -> BTreeSet<String> {
        let kinds = [FolderKind::Deleted, FolderKind::Sent, FolderKind::UserMail];
        let kinds = kinds.into_iter().chain(Class::ALL.map(folder_kind));
        let known =
            kinds.filter(|kind| *kind != FolderKind::Notes || self.version > Version::V12_1);
        known
            .flat_map(|kind| self.sandbox.items(PERSON, kind, self.version).unwrap())
            .map(|(id, _)| id)
            .collect()
    }

    /// Checks that each mail was delivered once, or is still there and was not.
    pub(crate) fn check_deliveries(&self) -> Result<(), String> {
        let delivered = self.sandbox.mails(OTHER, FolderKind::Inbox).unwrap();
        for (subject, (index, id)) in &self.sent {
            let times = delivered.iter().filter(|mail| mail.subject == *subject).count();
            let kept = self.devices[*index].store.mails.outbox.get(id);
            let right = match kept.map(|mail| &mail.state) {
                None => times == 1,
                Some(OutboxState::Failed(_)) => times == 0,
                Some(OutboxState::Sending | OutboxState::Waiting) => false,
            };
            if !right {
                return Err(format!("{subject} was delivered {times} times and is now {kept:?}"));
            }
        }
        Ok(())
    }

    fn word(&mut self) -> String {
        self.numbers += 1;
        format!("word {}", self.numbers)
    }
}

/// The nth mail that the person sees. In 12.1 the copies of sent mails are left alone: among them alone a mail of unknown fate can be
/// looked for, and nobody knows it where another device puts it.
fn nth_mail(device: &Device, nth: usize) -> Option<ItemRef> {
    let named = device.account.composes();
    let mut mails = device.store.mails.visible().into_iter();
    mails.nth(nth).filter(|item| named || item.collection.0 != SENT)
}

fn folder_kind(class: Class) -> FolderKind {
    match class {
        Class::Calendar => FolderKind::Calendar,
        Class::Contacts => FolderKind::Contacts,
        Class::Email => FolderKind::Inbox,
        Class::Notes => FolderKind::Notes,
        Class::Tasks => FolderKind::Tasks,
    }
}
