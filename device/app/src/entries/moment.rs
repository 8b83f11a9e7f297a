//! Dates and times as people and programs write them.

use crate::error::EntryError;
use activesync::zone::Zone;
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime, PrimitiveDateTime, UtcOffset};

const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
const MINUTES: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]");
const SECONDS: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");

/// Reads a date, for instance `2026-12-31`.
pub(super) fn date(field: &'static str, text: &str) -> Result<Date, EntryError> {
    let none = |_| EntryError::bad(field, format!("{text:?} is no date, such as 2026-12-31"));

    Date::parse(text.trim(), DATE).map_err(none)
}

/// Reads a time: with its distance from universal time, or as the clock of `zone` shows it.
pub(super) fn moment(
    field: &'static str,
    text: &str,
    zone: &Zone,
) -> Result<OffsetDateTime, EntryError> {
    let text = text.trim().replacen(' ', "T", 1);
    if let Ok(moment) = OffsetDateTime::parse(&text, &Rfc3339) {
        return Ok(moment.to_offset(UtcOffset::UTC));
    }
    let local =
        [MINUTES, SECONDS].iter().find_map(|form| PrimitiveDateTime::parse(&text, form).ok());
    let none = || {
        let form = "2026-12-31T09:30 or 2026-12-31T09:30:00+01:00";
        EntryError::bad(field, format!("{text:?} is no time, such as {form}"))
    };

    local.map(|local| zone.moment(local)).ok_or_else(none)
}

/// Writes a date.
pub(super) fn date_text(date: Date) -> String {
    date.format(DATE).unwrap_or_default()
}

/// Writes a time as the clock of `zone` shows it, with its distance from universal time.
pub(super) fn moment_text(moment: OffsetDateTime, zone: &Zone) -> String {
    let local = zone.local(moment);
    let ahead = local.assume_utc() - moment;
    let offset = i32::try_from(ahead.whole_seconds())
        .ok()
        .and_then(|seconds| UtcOffset::from_whole_seconds(seconds).ok())
        .filter(|offset| offset.seconds_past_minute() == 0);
    let shown = match offset {
        Some(offset) => local.assume_offset(offset),
        // No zone of our time is a fraction of a minute ahead.
        None => moment.to_offset(UtcOffset::UTC),
    };
    let whole = shown.replace_nanosecond(0).unwrap_or(shown);

    whole.format(&Rfc3339).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use activesync::zone::NamedZone;
    use time::macros::datetime;

    #[test]
    fn times_are_read_with_a_distance_or_by_a_clock() {
        let berlin = Zone::Named(NamedZone::find("Europe/Berlin").unwrap());
        let read = |text| moment("start", text, &berlin).ok();
        let noon = datetime!(2026-07-01 10:00 UTC);

        for text in [
            "2026-07-01T12:00",
            "2026-07-01 12:00",
            "2026-07-01T12:00:00",
            "2026-07-01T10:00:00Z",
            " 2026-07-01T15:30:00+05:30",
        ] {
            assert_eq!(read(text), Some(noon), "{text}");
        }
        assert_eq!(moment_text(noon, &berlin), "2026-07-01T12:00:00+02:00");
        assert_eq!(moment_text(noon, &Zone::Utc), "2026-07-01T10:00:00Z");
        for text in ["", "2026-07-01", "12:00", "2026-02-30T12:00", "tomorrow", "2026-07-01T25:00"]
        {
            assert_eq!(read(text), None, "{text}");
        }
        assert!(date("due", "2026-02-29").is_err());
        assert_eq!(date("due", "2028-02-29").map(date_text).ok().as_deref(), Some("2028-02-29"));
    }
}
