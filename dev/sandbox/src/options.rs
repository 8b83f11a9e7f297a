use std::net::SocketAddr;
use std::ops::RangeInclusive;

use activesync::codepage::provision;
use activesync::messages::{PolicyDocument, PolicySetting};
use activesync::query::Version;
use secrecy::SecretString;
use time::OffsetDateTime;

use crate::sign_in::Tokens;

/// How a sandbox behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Names of the accounts; the first one gets the large sample mailbox and the generated mails.
    pub accounts: Vec<String>,
    /// The password of every account.
    pub password: SecretString,
    /// Domain of the accounts' addresses.
    pub domain: String,
    /// Whether mailboxes start with sample mails, events, contacts, tasks and notes.
    pub samples: bool,
    /// How many mails to generate for the first account. They lie within the last 28 days.
    pub mails: u32,
    /// How many events to generate for the first account. They lie within half a year before and after the start.
    pub events: u32,
    /// Protocol versions on offer.
    pub versions: Vec<Version>,
    /// Whether to be as strict as Exchange Online: only 16.1, [`DeviceInformation`](activesync::messages::DeviceInformation) in the
    /// first Provision and not by Settings before it.
    pub strict: bool,
    /// The policy that Provision gives; `None` says that there is no policy.
    pub policy: Option<PolicyDocument>,
    /// Whether commands without the right policy key are refused.
    pub enforce_policy: bool,
    /// Allowed intervals of Ping and of Sync with a wait, in seconds.
    pub heartbeat: RangeInclusive<u32>,
    /// Address that autodiscover gives, without a path; `None` for the one that it listens on.
    pub public_url: Option<String>,
    /// Addresses of mail that people had before, and theirs now: autodiscover sends them on.
    pub renamed: Vec<(String, String)>,
    /// Where GET of autodiscover leads, which is without a sign-in and perhaps without TLS; `None` if nowhere.
    pub autodiscover_redirect: Option<String>,
    /// Whose tokens sign in; then passwords do not.
    pub tokens: Option<Tokens>,
    /// Certificate and key; without them the sandbox speaks HTTP.
    pub tls: Option<Tls>,
    /// What time it is.
    pub clock: fn() -> OffsetDateTime,
}

/// What is needed to serve TLS.
#[derive(Debug, Clone)]
pub struct Tls {
    /// The certificate and those that issued it, as PEM.
    pub certificates: String,
    /// The private key, as PEM.
    pub key: SecretString,
}

impl Options {
    /// Returns the protocol versions on offer.
    pub(crate) fn offered(&self) -> &[Version] {
        if self.strict { &[Version::V16_1] } else { &self.versions }
    }

    /// Listens on a free loopback port with samples, versions 14.1 and 16.1 and an enforced policy.
    pub fn new(password: impl Into<SecretString>, clock: fn() -> OffsetDateTime) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            accounts: ["alice", "bob", "carol", "dave", "erin"].map(str::to_owned).to_vec(),
            password: password.into(),
            domain: "example.test".to_owned(),
            samples: true,
            mails: 0,
            events: 0,
            versions: vec![Version::V14_1, Version::V16_1],
            strict: false,
            policy: Some(PolicyDocument {
                settings: vec![
                    PolicySetting::new(provision::DEVICE_PASSWORD_ENABLED, "1"),
                    PolicySetting::new(provision::MIN_DEVICE_PASSWORD_LENGTH, "8"),
                    PolicySetting::new(provision::MAX_INACTIVITY_TIME_DEVICE_LOCK, "300"),
                    PolicySetting::new(provision::MAX_ATTACHMENT_SIZE, ""),
                    PolicySetting::new(provision::ATTACHMENTS_ENABLED, "1"),
                ],
            }),
            enforce_policy: true,
            heartbeat: 60..=3540,
            public_url: None,
            renamed: Vec::new(),
            autodiscover_redirect: None,
            tokens: None,
            tls: None,
            clock,
        }
    }
}
