use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use activesync::query::Command;
use bytes::Bytes;
use time::OffsetDateTime;
use tokio::sync::watch;

use crate::device::Device;
use crate::faults::Faults;
use crate::generated;
use crate::mailbox::{Content, FolderId, ItemId, Mailbox};
use crate::options::Options;
use crate::samples;
use crate::tokens::Tokens;

/// Everything that a running sandbox has.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) options: Options,
    pub(crate) started: OffsetDateTime,
    pub(crate) accounts: BTreeMap<String, Account>,
    pub(crate) faults: Faults,
    pub(crate) tokens: Tokens,
}

/// One person's account.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) address: String,
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
    /// Answered requests per command.
    pub(crate) requests: BTreeMap<Command, u64>,
    next_policy_key: u32,
}

impl Server {
    pub(crate) fn new(options: Options) -> Self {
        let started = (options.clock)();
        let accounts = options.accounts.iter().enumerate().map(|(index, name)| {
            let account = Account::new(name, &options, started, index == 0);
            (name.to_ascii_lowercase(), account)
        });
        let accounts = accounts.collect();
        Self { options, started, accounts, faults: Faults::default(), tokens: Tokens::default() }
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

    /// Finds the account that mails to `address` are for.
    pub(crate) fn recipient(&self, address: &str) -> Option<&Account> {
        address.contains('@').then(|| self.account(address)).flatten()
    }

    pub(crate) fn now(&self) -> OffsetDateTime {
        (self.options.clock)()
    }

    /// Returns the message of a mail.
    pub(crate) fn mime(&self, content: &Content) -> Bytes {
        match content {
            Content::Generated(index) => generated::mime(*index, self.options.mails, self.started),
            Content::Stored(mime) => mime.clone(),
        }
    }
}

impl Account {
    fn new(name: &str, options: &Options, started: OffsetDateTime, main: bool) -> Self {
        let mut mailbox = Mailbox::new(options.samples && main);
        if main {
            for index in 0..options.mails {
                let received = generated::received(index, options.mails, started);
                let read = generated::is_read(index);
                mailbox.add_old(Mailbox::INBOX, Content::Generated(index), received, read);
            }
        }
        if options.samples {
            samples::fill(&mut mailbox, name, &options.domain, started, main);
        }
        Self {
            name: name.to_owned(),
            address: format!("{name}@{}", options.domain),
            inside: Mutex::new(Inside {
                mailbox,
                devices: BTreeMap::new(),
                sent: BTreeSet::new(),
                submitted: 0,
                requests: BTreeMap::new(),
                next_policy_key: 1_000_003,
            }),
            news: watch::Sender::new(0),
            held: watch::Sender::new(0),
        }
    }

    /// Gives access to what is inside. Nobody panics while holding it half changed, so poison is ignored.
    pub(crate) fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes held requests, so that they look whether they have something to tell.
    pub(crate) fn tell_news(&self) {
        self.news.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Puts a message into a folder.
    pub(crate) fn deliver(
        &self,
        folder: FolderId,
        mime: Bytes,
        received: OffsetDateTime,
        read: bool,
    ) -> ItemId {
        let id = self.inside().mailbox.add(folder, Content::Stored(mime), received, read);
        self.tell_news();
        id
    }
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
