use std::collections::BTreeSet;

use activesync::codepage::{Tag, air_sync_base, calendar};
use activesync::messages::{Class, Contact, Event, Exception, Item, Location, supported};
use activesync::query::Version;
use activesync::recurrence;
use activesync::zone::Zone;
use time::{Duration, OffsetDateTime, PrimitiveDateTime, Time};

use super::form;

/// What becomes of properties that a change leaves out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ghosting {
    /// They stay.
    All,
    /// They are deleted.
    Nothing,
    /// These are deleted, others stay.
    Except(Vec<Tag>),
}

/// What a change never deletes by leaving it out: it is the server's.
const OF_THE_SERVER: [Tag; 3] =
    [calendar::UID, calendar::ORGANIZER_EMAIL, calendar::ORGANIZER_NAME];

impl Ghosting {
    /// Reads what a device said of a folder with its first request.
    pub(crate) fn of(class: Class, supported: Option<&[Tag]>, version: Version) -> Self {
        match (class, supported) {
            (Class::Calendar, _) if version >= Version::V16_0 => Self::All,
            (Class::Email | Class::Notes | Class::Tasks, _) | (_, Some([])) => Self::All,
            (Class::Calendar | Class::Contacts, None) => Self::Nothing,
            (Class::Calendar | Class::Contacts, Some(tags)) => Self::Except(tags.to_vec()),
        }
    }

    /// Returns what is deleted by a change that has the properties `present`.
    fn deleted(&self, class: Class, present: &BTreeSet<Tag>, version: Version) -> Vec<Tag> {
        let mut tags = supported(class, version.min(Version::V14_1)).unwrap_or_default();
        tags.retain(|tag| !present.contains(tag) && !OF_THE_SERVER.contains(tag));
        match self {
            Self::All => return Vec::new(),
            Self::Except(listed) => tags.retain(|tag| listed.contains(tag)),
            Self::Nothing => {}
        }
        if tags.contains(&calendar::LOCATION) {
            tags.push(air_sync_base::LOCATION);
        }
        tags
    }
}

/// Puts a change into its place, and notes in `cleared` what is gone by it.
macro_rules! put {
    ($old:expr, $change:expr, $deleted:expr) => {{
        let old = $old.as_ref();
        let mut new = old.clone();
        new.apply(*$change);
        new.remove(&$deleted);
        let change = new.changes_since(old);
        let gone = change.cleared.clone();
        new = old.clone();
        new.apply(change);
        new.cleared.extend(gone);
        new
    }};
}

/// Returns the item that `old` becomes by a change that came in the form of `version`; `None` if the classes differ.
pub(crate) fn merged(
    old: &Item,
    change: Item,
    ghosting: &Ghosting,
    version: Version,
    zone: &Zone,
) -> Option<Item> {
    Some(match old {
        Item::Any(_) | Item::Email(_) => return None,
        Item::Contact(old) => {
            let change = change.into_contact()?;
            let mut present = Contact::default().changes_since(&change).cleared;
            present.extend(&change.cleared);
            put!(old, change, ghosting.deleted(Class::Contacts, &present, version)).into()
        }
        Item::Event(old) => {
            let mut change = change.into_event()?;
            let deleted = ghosting.deleted(Class::Calendar, &present(&change), version);
            adopt(&mut change, old, version, zone);
            let mut new = put!(old, change, deleted);
            tidy(&mut new, old, version);
            new.into()
        }
        Item::Note(old) => put!(old, change.into_note()?, []).into(),
        Item::Task(old) => put!(old, change.into_task()?, []).into(),
    })
}

fn present(change: &Event) -> BTreeSet<Tag> {
    let mut present = Event::default().changes_since(change).cleared;
    present.extend(&change.cleared);
    for (tag, value) in [
        (calendar::ALL_DAY_EVENT, change.all_day),
        (calendar::RESPONSE_REQUESTED, change.response_requested),
        (calendar::DISALLOW_NEW_TIME_PROPOSAL, change.disallow_new_time_proposal),
    ] {
        if value.is_some() {
            present.insert(tag);
        }
    }
    present
}

/// Puts what a client says of an event into the form that is kept.
fn adopt(change: &mut Event, old: &Event, version: Version, zone: &Zone) {
    let all_day = change.all_day.or(old.all_day) == Some(true);
    let dates = version >= Version::V16_0 && all_day && change.timezone.is_none();
    let rules = change.timezone.as_ref().or(old.timezone.as_ref());
    let start = change.start.or(old.start);
    let own = start.map_or_else(|| zone.clone(), |start| Zone::of_event(rules, start, zone));
    let moment = |moment: OffsetDateTime| if dates { midnight(moment, &own) } else { moment };
    change.start = change.start.map(moment);
    change.end = change.end.map(moment);
    if change.timezone.is_none() && old.timezone.is_none() {
        change.timezone = start.map(|start| own.rules_at(start));
    }
    if let Some(text) = change.location.take() {
        change.place = place(&text, old.place.as_deref());
        if change.place.is_none() {
            change.cleared.insert(air_sync_base::LOCATION);
        }
    }
    for exception in change.exceptions.iter_mut().flatten() {
        exception.original_start = exception.original().map(moment);
        exception.instance_id = None;
        exception.start = exception.start.map(moment);
        exception.end = exception.end.map(moment);
        if let Some(text) = exception.location.take() {
            exception.place = Some(Box::new(Location::named(text)));
        }
    }
}

/// Takes a date that is written as midnight in UTC for midnight of the zone.
fn midnight(date: OffsetDateTime, zone: &Zone) -> OffsetDateTime {
    zone.moment(PrimitiveDateTime::new(date.to_utc().date(), Time::MIDNIGHT))
}

/// A place as text that names the known place changes nothing of it.
fn place(text: &str, old: Option<&Location>) -> Option<Box<Location>> {
    let known = old.filter(|old| old.display_name.as_deref() == Some(text));
    let place = known.cloned().unwrap_or_else(|| Location::named(text));
    (!text.is_empty()).then(|| Box::new(place))
}

/// Drops exceptions that have no series any more.
fn tidy(new: &mut Event, old: &Event, version: Version) {
    let moved = (&new.recurrence, new.start, new.end) != (&old.recurrence, old.start, old.end);
    let kept = new.exceptions == old.exceptions;
    let lost = new.recurrence.is_none() || version >= Version::V16_0 && moved && kept;
    if lost && new.exceptions.take().is_some() {
        new.cleared.insert(calendar::EXCEPTIONS);
    }
}

/// Returns the occurrence that a client means by `instance`, or `None` if the series has no such.
pub(crate) fn instance_named(
    event: &Event,
    instance: OffsetDateTime,
    version: Version,
    zone: &Zone,
) -> Option<OffsetDateTime> {
    let own = form::zone_of(event, zone);
    let dates = version >= Version::V16_0 && event.all_day == Some(true);
    let instance = if dates { midnight(instance, &own) } else { instance };
    event.recurrence.as_ref()?;
    let exceptions = event.exceptions.iter().flatten();
    let known = exceptions.into_iter().find(|known| known.original() == Some(instance));
    if let Some(known) = known {
        return (!known.is_deleted()).then_some(instance);
    }
    let window = instance..instance.saturating_add(Duration::seconds(1));
    let instances = recurrence::between(event, &own, window).ok()?;
    instances.iter().any(|found| found.original == Some(instance)).then_some(instance)
}

/// Returns the series with a change of one occurrence.
pub(crate) fn instance_changed(
    event: &Event,
    original: OffsetDateTime,
    mut change: Event,
    version: Version,
    zone: &Zone,
) -> Event {
    adopt(&mut change, event, version, zone);
    let exceptions = event.exceptions.clone().unwrap_or_default();
    let (mut known, mut others): (Vec<_>, Vec<_>) =
        exceptions.into_iter().partition(|known| known.original() == Some(original));
    let mut exception = known.pop().unwrap_or_default();
    exception.original_start = Some(original);
    override_with(&mut exception, change);
    others.push(exception);
    with_exceptions(event, others)
}

/// Returns the series without one occurrence.
pub(crate) fn instance_deleted(event: &Event, original: OffsetDateTime) -> Event {
    let mut others = event.exceptions.clone().unwrap_or_default();
    others.retain(|known| known.original() != Some(original));
    others.push(Exception::deletion(original));
    with_exceptions(event, others)
}

fn with_exceptions(event: &Event, mut exceptions: Vec<Exception>) -> Event {
    exceptions.sort_by_key(Exception::original);
    Event { exceptions: Some(exceptions), ..event.clone() }
}

/// A property that is there and empty overrides the one of the series too, so it is kept as such.
fn override_with(exception: &mut Exception, change: Event) {
    macro_rules! take {
        ($($field:ident)*) => {
            $(
                if change.$field.is_some() {
                    exception.$field = change.$field;
                }
            )*
        };
    }
    take!(subject start end place all_day busy_status reminder sensitivity categories attendees);
    take!(meeting_status body attachments dt_stamp appointment_reply_time response_type);
    exception.cleared.extend(change.cleared);
}
