//! What the fuzzers found worth keeping, tried again on every build.
#![allow(clippy::unwrap_used, reason = "a check that cannot go on has failed")]

#[path = "../fuzz/fuzz_targets/checks.rs"]
mod checks;

use std::fs;
use std::path::Path;

#[test]
fn objects() {
    each("objects", 100, checks::objects);
}

#[test]
fn piv() {
    each("piv", 20, checks::piv);
}

fn each(target: &str, least: usize, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut inputs = 0;
    for file in fs::read_dir(folder).unwrap() {
        check(&fs::read(file.unwrap().path()).unwrap());
        inputs += 1;
    }
    assert!(inputs >= least, "{target} has {inputs}");
}
