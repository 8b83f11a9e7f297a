//! The mails by which meetings are arranged (iTIP, RFC 5546, in iCalendar, RFC 5545).
//!
//! Up to 14.1 the client writes them; since 16.0 servers do.

mod lines;
mod news;
mod rules;

use activesync::{
    messages::{
        Attendee, AttendeeStatus, AttendeeType, Event, Exception, MeetingRequest, UserResponse,
    },
    zone::Zone,
};
use mail::{Mailbox, compose::Calendar};
use time::OffsetDateTime;

use lines::Lines;

pub(crate) use news::invites;
pub use news::{MeetingLetter, meeting_news};

/// Who organises a meeting, and which version of it this is.
#[derive(Clone, Copy, Debug)]
pub struct Organised<'a> {
    /// Who organises it.
    pub organizer: &'a Mailbox,
    /// Grows with each version of the meeting that others are told of.
    pub sequence: u32,
    /// When it is told.
    pub now: OffsetDateTime,
}

/// Of which part of a meeting others are told.
#[derive(Clone, Copy, Debug)]
enum Part<'a> {
    /// An occurrence that differs from its series, or does not take place.
    Occurrence(&'a Exception),
    Whole,
}

/// What is said of a meeting.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Method {
    /// It does not take place.
    Cancel,
    /// It is to take place. With `new_time` earlier answers do not count.
    Request { new_time: bool },
}

/// Writes the answer to an invitation; `None` if the invitation does not say which meeting it is about.
pub fn reply(
    invitation: &MeetingRequest,
    response: UserResponse,
    subject: &str,
    from: &Mailbox,
    now: OffsetDateTime,
) -> Option<Calendar> {
    let uid = invitation.meeting_uid()?;
    let organizer = Mailbox::list(invitation.organizer.as_deref().unwrap_or_default());
    let mut lines = Lines::begin("REPLY");
    lines.open("VEVENT");
    lines.text("UID", &uid);
    lines.utc("DTSTAMP", now);
    let all_day = invitation.all_day == Some(true);
    let zone = Zone::of_event(invitation.timezone.as_ref(), now, &Zone::Utc);
    for (name, moment) in [("DTSTART", invitation.start), ("DTEND", invitation.end)] {
        moment.into_iter().for_each(|moment| lines.moment(name, moment, all_day, None, &zone));
    }
    if let Some(original) = invitation.recurrence_id {
        lines.moment("RECURRENCE-ID", original, all_day, None, &zone);
    }
    lines.text("SUMMARY", subject);
    if let Some(organizer) = organizer.first() {
        lines.person("ORGANIZER", &organizer.name, &organizer.address, &[]);
    }
    let state = match response {
        UserResponse::Accept => "ACCEPTED",
        UserResponse::Tentative => "TENTATIVE",
        UserResponse::Decline => "DECLINED",
    };
    lines.person("ATTENDEE", &from.name, &from.address, &[("PARTSTAT", state)]);
    lines.close("VEVENT");
    Some(Calendar { method: "REPLY", content: lines.end() })
}

/// Writes what is said of a meeting.
fn calendar(method: Method, event: &Event, part: Part<'_>, by: Organised<'_>) -> Calendar {
    let start = event.start.unwrap_or(by.now);
    let zone = Zone::of_event(event.timezone.as_ref(), start, &Zone::Utc);
    let mut lines = Lines::begin(method.name());
    // A series keeps to a clock on the wall; a single event to a moment.
    let named = event.recurrence.is_some() && event.all_day != Some(true) && zone != Zone::Utc;
    let tzid = named.then(|| lines::zone_name(&zone, start));
    if let Some(tzid) = &tzid {
        lines.time_zone(tzid, &zone.rules_at(start));
    }
    let mut writer = Series { lines, method, event, by, zone: &zone, tzid };
    match part {
        Part::Occurrence(exception) => writer.occurrence(exception),
        Part::Whole => {
            writer.component(event, None);
            let exceptions = event.exceptions.iter().flatten();
            exceptions
                .filter(|exception| !exception.is_deleted())
                .for_each(|exception| writer.occurrence(exception));
        }
    }
    Calendar { method: method.name(), content: writer.lines.end() }
}

impl Method {
    fn name(self) -> &'static str {
        match self {
            Self::Cancel => "CANCEL",
            Self::Request { .. } => "REQUEST",
        }
    }
}

/// A series, or a single event, as it is written.
struct Series<'a> {
    lines: Lines,
    method: Method,
    event: &'a Event,
    by: Organised<'a>,
    zone: &'a Zone,
    tzid: Option<String>,
}

impl Series<'_> {
    fn occurrence(&mut self, exception: &Exception) {
        if let Some((original, occurrence)) = occurrence(self.event, exception) {
            self.component(&occurrence, Some(original));
        }
    }

    fn component(&mut self, event: &Event, original: Option<OffsetDateTime>) {
        let all_day = event.all_day == Some(true);
        let tzid = self.tzid.clone();
        let lines = &mut self.lines;
        lines.open("VEVENT");
        lines.text("UID", self.event.uid.as_deref().unwrap_or_default());
        lines.utc("DTSTAMP", self.by.now);
        lines.plain("SEQUENCE", &self.by.sequence.to_string());
        let mut moment =
            |name, moment| lines.moment(name, moment, all_day, tzid.as_deref(), self.zone);
        original.into_iter().for_each(|original| moment("RECURRENCE-ID", original));
        event.start.into_iter().for_each(|start| moment("DTSTART", start));
        event.end.into_iter().for_each(|end| moment("DTEND", end));
        if original.is_none()
            && let Some(recurrence) = &event.recurrence
            && let Some(rule) = rules::rule(recurrence, all_day, self.zone)
        {
            lines.plain("RRULE", &rule);
            let exceptions = event.exceptions.iter().flatten();
            let deleted = exceptions.filter(|exception| exception.is_deleted());
            deleted.filter_map(Exception::original).for_each(|original| {
                lines.moment("EXDATE", original, all_day, tzid.as_deref(), self.zone);
            });
        }
        lines.text("SUMMARY", event.subject.as_deref().unwrap_or_default());
        if let Some(place) = location(event) {
            lines.text("LOCATION", place);
        }
        if let Some(text) = description(event) {
            lines.text("DESCRIPTION", &text);
        }
        let organizer = self.by.organizer;
        lines.person("ORGANIZER", &organizer.name, &organizer.address, &[]);
        let attendees = event.attendees.iter().flatten();
        attendees.for_each(|attendee| invited(lines, self.method, attendee));
        let status = match self.method {
            Method::Cancel => "CANCELLED",
            Method::Request { .. } => "CONFIRMED",
        };
        lines.plain("STATUS", status);
        lines.close("VEVENT");
    }
}

/// Returns the start that the series gives to an exception, and the occurrence as an event of its own.
fn occurrence(series: &Event, exception: &Exception) -> Option<(OffsetDateTime, Event)> {
    let (original, start, end) = (exception.original()?, series.start?, series.end?);
    let until = original.checked_add(end - start)?;
    Some((original, exception.occurrence(series, original, until)))
}

fn location(event: &Event) -> Option<&str> {
    let place = event.place.as_ref().and_then(|place| place.display_name.as_deref());
    event.location.as_deref().or(place).filter(|place| !place.is_empty())
}

fn description(event: &Event) -> Option<String> {
    let text = event.body.as_ref().and_then(|body| body.data.as_deref());
    text.filter(|text| !text.is_empty()).map(|text| String::from_utf8_lossy(text).into_owned())
}

fn invited(lines: &mut Lines, method: Method, attendee: &Attendee) {
    let role = match attendee.kind {
        Some(AttendeeType::Optional) => "OPT-PARTICIPANT",
        Some(AttendeeType::Resource) => "NON-PARTICIPANT",
        Some(AttendeeType::Required) | None => "REQ-PARTICIPANT",
    };
    let state = match attendee.status.filter(|_| method == Method::Request { new_time: false }) {
        Some(AttendeeStatus::Accepted) => "ACCEPTED",
        Some(AttendeeStatus::Declined) => "DECLINED",
        Some(AttendeeStatus::Tentative) => "TENTATIVE",
        Some(AttendeeStatus::NotResponded | AttendeeStatus::Unknown) | None => "NEEDS-ACTION",
    };
    let mut parameters = vec![("ROLE", role), ("PARTSTAT", state)];
    if method != Method::Cancel {
        parameters.push(("RSVP", "TRUE"));
    }
    lines.person(
        "ATTENDEE",
        attendee.name.as_deref().unwrap_or_default(),
        attendee.email.as_deref().unwrap_or_default(),
        &parameters,
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use activesync::messages::{Body, BodyType, Recurrence};
    use activesync::recurrence::{End, Pattern, Rule, Weekdays};
    use activesync::zone::NamedZone;
    use time::{Weekday, macros::datetime};

    #[test]
    fn an_invitation_to_one_meeting_names_its_moment() {
        let event = Event {
            body: Some(Body::whole(BodyType::Text, "Agenda:\n1. Money; 2. Time, and more")),
            ..meeting()
        };
        insta::assert_snapshot!(request(&event), @r"
        BEGIN:VCALENDAR
        PRODID:-//Cordon//Cordon//EN
        VERSION:2.0
        METHOD:REQUEST
        BEGIN:VEVENT
        UID:040000-A
        DTSTAMP:20260301T120000Z
        SEQUENCE:2
        DTSTART:20260302T080000Z
        DTEND:20260302T090000Z
        SUMMARY:Jour fixe\, weekly
        LOCATION:Raum 5
        DESCRIPTION:Agenda:\n1. Money\; 2. Time\, and more
        ORGANIZER;CN=Alice Äpfel:mailto:alice@example.test
        ATTENDEE;CN=Bob;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto
         :bob@example.test
        STATUS:CONFIRMED
        END:VEVENT
        END:VCALENDAR
        ");
    }

    #[test]
    fn a_series_keeps_to_its_clock_and_tells_its_exceptions() {
        let weekly = Pattern {
            rule: Rule::Weekly(Weekdays::from(Weekday::Monday)),
            interval: 1,
            end: End::Until(datetime!(2026-06-29 7:00 UTC)),
            first_day: Weekday::Monday,
        };
        let moved = Exception {
            original_start: Some(datetime!(2026-03-16 8:00 UTC)),
            start: Some(datetime!(2026-03-17 10:00 UTC)),
            end: Some(datetime!(2026-03-17 11:00 UTC)),
            ..Exception::default()
        };
        let event = Event {
            timezone: Some(berlin().rules_at(datetime!(2026-03-02 8:00 UTC))),
            recurrence: Some(weekly.to_wire()),
            exceptions: Some(vec![Exception::deletion(datetime!(2026-03-09 8:00 UTC)), moved]),
            attendees: None,
            ..meeting()
        };
        insta::assert_snapshot!(request(&event), @r#"
        BEGIN:VCALENDAR
        PRODID:-//Cordon//Cordon//EN
        VERSION:2.0
        METHOD:REQUEST
        BEGIN:VTIMEZONE
        TZID:Europe/Berlin
        BEGIN:STANDARD
        DTSTART:19701025T030000
        RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
        TZOFFSETFROM:+0200
        TZOFFSETTO:+0100
        END:STANDARD
        BEGIN:DAYLIGHT
        DTSTART:19700329T020000
        RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
        TZOFFSETFROM:+0100
        TZOFFSETTO:+0200
        END:DAYLIGHT
        END:VTIMEZONE
        BEGIN:VEVENT
        UID:040000-A
        DTSTAMP:20260301T120000Z
        SEQUENCE:2
        DTSTART;TZID=Europe/Berlin:20260302T090000
        DTEND;TZID=Europe/Berlin:20260302T100000
        RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20260629T070000Z
        EXDATE;TZID=Europe/Berlin:20260309T090000
        SUMMARY:Jour fixe\, weekly
        LOCATION:Raum 5
        ORGANIZER;CN=Alice Äpfel:mailto:alice@example.test
        STATUS:CONFIRMED
        END:VEVENT
        BEGIN:VEVENT
        UID:040000-A
        DTSTAMP:20260301T120000Z
        SEQUENCE:2
        RECURRENCE-ID;TZID=Europe/Berlin:20260316T090000
        DTSTART;TZID=Europe/Berlin:20260317T110000
        DTEND;TZID=Europe/Berlin:20260317T120000
        SUMMARY:Jour fixe\, weekly
        LOCATION:Raum 5
        ORGANIZER;CN=Alice Äpfel:mailto:alice@example.test
        STATUS:CONFIRMED
        END:VEVENT
        END:VCALENDAR
        "#);
    }

    #[test]
    fn whole_days_of_a_server_without_zones_are_the_days_that_are_meant() {
        for start in [datetime!(2026-03-01 23:00 UTC), datetime!(2026-03-02 5:00 UTC)] {
            let end = Some(start + time::Duration::DAY);
            let event = Event { all_day: Some(true), start: Some(start), end, ..meeting() };
            let text = request(&event);
            assert!(text.contains("DTSTART;VALUE=DATE:20260302\n"), "{text}");
            assert!(text.contains("DTEND;VALUE=DATE:20260303\n"), "{text}");
        }
    }

    #[test]
    fn whole_days_are_dates() {
        let yearly = Pattern {
            rule: Rule::YearlyByDate(time::Month::March, 2),
            interval: 1,
            end: End::Count(3),
            first_day: Weekday::Monday,
        };
        let event = Event {
            all_day: Some(true),
            timezone: Some(berlin().rules_at(datetime!(2026-03-02 8:00 UTC))),
            start: Some(datetime!(2026-03-01 23:00 UTC)),
            end: Some(datetime!(2026-03-02 23:00 UTC)),
            recurrence: Some(Recurrence { ..yearly.to_wire() }),
            ..meeting()
        };
        let text = request(&event);
        assert!(text.contains("DTSTART;VALUE=DATE:20260302\n"), "{text}");
        assert!(text.contains("DTEND;VALUE=DATE:20260303\n"), "{text}");
        assert!(text.contains("RRULE:FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=2;COUNT=3\n"), "{text}");
    }

    #[test]
    fn a_cancellation_says_so() {
        let alice = alice();
        let by = Organised { organizer: &alice, sequence: 3, now: NOW };
        let part = calendar(Method::Cancel, &meeting(), Part::Whole, by);
        assert_eq!(part.method, "CANCEL");
        assert!(part.content.contains("METHOD:CANCEL\r\n"));
        assert!(part.content.contains("STATUS:CANCELLED\r\n"));
    }

    #[test]
    fn an_answer_names_the_meeting_and_who_answers() {
        let invitation = MeetingRequest {
            uid: Some("040000-A".to_owned()),
            organizer: Some("\"Alice; A:\" <alice@example.test>".to_owned()),
            start: Some(datetime!(2026-03-02 8:00 UTC)),
            end: Some(datetime!(2026-03-02 9:00 UTC)),
            recurrence_id: Some(datetime!(2026-03-02 8:00 UTC)),
            ..MeetingRequest::default()
        };
        let bob = Mailbox { name: "Bob".to_owned(), address: "bob@example.test".to_owned() };
        let part = reply(&invitation, UserResponse::Decline, "Jour fixe", &bob, NOW).unwrap();
        insta::assert_snapshot!(part.content.replace('\r', ""), @r#"
        BEGIN:VCALENDAR
        PRODID:-//Cordon//Cordon//EN
        VERSION:2.0
        METHOD:REPLY
        BEGIN:VEVENT
        UID:040000-A
        DTSTAMP:20260301T120000Z
        DTSTART:20260302T080000Z
        DTEND:20260302T090000Z
        RECURRENCE-ID:20260302T080000Z
        SUMMARY:Jour fixe
        ORGANIZER;CN="Alice; A:":mailto:alice@example.test
        ATTENDEE;CN=Bob;PARTSTAT=DECLINED:mailto:bob@example.test
        END:VEVENT
        END:VCALENDAR
        "#);
        let nameless = MeetingRequest { uid: None, ..invitation };
        assert_eq!(reply(&nameless, UserResponse::Accept, "x", &bob, NOW), None);
    }

    const NOW: OffsetDateTime = datetime!(2026-03-01 12:00 UTC);

    fn request(event: &Event) -> String {
        let alice = alice();
        let by = Organised { organizer: &alice, sequence: 2, now: NOW };
        let method = Method::Request { new_time: true };
        calendar(method, event, Part::Whole, by).content.replace('\r', "")
    }

    fn meeting() -> Event {
        Event {
            uid: Some("040000-A".to_owned()),
            subject: Some("Jour fixe, weekly".to_owned()),
            location: Some("Raum 5".to_owned()),
            start: Some(datetime!(2026-03-02 8:00 UTC)),
            end: Some(datetime!(2026-03-02 9:00 UTC)),
            attendees: Some(vec![Attendee::required("bob@example.test", "Bob")]),
            ..Event::default()
        }
    }

    fn alice() -> Mailbox {
        Mailbox { name: "Alice Äpfel".to_owned(), address: "alice@example.test".to_owned() }
    }

    fn berlin() -> Zone {
        Zone::Named(NamedZone::find("Europe/Berlin").unwrap())
    }
}
