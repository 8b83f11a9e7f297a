use crate::issuer::{BACKDATED, Issuer, IssuerError};
use pki::{
    AlternativeName, Certificate, IssueError, KeyKind, Purpose, Request, Serial, Subject, Template,
    Usage, issue_with,
};
use time::{Duration, OffsetDateTime};

const DEVICE: Duration = Duration::days(730);
const OCSP: Duration = Duration::days(14);
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

    /// Tells whether such certificates are for people and their mail.
    pub const fn is_of_person(self) -> bool {
        match self {
            Self::Person | Self::PersonEncryption | Self::PersonSigning => true,
            Self::Authority
            | Self::Device
            | Self::Ocsp
            | Self::Portal
            | Self::Scep
            | Self::Server => false,
        }
    }

    /// Tells whether such certificates are issued to requests; the others the server makes itself.
    pub const fn is_requested(self) -> bool {
        match self {
            Self::Person
            | Self::PersonEncryption
            | Self::PersonSigning
            | Self::Scep
            | Self::Server => true,
            Self::Authority | Self::Device | Self::Ocsp | Self::Portal => false,
        }
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

impl Issuer {
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

    /// Issues the certificate with which revocations are answered (OCSP), for two weeks.
    ///
    /// # Errors
    ///
    /// [`ProfileError`] if the key is not on P-256 or P-384.
    pub fn issue_ocsp(
        &self,
        public_key: &[u8],
        serial: Serial,
        now: OffsetDateTime,
    ) -> Result<Certificate, ProfileError> {
        check_kind(public_key, |kind| matches!(kind, KeyKind::P256 | KeyKind::P384))?;

        self.issue(
            Subject::new("Cordon OCSP"),
            public_key,
            Usage::OcspSigning,
            Vec::new(),
            Term { serial, now, lifetime: OCSP },
        )
    }

    /// Issues a certificate that somebody asked for, whose names were checked: for a person, a server, or a registration
    /// authority.
    ///
    /// # Errors
    ///
    /// [`ProfileError`] if the profile is another one, or key or names do not fit it.
    pub fn issue_requested(
        &self,
        profile: Profile,
        public_key: &[u8],
        common_name: &str,
        names: Vec<AlternativeName>,
        serial: Serial,
        now: OffsetDateTime,
    ) -> Result<Certificate, ProfileError> {
        let mail = Purpose::EmailProtection;
        let (usage, lifetime) = match profile {
            Profile::Person => (Usage::EnciphermentAndSignature(mail), PERSON),
            Profile::PersonEncryption => (Usage::Encipherment(mail), PERSON),
            Profile::PersonSigning => (Usage::Signature(mail), PERSON),
            Profile::Scep => (Usage::RegistrationAuthority, TLS_SERVER),
            Profile::Server => (Usage::Signature(Purpose::TlsServer), TLS_SERVER),
            Profile::Authority | Profile::Device | Profile::Ocsp | Profile::Portal => {
                return Err(ProfileError::NotOrdered(profile));
            }
        };
        let rsa = matches!(KeyKind::of(public_key), KeyKind::Rsa { .. });
        check_kind(public_key, |kind| {
            let plain = matches!(kind, KeyKind::P256 | KeyKind::P384 | KeyKind::Rsa { .. });
            // What is enciphered for a registration authority is enciphered with RSA (RFC 8894 §3.1).
            kind.is_strong() && plain && (rsa || profile != Profile::Scep)
        })?;
        let people = profile.is_of_person();
        if common_name.trim().is_empty() || names.is_empty() && profile != Profile::Scep {
            return Err(ProfileError::NoNames);
        }
        if names.iter().any(|name| matches!(name, AlternativeName::Email(_)) != people) {
            return Err(ProfileError::WrongNames(profile));
        }

        let subject = Subject::new(common_name_of(profile, common_name, &names));

        self.issue(subject, public_key, usage, names, Term { serial, now, lifetime })
    }

    fn issue(
        &self,
        subject: Subject,
        public_key: &[u8],
        usage: Usage,
        names: Vec<AlternativeName>,
        term: Term,
    ) -> Result<Certificate, ProfileError> {
        self.verify_time(term.now).map_err(ProfileError::Issuer)?;
        let template = Template {
            subject,
            public_key,
            not_before: (term.now - BACKDATED).max(self.certificate().not_before()),
            not_after: (term.now + term.lifetime).min(self.certificate().not_after()),
            usage,
            names,
        };

        issue_with(&template, self.locations(), Some(self.certificate()), self.key(), term.serial)
            .map_err(ProfileError::Issue)
    }
}

/// Some take the common name of a server for its host: it must be one of the names that were checked.
fn common_name_of<'a>(profile: Profile, asked: &'a str, names: &'a [AlternativeName]) -> &'a str {
    let hosts = || {
        names.iter().filter_map(|name| match name {
            AlternativeName::Dns(host) => Some(host.as_str()),
            AlternativeName::Email(_) | AlternativeName::Ip(_) => None,
        })
    };
    let hostlike = asked.contains('.') && !asked.contains(' ');
    let claims = match profile {
        Profile::Server => true,
        Profile::Scep => hostlike,
        Profile::Authority
        | Profile::Device
        | Profile::Ocsp
        | Profile::Person
        | Profile::PersonEncryption
        | Profile::PersonSigning
        | Profile::Portal => false,
    };
    if !claims || hosts().any(|host| host.eq_ignore_ascii_case(asked)) {
        return asked;
    }

    hosts().next().unwrap_or(profile.name())
}

/// Tells whether a certificate should be replaced: less than a third of its life is left.
pub fn renewal_due(certificate: &Certificate, now: OffsetDateTime) -> bool {
    let life = certificate.not_after() - certificate.not_before();

    // One that is not valid yet was made while the clock was wrong.
    certificate.not_after() - now < life / 3 || now < certificate.not_before()
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
    /// The server makes such certificates itself.
    #[error("certificates of the kind {} are made by the server itself", .0.name())]
    NotOrdered(Profile),
    /// The root has expired.
    #[error("the root cannot issue")]
    Issuer(#[source] IssuerError),
    /// The key does not fit the profile.
    #[error("the key is {0}, which this kind of certificate does not allow")]
    UnsupportedKey(KeyKind),
    /// People have mail addresses, servers have hosts.
    #[error("a certificate of the kind {} does not have such names", .0.name())]
    WrongNames(Profile),
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
