use time::{Month, OffsetDateTime, Weekday};

use crate::messages::Recurrence;

/// A checked recurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pattern {
    /// On which days.
    pub rule: Rule,
    /// Every how many days, weeks, months or years; at least 1.
    pub interval: u16,
    /// Until when.
    pub end: End,
    /// Day on which weeks begin.
    pub first_day: Weekday,
}

/// The days of a recurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Days, of which only those count that are such weekdays.
    Daily(Weekdays),
    /// These days of the week.
    Weekly(Weekdays),
    /// A day of the month; in a shorter month its last day.
    MonthlyByDate(u8),
    /// The nth (1 to 4) or last (5) of these days in the month.
    MonthlyByWeekday(u8, Weekdays),
    /// A day of the year; in a shorter month its last day.
    YearlyByDate(Month, u8),
    /// The nth (1 to 4) or last (5) of these days in a month of the year.
    YearlyByWeekday(Month, u8, Weekdays),
}

/// When a recurrence ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// After so many occurrences.
    Count(u16),
    /// Never.
    Never,
    /// With the last occurrence that starts at this moment or before.
    Until(OffsetDateTime),
}

/// Days of the week: Sunday 1, Monday 2, Tuesday 4 and so on. Never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Weekdays(u8);

impl Weekdays {
    /// All days.
    pub const ALL: Self = Self(127);
    /// Monday to Friday.
    pub const WORKDAYS: Self = Self(62);
    /// Saturday and Sunday.
    pub const WEEKEND: Self = Self(65);

    /// Reads the number on the wire, 1 to 127.
    pub fn new(code: u16) -> Option<Self> {
        u8::try_from(code).ok().filter(|code| (1..=127).contains(code)).map(Self)
    }

    /// Returns the number on the wire.
    pub fn code(self) -> u16 {
        u16::from(self.0)
    }

    /// Returns whether `day` is among them.
    pub fn contains(self, day: Weekday) -> bool {
        self.0 >> day.number_days_from_sunday() & 1 != 0
    }
}

impl From<Weekday> for Weekdays {
    fn from(day: Weekday) -> Self {
        Self(1 << day.number_days_from_sunday())
    }
}

/// A part of a recurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the protocol's")]
pub enum Field {
    CalendarType,
    DayOfMonth,
    DayOfWeek,
    FirstDayOfWeek,
    Interval,
    MonthOfYear,
    Occurrences,
    Type,
    WeekOfMonth,
}

/// Why a recurrence is none. A server answers with item status 6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// A part is missing that this kind of recurrence needs.
    #[error("{0:?} is missing")]
    Missing(Field),
    /// A part is there that this kind of recurrence does not have.
    #[error("{0:?} does not belong there")]
    NotAllowed(Field),
    /// A part has a value that it cannot have.
    #[error("{0:?} is out of range")]
    OutOfRange(Field),
    /// It follows a calendar with other months: it says nothing to whoever knows the Gregorian ones only.
    #[error("calendar {0} has other months than the Gregorian one")]
    UnsupportedCalendar(u8),
}

/// The most intervals and occurrences.
const MOST: u16 = 999;

impl Pattern {
    /// Checks a recurrence as strictly as servers do.
    pub fn check(wire: &Recurrence) -> Result<Self, PatternError> {
        let kind = wire.kind.ok_or(PatternError::Missing(Field::Type))?;
        let given = [
            (Field::DayOfMonth, wire.day_of_month.is_some()),
            (Field::DayOfWeek, wire.day_of_week.is_some()),
            (Field::MonthOfYear, wire.month_of_year.is_some()),
            (Field::WeekOfMonth, wire.week_of_month.is_some()),
        ];
        let (needs_interval, barred): (bool, &[Field]) = match kind {
            0 | 1 => (true, &[Field::DayOfMonth, Field::MonthOfYear, Field::WeekOfMonth]),
            2 => (true, &[Field::DayOfWeek, Field::WeekOfMonth, Field::MonthOfYear]),
            3 => (true, &[Field::DayOfMonth, Field::MonthOfYear]),
            5 => (false, &[Field::DayOfWeek, Field::WeekOfMonth]),
            6 => (false, &[Field::DayOfMonth]),
            _ => return Err(PatternError::OutOfRange(Field::Type)),
        };
        if let Some((field, _)) = given.iter().find(|(field, is)| *is && barred.contains(field)) {
            return Err(PatternError::NotAllowed(*field));
        }
        if needs_interval && wire.interval.is_none() {
            return Err(PatternError::Missing(Field::Interval));
        }
        let within = |value: Option<u16>, field| match value {
            Some(value) if !(1..=MOST).contains(&value) => Err(PatternError::OutOfRange(field)),
            _ => Ok(()),
        };
        within(wire.interval, Field::Interval)?;
        within(wire.occurrences, Field::Occurrences)?;
        if wire.first_day_of_week.is_some_and(|day| day > 6) {
            return Err(PatternError::OutOfRange(Field::FirstDayOfWeek));
        }
        if matches!(wire.calendar_type, Some(13 | 16..=19 | 21..)) {
            return Err(PatternError::OutOfRange(Field::CalendarType));
        }
        Self::read(wire)
    }

    /// Reads a recurrence by the Gregorian calendar, making the best of what servers write: needless parts are passed over, and a
    /// missing interval is 1. [`starts`](super::starts) knows more calendars.
    pub fn read(wire: &Recurrence) -> Result<Self, PatternError> {
        match Self::read_parts(wire)? {
            (pattern, None) => Ok(pattern),
            (_, Some(calendar)) => Err(PatternError::UnsupportedCalendar(calendar)),
        }
    }

    /// Reads a recurrence, with the number of the calendar that its months are those of, if that is not the Gregorian one.
    pub(super) fn read_parts(wire: &Recurrence) -> Result<(Self, Option<u8>), PatternError> {
        let kind = wire.kind.ok_or(PatternError::Missing(Field::Type))?;
        let rule = match kind {
            0 => Rule::Daily(wire.day_of_week.and_then(Weekdays::new).unwrap_or(Weekdays::ALL)),
            1 => Rule::Weekly(weekdays(wire)?),
            2 => Rule::MonthlyByDate(day(wire)?),
            3 => Rule::MonthlyByWeekday(week(wire)?, weekdays(wire)?),
            5 => Rule::YearlyByDate(month(wire)?, day(wire)?),
            6 => Rule::YearlyByWeekday(month(wire)?, week(wire)?, weekdays(wire)?),
            _ => return Err(PatternError::OutOfRange(Field::Type)),
        };
        let calendar = match (kind, wire.calendar_type) {
            (2 | 3 | 5 | 6, Some(calendar @ (6 | 8 | 13..))) => Some(calendar),
            _ => None,
        };
        let pattern = Self {
            rule,
            interval: wire.interval.unwrap_or(1).max(1),
            end: match (wire.occurrences, wire.until) {
                (Some(count), _) => End::Count(count),
                (None, Some(until)) => End::Until(until),
                (None, None) => End::Never,
            },
            first_day: Weekday::Sunday.nth_next(wire.first_day_of_week.unwrap_or(0) % 7),
        };
        Ok((pattern, calendar))
    }

    /// Writes the recurrence with the parts that its kind has.
    pub fn to_wire(self) -> Recurrence {
        let mut wire = Recurrence { interval: Some(self.interval), ..Recurrence::default() };
        match self.rule {
            Rule::Daily(days) => {
                wire.kind = Some(0);
                wire.day_of_week = (days != Weekdays::ALL).then_some(days.code());
            }
            Rule::Weekly(days) => {
                wire.kind = Some(1);
                wire.day_of_week = Some(days.code());
                wire.first_day_of_week = Some(self.first_day.number_days_from_sunday());
            }
            Rule::MonthlyByDate(day) => {
                wire.kind = Some(2);
                wire.day_of_month = Some(day);
            }
            Rule::MonthlyByWeekday(week, days) => {
                wire.kind = Some(3);
                wire.week_of_month = Some(week);
                wire.day_of_week = Some(days.code());
            }
            Rule::YearlyByDate(month, day) => {
                wire.kind = Some(5);
                wire.month_of_year = Some(month.into());
                wire.day_of_month = Some(day);
            }
            Rule::YearlyByWeekday(month, week, days) => {
                wire.kind = Some(6);
                wire.month_of_year = Some(month.into());
                wire.week_of_month = Some(week);
                wire.day_of_week = Some(days.code());
            }
        }
        match self.end {
            End::Count(count) => wire.occurrences = Some(count),
            End::Never => {}
            End::Until(until) => wire.until = Some(until),
        }
        wire
    }
}

fn weekdays(wire: &Recurrence) -> Result<Weekdays, PatternError> {
    let code = wire.day_of_week.ok_or(PatternError::Missing(Field::DayOfWeek))?;
    Weekdays::new(code).ok_or(PatternError::OutOfRange(Field::DayOfWeek))
}

fn day(wire: &Recurrence) -> Result<u8, PatternError> {
    let day = wire.day_of_month.ok_or(PatternError::Missing(Field::DayOfMonth))?;
    if (1..=31).contains(&day) { Ok(day) } else { Err(PatternError::OutOfRange(Field::DayOfMonth)) }
}

fn week(wire: &Recurrence) -> Result<u8, PatternError> {
    let week = wire.week_of_month.ok_or(PatternError::Missing(Field::WeekOfMonth))?;
    if (1..=5).contains(&week) {
        Ok(week)
    } else {
        Err(PatternError::OutOfRange(Field::WeekOfMonth))
    }
}

fn month(wire: &Recurrence) -> Result<Month, PatternError> {
    let month = wire.month_of_year.ok_or(PatternError::Missing(Field::MonthOfYear))?;
    Month::try_from(month).map_err(|_| PatternError::OutOfRange(Field::MonthOfYear))
}
