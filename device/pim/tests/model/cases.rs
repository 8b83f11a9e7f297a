//! Which random cases a run of the tests tries.

use proptest::test_runner::{Config, RngSeed};

/// The same cases each time, so that a failure belongs to a change; with PROPTEST_CASES that many others.
pub(crate) fn cases(usual: u32) -> Config {
    let wanted = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    Config {
        cases: wanted.unwrap_or(usual),
        failure_persistence: None,
        rng_seed: if wanted.is_some() { RngSeed::Random } else { RngSeed::Fixed(2026) },
        ..Config::default()
    }
}
