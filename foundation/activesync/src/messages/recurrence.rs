use time::OffsetDateTime;

use super::decode::{DecodeError, Values};
use super::property::Nested;
use crate::codepage::{Tag, calendar, email, email2, tasks};
use crate::date;
use crate::wbxml::{Reader, Writer};

/// A recurrence as it stands on the wire, with numbers that nobody has checked yet; [`crate::recurrence::Pattern`] checks them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recurrence {
    /// Kind: 0 daily, 1 weekly, 2 monthly by date, 3 monthly by weekday, 5 yearly by date, 6 yearly by weekday.
    pub kind: Option<u8>,
    /// The last moment at which an occurrence may start.
    pub until: Option<OffsetDateTime>,
    /// Number of occurrences; counts more than `until`.
    pub occurrences: Option<u16>,
    /// Every how many days, weeks, months or years.
    pub interval: Option<u16>,
    /// Days of the week, Sunday being 1, Monday 2, Tuesday 4 and so on.
    pub day_of_week: Option<u16>,
    /// Day of the month, 1 to 31.
    pub day_of_month: Option<u8>,
    /// Week of the month, 1 to 5; 5 is the last.
    pub week_of_month: Option<u8>,
    /// Month of the year, 1 to 12.
    pub month_of_year: Option<u8>,
    /// Calendar; since 14.0.
    pub calendar_type: Option<u8>,
    /// Whether the month is a leap month; since 14.0.
    pub is_leap_month: Option<bool>,
    /// First day of the week, 0 being Sunday; since 14.1.
    pub first_day_of_week: Option<u8>,
}

/// Names of the elements on one page.
pub(super) struct Names {
    kind: Tag,
    until: Tag,
    occurrences: Tag,
    interval: Tag,
    day_of_week: Tag,
    day_of_month: Tag,
    week_of_month: Tag,
    month_of_year: Tag,
    calendar_type: Tag,
    is_leap_month: Tag,
    first_day_of_week: Tag,
    write_until: fn(OffsetDateTime) -> String,
}

pub(super) const CALENDAR: Names = Names {
    kind: calendar::TYPE,
    until: calendar::UNTIL,
    occurrences: calendar::OCCURRENCES,
    interval: calendar::INTERVAL,
    day_of_week: calendar::DAY_OF_WEEK,
    day_of_month: calendar::DAY_OF_MONTH,
    week_of_month: calendar::WEEK_OF_MONTH,
    month_of_year: calendar::MONTH_OF_YEAR,
    calendar_type: calendar::CALENDAR_TYPE,
    is_leap_month: calendar::IS_LEAP_MONTH,
    first_day_of_week: calendar::FIRST_DAY_OF_WEEK,
    write_until: date::compact,
};

pub(super) const EMAIL: Names = Names {
    kind: email::TYPE,
    until: email::UNTIL,
    occurrences: email::OCCURRENCES,
    interval: email::INTERVAL,
    day_of_week: email::DAY_OF_WEEK,
    day_of_month: email::DAY_OF_MONTH,
    week_of_month: email::WEEK_OF_MONTH,
    month_of_year: email::MONTH_OF_YEAR,
    calendar_type: email2::CALENDAR_TYPE,
    is_leap_month: email2::IS_LEAP_MONTH,
    first_day_of_week: email2::FIRST_DAY_OF_WEEK,
    write_until: date::compact,
};

pub(super) const TASKS: Names = Names {
    kind: tasks::TYPE,
    until: tasks::UNTIL,
    occurrences: tasks::OCCURRENCES,
    interval: tasks::INTERVAL,
    day_of_week: tasks::DAY_OF_WEEK,
    day_of_month: tasks::DAY_OF_MONTH,
    week_of_month: tasks::WEEK_OF_MONTH,
    month_of_year: tasks::MONTH_OF_YEAR,
    calendar_type: tasks::CALENDAR_TYPE,
    is_leap_month: tasks::IS_LEAP_MONTH,
    first_day_of_week: tasks::FIRST_DAY_OF_WEEK,
    write_until: date::long,
};

impl Recurrence {
    /// Reads the entered element if it belongs to a recurrence, and skips it otherwise.
    pub(super) fn read_part(
        &mut self,
        reader: &mut Reader<'_>,
        tag: Tag,
        names: &Names,
    ) -> Result<(), DecodeError> {
        if tag == names.kind {
            self.kind = reader.number_if_any()?;
        } else if tag == names.until {
            self.until = reader.date_if_any()?;
        } else if tag == names.occurrences {
            self.occurrences = reader.number_if_any()?;
        } else if tag == names.interval {
            self.interval = reader.number_if_any()?;
        } else if tag == names.day_of_week {
            self.day_of_week = reader.number_if_any()?;
        } else if tag == names.day_of_month {
            self.day_of_month = reader.number_if_any()?;
        } else if tag == names.week_of_month {
            self.week_of_month = reader.number_if_any()?;
        } else if tag == names.month_of_year {
            self.month_of_year = reader.number_if_any()?;
        } else if tag == names.calendar_type {
            self.calendar_type = reader.number_if_any()?;
        } else if tag == names.is_leap_month {
            self.is_leap_month = Some(reader.boolean()?);
        } else if tag == names.first_day_of_week {
            self.first_day_of_week = reader.number_if_any()?;
        } else {
            reader.skip()?;
        }
        Ok(())
    }

    pub(super) fn write_parts(&self, writer: &mut Writer, names: &Names) {
        let numbers = [
            (names.kind, self.kind.map(i64::from)),
            (names.interval, self.interval.map(i64::from)),
            (names.day_of_week, self.day_of_week.map(i64::from)),
            (names.day_of_month, self.day_of_month.map(i64::from)),
            (names.week_of_month, self.week_of_month.map(i64::from)),
            (names.month_of_year, self.month_of_year.map(i64::from)),
            (names.occurrences, self.occurrences.map(i64::from)),
            (names.calendar_type, self.calendar_type.map(i64::from)),
            (names.is_leap_month, self.is_leap_month.map(i64::from)),
            (names.first_day_of_week, self.first_day_of_week.map(i64::from)),
        ];
        for (tag, value) in numbers {
            if let Some(value) = value {
                writer.number(tag, value);
            }
        }
        if let Some(until) = self.until {
            writer.text(names.until, &(names.write_until)(until));
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>, names: &Names) -> Result<Self, DecodeError> {
        let mut recurrence = Self::default();
        while let Some(tag) = reader.child()? {
            recurrence.read_part(reader, tag, names)?;
        }
        Ok(recurrence)
    }

    pub(super) fn write(&self, writer: &mut Writer, tag: Tag, names: &Names) {
        if *self == Self::default() {
            writer.empty(tag);
        } else {
            writer.container(tag, |inner| self.write_parts(inner, names));
        }
    }
}

/// On the calendar's page.
impl Nested for Recurrence {
    fn read_nested(reader: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        Self::read(reader, &CALENDAR).map(Some)
    }

    fn write_nested(&self, writer: &mut Writer, tag: Tag) {
        self.write(writer, tag, &CALENDAR);
    }

    fn is_bare(&self) -> bool {
        *self == Self::default()
    }
}
