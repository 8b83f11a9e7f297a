//! 5,000 events and as many contacts. Times are printed, not judged.

use super::{all, event, put, put_contact, store};
use crate::mail::at;
use activesync::messages::{Class, Event, Recurrence};
use pim::{Change, SearchQuery};
use std::time::Instant;

const EVENTS: i64 = 5_000;
const DAY: i64 = 86_400;

#[test]
fn five_thousand_events_are_found_by_day_and_by_word() {
    let store = store();
    timed("store 5,000 events and contacts, 100 at a time", || {
        for window in 0..EVENTS / 100 {
            let numbers = window * 100..(window + 1) * 100;
            let changes: Vec<Change> = numbers
                .flat_map(|number| {
                    let id = number.to_string();
                    let name = format!("Name {number:04}");
                    [put("calendar", &id, appointment(number)), put_contact(&id, &name)]
                })
                .collect();
            store.put(&changes);
        }
    });

    let store = timed("lock and unlock", || store.reopened());
    let entries = store.open.entries();
    let day = at(2_500 * DAY)..at(2_501 * DAY);
    let events = timed("one day", || entries.events(&day, None).unwrap());
    // 50 of them are series without an end, half of which have begun.
    assert_eq!(events.len(), 26);
    let page =
        timed("a page of contacts", || entries.list(all(Class::Contacts), 2_500, 50).unwrap());
    assert_eq!((page.total, page.items.len()), (5_000, 50));
    let found = timed("one word", || {
        entries.search(&SearchQuery::parse("4711"), Some(Class::Calendar), 0, 50).unwrap()
    });
    assert_eq!(found.total, 1);
    let found = timed("a word of all", || {
        entries.search(&SearchQuery::parse("termin "), Some(Class::Calendar), 0, 50).unwrap()
    });
    assert_eq!((found.total, found.items.len()), (5_000, 50));
}

/// One a day; every hundredth goes on for ever.
fn appointment(number: i64) -> Event {
    let single = event(&format!("Termin {number}"), number * DAY, number * DAY + 3600);
    let weekly = Recurrence {
        kind: Some(1),
        interval: Some(1),
        day_of_week: Some(2),
        ..Recurrence::default()
    };
    Event { recurrence: (number % 100 == 0).then_some(weekly), ..single }
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    println!("{what}: {:?}", start.elapsed());
    done
}
