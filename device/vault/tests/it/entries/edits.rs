//! What the person wants is kept, shown, and told apart from what the server has.

use super::{add, contact, contacts, edit, id, put_contact, shown, store};
use activesync::messages::{Class, Contact, FolderKind, Item};
use pim::{
    Change, CollectionId, ConflictKind, ConflictRecord, Edit, EditRecord, FolderRecord, ServerId,
};
use vault::AccessError;
use vault::entries::{EntryConflict, EntryState};
use vault::mail::FolderId;

fn wanted(name: &str) -> Edit {
    Edit::Put(Box::new(contact(name).into()))
}

#[test]
fn an_edit_comes_back_whole() {
    let store = store();
    store.put(&[put_contact("1", "Anna"), put_contact("2", "Bert"), put_contact("3", "Carla")]);
    let edits = [
        EditRecord { sent: Some(wanted("Hanna")), ..edit(&store, "1", wanted("Johanna")) },
        EditRecord { sent: Some(Edit::Delete), ..edit(&store, "2", Edit::Delete) },
        EditRecord {
            refused: Some("conversion".to_owned()),
            base: None,
            client_id: "ä".repeat(40),
            ..edit(&store, "3", wanted("Karla"))
        },
    ];
    store.put(&edits.clone().map(Change::PutEdit));
    let added = add(&store, contact("Emil"));

    let store = store.reopened();

    let expected: Vec<_> = edits.into_iter().chain([added.clone()]).collect();
    assert_eq!(store.open.mail().saved(0).unwrap().edits, expected);
    assert_eq!(contacts(&store), ["Emil", "Johanna", "Karla"]);
    let states: Vec<_> = [expected[0].entry, expected[2].entry, added.entry]
        .map(|entry| shown(&store, entry).state)
        .into();
    let refused = EntryState::Refused("conversion".to_owned());
    assert_eq!(states, [EntryState::Waiting, refused, EntryState::Waiting]);
    assert_eq!(store.open.entries().get(expected[1].entry).unwrap(), None);
    assert_eq!(store.open.entries().place(expected[1].entry).unwrap(), None);
}

#[test]
fn a_new_entry_is_there_at_once_and_keeps_its_id() {
    let store = store();
    let record = add(&store, contact("Emil"));
    let place = store.open.entries().place(record.entry).unwrap().unwrap();
    assert_eq!((place.server_id, place.class), (None, Class::Contacts));
    assert_eq!(place.collection, CollectionId("contacts".to_owned()));

    let server_id = ServerId("7".to_owned());
    store.put(&[Change::RemoveEdit { entry: record.entry, server_id: server_id.clone() }]);

    let place = store.open.entries().place(record.entry).unwrap().unwrap();
    assert_eq!((place.server_id, place.item), (Some(server_id), Item::from(contact("Emil"))));
    assert_eq!(shown(&store, record.entry).state, EntryState::Synced);
    assert_eq!(id(&store, "contacts", "7"), record.entry);
}

#[test]
fn an_edited_entry_replaces_the_one_that_has_its_name() {
    let store = store();
    let added = add(&store, contact("Emil"));
    // The answer to the upload was lost, and the server told of the entry as if it were news.
    store.put(&[put_contact("7", "Emil of the server"), put_contact("8", "Anna")]);
    let named = EditRecord { server_id: Some(ServerId("7".to_owned())), ..added.clone() };
    store.put(&[Change::PutEdit(named)]);
    assert_eq!(contacts(&store), ["Anna", "Emil"]);
    assert_eq!(id(&store, "contacts", "7"), added.entry);

    let changed = edit(&store, "8", wanted("Hanna"));
    store.put(&[Change::PutEdit(changed.clone()), put_contact("9", "Anna again")]);
    let taken = ServerId("9".to_owned());
    store.put(&[Change::RemoveEdit { entry: changed.entry, server_id: taken }]);
    // Somebody else changed it before the answer was heard: what the server told stands.
    assert_eq!(contacts(&store), ["Anna again", "Emil"]);
    assert_eq!(id(&store, "contacts", "9"), changed.entry);
}

#[test]
fn an_edit_may_move_an_entry() {
    let store = store();
    let other = FolderRecord { kind: FolderKind::UserContacts, ..crate::mail::folder("other") };
    store.put(&[Change::PutFolder(other), put_contact("1", "Anna")]);
    let record = edit(&store, "1", wanted("Anna"));
    let collection = CollectionId("other".to_owned());

    store.put(&[Change::PutEdit(EditRecord { collection, server_id: None, ..record.clone() })]);

    let folders = store.open.entries().folders(Class::Contacts).unwrap();
    assert_eq!(shown(&store, record.entry).folder, folders[1].id);
    assert_eq!((folders[0].total, folders[1].total), (0, 1));
}

#[test]
fn a_deletion_that_is_given_up_shows_the_entry_again() {
    let store = store();
    store.put(&[put_contact("1", "Anna")]);
    let record = edit(&store, "1", Edit::Delete);
    store.put(&[Change::PutEdit(record.clone()), put_contact("1", "Anna of the server")]);
    assert_eq!(contacts(&store), Vec::<String>::new(), "news do not undo a deletion");

    store.put(&[Change::RemoveEdit { entry: record.entry, server_id: ServerId("1".to_owned()) }]);
    assert_eq!(contacts(&store), ["Anna of the server"]);
    store.put(&[
        Change::PutEdit(record.clone()),
        Change::PutEdit(EditRecord { edit: wanted("Hanna"), ..record }),
    ]);
    assert_eq!(contacts(&store), ["Hanna"]);
}

#[test]
fn an_edit_of_an_entry_that_went_is_left_out() {
    let store = store();
    store.put(&[put_contact("1", "Anna")]);
    let record = edit(&store, "1", wanted("Hanna"));
    let entry = record.entry;
    store.put(&[Change::DropEntry(entry)]);
    let conflict = ConflictRecord { entry, kind: ConflictKind::Changed, mine: Box::default() };

    store.put(&[
        Change::PutEdit(record),
        Change::PutConflict(conflict),
        Change::RemoveEdit { entry, server_id: ServerId("1".to_owned()) },
        Change::DropEntry(entry),
    ]);

    assert_eq!(contacts(&store), Vec::<String>::new());
    assert_eq!(store.open.mail().saved(0).unwrap().edits, []);
    store.put(&[put_contact("1", "Anna")]);
    assert_ne!(id(&store, "contacts", "1"), entry, "ids are not used twice");
}

#[test]
fn what_was_lost_to_the_server_is_kept_until_it_is_settled() {
    let store = store();
    store.put(&[put_contact("1", "Anna")]);
    let entry = id(&store, "contacts", "1");
    let mine = Contact { job_title: Some("Chefin".to_owned()), ..Contact::default() };
    for kind in [ConflictKind::Changed, ConflictKind::DeletedHere, ConflictKind::DeletedThere] {
        let mine: Item = mine.clone().into();
        let record = ConflictRecord { entry, kind, mine: Box::new(mine.clone()) };
        store.put(&[Change::PutConflict(record)]);
        assert_eq!(shown(&store, entry).conflict, Some(EntryConflict { kind, mine }));
    }

    let store = store.reopened();
    assert!(store.open.entries().settle_conflict(entry).unwrap());
    assert_eq!(shown(&store, entry).conflict, None);
    assert!(!store.open.entries().settle_conflict(entry).unwrap());
}

#[test]
fn entries_are_added_to_folders_that_take_them() {
    let store = store();
    let entries = store.open.entries();
    let contact: Item = contact("Emil").into();
    assert_eq!(entries.add(FolderId(-1), "c", &contact, None).unwrap(), None);
    assert_eq!(entries.add(store.inbox(), "c", &contact, None).unwrap(), None);
    assert_eq!(store.open.mail().saved(0).unwrap().edits, []);

    store.open.lock();
    let entries = store.open.entries();
    assert!(matches!(entries.add(FolderId(1), "c", &contact, None), Err(AccessError::Locked)));
    assert!(matches!(entries.get(pim::EntryId(1)), Err(AccessError::Locked)));
}
