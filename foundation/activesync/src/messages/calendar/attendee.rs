use crate::codepage::{calendar, meeting_response};
use crate::messages::property::{Code, Compact, Text, codes, properties};
use time::OffsetDateTime;

codes! {
    /// What an attendee answered.
    pub enum AttendeeStatus {
        /// Nothing is known.
        Unknown = 0,
        /// Perhaps.
        Tentative = 2,
        /// Yes.
        Accepted = 3,
        /// No.
        Declined = 4,
        /// Not yet.
        NotResponded = 5,
    }

    /// How an attendee is wanted.
    pub enum AttendeeType {
        /// As a person whose presence is needed.
        Required = 1,
        /// As a person who may come.
        Optional = 2,
        /// As a room or a thing.
        Resource = 3,
    }
}

properties! {
    /// Somebody who is invited to a meeting. Address and name must be there.
    pub struct Attendee {
        /// Address.
        email: String = Text, calendar::EMAIL;
        /// Name for people.
        name: String = Text, calendar::NAME;
        /// What was answered; from the server only since 16.0.
        status: AttendeeStatus = Code<AttendeeStatus>, calendar::ATTENDEE_STATUS;
        /// How the attendee is wanted.
        kind: AttendeeType = Code<AttendeeType>, calendar::ATTENDEE_TYPE;
        /// Start that the attendee proposes instead; since 16.1, from the server.
        proposed_start: OffsetDateTime = Compact, meeting_response::PROPOSED_START_TIME;
        /// End that the attendee proposes instead; since 16.1, from the server.
        proposed_end: OffsetDateTime = Compact, meeting_response::PROPOSED_END_TIME;
    }
}

impl Attendee {
    /// Names somebody whose presence is needed.
    pub fn required(email: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            email: Some(email.into()),
            name: Some(name.into()),
            kind: Some(AttendeeType::Required),
            ..Self::default()
        }
    }
}
