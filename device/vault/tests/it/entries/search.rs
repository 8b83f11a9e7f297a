//! Entries are found by their words.

use super::{add, contact, event, id, item, note, put, put_contact, store, task, title};
use crate::mail::Store;
use activesync::messages::{Attendee, Body, BodyType, Class, Contact, Event};
use pim::{Change, SearchQuery};

fn found(store: &Store, typed: &str, class: Option<Class>) -> Vec<String> {
    let query = SearchQuery::parse(typed);
    let page = store.open.entries().search(&query, class, 0, 100).unwrap();
    assert_eq!(page.total, page.items.len() as u64);
    page.items.iter().map(|entry| title(&entry.item)).collect()
}

#[test]
fn every_part_of_a_contact_is_found() {
    let store = store();
    let whole = Contact {
        company_name: Some("Grüße & Söhne".to_owned()),
        email1_address: Some("\"Anna\" <anna@example.org>".to_owned()),
        mobile_phone_number: Some("+49 170 / 123-456".to_owned()),
        home_address_city: Some("Zürich".to_owned()),
        categories: Some(vec!["VIP Kunden".to_owned()]),
        body: Some(Body::whole(BodyType::Html, "<p>Mag <b>Éclairs</b></p><style>x9</style>")),
        ..contact("Ärmel, Anna")
    };
    store.put(&[put("contacts", "1", whole), put_contact("2", "Bert")]);

    for hit in [
        "armel",
        "anna ärm",
        "subject:anna",
        "from:anna@example.org",
        "GRUße",
        "170",
        "49170123456",
        "0170123",
        "zurich",
        "vip",
        "\"mag eclairs\"",
    ] {
        assert_eq!(found(&store, hit, None), ["Ärmel, Anna"], "{hit}");
        assert_eq!(found(&store, hit, Some(Class::Contacts)).len(), 1, "{hit}");
        assert_eq!(found(&store, hit, Some(Class::Notes)).len(), 0, "{hit}");
    }
    for miss in ["from:zurich", "subject:bert anna", "x9", "is:unread", "is:unread anna", "", "?"] {
        assert_eq!(found(&store, miss, None), [""; 0], "{miss}");
    }
}

#[test]
fn words_follow_what_is_shown() {
    let store = store();
    store.put(&[put("notes", "1", note("Einkauf", "Milch und Brot"))]);
    let patch = note("Einkauf", "Käse");
    store.put(&[Change::PatchEntry { item: item("notes", "1"), patch: Box::new(patch.into()) }]);
    assert_eq!((found(&store, "milch", None).len(), found(&store, "kase", None).len()), (0, 1));

    let added = add(&store, task("Käse kaufen", None, false));
    assert_eq!(found(&store, "kase", None), ["Einkauf", "Käse kaufen"]);
    store.put(&[Change::PutEdit(pim::EditRecord { edit: pim::Edit::Delete, ..added })]);
    assert_eq!(found(&store, "kase", None), ["Einkauf"]);
    let store = store.reopened();
    store.put(&[Change::DropEntry(id(&store, "notes", "1"))]);
    assert_eq!(found(&store, "kase", None), [""; 0]);
}

#[test]
fn events_are_found_by_those_who_come_the_latest_first() {
    let store = store();
    let meeting = |subject: &str, start| Event {
        attendees: Some(vec![Attendee::required("carla@example.org", "Carla")]),
        location: Some("Raum 3".to_owned()),
        ..event(subject, start, start + 60)
    };
    store.put(&[
        put("calendar", "1", meeting("early", 0)),
        put("calendar", "2", meeting("late", 1000)),
        put("calendar", "3", event("without her", 0, 60)),
    ]);

    assert_eq!(found(&store, "to:carla", Some(Class::Calendar)), ["late", "early"]);
    assert_eq!(found(&store, "\"raum 3\" early", Some(Class::Calendar)), ["early"]);
}

#[test]
fn whatever_is_typed_is_an_answer() {
    let store = store();
    store.put(&[put_contact("1", "Anna")]);
    for typed in ["\"", "a*", "NEAR(", "title:", "a OR b", "{", "rowid:1", "\0", "-x", "^a"] {
        found(&store, typed, None);
    }
}
