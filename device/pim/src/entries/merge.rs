//! Two changes of one entry become one.

use std::collections::BTreeSet;

use activesync::{
    codepage::{Tag, calendar, tasks},
    messages::Item,
};

/// What became of two changes.
#[derive(Debug)]
pub(super) struct Merged {
    /// The entry with the changes of both.
    pub(super) item: Item,
    /// The person's words for what stands as the server has it.
    pub(super) lost: Item,
}

/// Properties that mean something only together: they are taken from one side.
const TOGETHER: [&[Tag]; 4] = [
    &[
        calendar::START_TIME,
        calendar::END_TIME,
        calendar::TIMEZONE,
        calendar::ALL_DAY_EVENT,
        calendar::RECURRENCE,
        calendar::EXCEPTIONS,
    ],
    &[
        tasks::START_DATE,
        tasks::UTC_START_DATE,
        tasks::DUE_DATE,
        tasks::UTC_DUE_DATE,
        tasks::RECURRENCE,
    ],
    &[tasks::COMPLETE, tasks::DATE_COMPLETED],
    &[tasks::REMINDER_SET, tasks::REMINDER_TIME],
];

/// Merges what the person and others made of `base`. `sent` is what the server may have taken from the person meanwhile: where the
/// server's word is that, nobody else changed it.
pub(super) fn merge(base: &Item, sent: Option<&Item>, mine: &Item, theirs: &Item) -> Merged {
    let change = mine.changes_since(base);
    let changed_there = theirs.changes_since(base).tags();
    let differing = mine.changes_since(theirs).tags();
    let foreign = sent.map(|sent| theirs.changes_since(sent).tags());
    let is_theirs = |tag: &Tag| {
        changed_there.contains(tag)
            && differing.contains(tag)
            && foreign.as_ref().is_none_or(|foreign| foreign.contains(tag))
    };
    let here = change.tags();
    let mut contested: BTreeSet<Tag> = here.iter().copied().filter(is_theirs).collect();
    for group in TOGETHER {
        let touched = |tags: &dyn Fn(&Tag) -> bool| group.iter().any(tags);
        let here_too = touched(&|tag| here.contains(tag) && differing.contains(tag));
        let there_too = touched(&|tag| {
            changed_there.contains(tag)
                && differing.contains(tag)
                && foreign.as_ref().is_none_or(|foreign| foreign.contains(tag))
        });
        if here_too && there_too {
            contested.extend(group.iter().filter(|tag| here.contains(*tag)));
        }
    }
    let (mut kept, mut lost) = (change.clone(), change);
    kept.remove(&contested.iter().copied().collect::<Vec<_>>());
    lost.remove(&here.difference(&contested).copied().collect::<Vec<_>>());
    let mut item = theirs.clone();
    item.apply(kept);
    Merged { item, lost }
}

#[cfg(test)]
mod tests {
    use super::*;
    use activesync::messages::{Contact, Event};
    use time::macros::datetime;

    #[test]
    fn what_only_one_side_changed_is_taken_from_that_side() {
        let base = contact("Anna", "Meier", None);
        let mine = contact("Anna", "Schmidt", None);
        let theirs = contact("Anna", "Meier", Some("+49 1"));

        let merged = merge(&base, None, &mine, &theirs);

        assert_eq!(merged.item, contact("Anna", "Schmidt", Some("+49 1")));
        assert!(merged.lost.is_empty());
    }

    #[test]
    fn what_both_changed_stands_as_the_server_has_it() {
        let base = contact("Anna", "Meier", Some("+49 1"));
        let mine = contact("Anne", "Meier", Some("+49 2"));
        let theirs = contact("Anna", "Meier", Some("+49 3"));

        let merged = merge(&base, None, &mine, &theirs);

        assert_eq!(merged.item, contact("Anne", "Meier", Some("+49 3")));
        let lost = merged.lost.into_contact().unwrap();
        assert_eq!((lost.mobile_phone_number.as_deref(), lost.first_name), (Some("+49 2"), None));
    }

    #[test]
    fn the_same_change_on_both_sides_is_no_conflict() {
        let base = contact("Anna", "Meier", None);
        let both = contact("Anna", "Schmidt", None);

        let merged = merge(&base, None, &both, &both);

        assert_eq!(merged.item, both);
        assert!(merged.lost.is_empty());
    }

    #[test]
    fn what_the_server_took_from_here_is_not_anothers_change() {
        let base = contact("Anna", "Meier", None);
        let sent = contact("Anna", "Schmidt", None);
        let mine = contact("Anna", "Schulz", None);

        let merged = merge(&base, Some(&sent), &mine, &sent);

        assert_eq!(merged.item, mine);
        assert!(merged.lost.is_empty());
    }

    #[test]
    fn a_removal_counts_as_a_change() {
        let base = contact("Anna", "Meier", Some("+49 1"));
        let mine = contact("Anna", "Meier", None);

        let merged = merge(&base, None, &mine, &contact("Anne", "Meier", Some("+49 1")));
        assert_eq!(merged.item, contact("Anne", "Meier", None));

        let contested = merge(&base, None, &mine, &contact("Anna", "Meier", Some("+49 2")));
        assert_eq!(contested.item, contact("Anna", "Meier", Some("+49 2")));
        assert!(!contested.lost.is_empty());
    }

    #[test]
    fn start_and_end_come_from_one_side() {
        let event = |start, end| -> Item {
            Event { start: Some(start), end: Some(end), ..Event::default() }.into()
        };
        let base = event(datetime!(2026-03-02 9:00 UTC), datetime!(2026-03-02 10:00 UTC));
        let moved = event(datetime!(2026-03-02 14:00 UTC), datetime!(2026-03-02 15:00 UTC));
        let longer = event(datetime!(2026-03-02 9:00 UTC), datetime!(2026-03-02 11:00 UTC));

        let merged = merge(&base, None, &moved, &longer);

        assert_eq!(merged.item, longer);
        let lost = merged.lost.into_event().unwrap();
        assert_eq!(lost.start, Some(datetime!(2026-03-02 14:00 UTC)));
        assert_eq!(lost.end, Some(datetime!(2026-03-02 15:00 UTC)));
    }

    fn contact(first: &str, last: &str, mobile: Option<&str>) -> Item {
        Contact {
            first_name: Some(first.to_owned()),
            last_name: Some(last.to_owned()),
            mobile_phone_number: mobile.map(str::to_owned),
            ..Contact::default()
        }
        .into()
    }
}
