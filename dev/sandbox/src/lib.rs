//! A sample server of mails, calendars, contacts, tasks and notes that speaks ActiveSync: for the demo, for tests, and for load.
//!
//! ```text
//!   Sandbox::start(Options) ─► Running ─► Sandbox ◄─ Sandbox::silent(Options)
//!                                 │          │         deliver, look inside, let things fail
//!   wire ─► http ─► commands ─► server      accounts, each with a mailbox and its devices
//!                      │           ├── mailbox    items and the order of their changes
//!                      │           └── view       what a device knows of a folder
//!        render, pim, meetings      samples, generated   where items come from
//! ```
//!
//! `directory`, `certificates` and `availability` say who people are; `finding` and `matching` what a search means; `delivery`,
//! `out_of_office` and `quoting` what happens to mails on their way; `sign_in` and `autodiscover` who comes in, and where.
//!
//! It keeps state as a real server does: the current and the previous key of a folder are good, a repeated request is
//! answered again, bogus keys are refused, Ping is held. Ids and keys contain characters that clients must not touch.
//!
//! Invariants:
//! - what is not an explicit [`Fault`] is protocol as documented;
//! - generated mails and events take no room: their content is made from their number each time it is wanted;
//! - everything is in memory and gone when the sandbox is dropped.

mod autodiscover;
mod availability;
mod certificates;
mod commands;
mod delivery;
mod device;
mod directory;
mod drafts;
mod faults;
mod finding;
mod generated;
mod http;
mod itip;
mod mailbox;
mod matching;
mod meetings;
mod options;
mod out_of_office;
mod photo;
mod pim;
mod quoting;
mod render;
mod running;
mod samples;
mod server;
mod sign_in;
mod view;
mod wire;

pub use certificates::Identity;
pub use faults::Fault;
pub use options::{Options, Tls};
pub use running::{DeviceView, ItemError, MailView, Running, Sandbox, StartError, UnknownAccount};
pub use sign_in::{Introspection, TokenCheck, TokenKeys, TokenKeysError, Tokens};
pub use wire::TlsError;
