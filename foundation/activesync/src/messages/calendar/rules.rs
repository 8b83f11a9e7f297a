use time::{OffsetDateTime, Time};

use super::Event;
use crate::query::Version;
use crate::recurrence::{Pattern, PatternError};

/// Why a server would refuse an event, with item status 6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EventFault {
    /// An attendee has no address or no name.
    #[error("an attendee has no address or no name")]
    AttendeeIncomplete,
    /// It takes whole days, and start or end has a time of day; since 16.0.
    #[error("an all-day event has a time of day")]
    AllDayWithTime,
    /// It ends before it starts.
    #[error("the event ends before it starts")]
    EndBeforeStart,
    /// An exception takes whole days and the series does not, or the other way round.
    #[error("an exception and its series differ in taking whole days")]
    ExceptionAllDay,
    /// An exception does not say which occurrence it is.
    #[error("an exception does not name its occurrence")]
    ExceptionUnnamed,
    /// The recurrence is none.
    #[error("recurrence: {0}")]
    Recurrence(PatternError),
    /// A series has no zone; to 14.1.
    #[error("a series has no time zone")]
    SeriesWithoutZone,
    /// There are more categories or exceptions, or a longer id, than is allowed.
    #[error("too many categories or exceptions, or too long an id")]
    TooMuch,
}

const MOST_CATEGORIES: usize = 300;
const MOST_EXCEPTIONS: usize = 1000;
const LONGEST_ID: usize = 300;

impl Event {
    /// Checks what a server of this version checks before it takes an event.
    pub fn check(&self, version: Version) -> Result<(), EventFault> {
        let modern = version >= Version::V16_0;
        if let (Some(start), Some(end)) = (self.start, self.end)
            && end < start
        {
            return Err(EventFault::EndBeforeStart);
        }
        let all_day = self.all_day == Some(true);
        let timed = |moment: Option<OffsetDateTime>| {
            moment.is_some_and(|moment| moment.to_utc().time() != Time::MIDNIGHT)
        };
        if modern && all_day && (timed(self.start) || timed(self.end)) {
            return Err(EventFault::AllDayWithTime);
        }
        let full = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        let attendees = self.attendees.iter().flatten();
        if !attendees.clone().all(|attendee| full(&attendee.email) && attendee.name.is_some()) {
            return Err(EventFault::AttendeeIncomplete);
        }
        self.check_sizes()?;
        self.check_series(modern, all_day)
    }

    fn check_sizes(&self) -> Result<(), EventFault> {
        let long = |id: &Option<String>| {
            id.as_ref().is_some_and(|id| id.chars().nth(LONGEST_ID).is_some())
        };
        let count = |list: &Option<Vec<String>>| list.as_ref().map_or(0, Vec::len);
        let exceptions = self.exceptions.as_ref().map_or(0, Vec::len);
        let fits = count(&self.categories) <= MOST_CATEGORIES
            && exceptions <= MOST_EXCEPTIONS
            && !long(&self.uid)
            && !long(&self.client_uid);
        if fits { Ok(()) } else { Err(EventFault::TooMuch) }
    }

    fn check_series(&self, modern: bool, all_day: bool) -> Result<(), EventFault> {
        let Some(recurrence) = &self.recurrence else { return Ok(()) };
        if modern && *recurrence == Default::default() {
            return Ok(());
        }
        Pattern::check(recurrence).map_err(EventFault::Recurrence)?;
        if !modern && self.timezone.is_none() {
            return Err(EventFault::SeriesWithoutZone);
        }
        for exception in self.exceptions.iter().flatten() {
            if exception.original().is_none() {
                return Err(EventFault::ExceptionUnnamed);
            }
            if exception.all_day.is_some_and(|own| own != all_day) {
                return Err(EventFault::ExceptionAllDay);
            }
        }
        Ok(())
    }
}
