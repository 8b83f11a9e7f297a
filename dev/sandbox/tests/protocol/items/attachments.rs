use activesync::messages::*;
use activesync::query::Version;
use sandbox::Options;
use time::macros::datetime;

use super::*;
use crate::client::{options, ready};

fn file(name: &str) -> NewAttachment {
    NewAttachment {
        client_id: some(name),
        display_name: some(name),
        content: Some(name.as_bytes().to_vec().into()),
        method: Some(AttachmentMethod::Normal),
        ..NewAttachment::default()
    }
}

fn adding(names: &[&str]) -> Event {
    let add = names.iter().map(|name| file(name)).collect();
    let attachments = Attachments { add, ..Attachments::default() };
    Event { attachments: Some(attachments), ..Event::default() }
}

fn references(item: &Item) -> Vec<(String, String)> {
    let event = item.clone().into_event().unwrap();
    let list = event.attachments.map(|attachments| attachments.list).unwrap_or_default();
    list.into_iter().map(|entry| (entry.display_name, entry.file_reference)).collect()
}

#[tokio::test]
async fn events_have_attachments_since_16() {
    let (running, client) = ready(Options { samples: false, ..options() }).await;
    let (mut calendar, _) = Replica::loaded(&client, CALENDAR).await;
    let start = datetime!(2026-10-01 08:00 UTC);
    let event = Event { start: Some(start), end: Some(start), ..adding(&["a.txt", "b.txt"]) };
    let id = calendar.add(event).await;
    let there = references(&running.item("alice", &id, Version::V16_1).unwrap());
    assert_eq!(there.len(), 2);
    let data = client.fetch(Fetch::attachment(&there[1].1)).await.content;
    assert_eq!(data, Some(FetchContent::Inline(b"b.txt".as_slice().into())));

    let answer = calendar.push(vec![change(&id, adding(&["c.txt"]))]).await;
    let [CommandResult::Change { item: Some(given), .. }] = &answer.responses[..] else {
        panic!("{answer:?}");
    };
    let attachments = given.clone().into_event().unwrap().attachments.unwrap();
    assert_eq!(attachments.list[0].client_id, some("c.txt"));
    let delete = vec![there[0].1.clone()];
    let attachments = Attachments { delete, ..Attachments::default() };
    calendar.change(&id, Event { attachments: Some(attachments), ..Event::default() }).await;
    let now = references(&running.item("alice", &id, Version::V16_1).unwrap());
    let names: Vec<_> = now.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["b.txt", "c.txt"]);
    assert_eq!(now[0].1, there[1].1, "references stay");
    assert_eq!(references(&running.item("alice", &id, Version::V14_1).unwrap()), []);
}
