use activesync::messages::{Attendee, Body, BodyType, BusyStatus, Event, Location};
use activesync::zone::Zone;
use time::{Duration, OffsetDateTime, PrimitiveDateTime, Time};

use super::{SENDERS, SENTENCES, SUBJECTS, pick, scatter};

/// Days before and after the start in which events lie.
const REACH: i64 = 182;

/// Returns when an event ends. Number 0 is the earliest.
pub(crate) fn event_end(
    index: u32,
    count: u32,
    started: OffsetDateTime,
    zone: &Zone,
) -> OffsetDateTime {
    start(index, count, started, zone) + length(index)
}

/// Makes an event.
pub(crate) fn event(index: u32, count: u32, started: OffsetDateTime, zone: &Zone) -> Event {
    let start = start(index, count, started, zone);
    let (name, address) = pick(&SENDERS, index, 2);
    let attendees =
        scatter(index, 6).is_multiple_of(4).then(|| vec![Attendee::required(*address, *name)]);
    let mut event = Event {
        timezone: Some(zone.rules_at(start)),
        all_day: Some(false),
        busy_status: Some(BusyStatus::Busy),
        start: Some(start),
        end: Some(start + length(index)),
        place: Some(Box::new(Location::named(format!("Raum {}", scatter(index, 7) % 40)))),
        reminder: Some(15),
        subject: Some(format!("{} [{index}]", pick(&SUBJECTS, index, 3))),
        body: Some(Body::whole(BodyType::Text, *pick(&SENTENCES, index, 8))),
        attendees,
        ..Event::default()
    };
    let owner = crate::pim::Owner { name: "Alice", address: "alice@example.test" };
    crate::pim::complete(&mut event, owner, started, index.into());
    event
}

/// Events start at a quarter between seven and eighteen by the clock of the zone.
fn start(index: u32, count: u32, started: OffsetDateTime, zone: &Zone) -> OffsetDateTime {
    let day = 2 * REACH * i64::from(index) / i64::from(count.max(1)) - REACH;
    let minutes = 7 * 60 + i64::from(scatter(index, 9) % 44) * 15;
    let date = (zone.local(started) + Duration::days(day)).date();
    zone.moment(PrimitiveDateTime::new(date, Time::MIDNIGHT) + Duration::minutes(minutes))
}

fn length(index: u32) -> Duration {
    Duration::minutes(15 * i64::from(1 + scatter(index, 10) % 8))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::pim;

    #[test]
    fn events_are_sound_the_same_each_time_and_differ_from_each_other() {
        let zone = Zone::Utc;
        let started = OffsetDateTime::UNIX_EPOCH + Duration::days(20_000);
        let mut uids = BTreeSet::new();
        for index in 0..400 {
            let made = event(index, 400, started, &zone);
            assert_eq!(made.end, Some(event_end(index, 400, started, &zone)));
            assert_eq!(made, event(index, 400, started, &zone));
            assert!((made.start.unwrap() - started).abs() < Duration::days(REACH + 1));
            uids.insert(made.uid.clone());
            assert!(pim::is_sound(&made.into()));
        }
        assert_eq!(uids.len(), 400);
    }
}
