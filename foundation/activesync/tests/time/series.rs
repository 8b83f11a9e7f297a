//! When series take place, against tables and against a second opinion.

use activesync::date;
use activesync::messages::{Event, Exception, Recurrence};
use activesync::recurrence::{Field, Instance, Pattern, PatternError, between};
use activesync::zone::{NamedZone, Zone};
use proptest::prelude::*;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

fn at(text: &str) -> OffsetDateTime {
    date::parse(&format!("{text}Z")).unwrap()
}

fn berlin() -> Zone {
    Zone::Named(NamedZone::find("Europe/Berlin").unwrap())
}

fn daily() -> Recurrence {
    Recurrence { kind: Some(0), interval: Some(1), ..Recurrence::default() }
}

/// `generate.py` writes the table with dateutil.
#[test]
fn dateutil_agrees() {
    let table = include_str!("occurrences.txt");
    assert_eq!(table.lines().count(), 360);
    for line in table.lines() {
        let cells: Vec<&str> = line.split(' ').collect();
        let [kind, interval, days, day, week, month, first, end, start, expected] = cells[..]
        else {
            panic!("{line}");
        };
        let some = |text: &str| Some(text.parse::<u8>().unwrap()).filter(|number| *number > 0);
        let wire = Recurrence {
            kind: Some(kind.parse().unwrap()),
            interval: Some(interval.parse().unwrap()),
            day_of_week: some(days).map(u16::from),
            day_of_month: some(day),
            week_of_month: some(week),
            month_of_year: some(month),
            first_day_of_week: Some(first.parse().unwrap()),
            occurrences: end.strip_prefix("count").map(|count| count.parse().unwrap()),
            until: end.strip_prefix("until").map(at),
            ..Recurrence::default()
        };
        let pattern = Pattern::check(&wire).unwrap();
        let found: Vec<String> = pattern
            .occurrences(at(start), &Zone::Utc)
            .take(12)
            .map(|moment| date::compact(moment).trim_end_matches('Z').to_owned())
            .collect();
        let expected: Vec<&str> = expected.split(',').filter(|text| *text != "-").collect();
        assert_eq!(found, expected, "{line}");
        let again = Pattern::check(&pattern.to_wire()).unwrap();
        let by_first_day = again.first_day == pattern.first_day || kind != "1";
        assert!(by_first_day && again.rule == pattern.rule && again.end == pattern.end, "{line}");
    }
}

#[test]
fn series_follow_the_local_clock() {
    let zone = berlin();
    let starts: Vec<_> = Pattern::read(&daily())
        .unwrap()
        .occurrences(datetime!(2026-03-28 08:00 UTC), &zone)
        .take(3)
        .collect();
    assert_eq!(
        starts,
        [
            datetime!(2026-03-28 08:00 UTC),
            datetime!(2026-03-29 07:00 UTC),
            datetime!(2026-03-30 07:00 UTC)
        ]
    );
}

#[test]
fn until_is_included_and_in_universal_time() {
    let zone = berlin();
    let count = |until| {
        let wire = Recurrence { until: Some(until), ..daily() };
        Pattern::read(&wire).unwrap().occurrences(datetime!(2026-06-01 08:00 UTC), &zone).count()
    };
    assert_eq!(count(datetime!(2026-06-03 08:00 UTC)), 3);
    assert_eq!(count(datetime!(2026-06-03 07:59:59 UTC)), 2);
}

#[test]
fn series_go_by_the_months_of_their_calendar() {
    let days = |wire: Recurrence, start: OffsetDateTime| -> Result<Vec<String>, PatternError> {
        let event = Event {
            start: Some(start),
            end: Some(start + Duration::HOUR),
            recurrence: Some(wire),
            ..Event::default()
        };
        let window = start..start + Duration::days(5 * 366);
        let found = between(&event, &Zone::Utc, window)?;
        Ok(found.iter().take(4).map(|instance| instance.start.date().to_string()).collect())
    };
    let monthly = |calendar, day| Recurrence {
        kind: Some(2),
        interval: Some(1),
        calendar_type: Some(calendar),
        day_of_month: Some(day),
        ..Recurrence::default()
    };
    let yearly = |calendar, month| Recurrence {
        kind: Some(5),
        month_of_year: Some(month),
        ..monthly(calendar, 1)
    };
    let start = datetime!(2025-09-23 08:00 UTC);

    // The first of Tishri, Heshvan, Kislev and Tevet 5786; then the years.
    let expected = ["2025-09-23", "2025-10-23", "2025-11-21", "2025-12-21"];
    assert_eq!(days(monthly(8, 1), start).unwrap(), expected);
    let expected = ["2025-09-23", "2026-09-12", "2027-10-02", "2028-09-21"];
    assert_eq!(days(yearly(8, 1), start).unwrap(), expected);
    // The last day of each month, which has 29 or 30, and the last Monday of every second one.
    let expected = ["2025-10-22", "2025-11-20", "2025-12-20", "2026-01-18"];
    assert_eq!(days(monthly(8, 31), start).unwrap(), expected);
    let last_monday = Recurrence {
        kind: Some(3),
        interval: Some(2),
        day_of_month: None,
        week_of_month: Some(5),
        day_of_week: Some(2),
        ..monthly(8, 1)
    };
    let expected = ["2025-10-20", "2025-12-15", "2026-02-16", "2026-04-13"];
    assert_eq!(days(last_monday, start).unwrap(), expected);
    // Ramadan.
    let expected = ["2026-02-17", "2027-02-07", "2028-01-27", "2029-01-15"];
    assert_eq!(days(yearly(6, 9), start).unwrap(), expected);
    // What is called by another name in a year of thirteen months, and what the moon alone knows.
    assert_eq!(days(yearly(8, 7), start), Err(PatternError::UnsupportedCalendar(8)));
    assert_eq!(days(monthly(15, 1), start), Err(PatternError::UnsupportedCalendar(15)));
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let check = |wire: Recurrence| Pattern::check(&wire).unwrap_err();
    let of = |kind| Recurrence { kind: Some(kind), interval: Some(1), ..Recurrence::default() };
    for (wire, error) in [
        (Recurrence::default(), PatternError::Missing(Field::Type)),
        (of(4), PatternError::OutOfRange(Field::Type)),
        (Recurrence { interval: None, ..of(0) }, PatternError::Missing(Field::Interval)),
        (Recurrence { interval: Some(1000), ..of(0) }, PatternError::OutOfRange(Field::Interval)),
        (
            Recurrence { occurrences: Some(0), ..of(0) },
            PatternError::OutOfRange(Field::Occurrences),
        ),
        (
            Recurrence { day_of_month: Some(1), ..of(0) },
            PatternError::NotAllowed(Field::DayOfMonth),
        ),
        (of(1), PatternError::Missing(Field::DayOfWeek)),
        (
            Recurrence { week_of_month: Some(1), ..of(1) },
            PatternError::NotAllowed(Field::WeekOfMonth),
        ),
        (of(2), PatternError::Missing(Field::DayOfMonth)),
        (
            Recurrence { day_of_month: Some(32), ..of(2) },
            PatternError::OutOfRange(Field::DayOfMonth),
        ),
        (Recurrence { day_of_week: Some(1), ..of(2) }, PatternError::NotAllowed(Field::DayOfWeek)),
        (Recurrence { day_of_week: Some(1), ..of(3) }, PatternError::Missing(Field::WeekOfMonth)),
        (
            Recurrence { day_of_week: Some(128), week_of_month: Some(1), ..of(3) },
            PatternError::OutOfRange(Field::DayOfWeek),
        ),
        (Recurrence { day_of_month: Some(1), ..of(5) }, PatternError::Missing(Field::MonthOfYear)),
        (
            Recurrence { month_of_year: Some(13), day_of_month: Some(1), ..of(5) },
            PatternError::OutOfRange(Field::MonthOfYear),
        ),
        (
            Recurrence { day_of_month: Some(1), ..of(6) },
            PatternError::NotAllowed(Field::DayOfMonth),
        ),
        (
            Recurrence { first_day_of_week: Some(7), ..of(0) },
            PatternError::OutOfRange(Field::FirstDayOfWeek),
        ),
        (
            Recurrence { calendar_type: Some(13), day_of_month: Some(1), ..of(2) },
            PatternError::OutOfRange(Field::CalendarType),
        ),
        (
            Recurrence { calendar_type: Some(8), day_of_month: Some(1), ..of(2) },
            PatternError::UnsupportedCalendar(8),
        ),
    ] {
        assert_eq!(check(wire.clone()), error, "{wire:?}");
    }
    let yearly =
        Recurrence { interval: None, day_of_month: Some(31), month_of_year: Some(2), ..of(5) };
    assert!(Pattern::check(&yearly).is_ok());
    let thai = Recurrence { calendar_type: Some(7), day_of_month: Some(1), ..of(2) };
    assert!(Pattern::check(&thai).is_ok());
}

fn series() -> Event {
    Event {
        start: Some(datetime!(2026-03-23 08:00 UTC)),
        end: Some(datetime!(2026-03-23 09:00 UTC)),
        subject: Some("Daily".into()),
        location: Some("Room".into()),
        recurrence: Some(Recurrence { occurrences: Some(5), ..daily() }),
        exceptions: Some(vec![
            Exception::deletion(datetime!(2026-03-24 08:00 UTC)),
            Exception {
                original_start: Some(datetime!(2026-03-25 08:00 UTC)),
                start: Some(datetime!(2026-03-25 14:00 UTC)),
                subject: Some("Moved".into()),
                location: Some(String::new()),
                ..Exception::default()
            },
            Exception {
                instance_id: Some(datetime!(2026-03-26 08:00 UTC)),
                end: Some(datetime!(2026-03-26 11:00 UTC)),
                ..Exception::default()
            },
        ]),
        ..Event::default()
    }
}

fn all(event: &Event, zone: &Zone) -> Vec<(OffsetDateTime, OffsetDateTime)> {
    let window = datetime!(2026-01-01 00:00 UTC)..datetime!(2027-01-01 00:00 UTC);
    between(event, zone, window).unwrap().iter().map(|one| (one.start, one.end)).collect()
}

#[test]
fn exceptions_are_applied() {
    let event = series();
    assert_eq!(
        all(&event, &berlin()),
        [
            (datetime!(2026-03-23 08:00 UTC), datetime!(2026-03-23 09:00 UTC)),
            (datetime!(2026-03-25 14:00 UTC), datetime!(2026-03-25 15:00 UTC)),
            (datetime!(2026-03-26 08:00 UTC), datetime!(2026-03-26 11:00 UTC)),
            (datetime!(2026-03-27 08:00 UTC), datetime!(2026-03-27 09:00 UTC)),
        ]
    );
    let zone = berlin();
    let window = datetime!(2026-03-25 00:00 UTC)..datetime!(2026-03-26 00:00 UTC);
    let found = between(&event, &zone, window).unwrap();
    let [Instance { original: Some(original), exception: Some(exception), start, end }] = found[..]
    else {
        panic!("{found:?}");
    };
    assert_eq!(original, datetime!(2026-03-25 08:00 UTC));
    let occurrence = exception.occurrence(&event, start, end);
    assert_eq!(occurrence.subject.as_deref(), Some("Moved"));
    assert_eq!(occurrence.location, None);
    assert_eq!(occurrence.recurrence, None);
}

#[test]
fn exceptions_outside_of_the_pattern_are_shown() {
    let mut event = series();
    event.exceptions.as_mut().unwrap().push(Exception {
        original_start: Some(datetime!(2026-06-01 07:00 UTC)),
        ..Exception::default()
    });
    let last = *all(&event, &berlin()).last().unwrap();
    assert_eq!(last, (datetime!(2026-06-01 07:00 UTC), datetime!(2026-06-01 08:00 UTC)));
}

#[test]
fn whole_days_stay_whole_when_clocks_change() {
    let event = Event {
        all_day: Some(true),
        start: Some(datetime!(2026-03-27 23:00 UTC)),
        end: Some(datetime!(2026-03-28 23:00 UTC)),
        recurrence: Some(Recurrence { occurrences: Some(4), ..daily() }),
        // Named at midnight UTC, as some servers do.
        exceptions: Some(vec![Exception::deletion(datetime!(2026-03-30 00:00 UTC))]),
        ..Event::default()
    };
    assert_eq!(
        all(&event, &berlin()),
        [
            (datetime!(2026-03-27 23:00 UTC), datetime!(2026-03-28 23:00 UTC)),
            (datetime!(2026-03-28 23:00 UTC), datetime!(2026-03-29 22:00 UTC)),
            (datetime!(2026-03-30 22:00 UTC), datetime!(2026-03-31 22:00 UTC)),
        ]
    );
}

#[test]
fn windows_take_what_reaches_into_them() {
    let event = Event { recurrence: None, exceptions: None, ..series() };
    let zone = Zone::Utc;
    let count = |from, to| between(&event, &zone, from..to).unwrap().len();
    assert_eq!(count(datetime!(2026-03-23 08:59 UTC), datetime!(2026-03-23 10:00 UTC)), 1);
    assert_eq!(count(datetime!(2026-03-23 09:00 UTC), datetime!(2026-03-23 10:00 UTC)), 0);
    assert_eq!(count(datetime!(2026-03-23 07:00 UTC), datetime!(2026-03-23 08:00 UTC)), 0);
    assert_eq!(count(datetime!(2026-03-23 07:00 UTC), datetime!(2026-03-23 08:01 UTC)), 1);
}

#[test]
fn calendars_with_other_months_say_so() {
    let mut event = series();
    event.recurrence = Some(Recurrence {
        kind: Some(2),
        interval: Some(1),
        day_of_month: Some(1),
        calendar_type: Some(14),
        ..Recurrence::default()
    });
    let zone = Zone::Utc;
    let window = datetime!(2026-01-01 00:00 UTC)..datetime!(2027-01-01 00:00 UTC);
    assert_eq!(between(&event, &zone, window), Err(PatternError::UnsupportedCalendar(14)));
}

proptest! {
    #[test]
    fn no_recurrence_takes_long(
        kind in 0_u8..8, interval in any::<Option<u16>>(), days in any::<Option<u16>>(), day in any::<Option<u8>>(),
        week in any::<Option<u8>>(), month in any::<Option<u8>>(), first in any::<Option<u8>>(), seconds in -60_000_000_000_i64..250_000_000_000,
    ) {
        let wire = Recurrence {
            kind: Some(kind), interval, day_of_week: days, day_of_month: day, week_of_month: week, month_of_year: month,
            first_day_of_week: first, ..Recurrence::default()
        };
        if let Ok(pattern) = Pattern::read(&wire) {
            let start = OffsetDateTime::from_unix_timestamp(seconds).unwrap();
            let starts: Vec<_> = pattern.occurrences(start, &Zone::Utc).take(50).collect();
            prop_assert!(starts.is_sorted_by(|a, b| a < b));
            prop_assert!(starts.first().is_none_or(|first| *first >= start));
            let event = Event {
                start: Some(start), end: Some(start.saturating_add(Duration::HOUR)), recurrence: Some(wire), ..Event::default()
            };
            let zone = Zone::Utc;
            let window = start..start.saturating_add(Duration::days(100));
            prop_assert!(between(&event, &zone, window).unwrap().len() <= 101);
        }
    }
}
