use activesync::date;
use activesync::messages::{Attendee, AttendeeStatus, AttendeeType, Event, Exception};
use activesync::zone::{Zone, ZoneRules};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Month, OffsetDateTime};

use super::line::{escaped, write};
use super::{Itip, rule};
use crate::pim;

const LOCAL: &[BorrowedFormatItem<'_>] =
    format_description!("[year][month][day]T[hour][minute][second]");
const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day]");

/// Writes a calendar with one meeting, its deviations included.
pub(super) fn text(itip: &Itip) -> String {
    let event = &itip.event;
    let clock = Clock::of(event);
    let mut text = String::new();
    for (head, value) in [
        ("BEGIN", "VCALENDAR"),
        ("METHOD", itip.method.name()),
        ("PRODID", "-//Cordon//Sandbox//EN"),
        ("VERSION", "2.0"),
    ] {
        write(&mut text, head, value);
    }
    if let (Some(name), Some(rules)) = (&clock.name, &event.timezone) {
        zone(&mut text, name, rules);
    }
    component(&mut text, event, &clock, itip.occurrence);
    for exception in event.exceptions.iter().flatten().filter(|entry| !entry.is_deleted()) {
        if let Some(original) = exception.original() {
            let length = event.end.zip(event.start).map(|(end, start)| end - start);
            let end = original + length.unwrap_or_default();
            let own = exception.occurrence(event, original, end);
            component(&mut text, &own, &clock, Some(original));
        }
    }
    write(&mut text, "END", "VCALENDAR");
    text
}

/// How times are written: days as dates, series by their own clock, the rest in universal time.
struct Clock {
    zone: Zone,
    name: Option<String>,
    all_day: bool,
}

impl Clock {
    fn of(event: &Event) -> Self {
        let start = event.start.unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let zone = Zone::of_event(event.timezone.as_ref(), start, &pim::ZONE);
        let name = match &zone {
            Zone::Named(zone) if event.recurrence.is_some() => Some(zone.name().to_owned()),
            Zone::Named(_) | Zone::Rules(_) | Zone::Utc => None,
        };
        Self { zone, name, all_day: event.all_day == Some(true) }
    }

    fn write(&self, text: &mut String, head: &str, moment: OffsetDateTime) {
        let local = self.zone.local(moment);
        if self.all_day {
            let day = local.format(DATE).unwrap_or_default();
            return write(text, &format!("{head};VALUE=DATE"), &day);
        }
        match &self.name {
            Some(name) => {
                let local = local.format(LOCAL).unwrap_or_default();
                write(text, &format!("{head};TZID={name}"), &local);
            }
            None => write(text, head, &date::compact(moment)),
        }
    }
}

fn component(text: &mut String, event: &Event, clock: &Clock, occurrence: Option<OffsetDateTime>) {
    write(text, "BEGIN", "VEVENT");
    for (head, value) in [("UID", &event.uid), ("SUMMARY", &event.subject)] {
        if let Some(value) = value {
            write(text, head, &escaped(value));
        }
    }
    if let Some(stamp) = event.dt_stamp {
        write(text, "DTSTAMP", &date::compact(stamp));
    }
    for (head, moment) in
        [("RECURRENCE-ID", occurrence), ("DTSTART", event.start), ("DTEND", event.end)]
    {
        if let Some(moment) = moment {
            clock.write(text, head, moment);
        }
    }
    if let Some(recurrence) = &event.recurrence {
        write(text, "RRULE", &rule::write(recurrence));
    }
    let deleted = event.exceptions.iter().flatten().filter(|entry| entry.is_deleted());
    for original in deleted.filter_map(Exception::original) {
        clock.write(text, "EXDATE", original);
    }
    if let Some(name) = event.place.as_ref().and_then(|place| place.display_name.as_ref()) {
        write(text, "LOCATION", &escaped(name));
    }
    if let Some(data) = event.body.as_ref().and_then(|body| body.data.as_ref()) {
        write(text, "DESCRIPTION", &escaped(&String::from_utf8_lossy(data)));
    }
    if let Some(address) = &event.organizer_email {
        let name = event.organizer_name.as_deref().unwrap_or(address);
        write(text, &format!("ORGANIZER;CN=\"{}\"", quotable(name)), &format!("mailto:{address}"));
    }
    let answer = event.response_requested != Some(false);
    event.attendees.iter().flatten().for_each(|attendee| invited(text, attendee, answer));
    if let Some(minutes) = event.reminder {
        let trigger = format!("-PT{minutes}M");
        for (head, value) in [
            ("BEGIN", "VALARM"),
            ("ACTION", "DISPLAY"),
            ("TRIGGER", trigger.as_str()),
            ("END", "VALARM"),
        ] {
            write(text, head, value);
        }
    }
    write(text, "END", "VEVENT");
}

fn invited(text: &mut String, attendee: &Attendee, answer: bool) {
    let Some(address) = &attendee.email else { return };
    let name = quotable(attendee.name.as_deref().unwrap_or(address));
    let status = match attendee.status {
        Some(AttendeeStatus::Accepted) => "ACCEPTED",
        Some(AttendeeStatus::Declined) => "DECLINED",
        Some(AttendeeStatus::Tentative) => "TENTATIVE",
        Some(AttendeeStatus::NotResponded | AttendeeStatus::Unknown) | None => "NEEDS-ACTION",
    };
    let role = match attendee.kind {
        Some(AttendeeType::Optional) => "ROLE=OPT-PARTICIPANT",
        Some(AttendeeType::Resource) => "CUTYPE=RESOURCE",
        Some(AttendeeType::Required) | None => "ROLE=REQ-PARTICIPANT",
    };
    let answer = if answer { "TRUE" } else { "FALSE" };
    let head = format!("ATTENDEE;CN=\"{name}\";{role};PARTSTAT={status};RSVP={answer}");
    write(text, &head, &format!("mailto:{address}"));
}

fn quotable(name: &str) -> String {
    name.replace(['"', '\r', '\n'], "'")
}

/// Writes the rules of a zone, as they are this year.
fn zone(text: &mut String, name: &str, rules: &ZoneRules) {
    write(text, "BEGIN", "VTIMEZONE");
    write(text, "TZID", name);
    let standard = -(rules.bias + rules.standard_bias);
    let daylight = -(rules.bias + rules.daylight_bias);
    for (kind, switch, from, to) in [
        ("STANDARD", rules.standard_date, daylight, standard),
        ("DAYLIGHT", rules.daylight_date, standard, daylight),
    ] {
        let switching = Month::try_from(u8::try_from(switch.month).unwrap_or_default()).is_ok();
        if kind == "DAYLIGHT" && !switching {
            continue;
        }
        write(text, "BEGIN", kind);
        let hour = format!("19700101T{:02}{:02}00", switch.hour, switch.minute);
        write(text, "DTSTART", &hour);
        write(text, "TZOFFSETFROM", &offset(if switching { from } else { to }));
        write(text, "TZOFFSETTO", &offset(to));
        if switching {
            let day = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"]
                .get(usize::from(switch.day_of_week))
                .copied()
                .unwrap_or("SU");
            let nth = if switch.day == 5 { -1 } else { i32::from(switch.day) };
            let rule = format!("FREQ=YEARLY;BYMONTH={};BYDAY={nth}{day}", switch.month);
            write(text, "RRULE", &rule);
        }
        write(text, "END", kind);
    }
    write(text, "END", "VTIMEZONE");
}

fn offset(minutes: i32) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}{:02}", minutes.abs() / 60, minutes.abs() % 60)
}
