//! A device, a server, and what can happen to them.

use std::collections::{BTreeMap, BTreeSet};

use activesync::messages::{ClientCommand, Item};
use bytes::Bytes;
use pim::{
    Account, Content, DraftContent, DraftFile, DraftFileId, DraftId, DraftRecord, Effects, Event,
    Outcome, Phase, Preferences, Request,
};
use time::{Duration, OffsetDateTime, macros::datetime};

use crate::server::{Draft, Manner, Server};
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
    AddThere,
    WriteHere(usize),
    WriteThere(usize),
    /// Another file is put to a draft, perhaps with the name of one that is there.
    AttachHere(usize, bool),
    AttachThere(usize),
    DetachHere(usize),
    /// A draft is thrown away, or sent.
    DeleteHere(usize, bool),
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
}

pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) store: Store,
    account: Account,
    held: Option<Request>,
    now: OffsetDateTime,
    numbers: u32,
    /// The last words of the person in each draft.
    words: BTreeMap<DraftId, String>,
    /// The last words that were written elsewhere in each draft.
    others: BTreeMap<String, String>,
    /// What the person saw when they wrote something else, or deleted.
    replaced: BTreeSet<String>,
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
            Happening::AddHere => {
                let text = self.word("here");
                let to = vec!["bob@example.org".to_owned(), "half an addr".to_owned()];
                let content = DraftContent {
                    to,
                    subject: "A draft".to_owned(),
                    text: text.clone(),
                    ..DraftContent::default()
                };
                let record = self.store.add(content);
                self.words.insert(record.draft, text);
                self.told(record);
            }
            Happening::AddThere => {
                let text = self.word("there");
                self.server.put(None, Draft { text, ..Draft::default() });
            }
            Happening::WriteHere(nth) => {
                let text = self.word("here");
                let Some(draft) = self.open(nth) else { return };
                let own = text.clone();
                self.change(draft, |content| content.text = own);
                self.words.insert(draft, text);
            }
            Happening::WriteThere(nth) => {
                let text = self.word("there");
                let Some((id, mut draft)) = self.nth_there(nth) else { return };
                draft.text.clone_from(&text);
                self.server.put(Some(id.clone()), draft);
                self.others.insert(id, text);
            }
            Happening::AttachHere(nth, same) => self.attach(nth, same),
            Happening::AttachThere(nth) => {
                let name = self.word("file");
                let Some((id, mut draft)) = self.nth_there(nth) else { return };
                draft.files.push((name.clone(), Bytes::from(name)));
                self.server.put(Some(id), draft);
            }
            Happening::DetachHere(nth) => {
                if let Some(draft) = self.open(nth) {
                    self.change(draft, |content| {
                        content.files.drain(..content.files.len().min(1));
                    });
                }
            }
            Happening::DeleteHere(nth, sent) => {
                let Some(draft) = self.open(nth) else { return };
                self.words.remove(&draft);
                let record = self.store.change(draft, |row| row.deletion = Some(sent)).unwrap();
                self.told(record);
            }
            Happening::DeleteThere(nth) => {
                if let Some((id, _)) = self.nth_there(nth) {
                    self.server.items.remove(&id);
                    self.others.remove(&id);
                }
            }
            Happening::Forget => self.server.forget(),
            Happening::Wait(seconds) => self.now += Duration::seconds(seconds.into()),
        }
    }

    /// What the person wrote and never was where others can see it.
    pub(crate) fn lost_here(&self) -> Vec<String> {
        let words = self.words.values();
        words.filter(|word| !self.server.history.contains(*word)).cloned().collect()
    }

    /// What was written elsewhere and is gone, although the person here never saw it.
    pub(crate) fn lost_there(&self) -> Vec<String> {
        let lost = self.others.iter().filter(|(id, text)| {
            let there = self.server.items.get(*id);
            there.is_some_and(|draft| draft.text != **text) && !self.replaced.contains(*text)
        });
        lost.map(|(_, text)| text.clone()).collect()
    }

    fn attach(&mut self, nth: usize, same: bool) {
        let name = self.word("file");
        let Some(draft) = self.open(nth) else { return };
        let id = DraftFileId(self.store.number());
        self.store.files.insert(id, Bytes::from(format!("bytes of {}", id.0)));
        self.change(draft, |content| {
            let known = content.files.first().filter(|_| same).map(|file| file.name.clone());
            if known.is_some() {
                // A file is replaced by a newer version of it.
                content.files.remove(0);
            }
            content.files.push(DraftFile {
                id,
                name: known.unwrap_or(name),
                media_type: "text/plain".to_owned(),
                size: 10,
                reference: None,
            });
        });
    }

    /// Opens a draft as a person does: its files are fetched.
    fn open(&mut self, nth: usize) -> Option<DraftId> {
        self.store.adopt();
        let mut shown = self.store.rows.iter().filter(|(_, row)| row.deletion.is_none());
        let (draft, row) = shown.nth(nth)?;
        let (draft, content) = (*draft, row.content.clone());
        for file in &content.files {
            if !self.store.files.contains_key(&file.id) {
                let there = file.reference.as_deref();
                let bytes = there.and_then(|reference| self.server.file(reference))?;
                self.store.files.insert(file.id, bytes);
            }
        }
        self.replaced.insert(content.text);
        Some(draft)
    }

    fn change(&mut self, draft: DraftId, change: impl FnOnce(&mut DraftContent)) {
        let record = self.store.change(draft, |row| change(&mut row.content)).unwrap();
        self.told(record);
    }

    fn told(&mut self, record: DraftRecord) {
        let changes = self.account.take_draft(record, self.now);
        self.store.apply(changes, self.now);
    }

    fn nth_there(&self, nth: usize) -> Option<(String, Draft)> {
        self.server.items.iter().nth(nth).map(|(id, draft)| (id.clone(), draft.clone()))
    }

    fn word(&mut self, kind: &str) -> String {
        self.numbers += 1;
        format!("{kind} {}", self.numbers)
    }

    /// Writes a body as the shell does, with the bytes of new files.
    fn body(&self, request: &Request) -> Vec<u8> {
        match &request.content {
            Content::Sync(sync) => {
                let mut sync = (**sync).clone();
                for command in sync.collections.iter_mut().flat_map(|one| &mut one.commands) {
                    let (ClientCommand::Add { item, .. } | ClientCommand::Change { item, .. }) =
                        command
                    else {
                        continue;
                    };
                    let Item::Email(email) = item else { continue };
                    for file in email.attachments.iter_mut().flat_map(|files| &mut files.add) {
                        let id = file.client_id.as_deref().and_then(|name| name.strip_prefix('f'));
                        let id = id.and_then(|id| id.parse().ok()).unwrap();
                        file.content = self.store.files.get(&DraftFileId(id)).cloned();
                    }
                }
                sync.encode()
            }
            Content::Wbxml(body) => body.clone(),
            Content::Empty | Content::Mail { .. } | Content::Mime(_) => Vec::new(),
        }
    }

    fn exchange(&mut self, request: Request, accident: Accident) {
        self.store.apply(request.store_first.clone(), self.now);
        let body = self.body(&request);
        let outcome = match accident {
            Accident::None => Outcome::Answered(self.server.answer(&request, &body)),
            Accident::Unsent => Outcome::Unsent,
            Accident::LostBefore => Outcome::Lost,
            Accident::LostAfter => {
                self.server.answer(&request, &body);
                Outcome::Lost
            }
            Accident::DiedAfter => {
                self.server.answer(&request, &body);
                return self.crash();
            }
        };
        let effects = self.account.handle(request.ticket, outcome, self.now, 1000);
        self.take(effects);
    }

    fn take(&mut self, effects: Effects) {
        self.store.apply(effects.changes, self.now);
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
                    return self.look();
                }
                continue;
            }
            self.now = self.account.wake_at(self.now).unwrap_or(self.now) + Duration::seconds(1);
        }
        panic!("never settles: {:#?}", self.account.progress(self.now));
    }

    /// Opens everything that is there.
    fn look(&mut self) {
        self.store.adopt();
        for nth in 0..self.store.rows.len() {
            let replaced = self.replaced.clone();
            self.open(nth);
            self.replaced = replaced;
        }
    }
}
