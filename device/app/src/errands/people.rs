//! Who is meant by names and addresses, with certificates and free time.

use super::ErrandError;
use crate::app::App;
use activesync::status::CertificateStatus;
use bytes::Bytes;
use pim::{CertificateCheck, Certificates, Errand, Meant, NamedPeople, PeopleQuery, Reply};
use pki::Certificate;
use time::OffsetDateTime;

/// The certificates of those who are meant by a name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NamedCertificates {
    /// The name, as it was asked.
    pub name: String,
    /// How many are meant.
    pub meant: Meant,
    /// Who could be meant.
    pub people: Vec<CertificateHolder>,
}

/// Somebody who could be meant.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CertificateHolder {
    /// The name to show.
    pub name: String,
    /// The address.
    pub address: String,
    /// A contact of the person's own; else somebody in the directory.
    pub contact: bool,
    /// Whether mail to them can be encrypted.
    pub found: CertificatesFound,
    /// Their certificates. None was verified: that is for whoever uses them.
    pub certificates: Vec<PersonCertificate>,
}

/// Whether there are certificates.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CertificatesFound {
    /// There are.
    All,
    /// There is no valid one.
    None,
    /// Not for all members of a list.
    Some,
}

/// A certificate of somebody, as the directory has it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PersonCertificate {
    /// The certificate itself.
    pub der: Vec<u8>,
    /// Whose it is.
    pub subject: String,
    /// Who issued it.
    pub issuer: String,
    /// The addresses it is for.
    pub addresses: Vec<String>,
    /// From when on it is valid.
    pub not_before: OffsetDateTime,
    /// Until when it is valid.
    pub not_after: OffsetDateTime,
    /// Its SHA-256, in hexadecimal.
    pub fingerprint: String,
}

/// The verdict of the mail server on a certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CertificateVerdict {
    /// The address is not the certificate's.
    AddressMismatch,
    /// The chain is wrong.
    ChainInvalid,
    /// It has expired or is not valid yet.
    Expired,
    /// It is good.
    Good,
    /// It is damaged.
    Invalid,
    /// Nobody knows whether it was revoked.
    RevocationUnknown,
    /// It, or one of its chain, was revoked.
    Revoked,
    /// The server could not tell.
    Unknown,
    /// Nobody whom the server trusts has issued it.
    Untrusted,
    /// It is not for mail, or one of its chain is not for issuing.
    WrongPurpose,
}

impl App {
    /// Looks up certificates of people by names or addresses, in the directory and among the contacts on the server.
    ///
    /// # Errors
    ///
    /// [`ErrandError`] says what the person can do.
    pub async fn certificates(
        &self,
        names: Vec<String>,
    ) -> Result<Vec<NamedCertificates>, ErrandError> {
        let query = PeopleQuery { names, certificates: true, free_time: None };

        Ok(self.people(query).await?.into_iter().map(NamedCertificates::from).collect())
    }

    /// Looks up when people are free, by names or addresses. The periods go by the clock of `start`.
    ///
    /// # Errors
    ///
    /// [`ErrandError`] says what the person can do.
    pub async fn availability(
        &self,
        names: Vec<String>,
        start: OffsetDateTime,
        end: OffsetDateTime,
    ) -> Result<Vec<NamedPeople>, ErrandError> {
        self.people(PeopleQuery { names, certificates: false, free_time: Some((start, end)) }).await
    }

    /// Lets the mail server judge certificates for signed mail; `chain` helps it to find their issuers. With `revocation` one whose
    /// revocation state is unknown is not good.
    ///
    /// # Errors
    ///
    /// [`ErrandError`] says what the person can do.
    pub async fn check_certificates(
        &self,
        certificates: Vec<Vec<u8>>,
        chain: Vec<Vec<u8>>,
        revocation: bool,
    ) -> Result<Vec<CertificateVerdict>, ErrandError> {
        let bytes = |list: Vec<Vec<u8>>| list.into_iter().map(Bytes::from).collect();
        let check =
            CertificateCheck { certificates: bytes(certificates), chain: bytes(chain), revocation };
        let Reply::Certificates(verdicts) = self.run(Errand::Certificates(check)).await? else {
            return Err(ErrandError::Unsupported);
        };

        Ok(verdicts.into_iter().map(Into::into).collect())
    }

    async fn people(&self, query: PeopleQuery) -> Result<Vec<NamedPeople>, ErrandError> {
        let Reply::People(people) = self.run(Errand::People(query)).await? else {
            return Err(ErrandError::Unsupported);
        };

        Ok(people)
    }
}

impl From<NamedPeople> for NamedCertificates {
    fn from(named: NamedPeople) -> Self {
        let holder = |person: pim::Candidate| {
            let (found, certificates) = match person.certificates {
                Some(Certificates::Found(list)) => (CertificatesFound::All, readable(&list)),
                Some(Certificates::Some) => (CertificatesFound::Some, Vec::new()),
                Some(Certificates::None) | None => (CertificatesFound::None, Vec::new()),
            };
            let found = if found == CertificatesFound::All && certificates.is_empty() {
                CertificatesFound::None
            } else {
                found
            };
            let pim::Candidate { name, address, contact, .. } = person;
            CertificateHolder { name, address, contact, found, certificates }
        };

        Self {
            name: named.name,
            meant: named.meant,
            people: named.people.into_iter().map(holder).collect(),
        }
    }
}

/// Reads certificates; what is none is of no use to anybody.
fn readable(list: &[Bytes]) -> Vec<PersonCertificate> {
    let certificates = list.iter().filter_map(|der| Certificate::from_der(der).ok());

    certificates
        .map(|certificate| PersonCertificate {
            der: certificate.as_der().to_vec(),
            subject: certificate.subject(),
            issuer: certificate.issuer(),
            addresses: certificate.emails(),
            not_before: certificate.not_before(),
            not_after: certificate.not_after(),
            fingerprint: certificate.fingerprint().to_string(),
        })
        .collect()
}

impl From<CertificateStatus> for CertificateVerdict {
    fn from(status: CertificateStatus) -> Self {
        match status {
            CertificateStatus::AddressMismatch => Self::AddressMismatch,
            CertificateStatus::ChainInvalid => Self::ChainInvalid,
            CertificateStatus::Expired => Self::Expired,
            CertificateStatus::Invalid => Self::Invalid,
            CertificateStatus::Ok => Self::Good,
            CertificateStatus::Revoked => Self::Revoked,
            CertificateStatus::RevocationUnknown => Self::RevocationUnknown,
            CertificateStatus::Untrusted => Self::Untrusted,
            CertificateStatus::WrongPurpose => Self::WrongPurpose,
            CertificateStatus::Common(_)
            | CertificateStatus::ProtocolError
            | CertificateStatus::ServerError
            | CertificateStatus::Undocumented(_) => Self::Unknown,
        }
    }
}
