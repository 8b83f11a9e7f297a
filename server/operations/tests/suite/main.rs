//! The operations seen from outside: what they answer, what they leave behind, what they record.
//!
//! Runs on SQLite, or on the PostgreSQL server that `CORDON_TEST_POSTGRES` names. CI runs the suite once each way.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod administrators;
mod audit_log;
mod certificates;
mod crash;
mod devices;
mod feed;
mod fleet_for_tests;
mod groups;
mod invitations;
mod issuing;
mod people;
mod races;
mod token;
