use activesync::messages::{Event, Item};
use activesync::recurrence::{End, Pattern};
use activesync::zone::Zone;
use time::OffsetDateTime;
use time::macros::datetime;

/// What no filter drops.
pub(crate) const FOREVER: OffsetDateTime = datetime!(9999-01-01 00:00 UTC);
/// What only the filter for open tasks drops.
pub(crate) const DONE: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

/// Returns the moment by which filters judge an item: when an event is over for good, and whether a task is still open.
pub(crate) fn relevant_until(item: &Item, zone: &Zone) -> OffsetDateTime {
    match item {
        Item::Event(event) => last_end(event, zone).max(DONE),
        Item::Task(task) if task.complete == Some(true) => DONE,
        Item::Any(_) | Item::Contact(_) | Item::Email(_) | Item::Note(_) | Item::Task(_) => FOREVER,
    }
}

fn last_end(event: &Event, zone: &Zone) -> OffsetDateTime {
    let Some(start) = event.start else { return FOREVER };
    let end = event.end.unwrap_or(start);
    let Some(recurrence) = &event.recurrence else { return end };
    let length = end - start;
    let own = Zone::of_event(event.timezone.as_ref(), start, zone);
    let last = match Pattern::read(recurrence) {
        Ok(pattern) => match pattern.end {
            End::Never => return FOREVER,
            End::Until(until) => until,
            End::Count(_) => pattern.occurrences(start, &own).last().unwrap_or(start),
        },
        Err(_) => start,
    };
    let moved = event.exceptions.iter().flatten().filter_map(|exception| exception.end);
    moved.fold(last.saturating_add(length), |last, end| last.max(end))
}
