use activesync::messages::*;
use activesync::query::Version;
use activesync::zone::NamedZone;
use time::macros::datetime;

use crate::contacts::{add, change};
use crate::device::{Server, id_of, properties};
use crate::observation::Seen;

fn series() -> Event {
    let rules = NamedZone::find("Europe/Berlin").unwrap().rules_at(datetime!(2026-01-01 00:00 UTC));
    let mut event = Event {
        timezone: Some(rules),
        all_day: Some(false),
        busy_status: Some(BusyStatus::Busy),
        dt_stamp: Some(datetime!(2026-09-01 10:00 UTC)),
        start: Some(datetime!(2026-10-05 08:00 UTC)),
        end: Some(datetime!(2026-10-05 09:00 UTC)),
        location: Some("Room 1".into()),
        reminder: Some(15),
        sensitivity: Some(Sensitivity::Normal),
        subject: Some("Weekly".into()),
        uid: Some("weekly-1@example.test".into()),
        meeting_status: Some(MeetingStatus::APPOINTMENT),
        categories: Some(vec!["Red".into()]),
        recurrence: Some(Recurrence {
            kind: Some(1),
            interval: Some(1),
            day_of_week: Some(2),
            occurrences: Some(10),
            ..Recurrence::default()
        }),
        exceptions: Some(vec![
            Exception::deletion(datetime!(2026-10-12 08:00 UTC)),
            Exception {
                original_start: Some(datetime!(2026-10-19 08:00 UTC)),
                start: Some(datetime!(2026-10-19 12:00 UTC)),
                end: Some(datetime!(2026-10-19 13:00 UTC)),
                subject: Some("Later".into()),
                ..Exception::default()
            },
        ]),
        body: Some(Body::whole(BodyType::Text, "Agenda")),
        ..Event::default()
    };
    event.prepare_upload(Version::V14_1);
    assert_eq!(event.check(Version::V14_1), Ok(()));
    event
}

async fn shown(server: &Server, folder: &str, id: &str) -> Option<Event> {
    let device = server.device("ken", "Viewer").await;
    let (_, commands) = device.load(folder).await;
    commands.into_iter().find_map(|command| match command {
        ServerCommand::Add { server_id, item, .. } if server_id == id => {
            item.into_event().map(|event| *event)
        }
        ServerCommand::Add { .. }
        | ServerCommand::Change { .. }
        | ServerCommand::Delete { .. }
        | ServerCommand::SoftDelete { .. } => None,
    })
}

pub(crate) async fn written(server: &Server, seen: &mut Seen) {
    let device = server.device("ken", "Calendar").await;
    let folder = device.folder(FolderKind::Calendar);
    let (mut key, _) = device.load(&folder).await;
    let other = server.device("ken", "Other").await;
    let (mut other_key, _) = other.load(&folder).await;

    let added = add(&device, &folder, &mut key, series().into()).await;
    seen.note("event: added", added.as_ref().map(|(status, _)| *status));
    let Ok((_, Some(id))) = added else { panic!("{added:?}") };
    let told = other.rest(&folder, &mut other_key).await;
    seen.note(
        "event: the other device is told",
        told.iter().map(id_of).collect::<Vec<_>>() == [id.clone()],
    );
    let event = shown(server, &folder, &id).await.unwrap();
    seen.note("event: its properties", properties(&event.clone().into()));
    seen.note("event: subject and place", (&event.subject, &event.location));
    seen.note("event: start and end", (event.start, event.end));
    seen.note("event: id", &event.uid);
    seen.note(
        "event: whole day, busy, private",
        (event.all_day, event.busy_status, event.sensitivity),
    );
    seen.note("event: reminder and categories", (event.reminder, &event.categories));
    seen.note("event: zone", &event.timezone);
    seen.note("event: recurrence", &event.recurrence);
    let mut exceptions: Vec<_> = event.exceptions.iter().flatten().collect();
    exceptions.sort_by_key(|exception| exception.original());
    let exceptions: Vec<_> = exceptions
        .into_iter()
        .map(|one| (one.original(), one.is_deleted(), one.start, one.subject.clone()))
        .collect();
    seen.note("event: exceptions", exceptions);

    let renamed = Event { subject: Some("Renamed".into()), exceptions: None, ..series() };
    seen.note("event: changed", change(&device, &folder, &mut key, &id, renamed.into()).await);
    let event = shown(server, &folder, &id).await.unwrap();
    seen.note("event: its new subject", &event.subject);
    seen.note(
        "event: exceptions that the change left out",
        event.exceptions.map(|list| list.len()),
    );
    let day = Event {
        all_day: Some(true),
        start: Some(datetime!(2026-12-24 23:00 UTC)),
        end: Some(datetime!(2026-12-25 23:00 UTC)),
        subject: Some("Day off".into()),
        uid: Some("day-off@example.test".into()),
        recurrence: None,
        exceptions: None,
        ..series()
    };
    let added = add(&device, &folder, &mut key, day.into()).await;
    let Ok((_, Some(day))) = added else { panic!("{added:?}") };
    let event = shown(server, &folder, &day).await.unwrap();
    seen.note("event: a whole day", (event.all_day, event.start, event.end));
}
