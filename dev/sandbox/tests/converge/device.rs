//! One device of the person: the state machine, what it has stored, and how its requests go wrong.

use std::collections::{BTreeMap, BTreeSet};

use activesync::messages::SyncRequest;
use activesync::query::Command;
use bytes::Bytes;
use hyper::Request;
use pim::{
    Account, Answer, Content, Effects, Event, Lane, OutboxId, OutboxState, Outcome, Phase,
    Preferences, Verb,
};
use sandbox::{Fault, Sandbox};
use time::Duration;

use crate::clock;
use crate::store::Store;
use crate::wire::{self, Held, PASSWORD, PERSON};

/// What goes wrong with a request and its answer.
#[derive(Clone, Debug)]
pub(crate) enum Accident {
    None,
    /// The device dies before a byte is sent.
    DiedBefore,
    /// The device dies after the server acted.
    DiedAfter,
    /// The server does this.
    Fault(Fault),
    /// The request is believed lost, and arrives later.
    Late,
    /// Somebody between both gives a page of HTML after the server acted.
    Page,
    /// The server does not know who asks any more.
    SignedOut,
    /// There is no connection.
    Unsent,
}

pub(crate) struct Device {
    pub(crate) name: String,
    pub(crate) store: Store,
    pub(crate) account: Account,
    /// The bytes of the mails in the outbox.
    pub(crate) letters: BTreeMap<OutboxId, Bytes>,
    held: Option<(pim::Request, Held)>,
    /// Requests that are still on their way, although nobody waits for their answers.
    late: Vec<Request<Bytes>>,
    /// The commands whose last answer it did not hear: what was not heard cannot come twice.
    unheard: BTreeSet<Command>,
    /// What it asked and how that ended, oldest first.
    pub(crate) log: Vec<String>,
}

impl Device {
    pub(crate) fn new(name: &str) -> Self {
        let store = Store::default();
        let account = Account::restore(store.saved(), Preferences::default(), clock::now());
        let (letters, late) = (BTreeMap::new(), Vec::new());
        Self {
            name: name.to_owned(),
            store,
            account,
            letters,
            held: None,
            late,
            unheard: BTreeSet::new(),
            log: Vec::new(),
        }
    }

    /// Sends the next command if there is one, and lets the server hold a request if there is nothing else to do.
    pub(crate) fn command(&mut self, sandbox: &Sandbox, accident: &Accident) -> bool {
        let request = self.account.next_command(clock::now());
        let is_some = request.is_some();
        if let Some(request) = request {
            self.exchange(sandbox, &request, accident);
        }
        self.hold(sandbox);
        is_some
    }

    /// Hears what the server says to the request that it holds, if it says something.
    pub(crate) fn listen(&mut self, accident: &Accident) -> bool {
        let Some((_, held)) = &mut self.held else { return false };
        let ready = wire::ready(held.as_mut());
        let outcome = match (ready, accident) {
            (None, Accident::Fault(Fault::LoseAnswer | Fault::LoseRequest)) => Outcome::Lost,
            (None, _) => return false,
            (Some(answer), Accident::None) => {
                answer.map_or(Outcome::Lost, |answer| Outcome::Answered(wire::answer(answer)))
            }
            (Some(_), _) => Outcome::Lost,
        };
        let Some((request, _)) = self.held.take() else { return false };
        self.handle(&request, outcome);
        true
    }

    /// Loses everything that is not stored.
    pub(crate) fn crash(&mut self) {
        self.held = None;
        self.account = Account::restore(self.store.saved(), Preferences::default(), clock::now());
    }

    /// Lets the requests arrive that are still on their way, newest first.
    pub(crate) fn arrive_late(&mut self, sandbox: &Sandbox) {
        for request in std::mem::take(&mut self.late).into_iter().rev() {
            wire::at_once(sandbox.answer(request));
        }
    }

    /// Does what can be done without waiting; says whether there was anything.
    pub(crate) fn work(&mut self, sandbox: &Sandbox) -> bool {
        if self.account.progress(clock::now()).needs_password {
            self.account.password_given();
        }
        if self.account.wants_texts() {
            self.account.fetch_later(self.store.unfetched());
        }
        let worked = self.command(sandbox, &Accident::None);
        self.listen(&Accident::None) || worked
    }

    /// Whether nothing is left to do until the server has news.
    pub(crate) fn is_quiet(&self) -> bool {
        let now = clock::now();
        self.held.is_some()
            && self.account.progress(now).phase == Phase::Idle
            && self.account.wake_at(now).is_none()
            && !self.store.is_waiting()
    }

    fn exchange(&mut self, sandbox: &Sandbox, request: &pim::Request, accident: &Accident) {
        self.store.apply(request.store_first.clone());
        let password = if matches!(accident, Accident::SignedOut) { "old" } else { PASSWORD };
        let sent = wire::request(request, self.body(&request.content), &self.name, password);
        // What is sent twice without a name that the server knows it by is delivered twice, and who says that a mail was taken is
        // believed: nothing can be done about either.
        let nameless = matches!(request.content, Content::Mime(_));
        let mail = nameless || matches!(request.content, Content::Mail { .. });
        // A server that gives a key away unasked takes the device to know more than it does, and nobody can tell.
        let gives_keys = |command| matches!(command, Command::FolderSync | Command::Sync);
        let keeps_keys =
            |verb| matches!(verb, Verb::Command { command, .. } if !gives_keys(command));
        let may_be_late = !nameless && keeps_keys(request.verb);
        let may_repeat = !mail && self.hears_twice(request.verb, accident) && !tells(request);
        let outcome = match accident {
            Accident::DiedBefore => return self.crash(),
            Accident::DiedAfter => {
                wire::at_once(sandbox.answer(sent));
                return self.crash();
            }
            Accident::Late if may_be_late => {
                self.late.push(sent);
                Outcome::Lost
            }
            Accident::Page => {
                wire::at_once(sandbox.answer(sent));
                let body = b"<html>".to_vec();
                Outcome::Answered(Answer { status: 500, body, ..Answer::default() })
            }
            Accident::Unsent => Outcome::Unsent,
            Accident::Fault(Fault::RepeatAnswer) if !may_repeat => self.answered(sandbox, sent),
            Accident::Fault(fault) => {
                if let Verb::Command { command, .. } = request.verb {
                    sandbox.fail_next(PERSON, Some(command), fault.clone()).unwrap();
                }
                self.answered(sandbox, sent)
            }
            Accident::Late | Accident::None | Accident::SignedOut => self.answered(sandbox, sent),
        };
        self.handle(request, outcome);
    }

    /// Whether an answer to such a request may come twice. In 12.1 one that says that there is nothing new is believed while a mail is
    /// looked for, and the mail sent once more: there is nothing else to know it by.
    fn hears_twice(&mut self, verb: Verb, accident: &Accident) -> bool {
        let Verb::Command { command, .. } = verb else { return false };
        let mut outbox = self.store.mails.outbox.values();
        let looks = outbox.any(|mail| mail.state == OutboxState::Sending);
        let may = !self.unheard.contains(&command) && (self.account.composes() || !looks);
        match accident {
            Accident::DiedAfter
            | Accident::Fault(Fault::LoseAnswer)
            | Accident::Late
            | Accident::Page => {
                self.unheard.insert(command);
            }
            Accident::Fault(Fault::RepeatAnswer) if may => {}
            Accident::Fault(Fault::LoseRequest | Fault::Unavailable { .. })
            | Accident::DiedBefore
            | Accident::SignedOut
            | Accident::Unsent => {}
            Accident::Fault(_) | Accident::None => {
                self.unheard.remove(&command);
            }
        }
        may
    }

    fn answered(&self, sandbox: &Sandbox, sent: Request<Bytes>) -> Outcome {
        let answer = wire::at_once(sandbox.answer(sent));
        answer.map_or(Outcome::Lost, |answer| Outcome::Answered(wire::answer(answer)))
    }

    fn handle(&mut self, request: &pim::Request, outcome: Outcome) {
        let said = match &outcome {
            Outcome::Answered(answer) => format!("{} {:?}", answer.status, text(&answer.body)),
            other @ (Outcome::Cancelled
            | Outcome::Lost
            | Outcome::NoCredentials
            | Outcome::Unreadable
            | Outcome::Unsent
            | Outcome::Untrusted) => format!("{other:?}"),
        };
        let asked = match request.verb {
            Verb::Options => "Options",
            Verb::Command { command, .. } => command.name(),
        };
        let content = match &request.content {
            Content::Wbxml(bytes) => text(bytes),
            other @ (Content::Empty
            | Content::Mail { .. }
            | Content::Mime(_)
            | Content::Sync(_)) => format!("{other:?}"),
        };
        self.log.push(format!("{} {asked} {content} → {said}", clock::now()));
        let effects = self.account.handle(request.ticket, outcome, clock::now(), 1000);
        self.take(effects);
    }

    fn take(&mut self, effects: Effects) {
        self.store.apply(effects.changes);
        for event in effects.events {
            match event {
                Event::ErrandEnded { .. } | Event::Fetched { .. } => {}
                Event::Moved(to) => panic!("nobody sends the device to {to}"),
                Event::StopPush => {
                    if let Some((request, _)) = self.held.take() {
                        self.handle(&request, Outcome::Cancelled);
                    }
                }
                Event::Wipe(_) | Event::WipeOrdered { .. } => panic!("nobody orders a wipe"),
            }
        }
    }

    fn hold(&mut self, sandbox: &Sandbox) {
        if self.held.is_some() {
            return;
        }
        let Some(request) = self.account.next_push(clock::now(), 0) else { return };
        assert_eq!(request.lane, Lane::Push);
        let sent = wire::request(&request, self.body(&request.content), &self.name, PASSWORD);
        let mut held: Held = Box::pin(sandbox.answer(sent));
        if let Some(answer) = wire::ready(held.as_mut()) {
            // What is wrong with the request is said at once.
            held = Box::pin(std::future::ready(answer));
        }
        self.held = Some((request, held));
    }

    fn body(&self, content: &Content) -> Vec<u8> {
        match content {
            Content::Empty => Vec::new(),
            Content::Sync(request) => request.encode(),
            Content::Wbxml(bytes) => bytes.clone(),
            Content::Mime(mail) => self.letters[mail].to_vec(),
            Content::Mail { mail, client_id, original } => {
                pim::mail_body(client_id, self.letters[mail].clone(), original.as_ref())
            }
        }
    }
}

/// The words of a document.
fn text(document: &[u8]) -> String {
    let is_plain = |byte: &u8| byte.is_ascii_graphic() || *byte == b' ';
    let words = document.split(|byte| !is_plain(byte)).filter(|word| word.len() > 1);
    let words: Vec<_> = words.map(String::from_utf8_lossy).collect();
    words.join(" ").chars().take(300).collect()
}

/// The longest that one of `devices` rests.
pub(crate) fn next_wake(devices: &[Device]) -> Duration {
    let now = clock::now();
    let wakes = devices.iter().filter_map(|device| device.account.wake_at(now));
    wakes.min().map_or(Duration::MINUTE, |moment| moment - now + Duration::SECOND)
}

/// Whether a request tells the server of changes. That nothing is new, said twice, would confirm them: some servers take changes without
/// giving a new key.
fn tells(request: &pim::Request) -> bool {
    let sync = match &request.content {
        Content::Sync(sync) => Some(sync.as_ref().clone()),
        Content::Wbxml(bytes) => SyncRequest::decode(bytes).ok().flatten(),
        Content::Empty | Content::Mail { .. } | Content::Mime(_) => None,
    };
    let mut collections = sync.into_iter().flat_map(|sync| sync.collections);
    collections.any(|collection| !collection.commands.is_empty())
}
