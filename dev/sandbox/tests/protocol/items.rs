//! Contacts, events, tasks and notes.

mod changes;
mod ghosts;
mod loading;
mod series;

use activesync::messages::*;
use activesync::query::Version;
use activesync::status::Status;

use crate::client::{Client, collection};

pub(crate) const CALENDAR: &str = "f7";
pub(crate) const CONTACTS: &str = "f8";
pub(crate) const TASKS: &str = "f9";
pub(crate) const NOTES: &str = "f10";

pub(crate) fn class_of(folder: &str) -> Class {
    match folder {
        CALENDAR => Class::Calendar,
        CONTACTS => Class::Contacts,
        TASKS => Class::Tasks,
        NOTES => Class::Notes,
        _ => Class::Email,
    }
}

/// A folder that a client keeps in step.
#[derive(Debug, Clone)]
pub(crate) struct Replica<'a> {
    pub(crate) client: &'a Client,
    pub(crate) id: &'static str,
    pub(crate) key: String,
    pub(crate) options: SyncOptions,
}

pub(crate) fn text() -> SyncOptions {
    SyncOptions {
        body_preferences: vec![BodyPreference::whole(BodyType::Text)],
        ..SyncOptions::default()
    }
}

impl<'a> Replica<'a> {
    /// Primes a folder, with `supported` for what the device manages.
    pub(crate) async fn primed(
        client: &'a Client,
        id: &'static str,
        supported: Option<Vec<activesync::codepage::Tag>>,
    ) -> Self {
        let mut folder = Self { client, id, key: "0".to_owned(), options: text() };
        let request = SyncCollection { supported, options: vec![text()], ..folder.request() };
        let answer = client.sync(request).await.unwrap();
        assert_eq!((answer.status, &answer.commands[..]), (Status::OK, &[][..]));
        folder.key = answer.sync_key.unwrap();
        folder
    }

    /// Primes a folder and loads all of it.
    pub(crate) async fn loaded(
        client: &'a Client,
        id: &'static str,
    ) -> (Self, Vec<(String, Item)>) {
        let mut folder = Self::primed(client, id, Some(Vec::new())).await;
        let items = added(folder.pull().await);
        (folder, items)
    }

    pub(crate) fn request(&self) -> SyncCollection {
        let old = self.client.version < Version::V14_0;
        SyncCollection {
            class: old.then(|| class_of(self.id).name().to_owned()),
            ..collection(self.id, &self.key)
        }
    }

    /// Fetches changes until there are no more.
    pub(crate) async fn pull(&mut self) -> Vec<ServerCommand> {
        let mut commands = Vec::new();
        loop {
            let request = SyncCollection { options: vec![self.options.clone()], ..self.request() };
            let Some(answer) = self.client.sync(request).await else { return commands };
            assert_eq!(answer.status, Status::OK);
            self.key = answer.sync_key.unwrap();
            commands.extend(answer.commands);
            if !answer.more_available {
                return commands;
            }
        }
    }

    /// Sends commands and takes the new key.
    pub(crate) async fn push(&mut self, commands: Vec<ClientCommand>) -> CollectionAnswer {
        let answer = self.client.sync(SyncCollection { commands, ..self.request() }).await.unwrap();
        assert_eq!(answer.status, Status::OK);
        self.key = answer.sync_key.clone().unwrap();
        answer
    }

    /// Adds one item and returns its id.
    pub(crate) async fn add(&mut self, item: impl Into<Item>) -> String {
        let client_id = format!("new-{}", self.key);
        let answer = self.push(vec![add(&client_id, item)]).await;
        match &answer.responses[..] {
            [CommandResult::Add { client_id: id, server_id: Some(server_id), status, .. }] => {
                assert_eq!((id, *status), (&client_id, Status::OK));
                server_id.clone()
            }
            responses => panic!("{responses:?}"),
        }
    }

    /// Changes one item, which must be taken without a word.
    pub(crate) async fn change(&mut self, server_id: &str, item: impl Into<Item>) {
        let answer = self.push(vec![change(server_id, item)]).await;
        assert_eq!(answer.responses, []);
    }
}

pub(crate) fn add(client_id: &str, item: impl Into<Item>) -> ClientCommand {
    let (client_id, item) = (client_id.to_owned(), item.into());
    ClientCommand::Add { client_id, class: None, item, send: false }
}

pub(crate) fn change(server_id: &str, item: impl Into<Item>) -> ClientCommand {
    let (server_id, item) = (server_id.to_owned(), item.into());
    ClientCommand::Change { server_id, instance: None, item, send: false }
}

pub(crate) fn delete(server_id: &str) -> ClientCommand {
    ClientCommand::Delete { server_id: server_id.to_owned(), instance: None }
}

pub(crate) fn added(commands: Vec<ServerCommand>) -> Vec<(String, Item)> {
    let item = |command| match command {
        ServerCommand::Add { server_id, item, .. } => (server_id, item),
        ServerCommand::Change { .. }
        | ServerCommand::Delete { .. }
        | ServerCommand::SoftDelete { .. } => panic!("{command:?}"),
    };
    commands.into_iter().map(item).collect()
}

pub(crate) fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

pub(crate) fn contact() -> Contact {
    Contact {
        first_name: some("Ida"),
        last_name: some("Berg"),
        company_name: some("Berg & Co"),
        home_phone_number: some("+49 30 1"),
        categories: Some(vec!["Rot".into(), "Blau".into()]),
        body: Some(Body::whole(BodyType::Text, "Notiz")),
        ..Contact::default()
    }
}

pub(crate) fn task() -> Task {
    Task { subject: some("Tun"), complete: Some(false), ..Task::default() }
}

pub(crate) fn note() -> Note {
    Note {
        subject: some("Zettel"),
        message_class: some(Note::CLASS),
        body: Some(Body::whole(BodyType::Text, "Zettel\r\nmehr")),
        ..Note::default()
    }
}
