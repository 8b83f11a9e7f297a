//! Contacts, events, tasks and notes in a container.

mod edits;
mod lists;
mod rounds;
mod scale;
mod search;
mod times;

use crate::mail::{Store, at, folder};
use activesync::messages::{Body, BodyType, Class, Contact, Event, FolderKind, Item, Note, Task};
use pim::{Change, CollectionId, Edit, EditRecord, EntryId, FolderRecord, ItemRef, ServerId};
use vault::entries::{EntryView, Listed};
use vault::mail::FolderId;

/// A container with an inbox and a folder of each class.
fn store() -> Store {
    let store = Store::new();
    let kinds = [
        ("contacts", FolderKind::Contacts),
        ("calendar", FolderKind::Calendar),
        ("tasks", FolderKind::Tasks),
        ("notes", FolderKind::Notes),
    ];
    let folders = kinds.map(|(id, kind)| Change::PutFolder(FolderRecord { kind, ..folder(id) }));
    store.put(&folders);
    store
}

fn item(collection: &str, server_id: &str) -> ItemRef {
    ItemRef {
        collection: CollectionId(collection.to_owned()),
        item: ServerId(server_id.to_owned()),
    }
}

fn put(collection: &str, server_id: &str, entry: impl Into<Item>) -> Change {
    Change::PutEntry { item: item(collection, server_id), entry: Box::new(entry.into()) }
}

fn put_contact(server_id: &str, name: &str) -> Change {
    put("contacts", server_id, contact(name))
}

fn contact(name: &str) -> Contact {
    Contact { file_as: Some(name.to_owned()), ..Contact::default() }
}

fn note(title: &str, text: &str) -> Note {
    let body = Body::whole(BodyType::Text, text.to_owned());
    Note { subject: Some(title.to_owned()), body: Some(body), ..Note::default() }
}

fn task(subject: &str, due: Option<i64>, complete: bool) -> Task {
    Task {
        subject: Some(subject.to_owned()),
        due: due.map(at),
        complete: Some(complete),
        ..Task::default()
    }
}

fn event(subject: &str, start: i64, end: i64) -> Event {
    Event {
        subject: Some(subject.to_owned()),
        start: Some(at(start)),
        end: Some(at(end)),
        ..Event::default()
    }
}

fn folder_of(store: &Store, class: Class) -> FolderId {
    store.open.entries().default_folder(class).unwrap().unwrap()
}

fn add(store: &Store, entry: impl Into<Item>) -> EditRecord {
    let entry = entry.into();
    let folder = folder_of(store, entry.class().unwrap());
    store.open.entries().add(folder, "c1", &entry, None).unwrap().unwrap()
}

fn id(store: &Store, collection: &str, server_id: &str) -> EntryId {
    store.open.entries().find(&item(collection, server_id)).unwrap().unwrap()
}

fn shown(store: &Store, entry: EntryId) -> EntryView {
    store.open.entries().get(entry).unwrap().unwrap()
}

/// The edit of an entry that the server has.
fn edit(store: &Store, server_id: &str, wanted: Edit) -> EditRecord {
    let entry = id(store, "contacts", server_id);
    let place = store.open.entries().place(entry).unwrap().unwrap();
    EditRecord {
        entry,
        collection: place.collection,
        server_id: place.server_id,
        client_id: "c2".to_owned(),
        base: Some(Box::new(place.item)),
        edit: wanted,
        sent: None,
        refused: None,
    }
}

fn all(class: Class) -> Listed {
    Listed { class, folder: None, complete: None }
}

/// What a list calls its entries, in its order.
fn titles(store: &Store, listed: Listed) -> Vec<String> {
    let page = store.open.entries().list(listed, 0, 1000).unwrap();
    assert_eq!(page.total, page.items.len() as u64);
    page.items.iter().map(|entry| title(&entry.item)).collect()
}

fn title(item: &Item) -> String {
    let title = match item {
        Item::Contact(contact) => &contact.file_as,
        Item::Event(event) => &event.subject,
        Item::Note(note) => &note.subject,
        Item::Task(task) => &task.subject,
        Item::Any(_) | Item::Email(_) => panic!("{item:?} is no entry"),
    };
    title.clone().unwrap_or_default()
}

fn contacts(store: &Store) -> Vec<String> {
    titles(store, all(Class::Contacts))
}
