use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use activesync::codepage::{Tag, air_sync};
use activesync::messages::*;
use activesync::query::{Command, DeviceId, Form, Parameters, Query, Version};
use activesync::status::Status;
use activesync::wbxml::{Event, Reader};
use bytes::Bytes;
use data_encoding::BASE64;
use http_body_util::{BodyExt, Full};
use hyper::{HeaderMap, Request, StatusCode};
use hyper_util::rt::TokioIo;
use testkit::sogo::Sogo;
use time::OffsetDateTime;
use tokio::net::TcpStream;

/// One of the two.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) is_sogo: bool,
}

/// A device of 14.1 that speaks the protocol request by request.
#[derive(Debug, Clone)]
pub(crate) struct Device {
    address: SocketAddr,
    pub(crate) user: &'static str,
    pub(crate) id: &'static str,
    pub(crate) multipart: bool,
    folders: Vec<Folder>,
}

/// Why there is no answer to speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    Http(u16),
    Status(u16),
}

/// An answer of HTTP.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Server {
    /// A device that knows no folders.
    pub(crate) fn stranger(&self, user: &'static str, id: &'static str) -> Device {
        Device { address: self.address, user, id, multipart: false, folders: Vec::new() }
    }

    /// A device that knows the folders.
    pub(crate) async fn device(&self, user: &'static str, id: &'static str) -> Device {
        let mut device = self.stranger(user, id);
        device.learn_folders().await;
        device
    }
}

impl Device {
    pub(crate) async fn learn_folders(&mut self) {
        let answer = self.folder_sync("0").await.unwrap();
        let added = answer.changes.into_iter().map(|change| match change {
            FolderChange::Add(folder) => folder,
            FolderChange::Delete { .. } | FolderChange::Update(_) => panic!("{change:?}"),
        });
        self.folders = added.collect();
    }

    pub(crate) fn folders(&self) -> &[Folder] {
        &self.folders
    }

    pub(crate) fn folder(&self, kind: FolderKind) -> String {
        let found = self.folders.iter().find(|folder| folder.kind == kind);
        found.unwrap_or_else(|| panic!("no {kind:?} in {:?}", self.folders)).server_id.clone()
    }

    pub(crate) async fn http(&self, method: &str, target: &str, body: Vec<u8>) -> Answer {
        let credentials = BASE64.encode(format!("{}:{}", self.user, Sogo::PASSWORD).as_bytes());
        let request = Request::builder()
            .method(method)
            .uri(target)
            .header("Host", self.address.to_string())
            // Not said by hyper for an empty body, and SOGo wants it.
            .header("Content-Length", body.len())
            .header("Content-Type", "application/vnd.ms-sync.wbxml")
            .header("MS-ASProtocolVersion", Version::V14_1.name())
            .header("MS-ASAcceptMultiPart", if self.multipart { "T" } else { "F" })
            .header("Authorization", format!("Basic {credentials}"))
            .body(Full::new(Bytes::from(body)))
            .unwrap();
        let stream = TcpStream::connect(self.address).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let (head, body) = sender.send_request(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer { status: head.status, headers: head.headers, body }
    }

    pub(crate) async fn ask(&self, command: Command, body: Vec<u8>) -> Result<Bytes, Refused> {
        let query = Query {
            command,
            user: Some(self.user.to_owned()),
            device_id: DeviceId::new(self.id).unwrap(),
            device_type: "Test".to_owned(),
            version: None,
            policy_key: None,
            locale: None,
            parameters: Parameters::default(),
            form: Form::Plain,
        };
        let target = format!("/Microsoft-Server-ActiveSync?{}", query.to_plain());
        let answer = self.http("POST", &target, body).await;
        if answer.status != StatusCode::OK {
            return Err(Refused::Http(answer.status.as_u16()));
        }
        Ok(answer.body)
    }

    pub(crate) async fn folder_sync(&self, key: &str) -> Result<FolderSyncAnswer, Refused> {
        let request = FolderSyncRequest { sync_key: key.to_owned() };
        let body = self.ask(Command::FolderSync, request.encode()).await?;
        let answer = FolderSyncAnswer::decode(&body).unwrap();
        good(answer.status)?;
        Ok(answer)
    }

    pub(crate) async fn change_folder(
        &self,
        request: &FolderChangeRequest,
    ) -> Result<FolderChangeAnswer, Refused> {
        let body = self.ask(request.command(), request.encode()).await?;
        let answer = FolderChangeAnswer::decode(request.command(), &body).unwrap();
        good(answer.status)?;
        Ok(answer)
    }

    /// `None` stands for an empty answer, or one without collections: nothing changed.
    pub(crate) async fn sync(
        &self,
        collection: SyncCollection,
    ) -> Result<Option<CollectionAnswer>, Refused> {
        let request = SyncRequest { collections: vec![collection], ..SyncRequest::default() };
        let body = self.ask(Command::Sync, request.encode()).await?;
        let Some(answer) = SyncAnswer::decode(&body).unwrap() else { return Ok(None) };
        answer.status.map_or(Ok(()), good)?;
        let Some(collection) = answer.collections.into_iter().next() else { return Ok(None) };
        good(collection.status)?;
        Ok(Some(collection))
    }

    /// Primes a folder and returns its first key.
    pub(crate) async fn prime(&self, folder: &str) -> String {
        let answer = self.sync(collection(folder, "0")).await.unwrap().unwrap();
        answer.sync_key.unwrap()
    }

    /// Asks with a key until there is nothing more, and moves the key. SOGo says it once more than it has to.
    pub(crate) async fn rest(&self, folder: &str, key: &mut String) -> Vec<ServerCommand> {
        self.try_rest(folder, key).await.unwrap()
    }

    pub(crate) async fn try_rest(
        &self,
        folder: &str,
        key: &mut String,
    ) -> Result<Vec<ServerCommand>, Refused> {
        let mut commands = Vec::new();
        for _ in 0..10 {
            let request = SyncCollection { options: vec![whole()], ..collection(folder, key) };
            let Some(answer) = self.sync(request).await? else { break };
            *key = answer.sync_key.unwrap();
            let nothing = answer.commands.is_empty();
            commands.extend(answer.commands);
            if nothing && !answer.more_available {
                break;
            }
        }
        second_over(key).await;
        Ok(commands)
    }

    /// Primes and loads a folder; returns its key and what is in it.
    pub(crate) async fn load(&self, folder: &str) -> (String, Vec<ServerCommand>) {
        let mut key = self.prime(folder).await;
        let commands = self.rest(folder, &mut key).await;
        (key, commands)
    }

    /// Asks until the server has told what is wanted; mail takes a moment to arrive.
    pub(crate) async fn until(
        &self,
        folder: &str,
        key: &mut String,
        wanted: impl Fn(&ServerCommand) -> bool,
    ) -> ServerCommand {
        for _ in 0..150 {
            let commands = self.rest(folder, key).await;
            if let Some(found) = commands.into_iter().find(|command| wanted(command)) {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{} has not got it within 15 seconds", self.user);
    }

    /// Waits until a mail has come and returns its id. Other devices of the account see it at once then.
    pub(crate) async fn mail(&self, subject: &str) -> String {
        let inbox = self.folder(FolderKind::Inbox);
        let mut key = self.prime(&inbox).await;
        let found = self.until(&inbox, &mut key, |command| mail_of(command, subject).is_some());
        id_of(&found.await)
    }

    pub(crate) async fn send_mail(&self, client_id: &str, mime: &str) -> Result<(), Refused> {
        let request = SendMailRequest {
            client_id: client_id.to_owned(),
            account_id: None,
            save_in_sent_items: true,
            mime: Bytes::copy_from_slice(mime.as_bytes()),
            template_id: None,
        };
        let body = self.ask(Command::SendMail, request.encode()).await?;
        SendMailAnswer::decode(&body).unwrap().map_or(Ok(()), |answer| good(answer.status))
    }

    /// Sends a text to a person.
    pub(crate) async fn write(&self, to: &str, subject: &str, text: &str) {
        let id = format!("{}-{subject}", self.user).replace(' ', "");
        self.send_mail(&id, &mime(self.user, to, subject, text)).await.unwrap();
    }

    pub(crate) async fn fetch(&self, fetch: Fetch) -> Result<FetchAnswer, Refused> {
        let request =
            ItemOperationsRequest { fetches: vec![fetch], ..ItemOperationsRequest::default() };
        let body = self.ask(Command::ItemOperations, request.encode()).await?;
        let answer = ItemOperationsAnswer::decode(&body).unwrap();
        good(answer.status)?;
        let fetched = answer.fetches.into_iter().next().unwrap();
        good(fetched.status)?;
        Ok(fetched)
    }

    pub(crate) async fn ping(&self, request: Option<&PingRequest>) -> Result<PingAnswer, Refused> {
        let body = request.map(PingRequest::encode).unwrap_or_default();
        Ok(PingAnswer::decode(&self.ask(Command::Ping, body).await?).unwrap())
    }

    pub(crate) async fn settings(
        &self,
        request: &SettingsRequest,
    ) -> Result<SettingsAnswer, Refused> {
        let answer = self.ask(Command::Settings, request.encode()).await?;
        let answer = SettingsAnswer::decode(&answer).unwrap();
        good(answer.status)?;
        Ok(answer)
    }
}

/// Waits until the second is over that a key stands for, if it is one of those: SOGo's keys of contacts, events and tasks are seconds
/// since 1970, and what changes within that second is never told.
#[expect(clippy::disallowed_methods, reason = "the other server reads the same clock")]
async fn second_over(key: &str) {
    let Ok(second) = key.parse::<i64>() else { return };
    while OffsetDateTime::now_utc().unix_timestamp() <= second {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub(crate) fn good(status: Status) -> Result<(), Refused> {
    if status == Status::OK { Ok(()) } else { Err(Refused::Status(status.0)) }
}

pub(crate) fn collection(folder: &str, key: &str) -> SyncCollection {
    SyncCollection {
        collection_id: folder.to_owned(),
        sync_key: key.to_owned(),
        ..SyncCollection::default()
    }
}

/// Wants bodies as text, whole.
pub(crate) fn whole() -> SyncOptions {
    SyncOptions {
        body_preferences: vec![BodyPreference::whole(BodyType::Text)],
        ..SyncOptions::default()
    }
}

pub(crate) fn mime(from: &str, to: &str, subject: &str, text: &str) -> String {
    format!(
        "From: {from}@example.test\r\nTo: {to}@example.test\r\nSubject: {subject}\r\n\
         Date: Tue, 15 Sep 2026 10:00:00 +0000\r\nMessage-ID: <{}@example.test>\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n",
        subject.replace(' ', ".")
    )
}

/// The mail that a command is about, if it appears with this subject.
pub(crate) fn mail_of(command: &ServerCommand, subject: &str) -> Option<Email> {
    let ServerCommand::Add { item, .. } = command else { return None };
    let mail = item.clone().into_email()?;
    (mail.subject.as_deref() == Some(subject)).then_some(*mail)
}

pub(crate) fn id_of(command: &ServerCommand) -> String {
    let (ServerCommand::Add { server_id, .. }
    | ServerCommand::Change { server_id, .. }
    | ServerCommand::Delete { server_id }
    | ServerCommand::SoftDelete { server_id }) = command;
    server_id.clone()
}

/// How the client's commands went, as far as the server says it.
pub(crate) fn results(answer: &CollectionAnswer) -> Vec<u16> {
    let statuses = answer.responses.iter().map(|result| match result {
        CommandResult::Add { status, .. }
        | CommandResult::Change { status, .. }
        | CommandResult::Delete { status, .. }
        | CommandResult::Fetch { status, .. } => status.0,
    });
    statuses.collect()
}

/// Names of commands and the properties that they carry, in any order.
pub(crate) fn outline(commands: &[ServerCommand]) -> Vec<String> {
    let mut outline: Vec<_> = commands
        .iter()
        .map(|command| match command {
            ServerCommand::Add { item, .. } => format!("Add {}", properties(item).join(" ")),
            ServerCommand::Change { item, .. } => format!("Change {}", properties(item).join(" ")),
            ServerCommand::Delete { .. } => "Delete".to_owned(),
            ServerCommand::SoftDelete { .. } => "SoftDelete".to_owned(),
        })
        .collect();
    outline.sort();
    outline
}

/// Names of the properties that an item has a value of.
pub(crate) fn properties(item: &Item) -> Vec<String> {
    let document = SyncRequest {
        collections: vec![SyncCollection {
            commands: vec![ClientCommand::Add {
                client_id: "1".into(),
                class: None,
                item: item.clone(),
                send: false,
            }],
            ..collection("1", "1")
        }],
        ..SyncRequest::default()
    }
    .encode();
    let mut reader = Reader::new(&document).unwrap();
    let (mut way, mut names) = (Vec::<Tag>::new(), BTreeSet::new());
    while let Some(event) = reader.event().unwrap() {
        match event {
            Event::Start { tag, empty } => {
                if !empty && way.last() == Some(&air_sync::APPLICATION_DATA) {
                    names.insert(tag.to_string());
                }
                way.push(tag);
            }
            Event::End => {
                way.pop();
            }
            Event::Text(_) | Event::Opaque(_) => {}
        }
    }
    names.into_iter().collect()
}
