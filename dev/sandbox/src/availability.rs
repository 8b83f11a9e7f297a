//! When somebody has no time, in half hours.

use activesync::messages::FreeBusy;
use time::{Duration, OffsetDateTime};

const HALF_HOUR: Duration = Duration::minutes(30);
/// Most half hours in an answer; each is one byte of at most 32 KiB.
const MOST: i64 = 32 * 1024;

/// Somebody's time from one moment to before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Busy {
    pub(crate) from: OffsetDateTime,
    pub(crate) to: OffsetDateTime,
    pub(crate) state: FreeBusy,
}

/// Merges times into one state for each half hour; where they overlap the higher one counts. `None` if that would be none or too many.
pub(crate) fn merged(
    busy: &[Busy],
    from: OffsetDateTime,
    to: OffsetDateTime,
) -> Option<Vec<FreeBusy>> {
    let count = ((to - from).whole_seconds() + 1799) / 1800;
    if !(1..=MOST).contains(&count) {
        return None;
    }
    let mut halves = vec![FreeBusy::Free; usize::try_from(count).ok()?];
    for (index, half) in halves.iter_mut().enumerate() {
        let start = from + HALF_HOUR * i32::try_from(index).ok()?;
        let within = busy.iter().filter(|busy| busy.from < start + HALF_HOUR && busy.to > start);
        if let Some(highest) = within.map(|busy| busy.state).max_by_key(|state| state.code()) {
            *half = highest;
        }
    }
    Some(halves)
}

/// Returns what somebody does who works from Monday to Friday: `seed` makes the days of different people different.
pub(crate) fn usual(started: OffsetDateTime, seed: usize) -> Vec<Busy> {
    let day = started.replace_time(time::Time::MIDNIGHT);
    let seed = i64::try_from(seed).unwrap_or_default();
    let working = (-7..28).filter(|offset| {
        let weekday = (day + Duration::days(*offset)).weekday().number_days_from_monday();
        weekday < 5
    });
    let meeting = |offset: i64, minutes: i64, length: i64, state| {
        let from = day + Duration::days(offset) + Duration::minutes(minutes);
        Busy { from, to: from + Duration::minutes(length), state }
    };
    let each = |offset: i64| {
        let turn = (offset + seed).rem_euclid(5);
        let away = (turn == 4).then(|| meeting(offset, 13 * 60, 240, FreeBusy::OutOfOffice));
        let perhaps = (turn % 2 == 0).then(|| meeting(offset, 11 * 60, 60, FreeBusy::Tentative));
        let daily = meeting(offset, 8 * 60 + turn * 30, 45, FreeBusy::Busy);
        [Some(daily), perhaps, away].into_iter().flatten()
    };
    working.flat_map(each).collect()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn the_higher_state_counts_in_each_half_hour() {
        let at = |minutes| datetime!(2026-09-15 08:00 UTC) + Duration::minutes(minutes);
        let busy = |from, to, state| Busy { from: at(from), to: at(to), state };
        let times = [
            busy(0, 30, FreeBusy::Busy),
            busy(15, 61, FreeBusy::Tentative),
            busy(120, 121, FreeBusy::OutOfOffice),
        ];
        let digits = |from, to| {
            let halves = merged(&times, at(from), at(to))?;
            Some(halves.iter().map(|half| char::from(b'0' + half.code())).collect::<String>())
        };
        assert_eq!(digits(0, 150).as_deref(), Some("21103"));
        assert_eq!(digits(15, 46).as_deref(), Some("21"));
        assert_eq!(digits(-60, 0).as_deref(), Some("00"));
        assert_eq!((digits(0, 0), digits(30, 0), digits(0, 30 * 40_000)), (None, None, None));
    }

    #[test]
    fn nobody_works_on_sundays() {
        let times = usual(datetime!(2026-09-15 10:00 UTC), 3);
        assert!(times.iter().all(|busy| busy.from.weekday() != time::Weekday::Sunday));
        assert_ne!(times, usual(datetime!(2026-09-15 10:00 UTC), 4));
    }
}
