use std::net::SocketAddr;
use std::sync::Arc;

use activesync::messages::{DeviceInformation, FolderKind, WipeOrder, WipeReport};
use activesync::query::Command;
use bytes::Bytes;
use mail_builder::MessageBuilder;
use mail_parser::MessageParser;
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use crate::faults::Fault;
use crate::mailbox::{FolderId, ItemId};
use crate::options::Options;
use crate::server::{Account, Server};
use crate::tokens::Wrong;
use crate::wire::{self, TlsError};

/// A sample mail server.
#[derive(Debug)]
pub struct Sandbox;

/// A sandbox that answers requests until it is dropped.
#[derive(Debug)]
pub struct Running {
    server: Arc<Server>,
    address: SocketAddr,
    url: String,
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
        let server = Arc::new(Server::new(options));
        let task =
            tokio::spawn(wire::serve(listener, acceptor, Arc::clone(&server))).abort_handle();
        Ok(Running { server, address, url: format!("{scheme}://{address}"), task })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Running {
    /// Returns the address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the address without a path, for instance `http://127.0.0.1:8125`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Puts a message into the Inbox of an account and returns its id.
    pub fn deliver(&self, account: &str, mime: impl Into<Bytes>) -> Result<String, UnknownAccount> {
        let account = self.account(account)?;
        let id =
            account.deliver(crate::mailbox::Mailbox::INBOX, mime.into(), self.server.now(), false);
        Ok(id.to_string())
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

    /// Deletes a mail for good, as if another client of the account did. False if there is no such mail.
    pub fn delete(&self, account: &str, server_id: &str) -> Result<bool, UnknownAccount> {
        self.edit(account, server_id, |inside, id| {
            inside.mailbox.delete(id);
        })
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
        self.each_device(account, |device| {
            device.collections.clear();
            device.last_sync = None;
        })
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

    /// Refuses every token that has come so far, as one that was taken back.
    pub fn refuse_tokens(&self) {
        self.server.tokens.refuse_seen(&Wrong::Invalid);
    }

    /// Refuses every token that has come so far until more is proved: `claims` says what, in JSON.
    pub fn demand_claims(&self, claims: &str) {
        self.server.tokens.refuse_seen(&Wrong::Claims(claims.to_owned()));
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
        edit: impl FnOnce(&mut crate::server::Inside, ItemId),
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
