use super::decode::{self, DecodeError, Values, keep};
use super::item::Item;
use crate::codepage::{Tag, air_sync as page, air_sync_base};
use crate::date;
use crate::status::Status;
use crate::wbxml::{Reader, Writer};
use time::OffsetDateTime;

/// Says what changed in collections, and what became of the client's changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SyncAnswer {
    /// Root status, mostly there for errors.
    pub status: Option<Status>,
    /// The nearest allowed value after status 14 or 15.
    pub limit: Option<u32>,
    /// Collections with changes or results.
    pub collections: Vec<CollectionAnswer>,
}

/// One collection of a Sync answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionAnswer {
    /// Class of the items; 12.1 only.
    pub class: Option<String>,
    /// The key for the next request; absent when the status is an error.
    pub sync_key: Option<String>,
    /// The folder's id.
    pub collection_id: String,
    /// Status of the collection; absent in the element means success.
    pub status: Status,
    /// Whether to ask again at once with the new key.
    pub more_available: bool,
    /// The server's changes.
    pub commands: Vec<ServerCommand>,
    /// Results of the client's commands.
    pub responses: Vec<CommandResult>,
}

/// A change made on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerCommand {
    /// An item appeared. Servers may repeat it; the id decides.
    Add {
        /// The item.
        server_id: String,
        /// Its class, where the folder holds several (`SMS` among mails); since 14.0.
        class: Option<String>,
        /// Its properties.
        item: Item,
    },
    /// Properties of an item changed.
    Change {
        /// The item.
        server_id: String,
        /// The properties that changed.
        item: Item,
    },
    /// An item was deleted.
    Delete {
        /// The item.
        server_id: String,
    },
    /// An item became too old for the filter; nobody deleted it.
    SoftDelete {
        /// The item.
        server_id: String,
    },
}

/// Result of one of the client's commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommandResult {
    /// Of an Add.
    Add {
        /// The client's id of the item.
        client_id: String,
        /// The server's id of the item, on success.
        server_id: Option<String>,
        /// How it went.
        status: Status,
        /// What the server gave to the item: ids of the conversation, references of attachments, the id of an event; since 16.0.
        item: Option<Item>,
    },
    /// Of a Change; mostly there for failures.
    Change {
        /// The item.
        server_id: String,
        /// The occurrence that was meant; since 16.0.
        instance: Option<OffsetDateTime>,
        /// How it went.
        status: Status,
        /// What the server gave to the item; since 16.0.
        item: Option<Item>,
    },
    /// Of a Delete; mostly there for failures.
    Delete {
        /// The item.
        server_id: String,
        /// The occurrence that was meant; since 16.0.
        instance: Option<OffsetDateTime>,
        /// How it went.
        status: Status,
    },
    /// Of a Fetch.
    Fetch {
        /// The item.
        server_id: String,
        /// How it went.
        status: Status,
        /// Its properties, on success.
        item: Option<Item>,
    },
}

impl SyncAnswer {
    /// Reads an answer, or `None` if the body is empty: nothing changed anywhere and the keys stay.
    pub fn decode(input: &[u8]) -> Result<Option<Self>, DecodeError> {
        if input.is_empty() {
            return Ok(None);
        }
        let mut reader = decode::open(input, page::SYNC)?;
        let mut answer = Self::default();
        while let Some(tag) = reader.child()? {
            match tag {
                page::STATUS => answer.status = Some(reader.status(tag)?),
                page::LIMIT => answer.limit = reader.number_if_any()?,
                page::COLLECTIONS => answer.read_collections(&mut reader)?,
                _ => reader.skip()?,
            }
        }
        decode::close(reader)?;
        Ok(Some(answer))
    }

    /// Writes the answer.
    pub fn encode(&self) -> Vec<u8> {
        Writer::document(page::SYNC, |root| {
            if let Some(status) = self.status {
                root.number(page::STATUS, status);
            }
            if let Some(limit) = self.limit {
                root.number(page::LIMIT, limit);
            }
            if !self.collections.is_empty() {
                root.container(page::COLLECTIONS, |list| {
                    self.collections.iter().for_each(|entry| entry.write(list))
                });
            }
        })
    }

    fn read_collections(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        while let Some(tag) = reader.child()? {
            match tag {
                page::COLLECTION => {
                    keep(&mut self.collections, CollectionAnswer::read(reader)?, reader)?
                }
                _ => reader.skip()?,
            }
        }
        Ok(())
    }
}

impl CollectionAnswer {
    /// Makes an answer without changes.
    pub fn new(collection_id: String, status: Status, sync_key: Option<String>) -> Self {
        let (commands, responses) = (Vec::new(), Vec::new());
        Self {
            class: None,
            sync_key,
            collection_id,
            status,
            more_available: false,
            commands,
            responses,
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut answer = Self::new(String::new(), Status::OK, None);
        let mut collection_id = None;
        while let Some(tag) = reader.child()? {
            match tag {
                page::CLASS => answer.class = Some(reader.string()?),
                page::SYNC_KEY => answer.sync_key = Some(reader.string()?),
                page::COLLECTION_ID => collection_id = Some(reader.string()?),
                page::STATUS => answer.status = reader.status(tag)?,
                page::MORE_AVAILABLE => answer.more_available = reader.boolean()?,
                page::COMMANDS => answer.read_commands(reader)?,
                page::RESPONSES => answer.read_responses(reader)?,
                _ => reader.skip()?,
            }
        }
        answer.collection_id = collection_id.ok_or(DecodeError::Missing(page::COLLECTION_ID))?;
        Ok(answer)
    }

    fn read_commands(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        while let Some(tag) = reader.child()? {
            match tag {
                page::ADD | page::CHANGE | page::DELETE | page::SOFT_DELETE => {
                    keep(&mut self.commands, Entry::read(reader)?.command(tag), reader)?;
                }
                _ => reader.skip()?,
            }
        }
        Ok(())
    }

    fn read_responses(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        while let Some(tag) = reader.child()? {
            match tag {
                page::ADD | page::CHANGE | page::DELETE | page::FETCH => {
                    keep(&mut self.responses, Entry::read(reader)?.result(tag), reader)?;
                }
                _ => reader.skip()?,
            }
        }
        Ok(())
    }

    fn write(&self, list: &mut Writer) {
        list.container(page::COLLECTION, |entry| {
            if let Some(class) = &self.class {
                entry.text(page::CLASS, class);
            }
            if let Some(key) = &self.sync_key {
                entry.text(page::SYNC_KEY, key);
            }
            entry.text(page::COLLECTION_ID, &self.collection_id);
            entry.number(page::STATUS, self.status);
            if self.more_available {
                entry.empty(page::MORE_AVAILABLE);
            }
            if !self.responses.is_empty() {
                entry.container(page::RESPONSES, |list| {
                    self.responses.iter().for_each(|response| write_result(list, response));
                });
            }
            if !self.commands.is_empty() {
                entry.container(page::COMMANDS, |list| {
                    self.commands.iter().for_each(|command| write_command(list, command));
                });
            }
        });
    }
}

#[derive(Default)]
struct Entry {
    class: Option<String>,
    client_id: Option<String>,
    server_id: Option<String>,
    instance: Option<OffsetDateTime>,
    status: Option<Status>,
    item: Option<Item>,
}

impl Entry {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut entry = Self::default();
        while let Some(tag) = reader.child()? {
            match tag {
                page::CLASS => entry.class = Some(reader.string()?),
                page::CLIENT_ID => entry.client_id = Some(reader.string()?),
                page::SERVER_ID => entry.server_id = Some(reader.string()?),
                page::STATUS => entry.status = Some(reader.status(tag)?),
                page::APPLICATION_DATA => entry.item = Some(Item::read(reader)?),
                air_sync_base::INSTANCE_ID => entry.instance = reader.date_if_any()?,
                _ => reader.skip()?,
            }
        }
        Ok(entry)
    }

    /// One entry without its id is left out: nothing can be done with it, and the others are good.
    fn command(self, tag: Tag) -> Option<ServerCommand> {
        let server_id = self.server_id?;
        let item = self.item.unwrap_or_default();
        Some(match tag {
            page::ADD => ServerCommand::Add { server_id, class: self.class, item },
            page::CHANGE => ServerCommand::Change { server_id, item },
            page::DELETE => ServerCommand::Delete { server_id },
            _ => ServerCommand::SoftDelete { server_id },
        })
    }

    fn result(self, tag: Tag) -> Option<CommandResult> {
        let status = self.status.unwrap_or(Status::OK);
        let (server_id, instance, item) = (self.server_id, self.instance, self.item);
        Some(match tag {
            page::ADD => CommandResult::Add { client_id: self.client_id?, server_id, status, item },
            page::CHANGE => CommandResult::Change { server_id: server_id?, instance, status, item },
            page::DELETE => CommandResult::Delete { server_id: server_id?, instance, status },
            _ => CommandResult::Fetch { server_id: server_id?, status, item },
        })
    }
}

fn write_command(list: &mut Writer, command: &ServerCommand) {
    let (tag, server_id, item) = match command {
        ServerCommand::Add { server_id, item, .. } => (page::ADD, server_id, Some(item)),
        ServerCommand::Change { server_id, item } => (page::CHANGE, server_id, Some(item)),
        ServerCommand::Delete { server_id } => (page::DELETE, server_id, None),
        ServerCommand::SoftDelete { server_id } => (page::SOFT_DELETE, server_id, None),
    };
    list.container(tag, |entry| {
        entry.text(page::SERVER_ID, server_id);
        if let ServerCommand::Add { class: Some(class), .. } = command {
            entry.text(page::CLASS, class);
        }
        if let Some(item) = item {
            entry.container(page::APPLICATION_DATA, |data| item.write(data));
        }
    });
}

fn write_result(list: &mut Writer, result: &CommandResult) {
    let (tag, client_id, server_id, instance, status, item) = match result {
        CommandResult::Add { client_id, server_id, status, item } => {
            (page::ADD, Some(client_id), server_id.as_ref(), None, *status, item.as_ref())
        }
        CommandResult::Change { server_id, instance, status, item } => {
            (page::CHANGE, None, Some(server_id), *instance, *status, item.as_ref())
        }
        CommandResult::Delete { server_id, instance, status } => {
            (page::DELETE, None, Some(server_id), *instance, *status, None)
        }
        CommandResult::Fetch { server_id, status, item } => {
            (page::FETCH, None, Some(server_id), None, *status, item.as_ref())
        }
    };
    list.container(tag, |entry| {
        if let Some(id) = client_id {
            entry.text(page::CLIENT_ID, id);
        }
        if let Some(id) = server_id {
            entry.text(page::SERVER_ID, id);
        }
        if let Some(instance) = instance {
            entry.text(air_sync_base::INSTANCE_ID, &date::compact(instance));
        }
        entry.number(page::STATUS, status);
        if let Some(item) = item {
            entry.container(page::APPLICATION_DATA, |data| item.write(data));
        }
    });
}
