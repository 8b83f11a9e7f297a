//! Calendars with other months than the Gregorian one, as far as arithmetic alone gives their days.
//!
//! Months count from the first one of a calendar's first year on, so that a series steps over leap months and short years alike.
//! Days count as Julian day numbers.

use time::{Date, Month, macros::date};

use super::pattern::{Rule, Weekdays};

/// A calendar of lunar months.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lunar {
    /// The Hebrew calendar, whose years begin with Tishri.
    Hebrew,
    /// The tabular Islamic calendar, with the leap years and the first day that Windows gives it.
    Hijri,
}

/// The months of the Hebrew year before Adar; what a later one is called depends on the year.
const FIXED_HEBREW_MONTHS: u8 = 5;

impl Lunar {
    /// Returns the calendar of a number on the wire, if it is one of these, and its days are known for this rule.
    pub(super) fn new(calendar: u8, rule: Rule, leap_month: bool) -> Option<Self> {
        match (calendar, rule) {
            (6, _) => Some(Self::Hijri),
            (8, Rule::YearlyByDate(month, _) | Rule::YearlyByWeekday(month, ..)) => {
                (u8::from(month) <= FIXED_HEBREW_MONTHS && !leap_month).then_some(Self::Hebrew)
            }
            (8, _) => Some(Self::Hebrew),
            _ => None,
        }
    }

    /// Returns the days of a month or a year of a series, `step` months or years after `first`; `None` after the last year there is.
    pub(super) fn days(self, rule: Rule, first: Date, step: i64) -> Option<Vec<Date>> {
        let now = self.month_of(i64::from(first.to_julian_day()));
        let in_year = |month: Month| {
            let year = self.year_of(now).checked_add(step)?;
            Some(self.first_month(year) + i64::from(u8::from(month)) - 1)
        };
        match rule {
            Rule::Daily(_) | Rule::Weekly(_) => Some(Vec::new()),
            Rule::MonthlyByDate(day) => Some(vec![self.date_in(now.checked_add(step)?, day)?]),
            Rule::MonthlyByWeekday(week, days) => {
                Some(self.weekday_in(now.checked_add(step)?, week, days)?.into_iter().collect())
            }
            Rule::YearlyByDate(month, day) => Some(vec![self.date_in(in_year(month)?, day)?]),
            Rule::YearlyByWeekday(month, week, days) => {
                Some(self.weekday_in(in_year(month)?, week, days)?.into_iter().collect())
            }
        }
    }

    /// Returns a day of a month; in a shorter month its last day.
    fn date_in(self, month: i64, day: u8) -> Option<Date> {
        let (first, next) = (self.start(month), self.start(month + 1));
        date_of((first + i64::from(day) - 1).min(next - 1))
    }

    fn weekday_in(self, month: i64, week: u8, days: Weekdays) -> Option<Option<Date>> {
        let all: Option<Vec<Date>> =
            (self.start(month)..self.start(month + 1)).map(date_of).collect();
        let mut fitting = all?.into_iter().filter(|day| days.contains(day.weekday()));
        Some(if week == 5 { fitting.next_back() } else { fitting.nth(usize::from(week) - 1) })
    }

    /// Returns the month that a day lies in.
    fn month_of(self, day: i64) -> i64 {
        // Months of 29.53 days: a guess that is off by one at most, in whichever direction.
        let mut month = (day - self.start(0)).saturating_mul(10_000).div_euclid(295_306);
        while self.start(month) > day {
            month -= 1;
        }
        while self.start(month + 1) <= day {
            month += 1;
        }
        month
    }

    /// Returns the year of a month.
    fn year_of(self, month: i64) -> i64 {
        let mut year = match self {
            Self::Hebrew => month.saturating_mul(19).div_euclid(235) + 1,
            Self::Hijri => month.div_euclid(12) + 1,
        };
        while self.first_month(year) > month {
            year -= 1;
        }
        while self.first_month(year + 1) <= month {
            year += 1;
        }
        year
    }

    /// Returns the first month of a year.
    fn first_month(self, year: i64) -> i64 {
        match self {
            Self::Hebrew => hebrew_months_before(year),
            Self::Hijri => (year - 1).saturating_mul(12),
        }
    }

    /// Returns the first day of a month.
    fn start(self, month: i64) -> i64 {
        match self {
            Self::Hebrew => {
                let year = self.year_of(month);
                let into = usize::try_from(month - self.first_month(year)).unwrap_or_default();
                hebrew_new_year(year) + hebrew_lengths(year).iter().take(into).sum::<i64>()
            }
            Self::Hijri => {
                let (years, into) = (month.div_euclid(12), month.rem_euclid(12));
                // Eleven leap days in thirty years, months of 30 and 29 days in turn.
                hijri_epoch() + years * 354 + (11 * years + 14).div_euclid(30) + (59 * into + 1) / 2
            }
        }
    }
}

fn date_of(day: i64) -> Option<Date> {
    Date::from_julian_day(i32::try_from(day).ok()?).ok()
}

fn hijri_epoch() -> i64 {
    i64::from(date!(0622 - 07 - 18).to_julian_day())
}

/// The day before the first new moon of the Hebrew calendar counts, 7 October 3761 BC of the Julian one.
const HEBREW_EPOCH: i64 = 347_998;

/// Seven of nineteen years have a thirteenth month.
fn hebrew_months_before(year: i64) -> i64 {
    (235 * year - 234).div_euclid(19)
}

/// Returns the days before a year, by the new moon and by the weekdays on which it may not begin.
fn hebrew_days_before(year: i64) -> i64 {
    let months = hebrew_months_before(year);
    // An hour has 1080 parts, a month 29 days, 12 hours and 793 parts.
    let parts = 12_084 + 13_753 * months;
    let days = 29 * months + parts.div_euclid(25_920);
    if (3 * (days + 1)).rem_euclid(7) < 3 { days + 1 } else { days }
}

fn hebrew_new_year(year: i64) -> i64 {
    let [before, this, next] = [year - 1, year, year + 1].map(hebrew_days_before);
    // No year may have 356 or 382 days.
    let delay = match (next - this, this - before) {
        (356, _) => 2,
        (_, 382) => 1,
        _ => 0,
    };
    HEBREW_EPOCH + this + delay
}

/// Returns the lengths of a year's months, from Tishri on; a year of twelve months ends with nothing.
fn hebrew_lengths(year: i64) -> [i64; 13] {
    let length = hebrew_new_year(year + 1) - hebrew_new_year(year);
    let heshvan = if length % 10 == 5 { 30 } else { 29 };
    let kislev = if length % 10 == 3 { 29 } else { 30 };
    if length > 380 {
        [30, heshvan, kislev, 29, 30, 30, 29, 30, 29, 30, 29, 30, 29]
    } else {
        [30, heshvan, kislev, 29, 30, 29, 30, 29, 30, 29, 30, 29, 0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hebrew_years_and_months_begin_when_the_almanac_says() {
        for (year, first) in [
            (5784, date!(2023 - 09 - 16)),
            (5785, date!(2024 - 10 - 03)),
            (5786, date!(2025 - 09 - 23)),
            (5787, date!(2026 - 09 - 12)),
        ] {
            assert_eq!(date_of(hebrew_new_year(year)), Some(first), "{year}");
        }
        // Passover, the 15th of Nisan, in a year of twelve and in one of thirteen months.
        let passover = |year, month| Lunar::Hebrew.date_in(hebrew_months_before(year) + month, 15);
        assert_eq!(passover(5786, 6), Some(date!(2026 - 04 - 02)));
        assert_eq!(passover(5784, 7), Some(date!(2024 - 04 - 23)));
    }

    #[test]
    fn islamic_months_alternate_from_the_first_one_on() {
        assert_eq!(Lunar::Hijri.date_in(0, 1), Some(date!(0622 - 07 - 18)));
        let lengths = |year: i64| -> Vec<i64> {
            let first = Lunar::Hijri.first_month(year);
            (first..first + 12)
                .map(|month| Lunar::Hijri.start(month + 1) - Lunar::Hijri.start(month))
                .collect()
        };
        assert_eq!(lengths(1), [30, 29, 30, 29, 30, 29, 30, 29, 30, 29, 30, 29]);
        assert_eq!(lengths(2), [30, 29, 30, 29, 30, 29, 30, 29, 30, 29, 30, 30]);
        let leap = |year: &i64| lengths(*year).iter().sum::<i64>() == 355;
        let leaps: Vec<i64> = (1..=30).filter(leap).collect();
        assert_eq!(leaps, [2, 5, 7, 10, 13, 16, 18, 21, 24, 26, 29]);
    }

    #[test]
    fn each_day_lies_in_one_month_of_its_year() {
        for calendar in [Lunar::Hebrew, Lunar::Hijri] {
            let first = i64::from(date!(1900 - 01 - 01).to_julian_day());
            for day in (first..first + 80_000).step_by(11) {
                let month = calendar.month_of(day);
                assert!(calendar.start(month) <= day && day < calendar.start(month + 1));
                assert!((29..=30).contains(&(calendar.start(month + 1) - calendar.start(month))));
                let year = calendar.year_of(month);
                let months = calendar.first_month(year)..calendar.first_month(year + 1);
                assert!(months.contains(&month) && (12..=13).contains(&months.count()));
            }
        }
    }
}
