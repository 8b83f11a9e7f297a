//! A mail server that keeps its states as the protocol wants it, and can be told to forget.

use std::collections::BTreeMap;

use activesync::{
    messages::{
        Body, BodyType, CollectionAnswer, Email, FetchAnswer, FetchSource, Flag, Folder,
        FolderChange, FolderKind, FolderSyncAnswer, FolderSyncRequest, ItemOperationsAnswer,
        ItemOperationsRequest, MoveItemsRequest, PingAnswer, PingRequest, PolicyAnswer,
        ProvisionAnswer, ProvisionPhase, ProvisionRequest, ServerCommand, SyncAnswer, SyncRequest,
        WipeOrder, WipeReport,
    },
    query::Command,
    status::Status,
};
use pim::{Answer, Content, Request, Verb};
use time::OffsetDateTime;

use crate::picture::{Line, line};

pub(crate) const INBOX: &str = "mail%2Finbox";
pub(crate) const SENT: &str = "mail%2Fsent";
pub(crate) const DELETED: &str = "mail%2Fdeleted";
pub(crate) const ARCHIVE: &str = "mail%2Farchive";

/// A mail with this text cannot be marked, moved or deleted from here.
pub(crate) const STUBBORN: &str = "stubborn";

/// A text longer than this is cut in Sync.
const CUT: usize = 20;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Item {
    pub(crate) read: bool,
    pub(crate) flag: Flag,
    pub(crate) categories: Vec<String>,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) message_id: Option<String>,
    pub(crate) date: OffsetDateTime,
}

pub(crate) type Items = BTreeMap<String, Item>;

#[derive(Debug, Default)]
struct Device {
    /// Key and what the device knows with it: the current one and the one before.
    current: Option<(String, Items)>,
    previous: Option<(String, Items)>,
}

#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) folders: BTreeMap<String, (FolderKind, Items)>,
    /// Message-IDs in the order in which they went out.
    pub(crate) delivered: Vec<String>,
    /// Repeated ClientIds are recognised.
    pub(crate) remembers: bool,
    /// The policy key that is asked for.
    pub(crate) policy_key: Option<u32>,
    /// Nobody gets the head of a mail: the text comes instead.
    pub(crate) hides_heads: bool,
    pub(crate) wipes: Option<WipeOrder>,
    pub(crate) wipe_reported: bool,
    seen: Vec<String>,
    tree: BTreeMap<String, Vec<String>>,
    devices: BTreeMap<String, Device>,
    numbers: u32,
}

impl Server {
    pub(crate) fn new(remembers: bool, policy: bool) -> Self {
        let folder = |id: &str, kind| (id.to_owned(), (kind, Items::new()));
        Self {
            folders: BTreeMap::from([
                folder(INBOX, FolderKind::Inbox),
                folder(SENT, FolderKind::Sent),
                folder(DELETED, FolderKind::Deleted),
                folder(ARCHIVE, FolderKind::UserMail),
            ]),
            delivered: Vec::new(),
            remembers,
            policy_key: policy.then_some(7),
            hides_heads: false,
            wipes: None,
            wipe_reported: false,
            seen: Vec::new(),
            tree: BTreeMap::new(),
            devices: BTreeMap::new(),
            numbers: 0,
        }
    }

    pub(crate) fn number(&mut self) -> u32 {
        self.numbers += 1;
        self.numbers
    }

    pub(crate) fn deliver(&mut self, folder: &str, text: &str, date: OffsetDateTime) {
        let number = self.number();
        let item = Item {
            read: false,
            flag: Flag::default(),
            categories: Vec::new(),
            subject: format!("mail {number}"),
            text: text.to_owned(),
            message_id: None,
            date,
        };
        if let Some((_, items)) = self.folders.get_mut(folder) {
            items.insert(format!("{folder}:{number}"), item);
        }
    }

    /// Forgets every key of items.
    pub(crate) fn forget(&mut self) {
        self.devices.clear();
    }

    pub(crate) fn picture(&self) -> Vec<Line> {
        let of_folder = |(folder, (_, items)): (&String, &(FolderKind, Items))| {
            let line = |(id, item): (&String, &Item)| {
                let due = item.flag.due.map(OffsetDateTime::date);
                line(
                    (folder, id),
                    item.read,
                    (item.flag.state, due),
                    &item.categories,
                    (&item.subject, &item.text),
                )
            };
            items.iter().map(line).collect::<Vec<_>>()
        };
        self.folders.iter().flat_map(of_folder).collect()
    }

    /// Moves a mail, and gives its new id.
    pub(crate) fn shift(&mut self, from: &str, id: &str, to: &str) -> Option<String> {
        let item = self.folders.get_mut(from)?.1.remove(id)?;
        let new = format!("{to}:{}", self.number());
        self.folders.get_mut(to)?.1.insert(new.clone(), item);
        Some(new)
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a command that is never asked must fail the test"
    )]
    /// `mime` gives the Message-ID of a mail of the outbox.
    pub(crate) fn answer(
        &mut self,
        request: &Request,
        mime: impl Fn(i64) -> String,
        now: OffsetDateTime,
    ) -> Answer {
        let Verb::Command { command, policy_key, .. } = request.verb else {
            return Answer {
                status: 200,
                versions: Some("14.0,14.1,16.1,17.0".to_owned()),
                ..Answer::default()
            };
        };
        let body = match &request.content {
            Content::Wbxml(body) => body.as_slice(),
            Content::Empty | Content::Mail { .. } | Content::Mime(_) | Content::Sync(_) => &[],
        };
        if command != Command::Provision
            && (self.wipes.is_some() || self.policy_key.is_some_and(|key| policy_key != Some(key)))
        {
            let status = Status(if self.wipes.is_some() { 140 } else { 144 });
            return ok(activesync::refusal::body(command, status).unwrap());
        }
        ok(match command {
            Command::Provision => self.provision(&ProvisionRequest::decode(body).unwrap()),
            Command::FolderSync => {
                self.folder_sync(&FolderSyncRequest::decode(body).unwrap().sync_key)
            }
            Command::Sync => self.sync(SyncRequest::decode(body).unwrap().unwrap()),
            Command::ItemOperations => self.fetch(ItemOperationsRequest::decode(body).unwrap()),
            Command::Ping => self.ping(&PingRequest::decode(body).unwrap().unwrap()),
            Command::MoveItems => self.move_items(&MoveItemsRequest::decode(body).unwrap()),
            Command::SendMail | Command::SmartForward | Command::SmartReply => {
                let Content::Mail { mail, client_id, original } = &request.content else {
                    panic!("a mail is sent")
                };
                let there = original.as_ref().is_none_or(|(item, _)| {
                    let folder = self.folders.get(&item.collection.0);
                    folder.is_some_and(|(_, items)| items.contains_key(&item.item.0))
                });
                if there || self.remembers && self.seen.contains(client_id) {
                    self.send(command, client_id, mime(mail.0), now)
                } else {
                    activesync::refusal::body(command, Status(150)).unwrap()
                }
            }
            other => panic!("{other:?} is never asked"),
        })
    }

    fn provision(&mut self, request: &ProvisionRequest) -> Vec<u8> {
        let policy = |key| PolicyAnswer {
            policy_type: activesync::messages::POLICY_TYPE.to_owned(),
            status: Status(if self.policy_key.is_some() { 1 } else { 2 }),
            key,
            document: None,
        };
        let answer = |policy, wipe| ProvisionAnswer {
            status: Status::OK,
            device_information: None,
            policy,
            wipe,
        };
        match request.phase() {
            ProvisionPhase::Wipe(order, report) => {
                assert_eq!((Some(order), report), (self.wipes, WipeReport::Done));
                self.wipe_reported = true;
                answer(None, None)
            }
            ProvisionPhase::Ask if self.wipes.is_some() => answer(None, self.wipes),
            ProvisionPhase::Ask => answer(Some(policy(self.policy_key.map(|_| 1))), None),
            ProvisionPhase::Acknowledge => answer(Some(policy(self.policy_key)), None),
        }
        .encode()
    }

    fn folder_sync(&mut self, key: &str) -> Vec<u8> {
        let known = match (key, self.tree.get(key)) {
            ("0", _) => Vec::new(),
            (_, Some(known)) => known.clone(),
            (_, None) => {
                return FolderSyncAnswer { status: Status(9), sync_key: None, changes: Vec::new() }
                    .encode();
            }
        };
        let added =
            self.folders.iter().filter(|(id, _)| !known.contains(id)).map(|(id, (kind, _))| {
                FolderChange::Add(Folder {
                    server_id: id.clone(),
                    parent_id: "0".to_owned(),
                    display_name: id.clone(),
                    kind: *kind,
                })
            });
        let gone = known.iter().filter(|id| !self.folders.contains_key(*id));
        let gone = gone.map(|id| FolderChange::Delete { server_id: id.clone() });
        let changes = added.chain(gone).collect();
        let key = format!("tree {}", self.number());
        self.tree.insert(key.clone(), self.folders.keys().cloned().collect());
        FolderSyncAnswer { status: Status::OK, sync_key: Some(key), changes }.encode()
    }

    fn sync(&mut self, request: SyncRequest) -> Vec<u8> {
        let [collection] = &request.collections[..] else { panic!("one collection at a time") };
        let id = collection.collection_id.clone();
        if !self.folders.contains_key(&id) {
            return SyncAnswer { status: Some(Status(12)), ..SyncAnswer::default() }.encode();
        }
        let number = self.number();
        let device = self.devices.entry(id.clone()).or_default();
        if collection.sync_key == "0" {
            let key = format!("{{{id}}}{number}");
            *device = Device { current: Some((key.clone(), Items::new())), previous: None };
            return whole(CollectionAnswer::new(id, Status::OK, Some(key)));
        }
        if device.previous.as_ref().is_some_and(|(key, _)| *key == collection.sync_key) {
            device.current = device.previous.take();
        }
        let Some((key, known)) =
            device.current.clone().filter(|(key, _)| *key == collection.sync_key)
        else {
            return whole(CollectionAnswer::new(id, Status(3), Some("0".to_owned())));
        };
        let mut next = known.clone();
        let responses = self.upload(collection, &mut next);
        let (_, items) = self.folders.get_mut(&id).unwrap();
        let device = self.devices.entry(id.clone()).or_default();
        let (commands, more) =
            changes(items, &mut next, collection.window_size.unwrap_or(100).min(4));
        if commands.is_empty() && collection.commands.is_empty() {
            return Vec::new();
        }
        let new_key = format!("{{{id}}}{number}");
        device.previous = Some((key, known));
        device.current = Some((new_key.clone(), next));
        whole(CollectionAnswer {
            commands,
            responses,
            more_available: more,
            ..CollectionAnswer::new(id, Status::OK, Some(new_key))
        })
    }

    fn fetch(&mut self, request: ItemOperationsRequest) -> Vec<u8> {
        let hides_heads = self.hides_heads;
        let fetches = request.fetches.into_iter().map(|fetch| {
            let FetchSource::Item { collection_id, server_id } = &fetch.source else {
                panic!("only items here")
            };
            let item = self.folders.get(collection_id).and_then(|(_, items)| items.get(server_id));
            let Some(item) = item else { return FetchAnswer::new(Status(6), fetch.source) };
            let body = if fetch
                .body_preferences
                .iter()
                .all(|preference| preference.kind == BodyType::Mime && !hides_heads)
            {
                let head = item
                    .message_id
                    .as_ref()
                    .map(|id| format!("Message-ID: <{id}>\r\n"))
                    .unwrap_or_default();
                Body::whole(BodyType::Mime, format!("{head}Subject: x\r\n\r\n"))
            } else {
                Body::whole(BodyType::Text, item.text.clone())
            };
            let mail = Box::new(Email { body: Some(body), ..Email::default() });
            FetchAnswer { item: mail.into(), ..FetchAnswer::new(Status::OK, fetch.source) }
        });
        // The last comes first, and of five one is left out.
        let fetches = fetches.rev().take(4).collect();
        ItemOperationsAnswer { fetches, ..ItemOperationsAnswer::new(Status::OK) }.encode()
    }

    fn ping(&self, request: &PingRequest) -> Vec<u8> {
        let changed = |id: &&str| {
            let Some((_, items)) = self.folders.get(*id) else { return true };
            let device = self.devices.get(*id).and_then(|device| device.current.as_ref());
            device.is_none_or(|(_, known)| known != items)
        };
        let folders: Vec<String> = request
            .folders
            .iter()
            .map(|folder| folder.id.as_str())
            .filter(changed)
            .map(str::to_owned)
            .collect();
        if request.folders.iter().any(|folder| !self.folders.contains_key(&folder.id))
            || request.folders.len() < self.folders.len()
        {
            return PingAnswer::new(Status(7)).encode();
        }
        let status = Status(if folders.is_empty() { 1 } else { 2 });
        PingAnswer { folders, ..PingAnswer::new(status) }.encode()
    }

    fn send(
        &mut self,
        command: Command,
        client_id: &str,
        message_id: String,
        now: OffsetDateTime,
    ) -> Vec<u8> {
        if self.remembers && self.seen.iter().any(|seen| seen == client_id) {
            return activesync::refusal::body(command, Status(118)).unwrap();
        }
        self.seen.push(client_id.to_owned());
        self.delivered.push(message_id.clone());
        let number = self.number();
        let item = Item {
            read: true,
            flag: Flag::default(),
            categories: Vec::new(),
            subject: "sent".to_owned(),
            text: "out".to_owned(),
            message_id: Some(message_id),
            date: now,
        };
        self.folders.get_mut(SENT).unwrap().1.insert(format!("{SENT}:{number}"), item);
        Vec::new()
    }
}

fn changes(items: &Items, next: &mut Items, window: u32) -> (Vec<ServerCommand>, bool) {
    let mut commands = Vec::new();
    let full = |commands: &Vec<ServerCommand>| commands.len() >= window as usize;
    for (id, item) in items {
        if full(&commands) {
            return (commands, true);
        }
        let (server_id, known) = (id.clone(), next.insert(id.clone(), item.clone()));
        match known {
            Some(known) if known == *item => {}
            Some(known) => {
                let mail = Email {
                    read: (known.read != item.read).then_some(item.read),
                    flag: (known.flag != item.flag).then(|| item.flag.clone()),
                    categories: (known.categories != item.categories)
                        .then(|| item.categories.clone()),
                    ..Email::default()
                };
                commands.push(ServerCommand::Change { server_id, item: mail.into() });
            }
            None => commands.push(ServerCommand::Add {
                server_id,
                class: None,
                item: email(item).into(),
            }),
        }
    }
    let gone: Vec<String> = next.keys().filter(|id| !items.contains_key(*id)).cloned().collect();
    for server_id in gone {
        if full(&commands) {
            return (commands, true);
        }
        next.remove(&server_id);
        commands.push(if server_id.len() % 2 == 0 {
            ServerCommand::Delete { server_id }
        } else {
            ServerCommand::SoftDelete { server_id }
        });
    }
    (commands, false)
}

fn email(item: &Item) -> Email {
    let mut body = Body::whole(BodyType::Text, item.text.chars().take(CUT).collect::<String>());
    body.truncated = item.text.len() > CUT;
    Email {
        subject: Some(item.subject.clone()),
        read: Some(item.read),
        flag: (item.flag != Flag::default()).then(|| item.flag.clone()),
        categories: (!item.categories.is_empty()).then(|| item.categories.clone()),
        date_received: Some(item.date),
        body: Some(body),
        ..Email::default()
    }
}

fn whole(collection: CollectionAnswer) -> Vec<u8> {
    SyncAnswer { collections: vec![collection], ..SyncAnswer::default() }.encode()
}

fn ok(body: Vec<u8>) -> Answer {
    Answer {
        status: 200,
        content_type: Some("application/vnd.ms-sync.wbxml".to_owned()),
        body,
        ..Answer::default()
    }
}
