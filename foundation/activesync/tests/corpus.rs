//! What the fuzzers found worth keeping, tried again on every build.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a check that cannot go on has failed")]

#[path = "../fuzz/fuzz_targets/checks.rs"]
mod checks;

use std::fs;
use std::path::Path;

fn each(target: &str, check: impl Fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut inputs = 0;
    for file in fs::read_dir(folder).unwrap() {
        check(&fs::read(file.unwrap().path()).unwrap());
        inputs += 1;
    }
    assert!(inputs > 100, "{target} has {inputs}");
}

#[test]
fn decoder() {
    each("decoder", checks::decoder);
}

#[test]
fn multipart() {
    each("multipart", checks::multipart);
}

#[test]
fn query() {
    each("query", checks::query);
}
