//! Contacts, events, tasks and notes, and the words that people write in them.

use activesync::messages::{
    Body, BodyType, BusyStatus, Class, Contact, Event, Exception, Item, Note, Recurrence, Task,
};
use activesync::zone::Zone;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

/// The first time of every series.
const FIRST: OffsetDateTime = datetime!(2026-02-02 09:00 UTC);

/// Where somebody writes a word.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Spot {
    /// The subject, or what a contact has instead.
    Title,
    /// The text.
    Text,
    /// The subject of one time of a series.
    Occurrence(u8),
    /// One time of a series is called off; no word is written.
    NoOccurrence(u8),
}

pub(crate) fn new(class: Class, word: &str, series: bool, now: OffsetDateTime) -> Item {
    let word = Some(word.to_owned());
    match class {
        Class::Calendar => Event {
            timezone: Some(Zone::Utc.rules_at(FIRST)),
            subject: word,
            start: Some(FIRST),
            end: Some(FIRST + Duration::HOUR),
            all_day: Some(false),
            busy_status: Some(BusyStatus::Busy),
            dt_stamp: Some(now),
            recurrence: series.then(weekly),
            ..Event::default()
        }
        .into(),
        Class::Contacts => Contact { job_title: word, ..Contact::default() }.into(),
        Class::Notes => {
            let message_class = Some(Note::CLASS.to_owned());
            Note { subject: word, message_class, ..Note::default() }.into()
        }
        Class::Tasks => Task { subject: word, complete: Some(false), ..Task::default() }.into(),
        Class::Email => panic!("a mail is no entry"),
    }
}

fn weekly() -> Recurrence {
    Recurrence {
        kind: Some(1),
        interval: Some(1),
        day_of_week: Some(2),
        occurrences: Some(8),
        ..Recurrence::default()
    }
}

/// What a person makes of an entry by writing a word; nothing if it has no such spot.
pub(crate) fn written(item: &Item, spot: Spot, word: &str) -> Option<Item> {
    let word = Some(word.to_owned());
    let body = || word.clone().map(|word| Body::whole(BodyType::Text, word));
    Some(match (item, spot) {
        (Item::Contact(_), Spot::Title) => Contact { job_title: word, ..Contact::default() }.into(),
        (Item::Contact(_), Spot::Text) => Contact { body: body(), ..Contact::default() }.into(),
        (Item::Event(_), Spot::Title) => Event { subject: word, ..Event::default() }.into(),
        (Item::Event(_), Spot::Text) => Event { body: body(), ..Event::default() }.into(),
        (Item::Event(series), Spot::Occurrence(nth)) => {
            with_exception(series, nth, |exception| exception.subject = word)?.into()
        }
        (Item::Event(series), Spot::NoOccurrence(nth)) => {
            let deleted = |exception: &mut Exception| {
                *exception = Exception::deletion(exception.original().unwrap());
            };
            with_exception(series, nth, deleted)?.into()
        }
        (Item::Note(_), Spot::Title) => Note { subject: word, ..Note::default() }.into(),
        (Item::Note(_), Spot::Text) => Note { body: body(), ..Note::default() }.into(),
        (Item::Task(_), Spot::Title) => Task { subject: word, ..Task::default() }.into(),
        (Item::Task(_), Spot::Text) => Task { body: body(), ..Task::default() }.into(),
        (
            Item::Contact(_) | Item::Note(_) | Item::Task(_),
            Spot::Occurrence(_) | Spot::NoOccurrence(_),
        )
        | (Item::Any(_) | Item::Email(_), _) => return None,
    })
}

/// The change that one time of a series takes; nothing if it does not take place.
fn with_exception(series: &Event, nth: u8, edit: impl FnOnce(&mut Exception)) -> Option<Event> {
    series.recurrence.as_ref()?;
    let original = FIRST + Duration::weeks(nth.into());
    let mut exceptions = series.exceptions.clone().unwrap_or_default();
    let known = exceptions.iter().position(|one| one.original() == Some(original));
    let fresh = || Exception { original_start: Some(original), ..Exception::default() };
    let mut exception = known.map_or_else(fresh, |index| exceptions.remove(index));
    if exception.is_deleted() {
        return None;
    }
    edit(&mut exception);
    exceptions.push(exception);
    exceptions.sort_by_key(Exception::original);
    Some(Event { exceptions: Some(exceptions), ..Event::default() })
}

/// What people wrote in an entry, and where; what is called off has an entry without a word.
pub(crate) fn words(item: &Item) -> Vec<(String, String)> {
    let mut words = Vec::new();
    let mut note = |spot: &str, word: Option<&String>| {
        let word = word.map(|word| word.trim().to_owned()).unwrap_or_default();
        words.push((spot.to_owned(), word));
    };
    let (title, body) = match item {
        Item::Contact(contact) => (&contact.job_title, &contact.body),
        Item::Event(event) => (&event.subject, &event.body),
        Item::Note(note) => (&note.subject, &note.body),
        Item::Task(task) => (&task.subject, &task.body),
        Item::Any(_) | Item::Email(_) => return Vec::new(),
    };
    let data = body.as_ref().and_then(|body| body.data.as_ref());
    let text = data.map(|data| String::from_utf8_lossy(data).into_owned());
    note("title", title.as_ref());
    note("text", text.as_ref());
    if let Item::Event(event) = item {
        for exception in event.exceptions.iter().flatten() {
            let original = exception.original().unwrap();
            let what = if exception.is_deleted() { "no" } else { "at" };
            note(&format!("{what} {original}"), exception.subject.as_ref());
        }
    }
    words
}
