use bytes::Bytes;
use time::OffsetDateTime;

use super::calendar::{BusyStatus, Location, Sensitivity, ZoneCodec};
use super::decode::DecodeError;
use super::property::{
    Base64, Boolean, Code, Codec, Compact, Found, Inner, List, Long, Number, Text, children, codes,
    properties,
};
use super::recurrence::{EMAIL, Recurrence};
use crate::codepage::{
    Tag, air_sync_base, calendar, compose_mail, email as page, email2, meeting_response,
};
use crate::meeting_id::GlobalObjectId;
use crate::wbxml::{Reader, Writer};
use crate::zone::ZoneRules;

codes! {
    /// What part of a series a meeting request is about.
    pub enum InstanceType {
        /// No series.
        Single = 0,
        /// A whole series.
        Series = 1,
        /// One occurrence.
        Occurrence = 2,
        /// One occurrence that differs.
        Exception = 3,
        /// One occurrence of a series to which the user is not invited.
        Orphan = 4,
    }

    /// What a meeting mail is for; since 14.1.
    pub enum MeetingMessageType {
        /// Nothing to do.
        Silent = 0,
        /// A first invitation.
        Request = 1,
        /// Time or place changed.
        FullUpdate = 2,
        /// Other things changed.
        Informational = 3,
        /// A newer one came.
        Outdated = 4,
        /// The copy of somebody who answers for another.
        DelegatorCopy = 5,
        /// Somebody else answers: do not.
        Delegated = 6,
    }
}

children! {
    RecurrenceChild = page::RECURRENCE;
    ForwardeeChild = compose_mail::FORWARDEE;
}

properties! {
    /// Somebody to whom a meeting is forwarded.
    pub struct Forwardee {
        /// Name for people.
        name: String = Text, compose_mail::NAME;
        /// Address.
        email: String = Text, compose_mail::EMAIL;
    }
}

properties! {
    /// The meeting that a mail is about.
    pub struct MeetingRequest {
        /// Whether it takes whole days.
        all_day: bool = Boolean, page::ALL_DAY_EVENT;
        /// Start.
        start: OffsetDateTime = Long, page::START_TIME;
        /// When the request was made.
        dt_stamp: OffsetDateTime = Long, page::DT_STAMP;
        /// End, exclusive.
        end: OffsetDateTime = Long, page::END_TIME;
        /// What part of a series it is about.
        instance_type: InstanceType = Code<InstanceType>, page::INSTANCE_TYPE;
        /// Place as text; to 14.1.
        location: String = Text, page::LOCATION;
        /// Place; since 16.0.
        place: Location = Inner<Location>, air_sync_base::LOCATION;
        /// Who organises it.
        organizer: String = Text, page::ORGANIZER;
        /// Start that the series gives to the occurrence.
        recurrence_id: OffsetDateTime = Long, page::RECURRENCE_ID;
        /// Seconds, on some servers minutes, before the start at which to remind.
        reminder: u32 = Number<u32>, page::REMINDER;
        /// Whether the organiser wants an answer.
        response_requested: bool = Boolean, page::RESPONSE_REQUESTED;
        /// How it recurs; at most one.
        recurrences: Vec<Recurrence> = List<RecurrenceCodec, RecurrenceChild>, page::RECURRENCES;
        /// Who may see it.
        sensitivity: Sensitivity = Code<Sensitivity>, page::SENSITIVITY;
        /// How its time counts for others.
        busy_status: BusyStatus = Code<BusyStatus>, page::BUSY_STATUS;
        /// The zone whose clock it follows.
        timezone: ZoneRules = ZoneCodec, page::TIME_ZONE;
        /// Id of the meeting as bytes; to 14.1.
        global_object_id: Bytes = Base64, page::GLOBAL_OBJ_ID;
        /// Id of the meeting; since 16.0.
        uid: String = Text, calendar::UID;
        /// Whether attendees may not propose another time; since 14.0.
        disallow_new_time_proposal: bool = Boolean, page::DISALLOW_NEW_TIME_PROPOSAL;
        /// What the mail is for; since 14.1.
        message_type: MeetingMessageType = Code<MeetingMessageType>, email2::MEETING_MESSAGE_TYPE;
        /// To whom the meeting was forwarded; since 16.1.
        forwardees: Vec<Forwardee> = List<Inner<Forwardee>, ForwardeeChild>, compose_mail::FORWARDEES;
        /// Start that an attendee proposes instead; since 16.1.
        proposed_start: OffsetDateTime = Compact, meeting_response::PROPOSED_START_TIME;
        /// End that an attendee proposes instead; since 16.1.
        proposed_end: OffsetDateTime = Compact, meeting_response::PROPOSED_END_TIME;
    }
}

impl MeetingRequest {
    /// Returns the id of the meeting, as its calendar item has it.
    pub fn meeting_uid(&self) -> Option<String> {
        if let Some(uid) = self.uid.as_ref().filter(|uid| !uid.is_empty()) {
            return Some(uid.clone());
        }
        Some(GlobalObjectId::from_bytes(self.global_object_id.as_ref()?)?.uid())
    }

    /// Returns whether the user may answer: an answer is wanted, and nobody else gives it.
    pub fn wants_answer(&self) -> bool {
        let elsewhere = matches!(
            self.message_type,
            Some(MeetingMessageType::Delegated | MeetingMessageType::Outdated)
        );
        self.response_requested != Some(false) && !elsewhere
    }
}

struct RecurrenceCodec;

impl Codec for RecurrenceCodec {
    type Value = Recurrence;

    fn read(reader: &mut Reader<'_>) -> Result<Found<Recurrence>, DecodeError> {
        Recurrence::read(reader, &EMAIL).map(Found::Value)
    }

    fn write(writer: &mut Writer, tag: Tag, value: &Recurrence) {
        value.write(writer, tag, &EMAIL);
    }
}
