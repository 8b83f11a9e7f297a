use activesync::date;
use activesync::messages::{
    Attendee, AttendeeStatus, AttendeeType, Body, BodyType, BusyStatus, Event, Exception, Location,
    Sensitivity,
};
use activesync::zone::{NamedZone, Zone};
use time::{OffsetDateTime, PrimitiveDateTime, Time};

use super::line::{Line, lines};
use super::{Itip, Method, rule};
use crate::pim;

/// Reads a calendar with one meeting; `None` if it is none or wants nothing that is known.
pub(super) fn read(text: &str) -> Option<Itip> {
    let lines = lines(text);
    let named = |name: &str| lines.iter().find(|line| line.name == name);
    let method = named("METHOD")?.value.trim().to_ascii_uppercase();
    let method = Method::ALL.into_iter().find(|known| known.name() == method)?;
    let mut events: Vec<_> = components(&lines).into_iter().filter_map(read_event).collect();
    let at = events.iter().position(|(_, occurrence)| occurrence.is_none()).unwrap_or(0);
    if events.is_empty() {
        return None;
    }
    let (mut event, occurrence) = events.swap_remove(at);
    let deviations = events.into_iter().filter_map(|(event, occurrence)| {
        Some(Exception {
            original_start: Some(occurrence?),
            subject: event.subject,
            start: event.start,
            end: event.end,
            place: event.place,
            ..Exception::default()
        })
    });
    let mut exceptions = event.exceptions.take().unwrap_or_default();
    exceptions.extend(deviations);
    event.exceptions = Some(exceptions).filter(|list| !list.is_empty());
    Some(Itip { method, event, occurrence })
}

/// Returns the lines of each event, with those of its alarms.
fn components(lines: &[Line]) -> Vec<&[Line]> {
    let is = |line: &Line, name: &str| line.name == name && line.value.trim() == "VEVENT";
    let begins = lines.iter().enumerate().filter(|(_, line)| is(line, "BEGIN"));
    let event = |begin: usize| {
        let rest = lines.get(begin..)?;
        let end = rest.iter().position(|line| is(line, "END"))?;
        rest.get(..end)
    };
    begins.filter_map(|(begin, _)| event(begin)).collect()
}

fn read_event(lines: &[Line]) -> Option<(Event, Option<OffsetDateTime>)> {
    let named = |name: &str| lines.iter().find(|line| line.name == name);
    let text = |name: &str| named(name).map(Line::text).filter(|text| !text.is_empty());
    let begin = named("DTSTART")?;
    let zone = zone_of(begin);
    let start = moment(begin)?;
    let all_day = begin.value.trim().len() == 8;
    let organizer = named("ORGANIZER");
    let deleted = lines.iter().filter(|line| line.name == "EXDATE").filter_map(moment);
    let exceptions: Vec<_> = deleted.map(Exception::deletion).collect();
    let event = Event {
        timezone: Some(zone.rules_at(start)),
        all_day: Some(all_day),
        start: Some(start),
        end: named("DTEND").and_then(moment).or(Some(start)),
        subject: text("SUMMARY"),
        place: text("LOCATION").map(|name| Box::new(Location::named(name))),
        body: text("DESCRIPTION").map(|text| Body::whole(BodyType::Text, text)),
        uid: text("UID"),
        dt_stamp: named("DTSTAMP").and_then(moment),
        organizer_email: organizer.map(address),
        organizer_name: organizer.and_then(|line| line.parameter("CN")).map(str::to_owned),
        attendees: Some(
            lines.iter().filter(|line| line.name == "ATTENDEE").map(attendee).collect(),
        ),
        recurrence: named("RRULE").and_then(|line| rule::read(&line.value, zone.local(start))),
        exceptions: (!exceptions.is_empty()).then_some(exceptions),
        reminder: named("TRIGGER").and_then(|line| reminder(&line.value)),
        busy_status: named("TRANSP")
            .filter(|line| line.value.trim() == "TRANSPARENT")
            .map(|_| BusyStatus::Free),
        sensitivity: named("CLASS").and_then(|line| match line.value.trim() {
            "PRIVATE" => Some(Sensitivity::Private),
            "CONFIDENTIAL" => Some(Sensitivity::Confidential),
            _ => None,
        }),
        response_requested: lines
            .iter()
            .find(|line| line.name == "ATTENDEE")
            .map(|line| line.parameter("RSVP") != Some("FALSE")),
        ..Event::default()
    };
    Some((event, named("RECURRENCE-ID").and_then(moment)))
}

/// Reads a moment in universal time.
pub(super) fn utc(text: &str) -> Option<OffsetDateTime> {
    let text = text.trim();
    date::parse(text).or_else(|| date::parse(&format!("{text}T235959Z")))
}

fn moment(line: &Line) -> Option<OffsetDateTime> {
    let text = line.value.trim();
    if text.ends_with('Z') {
        return date::parse(text);
    }
    let whole = text.len() == 8;
    let local = date::parse(&format!("{text}{}", if whole { "T000000Z" } else { "Z" }))?;
    let time = if whole { Time::MIDNIGHT } else { local.time() };
    Some(zone_of(line).moment(PrimitiveDateTime::new(local.date(), time)))
}

/// Times without a zone are those of the mailbox; so are those of zones that nobody knows.
fn zone_of(line: &Line) -> Zone {
    let named = line.parameter("TZID").and_then(NamedZone::find).map(Zone::Named);
    named.unwrap_or_else(|| pim::ZONE.clone())
}

fn address(line: &Line) -> String {
    let value = line.value.trim();
    let start = value.get(.."mailto:".len()).filter(|start| start.eq_ignore_ascii_case("mailto:"));
    value.get(start.map_or(0, str::len)..).unwrap_or_default().to_owned()
}

fn attendee(line: &Line) -> Attendee {
    let email = address(line);
    let name = line.parameter("CN").map_or_else(|| email.clone(), str::to_owned);
    let status = match line.parameter("PARTSTAT") {
        Some("ACCEPTED") => AttendeeStatus::Accepted,
        Some("DECLINED") => AttendeeStatus::Declined,
        Some("TENTATIVE") => AttendeeStatus::Tentative,
        Some(_) | None => AttendeeStatus::NotResponded,
    };
    let kind = match (line.parameter("ROLE"), line.parameter("CUTYPE")) {
        (_, Some("RESOURCE" | "ROOM")) => AttendeeType::Resource,
        (Some("OPT-PARTICIPANT"), _) => AttendeeType::Optional,
        (Some(_) | None, _) => AttendeeType::Required,
    };
    Attendee { status: Some(status), kind: Some(kind), ..Attendee::required(email, name) }
}

/// Reads `-PT15M`, `-PT1H` and `-P1D`: minutes before the start.
fn reminder(text: &str) -> Option<u32> {
    let text = text.trim().strip_prefix("-P")?;
    let text = text.strip_prefix('T').unwrap_or(text);
    let (unit, number) = (text.chars().last()?, text.get(..text.len().checked_sub(1)?)?);
    let minutes = match unit {
        'M' => 1,
        'H' => 60,
        'D' => 24 * 60,
        _ => return None,
    };
    number.parse::<u32>().ok()?.checked_mul(minutes)
}
