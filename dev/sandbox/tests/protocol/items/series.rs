use activesync::messages::*;
use activesync::query::Version;
use activesync::status::Status;
use activesync::zone::{NamedZone, Zone, ZoneRules};
use sandbox::{Options, Running};
use time::OffsetDateTime;
use time::macros::datetime;

use super::*;
use crate::client::{Client, options, ready};

const FIRST: OffsetDateTime = datetime!(2026-09-21 07:30 UTC);
const SECOND: OffsetDateTime = datetime!(2026-09-28 07:30 UTC);

fn berlin() -> ZoneRules {
    Zone::Named(NamedZone::find("Europe/Berlin").unwrap()).rules_at(FIRST)
}

fn weekly() -> Recurrence {
    Recurrence {
        kind: Some(1),
        interval: Some(1),
        day_of_week: Some(2),
        occurrences: Some(10),
        ..Recurrence::default()
    }
}

fn series() -> Event {
    Event {
        timezone: Some(berlin()),
        subject: some("Runde"),
        start: Some(FIRST),
        end: Some(datetime!(2026-09-21 08:00 UTC)),
        recurrence: Some(weekly()),
        ..Event::default()
    }
}

fn event(running: &Running, id: &str, version: Version) -> Event {
    *running.item("alice", id, version).unwrap().into_event().unwrap()
}

fn one(server_id: &str, instance: OffsetDateTime, event: Event) -> ClientCommand {
    ClientCommand::Change {
        server_id: server_id.to_owned(),
        instance: Some(instance),
        item: event.into(),
        send: false,
    }
}

fn without(server_id: &str, instance: OffsetDateTime) -> ClientCommand {
    ClientCommand::Delete { server_id: server_id.to_owned(), instance: Some(instance) }
}

#[tokio::test]
async fn one_occurrence_is_changed_and_deleted_alone() {
    let (running, client) = ready(Options { samples: false, ..options() }).await;
    let (mut folder, _) = Replica::loaded(&client, CALENDAR).await;
    let id = folder.add(series()).await;
    let edit = Event { subject: some("Andere Runde"), ..Event::default() };
    let answer = folder.push(vec![one(&id, SECOND, edit), without(&id, FIRST)]).await;
    assert_eq!(answer.responses, []);
    let modern = event(&running, &id, Version::V16_1).exceptions.unwrap();
    let wanted = [
        Exception { deleted: Some(true), instance_id: Some(FIRST), ..Exception::default() },
        Exception {
            instance_id: Some(SECOND),
            subject: some("Andere Runde"),
            ..Exception::default()
        },
    ];
    assert_eq!(modern, wanted);
    let old = event(&running, &id, Version::V14_1).exceptions.unwrap();
    assert_eq!(old[0], Exception::deletion(FIRST));
    assert_eq!((old[1].original_start, old[1].instance_id), (Some(SECOND), None));

    let off = datetime!(2026-09-22 07:30 UTC);
    let answer = folder.push(vec![without(&id, FIRST), one(&id, off, series())]).await;
    let statuses: Vec<_> = answer
        .responses
        .iter()
        .map(|response| match response {
            CommandResult::Delete { instance, status, .. }
            | CommandResult::Change { instance, status, .. } => (*instance, *status),
            CommandResult::Add { .. } | CommandResult::Fetch { .. } => panic!("{response:?}"),
        })
        .collect();
    assert_eq!(statuses, [(Some(FIRST), Status(8)), (Some(off), Status(8))]);
    assert_eq!(folder.pull().await, []);
}

#[tokio::test]
async fn a_new_pattern_drops_exceptions_and_an_empty_one_ends_the_series() {
    let (running, client) = ready(Options { samples: false, ..options() }).await;
    let (mut folder, _) = Replica::loaded(&client, CALENDAR).await;
    let id = folder.add(series()).await;
    folder.push(vec![without(&id, FIRST)]).await;
    folder.change(&id, Event { subject: some("Neu"), ..Event::default() }).await;
    assert_eq!(event(&running, &id, Version::V16_1).exceptions.unwrap().len(), 1);
    let recurrence = Some(Recurrence { interval: Some(2), ..weekly() });
    folder.change(&id, Event { recurrence, ..Event::default() }).await;
    assert_eq!(event(&running, &id, Version::V16_1).exceptions, None);
    let recurrence = Some(Recurrence::default());
    folder.change(&id, Event { recurrence, ..Event::default() }).await;
    assert_eq!(event(&running, &id, Version::V16_1).recurrence, None);
}

#[tokio::test]
async fn exceptions_stand_inside_the_series_to_14_1() {
    let (running, client) = ready(Options { samples: false, ..options() }).await;
    let client = Client { version: Version::V14_1, ..client };
    let (mut folder, _) = Replica::loaded(&client, CALENDAR).await;
    let exceptions = Some(vec![Exception::deletion(FIRST)]);
    let id = folder.add(Event { exceptions, ..series() }).await;
    let moved =
        Exception { original_start: Some(SECOND), location: some("Halle"), ..Exception::default() };
    let exceptions = Some(vec![moved]);
    folder.change(&id, Event { exceptions, ..Event::default() }).await;
    let there = event(&running, &id, Version::V16_1).exceptions.unwrap();
    assert_eq!(there.len(), 1, "the list is replaced whole");
    assert_eq!(there[0].place, Some(Box::new(Location::named("Halle"))));
    assert_eq!(there[0].instance_id, Some(SECOND));
}

#[tokio::test]
async fn whole_days_are_dates_since_16_and_midnights_of_their_zone_before() {
    let (running, client) = ready(Options { samples: false, ..options() }).await;
    let (mut folder, _) = Replica::loaded(&client, CALENDAR).await;
    let day = datetime!(2026-09-21 00:00 UTC);
    let days = Event {
        all_day: Some(true),
        start: Some(day),
        end: Some(datetime!(2026-09-22 00:00 UTC)),
        recurrence: Some(weekly()),
        ..Event::default()
    };
    let id = folder.add(days).await;
    folder.push(vec![without(&id, datetime!(2026-09-28 00:00 UTC))]).await;
    let modern = event(&running, &id, Version::V16_1);
    assert_eq!((modern.start, modern.timezone), (Some(day), None));
    let exception = &modern.exceptions.unwrap()[0];
    assert_eq!(exception.instance_id, Some(datetime!(2026-09-28 00:00 UTC)));

    let old = event(&running, &id, Version::V14_1);
    assert_eq!(old.start, Some(datetime!(2026-09-20 22:00 UTC)));
    assert_eq!(old.end, Some(datetime!(2026-09-21 22:00 UTC)));
    assert_eq!(old.timezone.map(|rules| rules.bias), Some(-60));
    assert_eq!(old.exceptions.unwrap()[0].original_start, Some(datetime!(2026-09-27 22:00 UTC)));

    let answer = folder
        .push(vec![add(
            "timed",
            Event {
                all_day: Some(true),
                start: Some(datetime!(2026-09-21 08:00 UTC)),
                end: Some(datetime!(2026-09-22 00:00 UTC)),
                ..Event::default()
            },
        )])
        .await;
    assert!(
        matches!(&answer.responses[..], [CommandResult::Add { status: Status(6), .. }]),
        "{answer:?}"
    );
}
