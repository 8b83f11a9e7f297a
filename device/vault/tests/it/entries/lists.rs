//! The order of lists.

use super::{
    add, all, contacts, event, folder_of, note, put, put_contact, store, task, title, titles,
};
use activesync::messages::{Class, Contact};
use vault::entries::Listed;

#[test]
fn contacts_are_in_the_order_of_their_names() {
    let store = store();
    let names = ["Zoë", "anna", "Ärmel", "Émile", "Bert", "Öttinger", "Otto"];
    let changes: Vec<_> = names.iter().map(|name| put_contact(name, name)).collect();
    store.put(&changes);

    let expected = ["anna", "Ärmel", "Bert", "Émile", "Öttinger", "Otto", "Zoë"];
    assert_eq!(contacts(&store), expected);
    let store = store.reopened();
    let page = |offset, limit| {
        let page = store.open.entries().list(all(Class::Contacts), offset, limit).unwrap();
        assert_eq!(page.total, 7);
        page.items.iter().map(|entry| title(&entry.item)).collect::<Vec<_>>()
    };
    assert_eq!(
        (page(0, 3), page(3, 3), page(6, 3)),
        (
            expected[..3].iter().map(ToString::to_string).collect(),
            expected[3..6].iter().map(ToString::to_string).collect(),
            expected[6..].iter().map(ToString::to_string).collect(),
        )
    );
    assert_eq!(page(7, 3), Vec::<String>::new());
}

#[test]
fn contacts_without_a_file_name_are_sorted_by_their_last_name() {
    let store = store();
    let named = |first: &str, last: &str| Contact {
        first_name: Some(first.to_owned()),
        last_name: Some(last.to_owned()),
        ..Contact::default()
    };
    store.put(&[
        put("contacts", "1", named("Anna", "Zeder")),
        put("contacts", "2", named("Zoë", "Ahorn")),
    ]);

    let page = store.open.entries().list(all(Class::Contacts), 0, 9).unwrap();
    let names: Vec<_> = page
        .items
        .iter()
        .map(|entry| entry.item.clone().into_contact().unwrap().first_name.unwrap())
        .collect();
    assert_eq!(names, ["Zoë", "Anna"]);
}

#[test]
fn tasks_are_in_the_order_in_which_they_are_due() {
    let store = store();
    store.put(&[
        put("tasks", "1", task("without a date", None, false)),
        put("tasks", "2", task("in June", Some(100), false)),
        put("tasks", "3", task("done", Some(1), true)),
        put("tasks", "4", task("in May", Some(50), false)),
    ]);

    assert_eq!(titles(&store, all(Class::Tasks)), ["in May", "in June", "without a date", "done"]);
    let only = |complete| Listed { complete: Some(complete), ..all(Class::Tasks) };
    assert_eq!(titles(&store, only(true)), ["done"]);
    assert_eq!(titles(&store, only(false)), ["in May", "in June", "without a date"]);
}

#[test]
fn classes_and_folders_are_apart() {
    let store = store();
    store.put(&[
        put_contact("1", "Anna"),
        put("notes", "1", note("Zettel", "")),
        put("calendar", "1", event("Treffen", 0, 60)),
    ]);
    add(&store, task("Aufgabe", None, false));

    assert_eq!(contacts(&store), ["Anna"]);
    assert_eq!(titles(&store, all(Class::Notes)), ["Zettel"]);
    assert_eq!(titles(&store, all(Class::Calendar)), ["Treffen"]);
    let tasks = folder_of(&store, Class::Tasks);
    assert_eq!(titles(&store, Listed { folder: Some(tasks), ..all(Class::Tasks) }), ["Aufgabe"]);
    assert_eq!(titles(&store, Listed { folder: Some(tasks), ..all(Class::Notes) }), [""; 0]);
}
