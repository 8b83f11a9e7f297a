//! What the fuzzers found worth keeping, tried again on every build.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a check that cannot go on has failed")]

#[path = "../fuzz/fuzz_targets/checks.rs"]
mod checks;

use std::fs;
use std::path::Path;

fn each(target: &str, least: usize, check: impl Fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut inputs = 0;
    for file in fs::read_dir(folder).unwrap() {
        check(&fs::read(file.unwrap().path()).unwrap());
        inputs += 1;
    }
    assert!(inputs >= least, "{target} has {inputs}");
}

#[test]
fn ber() {
    each("ber", 100, checks::ber);
}

#[test]
fn pkcs8() {
    each("pkcs8", 20, checks::pkcs8);
}

#[test]
fn pkcs12() {
    each("pkcs12", 200, checks::pkcs12);
}
