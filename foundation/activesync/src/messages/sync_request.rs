use super::decode::{self, DecodeError, Values};
use super::email::Email;
use super::sync_options::SyncOptions;
use crate::codepage::{air_sync as page, email2};
use crate::wbxml::{Reader, Writer};

/// Asks for what changed in collections, and tells what the client changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SyncRequest {
    /// Collections.
    pub collections: Vec<SyncCollection>,
    /// How long the server may hold the request until something changes.
    pub waiting: Option<Waiting>,
    /// Most changes in the whole answer.
    pub window_size: Option<u32>,
    /// Whether collections that are not named keep their earlier settings.
    pub partial: bool,
}

/// How long the server may hold a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// `Wait`, in minutes, 1 to 59.
    Minutes(u32),
    /// `HeartbeatInterval`, in seconds; since 14.0.
    Seconds(u32),
}

/// One collection of a Sync request.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SyncCollection {
    /// Class of the items; 12.1 only.
    pub class: Option<String>,
    /// The key of the last answer, `0` to begin.
    pub sync_key: String,
    /// The folder's id.
    pub collection_id: String,
    /// Whether deleted items go to the Deleted folder; absent means yes.
    pub deletes_as_moves: Option<bool>,
    /// Whether the server's changes are wanted; absent means yes, unless the key is `0`.
    pub get_changes: Option<bool>,
    /// Most changes in the answer, 1 to 512; absent means 100.
    pub window_size: Option<u32>,
    /// Whether older mails of the same conversations are wanted too.
    pub conversation_mode: Option<bool>,
    /// How the items are wanted. Empty means as before.
    pub options: Vec<SyncOptions>,
    /// What the client changed.
    pub commands: Vec<ClientCommand>,
}

/// A change made by the client, or its wish for one whole item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientCommand {
    /// Makes an item; for mail a draft, since 16.0.
    Add {
        /// Id of the client's own, up to 64 characters.
        client_id: String,
        /// Its properties.
        mail: Box<Email>,
        /// Whether the draft is sent at once.
        send: bool,
    },
    /// Changes properties; of a mail that is no draft only `read`, `flag` and `categories`.
    Change {
        /// The item.
        server_id: String,
        /// The properties that changed.
        mail: Box<Email>,
        /// Whether the draft is sent.
        send: bool,
    },
    /// Deletes an item.
    Delete {
        /// The item.
        server_id: String,
    },
    /// Wants one item with its whole body.
    Fetch {
        /// The item.
        server_id: String,
    },
}

impl SyncRequest {
    /// Reads a request, or `None` if the body is empty: the last full request once more.
    pub fn decode(input: &[u8]) -> Result<Option<Self>, DecodeError> {
        if input.is_empty() {
            return Ok(None);
        }
        let mut reader = decode::open(input, page::SYNC)?;
        let mut request = Self::default();
        while let Some(tag) = reader.child()? {
            match tag {
                page::COLLECTIONS => request.read_collections(&mut reader)?,
                page::WAIT => request.waiting = Some(Waiting::Minutes(reader.number(tag)?)),
                page::HEARTBEAT_INTERVAL => {
                    request.waiting = Some(Waiting::Seconds(reader.number(tag)?))
                }
                page::WINDOW_SIZE => request.window_size = reader.number_if_any()?,
                page::PARTIAL => request.partial = reader.boolean()?,
                _ => reader.skip()?,
            }
        }
        decode::close(reader)?;
        Ok(Some(request))
    }

    /// Writes the request, with the order of elements that servers insist on.
    pub fn encode(&self) -> Vec<u8> {
        Writer::document(page::SYNC, |root| {
            if !self.collections.is_empty() {
                root.container(page::COLLECTIONS, |list| {
                    self.collections.iter().for_each(|entry| entry.write(list))
                });
            }
            match self.waiting {
                Some(Waiting::Minutes(minutes)) => root.number(page::WAIT, minutes),
                Some(Waiting::Seconds(seconds)) => root.number(page::HEARTBEAT_INTERVAL, seconds),
                None => {}
            }
            if let Some(size) = self.window_size {
                root.number(page::WINDOW_SIZE, size);
            }
            if self.partial {
                root.empty(page::PARTIAL);
            }
        })
    }

    fn read_collections(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        while let Some(tag) = reader.child()? {
            match tag {
                page::COLLECTION => self.collections.push(SyncCollection::read(reader)?),
                _ => reader.skip()?,
            }
        }
        Ok(())
    }
}

impl SyncCollection {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut collection = Self::default();
        let mut sync_key = None;
        let mut collection_id = None;
        while let Some(tag) = reader.child()? {
            match tag {
                page::CLASS => collection.class = Some(reader.string()?),
                page::SYNC_KEY => sync_key = Some(reader.string()?),
                page::COLLECTION_ID => collection_id = Some(reader.string()?),
                page::DELETES_AS_MOVES => collection.deletes_as_moves = Some(reader.boolean()?),
                page::GET_CHANGES => collection.get_changes = Some(reader.boolean()?),
                page::WINDOW_SIZE => collection.window_size = reader.number_if_any()?,
                page::CONVERSATION_MODE => collection.conversation_mode = Some(reader.boolean()?),
                page::OPTIONS => collection.options.push(SyncOptions::read(reader)?),
                page::COMMANDS => read_commands(reader, &mut collection.commands)?,
                _ => reader.skip()?,
            }
        }
        collection.sync_key = sync_key.ok_or(DecodeError::Missing(page::SYNC_KEY))?;
        collection.collection_id =
            collection_id.ok_or(DecodeError::Missing(page::COLLECTION_ID))?;
        Ok(collection)
    }

    fn write(&self, list: &mut Writer) {
        list.container(page::COLLECTION, |entry| {
            if let Some(class) = &self.class {
                entry.text(page::CLASS, class);
            }
            entry.text(page::SYNC_KEY, &self.sync_key);
            entry.text(page::COLLECTION_ID, &self.collection_id);
            if let Some(moves) = self.deletes_as_moves {
                entry.boolean(page::DELETES_AS_MOVES, moves);
            }
            if let Some(changes) = self.get_changes {
                entry.boolean(page::GET_CHANGES, changes);
            }
            if let Some(size) = self.window_size {
                entry.number(page::WINDOW_SIZE, size);
            }
            if let Some(mode) = self.conversation_mode {
                entry.boolean(page::CONVERSATION_MODE, mode);
            }
            self.options.iter().for_each(|options| options.write(entry));
            if !self.commands.is_empty() {
                entry.container(page::COMMANDS, |commands| {
                    self.commands.iter().for_each(|command| write_command(commands, command));
                });
            }
        });
    }
}

fn read_commands(
    reader: &mut Reader<'_>,
    commands: &mut Vec<ClientCommand>,
) -> Result<(), DecodeError> {
    while let Some(tag) = reader.child()? {
        match tag {
            page::ADD | page::CHANGE | page::DELETE | page::FETCH => {
                let parts = CommandParts::read(reader)?;
                let id = |id: Option<String>, name| id.ok_or(DecodeError::Missing(name));
                commands.push(match tag {
                    page::ADD => ClientCommand::Add {
                        client_id: id(parts.client_id, page::CLIENT_ID)?,
                        mail: parts.mail,
                        send: parts.send,
                    },
                    page::CHANGE => ClientCommand::Change {
                        server_id: id(parts.server_id, page::SERVER_ID)?,
                        mail: parts.mail,
                        send: parts.send,
                    },
                    page::DELETE => {
                        ClientCommand::Delete { server_id: id(parts.server_id, page::SERVER_ID)? }
                    }
                    _ => ClientCommand::Fetch { server_id: id(parts.server_id, page::SERVER_ID)? },
                });
            }
            _ => reader.skip()?,
        }
    }
    Ok(())
}

#[derive(Default)]
struct CommandParts {
    client_id: Option<String>,
    server_id: Option<String>,
    mail: Box<Email>,
    send: bool,
}

impl CommandParts {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut parts = Self::default();
        while let Some(tag) = reader.child()? {
            match tag {
                page::CLIENT_ID => parts.client_id = Some(reader.string()?),
                page::SERVER_ID => parts.server_id = Some(reader.string()?),
                page::APPLICATION_DATA => parts.read_data(reader)?,
                email2::SEND => parts.send = reader.boolean()?,
                _ => reader.skip()?,
            }
        }
        Ok(parts)
    }

    /// Send stands beside ApplicationData by the documents and inside of it in some implementations.
    fn read_data(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        while let Some(tag) = reader.child()? {
            match tag {
                email2::SEND => self.send = reader.boolean()?,
                _ => self.mail.read_property(reader, tag)?,
            }
        }
        Ok(())
    }
}

fn write_command(commands: &mut Writer, command: &ClientCommand) {
    let data = |entry: &mut Writer, mail: &Email, send: bool| {
        if send {
            entry.empty(email2::SEND);
        }
        entry.container(page::APPLICATION_DATA, |data| mail.write(data));
    };
    match command {
        ClientCommand::Add { client_id, mail, send } => commands.container(page::ADD, |entry| {
            entry.text(page::CLIENT_ID, client_id);
            data(entry, mail, *send);
        }),
        ClientCommand::Change { server_id, mail, send } => {
            commands.container(page::CHANGE, |entry| {
                entry.text(page::SERVER_ID, server_id);
                data(entry, mail, *send);
            })
        }
        ClientCommand::Delete { server_id } => {
            commands.container(page::DELETE, |entry| entry.text(page::SERVER_ID, server_id));
        }
        ClientCommand::Fetch { server_id } => {
            commands.container(page::FETCH, |entry| entry.text(page::SERVER_ID, server_id));
        }
    }
}
