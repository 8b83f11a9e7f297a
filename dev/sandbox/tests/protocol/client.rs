use std::io;
use std::net::SocketAddr;

use activesync::messages::*;
use activesync::query::{Command, DeviceId, Form, Parameters, Query, Version};
use activesync::status::Status;
use bytes::Bytes;
use data_encoding::BASE64;
use http_body_util::{BodyExt, Full};
use hyper::{HeaderMap, Request, StatusCode};
use hyper_util::rt::TokioIo;
use sandbox::{Options, Running, Sandbox};
use time::OffsetDateTime;
use time::macros::datetime;
use tokio::net::TcpStream;

pub(crate) const PASSWORD: &str = "correct horse";

/// A device that speaks the protocol request by request.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) address: SocketAddr,
    pub(crate) user: String,
    pub(crate) password: String,
    /// Signs in instead of name and password.
    pub(crate) token: Option<String>,
    pub(crate) device: &'static str,
    pub(crate) version: Version,
    pub(crate) policy_key: Option<u32>,
    pub(crate) multipart: bool,
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

pub(crate) fn now() -> OffsetDateTime {
    datetime!(2026-09-15 10:00 UTC)
}

pub(crate) fn options() -> Options {
    Options { heartbeat: 1..=3540, ..Options::new(PASSWORD, now) }
}

/// Starts a sandbox without a policy, and a client of alice that knows the folders.
pub(crate) async fn ready(options: Options) -> (Running, Client) {
    let running = Sandbox::start(Options { enforce_policy: false, ..options }).await.unwrap();
    let client = Client::new(&running, "alice");
    client.folders("0").await;
    (running, client)
}

impl Client {
    pub(crate) fn new(running: &Running, user: &str) -> Self {
        Self {
            address: running.address(),
            user: user.to_owned(),
            password: PASSWORD.to_owned(),
            token: None,
            device: "Device1",
            version: Version::V16_1,
            policy_key: None,
            multipart: false,
        }
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        target: &str,
        body: Vec<u8>,
    ) -> io::Result<Answer> {
        let mut request = Request::builder()
            .method(method)
            .uri(target)
            .header("Host", self.address.to_string())
            .header("MS-ASProtocolVersion", self.version.name())
            .header("MS-ASAcceptMultiPart", if self.multipart { "T" } else { "F" });
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        } else if !self.user.is_empty() {
            let credentials = BASE64.encode(format!("{}:{}", self.user, self.password).as_bytes());
            request = request.header("Authorization", format!("Basic {credentials}"));
        }
        if let Some(key) = self.policy_key {
            request = request.header("X-MS-PolicyKey", key.to_string());
        }
        let request = request.body(Full::new(Bytes::from(body))).unwrap();
        let stream = TcpStream::connect(self.address).await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(io::Error::other)?;
        tokio::spawn(connection);
        let answer = sender.send_request(request).await.map_err(io::Error::other)?;
        let (head, body) = answer.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        Ok(Answer { status: head.status, headers: head.headers, body })
    }

    pub(crate) async fn try_post(&self, command: Command, body: Vec<u8>) -> io::Result<Answer> {
        let query = Query {
            command,
            user: Some(self.user.clone()),
            device_id: DeviceId::new(self.device).unwrap(),
            device_type: "Test".to_owned(),
            version: None,
            policy_key: None,
            locale: None,
            parameters: Parameters::default(),
            form: Form::Plain,
        };
        self.send("POST", &format!("/Microsoft-Server-ActiveSync?{}", query.to_plain()), body).await
    }

    pub(crate) async fn post(&self, command: Command, body: Vec<u8>) -> Bytes {
        let answer = self.try_post(command, body).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK);
        answer.body
    }

    pub(crate) async fn provision(&self, request: &ProvisionRequest) -> ProvisionAnswer {
        ProvisionAnswer::decode(&self.post(Command::Provision, request.encode()).await).unwrap()
    }

    pub(crate) async fn folders(&self, key: &str) -> FolderSyncAnswer {
        let request = FolderSyncRequest { sync_key: key.to_owned() };
        FolderSyncAnswer::decode(&self.post(Command::FolderSync, request.encode()).await).unwrap()
    }

    pub(crate) async fn change_folder(&self, request: &FolderChangeRequest) -> FolderChangeAnswer {
        let body = self.post(request.command(), request.encode()).await;
        FolderChangeAnswer::decode(request.command(), &body).unwrap()
    }

    pub(crate) async fn operate(&self, request: &ItemOperationsRequest) -> ItemOperationsAnswer {
        let body = self.post(Command::ItemOperations, request.encode()).await;
        ItemOperationsAnswer::decode(&body).unwrap()
    }

    pub(crate) async fn settings(&self, request: &SettingsRequest) -> SettingsAnswer {
        SettingsAnswer::decode(&self.post(Command::Settings, request.encode()).await).unwrap()
    }

    pub(crate) async fn search(&self, query: SearchQuery, options: SearchOptions) -> SearchAnswer {
        let request = SearchRequest { query, options };
        SearchAnswer::decode(&self.post(Command::Search, request.encode()).await).unwrap()
    }

    pub(crate) async fn find(&self, request: &FindRequest) -> FindResponse {
        let body = self.post(Command::Find, request.encode()).await;
        FindAnswer::decode(&body).unwrap().response.unwrap()
    }

    /// Looks up the id of a folder, as another device of the same person.
    pub(crate) async fn folder(&self, name: &str) -> String {
        let other = Self { device: "Looker", ..self.clone() };
        let changes = other.folders("0").await.changes;
        let found = changes.into_iter().find_map(|change| match change {
            FolderChange::Add(folder) if folder.display_name == name => Some(folder.server_id),
            FolderChange::Add(_) | FolderChange::Delete { .. } | FolderChange::Update(_) => None,
        });
        found.unwrap()
    }

    pub(crate) async fn sync(&self, collection: SyncCollection) -> Option<CollectionAnswer> {
        let answer = self
            .sync_all(&SyncRequest { collections: vec![collection], ..SyncRequest::default() })
            .await?;
        assert_eq!((answer.status, answer.collections.len()), (None, 1));
        answer.collections.into_iter().next()
    }

    pub(crate) async fn sync_all(&self, request: &SyncRequest) -> Option<SyncAnswer> {
        SyncAnswer::decode(&self.post(Command::Sync, request.encode()).await).unwrap()
    }

    /// Primes a folder and returns its first key.
    pub(crate) async fn prime(&self, folder: &str) -> String {
        let answer = self.sync(collection(folder, "0")).await.unwrap();
        assert_eq!(
            (answer.status, answer.commands.len(), answer.more_available),
            (Status::OK, 0, false)
        );
        answer.sync_key.unwrap()
    }

    /// Primes a folder and loads it; returns its last key and the mails.
    pub(crate) async fn load(
        &self,
        folder: &str,
        options: SyncOptions,
    ) -> (String, Vec<(String, Email)>) {
        let mut key = self.prime(folder).await;
        let mut mails = Vec::new();
        loop {
            let request = SyncCollection {
                window_size: Some(20),
                options: vec![options.clone()],
                ..collection(folder, &key)
            };
            let Some(answer) = self.sync(request).await else { return (key, mails) };
            assert!(answer.commands.len() <= 20);
            key = answer.sync_key.unwrap();
            mails.extend(answer.commands.into_iter().map(|command| match command {
                ServerCommand::Add { server_id, item, .. } => {
                    (server_id, *item.into_email().unwrap())
                }
                ServerCommand::Change { .. }
                | ServerCommand::Delete { .. }
                | ServerCommand::SoftDelete { .. } => {
                    panic!("{command:?}")
                }
            }));
            if !answer.more_available {
                return (key, mails);
            }
        }
    }

    pub(crate) async fn ping(&self, request: Option<PingRequest>) -> PingAnswer {
        let body = request.map(|request| request.encode()).unwrap_or_default();
        PingAnswer::decode(&self.post(Command::Ping, body).await).unwrap()
    }

    pub(crate) async fn fetch(&self, fetch: Fetch) -> FetchAnswer {
        let request =
            ItemOperationsRequest { fetches: vec![fetch], ..ItemOperationsRequest::default() };
        let body = self.post(Command::ItemOperations, request.encode()).await;
        ItemOperationsAnswer::decode(&body).unwrap().fetches.into_iter().next().unwrap()
    }
}

pub(crate) fn collection(folder: &str, key: &str) -> SyncCollection {
    SyncCollection {
        collection_id: folder.to_owned(),
        sync_key: key.to_owned(),
        ..SyncCollection::default()
    }
}

pub(crate) fn preferring(preference: BodyPreference) -> SyncOptions {
    SyncOptions {
        body_preferences: vec![preference],
        mime_support: Some(MimeSupport::All),
        ..SyncOptions::default()
    }
}

pub(crate) fn inbox_ping(seconds: u32) -> PingRequest {
    let folders = vec![PingFolder { id: "f1".to_owned(), class: "Email".to_owned() }];
    PingRequest { heartbeat_interval: Some(seconds), folders }
}
