use activesync::messages::{
    Attendee, AttendeeStatus, AttendeeType, BusyStatus, Event, Exception, Location, MeetingStatus,
    Recurrence, ResponseType, Sensitivity,
};
use activesync::zone::Zone;
use time::{Date, Duration, OffsetDateTime, Weekday};

use super::text;

/// Makes the events: single ones, a series with exceptions, whole days, meetings of the owner's and of others.
pub(super) fn all(domain: &str, address: &str, name: &str, today: Date, zone: &Zone) -> Vec<Event> {
    let at = |day: Date, minutes: i64| zone.moment(day.midnight() + Duration::minutes(minutes));
    let monday = today.prev_occurrence(Weekday::Monday);
    let event = |subject: &str, day: Date, from: i64, to: i64| Event {
        timezone: Some(zone.rules_at(at(day, from))),
        all_day: Some(false),
        busy_status: Some(BusyStatus::Busy),
        sensitivity: Some(Sensitivity::Normal),
        subject: Some(subject.to_owned()),
        start: Some(at(day, from)),
        end: Some(at(day, to)),
        ..Event::default()
    };
    let whole = |subject: &str, day: Date, days: i64| Event {
        all_day: Some(true),
        busy_status: Some(BusyStatus::Free),
        ..event(subject, day, 0, days * 24 * 60)
    };
    let place = |name: &str| Some(Box::new(Location::named(name)));
    let answered = |who: &str, status, kind| Attendee {
        status: Some(status),
        kind: Some(kind),
        ..Attendee::required(format!("{who}@{domain}"), crate::server::person(who))
    };
    let first = monday - Duration::weeks(8);
    let next = monday + Duration::weeks(1);
    vec![
        Event {
            place: place("Raum Alster"),
            reminder: Some(10),
            categories: Some(vec!["Team".to_owned()]),
            body: text("Was lief, was hakt, was kommt."),
            recurrence: Some(weekly()),
            exceptions: Some(deviations(at(next, 570), at(next + Duration::weeks(1), 570))),
            ..event("Teamrunde", first, 570, 600)
        },
        Event {
            recurrence: Some(yearly(today + Duration::days(20))),
            ..whole("Geburtstag Lena Vogt", today + Duration::days(20), 1)
        },
        Event {
            busy_status: Some(BusyStatus::OutOfOffice),
            ..whole("Urlaub", today + Duration::days(30), 5)
        },
        Event {
            sensitivity: Some(Sensitivity::Private),
            reminder: Some(60),
            place: place("Dr. Petersen, Mühlenweg 3"),
            ..event("Zahnarzt", today + Duration::days(2), 480, 525)
        },
        Event {
            place: place("Video call"),
            reminder: Some(15),
            response_requested: Some(true),
            body: text("Agenda: figures, staffing, open questions."),
            attendees: Some(vec![
                answered("bob", AttendeeStatus::Accepted, AttendeeType::Required),
                answered("carol", AttendeeStatus::Tentative, AttendeeType::Required),
                answered("dave", AttendeeStatus::NotResponded, AttendeeType::Optional),
            ]),
            ..event("Quarterly review", today + Duration::days(1), 14 * 60, 15 * 60 + 30)
        },
        Event {
            place: place("Kantine"),
            organizer_name: Some("Lena Vogt".to_owned()),
            organizer_email: Some(format!("lena.vogt@{domain}")),
            meeting_status: Some(MeetingStatus::RECEIVED),
            response_type: Some(ResponseType::Accepted),
            attendees: Some(vec![Attendee::required(address, name)]),
            ..event("Mittagessen mit dem Einkauf", today + Duration::days(4), 720, 780)
        },
        event("Onboarding", today - Duration::days(70), 600, 660),
    ]
}

fn weekly() -> Recurrence {
    Recurrence {
        kind: Some(1),
        interval: Some(1),
        day_of_week: Some(2),
        first_day_of_week: Some(1),
        ..Recurrence::default()
    }
}

fn yearly(day: Date) -> Recurrence {
    Recurrence {
        kind: Some(5),
        interval: Some(1),
        day_of_month: Some(day.day()),
        month_of_year: Some(day.month().into()),
        ..Recurrence::default()
    }
}

/// One occurrence is moved to the afternoon and another one is deleted.
fn deviations(moved: OffsetDateTime, deleted: OffsetDateTime) -> Vec<Exception> {
    let late = Exception {
        original_start: Some(moved),
        subject: Some("Teamrunde (nachmittags)".to_owned()),
        start: Some(moved + Duration::hours(5)),
        end: Some(moved + Duration::hours(5) + Duration::minutes(45)),
        ..Exception::default()
    };
    vec![late, Exception::deletion(deleted)]
}
