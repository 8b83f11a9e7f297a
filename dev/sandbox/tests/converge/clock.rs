//! The time of a test's world. Each test runs in a thread of its own.

use std::cell::Cell;

use time::macros::datetime;
use time::{Duration, OffsetDateTime};

const START: OffsetDateTime = datetime!(2026-01-05 08:00 UTC);

thread_local! {
    static NOW: Cell<OffsetDateTime> = const { Cell::new(START) };
}

pub(crate) fn now() -> OffsetDateTime {
    NOW.get()
}

pub(crate) fn pass(time: Duration) {
    NOW.set(now() + time);
}

pub(crate) fn begin() {
    NOW.set(START);
}
