use crate::root::{BACKDATED, Root, RootError};
use keys::{PrivateKey as _, SoftwareKey, pkcs12};
use pki::{
    AlternativeName, Certificate, IssueError, KeyKind, Purpose, Request, Serial, Subject, Template,
    Usage, issue,
};
use time::{Duration, OffsetDateTime};

const DEVICE: Duration = Duration::days(730);
const PERSON: Duration = Duration::days(1095);
const PORTAL_SIGNING: Duration = Duration::days(730);
const TLS_SERVER: Duration = Duration::days(365);

/// What a certificate is for.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Profile {
    /// Issuing certificates.
    Authority,
    /// The app on a device, as a client of TLS.
    Device,
    /// Answering in the name of the authority whether certificates are revoked.
    Ocsp,
    /// A person's mail, to sign and to encrypt.
    Person,
    /// A person's mail, to encrypt.
    PersonEncryption,
    /// A person's mail, to sign.
    PersonSigning,
    /// The portal, which signs settings and answers.
    Portal,
    /// Passing on requests of devices by SCEP.
    Scep,
    /// A server's end of TLS.
    Server,
}

impl Profile {
    /// Every profile, in alphabetical order of the names.
    pub const ALL: &[Self] = &[
        Self::Authority,
        Self::Device,
        Self::Ocsp,
        Self::Person,
        Self::PersonEncryption,
        Self::PersonSigning,
        Self::Portal,
        Self::Scep,
        Self::Server,
    ];

    /// Returns the stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Authority => "authority",
            Self::Device => "device",
            Self::Ocsp => "ocsp",
            Self::Person => "person",
            Self::PersonEncryption => "person-encryption",
            Self::PersonSigning => "person-signing",
            Self::Portal => "portal",
            Self::Scep => "scep",
            Self::Server => "server",
        }
    }

    /// Finds the profile with this stable name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|profile| profile.name() == name)
    }

    /// Tells whether mail can be encrypted for the holder of such a certificate.
    pub const fn encrypts_mail(self) -> bool {
        match self {
            Self::Person | Self::PersonEncryption => true,
            Self::Authority
            | Self::Device
            | Self::Ocsp
            | Self::PersonSigning
            | Self::Portal
            | Self::Scep
            | Self::Server => false,
        }
    }
}

impl Root {
    /// Issues the certificate of a TLS server for one year.
    ///
    /// # Errors
    ///
    /// [`ProfileError`] if it has no name, or if `key` is of the wrong kind.
    pub fn issue_tls_server(
        &self,
        public_key: &[u8],
        names: Vec<AlternativeName>,
        serial: Serial,
        now: OffsetDateTime,
    ) -> Result<Certificate, ProfileError> {
        let common_name = match names.first() {
            None => return Err(ProfileError::NoNames),
            Some(AlternativeName::Dns(name)) => name.clone(),
            Some(AlternativeName::Ip(address)) => address.to_string(),
            Some(AlternativeName::Email(_)) => return Err(ProfileError::MailAddress),
        };
        if names.iter().any(|name| matches!(name, AlternativeName::Email(_))) {
            return Err(ProfileError::MailAddress);
        }
        check_kind(public_key, |kind| kind.is_strong())?;

        self.issue(
            Subject::new(&common_name),
            public_key,
            Usage::Signature(Purpose::TlsServer),
            names,
            Term { serial, now, lifetime: TLS_SERVER },
        )
    }

    /// Issues the certificate with which the portal signs settings and answers, for two years.
    ///
    /// # Errors
    ///
    /// [`ProfileError`] if the key is not on P-256 or P-384.
    pub fn issue_portal_signing(
        &self,
        public_key: &[u8],
        serial: Serial,
        now: OffsetDateTime,
    ) -> Result<Certificate, ProfileError> {
        check_kind(public_key, |kind| matches!(kind, KeyKind::P256 | KeyKind::P384))?;

        self.issue(
            Subject::new("Cordon portal signing"),
            public_key,
            Usage::Signature(Purpose::DocumentSigning),
            Vec::new(),
            Term { serial, now, lifetime: PORTAL_SIGNING },
        )
    }

    /// Issues a device's certificate for two years; only the key is taken from `request`.
    ///
    /// # Errors
    ///
    /// [`ProfileError`] if the key is not on P-256.
    pub fn issue_device(
        &self,
        request: &Request,
        device_id: &str,
        serial: Serial,
        now: OffsetDateTime,
    ) -> Result<Certificate, ProfileError> {
        check_kind(request.public_key(), |kind| kind == KeyKind::P256)?;

        self.issue(
            Subject::new(device_id),
            request.public_key(),
            Usage::Signature(Purpose::TlsClient),
            Vec::new(),
            Term { serial, now, lifetime: DEVICE },
        )
    }

    /// Issues a person's certificate for mail, for three years, and joins it with its key and the
    /// root's certificate.
    ///
    /// # Errors
    ///
    /// [`ProfileError`] if the key is not RSA of 2048 bits or more, or there is no plain address.
    pub fn issue_person(
        &self,
        key: SoftwareKey,
        name: &str,
        addresses: &[String],
        serial: Serial,
        now: OffsetDateTime,
    ) -> Result<pkcs12::Identity, ProfileError> {
        if addresses.is_empty() {
            return Err(ProfileError::NoNames);
        }
        check_kind(key.public_key(), |kind| {
            matches!(kind, KeyKind::Rsa { .. }) && kind.is_strong()
        })?;
        let certificate = self.issue(
            Subject::new(name),
            key.public_key(),
            Usage::EnciphermentAndSignature(Purpose::EmailProtection),
            addresses.iter().cloned().map(AlternativeName::Email).collect(),
            Term { serial, now, lifetime: PERSON },
        )?;

        Ok(pkcs12::Identity {
            key,
            certificate: certificate.as_der().to_vec(),
            chain: vec![self.certificate().as_der().to_vec()],
        })
    }

    fn issue(
        &self,
        subject: Subject,
        public_key: &[u8],
        usage: Usage,
        names: Vec<AlternativeName>,
        term: Term,
    ) -> Result<Certificate, ProfileError> {
        self.verify_time(term.now).map_err(ProfileError::Root)?;
        let template = Template {
            subject,
            public_key,
            not_before: (term.now - BACKDATED).max(self.certificate().not_before()),
            not_after: (term.now + term.lifetime).min(self.certificate().not_after()),
            usage,
            names,
        };

        issue(&template, Some(self.certificate()), self.key(), term.serial)
            .map_err(ProfileError::Issue)
    }
}

/// Tells whether a certificate should be replaced: less than a third of its life is left.
pub fn renewal_due(certificate: &Certificate, now: OffsetDateTime) -> bool {
    let life = certificate.not_after() - certificate.not_before();

    certificate.not_after() - now < life / 3
}

/// Why a certificate was not issued.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// The signature failed or a name cannot be encoded.
    #[error("the certificate was not issued")]
    Issue(#[source] IssueError),
    /// Servers are not named by mail addresses.
    #[error("a server is not named by a mail address")]
    MailAddress,
    /// Name the subject.
    #[error("the certificate would be for no name")]
    NoNames,
    /// The root has expired.
    #[error("the root cannot issue")]
    Root(#[source] RootError),
    /// The key does not fit the profile.
    #[error("the key is {0}, which this kind of certificate does not allow")]
    UnsupportedKey(KeyKind),
}

struct Term {
    serial: Serial,
    now: OffsetDateTime,
    lifetime: Duration,
}

fn check_kind(public_key: &[u8], fits: impl Fn(KeyKind) -> bool) -> Result<(), ProfileError> {
    let kind = KeyKind::of(public_key);

    if fits(kind) { Ok(()) } else { Err(ProfileError::UnsupportedKey(kind)) }
}
