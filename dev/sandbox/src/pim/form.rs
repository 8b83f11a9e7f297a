use activesync::codepage::{Tag, air_sync_base, calendar, contacts};
use activesync::messages::{Body, BodyType, Event, Item, Recurrence};
use activesync::query::Version;
use activesync::zone::Zone;
use bytes::Bytes;
use time::{OffsetDateTime, Time};

use crate::render::{self, Wanted};

/// For what an item is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To somebody who knew it: what is gone is there and empty.
    Change,
    /// To somebody who may not know it.
    Whole,
}

const SINCE_14_0: &[Tag] = &[
    calendar::RESPONSE_REQUESTED,
    calendar::DISALLOW_NEW_TIME_PROPOSAL,
    calendar::APPOINTMENT_REPLY_TIME,
    calendar::RESPONSE_TYPE,
    contacts::ALIAS,
    contacts::WEIGHTED_RANK,
];
const SINCE_14_1: &[Tag] =
    &[calendar::ONLINE_MEETING_CONF_LINK, calendar::ONLINE_MEETING_EXTERNAL_LINK];
const SINCE_16_0: &[Tag] =
    &[calendar::CLIENT_UID, air_sync_base::LOCATION, air_sync_base::ATTACHMENTS];

/// Returns a kept item as a device of `version` is shown it.
pub(crate) fn shown(
    item: &Item,
    version: Version,
    wanted: &Wanted,
    zone: &Zone,
    purpose: Purpose,
) -> Item {
    let later = later_than(version);
    macro_rules! fit {
        ($item:expr) => {{
            let mut item = (**$item).clone();
            if purpose == Purpose::Whole {
                item.cleared.clear();
            }
            item.native_body_type = item.body.as_ref().map(|body| body.kind);
            item.body = item.body.take().map(|whole| body(&whole, wanted, version));
            item.remove(&later);
            item
        }};
    }
    match item {
        Item::Any(_) | Item::Email(_) => item.clone(),
        Item::Contact(contact) => fit!(contact).into(),
        Item::Note(note) => fit!(note).into(),
        Item::Task(task) => {
            let mut task = fit!(task);
            if let Some(recurrence) = &mut task.recurrence {
                fit_recurrence(&mut recurrence.recurrence, version);
            }
            task.into()
        }
        Item::Event(event) => {
            let location = event.place.as_ref().and_then(|place| place.display_name.clone());
            let lost = event.cleared.contains(&air_sync_base::LOCATION);
            let mut shown = fit!(event);
            if version < Version::V16_0 {
                shown.location = location;
                if lost && purpose == Purpose::Change {
                    shown.cleared.insert(calendar::LOCATION);
                }
            }
            fit_event(&mut shown, version, wanted, &zone_of(event, zone), &later);
            shown.into()
        }
    }
}

/// Returns the zone by whose clock a kept event goes.
pub(super) fn zone_of(event: &Event, zone: &Zone) -> Zone {
    let start = event.start.unwrap_or(OffsetDateTime::UNIX_EPOCH);
    Zone::of_event(event.timezone.as_ref(), start, zone)
}

fn later_than(version: Version) -> Vec<Tag> {
    let mut later = Vec::new();
    for (since, tags) in
        [(Version::V14_0, SINCE_14_0), (Version::V14_1, SINCE_14_1), (Version::V16_0, SINCE_16_0)]
    {
        if version < since {
            later.extend_from_slice(tags);
        }
    }
    later
}

fn fit_recurrence(recurrence: &mut Recurrence, version: Version) {
    if version < Version::V14_1 {
        recurrence.first_day_of_week = None;
    }
    if version < Version::V14_0 {
        (recurrence.calendar_type, recurrence.is_leap_month) = (None, None);
    }
}

fn fit_event(event: &mut Event, version: Version, wanted: &Wanted, own: &Zone, later: &[Tag]) {
    let modern = version >= Version::V16_0;
    let dates = modern && event.all_day == Some(true);
    let moment = |moment: OffsetDateTime| if dates { date(moment, own) } else { moment };
    event.start = event.start.map(moment);
    event.end = event.end.map(moment);
    if dates {
        event.timezone = None;
    }
    if let Some(recurrence) = &mut event.recurrence {
        fit_recurrence(recurrence, version);
    }
    if let Some(attachments) = &mut event.attachments {
        attachments.add.clear();
    }
    for exception in event.exceptions.iter_mut().flatten() {
        let original = exception.original().map(moment);
        exception.start = exception.start.map(moment);
        exception.end = exception.end.map(moment);
        exception.body = exception.body.take().map(|whole| body(&whole, wanted, version));
        if modern {
            (exception.original_start, exception.instance_id) = (None, original);
        } else {
            exception.original_start = original;
            exception.location =
                exception.place.take().map(|place| place.display_name.unwrap_or_default());
        }
        exception.remove(later);
        if version < Version::V14_0 {
            exception.attendees = None;
        }
    }
    if version < Version::V16_1 {
        for attendee in event.attendees.iter_mut().flatten() {
            (attendee.proposed_start, attendee.proposed_end) = (None, None);
        }
    }
}

/// Writes the day that the clock shows as midnight in UTC.
fn date(moment: OffsetDateTime, zone: &Zone) -> OffsetDateTime {
    zone.local(moment).replace_time(Time::MIDNIGHT).assume_utc()
}

/// Returns a body in the form that is wanted; without a wish only its size.
fn body(whole: &Body, wanted: &Wanted, version: Version) -> Body {
    let data = whole.data.clone().unwrap_or_default();
    let preference = |kind| wanted.preferences.iter().find(|preference| preference.kind == kind);
    let chosen = preference(whole.kind)
        .or_else(|| preference(BodyType::Html))
        .or_else(|| preference(BodyType::Text));
    let Some(chosen) = chosen else {
        return Body { truncated: true, data: None, ..Body::whole(whole.kind, data) };
    };
    let mut body = render::cut(chosen, converted(&data, whole.kind, chosen.kind));
    body.preview = chosen.preview.filter(|_| version >= Version::V14_0).map(|length| {
        let text = converted(&data, whole.kind, BodyType::Text);
        String::from_utf8_lossy(&text).chars().take(length.into()).collect()
    });
    body
}

fn converted(data: &Bytes, from: BodyType, to: BodyType) -> Bytes {
    let text = String::from_utf8_lossy(data);
    match (from, to) {
        (BodyType::Html, BodyType::Text) => {
            Bytes::from(mail_parser::decoders::html::html_to_text(&text))
        }
        (BodyType::Text, BodyType::Html) => {
            Bytes::from(mail_parser::decoders::html::text_to_html(&text))
        }
        (BodyType::Html | BodyType::Mime | BodyType::Rtf | BodyType::Text, _) => data.clone(),
    }
}
