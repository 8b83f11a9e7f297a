use super::decode::{self, DecodeError, Values, keep};
use super::item::{Class, Item};
use super::sync_options::SyncOptions;
use crate::codepage::{Tag, air_sync as page, air_sync_base, email2};
use crate::date;
use crate::query::Version;
use crate::status::Status;
use crate::wbxml::{Reader, Writer};
use time::OffsetDateTime;

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
    /// Whether both `Wait` and `HeartbeatInterval` were there, which servers refuse.
    pub waits_twice: bool,
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
    /// Properties that the client manages, with key `0` only: left out of a change, they are deleted; what is not listed is then
    /// kept. Empty means that everything is kept, absent that nothing is. See [`super::supported`].
    pub supported: Option<Vec<Tag>>,
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
        /// Its class, where the folder takes several (`SMS` among mails); since 14.0.
        class: Option<String>,
        /// Its properties.
        item: Item,
        /// Whether the draft is sent at once.
        send: bool,
    },
    /// Changes properties; of a mail that is no draft only `read`, `flag` and `categories`.
    Change {
        /// The item.
        server_id: String,
        /// Start that the series gives to the only occurrence that is meant; since 16.0.
        instance: Option<OffsetDateTime>,
        /// The properties that changed.
        item: Item,
        /// Whether the draft is sent.
        send: bool,
    },
    /// Deletes an item.
    Delete {
        /// The item.
        server_id: String,
        /// Start that the series gives to the only occurrence that is meant; since 16.0.
        instance: Option<OffsetDateTime>,
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
                page::WAIT => {
                    request.waits_twice |= request.waiting.is_some();
                    request.waiting = Some(Waiting::Minutes(reader.number(tag)?));
                }
                page::HEARTBEAT_INTERVAL => {
                    request.waits_twice |= request.waiting.is_some();
                    request.waiting = Some(Waiting::Seconds(reader.number(tag)?));
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

    /// Puts the request into the form of a protocol version.
    ///
    /// In 12.1 the class stands in the collection, which `class_of` gives, and there are no conversations and no seconds; later the class
    /// is the folder's own.
    pub fn prepare(&mut self, version: Version, class_of: impl Fn(&str) -> Option<Class>) {
        let old = version < Version::V14_0;
        if let (true, Some(Waiting::Seconds(seconds))) = (old, self.waiting) {
            self.waiting = Some(Waiting::Minutes(seconds.div_ceil(60).clamp(1, 59)));
        }
        for collection in &mut self.collections {
            let class = class_of(&collection.collection_id).map(|class| class.name().to_owned());
            collection.class = if old { class.or(collection.class.take()) } else { None };
            if old {
                collection.conversation_mode = None;
            }
            for options in &mut collection.options {
                options.prepare(version);
            }
        }
    }

    /// Checks what servers check before they look at the folders; the error is the root status.
    pub fn check(&self) -> Result<(), Status> {
        let protocol_error = |wrong: bool| if wrong { Err(Status(4)) } else { Ok(()) };
        match self.waiting {
            Some(Waiting::Minutes(minutes)) if !(1..=59).contains(&minutes) => {
                return Err(Status(14));
            }
            Some(Waiting::Seconds(seconds)) if !(60..=3540).contains(&seconds) => {
                return Err(Status(14));
            }
            Some(_) | None => {}
        }
        protocol_error(self.waits_twice)?;
        if self.partial
            && self.waiting.is_none()
            && self.window_size.is_none()
            && self.collections.is_empty()
        {
            return Err(Status(13));
        }
        for collection in &self.collections {
            protocol_error(collection.sync_key == "0" && collection.get_changes == Some(true))?;
        }
        Ok(())
    }

    fn read_collections(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        while let Some(tag) = reader.child()? {
            match tag {
                page::COLLECTION => {
                    keep(&mut self.collections, SyncCollection::read(reader)?, reader)?
                }
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
                page::SUPPORTED => collection.supported = Some(read_supported(reader)?),
                page::DELETES_AS_MOVES => collection.deletes_as_moves = Some(reader.boolean()?),
                page::GET_CHANGES => collection.get_changes = Some(reader.boolean()?),
                page::WINDOW_SIZE => collection.window_size = reader.number_if_any()?,
                page::CONVERSATION_MODE => collection.conversation_mode = Some(reader.boolean()?),
                page::OPTIONS => keep(&mut collection.options, SyncOptions::read(reader)?, reader)?,
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
            match self.supported.as_deref() {
                Some([]) => entry.empty(page::SUPPORTED),
                Some(tags) => entry.container(page::SUPPORTED, |list| {
                    tags.iter().for_each(|tag| list.empty(*tag));
                }),
                None => {}
            }
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
                let command = match tag {
                    page::ADD => ClientCommand::Add {
                        client_id: id(parts.client_id, page::CLIENT_ID)?,
                        class: parts.class,
                        item: parts.item,
                        send: parts.send,
                    },
                    page::CHANGE => ClientCommand::Change {
                        server_id: id(parts.server_id, page::SERVER_ID)?,
                        instance: parts.instance,
                        item: parts.item,
                        send: parts.send,
                    },
                    page::DELETE => ClientCommand::Delete {
                        server_id: id(parts.server_id, page::SERVER_ID)?,
                        instance: parts.instance,
                    },
                    _ => ClientCommand::Fetch { server_id: id(parts.server_id, page::SERVER_ID)? },
                };
                keep(commands, command, reader)?;
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
    class: Option<String>,
    instance: Option<OffsetDateTime>,
    item: Item,
    send: bool,
}

impl CommandParts {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut parts = Self::default();
        while let Some(tag) = reader.child()? {
            match tag {
                page::CLIENT_ID => parts.client_id = Some(reader.string()?),
                page::SERVER_ID => parts.server_id = Some(reader.string()?),
                page::CLASS => parts.class = Some(reader.string()?),
                air_sync_base::INSTANCE_ID => parts.instance = Some(read_instance(reader, tag)?),
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
                _ => self.item.read_property(reader, tag)?,
            }
        }
        Ok(())
    }
}

/// A command that names an occurrence must not be taken for the whole series.
fn read_instance(reader: &mut Reader<'_>, tag: Tag) -> Result<OffsetDateTime, DecodeError> {
    let moment = reader.date_if_any()?;
    moment.ok_or(DecodeError::Invalid { tag, offset: reader.offset() })
}

fn read_supported(reader: &mut Reader<'_>) -> Result<Vec<Tag>, DecodeError> {
    let mut tags = Vec::new();
    while let Some(tag) = reader.child()? {
        keep(&mut tags, tag, reader)?;
        reader.skip()?;
    }
    Ok(tags)
}

fn write_command(commands: &mut Writer, command: &ClientCommand) {
    let data = |entry: &mut Writer, item: &Item, send: bool| {
        if send {
            entry.empty(email2::SEND);
        }
        entry.container(page::APPLICATION_DATA, |data| item.write(data));
    };
    let address = |entry: &mut Writer, server_id: &str, instance: &Option<OffsetDateTime>| {
        entry.text(page::SERVER_ID, server_id);
        if let Some(instance) = instance {
            entry.text(air_sync_base::INSTANCE_ID, &date::compact(*instance));
        }
    };
    match command {
        ClientCommand::Add { client_id, class, item, send } => {
            commands.container(page::ADD, |entry| {
                if let Some(class) = class {
                    entry.text(page::CLASS, class);
                }
                entry.text(page::CLIENT_ID, client_id);
                data(entry, item, *send);
            })
        }
        ClientCommand::Change { server_id, instance, item, send } => {
            commands.container(page::CHANGE, |entry| {
                address(entry, server_id, instance);
                data(entry, item, *send);
            })
        }
        ClientCommand::Delete { server_id, instance } => {
            commands.container(page::DELETE, |entry| address(entry, server_id, instance));
        }
        ClientCommand::Fetch { server_id } => {
            commands.container(page::FETCH, |entry| entry.text(page::SERVER_ID, server_id));
        }
    }
}
