//! Appointments and meetings.

mod attendee;
mod event;
mod exception;
mod location;
mod rules;
mod upload;

pub use attendee::{Attendee, AttendeeStatus, AttendeeType};
pub use event::{BusyStatus, Event, MeetingStatus, ResponseType, Sensitivity};
pub use exception::Exception;
pub use location::Location;
pub use rules::EventFault;

pub(super) use event::{BodyCodec, ZoneCodec};
