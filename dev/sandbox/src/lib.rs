//! A sample mail server that speaks ActiveSync 14.1 and 16.1: for the demo, for tests, and for load.
//!
//! ```text
//!   Sandbox::start(Options) ─► Running      deliver, look inside, let things fail
//!                                 │
//!   wire ─► http ─► commands ─► server      accounts, each with a mailbox and its devices
//!                      │           ├── mailbox    mails and the order of their changes
//!                      │           └── view       what a device knows of a folder
//!                    render        samples, generated   where mails come from
//! ```
//!
//! It keeps state as a real server does: the current and the previous key of a folder are good, a repeated request is
//! answered again, bogus keys are refused, Ping is held. Ids and keys contain characters that clients must not touch.
//!
//! Invariants:
//! - what is not an explicit [`Fault`] is protocol as documented;
//! - generated mails take no room: their content is made from their number each time it is wanted;
//! - everything is in memory and gone when the sandbox is dropped.

mod commands;
mod device;
mod faults;
mod generated;
mod http;
mod mailbox;
mod options;
mod render;
mod running;
mod samples;
mod server;
mod tokens;
mod view;
mod wire;

pub use faults::Fault;
pub use options::{Options, Tls};
pub use running::{DeviceView, MailView, Running, Sandbox, StartError, UnknownAccount};
pub use tokens::TokenIssuer;
pub use wire::TlsError;
