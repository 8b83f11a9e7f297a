//! A device, a server, and what can happen to them.

use std::collections::{BTreeMap, BTreeSet};

use activesync::messages::Contact;
use pim::{
    Account, Answer, Effects, EntryEdit, EntryId, Event, Outcome, Phase, Preferences, Request,
    Shown,
};
use time::{Duration, OffsetDateTime, macros::datetime};

use crate::server::{CONTACTS, Manner, Property, SECOND, Server, words};
use crate::store::Store;

const START: OffsetDateTime = datetime!(2026-01-01 00:00 UTC);

#[derive(Clone, Copy, Debug)]
pub(crate) enum Happening {
    /// A command is asked and answered, with this accident.
    Command(Accident),
    /// The server answers the request it holds, with this accident.
    Push(Accident),
    /// The device loses everything that is not stored.
    Crash,
    AddHere,
    AddInSecond,
    AddThere,
    EditHere(usize, Property),
    EditThere(usize, Property),
    DeleteHere(usize),
    DeleteThere(usize),
    /// The server loses its keys.
    Forget,
    /// Time goes by, in seconds.
    Wait(u16),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Accident {
    None,
    Unsent,
    LostBefore,
    LostAfter,
    DiedAfter,
    /// The server fails after it acted.
    FailedAfter,
    /// It is overloaded, or somebody in between says so after it acted.
    BusyAfter,
}

pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) store: Store,
    account: Account,
    held: Option<Request>,
    now: OffsetDateTime,
    numbers: u32,
    /// The last words of the person for each property of an entry.
    words: BTreeMap<(EntryId, Property), String>,
    /// The last words of others for each property of an entry on the server.
    others: BTreeMap<(String, Property), String>,
    /// What the person saw when they wrote something else, or deleted.
    replaced: BTreeSet<String>,
}

impl Store {
    /// What the person sees.
    pub(crate) fn shown(&self) -> Vec<(String, [Option<String>; 3])> {
        let mut shown: Vec<_> = self
            .rows
            .values()
            .filter(|row| !row.hidden)
            .map(|row| {
                let id = row.server_id.as_ref().map(|id| id.0.clone()).unwrap_or_default();
                (id, words(&row.item.clone().into_contact().unwrap()))
            })
            .collect();
        shown.sort();
        shown
    }
}

impl World {
    pub(crate) fn new(manner: Manner) -> Self {
        let store = Store::default();
        let account = Account::restore(store.saved(), Preferences::default(), START);
        Self {
            server: Server::new(manner),
            store,
            account,
            held: None,
            now: START,
            numbers: 0,
            words: BTreeMap::new(),
            others: BTreeMap::new(),
            replaced: BTreeSet::new(),
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
            Happening::AddHere => self.add(CONTACTS),
            Happening::AddInSecond => self.add(SECOND),
            Happening::AddThere => {
                let contact = Contact { last_name: Some(self.word("name")), ..Contact::default() };
                self.server.put(None, contact);
            }
            Happening::EditHere(nth, property) => self.edit(nth, property),
            Happening::EditThere(nth, property) => {
                let value = self.word("there");
                let Some((id, mut contact)) = self.nth_there(nth) else { return };
                property.set(&mut contact, &value);
                self.server.put(Some(id.clone()), contact);
                self.others.insert((id, property), value);
            }
            Happening::DeleteHere(nth) => self.delete(nth),
            Happening::DeleteThere(nth) => {
                if let Some((id, _)) = self.nth_there(nth) {
                    self.server.items.remove(&id);
                    self.others.retain(|(other, _), _| *other != id);
                }
            }
            Happening::Forget => self.server.forget(),
            Happening::Wait(seconds) => self.now += Duration::seconds(seconds.into()),
        }
    }

    /// What the person wrote and is neither where others can see it, nor kept aside.
    pub(crate) fn lost_here(&self) -> Vec<String> {
        let kept: BTreeSet<String> = self
            .store
            .conflicts
            .iter()
            .filter_map(|conflict| conflict.mine.clone().into_contact())
            .flat_map(|mine| [mine.job_title.clone(), mine.mobile_phone_number.clone()])
            .flatten()
            .collect();
        let words = self.words.values();
        let lost =
            words.filter(|word| !self.server.history.contains(*word) && !kept.contains(*word));
        lost.cloned().collect()
    }

    /// What others wrote and is gone, although the person never saw it.
    pub(crate) fn lost_there(&self) -> Vec<String> {
        let lost = self.others.iter().filter(|((id, property), value)| {
            let there = self.server.items.get(id);
            there.is_some_and(|contact| property.of(contact) != Some(value))
                && !self.replaced.contains(*value)
        });
        lost.map(|(_, value)| value.clone()).collect()
    }

    fn add(&mut self, folder: &str) {
        let name = Contact { last_name: Some(self.word("name")), ..Contact::default() };
        let client_id = self.word("client");
        let record = self.store.add(folder, client_id, name.into());
        self.account.take_edit(record);
    }

    fn edit(&mut self, nth: usize, property: Property) {
        let value = self.word("here");
        let Some(shown) = self.nth_here(nth) else { return };
        let mut change = Contact::default();
        property.set(&mut change, &value);
        let seen = shown.item.clone().into_contact().unwrap();
        self.replaced.extend(property.of(&seen).cloned());
        self.words.insert((shown.entry, property), value);
        let changes = self.account.edit(shown, EntryEdit::Change(Box::new(change.into())));
        self.store.apply(changes);
    }

    fn delete(&mut self, nth: usize) {
        let Some(shown) = self.nth_here(nth) else { return };
        self.words.retain(|(entry, _), _| *entry != shown.entry);
        let changes = self.account.edit(shown, EntryEdit::Delete);
        self.store.apply(changes);
    }

    fn nth_here(&mut self, nth: usize) -> Option<Shown> {
        let client_id = self.word("client");
        let (entry, row) = self.store.rows.iter().filter(|(_, row)| !row.hidden).nth(nth)?;
        Some(Shown {
            entry: *entry,
            collection: row.collection.clone(),
            server_id: row.server_id.clone(),
            item: row.item.clone(),
            client_id,
        })
    }

    fn nth_there(&self, nth: usize) -> Option<(String, Contact)> {
        self.server.items.iter().nth(nth).map(|(id, contact)| (id.clone(), contact.clone()))
    }

    fn word(&mut self, kind: &str) -> String {
        self.numbers += 1;
        format!("{kind} {}", self.numbers)
    }

    fn exchange(&mut self, request: Request, accident: Accident) {
        self.store.apply(request.store_first.clone());
        let outcome = match accident {
            Accident::None => Outcome::Answered(self.server.answer(&request)),
            Accident::Unsent => Outcome::Unsent,
            Accident::LostBefore => Outcome::Lost,
            Accident::LostAfter => {
                self.server.answer(&request);
                Outcome::Lost
            }
            Accident::FailedAfter => {
                self.server.answer(&request);
                Outcome::Answered(Answer { status: 500, ..Answer::default() })
            }
            Accident::BusyAfter => {
                self.server.answer(&request);
                let retry_at = Some(self.now + Duration::seconds(20));
                Outcome::Answered(Answer { status: 503, retry_at, ..Answer::default() })
            }
            Accident::DiedAfter => {
                self.server.answer(&request);
                return self.crash();
            }
        };
        let effects = self.account.handle(request.ticket, outcome, self.now, 1000);
        self.take(effects);
    }

    fn take(&mut self, effects: Effects) {
        self.store.apply(effects.changes);
        if effects.events.contains(&Event::StopPush)
            && let Some(request) = self.held.take()
        {
            let effects = self.account.handle(request.ticket, Outcome::Cancelled, self.now, 0);
            self.take(effects);
        }
    }

    fn hold(&mut self) {
        if self.held.is_none() {
            self.held = self.account.next_push(self.now, 0);
        }
    }

    fn crash(&mut self) {
        self.held = None;
        self.account = Account::restore(self.store.saved(), Preferences::default(), self.now);
    }

    /// Lets both work without accidents until nothing is left to do.
    pub(crate) fn settle(&mut self) {
        for _ in 0..2000 {
            if let Some(request) = self.account.next_command(self.now) {
                self.exchange(request, Accident::None);
                self.now += Duration::seconds(1);
                continue;
            }
            self.hold();
            if let Some(request) = self.held.take() {
                self.now += Duration::seconds(40);
                let before = self.store.shown();
                self.exchange(request, Accident::None);
                let idle = self.account.progress(self.now).phase == Phase::Idle
                    && self.account.wake_at(self.now).is_none();
                if idle
                    && before == self.store.shown()
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
