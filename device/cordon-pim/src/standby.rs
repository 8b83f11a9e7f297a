//! Notices that the machine slept, because a container that was open then must be locked on waking.

use std::time::{Duration, Instant, SystemTime};

/// How often both clocks are compared.
pub(crate) const EVERY: Duration = Duration::from_secs(5);
/// How much more the wall clock must have moved than the one that stands still during sleep.
const GAP: Duration = Duration::from_secs(20);

/// The two clocks at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) awake: Instant,
    pub(crate) wall: SystemTime,
}

/// Tells whether the machine slept between two moments; setting the clock forward looks the same and locks too.
pub(crate) fn slept(before: Moment, after: Moment) -> bool {
    let awake = after.awake.duration_since(before.awake);
    after.wall.duration_since(before.wall).is_ok_and(|wall| wall > awake + GAP)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_that_only_the_wall_clock_saw_was_sleep() {
        check(5, 5, false);
        check(5, 24, false);
        check(5, 26, true);
        check(5, 3600, true);
        check(3600, 3600, false);
    }

    #[test]
    fn a_clock_that_was_set_back_is_no_sleep() {
        let before = Moment {
            awake: Instant::now(),
            wall: SystemTime::UNIX_EPOCH + Duration::from_secs(60),
        };
        let after = Moment { awake: before.awake + EVERY, wall: SystemTime::UNIX_EPOCH };

        assert!(!slept(before, after));
    }

    #[track_caller]
    fn check(awake_seconds: u64, wall_seconds: u64, expected: bool) {
        let before = Moment { awake: Instant::now(), wall: SystemTime::UNIX_EPOCH };
        let after = Moment {
            awake: before.awake + Duration::from_secs(awake_seconds),
            wall: before.wall + Duration::from_secs(wall_seconds),
        };

        assert_eq!(slept(before, after), expected);
    }
}
