//! How a server's word on an entry is read that is known already.

use activesync::{codepage::Tag, messages::Item};

/// Returns what an entry is after a server's change of it.
///
/// A change replaces what it says, and what it leaves out stays; so says the protocol. Yet the servers there are send the whole entry
/// for every change, and leave out what was removed. A change of this manner repeats what it does not change, one of the other leaves
/// it out. So what is left out is gone only if at least twice as much is repeated unchanged: if in doubt it stays, because what is gone
/// here would be deleted there with the next edit.
#[must_use]
pub fn retold(known: &Item, told: &Item) -> Item {
    let said = told.tags();
    let differing = told.changes_since(known).tags();
    let (kept, left_out): (Vec<Tag>, Vec<Tag>) =
        known.tags().into_iter().partition(|tag| said.contains(tag));
    let repeated = kept.iter().filter(|tag| !differing.contains(tag)).count();
    let mut item = known.clone();
    if repeated >= 2 * left_out.len() {
        item.remove(&left_out);
    }
    item.apply(told.clone());
    item
}

#[cfg(test)]
mod tests {
    use super::*;
    use activesync::messages::{Contact, Event, Importance, Task};
    use time::macros::datetime;

    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn a_change_of_some_properties_leaves_the_others() {
        let contact = Contact {
            file_as: text("Meier, Anna"),
            first_name: text("Anna"),
            last_name: text("Meier"),
            job_title: text("Chefin"),
            ..Contact::default()
        };
        for told in [
            Contact {
                file_as: text("Meier, Anne"),
                first_name: text("Anne"),
                ..Contact::default()
            },
            Contact {
                file_as: text("Meier, Anna"),
                mobile_phone_number: text("+49 1"),
                ..Contact::default()
            },
            Contact { job_title: text(""), ..Contact::default() },
        ] {
            let mut patched = contact.clone();
            patched.apply(told.clone());
            check(contact.clone(), told, patched);
        }

        let task = Task {
            subject: text("Report"),
            complete: Some(false),
            importance: Some(Importance::High),
            due_utc: Some(datetime!(2026-03-02 0:00 UTC)),
            ..Task::default()
        };
        let told = Task { subject: text("Report"), complete: Some(true), ..Task::default() };
        check(task.clone(), told, Task { complete: Some(true), ..task });

        let event = Event {
            uid: text("1"),
            start: Some(datetime!(2026-03-02 9:00 UTC)),
            end: Some(datetime!(2026-03-02 10:00 UTC)),
            subject: text("Jour fixe"),
            reminder: Some(15),
            ..Event::default()
        };
        let start = Some(datetime!(2026-03-02 9:30 UTC));
        let told = Event { uid: text("1"), start, ..Event::default() };
        check(event.clone(), told, Event { start, ..event });
    }

    #[test]
    fn an_entry_that_is_told_anew_lacks_what_was_removed() {
        let contact = Contact {
            file_as: text("Meier, Anna"),
            first_name: text("Anna"),
            last_name: text("Meier"),
            job_title: text("Chefin"),
            ..Contact::default()
        };
        let told = Contact { job_title: None, ..contact.clone() };
        check(contact.clone(), told.clone(), told);

        let more = Contact { mobile_phone_number: text("+49 1"), ..contact.clone() };
        check(contact, more.clone(), more);
    }

    #[track_caller]
    fn check(known: impl Into<Item>, told: impl Into<Item>, expected: impl Into<Item>) {
        assert_eq!(retold(&known.into(), &told.into()), expected.into());
    }
}
