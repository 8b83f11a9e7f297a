use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;

use activesync::messages::{
    BodyPreference, BodyType, Class, DeviceInformation, FolderKind, Item, PolicyDocument,
    WipeOrder, WipeReport,
};
use activesync::query::{Command, Version};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response};
use mail_builder::MessageBuilder;
use mail_parser::MessageParser;
use secrecy::SecretString;
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use crate::certificates::Identity;
use crate::faults::Fault;
use crate::http;
use crate::mailbox::{self, FolderId, ItemId, Mailbox};
use crate::options::Options;
use crate::pim::{self, Ghosting, Purpose};
use crate::render::{self, Wanted};
use crate::server::{Account, Inside, Server};
use crate::sign_in::Refusal;
use crate::wire::{self, TlsError};

/// A sample mail server.
#[derive(Debug)]
pub struct Sandbox {
    server: Arc<Server>,
}

/// A sandbox that answers requests over the network until it is dropped.
#[derive(Debug)]
pub struct Running {
    sandbox: Sandbox,
    address: SocketAddr,
    task: AbortHandle,
}

/// Why a sandbox does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen: {0}")]
    Listen(#[from] std::io::Error),
    /// TLS cannot be served.
    #[error("cannot serve TLS: {0}")]
    Tls(#[from] TlsError),
}

/// There is no account of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no account {0}")]
pub struct UnknownAccount(String);

/// Why an item cannot be made, changed or looked at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ItemError {
    /// There is no such item.
    #[error("there is no such item")]
    NotFound,
    /// No server would take the item.
    #[error("no server would take the item")]
    Unsound,
    /// There is no such account.
    #[error(transparent)]
    UnknownAccount(#[from] UnknownAccount),
}

/// A mail as it is in an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailView {
    /// Id of the mail.
    pub server_id: String,
    /// When it came.
    pub received: OffsetDateTime,
    /// Whether it was read.
    pub read: bool,
    /// Whether it has a flag.
    pub flagged: bool,
    /// Its subject.
    pub subject: String,
    /// The address of its author.
    pub from: String,
    /// The whole message.
    pub mime: Bytes,
}

/// What the server knows of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceView {
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// What it tells about itself.
    pub information: Option<DeviceInformation>,
    /// Its policy key, once Provision is through.
    pub policy_key: Option<u32>,
    /// What it said about the last order to wipe.
    pub wiped: Option<WipeReport>,
}

impl Sandbox {
    /// Starts listening and answering.
    pub async fn start(options: Options) -> Result<Running, StartError> {
        let acceptor = options.tls.as_ref().map(wire::acceptor).transpose()?;
        let listener = TcpListener::bind(options.listen).await?;
        let address = listener.local_addr()?;
        let scheme = if acceptor.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{address}");
        let server = Arc::new(Server::new(options, url));
        let task =
            tokio::spawn(wire::serve(listener, acceptor, Arc::clone(&server))).abort_handle();
        Ok(Running { sandbox: Self { server }, address, task })
    }

    /// Makes one that listens nowhere: requests are handed to [`Sandbox::answer`].
    pub fn silent(options: Options) -> Self {
        let url = format!("http://{}", options.listen);
        Self { server: Arc::new(Server::new(options, url)) }
    }

    /// Answers a request; `None` if the answer is lost. What is held ends by the clock of the options, at which it looks again
    /// whenever it is told to by [`Sandbox::wake`]; it needs the timer of a Tokio runtime.
    pub fn answer(
        &self,
        request: Request<Bytes>,
    ) -> impl Future<Output = Option<Response<Full<Bytes>>>> + Send + 'static {
        let server = Arc::clone(&self.server);
        async move { http::answer(&server, request).await }
    }

    /// Lets held requests look at the clock, and whether there is news.
    pub fn wake(&self) {
        self.server.accounts.values().for_each(Account::tell_news);
    }

    /// Returns the address without a path, for instance `http://127.0.0.1:8125`.
    pub fn url(&self) -> &str {
        &self.server.url
    }

    /// Puts a message into the Inbox of an account and returns its id.
    pub fn deliver(&self, account: &str, mime: impl Into<Bytes>) -> Result<String, UnknownAccount> {
        let account = self.account(account)?;
        Ok(self.server.receive(account, &mime.into()).to_string())
    }

    /// Writes a plain mail and puts it into the Inbox of an account.
    pub fn deliver_text(
        &self,
        account: &str,
        from: &str,
        subject: &str,
        text: &str,
    ) -> Result<String, UnknownAccount> {
        let message = MessageBuilder::new()
            .date(self.server.now().unix_timestamp())
            .from(from)
            .to(self.account(account)?.address.as_str())
            .subject(subject)
            .text_body(text);
        self.deliver(account, message.write_to_vec().expect("writing to memory cannot fail"))
    }

    /// Returns the mails of an account's folders of one kind, newest first.
    pub fn mails(&self, account: &str, kind: FolderKind) -> Result<Vec<MailView>, UnknownAccount> {
        let inside = self.account(account)?.inside();
        let folders = inside.mailbox.folders().iter().filter(|folder| folder.kind == kind);
        let items = folders.flat_map(|folder| inside.mailbox.items_in(folder.id));
        let views = items.map(|(id, item)| {
            let mime = self.server.mime(&item.content);
            let message = MessageParser::default().parse(mime.as_ref());
            let from = message
                .as_ref()
                .and_then(|message| message.from()?.first()?.address().map(str::to_owned));
            let subject = message
                .as_ref()
                .and_then(|message| message.subject())
                .unwrap_or_default()
                .to_owned();
            MailView {
                server_id: id.to_string(),
                received: item.received,
                read: item.read,
                flagged: item.marks.flag.is_some(),
                subject,
                from: from.unwrap_or_default(),
                mime,
            }
        });
        Ok(views.collect())
    }

    /// Marks a mail as read or unread, as if another client of the account did. False if there is no such mail.
    pub fn mark_read(
        &self,
        account: &str,
        server_id: &str,
        read: bool,
    ) -> Result<bool, UnknownAccount> {
        self.edit(account, server_id, |inside, id| {
            inside.mailbox.change(id, |state, _| *state = read);
        })
    }

    /// Deletes an item of any class for good, as if another client of the account did. False if there is no such item.
    pub fn delete(&self, account: &str, server_id: &str) -> Result<bool, UnknownAccount> {
        self.edit(account, server_id, |inside, id| {
            inside.mailbox.delete(id);
        })
    }

    /// Puts a contact, an event, a note or a task into the folder for its class, as if another client of the account did, and
    /// returns its id. Events may come in the form of any version.
    ///
    /// # Errors
    ///
    /// There is no such account, or no server would take the item.
    pub fn add_item(&self, account: &str, item: impl Into<Item>) -> Result<String, ItemError> {
        let item = item.into();
        let folder = match item.class() {
            Some(Class::Calendar) => Mailbox::CALENDAR,
            Some(Class::Contacts) => Mailbox::CONTACTS,
            Some(Class::Notes) => Mailbox::NOTES,
            Some(Class::Tasks) => Mailbox::TASKS,
            Some(Class::Email) | None => return Err(ItemError::Unsound),
        };
        let account = self.account(account)?;
        let form = form_of(&item);
        let mut inside = account.inside();
        let adopted = pim::adopted(item, form, &self.server.zone).ok_or(ItemError::Unsound)?;
        let item = self.completed(account, adopted, inside.mailbox.last_change());
        if !pim::is_sound(&item) {
            return Err(ItemError::Unsound);
        }
        let (content, until) = pim::content(item, &self.server.zone);
        let id = inside.mailbox.add(folder, content, until, true);
        drop(inside);
        account.tell_news();
        Ok(id.to_string())
    }

    /// Changes a contact, an event, a note or a task, as if another client of the account did: what `change` gives is replaced, what
    /// it gives empty is cleared, the rest stays.
    ///
    /// # Errors
    ///
    /// There is no such account or item, or no server would take what the item becomes.
    pub fn change_item(
        &self,
        account: &str,
        server_id: &str,
        change: impl Into<Item>,
    ) -> Result<(), ItemError> {
        let change = change.into();
        let account = self.account(account)?;
        let mut inside = account.inside();
        let (id, old) = self.typed(&inside, server_id)?;
        let form = form_of(&change);
        let new = pim::merged(&old, change, &Ghosting::All, form, &self.server.zone)
            .ok_or(ItemError::Unsound)?;
        let new = self.completed(account, new, 0);
        if !pim::is_sound(&new) {
            return Err(ItemError::Unsound);
        }
        let (content, until) = pim::content(new, &self.server.zone);
        inside.mailbox.replace(id, content, until);
        drop(inside);
        account.tell_news();
        Ok(())
    }

    /// Returns an item of any class with its whole body, in the form in which a device of `version` would get it.
    ///
    /// # Errors
    ///
    /// There is no such account or item.
    pub fn item(
        &self,
        account: &str,
        server_id: &str,
        version: Version,
    ) -> Result<Item, ItemError> {
        let inside = self.account(account)?.inside();
        let id = ItemId::parse(server_id).ok_or(ItemError::NotFound)?;
        let item = inside.mailbox.item(id).ok_or(ItemError::NotFound)?;
        Ok(self.show(id, item, version))
    }

    /// Returns what is in an account's folders of one kind, newest first, with ids; in the form of `version`.
    pub fn items(
        &self,
        account: &str,
        kind: FolderKind,
        version: Version,
    ) -> Result<Vec<(String, Item)>, UnknownAccount> {
        let inside = self.account(account)?.inside();
        let folders = inside.mailbox.folders().iter().filter(|folder| folder.kind == kind);
        let items = folders.flat_map(|folder| inside.mailbox.items_in(folder.id));
        Ok(items.map(|(id, item)| (id.to_string(), self.show(id, item, version))).collect())
    }

    fn show(&self, id: ItemId, item: &mailbox::Item, version: Version) -> Item {
        let wanted = Wanted {
            preferences: [BodyType::Text, BodyType::Html].map(BodyPreference::whole).to_vec(),
            ..Wanted::default()
        };
        render::shown(&self.server, id, item, &wanted, version, Purpose::Whole)
    }

    fn typed(&self, inside: &Inside, server_id: &str) -> Result<(ItemId, Arc<Item>), ItemError> {
        let id = ItemId::parse(server_id).ok_or(ItemError::NotFound)?;
        let item = inside.mailbox.item(id).ok_or(ItemError::NotFound)?;
        Ok((id, self.server.typed(&item.content).ok_or(ItemError::NotFound)?))
    }

    fn completed(&self, account: &Account, item: Item, serial: u64) -> Item {
        pim::completed(item, account.owner(), self.server.now(), serial)
    }

    /// Makes a folder, as if another client of the account did, and returns its id.
    pub fn make_folder(&self, account: &str, name: &str) -> Result<String, UnknownAccount> {
        let account = self.account(account)?;
        let id: FolderId = account.inside().mailbox.add_folder(name);
        account.tell_news();
        Ok(id.to_string())
    }

    /// Returns the devices of an account.
    pub fn devices(&self, account: &str) -> Result<Vec<DeviceView>, UnknownAccount> {
        let inside = self.account(account)?.inside();
        let views = inside.devices.iter().map(|(id, device)| DeviceView {
            id: id.clone(),
            kind: device.kind.clone(),
            information: device.information.clone(),
            policy_key: device.provisioning.current,
            wiped: device.provisioning.wiped,
        });
        Ok(views.collect())
    }

    /// Returns how many messages an account has sent; one that was sent twice with the same ClientId counts once.
    pub fn submitted(&self, account: &str) -> Result<u64, UnknownAccount> {
        Ok(self.account(account)?.inside().submitted)
    }

    /// Returns the certificate for S/MIME of an account, which ResolveRecipients gives to others, with its key. `None` if OpenSSL fails.
    pub fn identity(&self, account: &str) -> Result<Option<Identity>, UnknownAccount> {
        let account = self.account(account)?;
        Ok(self.server.certificates.identity(&account.address, self.server.started))
    }

    /// Returns the certificate in DER of the authority that issues the accounts' certificates. `None` if OpenSSL fails.
    pub fn authority(&self) -> Option<Vec<u8>> {
        self.server.certificates.authority(self.server.started)
    }

    /// Moves the mailbox of an account to another server: `to` is the address of ActiveSync there (empty: requests are
    /// not told where), `None` brings it back. Requests are answered with HTTP 451, and autodiscover names the other server.
    pub fn move_account(&self, account: &str, to: Option<&str>) -> Result<(), UnknownAccount> {
        let account = self.account(account)?;
        account.inside().elsewhere = to.map(str::to_owned);
        account.tell_news();
        Ok(())
    }

    /// Returns the automatic answers that an account has sent while its owner was away, oldest first.
    pub fn automatic_answers(&self, account: &str) -> Result<Vec<Bytes>, UnknownAccount> {
        Ok(self.account(account)?.inside().automatic.clone())
    }

    /// Returns the password with which a device lets itself be opened when its own is forgotten, if it left one here.
    pub fn recovery_password(
        &self,
        account: &str,
        device: &str,
    ) -> Result<Option<SecretString>, UnknownAccount> {
        let inside = self.account(account)?.inside();
        let password =
            inside.devices.get(device).and_then(|device| device.recovery_password.as_ref());
        Ok(password.map(|password| password.0.clone().into()))
    }

    /// Returns how many requests of a command were carried out for an account.
    pub fn requests(&self, account: &str, command: Command) -> Result<u64, UnknownAccount> {
        Ok(self.account(account)?.inside().requests.get(&command).copied().unwrap_or_default())
    }

    /// Waits until exactly `count` requests of an account are being held.
    pub async fn until_held(&self, account: &str, count: usize) -> Result<(), UnknownAccount> {
        let mut held = self.account(account)?.held.subscribe();
        held.wait_for(|held| *held == count).await.expect("the account holds the sender");
        Ok(())
    }

    /// Lets the next request of an account fail; with a command, the next request of that command.
    pub fn fail_next(
        &self,
        account: &str,
        command: Option<Command>,
        fault: Fault,
    ) -> Result<(), UnknownAccount> {
        self.server.faults.add(&self.account(account)?.name, command, fault);
        Ok(())
    }

    /// Forgets what the devices of an account know of their folders' mails, so that their keys are refused.
    pub fn forget_sync_keys(&self, account: &str) -> Result<(), UnknownAccount> {
        self.each_device(account, crate::device::Device::forget_sync_keys)
    }

    /// Forgets what the devices of an account know of the folder tree, so that their keys are refused.
    pub fn forget_folder_keys(&self, account: &str) -> Result<(), UnknownAccount> {
        self.each_device(account, |device| {
            if let Some(keys) = &mut device.folders {
                keys.current.0.clear();
                keys.previous = None;
            }
        })
    }

    /// Forgets the policy keys of an account's devices, so that they have to run Provision again.
    pub fn demand_provisioning(&self, account: &str) -> Result<(), UnknownAccount> {
        self.each_device(account, |device| device.provisioning.current = None)
    }

    /// Gives an account another policy, which its devices are asked to take at once.
    pub fn change_policy(
        &self,
        account: &str,
        policy: PolicyDocument,
    ) -> Result<(), UnknownAccount> {
        self.account(account)?.inside().policy = Some(policy);
        self.demand_provisioning(account)
    }

    /// Refuses every token that has come so far, as one that was taken back.
    pub fn refuse_tokens(&self) {
        self.server.tokens.refuse(&Refusal::Token);
    }

    /// Refuses every token that has come so far until more is proved: `claims` says what, in JSON.
    pub fn demand_claims(&self, claims: &str) {
        self.server.tokens.refuse(&Refusal::Claims(claims.to_owned()));
    }

    /// Orders the devices of an account to wipe themselves.
    pub fn order_wipe(&self, account: &str, order: WipeOrder) -> Result<(), UnknownAccount> {
        self.each_device(account, |device| device.provisioning.wipe = Some(order))
    }

    fn account(&self, name: &str) -> Result<&Account, UnknownAccount> {
        self.server.account(name).ok_or_else(|| UnknownAccount(name.to_owned()))
    }

    fn each_device(
        &self,
        account: &str,
        edit: impl FnMut(&mut crate::device::Device),
    ) -> Result<(), UnknownAccount> {
        let account = self.account(account)?;
        account.inside().devices.values_mut().for_each(edit);
        account.tell_news();
        Ok(())
    }

    fn edit(
        &self,
        account: &str,
        server_id: &str,
        edit: impl FnOnce(&mut Inside, ItemId),
    ) -> Result<bool, UnknownAccount> {
        let account = self.account(account)?;
        let mut inside = account.inside();
        let found = ItemId::parse(server_id).filter(|id| inside.mailbox.item(*id).is_some());
        if let Some(id) = found {
            edit(&mut inside, id);
        }
        drop(inside);
        account.tell_news();
        Ok(found.is_some())
    }
}

impl Running {
    /// Returns the address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Deref for Running {
    type Target = Sandbox;

    fn deref(&self) -> &Sandbox {
        &self.sandbox
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Returns the version in whose form an event comes: whole days without a zone are dates, as since 16.0.
fn form_of(item: &Item) -> Version {
    let zoned = pim::as_event(item).is_some_and(|event| event.timezone.is_some());
    if zoned { Version::V14_1 } else { Version::V16_1 }
}
