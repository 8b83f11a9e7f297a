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

fn each(target: &str, least: usize, check: impl Fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut inputs = 0;
    for file in fs::read_dir(folder).unwrap() {
        let input = fs::read(file.unwrap().path()).unwrap();
        check(&input);
        let step = (input.len() / 40).max(1);
        for place in (0..input.len()).step_by(step) {
            check(&input[..place]);
            for change in [1, 0x80, 0xff] {
                let mut changed = input.clone();
                changed[place] ^= change;
                check(&changed);
            }
        }
        inputs += 1;
    }
    assert!(inputs >= least, "{target} has {inputs}");
}

#[test]
fn cms() {
    each("cms", 20, checks::cms);
}

#[test]
fn message() {
    each("message", 10, checks::message);
}

#[test]
fn smime() {
    each("smime", 10, checks::smime);
}

#[test]
fn large() {
    each("smime", 10, checks::large);
}
