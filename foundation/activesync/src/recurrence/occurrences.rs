use std::collections::VecDeque;

use time::{Date, Duration, Month, OffsetDateTime, PrimitiveDateTime};

use super::lunar::Lunar;
use super::pattern::{End, Pattern, PatternError, Rule, Weekdays};
use crate::messages::Recurrence;
use crate::zone::Zone;

/// Most days, weeks, months or years that one series looks at, and most starts that it gives: 130 years of days.
const MOST_PERIODS: u32 = 48_000;

/// The starts of a series, in order. The first one is not before the start of the series, and need not be the start.
#[derive(Debug, Clone)]
pub struct Occurrences<'a> {
    pattern: Pattern,
    /// Whose months count; those of the Gregorian calendar if absent.
    calendar: Option<Lunar>,
    zone: &'a Zone,
    start: PrimitiveDateTime,
    period: u32,
    days: VecDeque<Date>,
    given: u32,
    over: bool,
}

impl Pattern {
    /// Lists the starts of a series that begins at `start` and goes by the clock of `zone`.
    pub fn occurrences(self, start: OffsetDateTime, zone: &Zone) -> Occurrences<'_> {
        Occurrences {
            pattern: self,
            calendar: None,
            zone,
            start: zone.local(start),
            period: 0,
            days: VecDeque::new(),
            given: 0,
            over: false,
        }
    }
}

/// Lists the starts of a series as [`Pattern::occurrences`] does, also where its months are Hebrew or Islamic ones.
///
/// # Errors
///
/// The recurrence is none, or goes by a calendar whose days arithmetic does not give, or by a Hebrew month whose name depends on the
/// year.
pub fn starts<'a>(
    wire: &Recurrence,
    start: OffsetDateTime,
    zone: &'a Zone,
) -> Result<Occurrences<'a>, PatternError> {
    let (pattern, calendar) = Pattern::read_parts(wire)?;
    let gregorian = pattern.occurrences(start, zone);
    let Some(calendar) = calendar else { return Ok(gregorian) };
    let lunar = Lunar::new(calendar, pattern.rule, wire.is_leap_month == Some(true));
    let lunar = lunar.ok_or(PatternError::UnsupportedCalendar(calendar))?;
    Ok(Occurrences { calendar: Some(lunar), ..gregorian })
}

impl Iterator for Occurrences<'_> {
    type Item = OffsetDateTime;

    fn next(&mut self) -> Option<OffsetDateTime> {
        let occurrence = self.find();
        self.over |= occurrence.is_none();
        occurrence
    }
}

impl Occurrences<'_> {
    /// When the series ends.
    pub fn end(&self) -> End {
        self.pattern.end
    }

    fn find(&mut self) -> Option<OffsetDateTime> {
        if self.over
            || self.given >= MOST_PERIODS
            || matches!(self.pattern.end, End::Count(count) if self.given >= u32::from(count))
        {
            return None;
        }
        while self.days.is_empty() {
            if self.period >= MOST_PERIODS {
                return None;
            }
            self.days = self.days_of(self.period)?.into();
            self.period += 1;
            let first = self.start.date();
            self.days.retain(|day| *day >= first);
        }
        let day = self.days.pop_front()?;
        let moment = self.zone.moment(PrimitiveDateTime::new(day, self.start.time()));
        if matches!(self.pattern.end, End::Until(until) if moment > until) {
            return None;
        }
        self.given += 1;
        Some(moment)
    }

    /// Returns the days of one day, week, month or year of the series; `None` after the last year there is.
    fn days_of(&self, period: u32) -> Option<Vec<Date>> {
        let first = self.start.date();
        let step = i64::from(period) * i64::from(self.pattern.interval);
        if let Some(lunar) = self.calendar {
            return lunar.days(self.pattern.rule, first, step);
        }
        Some(match self.pattern.rule {
            Rule::Daily(days) => {
                let day = first.checked_add(Duration::days(step))?;
                if days.contains(day.weekday()) { vec![day] } else { Vec::new() }
            }
            Rule::Weekly(days) => {
                let into = days_between(self.pattern.first_day, first);
                let week = first.checked_add(Duration::days(step.checked_mul(7)? - into))?;
                let week = (0..7).map_while(|day| week.checked_add(Duration::days(day)));
                week.filter(|day| days.contains(day.weekday())).collect()
            }
            Rule::MonthlyByDate(day) => vec![date_in(month_after(first, step)?, day)?],
            Rule::MonthlyByWeekday(week, days) => {
                weekday_in(month_after(first, step)?, week, days).into_iter().collect()
            }
            Rule::YearlyByDate(month, day) => {
                vec![date_in((year_after(first, step)?, month), day)?]
            }
            Rule::YearlyByWeekday(month, week, days) => {
                weekday_in((year_after(first, step)?, month), week, days).into_iter().collect()
            }
        })
    }
}

fn days_between(first_day: time::Weekday, day: Date) -> i64 {
    let (from, to) = (first_day.number_days_from_sunday(), day.weekday().number_days_from_sunday());
    i64::from((7 + to - from) % 7)
}

fn year_after(date: Date, years: i64) -> Option<i32> {
    i32::try_from(i64::from(date.year()).checked_add(years)?).ok()
}

fn month_after(date: Date, months: i64) -> Option<(i32, Month)> {
    let months = i64::from(u8::from(date.month())) - 1 + months;
    let month = Month::try_from(u8::try_from(months % 12 + 1).ok()?).ok()?;
    Some((year_after(date, months / 12)?, month))
}

fn date_in((year, month): (i32, Month), day: u8) -> Option<Date> {
    Date::from_calendar_date(year, month, 1).ok()?.replace_day(day.min(month.length(year))).ok()
}

fn weekday_in((year, month): (i32, Month), week: u8, days: Weekdays) -> Option<Date> {
    let first = Date::from_calendar_date(year, month, 1).ok()?;
    let mut fitting = (1..=month.length(year))
        .filter_map(|day| first.replace_day(day).ok())
        .filter(|day| days.contains(day.weekday()));
    if week == 5 { fitting.next_back() } else { fitting.nth(usize::from(week) - 1) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::Weekday;

    #[test]
    fn no_series_gives_more_starts_than_it_looks_at_days() {
        let pattern = Pattern {
            rule: Rule::Weekly(Weekdays::ALL),
            interval: 1,
            end: End::Never,
            first_day: Weekday::Sunday,
        };
        let starts = pattern.occurrences(OffsetDateTime::UNIX_EPOCH, &Zone::Utc).count();
        assert_eq!(u32::try_from(starts), Ok(MOST_PERIODS));
    }
}
