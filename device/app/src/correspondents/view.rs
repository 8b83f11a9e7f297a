use crate::trust::Ground;
use crate::view::Words;
use mail::smime::Problem;
use mail::text;
use time::OffsetDateTime;
use vault::{Correspondent, Source};

/// A certificate of somebody, for one of their addresses.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KnownCertificate {
    /// Its id in this container.
    pub id: i64,
    /// The address, in lower case.
    pub address: String,
    /// Where it is from.
    pub source: CertificateSource,
    /// When it was learnt.
    pub learnt: OffsetDateTime,
    /// Whose it is.
    pub subject: String,
    /// Who issued it.
    pub issuer: String,
    /// From when on it is valid.
    pub not_before: OffsetDateTime,
    /// Until when it is valid.
    pub not_after: OffsetDateTime,
    /// Its SHA-256, in hexadecimal.
    pub fingerprint: String,
    /// The certificate itself, as PEM.
    pub pem: String,
    /// What its holder's mail program reads is known.
    pub capable: bool,
    /// Why mail should not be encrypted with it now; absent if nothing is against it.
    pub problem: Option<Words>,
}

/// Where a certificate is from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CertificateSource {
    /// The directory or the contacts of the mail server.
    Directory,
    /// The person put it in.
    Import,
    /// A directory that speaks LDAP.
    Ldap,
    /// Cordon's server.
    Portal,
    /// A mail that its holder signed.
    SignedMail,
}

/// What was taken in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Imported {
    /// The addresses that have a certificate by it, one for each pair.
    pub addresses: Vec<String>,
    /// Whose certificates name no address, and were left out.
    pub nameless: Vec<String>,
}

impl KnownCertificate {
    pub(super) fn of(known: &Correspondent, ground: &Ground) -> Self {
        let certificate = &known.certificate;
        let problem = ground.judge_recipient(certificate, &known.address).err();
        let problem =
            problem.map(|error| Problem::Untrusted { signer: known.address.clone(), error });

        Self {
            id: known.id.0,
            address: known.address.clone(),
            source: known.source.into(),
            learnt: known.learnt,
            subject: text::line(&certificate.subject()),
            issuer: text::line(&certificate.issuer()),
            not_before: certificate.not_before(),
            not_after: certificate.not_after(),
            fingerprint: certificate.fingerprint().to_string(),
            pem: certificate.to_pem(),
            capable: known.capabilities.is_some(),
            problem: problem.map(|problem| Words::of(|language| vec![problem.words(language)])),
        }
    }
}

impl From<Source> for CertificateSource {
    fn from(source: Source) -> Self {
        match source {
            Source::Directory => Self::Directory,
            Source::Import => Self::Import,
            Source::Ldap => Self::Ldap,
            Source::Portal => Self::Portal,
            Source::SignedMail => Self::SignedMail,
        }
    }
}
