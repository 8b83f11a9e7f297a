//! `cordon smime` as people at a shell see it, against `openssl cms` and `gpgsm` in both directions.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

mod card;
mod commands;
mod folder;
mod gpgsm;
mod openssl;
