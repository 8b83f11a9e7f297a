//! What the fuzzers found worth keeping, tried again on every build, and all of NIST's files with them.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a check that cannot go on has failed")]

#[path = "../fuzz/fuzz_targets/checks.rs"]
mod checks;

use std::fs;
use std::path::Path;

fn each(folder: &str, least: usize, check: impl Fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut inputs = 0;
    for file in fs::read_dir(&folder).unwrap() {
        check(&fs::read(file.unwrap().path()).unwrap());
        inputs += 1;
    }
    assert!(inputs >= least, "{folder:?} has {inputs}");
}

#[test]
fn certificates() {
    each("fuzz/corpus/certificate", 20, checks::certificate);
    each("tests/pkits/certs", 400, checks::certificate);
}

#[test]
fn texts_of_pem() {
    each("fuzz/corpus/pem", 20, checks::pem);
}

#[test]
fn revocation_lists() {
    each("fuzz/corpus/crl", 20, checks::crl);
    each("tests/pkits/crls", 170, checks::crl);
}

#[test]
fn requests_and_questions() {
    each("fuzz/corpus/question", 10, checks::question);
}

#[test]
fn ocsp_answers() {
    each("fuzz/corpus/ocsp", 10, checks::ocsp);
}
