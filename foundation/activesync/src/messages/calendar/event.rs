use time::OffsetDateTime;

use super::{Attendee, Exception, Location};
use crate::codepage::{Tag, air_sync_base, calendar as page};
use crate::messages::DecodeError;
use crate::messages::attachments::{Attachments, AttachmentsCodec};
use crate::messages::body::{Body, BodyType};
use crate::messages::property::{
    Boolean, Boxed, Code, Codec, Compact, Found, Inner, List, Number, Text, children, codes,
    properties,
};
use crate::messages::recurrence::Recurrence;
use crate::wbxml::{Reader, Writer};
use crate::zone::ZoneRules;

codes! {
    /// How the time of an event counts for others. An unknown state (−1) is as good as absent.
    pub enum BusyStatus {
        /// Free.
        Free = 0,
        /// Perhaps busy.
        Tentative = 1,
        /// Busy.
        Busy = 2,
        /// Out of office.
        OutOfOffice = 3,
        /// Working elsewhere; from the server only, since 16.0.
        WorkingElsewhere = 4,
    }

    /// Who may see an item.
    pub enum Sensitivity {
        /// Everybody with access to the folder.
        Normal = 0,
        /// As normal, marked as personal.
        Personal = 1,
        /// Its owner.
        Private = 2,
        /// As private, marked as confidential.
        Confidential = 3,
    }

    /// What the user answered to an invitation; from the server, since 14.0.
    pub enum ResponseType {
        /// Nothing, and no answer is wanted.
        None = 0,
        /// The user is the organiser.
        Organizer = 1,
        /// Perhaps.
        Tentative = 2,
        /// Yes.
        Accepted = 3,
        /// No.
        Declined = 4,
        /// Not yet.
        NotResponded = 5,
    }
}

/// Whether an event is a meeting, whose, and whether it still takes place: bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct MeetingStatus(pub u8);

impl MeetingStatus {
    /// An appointment of the user alone.
    pub const APPOINTMENT: Self = Self(0);
    /// A meeting that the user organises.
    pub const ORGANIZED: Self = Self(1);
    /// A meeting to which the user is invited.
    pub const RECEIVED: Self = Self(3);
    /// A meeting that the user has cancelled.
    pub const CANCELLED: Self = Self(5);
    /// A meeting to which the user was invited, cancelled.
    pub const CANCELLED_RECEIVED: Self = Self(7);

    /// Returns whether it is a meeting.
    pub fn is_meeting(self) -> bool {
        self.0 & 1 != 0
    }

    /// Returns whether somebody else organises it.
    pub fn is_received(self) -> bool {
        self.0 & 2 != 0
    }

    /// Returns whether it is cancelled.
    pub fn is_cancelled(self) -> bool {
        self.0 & 4 != 0
    }
}

impl TryFrom<i64> for MeetingStatus {
    type Error = std::num::TryFromIntError;

    fn try_from(number: i64) -> Result<Self, Self::Error> {
        u8::try_from(number).map(Self)
    }
}

impl From<MeetingStatus> for i64 {
    fn from(status: MeetingStatus) -> Self {
        Self::from(status.0)
    }
}

children! {
    AttendeeChild = page::ATTENDEE;
    CategoryChild = page::CATEGORY;
    ExceptionChild = page::EXCEPTION;
}

properties! {
    /// An appointment, a meeting, or a series of them.
    ///
    /// As an item it is complete; as a change it holds only what changed.
    pub struct Event {
        /// The zone whose clock the event follows; series need it. All-day events of 16.0 and later have none.
        timezone: ZoneRules = ZoneCodec, page::TIMEZONE;
        /// Whether it takes whole days.
        all_day: bool = Boolean, page::ALL_DAY_EVENT;
        /// How its time counts for others.
        busy_status: BusyStatus = Code<BusyStatus>, page::BUSY_STATUS;
        /// Name of who organises it.
        organizer_name: String = Text, page::ORGANIZER_NAME;
        /// Address of who organises it.
        organizer_email: String = Text, page::ORGANIZER_EMAIL;
        /// When it was made or changed; not sent by clients since 16.0.
        dt_stamp: OffsetDateTime = Compact, page::DT_STAMP;
        /// End, exclusive.
        end: OffsetDateTime = Compact, page::END_TIME;
        /// Place as text; to 14.1.
        location: String = Text, page::LOCATION;
        /// Place; since 16.0.
        place: Box<Location> = Boxed<Inner<Location>>, air_sync_base::LOCATION;
        /// Minutes before the start at which to remind.
        reminder: u32 = Number<u32>, page::REMINDER;
        /// Who may see it.
        sensitivity: Sensitivity = Code<Sensitivity>, page::SENSITIVITY;
        /// Subject.
        subject: String = Text, page::SUBJECT;
        /// Start; of a series, of its first occurrence.
        start: OffsetDateTime = Compact, page::START_TIME;
        /// Id that all participants share, up to 300 characters; made by the client to 14.1, then by the server.
        uid: String = Text, page::UID;
        /// Id that the client makes for a new event and keeps for retries; since 16.0.
        client_uid: String = Text, page::CLIENT_UID;
        /// Whether it is a meeting, whose, and whether it still takes place.
        meeting_status: MeetingStatus = Number<MeetingStatus>, page::MEETING_STATUS;
        /// Who is invited.
        attendees: Vec<Attendee> = List<Inner<Attendee>, AttendeeChild>, page::ATTENDEES;
        /// Categories.
        categories: Vec<String> = List<Text, CategoryChild>, page::CATEGORIES;
        /// How it recurs. In a change of 16.0 and later an empty one makes a series a single event.
        recurrence: Recurrence = Inner<Recurrence>, page::RECURRENCE;
        /// Occurrences that differ from the series or are deleted.
        exceptions: Vec<Exception> = List<Inner<Exception>, ExceptionChild>, page::EXCEPTIONS;
        /// Whether the organiser wants answers; since 14.0.
        response_requested: bool = Boolean, page::RESPONSE_REQUESTED;
        /// When the user answered; from the server, since 14.0.
        appointment_reply_time: OffsetDateTime = Compact, page::APPOINTMENT_REPLY_TIME;
        /// What the user answered; from the server, since 14.0.
        response_type: ResponseType = Code<ResponseType>, page::RESPONSE_TYPE;
        /// Whether attendees may not propose another time; since 14.0.
        disallow_new_time_proposal: bool = Boolean, page::DISALLOW_NEW_TIME_PROPOSAL;
        /// Link of the online meeting; from the server, since 14.1.
        online_meeting_conf_link: String = Text, page::ONLINE_MEETING_CONF_LINK;
        /// Web address of the online meeting; from the server, since 14.1.
        online_meeting_external_link: String = Text, page::ONLINE_MEETING_EXTERNAL_LINK;
        /// Description.
        body: Body = BodyCodec, air_sync_base::BODY;
        /// Form in which the server stores the description.
        native_body_type: BodyType = Code<BodyType>, air_sync_base::NATIVE_BODY_TYPE;
        /// Attachments; since 16.0.
        attachments: Attachments = AttachmentsCodec, air_sync_base::ATTACHMENTS;
    }
}

pub(in crate::messages) struct ZoneCodec;

impl Codec for ZoneCodec {
    type Value = ZoneRules;

    fn read(reader: &mut Reader<'_>) -> Result<Found<ZoneRules>, DecodeError> {
        Ok(Found::parse(&reader.text()?, ZoneRules::parse))
    }

    fn write(writer: &mut Writer, tag: Tag, value: &ZoneRules) {
        writer.text(tag, &value.to_base64());
    }
}

pub(in crate::messages) struct BodyCodec;

impl Codec for BodyCodec {
    type Value = Body;

    fn read(reader: &mut Reader<'_>) -> Result<Found<Body>, DecodeError> {
        Body::find(reader)
    }

    fn write(writer: &mut Writer, _tag: Tag, value: &Body) {
        value.write(writer);
    }
}
