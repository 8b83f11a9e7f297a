//! What the gateway knows about devices, and its decision on one request.
//!
//! ```text
//! FeedMessage ──> DeviceAccess ─┐
//!                               ├──> decide ──> Decision: verdict, rule, fact
//! HTTP ──> RequestFacts ────────┘
//! ```
//!
//! # Invariants
//!
//! - Refused is everything that no rule allows.
//! - A decision names the rule that made it and the fact that settled it, and neither holds personal data.
//! - Passwords and tokens never get here: of a sign-in only the user's name is kept.

mod names;
mod refusal;
mod rules;

use std::borrow::Cow;
use std::fmt;
use std::net::SocketAddr;

use activesync::query::{Command, Version};

use crate::DeviceId;
use crate::device::{BlockCause, Device, State};
use crate::user::Block;

pub use refusal::{Refusal, RefusalAnswer};
pub use rules::{decide, select};

/// What is known about the TLS connection on which a request came; requests carry it as an extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Key material that both ends of this connection derive and nobody else can (RFC 5705): label
    /// `EXPORTER-cordon-registration-v1`, a context that is there and empty, 32 bytes.
    pub exporter: [u8; 32],
    /// The certificate the client proved to hold, DER; it leads to the authority of this server.
    pub client_certificate: Option<Vec<u8>>,
    /// The client's end of the TCP connection.
    pub peer: SocketAddr,
}

impl Connection {
    /// The label under which [`Connection::exporter`] is derived.
    pub const EXPORTER_LABEL: &'static [u8] = b"EXPORTER-cordon-registration-v1";
}

/// What decides about one device's access to mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceAccess {
    /// The device.
    pub device: DeviceId,
    /// The identifier it shows in ActiveSync, in lower case.
    pub eas_id: String,
    /// The names its owner signs in with: login and mail addresses, in lower case.
    pub owner_names: Vec<String>,
    /// Where it stands.
    pub standing: Standing,
    /// SHA-256 of the certificates of which it must show one: more than one while they are exchanged, none for a device that has none.
    pub certificates: Vec<[u8; 32]>,
}

/// Where a device stands, as far as mail is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It has been blocked and may be unblocked.
    Blocked {
        /// What the administrator noted.
        reason: String,
    },
    /// It may have mail.
    Managed,
    /// It could have mail, but its owner has been blocked.
    OwnerBlocked {
        /// What the administrator noted.
        reason: String,
    },
    /// It is no longer in use.
    Retired,
    /// It has been ordered to delete everything.
    Wiped,
}

impl Standing {
    /// Tells where a device stands whose owner is blocked or not; an invited device stands nowhere yet.
    pub fn of(device: &Device, owner: Option<&Block>) -> Option<Self> {
        match &device.state {
            State::Invited => None,
            State::Registered | State::Blocked { .. } => Some(match device.block_cause(owner) {
                None => Self::Managed,
                Some(BlockCause::Device(reason)) => Self::Blocked { reason: reason.to_string() },
                Some(BlockCause::Owner(reason)) => {
                    Self::OwnerBlocked { reason: reason.to_string() }
                }
            }),
            State::Retired { .. } => Some(Self::Retired),
            State::Wiped { .. } => Some(Self::Wiped),
        }
    }

    /// Returns the standing in one word.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Blocked { .. } => "blocked",
            Self::Managed => "managed",
            Self::OwnerBlocked { .. } => "owner blocked",
            Self::Retired => "retired",
            Self::Wiped => "wiped",
        }
    }
}

/// One change of what the gateway knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The device is now like this.
    Put(DeviceAccess),
    /// The device is unknown from now on.
    Remove(DeviceId),
}

/// What the gateway hears about the fleet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedMessage {
    /// Nothing new, and the feed is alive.
    Alive {
        /// The last change there has been.
        sequence: u64,
    },
    /// What changed since the last message.
    Changes {
        /// The last of the changes.
        sequence: u64,
        /// The changes in order.
        changes: Vec<Change>,
    },
    /// Everything, instead of what was known before.
    Snapshot {
        /// The last change contained.
        sequence: u64,
        /// All devices.
        devices: Vec<DeviceAccess>,
    },
}

/// What a request says about itself and its connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestFacts {
    /// What is asked for.
    pub asks: Asks,
    /// The user's name in the query, which the client may choose freely.
    pub query_user: Option<String>,
    /// How the client signs in to the mail server.
    pub sign_in: SignIn,
    /// SHA-256 of the certificate the client proved to hold.
    pub certificate: Option<[u8; 32]>,
    /// What the client calls itself.
    pub user_agent: Option<String>,
    /// The client's end of the TCP connection.
    pub peer: SocketAddr,
}

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asks {
    /// A command of ActiveSync.
    Command {
        /// The command.
        command: Command,
        /// The protocol version.
        version: Version,
        /// The identifier the device shows, in lower case.
        eas_id: String,
        /// The kind of device, as the client calls it.
        device_type: String,
    },
    /// Something that cannot be read, or that could be read in two ways.
    Malformed {
        /// HTTP status of the answer.
        status: u16,
        /// What is wrong; no personal data.
        what: Cow<'static, str>,
    },
    /// What the mail server can do.
    Options,
}

/// How a client signs in to the mail server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// With a password.
    Basic {
        /// The user's name.
        user: String,
    },
    /// With a token, which does not tell the gateway whose it is.
    Bearer,
    /// Not at all; the mail server will ask for it.
    Missing,
    /// In a way that signs in the connection instead of the request, and so cannot share connections to the server.
    Other,
}

/// How old the gateway's knowledge is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feed {
    /// Recent enough to decide by.
    Current,
    /// There has been no sign of life for too long.
    Lost,
    /// The first snapshot has not come.
    NotStarted,
}

/// The answer to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether the request reaches the mail server.
    pub verdict: Verdict,
    /// The rule that decided.
    pub rule: &'static str,
    /// The fact that settled it.
    pub fact: Fact,
    /// The device, if the request could be assigned to one.
    pub device: Option<DeviceId>,
}

/// Whether a request reaches the mail server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It does.
    Allow,
    /// It does not.
    Refuse(Refusal),
}

/// One fact about a request or a device, fit for logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is about.
    pub name: &'static str,
    /// What it is.
    pub value: Cow<'static, str>,
}

impl fmt::Display for Fact {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.name, self.value)
    }
}
