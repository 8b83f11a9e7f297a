//! A server with contacts, in the manners that servers have.

use std::collections::{BTreeMap, BTreeSet};

use activesync::{
    messages::{
        ClientCommand, CollectionAnswer, CommandResult, Contact, Folder, FolderChange, FolderKind,
        FolderSyncAnswer, FolderSyncRequest, Item, PingAnswer, PolicyAnswer, ProvisionAnswer,
        ServerCommand, SyncAnswer, SyncCollection, SyncRequest,
    },
    query::Command,
    status::Status,
};
use pim::{Answer, Content, Request, Verb};

pub(crate) const CONTACTS: &str = "contacts";
pub(crate) const SECOND: &str = "second";

/// How a server deals with what it is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    /// It remembers the names that clients give to new entries.
    pub(crate) remembers: bool,
    /// It notices that somebody else changed an entry meanwhile, and lets its own version win.
    pub(crate) notices: bool,
    /// It sends only what changed in an entry.
    pub(crate) partial: bool,
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Property {
    JobTitle,
    Mobile,
}

type Items = BTreeMap<String, Contact>;

#[derive(Debug, Default)]
struct Device {
    current: Option<(String, Items)>,
    previous: Option<(String, Items)>,
}

#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) manner: Manner,
    pub(crate) items: Items,
    /// Every value that a property of an entry ever had.
    pub(crate) history: BTreeSet<String>,
    /// The last name of contacts that it cannot take.
    pub(crate) refuses: Option<String>,
    pub(crate) second_folder: bool,
    tree: u32,
    named: BTreeMap<String, String>,
    device: Device,
    numbers: u32,
}

impl Manner {
    pub(crate) const EXCHANGE: Self = Self { remembers: true, notices: true, partial: false };
    pub(crate) const SOGO: Self = Self { remembers: false, notices: false, partial: false };
}

impl Property {
    pub(crate) fn of(self, contact: &Contact) -> Option<&String> {
        match self {
            Self::JobTitle => contact.job_title.as_ref(),
            Self::Mobile => contact.mobile_phone_number.as_ref(),
        }
    }

    pub(crate) fn set(self, contact: &mut Contact, value: &str) {
        match self {
            Self::JobTitle => contact.job_title = Some(value.to_owned()),
            Self::Mobile => contact.mobile_phone_number = Some(value.to_owned()),
        }
    }
}

impl Server {
    pub(crate) fn new(manner: Manner) -> Self {
        Self {
            manner,
            items: Items::new(),
            history: BTreeSet::new(),
            refuses: None,
            second_folder: false,
            tree: 1,
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

    pub(crate) fn tree_changed(&mut self) {
        self.tree += 1;
    }

    /// Puts a contact in, with what a server adds to it.
    pub(crate) fn put(&mut self, id: Option<String>, mut contact: Contact) -> String {
        let id = id.unwrap_or_else(|| format!("{{{}}}%2F", self.number()));
        contact.file_as = contact.last_name.clone();
        for property in [Property::JobTitle, Property::Mobile] {
            self.history.extend(property.of(&contact).cloned());
        }
        self.items.insert(id.clone(), contact);
        id
    }

    pub(crate) fn shown(&self) -> Vec<(String, [Option<String>; 3])> {
        self.items.iter().map(|(id, contact)| (id.clone(), words(contact))).collect()
    }

    /// Names that stand there more than once.
    pub(crate) fn doubled(&self) -> Vec<String> {
        let mut seen = BTreeSet::new();
        let names = self.items.values().filter_map(|contact| contact.last_name.clone());
        names.filter(|name| !seen.insert(name.clone())).collect()
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a command that is never asked must fail the test"
    )]
    pub(crate) fn answer(&mut self, request: &Request) -> Answer {
        let Verb::Command { command, .. } = request.verb else {
            let versions = Some("14.1".to_owned());
            return Answer { status: 200, versions, ..Answer::default() };
        };
        let body = match &request.content {
            Content::Wbxml(body) => body.as_slice(),
            Content::Empty | Content::Mail { .. } | Content::Mime(_) | Content::Sync(_) => &[],
        };
        let body = match command {
            Command::Provision => no_policy(),
            Command::FolderSync => {
                self.folder_sync(&FolderSyncRequest::decode(body).unwrap().sync_key)
            }
            Command::Sync => self.sync(SyncRequest::decode(body).unwrap().unwrap()),
            Command::Ping => self.ping(),
            other => panic!("{other:?} is never asked"),
        };
        Answer {
            status: 200,
            content_type: Some("application/vnd.ms-sync.wbxml".to_owned()),
            body,
            ..Answer::default()
        }
    }

    fn folder_sync(&self, key: &str) -> Vec<u8> {
        let folder = |id: &str, kind| {
            FolderChange::Add(Folder {
                server_id: id.to_owned(),
                parent_id: "0".to_owned(),
                display_name: id.to_owned(),
                kind,
            })
        };
        let mut changes = vec![folder(CONTACTS, FolderKind::Contacts)];
        if self.second_folder {
            changes.push(folder(SECOND, FolderKind::UserContacts));
        }
        let new_key = self.tree.to_string();
        if key == new_key {
            changes.clear();
        } else if key != "0" {
            changes = vec![FolderChange::Delete { server_id: SECOND.to_owned() }];
        }
        FolderSyncAnswer { status: Status::OK, sync_key: Some(new_key), changes }.encode()
    }

    fn ping(&self) -> Vec<u8> {
        let known = self.device.current.as_ref().map(|(_, known)| known);
        if self.second_folder || known == Some(&self.items) {
            return PingAnswer::new(Status(1)).encode();
        }
        PingAnswer { folders: vec![CONTACTS.to_owned()], ..PingAnswer::new(Status(2)) }.encode()
    }

    fn sync(&mut self, request: SyncRequest) -> Vec<u8> {
        let [collection] = &request.collections[..] else { panic!("one collection at a time") };
        let id = collection.collection_id.clone();
        let number = self.number();
        if id == SECOND {
            // Nothing ever happens there.
            let key = format!("second {number}");
            let known = self.second_folder;
            return match known {
                true => whole(CollectionAnswer::new(id, Status::OK, Some(key))),
                false => whole(CollectionAnswer::new(id, Status(12), None)),
            };
        }
        let new_key = format!("{{{id}}}{number}");
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
        let responses =
            collection.commands.iter().filter_map(|command| self.carry_out(command, &mut next));
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
    fn carry_out(&mut self, command: &ClientCommand, known: &mut Items) -> Option<CommandResult> {
        match command {
            ClientCommand::Add { client_id, item, .. } => {
                let contact = *item.clone().into_contact().unwrap();
                if self.refuses.is_some() && self.refuses == contact.last_name {
                    return Some(added(client_id, None, Status(6)));
                }
                let known_by_name = self.named.get(client_id);
                let remembered = known_by_name
                    .filter(|id| self.manner.remembers && self.items.contains_key(*id));
                let id = match remembered.cloned() {
                    Some(id) => id,
                    None => self.put(None, contact),
                };
                self.named.insert(client_id.clone(), id.clone());
                known.extend(self.items.get(&id).map(|item| (id.clone(), item.clone())));
                Some(added(client_id, Some(id), Status::OK))
            }
            ClientCommand::Change { server_id, item, .. } => {
                let Some(present) = self.items.get(server_id) else {
                    let status = if self.manner.notices { Status(8) } else { Status::OK };
                    return Some(changed(server_id, status));
                };
                if self.manner.notices && known.get(server_id) != Some(present) {
                    return Some(changed(server_id, Status(7)));
                }
                // What a change leaves out is gone.
                let contact = *item.clone().into_contact().unwrap();
                self.put(Some(server_id.clone()), contact);
                known.extend(
                    self.items.get(server_id).map(|item| (server_id.clone(), item.clone())),
                );
                None
            }
            ClientCommand::Delete { server_id, .. } => {
                self.items.remove(server_id);
                known.remove(server_id);
                None
            }
            ClientCommand::Fetch { .. } => panic!("nothing is fetched"),
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
        for (id, contact) in &self.items {
            let server_id = id.clone();
            let item = || Item::from(contact.clone());
            match known.get(id) {
                Some(old) if old == contact => continue,
                Some(old) if self.manner.partial => {
                    // What an entry is filed as may well stand in each change.
                    let item = contact.changes_since(old);
                    let item = Contact { file_as: contact.file_as.clone(), ..item }.into();
                    commands.push(ServerCommand::Change { server_id, item });
                }
                Some(_) => commands.push(ServerCommand::Change { server_id, item: item() }),
                None => commands.push(ServerCommand::Add { server_id, class: None, item: item() }),
            }
            known.insert(id.clone(), contact.clone());
            if commands.len() >= usize::try_from(request.window_size.unwrap_or(100).min(3)).unwrap()
            {
                return (commands, true);
            }
        }
        (commands, false)
    }
}

pub(crate) fn words(contact: &Contact) -> [Option<String>; 3] {
    [&contact.last_name, &contact.job_title, &contact.mobile_phone_number].map(Clone::clone)
}

fn added(client_id: &str, server_id: Option<String>, status: Status) -> CommandResult {
    CommandResult::Add { client_id: client_id.to_owned(), server_id, status, item: None }
}

fn changed(server_id: &str, status: Status) -> CommandResult {
    let server_id = server_id.to_owned();
    CommandResult::Change { server_id, instance: None, status, item: None }
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
