use activesync::messages::{
    self, Attachment, Attachments, Class, ClientCommand, CommandResult, Email, Event, FlagState,
};
use activesync::query::Version;
use activesync::status::Status;
use time::OffsetDateTime;

use crate::device::{Known, Uploaded};
use crate::drafts;
use crate::faults::Fault;
use crate::http::Call;
use crate::itip::Letter;
use crate::mailbox::{Content, FolderId, Item, ItemId, Mailbox};
use crate::meetings;
use crate::pim::{self, Ghosting};
use crate::render;

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
    /// Mails that the server sends because of this.
    pub(super) letters: Vec<Letter>,
    /// How many drafts were sent.
    pub(super) submitted: u64,
}

impl Uploads<'_> {
    /// Carries out all commands and gives the results that are due. One that fails does not touch the others.
    pub(super) fn carry_out(&mut self, commands: &[ClientCommand]) -> Vec<Outcome> {
        let earlier = std::mem::take(&mut self.earlier);
        if self.known.repeated {
            // A device that asks for something else than before does not know what became of that.
            let again = earlier.changes.iter().filter(|_| earlier.commands == commands);
            again.for_each(|change| self.note(*change));
            self.uploaded.made = earlier.made;
            self.uploaded.sent = earlier.sent;
        }
        self.uploaded.commands = commands.to_vec();
        let mut refused = None;
        if let Some(Fault::RefuseItem { status }) = self.call.fault {
            refused = Some(Status(status));
        }
        let carry_out = |command| match refused.take() {
            Some(status) => Some(Outcome::Done(refusal(command, status))),
            None => self.carry_out_one(command),
        };
        commands.iter().filter_map(carry_out).collect()
    }

    fn carry_out_one(&mut self, command: &ClientCommand) -> Option<Outcome> {
        match command {
            ClientCommand::Add { client_id, class, item, send } => {
                let (status, made) = match self.add(client_id, class.as_deref(), item, *send) {
                    Ok(made) => (Status::OK, made),
                    Err(status) => (status, None),
                };
                let given = made.and_then(|id| self.given(id, item));
                Some(Outcome::Done(CommandResult::Add {
                    client_id: client_id.clone(),
                    server_id: made.map(|id| id.to_string()),
                    status,
                    item: given,
                }))
            }
            ClientCommand::Change { server_id, instance, item, send } => {
                let (status, item) = match self.change(server_id, *instance, item, *send) {
                    Ok(given) => (Status::OK, Some(given?)),
                    Err(status) => (status, None),
                };
                let (server_id, instance) = (server_id.clone(), *instance);
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

    pub(super) fn note(&mut self, change: u64) {
        self.known.view.note_own(change);
        self.uploaded.changes.insert(change);
    }

    fn add(
        &mut self,
        client_id: &str,
        class: Option<&str>,
        item: &messages::Item,
        send: bool,
    ) -> Result<Option<ItemId>, Status> {
        if let Some(known) = self.uploaded.made.get(client_id) {
            return Ok(Some(*known));
        }
        let class_fits = class.is_none_or(|class| Class::from_name(class) == Some(self.class));
        if !class_fits || !(1..=LONGEST_CLIENT_ID).contains(&client_id.len()) {
            return Err(MALFORMED);
        }
        if self.takes_drafts() {
            return self.add_draft(client_id, item, send);
        }
        let item = pim::uploaded(item.clone(), self.call.version).ok_or(MALFORMED)?;
        if let Some(known) = self.known_event(&item) {
            return Ok(Some(known));
        }
        let Call { server, account, .. } = self.call;
        let serial = self.mailbox.last_change();
        let new = pim::completed(self.adopted(item)?, account.owner(), server.now(), serial);
        let new = self.settled(None, new, None);
        let (content, until) = pim::content(new, &self.call.server.zone);
        let id = self.mailbox.add(self.folder, content, until, true);
        if let Some(item) = self.mailbox.item(id) {
            self.note(item.changed);
        }
        self.uploaded.made.insert(client_id.to_owned(), id);
        Ok(Some(id))
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
            let Content::Typed(typed) = &item.content else { return None };
            Some(pim::as_event(typed)?.client_uid.as_ref() == Some(uid))
        };
        let mut items = self.mailbox.items_in(self.folder);
        items.find(|(_, item)| same(item) == Some(true)).map(|(id, _)| id)
    }

    /// Returns what the server gave to a new item, as far as the version tells it.
    fn given(&self, id: ItemId, item: &messages::Item) -> Option<messages::Item> {
        let Some(typed) = self.call.server.typed(&self.mailbox.item(id)?.content) else {
            return self.given_draft(id, item);
        };
        let event = pim::as_event(&typed).filter(|_| self.call.version >= Version::V16_0)?;
        let attachments = self.given_attachments(id, event, item);
        Some(Event { uid: event.uid.clone(), attachments, ..Event::default() }.into())
    }

    /// Returns the references of the attachments that `sent` added to an event, with the ids that the device has of them.
    fn given_attachments(
        &self,
        id: ItemId,
        event: &Event,
        sent: &messages::Item,
    ) -> Option<Attachments> {
        // A change of attachments alone does not say its class.
        let new = sent.clone().into_event()?.attachments?.add;
        let first = event.attachments.as_ref()?.add.len().saturating_sub(new.len());
        let given = new.iter().zip(first..).map(|(new, index)| Attachment {
            display_name: new.display_name.clone().unwrap_or_default(),
            file_reference: render::file_reference(id, index),
            client_id: new.client_id.clone(),
            ..Attachment::default()
        });
        let given: Vec<_> = given.collect();
        (!given.is_empty()).then(|| given.into())
    }

    fn change(
        &mut self,
        server_id: &str,
        instance: Option<OffsetDateTime>,
        change: &messages::Item,
        send: bool,
    ) -> Result<Option<messages::Item>, Status> {
        if self.uploaded.sent.contains(server_id) {
            return Ok(None);
        }
        let (id, item) = self.find(server_id)?;
        let Some(old) = self.call.server.typed(&item.content) else {
            let mail = change.clone().into_email().ok_or(MALFORMED)?;
            let conflict = !self.known.view.knows(item.changed);
            let unseen = conflict && !self.client_wins;
            if unseen && self.takes_drafts() && drafts::says_more_than_marks(&mail) {
                return Err(CONFLICT);
            }
            let noted = change_mail(self.mailbox, id, &mail);
            // After a conflict the device does not know what it became.
            noted.filter(|_| !conflict).into_iter().for_each(|change| self.note(change));
            if self.takes_drafts() {
                return self.change_draft(id, &item, &mail, send);
            }
            return Ok(None);
        };
        let conflict = !self.known.view.knows(item.changed);
        if conflict && !self.client_wins {
            return Err(CONFLICT);
        }
        let (new, original) = self.merged(&old, instance, change.clone())?;
        if new == *old {
            return Ok(None);
        }
        let new = self.settled(Some(&old), new, original);
        let (content, until) = pim::content(new, &self.call.server.zone);
        if let Some(change) = self.mailbox.replace(id, content, until)
            && !conflict
        {
            // After a conflict the device does not know what it became.
            self.note(change);
        }
        let given = self.mailbox.item(id).and_then(|item| {
            let typed = self.call.server.typed(&item.content)?;
            self.given_attachments(id, pim::as_event(&typed)?, change)
        });
        Ok(given
            .map(|attachments| Event { attachments: Some(attachments), ..Event::default() }.into()))
    }

    fn merged(
        &self,
        old: &messages::Item,
        instance: Option<OffsetDateTime>,
        change: messages::Item,
    ) -> Result<(messages::Item, Option<OffsetDateTime>), Status> {
        let Call { server, account, version, .. } = self.call;
        let change = pim::uploaded(change, *version).ok_or(MALFORMED)?;
        let mut original = None;
        let new = match (old, instance) {
            (_, None) => {
                pim::merged(old, change, &self.ghosting, *version, &server.zone).ok_or(MALFORMED)?
            }
            (messages::Item::Event(series), Some(instance)) => {
                let named = pim::instance_named(series, instance, *version, &server.zone)
                    .ok_or(NOT_FOUND)?;
                let change = *change.into_event().ok_or(MALFORMED)?;
                original = Some(named);
                pim::instance_changed(series, named, change, *version, &server.zone).into()
            }
            (_, Some(_)) => return Err(MALFORMED),
        };
        let new = pim::completed(new, account.owner(), server.now(), 0);
        if pim::is_sound(&new) { Ok((new, original)) } else { Err(MALFORMED) }
    }

    /// Since 16.0 the server writes to the attendees, and keeps what they answered.
    fn settled(
        &mut self,
        old: Option<&messages::Item>,
        new: messages::Item,
        original: Option<OffsetDateTime>,
    ) -> messages::Item {
        let messages::Item::Event(mut new) = new else { return new };
        let Call { server, account, version, .. } = self.call;
        let old = old.and_then(pim::as_event);
        if *version >= Version::V16_0 {
            meetings::keep_answers(&mut new, old.unwrap_or(&Event::default()));
            let now = server.now();
            self.letters.extend(meetings::letters(account.owner(), old, Some(&new), original, now));
        }
        new.into()
    }

    fn delete(&mut self, server_id: &str, instance: Option<OffsetDateTime>) -> Result<(), Status> {
        let (id, item) = match self.find(server_id) {
            Ok(found) => found,
            Err(_) if self.known.repeated => return Ok(()),
            Err(status) => return Err(status),
        };
        if instance.is_none() {
            self.call_off(&item);
        }
        let change = match instance {
            Some(instance) => {
                let change = self.delete_instance(id, &item, instance)?;
                // After a conflict the device does not know what the rest of the series became.
                change.filter(|_| self.known.view.knows(item.changed))
            }
            None if self.as_moves && self.folder != Mailbox::DELETED => {
                self.mailbox.shift(id, Mailbox::DELETED).map(|(left, _)| left)
            }
            None => self.mailbox.delete(id),
        };
        change.into_iter().for_each(|change| self.note(change));
        Ok(())
    }

    /// Since 16.0 the server tells the attendees of a meeting that its organiser deletes.
    fn call_off(&mut self, item: &Item) {
        let Call { server, account, version, .. } = self.call;
        let typed = server.typed(&item.content).filter(|_| *version >= Version::V16_0);
        let event = typed.as_deref().and_then(pim::as_event);
        self.letters.extend(meetings::letters(account.owner(), event, None, None, server.now()));
    }

    /// Takes one occurrence out of a series, which stays.
    fn delete_instance(
        &mut self,
        id: ItemId,
        item: &Item,
        instance: OffsetDateTime,
    ) -> Result<Option<u64>, Status> {
        let Call { server, account, version, .. } = self.call;
        let typed = server.typed(&item.content).ok_or(MALFORMED)?;
        let messages::Item::Event(series) = &*typed else { return Err(MALFORMED) };
        match pim::instance_named(series, instance, *version, &server.zone) {
            Some(original) => {
                if *version >= Version::V16_0 {
                    let (owner, now) = (account.owner(), server.now());
                    self.letters.extend(meetings::cancellation(owner, series, original, now));
                }
                let new = pim::instance_deleted(series, original).into();
                let (content, until) = pim::content(new, &server.zone);
                Ok(self.mailbox.replace(id, content, until))
            }
            None if self.known.repeated => Ok(None),
            None => Err(NOT_FOUND),
        }
    }
}

/// Returns the result of a command that fails.
fn refusal(command: &ClientCommand, status: Status) -> CommandResult {
    let item = None;
    match command.clone() {
        ClientCommand::Add { client_id, .. } => {
            CommandResult::Add { client_id, server_id: None, status, item }
        }
        ClientCommand::Change { server_id, instance, .. } => {
            CommandResult::Change { server_id, instance, status, item }
        }
        ClientCommand::Delete { server_id, instance } => {
            CommandResult::Delete { server_id, instance, status }
        }
        ClientCommand::Fetch { server_id } => CommandResult::Fetch { server_id, status, item },
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
