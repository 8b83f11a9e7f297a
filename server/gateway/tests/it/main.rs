//! The gateway over real sockets and real TLS, with a mail server that is played by the test.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may fail by panic, in its helpers too"
)]

mod app;
mod decisions;
mod held;
mod log;
mod relayed;
mod strictness;
mod support;
mod transport;
