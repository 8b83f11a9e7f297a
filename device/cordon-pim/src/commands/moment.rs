//! Moments as people type them.

use crate::failure::Failure;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime, PrimitiveDateTime, UtcOffset};

/// Reads a day, a day with a time, or both with a zone; without a zone it goes by the clock of this machine.
pub(super) fn read(typed: &str) -> Result<OffsetDateTime, Failure> {
    // Where the system does not tell, the clock shows UTC.
    read_by(typed, |moment| UtcOffset::local_offset_at(moment).unwrap_or(UtcOffset::UTC))
}

fn read_by(
    typed: &str,
    zone: impl Fn(OffsetDateTime) -> UtcOffset,
) -> Result<OffsetDateTime, Failure> {
    if let Ok(moment) = OffsetDateTime::parse(typed, &Rfc3339) {
        return Ok(moment);
    }
    let day = format_description!("[year]-[month]-[day]");
    let minute = format_description!("[year]-[month]-[day]T[hour]:[minute]");
    let local = Date::parse(typed, day)
        .map(Date::midnight)
        .or_else(|_| PrimitiveDateTime::parse(typed, minute))
        .map_err(|_| {
            Failure::unusable(format!(
                "{typed:?} is no moment: write 2026-12-24, 2026-12-24T17:00 or 2026-12-24T17:00:00+01:00"
            ))
        })?;
    Ok(local.assume_offset(zone(local.assume_utc())))
}

/// Writes a moment for people, by its own clock.
pub(super) fn short(moment: &str) -> String {
    moment.chars().take(16).map(|letter| if letter == 'T' { ' ' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{datetime, offset};

    #[test]
    fn a_moment_goes_by_the_clock_of_the_machine_or_by_its_zone() {
        let read = |typed: &str| read_by(typed, |_| offset!(+1));

        assert_eq!(read("2026-12-24").unwrap(), datetime!(2026-12-24 0:00 +1));
        assert_eq!(read("2026-12-24T17:30").unwrap(), datetime!(2026-12-24 17:30 +1));
        assert_eq!(read("2026-12-24T17:30:00-05:00").unwrap(), datetime!(2026-12-24 17:30 -5));
        assert_eq!(read("2026-12-24T17:30:00Z").unwrap(), datetime!(2026-12-24 17:30 UTC));
        for wrong in ["", "tomorrow", "2026-13-01", "2026-12-24 17:30", "24.12.2026"] {
            assert_eq!(read(wrong).unwrap_err().exit_code(), 2, "{wrong}");
        }
        assert_eq!(short("2026-12-24T17:30:00+01:00"), "2026-12-24 17:30");
    }
}
