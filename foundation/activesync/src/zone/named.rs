use std::fmt;
use std::ops::RangeInclusive;

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use time::{Date, Month, OffsetDateTime, PrimitiveDateTime};

use super::rules::nth_weekday;
use super::{SwitchDate, ZoneRules, resolve, shifted};

/// The best-known zone of each kind of clock, from west to east. Others follow by name.
const PREFERRED: &[&str] = &[
    "UTC",
    "Pacific/Midway",
    "Pacific/Honolulu",
    "America/Adak",
    "America/Anchorage",
    "America/Los_Angeles",
    "America/Phoenix",
    "America/Denver",
    "America/Chicago",
    "America/Mexico_City",
    "America/New_York",
    "America/Bogota",
    "America/Havana",
    "America/Halifax",
    "America/Santiago",
    "America/Caracas",
    "America/St_Johns",
    "America/Sao_Paulo",
    "America/Argentina/Buenos_Aires",
    "America/Asuncion",
    "America/Nuuk",
    "America/Noronha",
    "Atlantic/Azores",
    "Atlantic/Cape_Verde",
    "Europe/London",
    "Europe/Dublin",
    "Africa/Casablanca",
    "Africa/Abidjan",
    "Europe/Berlin",
    "Africa/Lagos",
    "Europe/Athens",
    "Europe/Chisinau",
    "Asia/Beirut",
    "Asia/Jerusalem",
    "Africa/Cairo",
    "Africa/Johannesburg",
    "Europe/Istanbul",
    "Europe/Moscow",
    "Africa/Nairobi",
    "Asia/Tehran",
    "Asia/Dubai",
    "Asia/Kabul",
    "Asia/Karachi",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Dhaka",
    "Asia/Yangon",
    "Asia/Bangkok",
    "Asia/Shanghai",
    "Australia/Perth",
    "Australia/Eucla",
    "Asia/Tokyo",
    "Australia/Adelaide",
    "Australia/Darwin",
    "Australia/Sydney",
    "Australia/Brisbane",
    "Australia/Lord_Howe",
    "Pacific/Guadalcanal",
    "Pacific/Norfolk",
    "Pacific/Auckland",
    "Pacific/Fiji",
    "Pacific/Chatham",
    "Pacific/Tongatapu",
    "Pacific/Apia",
    "Pacific/Kiritimati",
];

/// A zone of the IANA database.
#[derive(Clone)]
pub struct NamedZone {
    name: String,
    zone: TimeZone,
}

impl NamedZone {
    /// Finds a zone by its name, for instance `Europe/Berlin`; letter case does not matter.
    pub fn find(name: &str) -> Option<Self> {
        let zone = TimeZoneDatabase::bundled().get(name).ok()?;
        let name = zone.iana_name()?.to_owned();
        Some(Self { name, zone })
    }

    /// Finds a zone whose clock does what `rules` say in the year of `moment`, and better still in the next one too.
    ///
    /// Among equals `preferred` comes first, then the best-known one.
    pub fn matching(
        rules: &ZoneRules,
        moment: OffsetDateTime,
        preferred: Option<&Self>,
    ) -> Option<Self> {
        let year = moment.to_utc().year();
        let fits = |zone: &Self, years: RangeInclusive<i32>| {
            let start = first_of(*years.start());
            zone.offset_at(start) == rules.offset_at(start)
                && zone.switches(years.clone()) == rules.switches(years)
        };
        let database = TimeZoneDatabase::bundled();
        let candidates = || {
            let known = PREFERRED.iter().filter_map(|name| Self::find(name));
            let others = database.available().filter_map(|name| Self::find(name.as_str()));
            preferred.cloned().into_iter().chain(known).chain(others)
        };
        let next = year.saturating_add(1);
        candidates()
            .find(|zone| fits(zone, year..=next))
            .or_else(|| candidates().find(|zone| fits(zone, year..=year)))
    }

    /// Returns the zone's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns how many seconds the clock is ahead of universal time at `moment`.
    pub fn offset_at(&self, moment: OffsetDateTime) -> i32 {
        timestamp(moment).map_or(0, |moment| self.zone.to_offset(moment).seconds())
    }

    /// Returns the rules of the year of `moment`.
    ///
    /// Where clocks are changed by no rule of weekdays, the dates of that one year.
    pub fn rules_at(&self, moment: OffsetDateTime) -> ZoneRules {
        let year = shifted(moment, self.offset_at(moment)).year();
        let Some([first, second]) = self.pair(year) else {
            return ZoneRules {
                bias: -self.offset_at(moment) / 60,
                standard_name: self.name.clone(),
                ..ZoneRules::default()
            };
        };
        let (to_daylight, to_standard) =
            if first.after > second.after { (first, second) } else { (second, first) };
        ZoneRules {
            bias: -to_standard.after / 60,
            standard_name: self.name.clone(),
            standard_date: self.switch_date(to_standard, false),
            standard_bias: 0,
            daylight_name: self.name.clone(),
            daylight_date: self.switch_date(to_daylight, true),
            daylight_bias: -(to_daylight.after - to_standard.after) / 60,
        }
    }

    /// Returns when the clock shows `local`; see [`super::Zone::moment`].
    pub(super) fn moment(&self, local: PrimitiveDateTime) -> OffsetDateTime {
        let near = local.assume_utc();
        let day = time::Duration::days(1);
        let before = self.offset_at(near.saturating_sub(day));
        let after = self.offset_at(near.saturating_add(day));
        resolve(local, [before, after], |moment| self.offset_at(moment))
    }

    fn switches(&self, years: RangeInclusive<i32>) -> Vec<(OffsetDateTime, i32)> {
        self.changes(years).into_iter().map(|change| (change.moment, change.after)).collect()
    }

    /// Returns the changes of the clock in the years, without those that only change its name.
    fn changes(&self, years: RangeInclusive<i32>) -> Vec<Change> {
        let (start, end) = (first_of(*years.start()), first_of(years.end().saturating_add(1)));
        let Some(from) = timestamp(start.saturating_sub(time::Duration::SECOND)) else {
            return Vec::new();
        };
        let mut before = self.offset_at(start.saturating_sub(time::Duration::SECOND));
        let mut changes = Vec::new();
        for transition in self.zone.following(from) {
            let seconds = transition.timestamp().as_second();
            let Ok(moment) = OffsetDateTime::from_unix_timestamp(seconds) else { break };
            if moment >= end {
                break;
            }
            let after = transition.offset().seconds();
            if before != after {
                changes.push(Change { moment, before, after });
            }
            before = after;
        }
        changes
    }

    /// Returns the two changes of a year in which the clock goes forth and back.
    fn pair(&self, year: i32) -> Option<[Change; 2]> {
        let changes: [Change; 2] = self.changes(year..=year).try_into().ok()?;
        (changes[0].before == changes[1].after).then_some(changes)
    }

    /// Finds the rule by which a change comes every year, from what the years around it did.
    fn switch_date(&self, change: Change, to_daylight: bool) -> SwitchDate {
        let local = shifted(change.moment, change.before);
        let (year, month, day) = local.to_calendar_date();
        let weekday = local.weekday().number_days_from_sunday();
        let nth = (day - 1) / 7 + 1;
        let last = day + 7 > month.length(year);
        let candidates = [last.then_some(5), (nth < 5).then_some(nth)];
        let around: Vec<PrimitiveDateTime> = (year - 3..=year + 3)
            .filter(|other| *other != year)
            .filter_map(|other| self.pair(other))
            .map(|[a, b]| if (a.after > b.after) == to_daylight { a } else { b })
            .map(|change| shifted(change.moment, change.before))
            .collect();
        let fit = |nth: u8| {
            let fits = |other: &&PrimitiveDateTime| {
                let date = nth_weekday(other.year(), month, weekday, nth);
                date == Some(other.date()) && other.time() == local.time()
            };
            around.iter().filter(fits).count()
        };
        let best = candidates.into_iter().flatten().map(|nth| (fit(nth), nth)).max();
        let (hour, minute, second, millisecond) = local.as_hms_milli();
        let rule = best.filter(|(years, _)| *years > 0).map(|(_, nth)| nth);
        SwitchDate {
            year: if rule.is_some() { 0 } else { u16::try_from(year).unwrap_or_default() },
            month: u16::from(u8::from(month)),
            day_of_week: u16::from(weekday),
            day: u16::from(rule.unwrap_or(day)),
            hour: u16::from(hour),
            minute: u16::from(minute),
            second: u16::from(second),
            millisecond,
        }
    }
}

impl PartialEq for NamedZone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for NamedZone {}

impl fmt::Debug for NamedZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("NamedZone").field(&self.name).finish()
    }
}

/// A change of the clock; offsets are seconds ahead of universal time.
#[derive(Debug, Clone, Copy)]
struct Change {
    moment: OffsetDateTime,
    before: i32,
    after: i32,
}

fn timestamp(moment: OffsetDateTime) -> Option<Timestamp> {
    Timestamp::from_second(moment.unix_timestamp()).ok()
}

fn first_of(year: i32) -> OffsetDateTime {
    let date = Date::from_calendar_date(year, Month::January, 1);
    date.unwrap_or(Date::MAX).midnight().assume_utc()
}
