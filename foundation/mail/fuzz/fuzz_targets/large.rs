//! Fuzzes encrypted mails that are read as a stream; what must hold stands in `checks.rs`, once for all targets.
#![no_main]

#[allow(dead_code, reason = "each target uses one of the checks")]
mod checks;

libfuzzer_sys::fuzz_target!(|input: &[u8]| checks::large(input));
