use activesync::messages::*;
use activesync::query::{Command, Version};
use activesync::status::Status;
use hyper::StatusCode;
use sandbox::{Options, Running, Sandbox};
use time::macros::datetime;

use super::*;
use crate::client::{Client, options, ready};

const ALL: [Version; 5] =
    [Version::V12_1, Version::V14_0, Version::V14_1, Version::V16_0, Version::V16_1];

async fn all_versions() -> (Running, Client) {
    ready(Options { versions: ALL.to_vec(), ..options() }).await
}

#[tokio::test]
async fn every_version_synchronises_every_class_it_has() {
    let (_running, client) = all_versions().await;
    for version in ALL {
        let client = Client { version, ..client.clone() };
        for folder in [CALENDAR, CONTACTS, TASKS, NOTES] {
            if folder == NOTES && version < Version::V14_0 {
                let request = SyncCollection { class: some("Notes"), ..collection(folder, "0") };
                assert_eq!(client.sync(request).await.unwrap().status, Status(12));
                continue;
            }
            let (mut replica, items) = Replica::loaded(&client, folder).await;
            assert!(items.len() >= 3, "{folder} {version:?}");
            let new: Item = match folder {
                CALENDAR => Event {
                    start: Some(datetime!(2026-10-01 08:00 UTC)),
                    end: Some(datetime!(2026-10-01 09:00 UTC)),
                    ..Event::default()
                }
                .into(),
                CONTACTS => contact().into(),
                TASKS => task().into(),
                _ => note().into(),
            };
            replica.add(new).await;
            assert_eq!(replica.pull().await, []);
        }
    }
}

#[tokio::test]
async fn notes_are_no_folder_before_14() {
    let (_running, client) = all_versions().await;
    let client = Client { version: Version::V12_1, ..client };
    let kinds: Vec<_> = client
        .folders("0")
        .await
        .changes
        .into_iter()
        .map(|change| match change {
            FolderChange::Add(folder) => folder.kind,
            FolderChange::Delete { .. } | FolderChange::Update(_) => panic!("{change:?}"),
        })
        .collect();
    assert!(kinds.contains(&FolderKind::Calendar) && !kinds.contains(&FolderKind::Notes));
}

#[tokio::test]
async fn old_versions_are_not_told_what_they_do_not_know() {
    let (running, client) = all_versions().await;
    let id = running
        .add_item(
            "alice",
            Event {
                start: Some(datetime!(2026-10-01 08:00 UTC)),
                end: Some(datetime!(2026-10-01 09:00 UTC)),
                place: Some(Box::new(Location {
                    city: some("Hamburg"),
                    ..Location::named("Elbe")
                })),
                client_uid: some("c"),
                disallow_new_time_proposal: Some(true),
                response_requested: Some(true),
                online_meeting_conf_link: some("conf:sip:a"),
                recurrence: Some(Recurrence {
                    kind: Some(1),
                    interval: Some(1),
                    day_of_week: Some(16),
                    first_day_of_week: Some(1),
                    ..Recurrence::default()
                }),
                ..Event::default()
            },
        )
        .unwrap();
    let mut seen = Vec::new();
    for version in ALL {
        let event = *running.item("alice", &id, version).unwrap().into_event().unwrap();
        seen.push(format!(
            "{}: place {}, city {}, client {}, proposals {}, requested {}, type {}, link {}, week {}",
            version.name(),
            event.location.is_some(),
            event.place.and_then(|place| place.city).is_some(),
            event.client_uid.is_some(),
            event.disallow_new_time_proposal.is_some(),
            event.response_requested.is_some(),
            event.response_type.is_some(),
            event.online_meeting_conf_link.is_some(),
            event.recurrence.and_then(|recurrence| recurrence.first_day_of_week).is_some(),
        ));
    }
    insta::assert_snapshot!(seen.join("\n"), @r"
    12.1: place true, city false, client false, proposals false, requested false, type false, link false, week false
    14.0: place true, city false, client false, proposals true, requested true, type true, link false, week false
    14.1: place true, city false, client false, proposals true, requested true, type true, link true, week true
    16.0: place false, city true, client true, proposals true, requested true, type true, link true, week true
    16.1: place false, city true, client true, proposals true, requested true, type true, link true, week true
    ");

    let client = Client { version: Version::V12_1, ..client };
    let (_, mails) = Replica::loaded(&client, "f1").await;
    let mails: Vec<_> = mails.into_iter().map(|(_, item)| item.into_email().unwrap()).collect();
    assert!(mails.iter().all(|mail| mail.conversation_id.is_none() && mail.categories.is_none()));
    assert!(mails.iter().all(|mail| mail.is_draft.is_none() && mail.message_class.is_some()));
}

#[tokio::test]
async fn the_class_stands_in_the_collection_in_12_1_only() {
    let (_running, client) = all_versions().await;
    for (version, class, status) in [
        (Version::V12_1, Some("Contacts"), Some(Status::OK)),
        (Version::V12_1, Some("Calendar"), Some(Status(4))),
        (Version::V12_1, None, Some(Status(4))),
        (Version::V14_1, None, Some(Status::OK)),
        (Version::V14_1, Some("Contacts"), None),
    ] {
        let client = Client { version, ..client.clone() };
        let request =
            SyncCollection { class: class.map(str::to_owned), ..collection(CONTACTS, "0") };
        let request = SyncRequest { collections: vec![request], ..SyncRequest::default() };
        let answer = client.sync_all(&request).await.unwrap();
        match status {
            Some(status) => assert_eq!(answer.collections[0].status, status, "{version:?}"),
            None => assert_eq!(answer.status, Some(Status(4)), "{version:?}"),
        }
    }
}

#[tokio::test]
async fn elements_stand_in_their_order() {
    use activesync::codepage::air_sync as page;
    use activesync::wbxml::Writer;

    let (_running, client) = all_versions().await;
    let body = |tags: &[activesync::codepage::Tag]| {
        Writer::document(page::SYNC, |root| {
            root.container(page::COLLECTIONS, |list| {
                list.container(page::COLLECTION, |entry| {
                    for tag in tags {
                        let value = match *tag {
                            page::SYNC_KEY => "0",
                            page::COLLECTION_ID => CONTACTS,
                            _ => "50",
                        };
                        entry.text(*tag, value);
                    }
                });
            });
        })
    };
    for (tags, right) in [
        (&[page::SYNC_KEY, page::COLLECTION_ID, page::WINDOW_SIZE][..], true),
        (&[page::COLLECTION_ID, page::SYNC_KEY], false),
        (&[page::SYNC_KEY, page::WINDOW_SIZE, page::COLLECTION_ID], false),
    ] {
        let answer = client.post(Command::Sync, body(tags)).await;
        let answer = SyncAnswer::decode(&answer).unwrap().unwrap();
        assert_eq!(answer.status, (!right).then_some(Status(4)), "{tags:?}");
    }
}

#[tokio::test]
async fn seconds_to_wait_came_with_14() {
    let (_running, client) = all_versions().await;
    let request = SyncRequest {
        collections: vec![SyncCollection { class: some("Contacts"), ..collection(CONTACTS, "0") }],
        waiting: Some(Waiting::Seconds(60)),
        ..SyncRequest::default()
    };
    let client = Client { version: Version::V12_1, ..client };
    assert_eq!(client.sync_all(&request).await.unwrap().status, Some(Status(4)));
    let minutes = SyncRequest { waiting: Some(Waiting::Minutes(1)), ..request };
    assert_eq!(client.sync_all(&minutes).await.unwrap().status, None);
}

#[tokio::test]
async fn attachments_are_got_by_name_in_12_1() {
    let (_running, client) = all_versions().await;
    let (_, mails) = client.load("f1", SyncOptions::default()).await;
    let attachment = mails
        .iter()
        .find_map(|(_, mail)| mail.attachments.as_ref()?.list.first().cloned())
        .unwrap();
    let name = attachment.file_reference.replace('%', "%25");
    let target = format!(
        "/Microsoft-Server-ActiveSync?Cmd=GetAttachment&User=alice&DeviceId=Device1&DeviceType=Test&AttachmentName={name}"
    );
    let old = Client { version: Version::V12_1, ..client.clone() };
    let answer = old.send("POST", &target, Vec::new()).await.unwrap();
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(u32::try_from(answer.body.len()).ok(), attachment.estimated_size);
    assert_ne!(answer.headers["Content-Type"], "application/vnd.ms-sync.wbxml");
    let refused = client.send("POST", &target, Vec::new()).await.unwrap();
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn provisioning_is_demanded_by_http_in_12_1() {
    let running = Sandbox::start(Options { versions: ALL.to_vec(), ..options() }).await.unwrap();
    let client = Client { version: Version::V12_1, ..Client::new(&running, "alice") };
    let body = FolderSyncRequest { sync_key: "0".into() }.encode();
    let answer = client.try_post(Command::FolderSync, body).await.unwrap();
    assert_eq!(answer.status.as_u16(), 449);
    let information = DeviceInformation { model: some("Phone"), ..DeviceInformation::default() };
    let told = client.provision(&ProvisionRequest::ask(Some(information))).await;
    assert_eq!(told.status, Status(2), "it is told by Settings before 14.1");
    assert_eq!(client.provision(&ProvisionRequest::ask(None)).await.status, Status::OK);
}
