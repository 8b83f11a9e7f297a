//! What is worth keeping for the fuzzers, tried again on every build, and cut and changed in many places.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a check that cannot go on has failed"
)]

#[path = "../fuzz/fuzz_targets/checks.rs"]
mod checks;

use std::fs;
use std::path::Path;

#[test]
fn settings() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/settings");
    let mut inputs = 0;
    for file in fs::read_dir(folder).unwrap() {
        let input = fs::read(file.unwrap().path()).unwrap();
        checks::settings(&input);
        let step = (input.len() / 200).max(1);
        for place in (0..input.len()).step_by(step) {
            checks::settings(&input[..place]);
            for change in [1, 0x10, 0x80] {
                let mut changed = input.clone();
                changed[place] ^= change;
                checks::settings(&changed);
            }
        }
        inputs += 1;
    }
    assert!(inputs >= 3, "{inputs}");
}
