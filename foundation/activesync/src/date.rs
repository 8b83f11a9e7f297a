//! Points in time as the protocol writes them.

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime, UtcOffset};

const LONG: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
const LONG_WITHOUT_FRACTION: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
const LONG_ANY_FRACTION: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond]Z");
const COMPACT: &[BorrowedFormatItem<'_>] =
    format_description!("[year][month][day]T[hour][minute][second]Z");

/// Reads both forms: `2026-03-01T08:15:00.000Z`, with or without the fraction, and `20260301T081500Z`.
pub fn parse(text: &str) -> Option<OffsetDateTime> {
    [LONG_ANY_FRACTION, LONG_WITHOUT_FRACTION, COMPACT]
        .iter()
        .find_map(|form| PrimitiveDateTime::parse(text.trim(), form).ok())
        .map(PrimitiveDateTime::assume_utc)
}

/// Writes the form of mail, tasks and contacts: `2026-03-01T08:15:00.000Z`.
pub fn long(moment: OffsetDateTime) -> String {
    write(moment, LONG)
}

/// Writes the form of calendar and notes: `20260301T081500Z`.
pub fn compact(moment: OffsetDateTime) -> String {
    write(moment, COMPACT)
}

fn write(moment: OffsetDateTime, form: &[BorrowedFormatItem<'_>]) -> String {
    moment
        .checked_to_offset(UtcOffset::UTC)
        .unwrap_or(moment)
        .format(form)
        .expect("both forms ask only for parts that every moment has")
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn both_forms_are_read() {
        let moment = datetime!(2026-03-01 08:15:00 UTC);
        for text in [
            "2026-03-01T08:15:00.000Z",
            "2026-03-01T08:15:00Z",
            "20260301T081500Z",
            " 2026-03-01T08:15:00.0Z ",
        ] {
            assert_eq!(parse(text), Some(moment), "{text}");
        }
        assert_eq!(parse("2026-03-01T08:15:00.123Z"), Some(datetime!(2026-03-01 08:15:00.123 UTC)));
    }

    #[test]
    fn nonsense_is_not_a_date() {
        for text in [
            "",
            "2026-03-01",
            "2026-13-01T00:00:00Z",
            "20260301T081500",
            "2026-02-30T00:00:00.000Z",
            "now",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn dates_are_written_in_utc() {
        let moment = datetime!(2026-03-01 10:15:00.5 +2);
        assert_eq!(long(moment), "2026-03-01T08:15:00.500Z");
        assert_eq!(compact(moment), "20260301T081500Z");
    }
}
