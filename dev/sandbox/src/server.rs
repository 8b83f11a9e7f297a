use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use activesync::messages::{self, PolicyDocument};
use activesync::query::Command;
use activesync::zone::Zone;
use bytes::Bytes;
use mail_parser::MessageParser;
use time::OffsetDateTime;
use tokio::sync::watch;

use crate::availability::{self, Busy};
use crate::certificates::Certificates;
use crate::device::Device;
use crate::directory::Directory;
use crate::faults::Faults;
use crate::generated;
use crate::itip::{self, Itip, Letter};
use crate::mailbox::{Content, FolderId, ItemId, Mailbox};
use crate::meetings;
use crate::options::Options;
use crate::out_of_office::OutOfOffice;
use crate::pim::{self, Owner};
use crate::samples;
use crate::sign_in::SeenTokens;

/// Everything that a running sandbox has.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) options: Options,
    pub(crate) started: OffsetDateTime,
    /// Address without a path.
    pub(crate) url: String,
    pub(crate) accounts: BTreeMap<String, Account>,
    pub(crate) directory: Directory,
    pub(crate) certificates: Certificates,
    pub(crate) faults: Faults,
    /// The zone of all mailboxes.
    pub(crate) zone: Zone,
    pub(crate) tokens: SeenTokens,
}

/// One person's account.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) address: String,
    /// The person's name.
    pub(crate) person: String,
    inside: Mutex<Inside>,
    /// Counts whatever may end a held request.
    pub(crate) news: watch::Sender<u64>,
    /// Requests that are being held.
    pub(crate) held: watch::Sender<usize>,
}

#[derive(Debug)]
pub(crate) struct Inside {
    pub(crate) mailbox: Mailbox,
    pub(crate) devices: BTreeMap<String, Device>,
    /// ClientIds of messages that were sent.
    pub(crate) sent: BTreeSet<String>,
    /// Messages that were accepted for sending, also those to addresses elsewhere.
    pub(crate) submitted: u64,
    pub(crate) out_of_office: OutOfOffice,
    /// Address of ActiveSync at the server where the mailbox is now.
    pub(crate) elsewhere: Option<String>,
    /// When the owner has no time.
    pub(crate) busy: Vec<Busy>,
    /// Automatic answers that were sent, oldest first.
    pub(crate) automatic: Vec<Bytes>,
    /// Conversations whose mails go to a folder of their own, by id.
    pub(crate) always_moved: BTreeMap<Vec<u8>, FolderId>,
    /// Answered requests per command.
    pub(crate) requests: BTreeMap<Command, u64>,
    /// The policy that Provision gives.
    pub(crate) policy: Option<PolicyDocument>,
    next_policy_key: u32,
}

impl Server {
    pub(crate) fn new(options: Options, url: String) -> Self {
        let started = (options.clock)();
        let zone = pim::ZONE.clone();
        let accounts = options.accounts.iter().enumerate().map(|(index, name)| {
            let account = Account::new(name, &options, &zone, started, index == 0);
            (name.to_ascii_lowercase(), account)
        });
        let accounts = accounts.collect();
        let directory = Directory::new(&options);
        Self {
            options,
            started,
            url,
            accounts,
            directory,
            certificates: Certificates::default(),
            faults: Faults::default(),
            tokens: SeenTokens::default(),
            zone,
        }
    }

    /// Finds an account by its name, its address or `DOMAIN\name`.
    pub(crate) fn account(&self, user: &str) -> Option<&Account> {
        let user = user.rsplit('\\').next().unwrap_or(user).to_ascii_lowercase();
        let name = user
            .strip_suffix(&self.options.domain)
            .and_then(|user| user.strip_suffix('@'))
            .unwrap_or(&user);
        self.accounts.get(name)
    }

    /// Returns where an account's mailbox answers.
    pub(crate) fn active_sync_url(&self, account: &Account) -> String {
        let elsewhere = account.inside().elsewhere.clone();
        let url = self.options.public_url.as_ref().unwrap_or(&self.url);
        elsewhere.unwrap_or_else(|| format!("{url}/Microsoft-Server-ActiveSync"))
    }

    /// Finds the account that mails to `address` are for.
    pub(crate) fn recipient(&self, address: &str) -> Option<&Account> {
        address.contains('@').then(|| self.account(address)).flatten()
    }

    /// Sends what the server writes for an account: into the mailboxes of those who are here, with a copy among what was sent.
    pub(crate) fn post(&self, from: &Account, letters: Vec<Letter>) {
        for letter in letters {
            from.deliver(Mailbox::SENT, letter.mime.clone(), self.now(), true);
            let mut accounts: Vec<_> =
                letter.to.iter().filter_map(|address| self.recipient(address)).collect();
            accounts.sort_by(|a, b| a.name.cmp(&b.name));
            accounts.dedup_by(|a, b| a.name == b.name);
            for account in accounts {
                account.deliver(Mailbox::INBOX, letter.mime.clone(), self.now(), false);
            }
        }
    }

    pub(crate) fn now(&self) -> OffsetDateTime {
        (self.options.clock)()
    }

    /// Returns the message of a mail; nothing for items of other classes.
    pub(crate) fn mime(&self, content: &Content) -> Bytes {
        match content {
            Content::Generated(index) => generated::mime(*index, self.options.mails, self.started),
            Content::Stored(mime) => mime.clone(),
            Content::GeneratedEvent(_) | Content::Typed(_) => Bytes::new(),
        }
    }

    /// Returns a contact, an event, a note or a task; `None` for mails.
    pub(crate) fn typed(&self, content: &Content) -> Option<Arc<messages::Item>> {
        match content {
            Content::Generated(_) | Content::Stored(_) => None,
            Content::GeneratedEvent(index) => {
                let event = generated::event(*index, self.options.events, self.started, &self.zone);
                Some(Arc::new(event.into()))
            }
            Content::Typed(item) => Some(Arc::clone(item)),
        }
    }
}

impl Account {
    fn new(
        name: &str,
        options: &Options,
        zone: &Zone,
        started: OffsetDateTime,
        main: bool,
    ) -> Self {
        let mut mailbox = Mailbox::new(options.samples && main);
        if main {
            for index in 0..options.mails {
                let received = generated::received(index, options.mails, started);
                let read = generated::is_read(index);
                mailbox.add_old(Mailbox::INBOX, Content::Generated(index), received, read);
            }
        }
        if main {
            for index in 0..options.events {
                let end = generated::event_end(index, options.events, started, zone);
                mailbox.add_old(Mailbox::CALENDAR, Content::GeneratedEvent(index), end, true);
            }
        }
        if options.samples {
            samples::fill(&mut mailbox, name, &options.domain, started, main);
            samples::fill_pim(&mut mailbox, name, &options.domain, started, zone);
        }
        let seed = name.bytes().map(usize::from).sum();
        let busy = if options.samples { availability::usual(started, seed) } else { Vec::new() };
        Self {
            name: name.to_owned(),
            address: format!("{name}@{}", options.domain),
            person: person(name),
            inside: Mutex::new(Inside {
                mailbox,
                devices: BTreeMap::new(),
                sent: BTreeSet::new(),
                submitted: 0,
                out_of_office: OutOfOffice::default(),
                elsewhere: None,
                busy,
                automatic: Vec::new(),
                always_moved: BTreeMap::new(),
                requests: BTreeMap::new(),
                policy: options.policy.clone(),
                next_policy_key: 1_000_003,
            }),
            news: watch::Sender::new(0),
            held: watch::Sender::new(0),
        }
    }

    /// Returns the person as the owner of events.
    pub(crate) fn owner(&self) -> Owner<'_> {
        Owner { name: &self.person, address: &self.address }
    }

    /// Gives access to what is inside. Nobody panics while holding it half changed, so poison is ignored.
    pub(crate) fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes held requests, so that they look whether they have something to tell.
    pub(crate) fn tell_news(&self) {
        self.news.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Puts a message into a folder. One about a meeting that comes in changes the calendar too.
    pub(crate) fn deliver(
        &self,
        folder: FolderId,
        mime: Bytes,
        received: OffsetDateTime,
        read: bool,
    ) -> ItemId {
        let meeting = (folder == Mailbox::INBOX).then(|| itip_of(&mime)).flatten();
        let mut inside = self.inside();
        let id = inside.mailbox.add(folder, Content::Stored(mime), received, read);
        if let Some(itip) = meeting {
            meetings::arrived(&mut inside.mailbox, self.owner(), itip, received);
        }
        drop(inside);
        self.tell_news();
        id
    }
}

fn itip_of(mime: &Bytes) -> Option<Itip> {
    itip::of(&MessageParser::default().parse(mime.as_ref())?)
}

/// Makes a person's name from an account's.
pub(crate) fn person(account: &str) -> String {
    let mut letters = account.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

impl Inside {
    pub(crate) fn device(&mut self, id: &str) -> &mut Device {
        self.devices.entry(id.to_owned()).or_default()
    }

    pub(crate) fn make_policy_key(&mut self) -> u32 {
        let key = self.next_policy_key;
        self.next_policy_key = key.wrapping_mul(31).wrapping_add(7).max(1);
        key
    }
}
