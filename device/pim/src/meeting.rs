//! The mails by which meetings are arranged (iTIP, RFC 5546, in iCalendar, RFC 5545).
//!
//! Up to 14.1 the client writes them; since 16.0 servers do.

mod lines;
mod rules;

use activesync::{
    messages::{Attendee, AttendeeType, Event, Exception, MeetingRequest, UserResponse},
    zone::Zone,
};
use mail::{Mailbox, compose::Calendar};
use time::OffsetDateTime;

use lines::Lines;

/// Writes an invitation to a meeting, or what changed in one. `zone` is the person's own, for a series without one; `sequence` grows
/// with each change of time or place.
pub fn invitation(
    event: &Event,
    organizer: &Mailbox,
    sequence: u32,
    now: OffsetDateTime,
    zone: &Zone,
) -> Calendar {
    calendar("REQUEST", event, organizer, sequence, now, zone)
}

/// Writes that a meeting does not take place.
pub fn cancellation(
    event: &Event,
    organizer: &Mailbox,
    sequence: u32,
    now: OffsetDateTime,
    zone: &Zone,
) -> Calendar {
    calendar("CANCEL", event, organizer, sequence, now, zone)
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

fn calendar(
    method: &'static str,
    event: &Event,
    organizer: &Mailbox,
    sequence: u32,
    now: OffsetDateTime,
    zone: &Zone,
) -> Calendar {
    let start = event.start.unwrap_or(now);
    let zone = Zone::of_event(event.timezone.as_ref(), start, zone);
    let mut lines = Lines::begin(method);
    // A series keeps to a clock on the wall; a single event to a moment.
    let named = event.recurrence.is_some() && event.all_day != Some(true) && zone != Zone::Utc;
    let tzid = named.then(|| lines::zone_name(&zone, start));
    if let Some(tzid) = &tzid {
        lines.time_zone(tzid, &zone.rules_at(start));
    }
    let mut writer = Series { lines, method, event, organizer, sequence, now, zone: &zone, tzid };
    writer.component(event, None);
    for exception in event.exceptions.iter().flatten().filter(|exception| !exception.is_deleted()) {
        writer.occurrence(exception);
    }
    Calendar { method, content: writer.lines.end() }
}

/// A series, or a single event, as it is written.
struct Series<'a> {
    lines: Lines,
    method: &'static str,
    event: &'a Event,
    organizer: &'a Mailbox,
    sequence: u32,
    now: OffsetDateTime,
    zone: &'a Zone,
    tzid: Option<String>,
}

impl Series<'_> {
    fn occurrence(&mut self, exception: &Exception) {
        let (Some(original), Some(start), Some(end)) =
            (exception.original(), self.event.start, self.event.end)
        else {
            return;
        };
        let occurrence = exception.occurrence(self.event, original, original + (end - start));
        self.component(&occurrence, Some(original));
    }

    fn component(&mut self, event: &Event, original: Option<OffsetDateTime>) {
        let all_day = event.all_day == Some(true);
        let tzid = self.tzid.clone();
        let lines = &mut self.lines;
        lines.open("VEVENT");
        lines.text("UID", self.event.uid.as_deref().unwrap_or_default());
        lines.utc("DTSTAMP", self.now);
        lines.plain("SEQUENCE", &self.sequence.to_string());
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
        let place = event.place.as_ref().and_then(|place| place.display_name.as_deref());
        if let Some(place) = event.location.as_deref().or(place).filter(|place| !place.is_empty()) {
            lines.text("LOCATION", place);
        }
        let text = event.body.as_ref().and_then(|body| body.data.as_deref());
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            lines.text("DESCRIPTION", &String::from_utf8_lossy(text));
        }
        lines.person("ORGANIZER", &self.organizer.name, &self.organizer.address, &[]);
        event.attendees.iter().flatten().for_each(|attendee| invited(lines, attendee));
        lines.plain("STATUS", if self.method == "CANCEL" { "CANCELLED" } else { "CONFIRMED" });
        lines.close("VEVENT");
    }
}

fn invited(lines: &mut Lines, attendee: &Attendee) {
    let role = match attendee.kind {
        Some(AttendeeType::Optional) => "OPT-PARTICIPANT",
        Some(AttendeeType::Resource) => "NON-PARTICIPANT",
        Some(AttendeeType::Required) | None => "REQ-PARTICIPANT",
    };
    lines.person(
        "ATTENDEE",
        attendee.name.as_deref().unwrap_or_default(),
        attendee.email.as_deref().unwrap_or_default(),
        &[("ROLE", role), ("PARTSTAT", "NEEDS-ACTION"), ("RSVP", "TRUE")],
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
        let part = cancellation(&meeting(), &alice(), 3, NOW, &berlin());
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
        invitation(event, &alice(), 2, NOW, &berlin()).content.replace('\r', "")
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
