//! Whether an entry that arrives is one that was sent from here and whose answer was lost.

use activesync::messages::{BodyType, Contact, Event, Item, Note, Task};

/// Says whether `arrived` is what became of `sent` on the server, which may have put it into other words: numbers are written
/// anew, names composed. So only what says which one it is counts.
pub(super) fn is_same(sent: &Item, arrived: &Item) -> bool {
    match (sent, arrived) {
        (Item::Contact(sent), Item::Contact(arrived)) => same_contact(sent, arrived),
        (Item::Event(sent), Item::Event(arrived)) => same_event(sent, arrived),
        (Item::Note(sent), Item::Note(arrived)) => note(sent) == note(arrived),
        (Item::Task(sent), Item::Task(arrived)) => task(sent) == task(arrived),
        (
            Item::Any(_)
            | Item::Contact(_)
            | Item::Email(_)
            | Item::Event(_)
            | Item::Note(_)
            | Item::Task(_),
            _,
        ) => false,
    }
}

fn same_contact(sent: &Contact, arrived: &Contact) -> bool {
    let names = contact(sent);
    if names.iter().any(|name| !name.is_empty()) {
        return names == contact(arrived);
    }
    // Without a name, only one that says all the same counts.
    let mut both = arrived.clone();
    both.apply(sent.clone());
    both == *arrived
}

fn contact(contact: &Contact) -> [String; 5] {
    let text = |value: &Option<String>| value.as_deref().unwrap_or_default().trim().to_owned();
    let address = text(&contact.email1_address);
    let address = address.rsplit('<').next().unwrap_or_default().trim_end_matches('>');
    let names = [&contact.first_name, &contact.last_name, &contact.company_name].map(text);
    // A contact without any name is known by what it is filed as.
    let filed =
        if names.iter().all(String::is_empty) { text(&contact.file_as) } else { String::new() };
    let [first, last, company] = names;
    [first, last, company, address.to_lowercase(), filed]
}

fn same_event(sent: &Event, arrived: &Event) -> bool {
    let same_id = |one: &Option<String>, other: &Option<String>| match (one, other) {
        (Some(one), Some(other)) => Some(one == other),
        (Some(_) | None, _) => None,
    };
    let by_id =
        same_id(&sent.client_uid, &arrived.client_uid).or_else(|| same_id(&sent.uid, &arrived.uid));
    let subject = |event: &Event| event.subject.as_deref().unwrap_or_default().trim().to_owned();
    by_id.unwrap_or_else(|| {
        subject(sent) == subject(arrived) && sent.start == arrived.start && sent.end == arrived.end
    })
}

fn note(note: &Note) -> (String, String) {
    let body = note.body.as_ref().filter(|body| body.kind == BodyType::Text);
    let text = body.and_then(|body| body.data.as_deref()).unwrap_or_default();
    let words: Vec<String> =
        String::from_utf8_lossy(text).split_whitespace().map(str::to_owned).collect();
    (note.subject.as_deref().unwrap_or_default().trim().to_owned(), words.join(" "))
}

fn task(task: &Task) -> (String, Option<time::Date>) {
    let subject = task.subject.as_deref().unwrap_or_default().trim().to_owned();
    (subject, task.due_utc.or(task.due).map(time::OffsetDateTime::date))
}

#[cfg(test)]
mod tests {
    use super::*;
    use activesync::messages::Body;
    use time::macros::datetime;

    #[test]
    fn a_contact_without_names_is_known_by_all_that_it_says() {
        let sent = Contact { job_title: Some("Baker".to_owned()), ..Contact::default() };
        let filed = Contact { file_as: Some("Baker".to_owned()), ..sent.clone() };
        let other = Contact { job_title: Some("Cook".to_owned()), ..Contact::default() };

        assert!(is_same(&sent.clone().into(), &filed.into()));
        assert!(!is_same(&sent.into(), &other.into()));
    }

    #[test]
    fn a_contact_is_known_by_its_names_and_address() {
        let sent = Contact {
            first_name: Some("Anna".to_owned()),
            email1_address: Some("anna@example.test".to_owned()),
            mobile_phone_number: Some("+49 171 1".to_owned()),
            ..Contact::default()
        };
        let arrived = Contact {
            file_as: Some("Anna".to_owned()),
            email1_address: Some("\"Anna\" <Anna@example.test>".to_owned()),
            mobile_phone_number: Some("+491711".to_owned()),
            ..sent.clone()
        };
        check(sent.clone(), arrived, true);
        check(sent.clone(), Contact { first_name: Some("Anne".to_owned()), ..sent }, false);
    }

    #[test]
    fn an_event_is_known_by_its_id_or_by_what_and_when() {
        let event = |uid: Option<&str>, subject: &str| Event {
            uid: uid.map(str::to_owned),
            subject: Some(subject.to_owned()),
            start: Some(datetime!(2026-03-02 9:00 UTC)),
            end: Some(datetime!(2026-03-02 10:00 UTC)),
            ..Event::default()
        };
        check(event(Some("a"), "x"), event(Some("a"), "y"), true);
        check(event(Some("a"), "x"), event(Some("b"), "x"), false);
        check(event(None, "x"), event(Some("b"), "x"), true);
        check(event(None, "x"), event(None, "y"), false);
    }

    #[test]
    fn notes_and_tasks_are_known_by_their_words() {
        let note = |text: &str| Note {
            body: Some(Body::whole(BodyType::Text, text.to_owned())),
            ..Note::default()
        };
        check(note("two\r\nlines"), note("two\nlines"), true);
        check(note("two"), note("three"), false);
        let task = |subject: &str| Task { subject: Some(subject.to_owned()), ..Task::default() };
        check(task("x"), task("x "), true);
        check(task("x"), task("y"), false);
    }

    #[track_caller]
    fn check(sent: impl Into<Item>, arrived: impl Into<Item>, same: bool) {
        assert_eq!(is_same(&sent.into(), &arrived.into()), same);
    }
}
