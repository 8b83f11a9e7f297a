//! Events by their times.

use super::{event, id, put, store, title};
use crate::mail::{Store, at};
use activesync::messages::{Event, Exception, Recurrence};
use pim::Change;
use std::ops::Range;

const DAY: i64 = 86_400;

fn between(store: &Store, window: Range<i64>) -> Vec<String> {
    let window = at(window.start)..at(window.end);
    let events = store.open.entries().events(&window, None).unwrap();
    events.iter().map(|event| title(&event.item)).collect()
}

fn daily(event: Event, count: Option<u16>) -> Event {
    let recurrence = Recurrence {
        kind: Some(0),
        interval: Some(1),
        occurrences: count,
        ..Recurrence::default()
    };
    Event { recurrence: Some(recurrence), ..event }
}

#[test]
fn single_events_are_found_where_they_overlap() {
    let store = store();
    store.put(&[
        put("calendar", "1", event("long", 0, 100)),
        put("calendar", "2", event("short", 40, 50)),
        put("calendar", "3", event("moment", 50, 50)),
        put("calendar", "4", Event { subject: Some("never".to_owned()), ..Event::default() }),
    ]);

    assert_eq!(between(&store, 0..200), ["long", "short", "moment"]);
    assert_eq!(between(&store, 50..60), ["long", "moment"]);
    assert_eq!(between(&store, 49..50), ["long", "short"]);
    assert_eq!(between(&store, 100..200), [""; 0]);
    assert_eq!(between(&store, -10..0), [""; 0]);
    let entry = id(&store, "calendar", "2");
    store.put(&[Change::DropEntry(entry)]);
    assert_eq!(between(&store, 45..50), ["long"]);
}

#[test]
fn series_are_found_as_long_as_they_may_go_on() {
    let store = store();
    let moved = Exception {
        original_start: Some(at(DAY)),
        start: Some(at(-50 * DAY)),
        ..Exception::default()
    };
    store.put(&[
        put("calendar", "1", daily(event("endless", 0, 60), None)),
        put("calendar", "2", daily(event("three", 10, 60), Some(3))),
        put(
            "calendar",
            "3",
            Event { exceptions: Some(vec![moved]), ..daily(event("moved", 20, 60), Some(3)) },
        ),
    ]);

    assert_eq!(between(&store, DAY..2 * DAY), ["moved", "endless", "three"]);
    assert_eq!(between(&store, 100 * DAY..101 * DAY), ["endless"]);
    assert_eq!(between(&store, -60 * DAY..-40 * DAY), ["moved"]);
    assert_eq!(between(&store, -70 * DAY..-60 * DAY), [""; 0]);
}

#[test]
fn an_event_is_found_by_the_id_that_all_share() {
    let store = store();
    let shared = Event { uid: Some("040000".to_owned()), ..event("Treffen", 0, 60) };
    store.put(&[put("calendar", "1", event("other", 0, 60)), put("calendar", "2", shared)]);

    let found = store.open.entries().find_event("040000").unwrap();
    assert_eq!(found, Some(id(&store, "calendar", "2")));
    assert_eq!(store.open.entries().find_event("").unwrap(), None);
}
