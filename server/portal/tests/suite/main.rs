//! The console's API seen from the browser: the real router on a real database.
//!
//! Runs on SQLite, or on the PostgreSQL server that `CORDON_TEST_POSTGRES` names. CI runs the suite once each way.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod administrators;
mod audit_log;
mod certificates;
mod console_for_tests;
mod devices;
mod document;
mod groups;
mod guard;
mod invitations;
mod overview;
mod page;
mod people;
mod refused;
mod sign_in;
