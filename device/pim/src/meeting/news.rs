//! Who is told what of a meeting that its organiser has changed.
//!
//! | what changed | who stays | who is new | who is left out |
//! |---|---|---|---|
//! | time, place, subject, text, or the pattern | all of it anew | invited | cancelled |
//! | occurrences of a series | each of them | invited to all | cancelled |
//! | only who is invited | nothing | invited | cancelled |
//! | it does not take place | cancelled | | |

use activesync::{
    messages::{Attendee, Event, Exception},
    zone::Zone,
};
use mail::{Mailbox, compose::Calendar};
use time::{
    Date, OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description,
};

use super::{
    Method, Organised, Part, calendar, description,
    lines::{day, zone_name},
    location, occurrence,
};

/// A mail to those who are invited to a meeting.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MeetingLetter {
    /// To whom.
    pub to: Vec<Mailbox>,
    /// The subject.
    pub subject: String,
    /// What people read whose program knows no meetings.
    pub text: String,
    /// What programs read.
    pub calendar: Calendar,
}

/// Says whether the person organises a meeting and invites others to it.
pub(crate) fn invites(event: &Event) -> bool {
    let status = event.meeting_status.unwrap_or_default();
    let organised = status.is_meeting() && !status.is_received() && !status.is_cancelled();
    organised && event.attendees.as_ref().is_some_and(|list| !list.is_empty())
}

/// Writes what others have to be told of a meeting. `told` is what they know of it, `stands` what it is now; absent, it does not
/// exist.
pub fn meeting_news(
    told: Option<&Event>,
    stands: Option<&Event>,
    by: Organised<'_>,
) -> Vec<MeetingLetter> {
    let told = told.filter(|event| invites(event));
    let stands = stands.filter(|event| invites(event));
    let mut letters = Vec::new();
    let left_out = told.map(|told| among(told, by, |address| !invited(stands, address)));
    if let Some(event) = told
        && let Some(people) = left_out
    {
        letters.extend(letter(Method::Cancel, event, Part::Whole, people, by));
    }
    let Some(event) = stands else { return letters };
    let change = told.map_or(Difference::Whole { new_time: true }, |told| difference(told, event));
    match change {
        Difference::Whole { new_time } => {
            let people = among(event, by, |_| true);
            letters.extend(letter(Method::Request { new_time }, event, Part::Whole, people, by));
        }
        Difference::Occurrences(changed) => {
            let staying = among(event, by, |address| invited(told, address));
            let of = |exception: &Exception| {
                let method = if exception.is_deleted() {
                    Method::Cancel
                } else {
                    Method::Request { new_time: exception.start.is_some() }
                };
                letter(method, event, Part::Occurrence(exception), staying.clone(), by)
            };
            letters.extend(changed.into_iter().filter_map(of));
            let new = among(event, by, |address| !invited(told, address));
            let method = Method::Request { new_time: false };
            letters.extend(letter(method, event, Part::Whole, new, by));
        }
    }
    letters
}

/// What differs between two versions of a meeting, besides who is invited.
enum Difference<'a> {
    /// These occurrences of the series, or nothing.
    Occurrences(Vec<&'a Exception>),
    Whole {
        new_time: bool,
    },
}

fn difference<'a>(old: &Event, new: &'a Event) -> Difference<'a> {
    let times = |event: &Event| {
        (event.start, event.end, event.all_day == Some(true), event.recurrence.clone())
    };
    let words = |event: &Event| {
        (event.subject.clone(), location(event).map(str::to_owned), description(event))
    };
    let new_time = times(old) != times(new);
    if new_time || words(old) != words(new) {
        return Difference::Whole { new_time };
    }
    let known = |event: &Event, original| {
        let exceptions = event.exceptions.iter().flatten();
        exceptions.filter(|one| one.original() == original).map(shared).next()
    };
    let brought_back =
        old.exceptions.iter().flatten().any(|one| known(new, one.original()).is_none());
    if brought_back {
        return Difference::Whole { new_time: true };
    }
    let differs = |one: &&Exception| known(old, one.original()) != Some(shared(one));
    Difference::Occurrences(new.exceptions.iter().flatten().filter(differs).collect())
}

/// What others know of an occurrence.
fn shared(exception: &Exception) -> Exception {
    Exception {
        deleted: Some(exception.is_deleted()),
        start: exception.start,
        end: exception.end,
        subject: exception.subject.clone(),
        location: exception.location.clone(),
        place: exception.place.clone(),
        body: exception.body.clone(),
        ..Exception::default()
    }
}

/// Returns those who are invited, but for the organiser, and are wanted.
fn among(event: &Event, by: Organised<'_>, wanted: impl Fn(&str) -> bool) -> Vec<Attendee> {
    let is_wanted = |attendee: &&Attendee| {
        let address = attendee.email.as_deref().unwrap_or_default();
        let own = address.eq_ignore_ascii_case(&by.organizer.address);
        !address.is_empty() && !own && wanted(address)
    };
    event.attendees.iter().flatten().filter(is_wanted).cloned().collect()
}

fn invited(event: Option<&Event>, address: &str) -> bool {
    let mut attendees = event.and_then(|event| event.attendees.as_ref()).into_iter().flatten();
    attendees.any(|attendee| {
        attendee.email.as_deref().is_some_and(|known| known.eq_ignore_ascii_case(address))
    })
}

/// Writes a letter to `people`; nothing if there is nobody to write to.
fn letter(
    method: Method,
    event: &Event,
    part: Part<'_>,
    people: Vec<Attendee>,
    by: Organised<'_>,
) -> Option<MeetingLetter> {
    let to: Vec<Mailbox> = people.iter().map(mailbox).collect();
    if to.is_empty() {
        return None;
    }
    // Who is told that they are left out need not read who is not.
    let event = match method {
        Method::Cancel => &Event { attendees: Some(people), ..event.clone() },
        Method::Request { .. } => event,
    };
    let about = match part {
        Part::Occurrence(exception) => &occurrence(event, exception)?.1,
        Part::Whole => event,
    };
    let subject = about.subject.as_deref().unwrap_or_default();
    Some(MeetingLetter {
        to,
        subject: match method {
            Method::Cancel => format!("Cancelled: {subject}"),
            Method::Request { .. } => subject.to_owned(),
        },
        text: text(about),
        calendar: calendar(method, event, part, by),
    })
}

fn mailbox(attendee: &Attendee) -> Mailbox {
    let address = attendee.email.clone().unwrap_or_default();
    let name = attendee.name.clone().filter(|name| *name != address).unwrap_or_default();
    Mailbox { name, address }
}

const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
const MOMENT: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour]:[minute]");

/// Says when and where, and then what the organiser wrote.
fn text(event: &Event) -> String {
    let mut text = event.start.zip(event.end).map(|(start, end)| when(event, start, end));
    for more in [location(event).map(str::to_owned), description(event)].into_iter().flatten() {
        let text = text.get_or_insert_default();
        text.push('\n');
        text.push_str(&more);
    }
    text.unwrap_or_default()
}

fn when(event: &Event, start: OffsetDateTime, end: OffsetDateTime) -> String {
    let zone = Zone::of_event(event.timezone.as_ref(), start, &Zone::Utc);
    if event.all_day == Some(true) {
        let date = |moment| day(zone.local(moment)).date();
        let last = date(end).previous_day().unwrap_or(date(end));
        let written = |date: Date| date.format(DAY).unwrap_or_default();
        let (first, last) = (written(date(start)), written(last));
        return if first == last { first } else { format!("{first} – {last}") };
    }
    let written = |moment| zone.local(moment).format(MOMENT).unwrap_or_default();
    let (start_text, end_text) = (written(start), written(end));
    format!("{start_text} – {end_text} ({})", zone_name(&zone, start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use activesync::messages::{MeetingStatus, Recurrence};
    use time::macros::datetime;

    #[test]
    fn all_are_invited_to_a_new_meeting_but_for_its_organiser() {
        let told = told_of(None, Some(&meeting(&["bob", "alice", "carla"])));
        assert_eq!(told, ["REQUEST Jour fixe → bob, carla"]);
    }

    #[test]
    fn a_change_that_concerns_nobody_else_is_told_to_nobody() {
        let old = meeting(&["bob"]);
        let new = Event { reminder: Some(5), categories: Some(vec!["A".into()]), ..old.clone() };
        assert_eq!(told_of(Some(&old), Some(&new)), [""; 0]);
        let appointment = Event { attendees: None, ..old };
        assert_eq!(told_of(None, Some(&appointment)), [""; 0]);
    }

    #[test]
    fn another_time_is_told_to_all_and_wants_new_answers() {
        let mut old = meeting(&["bob"]);
        let answered = Some(activesync::messages::AttendeeStatus::Accepted);
        old.attendees.iter_mut().flatten().for_each(|attendee| attendee.status = answered);
        let place = Event { location: Some("Raum 6".to_owned()), ..old.clone() };
        let later = Event { start: Some(datetime!(2026-03-02 8:30 UTC)), ..old.clone() };
        let state = |new: &Event| {
            let alice = alice();
            let letters = meeting_news(Some(&old), Some(new), by(&alice));
            let content = &letters.first().unwrap().calendar.content;
            content.lines().find_map(|line| Some(line.split_once("PARTSTAT=")?.1.to_owned()))
        };
        assert!(state(&place).unwrap().starts_with("ACCEPTED"));
        assert!(state(&later).unwrap().starts_with("NEEDS-ACTION"));
        assert_eq!(told_of(Some(&old), Some(&later)), ["REQUEST Jour fixe → bob"]);
    }

    #[test]
    fn who_comes_is_invited_and_who_goes_is_told() {
        let (old, new) = (meeting(&["bob", "carla"]), meeting(&["carla", "Dora"]));
        let told = told_of(Some(&old), Some(&new));
        assert_eq!(told, ["CANCEL Cancelled: Jour fixe → bob", "REQUEST Jour fixe → Dora"]);
        let nobody = Event { attendees: None, ..old.clone() };
        let all = ["CANCEL Cancelled: Jour fixe → bob, carla"];
        assert_eq!(told_of(Some(&old), Some(&nobody)), all);
        assert_eq!(told_of(Some(&old), None), all);
    }

    #[test]
    fn of_a_series_only_the_occurrences_are_told_that_changed() {
        let original = datetime!(2026-03-03 8:00 UTC);
        let old = series(Vec::new());
        let moved = Exception {
            original_start: Some(original),
            start: Some(datetime!(2026-03-03 12:00 UTC)),
            end: Some(datetime!(2026-03-03 13:00 UTC)),
            ..Exception::default()
        };
        let deleted = Exception::deletion(datetime!(2026-03-04 8:00 UTC));
        let new = series(vec![moved.clone(), deleted]);
        let told = told_of(Some(&old), Some(&new));
        assert_eq!(told, ["REQUEST Jour fixe → bob", "CANCEL Cancelled: Jour fixe → bob"]);
        let alice = alice();
        let letters = meeting_news(Some(&old), Some(&new), by(&alice));
        let contents: Vec<&str> =
            letters.iter().map(|letter| letter.calendar.content.as_str()).collect();
        assert!(contents[0].contains("RECURRENCE-ID:20260303T080000Z\r\n"), "{}", contents[0]);
        assert!(contents[0].contains("DTSTART:20260303T120000Z\r\n"), "{}", contents[0]);
        assert!(contents[1].contains("RECURRENCE-ID:20260304T080000Z\r\n"), "{}", contents[1]);
        assert!(contents.iter().all(|content| content.matches("BEGIN:VEVENT").count() == 1));

        assert_eq!(told_of(Some(&new), Some(&new)), [""; 0]);
        let back = series(vec![moved]);
        assert_eq!(told_of(Some(&new), Some(&back)), ["REQUEST Jour fixe → bob"]);
    }

    #[test]
    fn people_read_when_and_where() {
        let event = Event { location: Some("Raum 5".to_owned()), ..meeting(&["bob"]) };
        let alice = alice();
        let letters = meeting_news(None, Some(&event), by(&alice));
        assert_eq!(letters[0].text, "2026-03-02 08:00 – 2026-03-02 09:00 (UTC)\nRaum 5");
        let days = Event {
            all_day: Some(true),
            start: Some(datetime!(2026-03-02 0:00 UTC)),
            end: Some(datetime!(2026-03-04 0:00 UTC)),
            ..meeting(&["bob"])
        };
        let letters = meeting_news(None, Some(&days), by(&alice));
        assert_eq!(letters[0].text, "2026-03-02 – 2026-03-03");
    }

    fn told_of(told: Option<&Event>, stands: Option<&Event>) -> Vec<String> {
        let alice = alice();
        let letters = meeting_news(told, stands, by(&alice));
        let line = |letter: MeetingLetter| {
            let local = |one: &Mailbox| one.address.split('@').next().unwrap().to_owned();
            let to: Vec<String> = letter.to.iter().map(local).collect();
            format!("{} {} → {}", letter.calendar.method, letter.subject, to.join(", "))
        };
        letters.into_iter().map(line).collect()
    }

    fn meeting(people: &[&str]) -> Event {
        let attendee = |name: &&str| Attendee::required(format!("{name}@example.test"), *name);
        Event {
            uid: Some("040000-A".to_owned()),
            subject: Some("Jour fixe".to_owned()),
            start: Some(datetime!(2026-03-02 8:00 UTC)),
            end: Some(datetime!(2026-03-02 9:00 UTC)),
            meeting_status: Some(MeetingStatus::ORGANIZED),
            attendees: Some(people.iter().map(attendee).collect()),
            ..Event::default()
        }
    }

    fn series(exceptions: Vec<Exception>) -> Event {
        let daily = Recurrence { kind: Some(0), interval: Some(1), ..Recurrence::default() };
        Event {
            recurrence: Some(daily),
            exceptions: Some(exceptions).filter(|list| !list.is_empty()),
            ..meeting(&["bob"])
        }
    }

    fn alice() -> Mailbox {
        Mailbox { name: "Alice".to_owned(), address: "Alice@example.test".to_owned() }
    }

    fn by(organizer: &Mailbox) -> Organised<'_> {
        Organised { organizer, sequence: 0, now: datetime!(2026-03-01 12:00 UTC) }
    }
}
