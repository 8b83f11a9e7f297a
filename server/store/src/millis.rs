//! Moments as both kinds of database compare them.

use sea_orm::DeriveValueType;
use time::{Duration, OffsetDateTime};

/// A moment in milliseconds since 1970.
///
/// SQLite keeps timestamps as text, and as text `05.5Z` sorts before `05Z`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, DeriveValueType)]
pub(crate) struct Millis(pub(crate) i64);

impl From<OffsetDateTime> for Millis {
    fn from(time: OffsetDateTime) -> Self {
        let millis = time.unix_timestamp_nanos().div_euclid(1_000_000);

        Self(i64::try_from(millis).expect("the years that `time` can name fit"))
    }
}

impl From<Millis> for OffsetDateTime {
    /// A moment beyond the years that `time` can name is the last one it can name.
    fn from(Millis(millis): Millis) -> Self {
        Self::UNIX_EPOCH.saturating_add(Duration::milliseconds(millis))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn a_moment_keeps_its_milliseconds() {
        check(datetime!(2026-01-02 03:04:05.678_9 UTC), datetime!(2026-01-02 03:04:05.678 UTC));
        check(datetime!(2026-01-02 03:04:05.678 +01:00), datetime!(2026-01-02 02:04:05.678 UTC));
        check(datetime!(1969-12-31 23:59:59.999_9 UTC), datetime!(1969-12-31 23:59:59.999 UTC));
    }

    #[test]
    fn a_moment_nobody_writes_does_not_panic() {
        assert!(OffsetDateTime::from(Millis(i64::MAX)) > datetime!(9999-01-01 00:00:00 UTC));
        assert!(OffsetDateTime::from(Millis(i64::MIN)) < datetime!(0000-01-01 00:00:00 UTC));
    }

    #[track_caller]
    fn check(before: OffsetDateTime, after: OffsetDateTime) {
        assert_eq!(OffsetDateTime::from(Millis::from(before)), after);
    }
}
