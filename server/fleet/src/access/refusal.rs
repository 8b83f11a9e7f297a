//! How a refusal is said so that clients understand it.

use activesync::query::{Command, Version};
use activesync::status::Status;

use super::Asks;

/// Why a request does not reach the mail server, as far as the client has to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// This device may not have mail.
    Device,
    /// The request cannot be read; the same request will never be answered.
    Malformed {
        /// HTTP status of the answer.
        status: u16,
    },
    /// Nobody may have mail at the moment.
    Unavailable,
    /// This user may not have mail on this device.
    User,
}

/// What goes over the wire to refuse a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusalAnswer {
    /// HTTP status.
    pub http: u16,
    /// Command and root status of the answer's body; without one the body is empty.
    pub body: Option<(Command, Status)>,
    /// Seconds after which the client may try again.
    pub retry_after: Option<u32>,
}

/// Root status: the device is blocked for this user.
const DEVICE_BLOCKED: Status = Status(129);

/// Root status: the user may not synchronise.
const USER_DISABLED: Status = Status(126);

/// Seconds after which a client asks again while nobody may have mail.
const RETRY_AFTER: u32 = 30;

impl Refusal {
    /// Returns the answer to what was asked for.
    ///
    /// Clients understand a status in the body since version 14.0, older ones only HTTP; OPTIONS and GetAttachment have no body
    /// that could hold one.
    pub fn answer(self, asks: &Asks) -> RefusalAnswer {
        let plain = |http| RefusalAnswer { http, body: None, retry_after: None };
        match self {
            Self::Device => blocked(asks, DEVICE_BLOCKED),
            Self::Malformed { status } => plain(status),
            Self::Unavailable => RefusalAnswer { retry_after: Some(RETRY_AFTER), ..plain(503) },
            Self::User => blocked(asks, USER_DISABLED),
        }
    }
}

fn blocked(asks: &Asks, status: Status) -> RefusalAnswer {
    let body = match asks {
        Asks::Command { command: Command::GetAttachment, .. }
        | Asks::Malformed { .. }
        | Asks::Options => None,
        Asks::Command { version: Version::V12_1, .. } => None,
        Asks::Command {
            command,
            version: Version::V14_0 | Version::V14_1 | Version::V16_0 | Version::V16_1,
            ..
        } => Some((*command, status)),
    };
    RefusalAnswer { http: if body.is_some() { 200 } else { 403 }, body, retry_after: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_refused_in_the_body_since_14_0() {
        let body = |status| Some((Command::Sync, Status(status)));
        for version in [Version::V14_0, Version::V14_1, Version::V16_0, Version::V16_1] {
            check(Refusal::Device, &asks(Command::Sync, version), 200, body(129));
            check(Refusal::User, &asks(Command::Sync, version), 200, body(126));
        }
        check(Refusal::Device, &asks(Command::Sync, Version::V12_1), 403, None);
        check(Refusal::User, &asks(Command::Sync, Version::V12_1), 403, None);
    }

    #[test]
    fn what_has_no_status_in_its_body_is_refused_by_http() {
        check(Refusal::Device, &asks(Command::GetAttachment, Version::V16_1), 403, None);
        check(Refusal::Device, &Asks::Options, 403, None);
        check(Refusal::Malformed { status: 501 }, &asks(Command::Sync, Version::V16_1), 501, None);
    }

    #[test]
    fn when_nobody_may_clients_come_back_later() {
        let answer = Refusal::Unavailable.answer(&asks(Command::Ping, Version::V16_1));
        assert_eq!(answer, RefusalAnswer { http: 503, body: None, retry_after: Some(30) });
    }

    #[track_caller]
    fn check(refusal: Refusal, asks: &Asks, http: u16, body: Option<(Command, Status)>) {
        assert_eq!(refusal.answer(asks), RefusalAnswer { http, body, retry_after: None });
    }

    fn asks(command: Command, version: Version) -> Asks {
        Asks::Command { command, version, eas_id: "a".into(), device_type: "b".into() }
    }
}
