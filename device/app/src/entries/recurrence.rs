//! How events and tasks recur.

use super::choices::{Frequency, Weekday};
use super::moment;
use crate::error::EntryError;
use activesync::messages::Recurrence;
use activesync::recurrence::{End, Pattern, Rule, Weekdays};
use activesync::zone::Zone;
use serde::{Deserialize, Serialize};
use time::macros::time;
use time::{Date, Month, PrimitiveDateTime};
use utoipa::ToSchema;

/// How something recurs. What is left out follows from the start.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecurrenceFields {
    /// How often.
    pub frequency: Frequency,
    /// Every how many days, weeks, months or years, 1 to 999.
    #[serde(default = "one")]
    pub interval: u16,
    /// On which days of the week.
    #[serde(default)]
    pub weekdays: Vec<Weekday>,
    /// On which of these days of the week in the month, 1 to 4, or 5 for the last.
    #[serde(default)]
    pub week: Option<u8>,
    /// On which day of the month, 1 to 31.
    #[serde(default)]
    pub day: Option<u8>,
    /// In which month of the year, 1 to 12.
    #[serde(default)]
    pub month: Option<u8>,
    /// How many times, 1 to 999.
    #[serde(default)]
    pub count: Option<u16>,
    /// The last day, such as `2026-12-31`.
    #[serde(default)]
    pub until: Option<String>,
}

fn one() -> u16 {
    1
}

impl RecurrenceFields {
    /// Reads a recurrence; `None` if only the server knows its days.
    pub(super) fn read(wire: &Recurrence, zone: &Zone) -> Option<Self> {
        let pattern = Pattern::read(wire).ok()?;
        let plain = Self {
            frequency: Frequency::Daily,
            interval: pattern.interval,
            weekdays: Vec::new(),
            week: None,
            day: None,
            month: None,
            count: None,
            until: None,
        };
        let fields = match pattern.rule {
            Rule::Daily(days) if days == Weekdays::ALL => plain,
            Rule::Daily(days) => Self { weekdays: listed(days), ..plain },
            Rule::Weekly(days) => {
                Self { frequency: Frequency::Weekly, weekdays: listed(days), ..plain }
            }
            Rule::MonthlyByDate(day) => {
                Self { frequency: Frequency::Monthly, day: Some(day), ..plain }
            }
            Rule::MonthlyByWeekday(week, days) => Self {
                frequency: Frequency::Monthly,
                week: Some(week),
                weekdays: listed(days),
                ..plain
            },
            Rule::YearlyByDate(month, day) => Self {
                frequency: Frequency::Yearly,
                month: Some(month.into()),
                day: Some(day),
                ..plain
            },
            Rule::YearlyByWeekday(month, week, days) => Self {
                frequency: Frequency::Yearly,
                month: Some(month.into()),
                week: Some(week),
                weekdays: listed(days),
                ..plain
            },
        };

        Some(match pattern.end {
            End::Count(count) => Self { count: Some(count), ..fields },
            End::Never => fields,
            End::Until(until) => {
                Self { until: Some(moment::date_text(zone.local(until).date())), ..fields }
            }
        })
    }

    /// Writes a recurrence of what starts on `start`.
    pub(super) fn write(&self, start: Date, zone: &Zone) -> Result<Recurrence, EntryError> {
        let bad = |detail: String| EntryError::bad("recurrence", detail);
        let own_day = Weekdays::from(start.weekday());
        let days = days(&self.weekdays);
        let day = self.day.unwrap_or(start.day());
        let month = match self.month {
            Some(number) => Month::try_from(number)
                .map_err(|_| bad(format!("{number} is no month: a year has 1 to 12")))?,
            None => start.month(),
        };
        if !(1..=31).contains(&day) {
            return Err(bad(format!("{day} is no day of a month")));
        }
        if self.week.is_some_and(|week| !(1..=5).contains(&week)) {
            return Err(bad("the week of the month is 1 to 4, or 5 for the last".to_owned()));
        }
        let rule = match (self.frequency, self.week) {
            (Frequency::Daily, _) => Rule::Daily(days.unwrap_or(Weekdays::ALL)),
            (Frequency::Weekly, _) => Rule::Weekly(days.unwrap_or(own_day)),
            (Frequency::Monthly, None) => Rule::MonthlyByDate(day),
            (Frequency::Monthly, Some(week)) => {
                Rule::MonthlyByWeekday(week, days.unwrap_or(own_day))
            }
            (Frequency::Yearly, None) => Rule::YearlyByDate(month, day),
            (Frequency::Yearly, Some(week)) => {
                Rule::YearlyByWeekday(month, week, days.unwrap_or(own_day))
            }
        };
        let end = match (self.count, &self.until) {
            (Some(count), None) => End::Count(count),
            (None, None) => End::Never,
            (None, Some(until)) => {
                let last = moment::date("recurrence", until)?;
                if last < start {
                    return Err(bad(format!("the last day {until} is before the start")));
                }
                End::Until(zone.moment(PrimitiveDateTime::new(last, time!(23:59:59))))
            }
            (Some(_), Some(_)) => {
                return Err(bad("it ends after a count or with a day, not both".to_owned()));
            }
        };
        let wire = Pattern { rule, interval: self.interval, end, first_day: time::Weekday::Monday }
            .to_wire();
        Pattern::check(&wire).map_err(|error| bad(error.to_string()))?;

        Ok(wire)
    }

    /// Says it in English.
    pub(super) fn words(&self) -> String {
        let unit = match self.frequency {
            Frequency::Daily => "day",
            Frequency::Monthly => "month",
            Frequency::Weekly => "week",
            Frequency::Yearly => "year",
        };
        let mut words = match self.interval {
            1 => format!("every {unit}"),
            interval => format!("every {interval} {unit}s"),
        };
        let days: Vec<String> =
            self.weekdays.iter().map(|day| time::Weekday::from(*day).to_string()).collect();
        let days = match self.weekdays.len() {
            7 => "day".to_owned(),
            _ => days.join(", "),
        };
        let month = self.month.and_then(|month| Month::try_from(month).ok());
        let within = month.map(|month| format!(" in {month}")).unwrap_or_default();
        match (self.week, self.day) {
            (Some(week), _) => {
                let nth = ["first", "second", "third", "fourth", "last"];
                let nth = nth.get(usize::from(week).saturating_sub(1)).unwrap_or(&"last");
                words += &format!(" on the {nth} {days}{within}");
            }
            (None, Some(day)) => words += &format!(" on day {day}{within}"),
            (None, None) if self.weekdays.is_empty() => {}
            (None, None) => words += &format!(" on {days}"),
        }
        if let Some(count) = self.count {
            words += &format!(", {count} times");
        }
        if let Some(until) = &self.until {
            words += &format!(", until {until}");
        }

        words
    }
}

fn listed(days: Weekdays) -> Vec<Weekday> {
    Weekday::ALL.into_iter().filter(|day| days.contains((*day).into())).collect()
}

fn days(list: &[Weekday]) -> Option<Weekdays> {
    let code =
        list.iter().fold(0, |code, day| code | Weekdays::from(time::Weekday::from(*day)).code());

    Weekdays::new(code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn recurrences_are_read_as_they_were_written() {
        let plain = RecurrenceFields {
            frequency: Frequency::Daily,
            interval: 1,
            weekdays: Vec::new(),
            week: None,
            day: None,
            month: None,
            count: None,
            until: None,
        };
        let monday = vec![Weekday::Monday];
        let cases = [
            (plain.clone(), "every day"),
            (
                RecurrenceFields {
                    frequency: Frequency::Weekly,
                    interval: 2,
                    weekdays: vec![Weekday::Monday, Weekday::Thursday],
                    count: Some(10),
                    ..plain.clone()
                },
                "every 2 weeks on Monday, Thursday, 10 times",
            ),
            (
                RecurrenceFields {
                    frequency: Frequency::Monthly,
                    day: Some(31),
                    until: Some("2027-01-31".to_owned()),
                    ..plain.clone()
                },
                "every month on day 31, until 2027-01-31",
            ),
            (
                RecurrenceFields {
                    frequency: Frequency::Yearly,
                    month: Some(3),
                    week: Some(5),
                    weekdays: monday,
                    ..plain.clone()
                },
                "every year on the last Monday in March",
            ),
        ];
        for (fields, words) in cases {
            let wire = fields.write(date!(2026 - 11 - 23), &Zone::Utc).unwrap();
            assert_eq!(RecurrenceFields::read(&wire, &Zone::Utc).as_ref(), Some(&fields));
            assert_eq!(fields.words(), words);
        }
        let weekly = RecurrenceFields { frequency: Frequency::Weekly, ..plain.clone() };
        let wire = weekly.write(date!(2026 - 11 - 23), &Zone::Utc).unwrap();
        assert_eq!(wire.day_of_week, Some(2), "the day of the start");
        for wrong in [
            RecurrenceFields { interval: 0, ..plain.clone() },
            RecurrenceFields { count: Some(1000), ..plain.clone() },
            RecurrenceFields { until: Some("2026-11-22".to_owned()), ..plain.clone() },
            RecurrenceFields { until: Some("never".to_owned()), ..plain.clone() },
            RecurrenceFields {
                until: Some("2026-12-01".to_owned()),
                count: Some(1),
                ..plain.clone()
            },
            RecurrenceFields { frequency: Frequency::Yearly, month: Some(13), ..plain.clone() },
            RecurrenceFields { frequency: Frequency::Monthly, day: Some(32), ..plain.clone() },
            RecurrenceFields { frequency: Frequency::Monthly, week: Some(6), ..plain },
        ] {
            assert!(wrong.write(date!(2026 - 11 - 23), &Zone::Utc).is_err(), "{wrong:?}");
        }
    }
}
