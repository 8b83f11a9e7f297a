//! When to go on after something went wrong.

use activesync::status::{Common, Status};
use time::{Duration, OffsetDateTime};

use crate::{Answer, Outcome};

/// What keeps an account from being up to date, in the words of the screen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TroubleKind {
    /// The server misbehaves; the account tries again by itself.
    Error,
    /// The server cannot be reached; the account tries again by itself.
    Offline,
    /// The server wants a password, or another one.
    Password,
    /// The server turned the user or the device away.
    Refused,
}

/// What went wrong with one request, in the words of what has to follow.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Trouble {
    /// Ask again what the server can do.
    AskOptions,
    /// Do not send the same again.
    BadRequest(String),
    /// Wait, at least until the moment the server names.
    Busy(Option<OffsetDateTime>),
    /// Nothing went wrong: the shell gave the request up.
    Cancelled,
    /// Nobody knows whether the server acted.
    Lost,
    /// The mailbox is at another address, which the server may or may not name.
    Moved(Option<String>),
    /// The server wants more than this device can do: stop, tell, and go through Provision again rarely.
    Noncompliant(String),
    /// Ask the user for a password.
    Password(&'static str),
    /// Run Provision, then repeat.
    Provision,
    /// Stop, tell, and try rarely.
    Refused(String),
    /// Try again with growing pauses.
    ServerError(String),
    /// Start with the folder tree from nothing.
    StateLost,
    /// The server does not know the command.
    Unsupported,
    /// There is no connection.
    Unsent(&'static str),
}

impl Trouble {
    /// The short stable code of what went wrong.
    pub(crate) fn code(&self) -> String {
        match self {
            Self::AskOptions | Self::Unsupported => "not_supported",
            Self::BadRequest(code)
            | Self::Noncompliant(code)
            | Self::Refused(code)
            | Self::ServerError(code) => code,
            Self::Busy(_) => "server_busy",
            Self::Cancelled => "cancelled",
            Self::Lost => "connection_lost",
            Self::Moved(_) => "moved",
            Self::Password(code) | Self::Unsent(code) => code,
            Self::Provision => "provisioning_failed",
            Self::StateLost => "state_lost",
        }
        .to_owned()
    }
}

/// What a body may be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Expected {
    /// Whatever somebody attached to a mail.
    Anything,
    /// What a mail server says: no text, no page.
    Protocol,
}

/// Takes the body out of an answer, or says what went wrong before there was one.
pub(crate) fn body(outcome: Outcome, expected: Expected) -> Result<Answer, Trouble> {
    let answer = match outcome {
        Outcome::Answered(answer) => answer,
        Outcome::Cancelled => return Err(Trouble::Cancelled),
        Outcome::Lost => return Err(Trouble::Lost),
        Outcome::NoCredentials => return Err(Trouble::Password("sign_in_needed")),
        Outcome::Unreadable => return Err(Trouble::ServerError("unreadable_answer".to_owned())),
        Outcome::Unsent => return Err(Trouble::Unsent("offline")),
        Outcome::Untrusted => return Err(Trouble::Unsent("server_untrusted")),
    };
    let code = || format!("http_{}", answer.status);
    match answer.status {
        200..=299 if expected == Expected::Protocol && is_page(&answer) => {
            Err(Trouble::ServerError("html_answer".to_owned()))
        }
        200..=299 => Ok(answer),
        401 if answer.wants_token => Err(Trouble::Password("token_wanted")),
        401 => Err(Trouble::Password("password_refused")),
        403 | 456 => Err(Trouble::Refused(code())),
        449 => Err(Trouble::Provision),
        451 => Err(Trouble::Moved(answer.location)),
        457 => Err(Trouble::Password("password_expired")),
        501 => Err(Trouble::Unsupported),
        429 | 503 => Err(Trouble::Busy(answer.retry_at)),
        505 => Err(Trouble::AskOptions),
        // The request did not get through; that says nothing about it.
        408 | 421 | 425 => Err(Trouble::ServerError(code())),
        // The mailbox is full: what is there can be read, and nothing more goes in.
        400 | 405..=428 | 507 => Err(Trouble::BadRequest(code())),
        _ => Err(answer
            .retry_at
            .map_or_else(|| Trouble::ServerError(code()), |moment| Trouble::Busy(Some(moment)))),
    }
}

/// Says what a status of the common range has to lead to.
pub(crate) fn common(status: Status, common: Common) -> Trouble {
    let code = format!("status_{}", status.0);
    match common {
        Common::AccountRefused | Common::DeviceRefused => Trouble::Refused(code),
        Common::AdministratorNeeded => Trouble::Noncompliant(code),
        Common::AlreadySent
        | Common::ItemUnavailable
        | Common::ProgramError
        | Common::QuotaExceeded
        | Common::Stop
        | Common::TellUser => Trouble::BadRequest(code),
        Common::AskOptions => Trouble::AskOptions,
        Common::DeviceInformationMissing | Common::Provision => Trouble::Provision,
        Common::Retry | Common::SendInFull => Trouble::ServerError(code),
        Common::StateLost => Trouble::StateLost,
    }
}

/// Says what a status without a documented meaning leads to.
pub(crate) fn undocumented(status: Status) -> Trouble {
    Trouble::ServerError(format!("status_{}", status.0))
}

fn is_page(answer: &Answer) -> bool {
    let declared = answer.content_type.as_deref().unwrap_or_default().to_ascii_lowercase();
    let is_html = declared.starts_with("text/") || answer.body.trim_ascii_start().starts_with(b"<");
    is_html && !answer.body.is_empty()
}

/// The pauses of an account.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pace {
    failures: u32,
    until: Option<OffsetDateTime>,
    /// Until then the server wants to be left alone, whoever asks.
    server_rests_until: Option<OffsetDateTime>,
    waits_for_password: bool,
    shown: Option<(TroubleKind, String)>,
}

/// What it means that a request ended well.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Worth {
    /// Nothing: what everything else waits for is still to come.
    Nothing,
    /// The server serves the account, but what failed before may fail again.
    Answered,
    /// What the account is there for goes on.
    Served,
}

impl Pace {
    /// Says whether a request may be sent at `now`.
    pub(crate) fn is_ready(&self, now: OffsetDateTime) -> bool {
        !self.waits_for_password && self.pause().is_none_or(|until| until <= now)
    }

    /// Says from when on a request may be sent; nothing if that does not depend on time.
    pub(crate) fn until(&self) -> Option<OffsetDateTime> {
        self.pause().filter(|_| !self.waits_for_password)
    }

    fn pause(&self) -> Option<OffsetDateTime> {
        self.until.max(self.server_rests_until)
    }

    pub(crate) fn shown(&self) -> Option<&(TroubleKind, String)> {
        self.shown.as_ref()
    }

    pub(crate) fn waits_for_password(&self) -> bool {
        self.waits_for_password
    }

    /// A request ended well. While a pause holds, it was begun before it and ends no pause.
    pub(crate) fn succeeded(&mut self, worth: Worth, now: OffsetDateTime) {
        match worth {
            Worth::Answered if self.is_ready(now) => {
                *self = Self { failures: self.failures, ..Self::default() };
            }
            Worth::Served if self.is_ready(now) => *self = Self::default(),
            Worth::Answered | Worth::Nothing | Worth::Served => {}
        }
    }

    /// Waits longer after each failure, up to `longest`.
    pub(crate) fn failed(
        &mut self,
        kind: TroubleKind,
        code: &str,
        longest: Duration,
        now: OffsetDateTime,
        jitter: u16,
    ) {
        let pause = pause(self.failures, longest, jitter);
        self.failures = self.failures.saturating_add(1);
        self.until = Some(now + pause);
        self.shown = Some((kind, code.to_owned()));
    }

    /// The server wants to be left alone until `moment`. One that names a moment far away means no longer than a day.
    pub(crate) fn server_rests(&mut self, moment: Option<OffsetDateTime>, now: OffsetDateTime) {
        let moment = moment.map(|moment| moment.min(now + LONGEST_REST));
        self.server_rests_until = self.server_rests_until.max(moment);
    }

    pub(crate) fn refused(&mut self, code: &str, now: OffsetDateTime) {
        self.until = Some(now + REFUSAL);
        self.shown = Some((TroubleKind::Refused, code.to_owned()));
    }

    pub(crate) fn password(&mut self, code: &str) {
        self.waits_for_password = true;
        self.shown = Some((TroubleKind::Password, code.to_owned()));
    }

    pub(crate) fn password_given(&mut self) {
        *self = Self { server_rests_until: self.server_rests_until, ..Self::default() };
    }

    /// The user asks: no pause holds but the one the server wants, and a password that was refused is not tried again.
    pub(crate) fn user_asks(&mut self) {
        self.until = None;
        self.failures = 0;
    }
}

/// The pause after `failures` failures: 5 s doubling, give or take a quarter.
pub(crate) fn pause(failures: u32, longest: Duration, jitter: u16) -> Duration {
    let doubled = FIRST.saturating_mul(1_i32.checked_shl(failures.min(20)).unwrap_or(i32::MAX));
    doubled.min(longest) * (0.75 + f64::from(jitter) / f64::from(u16::MAX) / 2.0)
}

pub(crate) const WHILE_OFFLINE: Duration = Duration::seconds(60);
pub(crate) const WHILE_BROKEN: Duration = Duration::minutes(15);
const FIRST: Duration = Duration::seconds(5);
const REFUSAL: Duration = Duration::minutes(30);
const LONGEST_REST: Duration = Duration::days(1);

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-01-01 00:00 UTC);

    #[test]
    fn pauses_double_up_to_a_limit() {
        let seconds = |failures, jitter| pause(failures, WHILE_BROKEN, jitter).whole_seconds();
        assert_eq!((seconds(0, 0), seconds(0, u16::MAX)), (3, 6));
        assert_eq!((seconds(1, 0), seconds(3, 0)), (7, 30));
        assert_eq!((seconds(60, 0), seconds(u32::MAX, u16::MAX)), (675, 1125));
    }

    #[test]
    fn only_a_new_password_helps_after_a_refused_one() {
        let mut pace = Pace::default();
        pace.password("password_refused");
        pace.user_asks();
        assert!(!pace.is_ready(NOW));
        pace.password_given();
        assert!(pace.is_ready(NOW));
    }

    #[test]
    fn a_refusal_holds_for_half_an_hour_unless_the_user_asks() {
        let mut pace = Pace::default();
        pace.refused("status_129", NOW);
        assert!(!pace.is_ready(NOW + Duration::minutes(29)));
        assert!(pace.is_ready(NOW + Duration::minutes(30)));
        pace.user_asks();
        assert!(pace.is_ready(NOW));
    }

    #[test]
    fn http_codes_lead_to_what_the_protocol_says() {
        let outcomes: Vec<_> = [
            200, 204, 302, 400, 401, 403, 404, 408, 413, 429, 449, 451, 456, 457, 500, 501, 502,
            503, 505, 507,
        ]
        .map(|status| {
            (
                status,
                body(Outcome::Answered(Answer { status, ..Answer::default() }), Expected::Protocol)
                    .map(|_| ()),
            )
        })
        .into_iter()
        .map(|(status, outcome)| format!("{status} {outcome:?}"))
        .collect();
        insta::assert_debug_snapshot!(outcomes, @r#"
        [
            "200 Ok(())",
            "204 Ok(())",
            "302 Err(ServerError(\"http_302\"))",
            "400 Err(BadRequest(\"http_400\"))",
            "401 Err(Password(\"password_refused\"))",
            "403 Err(Refused(\"http_403\"))",
            "404 Err(ServerError(\"http_404\"))",
            "408 Err(ServerError(\"http_408\"))",
            "413 Err(BadRequest(\"http_413\"))",
            "429 Err(Busy(None))",
            "449 Err(Provision)",
            "451 Err(Moved(None))",
            "456 Err(Refused(\"http_456\"))",
            "457 Err(Password(\"password_expired\"))",
            "500 Err(ServerError(\"http_500\"))",
            "501 Err(Unsupported)",
            "502 Err(ServerError(\"http_502\"))",
            "503 Err(Busy(None))",
            "505 Err(AskOptions)",
            "507 Err(BadRequest(\"http_507\"))",
        ]
        "#);
    }

    #[test]
    fn the_server_is_left_alone_as_long_as_it_wants_whoever_asks() {
        let mut pace = Pace::default();
        pace.failed(TroubleKind::Error, "server_busy", WHILE_BROKEN, NOW, 0);
        pace.server_rests(Some(NOW + Duration::minutes(7)), NOW);
        pace.user_asks();
        pace.succeeded(Worth::Served, NOW);
        assert!(!pace.is_ready(NOW + Duration::minutes(6)));
        assert_eq!(pace.until(), Some(NOW + Duration::minutes(7)));
        pace.server_rests(Some(NOW + Duration::days(3650)), NOW);
        assert!(pace.is_ready(NOW + LONGEST_REST));
    }

    #[test]
    fn a_tree_that_comes_well_does_not_make_the_next_pause_short() {
        let mut pace = Pace::default();
        for failures in 0..4 {
            let now = NOW + Duration::hours(failures);
            pace.succeeded(Worth::Answered, now);
            assert!(pace.is_ready(now) && pace.shown().is_none());
            pace.failed(TroubleKind::Error, "state_lost", WHILE_BROKEN, now, 0);
        }
        assert_eq!(pace.until(), Some(NOW + Duration::hours(3) + pause(3, WHILE_BROKEN, 0)));
        pace.succeeded(Worth::Served, NOW + Duration::hours(4));
        assert_eq!(pace.failures, 0);
    }

    #[test]
    fn each_status_of_the_common_range_leads_to_what_the_protocol_says() {
        let mut led: Vec<(String, Vec<u16>)> = Vec::new();
        for number in 101..=183 {
            let Some(group) = Common::of(Status(number)) else { continue };
            let trouble = common(Status(number), group);
            let name = format!("{trouble:?}").split('(').next().unwrap_or_default().to_owned();
            match led.iter_mut().find(|(known, _)| *known == name) {
                Some((_, numbers)) => numbers.push(number),
                None => led.push((name, vec![number])),
            }
        }
        let led: Vec<String> =
            led.into_iter().map(|(name, numbers)| format!("{name} {numbers:?}")).collect();
        assert_eq!(
            led,
            [
                "BadRequest [101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 112, 113, 115, 116, \
                 117, 118, 119, 122, 146, 147, 148, 150, 151, 152, 153, 154, 155, 156, 160, 161, \
                 163, 164, 166, 167, 168, 169, 170, 171, 172, 173, 174, 175, 176, 178, 179, 183]",
                "ServerError [111, 114, 120, 121, 149, 162]",
                "Refused [123, 124, 125, 126, 127, 128, 129, 130, 131, 177]",
                "StateLost [132, 133, 134, 135, 136]",
                "AskOptions [137, 138]",
                "Noncompliant [139, 145]",
                "Provision [140, 141, 142, 143, 144, 165]",
            ]
        );
    }

    #[test]
    fn a_page_of_html_is_no_answer() {
        let page = |content_type: Option<&str>, body: &[u8]| Answer {
            status: 200,
            content_type: content_type.map(str::to_owned),
            body: body.to_vec(),
            ..Answer::default()
        };
        for answer in [
            page(Some("text/html"), b"<html>"),
            page(None, b"\r\n<!DOCTYPE html>"),
            page(Some("text/plain"), b"oops"),
        ] {
            assert_eq!(
                body(Outcome::Answered(answer), Expected::Protocol),
                Err(Trouble::ServerError("html_answer".to_owned()))
            );
        }
        let empty = Outcome::Answered(page(Some("text/html"), b""));
        assert!(body(empty, Expected::Protocol).is_ok());
        let attached = Outcome::Answered(page(Some("text/html"), b"<html>"));
        assert!(body(attached, Expected::Anything).is_ok());
    }
}
