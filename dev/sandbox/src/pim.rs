//! Contacts, events, notes and tasks as the sandbox keeps them: one form for all versions.
//!
//! - An event has a zone, its place is a structure, exceptions are named by `original_start`, and an event of whole days starts
//!   and ends at midnight of its zone. [`form`] turns that into what a version knows, [`merge`] back.
//! - `cleared` lists what an item once had and has no more, so that a change can tell it.

mod check;
mod form;
mod merge;
mod owned;
mod when;

use std::sync::Arc;

use activesync::messages::{Event, Item};
use activesync::query::Version;
use activesync::zone::Zone;
use time::OffsetDateTime;

use crate::mailbox::Content;

pub(crate) use check::is_sound;
pub(crate) use form::{Purpose, shown};
pub(crate) use merge::{Ghosting, instance_changed, instance_deleted, instance_named, merged};
pub(crate) use owned::{Owner, complete, uploaded};
pub(crate) use when::{DONE, relevant_until};

/// Takes in a new item that came in the form of `version`; `None` for mails and for what has no class.
pub(crate) fn adopted(item: Item, version: Version, zone: &Zone) -> Option<Item> {
    merged(&Item::empty(item.class()?), item, &Ghosting::All, version, zone)
}

/// Returns what to put into a mailbox for an item, with the moment by which filters judge it.
pub(crate) fn content(item: Item, zone: &Zone) -> (Content, OffsetDateTime) {
    let until = relevant_until(&item, zone);
    (Content::Typed(Arc::new(item)), until)
}

/// Returns an item as the event that it is.
pub(crate) fn as_event(item: &Item) -> Option<&Event> {
    if let Item::Event(event) = item { Some(event) } else { None }
}

/// Lets the server complete an item with what it says of events.
pub(crate) fn completed(item: Item, owner: Owner<'_>, now: OffsetDateTime, serial: u64) -> Item {
    let Item::Event(mut event) = item else { return item };
    complete(&mut event, owner, now, serial);
    event.into()
}
