use activesync::messages::*;
use activesync::query::{Command, Version};
use activesync::status::Status;
use sandbox::Options;
use time::Duration;

use super::*;
use crate::client::{now, options, ready};

fn subjects(items: &[(String, Item)]) -> Vec<String> {
    let subject = |item: &Item| match item {
        Item::Contact(contact) => contact.file_as.clone(),
        Item::Event(event) => event.subject.clone(),
        Item::Note(note) => note.subject.clone(),
        Item::Task(task) => task.subject.clone(),
        Item::Any(_) | Item::Email(_) => panic!("{item:?}"),
    };
    items.iter().map(|(_, item)| subject(item).unwrap_or_default()).collect()
}

#[tokio::test]
async fn samples_of_every_class_are_there() {
    let (_running, client) = ready(options()).await;
    let mut all = Vec::new();
    for folder in [CALENDAR, CONTACTS, TASKS, NOTES] {
        let (_, items) = Replica::loaded(&client, folder).await;
        assert!(items.iter().all(|(_, item)| item.class() == Some(class_of(folder))));
        all.push(format!("{folder}: {}", subjects(&items).join("; ")));
    }
    insta::assert_snapshot!(all.join("\n"), @r"
    f7: Onboarding; Mittagessen mit dem Einkauf; Quarterly review; Zahnarzt; Urlaub; Geburtstag Lena Vogt; Teamrunde
    f8: 山田 太郎; Schlüsseldienst Meyer & Söhne; Okafor, Mira; Ashworth, Tom; Vogt, Lena
    f9: Fahrrad zur Werkstatt; Renew passport; Book the train to Bristol; Wochenbericht schreiben; Angebot Nordlicht überarbeiten
    f10: Rezept Apfelkuchen; Reading list; WLAN Gästezugang
    ");
}

#[tokio::test]
async fn other_people_have_samples_too() {
    let (running, _) = ready(options()).await;
    let kinds = [FolderKind::Calendar, FolderKind::Contacts, FolderKind::Tasks, FolderKind::Notes];
    for kind in kinds {
        assert!(running.items("bob", kind, Version::V16_1).unwrap().len() >= 3, "{kind:?}");
    }
}

#[tokio::test]
async fn a_photo_and_a_birthday_come_with_a_contact() {
    let (_running, client) = ready(options()).await;
    let (_, contacts) = Replica::loaded(&client, CONTACTS).await;
    let lena = contacts.into_iter().find_map(|(_, item)| {
        item.into_contact().filter(|contact| contact.first_name.as_deref() == Some("Lena"))
    });
    let lena = lena.unwrap();
    assert!(lena.picture.unwrap().starts_with(b"\xFF\xD8\xFF"));
    assert!(lena.birthday.is_some() && lena.categories.unwrap().len() == 2);
    let body = lena.body.unwrap();
    assert!((body.kind, body.truncated) == (BodyType::Text, false));
}

#[tokio::test]
async fn calendars_know_other_filters_than_mail() {
    let (_running, client) = ready(options()).await;
    for (folder, good) in [
        (CALENDAR, &[0, 4, 5, 6, 7][..]),
        (CONTACTS, &[0]),
        (TASKS, &[0, 8]),
        (NOTES, &[0]),
        ("f1", &[0, 1, 2, 3, 4, 5]),
    ] {
        for code in 0..=8 {
            let options =
                vec![SyncOptions { filter: Filter::from_code(code), ..SyncOptions::default() }];
            let answer =
                client.sync(SyncCollection { options, ..collection(folder, "0") }).await.unwrap();
            let wanted = if good.contains(&code) { Status::OK } else { Status(4) };
            assert_eq!(answer.status, wanted, "{folder} {code}");
        }
    }
}

#[tokio::test]
async fn old_events_are_left_out_and_series_go_on() {
    let (running, client) = ready(options()).await;
    let mut folder = Replica::primed(&client, CALENDAR, None).await;
    folder.options.filter = Some(Filter::TwoWeeks);
    let items = added(folder.pull().await);
    let subjects = subjects(&items);
    assert!(!subjects.contains(&"Onboarding".to_owned()), "{subjects:?}");
    assert!(subjects.contains(&"Teamrunde".to_owned()), "{subjects:?}");

    let dentist = items.iter().find(|(_, item)| {
        matches!(item, Item::Event(event) if event.subject.as_deref() == Some("Zahnarzt"))
    });
    let id = dentist.unwrap().0.clone();
    let past = now() - Duration::days(60);
    let moved =
        Event { start: Some(past), end: Some(past + Duration::hours(1)), ..Event::default() };
    running.change_item("alice", &id, moved).unwrap();
    assert_eq!(folder.pull().await, [ServerCommand::SoftDelete { server_id: id.clone() }]);
    let (start, end) = (Some(now()), Some(now() + Duration::hours(1)));
    running.change_item("alice", &id, Event { start, end, ..Event::default() }).unwrap();
    assert_eq!(added(folder.pull().await)[0].0, id);
}

#[tokio::test]
async fn only_open_tasks_can_be_wanted() {
    let (running, client) = ready(options()).await;
    let mut folder = Replica::primed(&client, TASKS, None).await;
    folder.options.filter = Some(Filter::OpenTasks);
    let items = added(folder.pull().await);
    assert_eq!(items.len(), 4);
    let done = Task { complete: Some(true), date_completed: Some(now()), ..Task::default() };
    running.change_item("alice", &items[0].0, done).unwrap();
    let gone = ServerCommand::SoftDelete { server_id: items[0].0.clone() };
    assert_eq!(folder.pull().await, [gone]);
}

#[tokio::test]
async fn generated_events_come_in_windows_and_are_counted() {
    let (_running, client) = ready(Options { samples: false, events: 700, ..options() }).await;
    let mut folder = Replica::primed(&client, CALENDAR, None).await;
    let question = EstimateCollection {
        sync_key: folder.key.clone(),
        collection_id: CALENDAR.to_owned(),
        class: None,
        conversation_mode: None,
        options: vec![],
    };
    let request = EstimateRequest { collections: vec![question] };
    let answer = client.post(Command::GetItemEstimate, request.encode()).await;
    assert_eq!(EstimateAnswer::decode(&answer).unwrap().estimates[0].count, Some(700));

    let first = SyncCollection { window_size: Some(5), ..folder.request() };
    let first = client.sync(first).await.unwrap();
    assert!(first.more_available && first.commands.len() == 5);
    folder.key = first.sync_key.unwrap();
    let mut items = added(first.commands);
    items.extend(added(folder.pull().await));
    assert_eq!(items.len(), 700);
    let uids: std::collections::BTreeSet<_> =
        items.into_iter().map(|(_, item)| item.into_event().unwrap().uid).collect();
    assert_eq!(uids.len(), 700);
}

#[tokio::test]
async fn bodies_come_as_wanted() {
    let (running, client) = ready(options()).await;
    let html = Note { body: Some(Body::whole(BodyType::Html, "<p>Eins</p><p>Zwei</p>")), ..note() };
    let id = running.add_item("alice", html).unwrap();
    let key = client.prime(NOTES).await;
    let ask = |preference: BodyPreference| SyncCollection {
        commands: vec![ClientCommand::Fetch { server_id: id.clone() }],
        get_changes: Some(false),
        options: vec![SyncOptions { body_preferences: vec![preference], ..SyncOptions::default() }],
        ..collection(NOTES, &key)
    };
    for (kind, wanted) in [(BodyType::Text, "Eins"), (BodyType::Html, "<p>Eins</p>")] {
        let answer = client.sync(ask(BodyPreference::whole(kind))).await.unwrap();
        let [CommandResult::Fetch { item: Some(item), .. }] = &answer.responses[..] else {
            panic!("{answer:?}");
        };
        let note = item.clone().into_note().unwrap();
        assert_eq!(note.native_body_type, Some(BodyType::Html));
        let body = note.body.unwrap();
        assert_eq!(body.kind, kind);
        let data = String::from_utf8(body.data.unwrap().to_vec()).unwrap();
        assert!(data.starts_with(wanted), "{data}");
    }

    let cut = BodyPreference { truncation_size: Some(3), ..BodyPreference::whole(BodyType::Text) };
    let fetch = Fetch {
        body_preferences: vec![cut],
        source: FetchSource::Item { collection_id: NOTES.into(), server_id: id.clone() },
        ..Fetch::attachment("")
    };
    let note = client.fetch(fetch).await.item.into_note().unwrap();
    let body = note.body.unwrap();
    assert_eq!((body.data.as_deref(), body.truncated), (Some(&b"Ein"[..]), true));
}
