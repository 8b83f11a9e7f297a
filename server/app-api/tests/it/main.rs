//! The app's API seen from outside: requests in, responses out, through the real router and a real database.
//!
//! Runs on SQLite, or on the PostgreSQL server that `CORDON_TEST_POSTGRES` names. The app's side is written from
//! `docs/registration.md` and shares no code with the app.

#![allow(clippy::indexing_slicing, reason = "a missing field fails the test, as it should")]

mod certificate_files;
mod company;
mod device;
mod join;
mod registration;
mod renewal;
mod status;
mod token;
