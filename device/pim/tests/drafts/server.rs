//! A server that keeps drafts, and names their files by their places, so that names change when one goes.

use std::collections::{BTreeMap, BTreeSet};

use activesync::{
    messages::{
        Attachment, Body, BodyType, ClientCommand, CollectionAnswer, CommandResult, Email,
        FetchAnswer, FetchSource, Folder, FolderChange, FolderKind, FolderSyncAnswer,
        FolderSyncRequest, ItemOperationsAnswer, ItemOperationsRequest, NewAttachment, PingAnswer,
        PolicyAnswer, ProvisionAnswer, ServerCommand, SyncAnswer, SyncCollection, SyncRequest,
    },
    query::{Command, Version},
    status::Status,
};
use bytes::Bytes;
use pim::{Answer, Request, Verb};

pub(crate) const DRAFTS: &str = "drafts";

/// How a server deals with what it is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    pub(crate) version: Version,
    /// It remembers the names that clients give to new drafts.
    pub(crate) remembers: bool,
    /// It notices that somebody else changed a draft meanwhile, and lets its own version win.
    pub(crate) notices: bool,
}

#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Draft {
    pub(crate) to: String,
    pub(crate) text: String,
    /// Names and bytes.
    pub(crate) files: Vec<(String, Bytes)>,
}

/// Whom it is for, what it says, and its files.
pub(crate) type Line = (String, String, String, Vec<(String, Bytes)>);

type Items = BTreeMap<String, Draft>;

#[derive(Debug, Default)]
struct Device {
    current: Option<(String, Items)>,
    previous: Option<(String, Items)>,
}

#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) manner: Manner,
    pub(crate) items: Items,
    /// What lies in the folder for deleted mails, which is not synchronised here.
    pub(crate) deleted: Items,
    /// Every text that a draft ever had.
    pub(crate) history: BTreeSet<String>,
    /// The text of drafts that it cannot take.
    pub(crate) refuses: Option<String>,
    /// The text of a draft over which it fails as a whole.
    pub(crate) fails_over: Option<String>,
    named: BTreeMap<String, String>,
    device: Device,
    numbers: u32,
}

impl Manner {
    pub(crate) const EXCHANGE: Self =
        Self { version: Version::V16_1, remembers: true, notices: true };
    pub(crate) const FORGETFUL: Self =
        Self { version: Version::V16_1, remembers: false, notices: false };
}

impl Server {
    pub(crate) fn new(manner: Manner) -> Self {
        Self {
            manner,
            items: Items::new(),
            deleted: Items::new(),
            history: BTreeSet::new(),
            refuses: None,
            fails_over: None,
            named: BTreeMap::new(),
            device: Device::default(),
            numbers: 0,
        }
    }

    fn number(&mut self) -> u32 {
        self.numbers += 1;
        self.numbers
    }

    pub(crate) fn forget(&mut self) {
        self.device = Device::default();
    }

    pub(crate) fn put(&mut self, id: Option<String>, draft: Draft) -> String {
        let id = id.unwrap_or_else(|| format!("{{{}}}%2F", self.number()));
        self.history.insert(draft.text.clone());
        self.items.insert(id.clone(), draft);
        id
    }

    pub(crate) fn shown(&self) -> Vec<Line> {
        let mut shown: Vec<_> = self.items.iter().map(|(id, draft)| line(id, draft)).collect();
        shown.sort();
        shown
    }

    /// Drafts that are there twice, and files that are in one draft twice.
    pub(crate) fn doubled(&self) -> Vec<String> {
        let mut seen = BTreeSet::new();
        let mut doubled = Vec::new();
        for draft in self.items.values() {
            if !seen.insert(format!("{draft:?}")) {
                doubled.push(draft.text.clone());
            }
            let mut files = BTreeSet::new();
            let twice = draft.files.iter().filter(|(_, bytes)| !files.insert(bytes.clone()));
            doubled.extend(twice.map(|(name, _)| name.clone()));
        }
        doubled
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a command that is never asked must fail the test"
    )]
    pub(crate) fn answer(&mut self, request: &Request, body: &[u8]) -> Answer {
        let Verb::Command { command, .. } = request.verb else {
            let versions = Some(self.manner.version.to_string());
            return Answer { status: 200, versions, ..Answer::default() };
        };
        if command == Command::Sync && self.fails(body) {
            return Answer { status: 500, ..Answer::default() };
        }
        let body = match command {
            Command::Provision => no_policy(),
            Command::FolderSync => folder_sync(&FolderSyncRequest::decode(body).unwrap().sync_key),
            Command::ItemOperations => self.fetch(ItemOperationsRequest::decode(body).unwrap()),
            Command::Sync => self.sync(SyncRequest::decode(body).unwrap().unwrap()),
            Command::Ping => self.ping(),
            Command::Settings => Vec::new(),
            other => panic!("{other:?} is never asked"),
        };
        Answer {
            status: 200,
            content_type: Some("application/vnd.ms-sync.wbxml".to_owned()),
            body,
            ..Answer::default()
        }
    }

    fn fails(&self, body: &[u8]) -> bool {
        let Some(text) = &self.fails_over else { return false };
        body.windows(text.len()).any(|part| part == text.as_bytes())
    }

    /// Hands out the bytes of a file, as a person has them fetched who opens a draft.
    pub(crate) fn file(&self, reference: &str) -> Option<Bytes> {
        let (id, place) = reference.rsplit_once(':')?;
        let (_, bytes) = self.items.get(id)?.files.get(place.parse::<usize>().ok()?)?;
        Some(bytes.clone())
    }

    fn ping(&self) -> Vec<u8> {
        if self.device.current.as_ref().map(|(_, known)| known) == Some(&self.items) {
            return PingAnswer::new(Status(1)).encode();
        }
        PingAnswer { folders: vec![DRAFTS.to_owned()], ..PingAnswer::new(Status(2)) }.encode()
    }

    fn fetch(&self, request: ItemOperationsRequest) -> Vec<u8> {
        let fetches = request.fetches.into_iter().map(|fetch| {
            let FetchSource::Item { server_id, .. } = &fetch.source else {
                panic!("{fetch:?}");
            };
            let found = self.items.get(server_id);
            let status = Status(if found.is_some() { 1 } else { 6 });
            let mut answer = FetchAnswer::new(status, fetch.source.clone());
            if let Some(draft) = found {
                answer.item = email(server_id, draft).into();
            }
            answer
        });
        let fetches = fetches.collect();
        ItemOperationsAnswer { fetches, ..ItemOperationsAnswer::new(Status::OK) }.encode()
    }

    fn sync(&mut self, request: SyncRequest) -> Vec<u8> {
        let [collection] = &request.collections[..] else { panic!("one collection at a time") };
        let id = collection.collection_id.clone();
        let new_key = format!("{{{id}}}{}", self.number());
        if collection.sync_key == "0" {
            self.device = Device { current: Some((new_key.clone(), Items::new())), previous: None };
            return whole(CollectionAnswer::new(id, Status::OK, Some(new_key)));
        }
        if self.device.previous.as_ref().is_some_and(|(key, _)| *key == collection.sync_key) {
            self.device.current = self.device.previous.take();
        }
        let current = self.device.current.clone();
        let Some((key, known)) = current.filter(|(key, _)| *key == collection.sync_key) else {
            return whole(CollectionAnswer::new(id, Status(3), None));
        };
        let mut next = known.clone();
        let as_moves = collection.deletes_as_moves != Some(false);
        let responses = collection
            .commands
            .iter()
            .filter_map(|command| self.carry_out(command, as_moves, &mut next));
        let responses: Vec<CommandResult> = responses.collect();
        let (commands, more_available) = self.news(&mut next, collection);
        if commands.is_empty() && collection.commands.is_empty() {
            return Vec::new();
        }
        self.device.previous = Some((key, known));
        self.device.current = Some((new_key.clone(), next));
        whole(CollectionAnswer {
            commands,
            responses,
            more_available,
            ..CollectionAnswer::new(id, Status::OK, Some(new_key))
        })
    }

    /// `known` is what the device knows, with what it did itself.
    fn carry_out(
        &mut self,
        command: &ClientCommand,
        as_moves: bool,
        known: &mut Items,
    ) -> Option<CommandResult> {
        match command {
            ClientCommand::Add { client_id, item, send: false, .. } => {
                let mail = *item.clone().into_email().unwrap();
                let draft = changed(&Draft::default(), &mail);
                let status = Status(if self.refuses.as_ref() == Some(&draft.text) { 6 } else { 1 });
                let mut result = CommandResult::Add {
                    client_id: client_id.clone(),
                    server_id: None,
                    status,
                    item: None,
                };
                if !status.is_ok() {
                    return Some(result);
                }
                let named = self.named.get(client_id).filter(|_| self.manner.remembers);
                let named = named.filter(|id| self.items.contains_key(*id)).cloned();
                let new = match named {
                    Some(id) => id,
                    None => self.put(None, draft),
                };
                self.named.insert(client_id.clone(), new.clone());
                known.insert(new.clone(), self.items.get(&new).unwrap().clone());
                let given = given(&new, self.items.get(&new).unwrap(), &mail);
                if let CommandResult::Add { server_id, item, .. } = &mut result {
                    (*server_id, *item) = (Some(new), Some(given.into()));
                }
                Some(result)
            }
            ClientCommand::Change { server_id, item, send: false, .. } => {
                let answer = |status, item| CommandResult::Change {
                    server_id: server_id.clone(),
                    instance: None,
                    status: Status(status),
                    item,
                };
                let Some(present) = self.items.get(server_id) else {
                    return Some(answer(8, None));
                };
                let seen = known.get(server_id) == Some(present);
                if self.manner.notices && !seen {
                    return Some(answer(7, None));
                }
                let mail = *item.clone().into_email().unwrap();
                let draft = changed(present, &mail);
                let given = given(server_id, &draft, &mail);
                // What others did unseen, such as another file, is still to be told.
                if seen {
                    known.insert(server_id.clone(), draft.clone());
                }
                self.put(Some(server_id.clone()), draft);
                Some(answer(1, Some(given.into())))
            }
            ClientCommand::Delete { server_id, .. } => {
                let gone = self.items.remove(server_id);
                if let Some(gone) = gone.filter(|_| as_moves) {
                    self.deleted.insert(server_id.clone(), gone);
                }
                known.remove(server_id);
                None
            }
            ClientCommand::Add { .. }
            | ClientCommand::Change { .. }
            | ClientCommand::Fetch { .. } => panic!("{command:?} is never asked"),
        }
    }

    fn news(&self, known: &mut Items, request: &SyncCollection) -> (Vec<ServerCommand>, bool) {
        let mut commands = Vec::new();
        let gone: Vec<String> =
            known.keys().filter(|id| !self.items.contains_key(*id)).cloned().collect();
        for server_id in gone {
            known.remove(&server_id);
            commands.push(ServerCommand::Delete { server_id });
        }
        for (id, draft) in &self.items {
            let (server_id, item) = (id.clone(), email(id, draft).into());
            match known.get(id) {
                Some(old) if old == draft => continue,
                Some(_) => commands.push(ServerCommand::Change { server_id, item }),
                None => commands.push(ServerCommand::Add { server_id, class: None, item }),
            }
            known.insert(id.clone(), draft.clone());
            if commands.len() >= usize::try_from(request.window_size.unwrap_or(100).min(3)).unwrap()
            {
                return (commands, true);
            }
        }
        (commands, false)
    }
}

pub(crate) fn line(id: &str, draft: &Draft) -> Line {
    let mut files = draft.files.clone();
    files.sort();
    (id.to_owned(), draft.to.clone(), draft.text.clone(), files)
}

fn changed(old: &Draft, change: &Email) -> Draft {
    let mut draft = old.clone();
    draft.to = change.to.clone().unwrap_or(draft.to);
    if let Some(body) = &change.body {
        let data = body.data.clone().unwrap_or_default();
        draft.text = String::from_utf8(data.to_vec()).unwrap();
    }
    let Some(attachments) = &change.attachments else { return draft };
    let gone: Vec<usize> = attachments
        .delete
        .iter()
        .map(|reference| reference.rsplit_once(':').unwrap().1.parse().unwrap())
        .collect();
    let kept = draft.files.into_iter().enumerate().filter(|(place, _)| !gone.contains(place));
    draft.files = kept.map(|(_, file)| file).collect();
    let added =
        |file: &NewAttachment| (file.display_name.clone().unwrap(), file.content.clone().unwrap());
    draft.files.extend(attachments.add.iter().map(added));
    draft
}

fn attachment(id: &str, place: usize, (name, bytes): &(String, Bytes)) -> Attachment {
    Attachment {
        display_name: name.clone(),
        file_reference: format!("{id}:{place}"),
        estimated_size: u32::try_from(bytes.len()).ok(),
        ..Attachment::default()
    }
}

fn email(id: &str, draft: &Draft) -> Email {
    let files: Vec<Attachment> =
        (0..).zip(&draft.files).map(|(place, file)| attachment(id, place, file)).collect();
    Email {
        to: Some(draft.to.clone()),
        subject: Some("A draft".to_owned()),
        body: Some(Body::whole(BodyType::Text, draft.text.clone())),
        attachments: Some(files.into()),
        is_draft: Some(true),
        ..Email::default()
    }
}

/// The references of the files that were added.
fn given(id: &str, draft: &Draft, sent: &Email) -> Email {
    let new = sent.attachments.as_ref().map(|attachments| attachments.add.clone());
    let new = new.unwrap_or_default();
    let first = draft.files.len().saturating_sub(new.len());
    let added = new.into_iter().zip(first..).map(|(new, place)| Attachment {
        client_id: new.client_id,
        ..attachment(id, place, draft.files.get(place).unwrap())
    });
    let added: Vec<Attachment> = added.collect();
    let attachments = (!added.is_empty()).then(|| added.into());
    Email { attachments, ..Email::default() }
}

fn folder_sync(key: &str) -> Vec<u8> {
    let folder = FolderChange::Add(Folder {
        server_id: DRAFTS.to_owned(),
        parent_id: "0".to_owned(),
        display_name: "Drafts".to_owned(),
        kind: FolderKind::Drafts,
    });
    let changes = if key == "0" { vec![folder] } else { Vec::new() };
    FolderSyncAnswer { status: Status::OK, sync_key: Some("1".to_owned()), changes }.encode()
}

fn whole(collection: CollectionAnswer) -> Vec<u8> {
    SyncAnswer { collections: vec![collection], ..SyncAnswer::default() }.encode()
}

fn no_policy() -> Vec<u8> {
    let policy = PolicyAnswer {
        policy_type: activesync::messages::POLICY_TYPE.to_owned(),
        status: Status(2),
        key: None,
        document: None,
    };
    ProvisionAnswer {
        status: Status::OK,
        device_information: None,
        policy: Some(policy),
        wipe: None,
    }
    .encode()
}
