//! What the gateway refused lately, as the console shows it.

use fleet::DeviceId;
use std::fmt::Debug;
use time::OffsetDateTime;

/// Knows what the gateway refused lately. The gateway may run in this process or in another one.
pub trait RefusalSource: Debug + Send + Sync {
    /// Returns the refused requests that are remembered, oldest first.
    fn recent(&self) -> Vec<RefusedRequest>;
}

/// Somebody who remembers a fixed list, such as a server without a gateway, whose list is empty.
impl RefusalSource for Vec<RefusedRequest> {
    fn recent(&self) -> Vec<RefusedRequest> {
        self.clone()
    }
}

/// A request that did not reach the mail server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RefusedRequest {
    /// When it was answered.
    pub at: OffsetDateTime,
    /// The device, if the request could be assigned to one.
    pub device: Option<DeviceId>,
    /// The identifier it showed in ActiveSync.
    pub eas_id: Option<String>,
    /// The ActiveSync command.
    pub command: Option<String>,
    /// The HTTP status of the answer; 0 if the connection was closed instead.
    pub status: u16,
    /// The rule that refused.
    pub rule: String,
    /// What the fact is about that settled it.
    pub fact: String,
    /// What that fact is.
    pub value: String,
}
