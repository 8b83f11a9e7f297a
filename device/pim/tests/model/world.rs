//! A device, a server, and what can happen to them.

use std::collections::BTreeMap;

use activesync::messages::{FlagState, FolderKind, WipeOrder};
use pim::{
    Account, Answer, Change, CollectionId, Content, Effects, Event, FollowUp, ItemRef, Known, Lane,
    Marks, Original, OutboxId, OutboxRecord, OutboxState, Outcome, Phase, Preferences, Request,
};
use time::{
    Duration, OffsetDateTime,
    macros::{date, datetime},
};

use crate::server::{DELETED, INBOX, STUBBORN, Server};
use crate::store::Store;

pub(crate) const START: OffsetDateTime = datetime!(2026-01-01 00:00 UTC);

/// Something that happens in the world.
#[derive(Clone, Debug)]
pub(crate) enum Happening {
    /// A command is asked and answered, with this accident.
    Command(Accident),
    /// The server answers the request it holds, with this accident.
    Push(Accident),
    /// The device loses everything that is not stored.
    Crash,
    /// A mail arrives, short or long.
    Deliver(bool),
    /// Another device of the user deletes the nth mail.
    Delete(usize),
    /// Another device marks the nth mail.
    MarkThere(usize, bool),
    /// Another device moves the nth mail.
    MoveThere(usize, &'static str),
    /// Another device copies the nth mail.
    CopyThere(usize, &'static str),
    /// A mail arrives that the server will not let be changed from here.
    Stubborn,
    /// The user marks the nth mail.
    MarkHere(usize, bool),
    /// The user flags the nth mail.
    FlagHere(usize, FlagState),
    /// The user puts the nth mail into a category.
    CategorizeHere(usize, bool),
    /// The user deletes the nth mail, perhaps for good.
    DeleteHere(usize, bool),
    /// The user moves the nth mail.
    MoveHere(usize, &'static str),
    /// The user sends a mail.
    Send,
    /// The user answers or forwards the nth mail.
    Answer(usize, bool),
    /// The server loses its keys.
    Forget,
    /// The server wants another policy key.
    NewPolicy,
    /// A folder appears, or goes.
    Folder(bool),
    /// The user asks for news.
    Ask,
    /// Time goes by, in seconds.
    Wait(u16),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Accident {
    None,
    /// There is no connection.
    Unsent,
    /// The connection breaks before the server acted.
    LostBefore,
    /// The connection breaks after the server acted.
    LostAfter,
    /// The device dies after the server acted.
    DiedAfter,
    /// The server is overloaded.
    Busy,
    /// Somebody in between says that the server is, after it acted.
    BusyAfter,
    /// The answer comes garbled, after the server acted.
    Garbled,
    /// The answer is larger than is allowed, after the server acted.
    TooLarge,
    /// The server turns mails away with this status of HTTP; it answers everything else.
    TurnsAway(u16),
    /// The server fails with a page of HTML after it acted.
    Page,
}

/// What the user did last with a mail; what is absent they left alone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wished {
    pub(crate) read: Option<bool>,
    pub(crate) flag: Option<FlagState>,
    pub(crate) categories: Option<Vec<String>>,
    /// A folder; for good is nowhere.
    pub(crate) place: Option<&'static str>,
}

/// Not a folder: the mail is gone for good.
pub(crate) const NOWHERE: &str = "nowhere";

pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) store: Store,
    pub(crate) account: Account,
    pub(crate) held: Option<Request>,
    pub(crate) sent: Vec<String>,
    /// What the user did last with each mail, by its subject.
    pub(crate) wished: BTreeMap<String, Wished>,
    pub(crate) now: OffsetDateTime,
    pub(crate) wiped: Option<WipeOrder>,
}

impl World {
    pub(crate) fn new(server: Server) -> Self {
        let store = Store::default();
        let account = Account::restore(store.saved(), Preferences::default(), START);
        Self {
            server,
            store,
            account,
            held: None,
            sent: Vec::new(),
            wished: BTreeMap::new(),
            now: START,
            wiped: None,
        }
    }

    pub(crate) fn happen(&mut self, happening: Happening) {
        self.now += Duration::seconds(1);
        match happening {
            Happening::Command(accident) => {
                if let Some(request) = self.account.next_command(self.now) {
                    self.exchange(request, accident);
                }
                self.hold();
            }
            Happening::Push(accident) => {
                if let Some(request) = self.held.take() {
                    self.now += Duration::seconds(40);
                    self.exchange(request, accident);
                }
            }
            Happening::Crash => self.crash(),
            Happening::Deliver(long) => {
                let text = if long { "long ".repeat(20) } else { "short".to_owned() };
                self.server.deliver(INBOX, &text, self.now);
            }
            Happening::Delete(nth) => {
                let (_, inbox) = self.server.folders.get_mut(INBOX).unwrap();
                if let Some(id) = inbox.keys().nth(nth).cloned() {
                    inbox.remove(&id);
                }
            }
            Happening::MarkThere(nth, read) => {
                let (_, inbox) = self.server.folders.get_mut(INBOX).unwrap();
                if let Some(item) = inbox.values_mut().nth(nth) {
                    item.read = read;
                }
            }
            Happening::MoveThere(nth, to) => {
                let (_, inbox) = self.server.folders.get(INBOX).unwrap();
                if let Some(id) = inbox.keys().nth(nth).cloned() {
                    self.server.shift(INBOX, &id, to);
                }
            }
            Happening::CopyThere(nth, to) => {
                let (_, inbox) = self.server.folders.get(INBOX).unwrap();
                if let Some(item) = inbox.values().nth(nth).cloned() {
                    let id = format!("{to}:{}", self.server.number());
                    self.server.folders.get_mut(to).unwrap().1.insert(id, item);
                }
            }
            Happening::Stubborn => self.server.deliver(INBOX, STUBBORN, self.now),
            Happening::MarkHere(nth, read) => {
                self.mark(nth, Marks { read: Some(read), ..Marks::default() });
            }
            Happening::FlagHere(nth, state) => {
                let due = (state == FlagState::Active).then_some(date!(2026 - 02 - 01));
                let flag = FollowUp { state, due, ..FollowUp::default() };
                self.mark(nth, Marks { flag: Some(flag), ..Marks::default() });
            }
            Happening::CategorizeHere(nth, red) => {
                let categories = if red { vec!["Red".to_owned()] } else { Vec::new() };
                self.mark(nth, Marks { categories: Some(categories), ..Marks::default() });
            }
            Happening::DeleteHere(nth, for_good) => self.delete(nth, for_good),
            Happening::MoveHere(nth, to) => self.shift(nth, to),
            Happening::Send => self.send(None),
            Happening::Answer(nth, forward) => self.send(Some((nth, forward))),
            Happening::Forget => self.server.forget(),
            Happening::NewPolicy => {
                self.server.policy_key = self.server.policy_key.map(|key| key + 1)
            }
            Happening::Folder(there) => self.folder(there),
            Happening::Ask => self.account.sync_now(),
            Happening::Wait(seconds) => self.now += Duration::seconds(seconds.into()),
        }
    }

    fn exchange(&mut self, request: Request, accident: Accident) {
        self.store.apply(request.store_first.clone(), self.now);
        let now = self.now;
        let answer =
            |server: &mut Server| server.answer(&request, |id| format!("{id}@example.org"), now);
        let outcome = match accident {
            Accident::None => Outcome::Answered(answer(&mut self.server)),
            Accident::Unsent => Outcome::Unsent,
            Accident::LostBefore => Outcome::Lost,
            Accident::LostAfter => {
                answer(&mut self.server);
                Outcome::Lost
            }
            Accident::DiedAfter => {
                answer(&mut self.server);
                return self.crash();
            }
            Accident::Busy => {
                let retry_at = Some(self.now + Duration::seconds(100));
                Outcome::Answered(Answer { status: 503, retry_at, ..Answer::default() })
            }
            Accident::BusyAfter => {
                answer(&mut self.server);
                let retry_at = Some(self.now + Duration::seconds(100));
                Outcome::Answered(Answer { status: 502, retry_at, ..Answer::default() })
            }
            Accident::Garbled => {
                let answer = answer(&mut self.server);
                Outcome::Answered(Answer { body: b"\x03\x01\x6A\x00\xFF\xFF".to_vec(), ..answer })
            }
            Accident::TooLarge => {
                answer(&mut self.server);
                Outcome::Unreadable
            }
            Accident::TurnsAway(status) => {
                let sends = matches!(request.content, Content::Mail { .. });
                Outcome::Answered(if sends {
                    Answer { status, ..Answer::default() }
                } else {
                    answer(&mut self.server)
                })
            }
            Accident::Page => {
                answer(&mut self.server);
                Outcome::Answered(Answer {
                    status: 500,
                    body: b"<html>".to_vec(),
                    ..Answer::default()
                })
            }
        };
        let effects = self.account.handle(request.ticket, outcome, self.now, 1000);
        self.take(effects);
    }

    fn take(&mut self, effects: Effects) {
        self.store.apply(effects.changes, self.now);
        for event in effects.events {
            match event {
                Event::ErrandEnded { .. } | Event::Fetched { .. } => {}
                Event::Moved(to) => panic!("nobody sends the device to {to}"),
                Event::StopPush => {
                    if let Some(request) = self.held.take() {
                        let effects =
                            self.account.handle(request.ticket, Outcome::Cancelled, self.now, 0);
                        self.take(effects);
                    }
                }
                Event::Wipe(order) => self.wiped = Some(order),
                Event::WipeOrdered { .. } => {
                    assert_eq!(self.store.mails, BTreeMap::new(), "what the server gave is gone");
                    assert!(!self.server.wipe_reported, "before it is said to be done");
                }
            }
        }
    }

    fn hold(&mut self) {
        if self.held.is_none() {
            self.held = self.account.next_push(self.now, 0);
            assert!(self.held.as_ref().is_none_or(|request| request.lane == Lane::Push));
        }
    }

    fn crash(&mut self) {
        self.held = None;
        self.account = Account::restore(self.store.saved(), Preferences::default(), self.now);
    }

    fn mark(&mut self, nth: usize, marks: Marks) {
        let Some((item, known)) = self.pick(nth) else { return };
        let wished = self.wished.entry(known.print.subject.clone()).or_default();
        wished.read = marks.read.or(wished.read);
        wished.flag = marks.flag.as_ref().map(|flag| flag.state).or(wished.flag);
        wished.categories = marks.categories.clone().or(wished.categories.take());
        let changes = self.account.mark(item, marks, known).unwrap();
        self.store.apply(changes, self.now);
    }

    fn delete(&mut self, nth: usize, for_good: bool) {
        let Some((item, known)) = self.pick(nth) else { return };
        let gone = for_good || item.collection.0 == DELETED;
        let wished = self.wished.entry(known.print.subject.clone()).or_default();
        wished.place = Some(if gone { NOWHERE } else { DELETED });
        let changes = self.account.delete(item.clone(), for_good, known);
        self.store.apply(changes, self.now);
        assert!(!self.store.visible().contains(&item), "it vanishes at once");
    }

    fn shift(&mut self, nth: usize, to: &'static str) {
        let Some((item, known)) = self.pick(nth) else { return };
        let subject = known.print.subject.clone();
        let folder = CollectionId(to.to_owned());
        let changes: Option<Vec<Change>> = self.account.move_mail(item, folder, known);
        let Some(changes) = changes else { return };
        self.wished.entry(subject).or_default().place = Some(to);
        self.store.apply(changes, self.now);
    }

    fn pick(&self, nth: usize) -> Option<(ItemRef, Known)> {
        let item = self.store.visible().get(nth).cloned()?;
        let known = self.store.known(&item);
        Some((item, known))
    }

    fn send(&mut self, answered: Option<(usize, bool)>) {
        let original = match answered {
            Some((nth, forward)) => {
                let Some((item, _)) = self.pick(nth) else { return };
                Some(Original { item: Some(item), forward })
            }
            None => None,
        };
        let id = i64::try_from(self.sent.len()).unwrap() + 1;
        let record = OutboxRecord {
            id: OutboxId(id),
            client_id: format!("client {id}"),
            message_id: format!("{id}@example.org"),
            created: self.now,
            state: OutboxState::Waiting,
            tries: 0,
            original,
        };
        self.store.outbox.insert(record.id, record.clone());
        self.account.submit(record);
        self.sent.push(format!("{id}@example.org"));
        self.sent.sort();
    }

    fn folder(&mut self, there: bool) {
        if there {
            self.server
                .folders
                .entry("user%2F1".to_owned())
                .or_insert_with(|| (FolderKind::UserMail, Default::default()));
            self.server.deliver("user%2F1", "filed", self.now);
        } else {
            self.server.folders.remove("user%2F1");
        }
    }

    /// Lets both work without accidents until nothing is left to do.
    pub(crate) fn settle(&mut self) {
        for _ in 0..3000 {
            if self.wiped.is_some() {
                return;
            }
            if let Some(request) = self.account.next_command(self.now) {
                self.exchange(request, Accident::None);
                self.now += Duration::seconds(1);
                continue;
            }
            self.hold();
            if let Some(request) = self.held.take() {
                let quiet = self.store.picture() == self.server.picture();
                let before = self.store.account.last_success;
                self.now += Duration::seconds(40);
                self.exchange(request, Accident::None);
                let idle = self.account.progress(self.now).phase == Phase::Idle
                    && self.account.wake_at(self.now).is_none();
                if quiet
                    && idle
                    && self.store.account.last_success != before
                    && self.account.clone().next_command(self.now).is_none()
                {
                    return;
                }
                continue;
            }
            self.now = self.account.wake_at(self.now).unwrap_or(self.now) + Duration::seconds(1);
        }
        panic!("never settles: {:#?}", self.account.progress(self.now));
    }
}
