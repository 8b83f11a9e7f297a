//! The gateway: one address and one certificate in front of the mail server.
//!
//! ```text
//!  client ──TLS──> client    one connection, its certificate and exporter
//!                    │
//!                  head      strict reading: one request has one meaning
//!                    │
//!                  request   whose path? what does it say about itself?
//!          ┌─────────┼──────────────┐
//!       closed      face         table <── feed <── the fleet's changes
//!        404       router          │ decision: verdict, rule, fact
//!                (in process)  ┌───┴────┐
//!                           refusal   relay ──> upstream ──> mail server
//!                                       │
//!                                   in_flight: a change ends what a device holds open
//!                    │
//!                 journal    one line per request
//! ```
//!
//! Start reading at `stack.rs`, which is this picture in code.
//!
//! # Invariants
//!
//! - Only POST and OPTIONS of `/Microsoft-Server-ActiveSync` reach the mail server, each decided for itself, and with one
//!   framing, a canonical path and known headers.
//! - No news from the fleet for the configured time means no mail for anybody: the gateway fails closed.
//! - A cookie never signs anybody in: it goes on only with a sign-in that was decided upon, and only if it says where to.
//! - A request is listed before it is decided, so a change always reaches it.
//! - While a request waits for its answer, no buffer is held for it.
//! - Bodies, passwords and tokens are never logged or kept; names of people are logged at debug level only.

mod answer;
mod buffer;
mod client;
mod config;
mod cookies;
mod face;
mod feed;
mod framing;
mod head;
mod in_flight;
mod journal;
mod own_answer;
mod places;
mod relay;
mod request;
mod serve;
mod stack;
mod table;
mod upstream;

pub use config::{GatewayConfig, Limits, UpstreamConfig, UpstreamError};
pub use journal::RefusalRecord;
pub use serve::Gateway;
