//! What the fuzzers found worth keeping, tried again on every build.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a check that cannot go on has failed"
)]

#[path = "../fuzz/fuzz_targets/checks.rs"]
mod checks;

use std::fs;
use std::path::Path;

#[test]
fn answers() {
    try_all("answer", checks::answer);
}

#[test]
fn filters() {
    try_all("filter", checks::filter);
}

fn try_all(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut inputs = 0;
    for file in fs::read_dir(folder).unwrap() {
        check(&fs::read(file.unwrap().path()).unwrap());
        inputs += 1;
    }
    assert!(inputs >= 20, "there are {inputs}");
}
