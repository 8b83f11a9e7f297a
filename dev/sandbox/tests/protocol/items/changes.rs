use std::time::Duration;

use activesync::messages::*;
use activesync::query::{Command, Version};
use activesync::status::Status;
use sandbox::{Fault, Options};
use time::macros::datetime;

use super::*;
use crate::client::{options, ready};

fn event() -> Event {
    Event {
        subject: some("Termin"),
        start: Some(datetime!(2026-10-01 08:00 UTC)),
        end: Some(datetime!(2026-10-01 09:00 UTC)),
        place: Some(Box::new(Location::named("Zimmer 2"))),
        ..Event::default()
    }
}

fn samples() -> [(&'static str, Item, Item); 4] {
    let name = |first_name| Contact { first_name: some(first_name), ..Contact::default() };
    [
        (CALENDAR, event().into(), Event { subject: some("neu"), ..Event::default() }.into()),
        (CONTACTS, contact().into(), name("neu").into()),
        (TASKS, task().into(), Task { subject: some("neu"), ..Task::default() }.into()),
        (NOTES, note().into(), Note { subject: some("neu"), ..Note::default() }.into()),
    ]
}

fn name(item: &Item) -> Option<&str> {
    match item {
        Item::Contact(contact) => contact.first_name.as_deref(),
        Item::Event(event) => event.subject.as_deref(),
        Item::Note(note) => note.subject.as_deref(),
        Item::Task(task) => task.subject.as_deref(),
        Item::Any(_) | Item::Email(_) => None,
    }
}

#[tokio::test]
async fn what_a_device_does_is_there_and_not_told_back() {
    let (running, client) = ready(Options { samples: false, ..options() }).await;
    for (id, item, edit) in samples() {
        let (mut folder, _) = Replica::loaded(&client, id).await;
        let server_id = folder.add(item.clone()).await;
        let there = running.item("alice", &server_id, Version::V16_1).unwrap();
        assert_eq!(name(&there), name(&item));
        folder.change(&server_id, edit).await;
        let there = running.item("alice", &server_id, Version::V16_1).unwrap();
        assert_eq!(name(&there), Some("neu"));
        assert_eq!(folder.pull().await, []);
        assert_eq!(folder.push(vec![delete(&server_id)]).await.responses, []);
        running.item("alice", &server_id, Version::V16_1).unwrap_err();
        assert_eq!(folder.pull().await, []);
        let deleted = running.items("alice", FolderKind::Deleted, Version::V16_1).unwrap();
        assert_eq!(deleted, [], "deleted items of other classes are not shown among mails");
    }
}

#[tokio::test]
async fn what_others_do_is_told() {
    let (running, client) = ready(Options { samples: false, ..options() }).await;
    for (id, item, edit) in samples() {
        let (mut folder, _) = Replica::loaded(&client, id).await;
        let server_id = running.add_item("alice", item.clone()).unwrap();
        let told = added(folder.pull().await);
        assert_eq!((&told[0].0, name(&told[0].1)), (&server_id, name(&item)));
        running.change_item("alice", &server_id, edit).unwrap();
        let told = folder.pull().await;
        let [ServerCommand::Change { server_id: changed, item }] = &told[..] else {
            panic!("{told:?}");
        };
        assert_eq!((changed, name(item)), (&server_id, Some("neu")));
        assert_eq!(running.delete("alice", &server_id), Ok(true));
        assert_eq!(folder.pull().await, [ServerCommand::Delete { server_id }]);
    }
}

#[tokio::test]
async fn what_is_gone_is_told_as_empty() {
    let (running, client) = ready(Options { samples: false, ..options() }).await;
    let (mut folder, _) = Replica::loaded(&client, CONTACTS).await;
    let id = folder.add(contact()).await;
    let change = Contact { home_phone_number: some(""), ..Contact::default() };
    running.change_item("alice", &id, change).unwrap();
    let told = folder.pull().await;
    let [ServerCommand::Change { item, .. }] = &told[..] else { panic!("{told:?}") };
    let told = item.clone().into_contact().unwrap();
    assert_eq!((told.home_phone_number.as_deref(), told.last_name), (Some(""), some("Berg")));
    let Item::Contact(whole) = running.item("alice", &id, Version::V16_1).unwrap() else {
        panic!("no contact");
    };
    assert_eq!((whole.home_phone_number, whole.cleared.len()), (None, 0));
}

#[tokio::test]
async fn a_ping_wakes_for_every_class() {
    let (running, client) = ready(Options { samples: false, ..options() }).await;
    for (id, item, _) in samples() {
        let (mut folder, _) = Replica::loaded(&client, id).await;
        let folders = vec![PingFolder { id: id.into(), class: class_of(id).name().into() }];
        let request = PingRequest { heartbeat_interval: Some(600), folders };
        let pinging = client.clone();
        let ping = tokio::spawn(async move { pinging.ping(Some(request)).await });
        running.until_held("alice", 1).await.unwrap();
        running.add_item("alice", item).unwrap();
        let answer = tokio::time::timeout(Duration::from_secs(20), ping).await.unwrap().unwrap();
        assert_eq!((answer.status, &answer.folders[..]), (Status(2), &[id.to_owned()][..]));
        assert_eq!(folder.pull().await.len(), 1);
    }
}

#[tokio::test]
async fn items_move_between_folders_of_their_class_only() {
    let (running, client) = ready(options()).await;
    let (mut folder, contacts) = Replica::loaded(&client, CONTACTS).await;
    let entry = |to: &str| Move {
        source_id: contacts[0].0.clone(),
        source_folder: CONTACTS.to_owned(),
        destination_folder: to.to_owned(),
    };
    let shift = async |to: &str| {
        let request = MoveItemsRequest { moves: vec![entry(to)] };
        let answer = client.post(Command::MoveItems, request.encode()).await;
        MoveItemsAnswer::decode(&answer).unwrap().results[0].status
    };
    assert_eq!(shift(TASKS).await, Status(5));
    assert_eq!(shift("f1").await, Status(5));
    assert_eq!(shift(CONTACTS).await, Status(4));
    assert_eq!(shift("f3").await, Status(3));
    let server_id = contacts[0].0.clone();
    assert_eq!(folder.pull().await, [ServerCommand::Delete { server_id }]);
    let deleted = running.items("alice", FolderKind::Deleted, Version::V16_1).unwrap();
    assert!(deleted.iter().all(|(_, item)| item.class() == Some(Class::Email)));
}

#[tokio::test]
async fn a_bad_item_does_not_touch_the_others() {
    let (running, client) = ready(Options { samples: false, ..options() }).await;
    for (id, good, bad) in [
        (
            CONTACTS,
            Item::from(contact()),
            Item::from(Contact {
                picture: Some(vec![1; Contact::MOST_PICTURE + 1].into()),
                ..contact()
            }),
        ),
        (CALENDAR, event().into(), Event { end: None, ..event() }.into()),
        (CALENDAR, event().into(), Event { uid: some("mine"), ..event() }.into()),
        (
            CALENDAR,
            event().into(),
            Event {
                recurrence: Some(Recurrence { kind: Some(1), ..Recurrence::default() }),
                ..event()
            }
            .into(),
        ),
        (TASKS, task().into(), Task { complete: Some(true), ..task() }.into()),
        (TASKS, task().into(), contact().into()),
        (NOTES, note().into(), Note { message_class: None, ..note() }.into()),
    ] {
        let (mut folder, _) = Replica::loaded(&client, id).await;
        let answer = folder
            .push(vec![
                add("bad", bad),
                add("good", good),
                change("{999}%2F", contact()),
                delete("{999}%2F"),
            ])
            .await;
        let statuses: Vec<_> = answer
            .responses
            .iter()
            .map(|response| match response {
                CommandResult::Add { client_id, server_id, status, .. } => {
                    (client_id.as_str(), status.0, server_id.is_some())
                }
                CommandResult::Change { status, .. } => ("change", status.0, false),
                CommandResult::Delete { status, .. } => ("delete", status.0, false),
                CommandResult::Fetch { .. } => panic!("{response:?}"),
            })
            .collect();
        let wanted =
            [("bad", 6, false), ("good", 1, true), ("change", 8, false), ("delete", 8, false)];
        assert_eq!(statuses, wanted);
    }
    let contacts = running.items("alice", FolderKind::Contacts, Version::V16_1).unwrap();
    assert_eq!(contacts.len(), 1);
}

#[tokio::test]
async fn a_repeated_upload_makes_one_item() {
    let (running, client) = ready(Options { samples: false, ..options() }).await;
    let (mut folder, _) = Replica::loaded(&client, CONTACTS).await;
    let other = folder.add(contact()).await;
    let name = Contact { first_name: some("Neu"), ..Contact::default() };
    let commands = vec![add("one", contact()), change(&other, name)];
    let request = SyncCollection { commands: commands.clone(), ..folder.request() };
    let sent = SyncRequest { collections: vec![request], ..SyncRequest::default() };
    running.fail_next("alice", Some(Command::Sync), Fault::LoseAnswer).unwrap();
    client.try_post(Command::Sync, sent.encode()).await.unwrap_err();
    let answer = folder.push(commands).await;
    assert!(
        matches!(&answer.responses[..], [CommandResult::Add { status: Status::OK, .. }]),
        "{answer:?}"
    );
    assert_eq!(answer.commands, []);
    assert_eq!(running.items("alice", FolderKind::Contacts, Version::V16_1).unwrap().len(), 2);
    assert_eq!(folder.pull().await, []);
    let again = folder.push(vec![add("one", contact())]).await;
    assert_eq!(again.responses.len(), 1, "an id of an earlier request is free again");
    assert_eq!(running.items("alice", FolderKind::Contacts, Version::V16_1).unwrap().len(), 3);
}

#[tokio::test]
async fn an_event_with_a_known_client_uid_is_the_same_event() {
    let (running, client) = ready(Options { samples: false, ..options() }).await;
    let (mut folder, _) = Replica::loaded(&client, CALENDAR).await;
    let item = Event { client_uid: some("7f3a"), ..event() };
    let first = folder.add(item.clone()).await;
    let (mut folder, _) = Replica::loaded(&client, CALENDAR).await;
    assert_eq!(folder.add(item).await, first);
    assert_eq!(running.items("alice", FolderKind::Calendar, Version::V16_1).unwrap().len(), 1);
}

#[tokio::test]
async fn a_conflict_is_decided_as_the_options_say() {
    let (running, client) = ready(Options { samples: false, ..options() }).await;
    let (mut folder, _) = Replica::loaded(&client, CONTACTS).await;
    let id = folder.add(contact()).await;
    let first = |name| Contact { first_name: some(name), ..Contact::default() };
    let last = |name| Contact { last_name: some(name), ..Contact::default() };
    let told = |answer: &CollectionAnswer| match &answer.commands[..] {
        [ServerCommand::Change { item, .. }] => {
            let contact = item.clone().into_contact().unwrap();
            (contact.first_name.unwrap(), contact.last_name.unwrap())
        }
        commands => panic!("{commands:?}"),
    };

    running.change_item("alice", &id, last("Server")).unwrap();
    let answer = folder.push(vec![change(&id, first("Client"))]).await;
    assert!(
        matches!(&answer.responses[..], [CommandResult::Change { status: Status(7), .. }]),
        "{answer:?}"
    );
    assert_eq!(told(&answer), ("Ida".to_owned(), "Server".to_owned()));

    folder.options.client_wins = Some(true);
    assert_eq!(folder.pull().await, []);
    running.change_item("alice", &id, last("Other")).unwrap();
    let answer = folder.push(vec![change(&id, first("Client"))]).await;
    assert_eq!(answer.responses, []);
    assert_eq!(told(&answer), ("Client".to_owned(), "Other".to_owned()));

    running.change_item("alice", &id, last("Third")).unwrap();
    assert_eq!(folder.push(vec![delete(&id)]).await.responses, []);
    running.item("alice", &id, Version::V16_1).unwrap_err();
}
