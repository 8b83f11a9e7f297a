//! Signed and encrypted mail: what is written is read, and what strangers make of it is told for what it is.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on has failed"
)]

mod gadgets;
mod large;
mod people;
mod reading;
mod shapes;
