//! Edits as the server reads them.

use std::collections::BTreeMap;

use activesync::{
    codepage::{Tag, air_sync_base, calendar, contacts},
    messages::{Body, BodyType, ClientCommand, Event, Exception, Item},
    query::Version,
};
use time::OffsetDateTime;

use super::{Edit, EditRecord};

/// What only the server says.
const OF_THE_SERVER: [Tag; 3] =
    [air_sync_base::NATIVE_BODY_TYPE, contacts::ALIAS, contacts::WEIGHTED_RANK];

/// Writes an edit; none where nothing is left of it that a server of this version takes.
///
/// Entries go up whole, because servers delete what a change leaves out; but for events since 16.0, where what is left out stays.
pub(super) fn commands(record: &EditRecord, edit: &Edit, version: Version) -> Vec<ClientCommand> {
    let server_id = || record.server_id.as_ref().map(|id| id.0.clone());
    match (server_id(), edit) {
        (None, Edit::Delete) => Vec::new(),
        (None, Edit::Put(item)) => {
            let mut item = prepared(Item::clone(item), version);
            if let (Item::Event(event), true) = (&mut item, version >= Version::V16_0) {
                event.client_uid = Some(record.client_id.clone());
            }
            let client_id = record.client_id.clone();
            vec![ClientCommand::Add { client_id, class: None, item, send: false }]
        }
        (Some(server_id), Edit::Delete) => {
            vec![ClientCommand::Delete { server_id, instance: None }]
        }
        (Some(server_id), Edit::Put(item)) => match (&**item, record.base.as_deref()) {
            (Item::Event(new), Some(Item::Event(old))) if version >= Version::V16_0 => {
                event_changes(&server_id, new, old, version)
            }
            (_, base) => {
                let mut whole = Item::clone(item);
                if let Some(base) = base {
                    keep_richer_text(&mut whole, base);
                }
                vec![change(server_id, None, prepared(whole, version))]
            }
        },
    }
}

/// What changed in an event, and each occurrence that differs from the series, one by one.
fn event_changes(
    server_id: &str,
    new: &Event,
    old: &Event,
    version: Version,
) -> Vec<ClientCommand> {
    let mut changes = new.changes_since(old);
    changes.remove(&[calendar::EXCEPTIONS]);
    // A new pattern or other times of the series end its exceptions, so the series goes first.
    let series = prepared(changes.into(), version);
    let series = (!series.is_empty()).then(|| change(server_id.to_owned(), None, series));
    let known = by_original(old);
    let differing = by_original(new);
    let occurrences = differing
        .into_iter()
        .filter(|(original, exception)| known.get(original) != Some(exception));
    let occurrences = occurrences.map(|(original, exception)| {
        if exception.is_deleted() {
            return ClientCommand::Delete {
                server_id: server_id.to_owned(),
                instance: Some(original),
            };
        }
        let item = prepared(exception.clone().into_change().into(), version);
        change(server_id.to_owned(), Some(original), item)
    });
    series.into_iter().chain(occurrences).collect()
}

fn by_original(event: &Event) -> BTreeMap<OffsetDateTime, &Exception> {
    let exceptions = event.exceptions.iter().flatten();
    exceptions.filter_map(|exception| Some((exception.original()?, exception))).collect()
}

fn change(server_id: String, instance: Option<OffsetDateTime>, item: Item) -> ClientCommand {
    ClientCommand::Change { server_id, instance, item, send: false }
}

fn prepared(mut item: Item, version: Version) -> Item {
    item.remove(&OF_THE_SERVER);
    if let Item::Event(event) = &mut item {
        event.prepare_upload(version);
    }
    item
}

/// Leaves out a text that the person did not change and of which the server has more than was asked for: its formatting, or its
/// rest. A body that is left out stays.
fn keep_richer_text(item: &mut Item, base: &Item) {
    let (text, native) = match base {
        Item::Contact(contact) => (&contact.body, contact.native_body_type),
        Item::Event(event) => (&event.body, event.native_body_type),
        Item::Note(note) => (&note.body, note.native_body_type),
        Item::Task(task) => (&task.body, task.native_body_type),
        Item::Any(_) | Item::Email(_) => return,
    };
    let is_poorer = text.as_ref().is_some_and(Body::is_partial)
        || native.is_some_and(|native| native != BodyType::Text);
    if is_poorer && !item.changes_since(base).tags().contains(&air_sync_base::BODY) {
        item.remove(&[air_sync_base::BODY]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CollectionId, EntryId, ServerId};
    use activesync::messages::{Contact, Task};
    use time::macros::datetime;

    #[test]
    fn a_contact_goes_up_whole() {
        let base = Contact {
            last_name: Some("Meier".to_owned()),
            job_title: Some("Chefin".to_owned()),
            alias: Some("am".to_owned()),
            ..Contact::default()
        };
        let new = Contact { last_name: Some("Schmidt".to_owned()), ..base.clone() };

        let commands = put(Some(base.into()), new.clone().into(), Version::V16_1);

        let sent = Contact { alias: None, ..new };
        assert_eq!(commands, [change("7".to_owned(), None, sent.into())]);
    }

    #[test]
    fn a_text_that_the_server_has_in_a_richer_form_stays() {
        let body = Body::whole(BodyType::Text, "Notes");
        let base = Task {
            subject: Some("Report".to_owned()),
            body: Some(body.clone()),
            native_body_type: Some(BodyType::Html),
            ..Task::default()
        };
        let renamed = Task { subject: Some("Reports".to_owned()), ..base.clone() };
        let [ClientCommand::Change { item, .. }] =
            &put(Some(base.clone().into()), renamed.clone().into(), Version::V14_1)[..]
        else {
            panic!("one change")
        };
        assert_eq!(item.clone().into_task().unwrap().body, None);

        let plain = Task { native_body_type: Some(BodyType::Text), ..base };
        let [ClientCommand::Change { item, .. }] =
            &put(Some(plain.into()), renamed.into(), Version::V14_1)[..]
        else {
            panic!("one change")
        };
        assert_eq!(item.clone().into_task().unwrap().body, Some(body));
    }

    #[test]
    fn an_event_goes_up_whole_to_old_servers_and_in_parts_to_new_ones() {
        let first = datetime!(2026-03-02 9:00 UTC);
        let second = datetime!(2026-03-09 9:00 UTC);
        let base = Event {
            subject: Some("Jour fixe".to_owned()),
            start: Some(first),
            exceptions: Some(vec![Exception::deletion(first)]),
            ..Event::default()
        };
        let moved = Exception {
            original_start: Some(second),
            subject: Some("Only once".to_owned()),
            ..Exception::default()
        };
        let new = Event {
            subject: Some("Weekly".to_owned()),
            exceptions: Some(vec![
                Exception::deletion(first),
                moved,
                Exception::deletion(datetime!(2026-03-16 9:00 UTC)),
            ]),
            ..base.clone()
        };

        let whole = put(Some(base.clone().into()), new.clone().into(), Version::V14_1);
        assert_eq!(whole, [change("7".to_owned(), None, new.clone().into())]);

        let parts = put(Some(base.into()), new.into(), Version::V16_1);
        let subject = |text: &str| Event { subject: Some(text.to_owned()), ..Event::default() };
        assert_eq!(
            parts,
            [
                change("7".to_owned(), None, subject("Weekly").into()),
                change("7".to_owned(), Some(second), subject("Only once").into()),
                ClientCommand::Delete {
                    server_id: "7".to_owned(),
                    instance: Some(datetime!(2026-03-16 9:00 UTC)),
                },
            ]
        );
    }

    #[test]
    fn a_change_that_is_the_servers_business_alone_does_not_go_up() {
        let base = Event { subject: Some("x".to_owned()), ..Event::default() };
        let new = Event { uid: Some("other".to_owned()), ..base.clone() };
        assert_eq!(put(Some(base.into()), new.into(), Version::V16_1), []);
    }

    fn put(base: Option<Item>, new: Item, version: Version) -> Vec<ClientCommand> {
        let edit = Edit::Put(Box::new(new));
        let record = EditRecord {
            entry: EntryId(1),
            collection: CollectionId("c".to_owned()),
            server_id: Some(ServerId("7".to_owned())),
            client_id: "c1".to_owned(),
            base: base.map(Box::new),
            edit: edit.clone(),
            sent: None,
            refused: None,
        };
        commands(&record, &edit, version)
    }
}
