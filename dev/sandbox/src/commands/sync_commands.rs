use activesync::messages::{self, Class, ClientCommand, CommandResult, Email, Event, FlagState};
use activesync::query::Version;
use activesync::status::Status;
use time::OffsetDateTime;

use crate::device::{Known, Uploaded};
use crate::http::Call;
use crate::mailbox::{FolderId, Item, ItemId, Mailbox};
use crate::pim::{self, Ghosting};

const MALFORMED: Status = Status(6);
const CONFLICT: Status = Status(7);
const NOT_FOUND: Status = Status(8);
const LONGEST_CLIENT_ID: usize = 64;

/// What one command of a device gave.
#[derive(Debug)]
pub(super) enum Outcome {
    Done(CommandResult),
    Fetched(ItemId, Item),
}

/// The commands of one collection, and what they are carried out on.
pub(super) struct Uploads<'a> {
    pub(super) call: &'a Call<'a>,
    pub(super) mailbox: &'a mut Mailbox,
    pub(super) folder: FolderId,
    pub(super) class: Class,
    /// Whether deleted items go to the Deleted folder.
    pub(super) as_moves: bool,
    pub(super) ghosting: Ghosting,
    pub(super) client_wins: bool,
    pub(super) known: Known,
    /// What the request before uploaded; it counts if this one repeats it.
    pub(super) earlier: Uploaded,
    pub(super) uploaded: Uploaded,
}

impl Uploads<'_> {
    /// Carries out all commands and gives the results that are due. One that fails does not touch the others.
    pub(super) fn carry_out(&mut self, commands: &[ClientCommand]) -> Vec<Outcome> {
        if self.known.repeated {
            let earlier = std::mem::take(&mut self.earlier);
            earlier.changes.iter().for_each(|change| self.note(*change));
            self.uploaded.made = earlier.made;
        }
        commands.iter().filter_map(|command| self.carry_out_one(command)).collect()
    }

    fn carry_out_one(&mut self, command: &ClientCommand) -> Option<Outcome> {
        match command {
            ClientCommand::Add { client_id, class, item, .. } => {
                let (status, made) = match self.add(client_id, class.as_deref(), item) {
                    Ok(made) => (Status::OK, Some(made)),
                    Err(status) => (status, None),
                };
                let given = made.and_then(|id| self.given(id));
                Some(Outcome::Done(CommandResult::Add {
                    client_id: client_id.clone(),
                    server_id: made.map(|id| id.to_string()),
                    status,
                    item: given,
                }))
            }
            ClientCommand::Change { server_id, instance, item, .. } => {
                let status = self.change(server_id, *instance, item).err()?;
                let (server_id, instance) = (server_id.clone(), *instance);
                let item = None;
                Some(Outcome::Done(CommandResult::Change { server_id, instance, status, item }))
            }
            ClientCommand::Delete { server_id, instance } => {
                let status = self.delete(server_id, *instance).err()?;
                let (server_id, instance) = (server_id.clone(), *instance);
                Some(Outcome::Done(CommandResult::Delete { server_id, instance, status }))
            }
            ClientCommand::Fetch { server_id } => Some(match self.find(server_id) {
                Ok((id, item)) => Outcome::Fetched(id, item),
                Err(status) => Outcome::Done(CommandResult::Fetch {
                    server_id: server_id.clone(),
                    status,
                    item: None,
                }),
            }),
        }
    }

    fn find(&self, server_id: &str) -> Result<(ItemId, Item), Status> {
        let id = ItemId::parse(server_id).ok_or(NOT_FOUND)?;
        let item = self.mailbox.item_in(self.folder, id).ok_or(NOT_FOUND)?;
        Ok((id, item.clone()))
    }

    fn note(&mut self, change: u64) {
        self.known.view.note_own(change);
        self.uploaded.changes.insert(change);
    }

    fn add(
        &mut self,
        client_id: &str,
        class: Option<&str>,
        item: &messages::Item,
    ) -> Result<ItemId, Status> {
        if let Some(known) = self.uploaded.made.get(client_id) {
            return Ok(*known);
        }
        let class_fits = class.is_none_or(|class| Class::from_name(class) == Some(self.class));
        if !class_fits || !(1..=LONGEST_CLIENT_ID).contains(&client_id.len()) {
            return Err(MALFORMED);
        }
        let item = pim::uploaded(item.clone(), self.call.version).ok_or(MALFORMED)?;
        if let Some(known) = self.known_event(&item) {
            return Ok(known);
        }
        let Call { server, account, .. } = self.call;
        let serial = self.mailbox.last_change();
        let new = pim::completed(self.adopted(item)?, account.owner(), server.now(), serial);
        let (content, until) = pim::content(new, &self.call.server.zone);
        let id = self.mailbox.add(self.folder, content, until, true);
        if let Some(item) = self.mailbox.item(id) {
            self.note(item.changed);
        }
        self.uploaded.made.insert(client_id.to_owned(), id);
        Ok(id)
    }

    fn adopted(&self, item: messages::Item) -> Result<messages::Item, Status> {
        let Call { server, version, .. } = self.call;
        let adopted = pim::adopted(item, *version, &server.zone).filter(pim::is_sound);
        adopted.filter(|item| item.class() == Some(self.class)).ok_or(MALFORMED)
    }

    /// Finds the event that a repeated upload means: its `ClientUid` stays the same.
    fn known_event(&self, item: &messages::Item) -> Option<ItemId> {
        let uid = pim::as_event(item)?.client_uid.as_ref().filter(|uid| !uid.is_empty())?;
        let same = |item: &Item| {
            let typed = self.call.server.typed(&item.content)?;
            Some(pim::as_event(&typed)?.client_uid.as_ref() == Some(uid))
        };
        let mut items = self.mailbox.items_in(self.folder);
        items.find(|(_, item)| same(item) == Some(true)).map(|(id, _)| id)
    }

    /// Returns what the server gave to a new item, as far as the version tells it.
    fn given(&self, id: ItemId) -> Option<messages::Item> {
        let typed = self.call.server.typed(&self.mailbox.item(id)?.content)?;
        let event = pim::as_event(&typed).filter(|_| self.call.version >= Version::V16_0)?;
        Some(Event { uid: event.uid.clone(), ..Event::default() }.into())
    }

    fn change(
        &mut self,
        server_id: &str,
        instance: Option<OffsetDateTime>,
        change: &messages::Item,
    ) -> Result<(), Status> {
        let (id, item) = self.find(server_id)?;
        let Some(old) = self.call.server.typed(&item.content) else {
            let mail = change.clone().into_email().ok_or(MALFORMED)?;
            let change = change_mail(self.mailbox, id, &mail);
            change.into_iter().for_each(|change| self.note(change));
            return Ok(());
        };
        let conflict = !self.known.view.knows(item.changed);
        if conflict && !self.client_wins {
            return Err(CONFLICT);
        }
        let new = self.merged(&old, instance, change.clone())?;
        if new == *old {
            return Ok(());
        }
        let (content, until) = pim::content(new, &self.call.server.zone);
        if let Some(change) = self.mailbox.replace(id, content, until)
            && !conflict
        {
            // After a conflict the device does not know what it became.
            self.note(change);
        }
        Ok(())
    }

    fn merged(
        &self,
        old: &messages::Item,
        instance: Option<OffsetDateTime>,
        change: messages::Item,
    ) -> Result<messages::Item, Status> {
        let Call { server, account, version, .. } = self.call;
        let change = pim::uploaded(change, *version).ok_or(MALFORMED)?;
        let new = match (old, instance) {
            (_, None) => {
                pim::merged(old, change, &self.ghosting, *version, &server.zone).ok_or(MALFORMED)?
            }
            (messages::Item::Event(series), Some(instance)) => {
                let original = pim::instance_named(series, instance, *version, &server.zone)
                    .ok_or(NOT_FOUND)?;
                let change = *change.into_event().ok_or(MALFORMED)?;
                pim::instance_changed(series, original, change, *version, &server.zone).into()
            }
            (_, Some(_)) => return Err(MALFORMED),
        };
        let new = pim::completed(new, account.owner(), server.now(), 0);
        if pim::is_sound(&new) { Ok(new) } else { Err(MALFORMED) }
    }

    fn delete(&mut self, server_id: &str, instance: Option<OffsetDateTime>) -> Result<(), Status> {
        let (id, item) = match self.find(server_id) {
            Ok(found) => found,
            Err(_) if self.known.repeated => return Ok(()),
            Err(status) => return Err(status),
        };
        let change = match instance {
            Some(instance) => self.delete_instance(id, &item, instance)?,
            None if self.as_moves && self.folder != Mailbox::DELETED => {
                self.mailbox.shift(id, Mailbox::DELETED).map(|(left, _)| left)
            }
            None => self.mailbox.delete(id),
        };
        change.into_iter().for_each(|change| self.note(change));
        Ok(())
    }

    /// Takes one occurrence out of a series, which stays.
    fn delete_instance(
        &mut self,
        id: ItemId,
        item: &Item,
        instance: OffsetDateTime,
    ) -> Result<Option<u64>, Status> {
        let Call { server, version, .. } = self.call;
        let typed = server.typed(&item.content).ok_or(MALFORMED)?;
        let messages::Item::Event(series) = &*typed else { return Err(MALFORMED) };
        match pim::instance_named(series, instance, *version, &server.zone) {
            Some(original) => {
                let new = pim::instance_deleted(series, original).into();
                let (content, until) = pim::content(new, &server.zone);
                Ok(self.mailbox.replace(id, content, until))
            }
            None if self.known.repeated => Ok(None),
            None => Err(NOT_FOUND),
        }
    }
}

/// Only these properties of a mail that is no draft may change.
fn change_mail(mailbox: &mut Mailbox, id: ItemId, mail: &Email) -> Option<u64> {
    mailbox.change(id, |read, marks| {
        *read = mail.read.unwrap_or(*read);
        if let Some(flag) = &mail.flag {
            marks.flag = (flag.state != FlagState::None).then(|| Box::new(flag.clone()));
        }
        if let Some(categories) = &mail.categories {
            marks.categories.clone_from(categories);
        }
    })
}
