use activesync::codepage::{Tag, air_sync_base, calendar};
use activesync::meeting_id::GlobalObjectId;
use activesync::messages::{Event, Item, MeetingStatus, ResponseType};
use activesync::query::Version;
use time::OffsetDateTime;

/// Whose calendar an event is in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owner<'a> {
    pub(crate) name: &'a str,
    pub(crate) address: &'a str,
}

/// What clients must not send since 16.0.
const OF_THE_SERVER_SINCE_16: &[Tag] = &[
    calendar::DT_STAMP,
    calendar::UID,
    calendar::ORGANIZER_EMAIL,
    calendar::ORGANIZER_NAME,
    calendar::MEETING_STATUS,
    calendar::LOCATION,
];

/// What only servers say, whatever clients send.
const OF_THE_SERVER: &[Tag] = &[
    calendar::APPOINTMENT_REPLY_TIME,
    calendar::RESPONSE_TYPE,
    calendar::ONLINE_MEETING_CONF_LINK,
    calendar::ONLINE_MEETING_EXTERNAL_LINK,
    air_sync_base::NATIVE_BODY_TYPE,
];

/// Returns what counts of an item that a client sends; `None` if it says what it must not say.
pub(crate) fn uploaded(item: Item, version: Version) -> Option<Item> {
    let Item::Event(mut event) = item else { return Some(item) };
    if !may_upload(&event, version) {
        return None;
    }
    event.remove(OF_THE_SERVER);
    for exception in event.exceptions.iter_mut().flatten() {
        exception.remove(OF_THE_SERVER);
    }
    Some(event.into())
}

fn may_upload(event: &Event, version: Version) -> bool {
    if version < Version::V16_0 {
        return true;
    }
    let mut allowed = event.clone();
    allowed.remove(OF_THE_SERVER_SINCE_16);
    let attendees = event.attendees.iter().flatten();
    let mut exceptions = event.exceptions.iter().flatten();
    allowed == *event
        && attendees.into_iter().all(|attendee| attendee.status.is_none())
        && exceptions.all(|exception| {
            exception.original_start.is_none()
                && exception.location.is_none()
                && exception.dt_stamp.is_none()
                && exception.meeting_status.is_none()
        })
        && event.check(version).is_ok()
}

/// Completes an event with what the server says of it. `serial` tells it from all others of its owner.
pub(crate) fn complete(event: &mut Event, owner: Owner<'_>, now: OffsetDateTime, serial: u64) {
    let meeting = event.attendees.as_ref().is_some_and(|attendees| !attendees.is_empty());
    event.uid.get_or_insert_with(|| uid(owner, now, serial));
    event.dt_stamp.get_or_insert(now);
    event.organizer_email.get_or_insert_with(|| owner.address.to_owned());
    event.organizer_name.get_or_insert_with(|| owner.name.to_owned());
    let status = event.meeting_status.unwrap_or_default();
    if !status.is_received() {
        // An organiser's calendar tells no other answer than its own.
        let plain = if meeting { MeetingStatus::ORGANIZED } else { MeetingStatus::APPOINTMENT };
        let fits = status.is_meeting() == meeting && event.meeting_status.is_some();
        event.meeting_status = if fits { Some(status) } else { Some(plain) };
        event.response_type =
            Some(if meeting { ResponseType::Organizer } else { ResponseType::None });
    }
}

fn uid(owner: Owner<'_>, now: OffsetDateTime, serial: u64) -> String {
    let data = [owner.address.as_bytes(), &serial.to_be_bytes()].concat();
    let created = now.unix_timestamp().to_le_bytes();
    GlobalObjectId { instance: None, created, data }.uid()
}
