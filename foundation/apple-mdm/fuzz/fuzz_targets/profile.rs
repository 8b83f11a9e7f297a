//! Fuzzes the reader of configuration profiles and what checks them; what must hold stands in `checks.rs`.
#![no_main]

mod checks;

libfuzzer_sys::fuzz_target!(|input: &[u8]| checks::profile(input));
