//! What the fuzzers found worth keeping, tried again on every build.
#![allow(clippy::unwrap_used, reason = "a check that cannot go on has failed")]

#[path = "../fuzz/fuzz_targets/checks.rs"]
mod checks;

use std::fs;
use std::path::Path;

#[test]
fn profiles() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/profile");
    let mut inputs = 0;
    for file in fs::read_dir(folder).unwrap() {
        checks::profile(&fs::read(file.unwrap().path()).unwrap());
        inputs += 1;
    }
    assert!(inputs >= 20, "there are {inputs}");
}
