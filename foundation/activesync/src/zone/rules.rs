use data_encoding::{BASE64, BASE64_MIME_PERMISSIVE};
use time::{Date, Duration, Month, OffsetDateTime, PrimitiveDateTime, Time};

use super::{resolve, unshifted};

/// Size of the rules in bytes.
const SIZE: usize = 172;
/// Length of a name in UTF-16 units.
const NAME: usize = 32;

/// Rules of a zone as calendar items carry them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct ZoneRules {
    /// Minutes to add to local time to get universal time: −60 in Berlin.
    pub bias: i32,
    /// Name of the standard time, in any language, up to 32 UTF-16 units.
    pub standard_name: String,
    /// When standard time begins.
    pub standard_date: SwitchDate,
    /// Minutes to add to `bias` during standard time; mostly 0.
    pub standard_bias: i32,
    /// Name of the daylight saving time.
    pub daylight_name: String,
    /// When daylight saving time begins.
    pub daylight_date: SwitchDate,
    /// Minutes to add to `bias` during daylight saving time; mostly −60.
    pub daylight_bias: i32,
}

/// When clocks are changed, in the local time before the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SwitchDate {
    /// Year in which it happens once, or 0 for a rule of every year.
    pub year: u16,
    /// Month, or 0 for never.
    pub month: u16,
    /// Day of the week, 0 being Sunday; for a rule of every year.
    pub day_of_week: u16,
    /// With a year the day of the month; without, 1 to 4 for the nth such weekday and 5 for the last.
    pub day: u16,
    /// Hour.
    pub hour: u16,
    /// Minute.
    pub minute: u16,
    /// Second.
    pub second: u16,
    /// Millisecond.
    pub millisecond: u16,
}

impl SwitchDate {
    /// Returns when it happens in `year`, in the local time before the change.
    pub fn in_year(&self, year: i32) -> Option<PrimitiveDateTime> {
        let month = Month::try_from(u8::try_from(self.month).ok()?).ok()?;
        let time = Time::from_hms_milli(
            u8::try_from(self.hour).ok()?,
            u8::try_from(self.minute).ok()?,
            u8::try_from(self.second).ok()?,
            self.millisecond,
        );
        let date = if self.year == 0 {
            let day = u8::try_from(self.day_of_week).ok()?;
            nth_weekday(year, month, day, u8::try_from(self.day).ok()?)?
        } else if i32::from(self.year) == year {
            Date::from_calendar_date(year, month, u8::try_from(self.day).ok()?).ok()?
        } else {
            return None;
        };
        Some(PrimitiveDateTime::new(date, time.ok()?))
    }

    fn read(bytes: &[u8]) -> Self {
        let mut fields = bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair));
        let mut next = || fields.next().unwrap_or_default();
        Self {
            year: next(),
            month: next(),
            day_of_week: next(),
            day: next(),
            hour: next(),
            minute: next(),
            second: next(),
            millisecond: next(),
        }
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        for field in [
            self.year,
            self.month,
            self.day_of_week,
            self.day,
            self.hour,
            self.minute,
            self.second,
            self.millisecond,
        ] {
            bytes.extend(field.to_le_bytes());
        }
    }
}

/// Returns the nth (1 to 4) or last (5) such weekday of a month; Sunday is 0.
pub(crate) fn nth_weekday(year: i32, month: Month, weekday: u8, nth: u8) -> Option<Date> {
    if !(1..=5).contains(&nth) || weekday > 6 {
        return None;
    }
    let first = Date::from_calendar_date(year, month, 1).ok()?;
    let ahead = (7 + weekday - first.weekday().number_days_from_sunday()) % 7;
    let mut day = 1 + ahead + (nth - 1) * 7;
    while day > month.length(year) {
        day -= 7;
    }
    first.replace_day(day).ok()
}

impl ZoneRules {
    /// Reads the base64 text of the 172 bytes.
    pub fn parse(text: &str) -> Option<Self> {
        Self::from_bytes(&BASE64_MIME_PERMISSIVE.decode(text.as_bytes()).ok()?)
    }

    /// Writes the base64 text of the 172 bytes.
    pub fn to_base64(&self) -> String {
        BASE64.encode(&self.to_bytes())
    }

    /// Reads the 172 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != SIZE {
            return None;
        }
        let number = |at: usize| {
            let bytes = bytes.get(at..)?.first_chunk::<4>()?;
            Some(i32::from_le_bytes(*bytes))
        };
        let part = |at: usize, size: usize| bytes.get(at..at + size);
        Some(Self {
            bias: number(0)?,
            standard_name: read_name(part(4, 64)?),
            standard_date: SwitchDate::read(part(68, 16)?),
            standard_bias: number(84)?,
            daylight_name: read_name(part(88, 64)?),
            daylight_date: SwitchDate::read(part(152, 16)?),
            daylight_bias: number(168)?,
        })
    }

    /// Writes the 172 bytes. Longer names are cut.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(SIZE);
        bytes.extend(self.bias.to_le_bytes());
        write_name(&mut bytes, &self.standard_name);
        self.standard_date.write(&mut bytes);
        bytes.extend(self.standard_bias.to_le_bytes());
        write_name(&mut bytes, &self.daylight_name);
        self.daylight_date.write(&mut bytes);
        bytes.extend(self.daylight_bias.to_le_bytes());
        bytes
    }

    /// Returns whether the rules are all zeros, as servers write that know no zone. They do not mean universal time.
    pub fn say_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Returns how many seconds the clock is ahead of universal time at `moment`.
    pub fn offset_at(&self, moment: OffsetDateTime) -> i32 {
        let year = moment.to_utc().year();
        let switches = self.switches(year.saturating_sub(1)..=year.saturating_add(1));
        let before = switches.iter().take_while(|(at, _)| *at <= moment).last();
        match (before, switches.first()) {
            (Some((_, offset)), _) => *offset,
            (None, Some((_, first))) if *first == self.standard_offset() => self.daylight_offset(),
            (None, _) => self.standard_offset(),
        }
    }

    /// Returns when the clock shows `local`; see [`super::Zone::moment`].
    pub(super) fn moment(&self, local: PrimitiveDateTime) -> OffsetDateTime {
        let offsets = [self.standard_offset(), self.daylight_offset()];
        if self.has_daylight() {
            resolve(local, offsets, |moment| self.offset_at(moment))
        } else {
            unshifted(local, self.standard_offset())
        }
    }

    /// Returns when the clocks are changed in the years of `years`, and how many seconds they are ahead from then on.
    pub(super) fn switches(
        &self,
        years: std::ops::RangeInclusive<i32>,
    ) -> Vec<(OffsetDateTime, i32)> {
        if !self.has_daylight() {
            return Vec::new();
        }
        let (standard, daylight) = (self.standard_offset(), self.daylight_offset());
        let mut switches: Vec<_> = years
            .flat_map(|year| {
                let to_daylight = self.daylight_date.in_year(year);
                let to_standard = self.standard_date.in_year(year);
                [
                    to_daylight.map(|local| (unshifted(local, standard), daylight)),
                    to_standard.map(|local| (unshifted(local, daylight), standard)),
                ]
            })
            .flatten()
            .collect();
        switches.sort_unstable();
        switches
    }

    pub(super) fn standard_offset(&self) -> i32 {
        offset(self.bias, self.standard_bias)
    }

    fn daylight_offset(&self) -> i32 {
        if self.has_daylight() {
            offset(self.bias, self.daylight_bias)
        } else {
            self.standard_offset()
        }
    }

    fn has_daylight(&self) -> bool {
        self.daylight_date.month != 0
            && self.standard_date.month != 0
            && self.daylight_bias != self.standard_bias
    }
}

/// Two days are more than any zone is away from universal time, and keep every sum in range.
fn offset(bias: i32, more: i32) -> i32 {
    const MOST: i64 = 2 * 24 * 60;
    let minutes = (i64::from(bias) + i64::from(more)).clamp(-MOST, MOST);
    i32::try_from(Duration::minutes(-minutes).whole_seconds()).unwrap_or_default()
}

fn read_name(bytes: &[u8]) -> String {
    let units = bytes.as_chunks::<2>().0.iter().map(|pair| u16::from_le_bytes(*pair));
    char::decode_utf16(units.take_while(|unit| *unit != 0))
        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

fn write_name(bytes: &mut Vec<u8>, name: &str) {
    let end = bytes.len() + 2 * NAME;
    for character in name.chars().take_while(|character| *character != '\0') {
        let mut units = [0; 2];
        let units = character.encode_utf16(&mut units);
        if bytes.len() + 2 * units.len() > end {
            break;
        }
        units.iter().for_each(|unit| bytes.extend(unit.to_le_bytes()));
    }
    bytes.resize(end, 0);
}
