use time::OffsetDateTime;

use super::event::{BodyCodec, BusyStatus, MeetingStatus, ResponseType, Sensitivity};
use super::{Attendee, Event, Location};
use crate::codepage::{air_sync_base, calendar as page};
use crate::messages::attachments::{Attachments, AttachmentsCodec};
use crate::messages::body::Body;
use crate::messages::property::{
    Boolean, Boxed, Code, Compact, Inner, List, Number, Text, children, properties,
};

children! {
    AttendeeChild = page::ATTENDEE;
    CategoryChild = page::CATEGORY;
}

properties! {
    /// An occurrence that differs from its series or is deleted.
    ///
    /// What is absent is as in the series; what is there and empty is cleared.
    pub struct Exception {
        /// Whether the occurrence is deleted.
        deleted: bool = Boolean, page::DELETED;
        /// Start that the series gives to the occurrence; to 14.1.
        original_start: OffsetDateTime = Compact, page::EXCEPTION_START_TIME;
        /// Start that the series gives to the occurrence; since 16.0.
        instance_id: OffsetDateTime = Compact, air_sync_base::INSTANCE_ID;
        /// Subject.
        subject: String = Text, page::SUBJECT;
        /// Start.
        start: OffsetDateTime = Compact, page::START_TIME;
        /// End, exclusive.
        end: OffsetDateTime = Compact, page::END_TIME;
        /// Place as text; to 14.1.
        location: String = Text, page::LOCATION;
        /// Place; since 16.0.
        place: Box<Location> = Boxed<Inner<Location>>, air_sync_base::LOCATION;
        /// Whether it takes whole days; as the series.
        all_day: bool = Boolean, page::ALL_DAY_EVENT;
        /// How its time counts for others.
        busy_status: BusyStatus = Code<BusyStatus>, page::BUSY_STATUS;
        /// Minutes before the start at which to remind.
        reminder: u32 = Number<u32>, page::REMINDER;
        /// Who may see it.
        sensitivity: Sensitivity = Code<Sensitivity>, page::SENSITIVITY;
        /// When it was made or changed.
        dt_stamp: OffsetDateTime = Compact, page::DT_STAMP;
        /// Whether it is a meeting, whose, and whether it still takes place.
        meeting_status: MeetingStatus = Number<MeetingStatus>, page::MEETING_STATUS;
        /// Categories; all of them.
        categories: Vec<String> = List<Text, CategoryChild>, page::CATEGORIES;
        /// Who is invited; all of them. Since 14.0.
        attendees: Vec<Attendee> = List<Inner<Attendee>, AttendeeChild>, page::ATTENDEES;
        /// When the user answered; from the server, since 14.0.
        appointment_reply_time: OffsetDateTime = Compact, page::APPOINTMENT_REPLY_TIME;
        /// What the user answered; from the server, since 14.0.
        response_type: ResponseType = Code<ResponseType>, page::RESPONSE_TYPE;
        /// Link of the online meeting; from the server, since 14.1.
        online_meeting_conf_link: String = Text, page::ONLINE_MEETING_CONF_LINK;
        /// Web address of the online meeting; from the server, since 14.1.
        online_meeting_external_link: String = Text, page::ONLINE_MEETING_EXTERNAL_LINK;
        /// Description.
        body: Body = BodyCodec, air_sync_base::BODY;
        /// Attachments; since 16.0.
        attachments: Attachments = AttachmentsCodec, air_sync_base::ATTACHMENTS;
    }
}

impl Exception {
    /// Deletes the occurrence that the series starts at `original_start`.
    pub fn deletion(original_start: OffsetDateTime) -> Self {
        Self { deleted: Some(true), original_start: Some(original_start), ..Self::default() }
    }

    /// Returns the start that the series gives to the occurrence, in whichever form it came.
    pub fn original(&self) -> Option<OffsetDateTime> {
        self.instance_id.or(self.original_start)
    }

    /// Returns whether the occurrence is deleted.
    pub fn is_deleted(&self) -> bool {
        self.deleted == Some(true)
    }

    /// Takes what the exception says as a change of the occurrence.
    pub fn into_change(self) -> Event {
        Event {
            subject: self.subject,
            start: self.start,
            end: self.end,
            location: self.location,
            place: self.place,
            all_day: self.all_day,
            busy_status: self.busy_status,
            reminder: self.reminder,
            sensitivity: self.sensitivity,
            dt_stamp: self.dt_stamp,
            meeting_status: self.meeting_status,
            categories: self.categories,
            attendees: self.attendees,
            appointment_reply_time: self.appointment_reply_time,
            response_type: self.response_type,
            online_meeting_conf_link: self.online_meeting_conf_link,
            online_meeting_external_link: self.online_meeting_external_link,
            body: self.body,
            attachments: self.attachments,
            cleared: self.cleared,
            other: self.other,
            ..Event::default()
        }
    }

    /// Returns the occurrence as an event of its own: what the exception says, and the rest as in `series`.
    ///
    /// `start` is when the series lets it start, and `end` when it lets it end.
    pub fn occurrence(&self, series: &Event, start: OffsetDateTime, end: OffsetDateTime) -> Event {
        let mut event = Event { recurrence: None, exceptions: None, ..series.clone() };
        event.start = Some(start);
        event.end = Some(end);
        event.apply(self.clone().into_change());
        event
    }
}
