use activesync::codepage::{Tag, calendar, contacts};
use activesync::messages::*;
use activesync::query::Version;
use activesync::status::Status;
use sandbox::{Options, Running};
use time::macros::datetime;

use super::*;
use crate::client::{Client, options, ready};

async fn contact_after(supported: Option<Vec<Tag>>, edit: Contact) -> Contact {
    let (running, client) = ready(Options { samples: false, ..options() }).await;
    let mut folder = Replica::primed(&client, CONTACTS, supported).await;
    folder.pull().await;
    let id = folder.add(contact()).await;
    folder.change(&id, edit).await;
    *running.item("alice", &id, Version::V16_1).unwrap().into_contact().unwrap()
}

#[tokio::test]
async fn what_is_not_ghosted_and_left_out_is_deleted() {
    let edit = Contact { first_name: some("Ute"), ..Contact::default() };
    let nothing_ghosted = contact_after(None, edit.clone()).await;
    let wanted = Contact {
        first_name: some("Ute"),
        body: contact().body,
        native_body_type: Some(BodyType::Text),
        ..Contact::default()
    };
    assert_eq!(nothing_ghosted, wanted);

    let all_ghosted = contact_after(Some(vec![]), edit.clone()).await;
    let wanted =
        Contact { first_name: some("Ute"), native_body_type: Some(BodyType::Text), ..contact() };
    assert_eq!(all_ghosted, wanted);

    let managed = vec![contacts::FIRST_NAME, contacts::LAST_NAME];
    let some_ghosted = contact_after(Some(managed), edit).await;
    assert_eq!(some_ghosted, Contact { last_name: None, ..wanted });
}

#[tokio::test]
async fn lists_are_replaced_whole() {
    let edit = Contact { categories: Some(vec!["Grün".into()]), ..Contact::default() };
    assert_eq!(contact_after(Some(vec![]), edit).await.categories, Some(vec!["Grün".into()]));
}

async fn calendar(running: &Running, version: Version, supported: Option<Vec<Tag>>) -> Event {
    let client = Client { version, ..Client::new(running, "alice") };
    let mut folder = Replica::primed(&client, CALENDAR, supported).await;
    folder.pull().await;
    let modern = version >= Version::V16_0;
    let new = Event {
        subject: some("Termin"),
        start: Some(datetime!(2026-10-01 08:00 UTC)),
        end: Some(datetime!(2026-10-01 09:00 UTC)),
        location: (!modern).then(|| "Zimmer 2".to_owned()),
        place: modern.then(|| Box::new(Location::named("Zimmer 2"))),
        reminder: Some(15),
        uid: (!modern).then(|| "own-uid".to_owned()),
        ..Event::default()
    };
    let id = folder.add(new).await;
    let edit = Event {
        subject: some("Neu"),
        start: Some(datetime!(2026-10-01 08:30 UTC)),
        end: Some(datetime!(2026-10-01 09:00 UTC)),
        ..Event::default()
    };
    folder.change(&id, edit).await;
    *running.item("alice", &id, Version::V16_1).unwrap().into_event().unwrap()
}

#[tokio::test]
async fn calendars_ghost_everything_since_16() {
    let (running, client) = ready(Options { samples: false, ..options() }).await;
    let old = calendar(&running, Version::V14_1, None).await;
    assert_eq!((old.place, old.reminder, old.uid), (None, None, some("own-uid")));
    let all = calendar(&running, Version::V14_1, Some(vec![])).await;
    assert_eq!((all.place, all.reminder), (Some(Box::new(Location::named("Zimmer 2"))), Some(15)));
    let new = calendar(&running, Version::V16_1, None).await;
    assert_eq!((new.place.is_some(), new.reminder), (true, Some(15)));
    assert!(new.uid.is_some_and(|uid| uid.starts_with("040000008200E00074C5B7101A82E008")));

    let incomplete =
        SyncCollection { supported: Some(vec![calendar::SUBJECT]), ..collection(CALENDAR, "0") };
    let old = Client { version: Version::V14_1, ..client };
    assert_eq!(old.sync(incomplete).await.unwrap().status, Status(4));
}

#[tokio::test]
async fn a_change_without_its_start_is_malformed_where_nothing_is_ghosted() {
    let (running, client) = ready(Options { samples: false, ..options() }).await;
    let client = Client { version: Version::V14_1, ..client };
    let mut folder = Replica::primed(&client, CALENDAR, None).await;
    let start = datetime!(2026-10-01 08:00 UTC);
    let new = Event { start: Some(start), end: Some(start), ..Event::default() };
    let id = running.add_item("alice", new).unwrap();
    folder.pull().await;
    let answer =
        folder.push(vec![change(&id, Event { subject: some("x"), ..Event::default() })]).await;
    assert!(
        matches!(&answer.responses[..], [CommandResult::Change { status: Status(6), .. }]),
        "{answer:?}"
    );
}
