//! Rounds from key 0, and what they must not touch.

use super::{
    add, all, contact, contacts, edit, id, item, note, put, put_contact, shown, store, titles,
};
use crate::mail::{at, inbox, mail, put_mail};
use activesync::messages::{Class, Contact, Item};
use pim::{Change, CollectionId, Edit, ServerId};
use vault::entries::EntryState;

fn round(changes: &[Change]) -> Vec<Change> {
    let folder = CollectionId("contacts".to_owned());
    let (begin, end) = (Change::BeginRound(folder.clone()), Change::EndRound(folder));
    std::iter::once(begin).chain(changes.iter().cloned()).chain([end]).collect()
}

#[test]
fn a_round_keeps_what_it_brought_and_what_has_an_edit() {
    let store = store();
    store.put(&[
        put_contact("1", "Anna"),
        put_contact("2", "Bert"),
        put_contact("3", "Carla"),
        put_contact("4", "Dora"),
        put("notes", "1", note("Zettel", "x")),
    ]);
    let stays = id(&store, "contacts", "2");
    store.put(&[Change::PutEdit(edit(&store, "3", Edit::Put(Box::new(contact("Karla").into()))))]);
    store.put(&[Change::PutEdit(edit(&store, "4", Edit::Delete))]);
    add(&store, contact("Emil"));

    let store = store.reopened();
    store.put(&round(&[put_contact("2", "Berta")]));

    assert_eq!(contacts(&store), ["Berta", "Emil", "Karla"]);
    assert_eq!(id(&store, "contacts", "2"), stays);
    assert_eq!(titles(&store, all(Class::Notes)), ["Zettel"], "rounds of folders are apart");
    assert_eq!(store.open.mail().saved(0).unwrap().edits.len(), 3);
}

#[test]
fn an_edit_that_the_server_took_in_the_middle_of_a_round_counts_as_seen() {
    let store = store();
    let record = add(&store, contact("Emil"));
    let taken = Change::RemoveEdit { entry: record.entry, server_id: ServerId("9".to_owned()) };

    store.put(&round(&[taken]));

    assert_eq!(contacts(&store), ["Emil"]);
    assert_eq!(shown(&store, record.entry).state, EntryState::Synced);
}

#[test]
fn a_change_replaces_what_it_says_and_clears_what_is_empty() {
    let store = store();
    let anna = Contact {
        job_title: Some("Chefin".to_owned()),
        company_name: Some("Beispiel".to_owned()),
        ..contact("Anna")
    };
    store.put(&[put("contacts", "1", anna)]);
    let entry = id(&store, "contacts", "1");

    let patch = Contact {
        job_title: Some(String::new()),
        company_name: Some("Muster".to_owned()),
        ..Contact::default()
    };
    let patch = |server_id| Change::PatchEntry {
        item: item("contacts", server_id),
        patch: Box::new(patch.clone().into()),
    };
    store.put(&[patch("1"), patch("of nobody")]);

    let expected = Contact { company_name: Some("Muster".to_owned()), ..contact("Anna") };
    assert_eq!(shown(&store, entry).item, Item::from(expected));
    assert_eq!(contacts(&store), ["Anna"]);
}

#[test]
fn a_change_that_tells_the_whole_entry_removes_what_it_leaves_out() {
    let store = store();
    let anna = Contact {
        first_name: Some("Anna".to_owned()),
        job_title: Some("Chefin".to_owned()),
        company_name: Some("Beispiel".to_owned()),
        ..contact("Anna")
    };
    store.put(&[put("contacts", "1", anna.clone())]);
    let told = Contact { job_title: None, ..anna };
    let patch = Box::new(Item::from(told.clone()));
    store.put(&[Change::PatchEntry { item: item("contacts", "1"), patch }]);

    assert_eq!(shown(&store, id(&store, "contacts", "1")).item, Item::from(told));
}

#[test]
fn an_entry_that_the_server_removed_goes_unless_it_has_an_edit() {
    let store = store();
    store.put(&[put_contact("1", "Anna"), put_contact("2", "Bert")]);
    store.put(&[Change::PutEdit(edit(&store, "2", Edit::Put(Box::new(contact("Berta").into()))))]);

    let remove = |server_id| Change::RemoveEntry(item("contacts", server_id));
    store.put(&[remove("1"), remove("2"), remove("of nobody")]);

    assert_eq!(contacts(&store), ["Berta"]);
    store.put(&[Change::DropEntry(id(&store, "contacts", "2"))]);
    assert_eq!(contacts(&store), Vec::<String>::new());
    assert_eq!(store.open.mail().saved(0).unwrap().edits, []);
}

#[test]
fn entries_are_no_mails_and_go_with_their_folder() {
    let store = store();
    store.put(&[put_mail("1", mail(1)), put_contact("1", "Anna")]);
    let entry = id(&store, "contacts", "1");
    add(&store, contact("Emil"));

    let folders = store.open.mail().folders().unwrap();
    assert_eq!(folders.iter().map(|folder| folder.total).collect::<Vec<_>>(), [1]);
    let folders = store.open.entries().folders(Class::Contacts).unwrap();
    assert_eq!(folders.iter().map(|folder| folder.total).collect::<Vec<_>>(), [2]);

    store.put(&[Change::RemoveFolder(CollectionId("contacts".to_owned()))]);
    assert_eq!(contacts(&store), Vec::<String>::new());
    assert_eq!(store.open.entries().get(entry).unwrap(), None);
    assert_eq!(store.open.mail().saved(0).unwrap().edits, []);
    assert_eq!(store.open.entries().default_folder(Class::Contacts).unwrap(), None);
    store.put(&[Change::RemoveFolder(inbox())]);
}

#[test]
fn what_concerns_a_folder_that_went_is_left_out() {
    let store = store();
    store.put(&[put("gone", "1", contact("Anna")), put("inbox", "2", contact("Bert"))]);
    assert_eq!(contacts(&store), Vec::<String>::new(), "a mail folder takes no contact in");

    store.put(&[put_contact("1", "Anna")]);
    let record = edit(&store, "1", Edit::Delete);
    let moved = pim::EditRecord { collection: CollectionId("gone".to_owned()), ..record };
    store.put(&[Change::PutEdit(moved)]);
    assert_eq!(contacts(&store), ["Anna"]);
}

#[test]
fn an_answer_that_fails_leaves_no_trace() {
    let store = store();
    store.put(&[put_contact("1", "Anna")]);
    let entry = id(&store, "contacts", "1");
    // The database refuses the last step, as it would with a full disk.
    let full = "CREATE TEMP TRIGGER full BEFORE INSERT ON conflict BEGIN SELECT raise(FAIL, 'disk full'); END";
    store.open.database().unwrap().execute_batch(full).unwrap();
    let conflict = pim::ConflictRecord {
        entry,
        kind: pim::ConflictKind::Changed,
        mine: Box::new(contact("Hanna").into()),
    };
    let answer = [
        Change::PutEdit(edit(&store, "1", Edit::Put(Box::new(contact("Johanna").into())))),
        put_contact("2", "Bert"),
        Change::PutConflict(conflict),
    ];

    assert!(store.open.mail().store(&answer, at(0)).is_err());
    assert_eq!(contacts(&store), ["Anna"]);
    assert_eq!(store.open.mail().saved(0).unwrap().edits, []);
    let query = pim::SearchQuery::parse("johanna");
    assert_eq!(store.open.entries().search(&query, None, 0, 10).unwrap().total, 0);

    store.open.database().unwrap().execute_batch("DROP TRIGGER temp.full").unwrap();
    store.put(&answer);
    assert_eq!(contacts(&store), ["Bert", "Johanna"]);
    assert!(shown(&store, entry).conflict.is_some());
}

#[test]
fn a_container_from_before_there_were_entries_takes_them_in() {
    let store = store();
    store.put(&[put_mail("1", mail(1))]);
    let before = "DROP TABLE conflict; DROP TABLE edit; DROP TABLE entry; DROP TABLE entry_words; DROP TABLE meeting;
                  DELETE FROM part WHERE name = 'entries'";
    store.open.database().unwrap().execute_batch(before).unwrap();

    let store = store.reopened();
    store.put(&[put_contact("1", "Anna")]);

    assert_eq!(contacts(&store), ["Anna"]);
    assert_eq!(store.listed(), ["1"]);
}
