use super::contact::Contact;
use super::item::Class;
use crate::codepage::{Tag, air_sync_base, calendar, contacts};
use crate::query::Version;

/// What every list for a calendar must name.
const CALENDAR: &[Tag] = &[
    calendar::DT_STAMP,
    calendar::CATEGORIES,
    calendar::SENSITIVITY,
    calendar::BUSY_STATUS,
    calendar::UID,
    calendar::TIMEZONE,
    calendar::START_TIME,
    calendar::SUBJECT,
    calendar::LOCATION,
    calendar::END_TIME,
    calendar::RECURRENCE,
    calendar::ALL_DAY_EVENT,
    calendar::REMINDER,
    calendar::EXCEPTIONS,
    calendar::ATTENDEES,
    calendar::ORGANIZER_NAME,
    calendar::ORGANIZER_EMAIL,
    calendar::MEETING_STATUS,
];

const CALENDAR_SINCE_14: &[Tag] =
    &[calendar::RESPONSE_REQUESTED, calendar::DISALLOW_NEW_TIME_PROPOSAL];

const NOT_GHOSTABLE: &[Tag] = &[
    contacts::PICTURE,
    contacts::ALIAS,
    contacts::WEIGHTED_RANK,
    air_sync_base::BODY,
    air_sync_base::NATIVE_BODY_TYPE,
];

/// Returns what the first request of a folder may list as `Supported`: exactly the properties that can be ghosted. `cordon-pim` lists
/// nothing, because it sends entries whole, with the elements in `other`; servers judge the lists of other devices by it.
///
/// What is not listed is ghosted, so an upload that leaves it out does not delete it; what is listed and left out is deleted. `None`
/// where the class knows no ghosting, and for
/// calendars since 16.0, where everything is ghosted.
pub fn supported(class: Class, version: Version) -> Option<Vec<Tag>> {
    match class {
        Class::Calendar if version >= Version::V16_0 => None,
        Class::Calendar => {
            let later = if version >= Version::V14_0 { CALENDAR_SINCE_14 } else { &[] };
            Some([CALENDAR, later].concat())
        }
        Class::Contacts => {
            let ghostable = |tag: &&Tag| !NOT_GHOSTABLE.contains(tag);
            Some(Contact::TAGS.iter().filter(ghostable).copied().collect())
        }
        Class::Email | Class::Notes | Class::Tasks => None,
    }
}
