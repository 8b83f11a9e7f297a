//! What columns say of an entry, drawn out of its document.

use activesync::messages::{Class, Contact, Event, Item, Note, Task};
use activesync::recurrence::{End, starts};
use activesync::zone::Zone;
use time::{Duration, OffsetDateTime};

/// The columns of an entry.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Drawn {
    /// What lists call it.
    pub(super) title: String,
    /// Entries of a class are in the order of these.
    pub(super) sort: String,
    /// A task that is done.
    pub(super) complete: bool,
    /// Nothing of an event takes place before.
    pub(super) starts: Option<OffsetDateTime>,
    /// Nothing of an event takes place after; absent for an endless series.
    pub(super) ends: Option<OffsetDateTime>,
    /// The id that all participants of an event share.
    pub(super) uid: Option<String>,
}

impl Drawn {
    pub(super) fn of(item: &Item) -> Self {
        match item {
            Item::Any(_) | Item::Email(_) => Self::default(),
            Item::Contact(contact) => of_contact(contact),
            Item::Event(event) => of_event(event),
            Item::Note(note) => of_note(note),
            Item::Task(task) => of_task(task),
        }
    }
}

/// Returns the class by which an entry is kept: that of its folder, where it says nothing itself.
pub(super) fn class_of(item: &Item, folder: Option<Class>) -> Option<Class> {
    folder.or(item.class()).filter(|class| *class != Class::Email)
}

fn of_contact(contact: &Contact) -> Drawn {
    let names = [&contact.first_name, &contact.middle_name, &contact.last_name];
    let title = [
        some(&contact.file_as).map(str::to_owned),
        Some(joined(names)),
        some(&contact.company_name).map(str::to_owned),
        some(&contact.nick_name).map(str::to_owned),
        some(&contact.email1_address).map(str::to_owned),
    ];
    let title = title.into_iter().flatten().find(|title| !title.is_empty()).unwrap_or_default();
    let by_name = joined([&contact.last_name, &contact.first_name, &contact.middle_name]);
    let sort =
        if some(&contact.file_as).is_some() || by_name.is_empty() { &title } else { &by_name };
    Drawn { sort: folded(sort), title, ..Drawn::default() }
}

fn of_note(note: &Note) -> Drawn {
    let title = note.subject.clone().unwrap_or_default();
    Drawn { sort: folded(&title), title, ..Drawn::default() }
}

fn of_task(task: &Task) -> Drawn {
    let title = task.subject.clone().unwrap_or_default();
    // What is due at no time comes last.
    let due = task.due.or(task.due_utc).map_or("~".to_owned(), activesync::date::compact);
    Drawn {
        sort: format!("{due} {}", folded(&title)),
        title,
        complete: task.complete == Some(true),
        ..Drawn::default()
    }
}

fn of_event(event: &Event) -> Drawn {
    let title = event.subject.clone().unwrap_or_default();
    let starts =
        event.start.map(|start| exceptions(event).fold(start, |all, (one, _)| all.min(one)));
    let sort = starts.map(activesync::date::compact).unwrap_or_default();
    Drawn {
        sort: format!("{sort} {}", folded(&title)),
        title,
        complete: false,
        starts,
        ends: event.start.and_then(|start| end(event, start)),
        uid: event.uid.clone().filter(|uid| !uid.is_empty()),
    }
}

/// Clocks differ by less, and a day of the person's is at most so much longer than one of the series.
const MARGIN: Duration = Duration::days(2);

/// Returns a moment after which nothing of the event takes place; `None` if there is none.
fn end(event: &Event, start: OffsetDateTime) -> Option<OffsetDateTime> {
    let first = event.end.filter(|end| *end > start).unwrap_or(start);
    let Some(recurrence) = &event.recurrence else { return Some(first) };
    // Of a series that cannot be read only the first time is known.
    let last = match starts(recurrence, start, &Zone::Utc) {
        Err(_) => start,
        Ok(starts) => match starts.end() {
            End::Never => return None,
            End::Until(until) => until.max(start).saturating_add(MARGIN),
            End::Count(_) => {
                let last = starts.last().unwrap_or(start);
                last.saturating_add(MARGIN)
            }
        },
    };
    let last = last.saturating_add(first - start);
    Some(exceptions(event).fold(last, |all, (_, end)| all.max(end)))
}

/// Lists when the occurrences take place that differ from their series.
fn exceptions(event: &Event) -> impl Iterator<Item = (OffsetDateTime, OffsetDateTime)> + '_ {
    let length = match (event.start, event.end) {
        (Some(start), Some(end)) => (end - start).max(Duration::ZERO),
        _ => Duration::ZERO,
    };
    let own = event.exceptions.iter().flatten().filter(|exception| !exception.is_deleted());
    own.filter_map(move |exception| {
        let start = exception.start.or_else(|| exception.original())?;
        let end = exception.end.unwrap_or_else(|| start.saturating_add(length));
        Some((start, end.max(start)))
    })
}

/// Writes a text so that its bytes have the order of words: without case, and without what stands above and below letters.
pub(super) fn folded(text: &str) -> String {
    let small = text.trim().to_lowercase();
    let mut folded = String::with_capacity(small.len());
    for letter in small.chars() {
        match plain(letter) {
            Some(plain) => folded.push_str(plain),
            None => folded.push(letter),
        }
    }
    folded
}

/// Returns what a letter of Latin script with a mark is sorted as.
fn plain(letter: char) -> Option<&'static str> {
    const MARKED: &[(&str, &str)] = &[
        ("àáâãäåāăą", "a"),
        ("æ", "ae"),
        ("çćĉċč", "c"),
        ("ďđ", "d"),
        ("èéêëēĕėęě", "e"),
        ("ĝğġģ", "g"),
        ("ĥħ", "h"),
        ("ìíîïĩīĭįı", "i"),
        ("ĵ", "j"),
        ("ķ", "k"),
        ("ĺļľŀł", "l"),
        ("ñńņňŉ", "n"),
        ("òóôõöøōŏő", "o"),
        ("œ", "oe"),
        ("ŕŗř", "r"),
        ("śŝşšș", "s"),
        ("ß", "ss"),
        ("ţťŧț", "t"),
        ("ùúûüũūŭůűų", "u"),
        ("ŵ", "w"),
        ("ýÿŷ", "y"),
        ("źżž", "z"),
    ];
    if letter.is_ascii() {
        return None;
    }
    // A mark that stands by itself, after its letter.
    if ('\u{300}'..='\u{36f}').contains(&letter) {
        return Some("");
    }
    MARKED.iter().find(|(marked, _)| marked.contains(letter)).map(|(_, plain)| *plain)
}

fn some(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

fn joined<const N: usize>(names: [&Option<String>; N]) -> String {
    names.into_iter().filter_map(some).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use activesync::messages::{Exception, Recurrence};
    use time::macros::datetime;

    #[test]
    fn a_contact_is_called_by_what_is_known_of_it() {
        let contact = |edit: fn(&mut Contact)| {
            let mut contact = Contact::default();
            edit(&mut contact);
            let drawn = Drawn::of(&contact.into());
            (drawn.title, drawn.sort)
        };
        let both = |title: &str, sort: &str| (title.to_owned(), sort.to_owned());

        let named = contact(|contact| {
            contact.first_name = Some("Jörg".to_owned());
            contact.last_name = Some("Ärmel".to_owned());
            contact.company_name = Some("Beispiel".to_owned());
        });
        assert_eq!(named, both("Jörg Ärmel", "armel jorg"));
        let filed = contact(|contact| {
            contact.file_as = Some("Ärmel, Jörg".to_owned());
            contact.first_name = Some("Jörg".to_owned());
        });
        assert_eq!(filed, both("Ärmel, Jörg", "armel, jorg"));
        let company = contact(|contact| {
            contact.file_as = Some(" ".to_owned());
            contact.company_name = Some("Groß & Co".to_owned());
        });
        assert_eq!(company, both("Groß & Co", "gross & co"));
        let address = contact(|contact| contact.email1_address = Some("x@example.org".to_owned()));
        assert_eq!(address, both("x@example.org", "x@example.org"));
        assert_eq!(contact(|_| ()), both("", ""));
    }

    #[test]
    fn the_times_of_an_event_enclose_all_of_it() {
        let single = Event {
            start: Some(datetime!(2026-11-23 09:00 UTC)),
            end: Some(datetime!(2026-11-23 10:00 UTC)),
            ..Event::default()
        };
        let times = |event: Event| {
            let drawn = Drawn::of(&event.into());
            (drawn.starts, drawn.ends)
        };
        assert_eq!(times(single.clone()), (single.start, single.end));
        assert_eq!(times(Event { end: None, ..single.clone() }), (single.start, single.start));
        assert_eq!(times(Event::default()), (None, None));

        let daily = |count, until| Event {
            recurrence: Some(Recurrence {
                kind: Some(0),
                interval: Some(1),
                occurrences: count,
                until,
                ..Recurrence::default()
            }),
            ..single.clone()
        };
        assert_eq!(times(daily(None, None)), (single.start, None));
        let three = times(daily(Some(3), None));
        assert_eq!(three, (single.start, Some(datetime!(2026-11-27 10:00 UTC))));
        let until = Some(datetime!(2026-12-01 09:00 UTC));
        assert_eq!(times(daily(None, until)).1, Some(datetime!(2026-12-03 10:00 UTC)));
        let moved = |start| Exception {
            original_start: single.start,
            start: Some(start),
            ..Exception::default()
        };
        let around = Event {
            exceptions: Some(vec![
                moved(datetime!(2026-11-20 08:00 UTC)),
                moved(datetime!(2027-01-01 08:00 UTC)),
                Exception::deletion(datetime!(2030-01-01 08:00 UTC)),
            ]),
            ..daily(Some(3), None)
        };
        let expected = (datetime!(2026-11-20 08:00 UTC), datetime!(2027-01-01 09:00 UTC));
        assert_eq!(times(around), (Some(expected.0), Some(expected.1)));
    }

    #[test]
    fn tasks_without_a_due_date_come_last() {
        let sort = |due| {
            let task = Task { subject: Some("Ä".to_owned()), due, ..Task::default() };
            Drawn::of(&task.into()).sort
        };
        assert!(
            sort(Some(datetime!(2026-11-23 0:00 UTC))) < sort(Some(datetime!(2027-01-01 0:00 UTC)))
        );
        assert!(sort(Some(datetime!(2999-11-23 0:00 UTC))) < sort(None));
        assert_eq!(sort(None), "~ a");
    }
}
