use super::{Event, Location};
use crate::codepage::{Tag, air_sync_base, calendar as page, meeting_response};
use crate::query::Version;

/// What only the server says of an event or an exception.
const OF_THE_SERVER: &[Tag] = &[
    page::APPOINTMENT_REPLY_TIME,
    page::RESPONSE_TYPE,
    page::ONLINE_MEETING_CONF_LINK,
    page::ONLINE_MEETING_EXTERNAL_LINK,
    air_sync_base::NATIVE_BODY_TYPE,
];

/// What is the server's business since 16.0.
const OF_THE_SERVER_SINCE_16: &[Tag] = &[
    page::DT_STAMP,
    page::UID,
    page::ORGANIZER_NAME,
    page::ORGANIZER_EMAIL,
    page::MEETING_STATUS,
    page::LOCATION,
    page::EXCEPTION_START_TIME,
];

/// What came with 16.0.
const SINCE_16: &[Tag] = &[
    page::CLIENT_UID,
    air_sync_base::LOCATION,
    air_sync_base::ATTACHMENTS,
    air_sync_base::INSTANCE_ID,
];

/// What came with 14.0.
const SINCE_14: &[Tag] = &[page::RESPONSE_REQUESTED, page::DISALLOW_NEW_TIME_PROPOSAL];

impl Event {
    /// Puts an event into the form in which a client may send it to a server of this version: without what is the server's
    /// business and without what came later, and with the place in the form that the version has.
    pub fn prepare_upload(&mut self, version: Version) {
        self.remove(OF_THE_SERVER);
        let modern = version >= Version::V16_0;
        convert_place(modern, &mut self.location, &mut self.place);
        for attendee in self.attendees.iter_mut().flatten() {
            let proposals =
                [meeting_response::PROPOSED_START_TIME, meeting_response::PROPOSED_END_TIME];
            attendee.remove(&proposals);
            if modern {
                attendee.remove(&[page::ATTENDEE_STATUS]);
            }
        }
        if modern {
            self.remove(OF_THE_SERVER_SINCE_16);
            if self.all_day == Some(true) {
                self.remove(&[page::TIMEZONE]);
            }
        } else {
            self.remove(SINCE_16);
            if version < Version::V14_0 {
                self.remove(SINCE_14);
            }
        }
        if let Some(recurrence) = &mut self.recurrence {
            if version < Version::V14_1 {
                recurrence.first_day_of_week = None;
            }
            if version < Version::V14_0 {
                (recurrence.calendar_type, recurrence.is_leap_month) = (None, None);
            }
        }
        self.prepare_exceptions(version);
    }

    fn prepare_exceptions(&mut self, version: Version) {
        for exception in self.exceptions.iter_mut().flatten() {
            let original = exception.original();
            exception.remove(OF_THE_SERVER);
            if version >= Version::V16_0 {
                convert_place(true, &mut exception.location, &mut exception.place);
                exception.remove(OF_THE_SERVER_SINCE_16);
                exception.instance_id = original;
            } else {
                convert_place(false, &mut exception.location, &mut exception.place);
                exception.remove(SINCE_16);
                exception.original_start = original;
                if version < Version::V14_0 {
                    exception.remove(&[page::ATTENDEES]);
                }
            }
        }
    }
}

fn convert_place(modern: bool, text: &mut Option<String>, place: &mut Option<Box<Location>>) {
    if modern {
        if let (Some(name), None) = (&text, &place) {
            *place = Some(Box::new(Location::named(name)));
        }
    } else if let (None, Some(name)) =
        (&text, place.as_ref().and_then(|place| place.display_name.as_ref()))
    {
        *text = Some(name.clone());
    }
}
