use super::security::Words;
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// A certificate of somebody, for one of their addresses.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KnownCertificateView {
    id: i64,
    /// In lower case.
    address: String,
    source: CertificateSource,
    #[serde(with = "time::serde::rfc3339")]
    learnt: OffsetDateTime,
    subject: String,
    issuer: String,
    #[serde(with = "time::serde::rfc3339")]
    not_before: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    not_after: OffsetDateTime,
    /// Its SHA-256, in hexadecimal.
    fingerprint: String,
    pem: String,
    /// Whether it is known what its holder's mail program reads.
    capable: bool,
    /// Why mail should not be encrypted with it now; null if nothing is against it.
    problem: Option<Words>,
}

/// Where a certificate is from.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum CertificateSource {
    Directory,
    Import,
    Ldap,
    Portal,
    SignedMail,
}

/// What was taken in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportedView {
    /// The addresses that have a certificate by it.
    addresses: Vec<String>,
    /// Whose certificates name no address, and were left out.
    nameless: Vec<String>,
}

impl From<app::KnownCertificate> for KnownCertificateView {
    fn from(known: app::KnownCertificate) -> Self {
        Self {
            id: known.id,
            address: known.address,
            source: match known.source {
                app::CertificateSource::Directory => CertificateSource::Directory,
                app::CertificateSource::Import => CertificateSource::Import,
                app::CertificateSource::Ldap => CertificateSource::Ldap,
                app::CertificateSource::Portal => CertificateSource::Portal,
                app::CertificateSource::SignedMail => CertificateSource::SignedMail,
            },
            learnt: known.learnt,
            subject: known.subject,
            issuer: known.issuer,
            not_before: known.not_before,
            not_after: known.not_after,
            fingerprint: known.fingerprint,
            pem: known.pem,
            capable: known.capable,
            problem: known.problem.map(Into::into),
        }
    }
}

impl From<app::Imported> for ImportedView {
    fn from(imported: app::Imported) -> Self {
        Self { addresses: imported.addresses, nameless: imported.nameless }
    }
}
