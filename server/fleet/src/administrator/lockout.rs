//! The pause after wrong passwords, which grows with every further one.

use time::{Duration, OffsetDateTime, UtcOffset};

/// How many wrong passwords cost no pause.
const FREE: u32 = 4;
/// The pause after the first one that costs a pause.
const FIRST_PAUSE: Duration = Duration::seconds(30);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::hours(1);
/// After so long without a wrong password, earlier ones are forgotten.
pub const FORGOTTEN_AFTER: Duration = Duration::days(1);

/// Counts the wrong passwords for a name since the last right one, whether or not an account has the name: a pause
/// must not tell which names exist.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct SignInGuard {
    failures: u32,
    last_failure: Option<OffsetDateTime>,
}

impl SignInGuard {
    /// Describes a name with so many wrong passwords, the last of them at the given moment.
    pub fn new(failures: u32, last_failure: Option<OffsetDateTime>) -> Self {
        Self { failures, last_failure }
    }

    /// Returns the number of wrong passwords since the last right one.
    pub fn failures(self) -> u32 {
        self.failures
    }

    /// Returns when the last wrong password was given.
    pub fn last_failure(self) -> Option<OffsetDateTime> {
        self.last_failure
    }

    /// Admits another attempt at `now`.
    ///
    /// # Errors
    ///
    /// [`LockedOut`] while the pause lasts.
    pub fn admit(self, now: OffsetDateTime) -> Result<(), LockedOut> {
        let Some(last_failure) = self.last_failure else { return Ok(()) };
        let until = last_failure + pause(self.failures);
        if now < until {
            return Err(LockedOut { until });
        }

        Ok(())
    }

    /// Counts a wrong password.
    #[must_use]
    pub fn failed(self, now: OffsetDateTime) -> Self {
        let forgotten = self.last_failure.is_some_and(|last| now - last >= FORGOTTEN_AFTER);
        let earlier = if forgotten { 0 } else { self.failures };

        Self { failures: earlier.saturating_add(1), last_failure: Some(now) }
    }
}

/// Returns how long to wait after so many wrong passwords.
fn pause(failures: u32) -> Duration {
    let Some(beyond) = failures.checked_sub(FREE + 1) else { return Duration::ZERO };
    let factor = 1_i32.checked_shl(beyond).filter(|factor| *factor > 0).unwrap_or(i32::MAX);

    FIRST_PAUSE.checked_mul(factor).map_or(LONGEST_PAUSE, |pause| pause.min(LONGEST_PAUSE))
}

/// Too many passwords were wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("nobody was signed in: too many passwords were wrong; wait until {} and try again", shown(*until))]
pub struct LockedOut {
    /// When the next attempt is admitted.
    pub until: OffsetDateTime,
}

fn shown(moment: OffsetDateTime) -> String {
    let (hour, minute, second) = moment.to_offset(UtcOffset::UTC).to_hms();

    format!("{hour:02}:{minute:02}:{second:02} UTC")
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn the_pause_grows_and_has_an_end() {
        for (failures, seconds) in [
            (0, 0),
            (4, 0),
            (5, 30),
            (6, 60),
            (7, 120),
            (11, 1_920),
            (12, 3_600),
            (36, 3_600),
            (37, 3_600),
            (u32::MAX, 3_600),
        ] {
            assert_eq!(pause(failures), Duration::seconds(seconds), "{failures} failures");
        }
    }

    #[test]
    fn guessing_is_admitted_again_when_the_pause_is_over() {
        let guard = SignInGuard::new(5, Some(NOW));
        let until = NOW + Duration::seconds(30);

        assert_eq!(guard.admit(NOW), Err(LockedOut { until }));
        assert_eq!(guard.admit(until - Duration::MILLISECOND), Err(LockedOut { until }));
        assert_eq!(guard.admit(until), Ok(()));
    }

    #[test]
    fn a_clock_that_went_back_does_not_open_the_door() {
        let guard = SignInGuard::new(5, Some(NOW));

        assert!(guard.admit(NOW - Duration::DAY).is_err());
    }

    #[test]
    fn four_mistakes_are_free() {
        let mut guard = SignInGuard::default();
        for _ in 0..4 {
            guard = guard.failed(NOW);
            assert_eq!(guard.admit(NOW), Ok(()));
        }

        assert!(guard.failed(NOW).admit(NOW).is_err());
    }

    #[test]
    fn old_mistakes_are_forgotten() {
        let guard = SignInGuard::new(9, Some(NOW));

        assert_eq!(guard.failed(NOW + Duration::hours(23)).failures(), 10);
        assert_eq!(guard.failed(NOW + Duration::days(1)).failures(), 1);
    }

    const NOW: OffsetDateTime = datetime!(2026-01-02 03:04:05 UTC);
}
