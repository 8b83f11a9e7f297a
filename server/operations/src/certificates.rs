//! Certificates that this server's authority issued.

mod directory;
mod issue;
mod key_file;
mod ocsp;
mod publish;
mod record;
mod release;
mod revoke;
mod views;

pub use directory::{DirectoryEntry, Origin};
pub use issue::{CertificateOrder, IssueRefusal};
pub use key_file::{KeyFile, KeyFileOrder, NewKey};
pub use ocsp::OcspReply;
pub use publish::{ListDue, Listed};

use crate::work::Work;
use crate::{Failure, Fault};
use audit::{Subject, SubjectKind};
use ca::{Issued, SerialNumber, Status, revoke};
use fleet::device::DeviceCertificate;
use pki::Certificate;
use pki::validate::RevocationReason;
use store::StoreError;
use time::OffsetDateTime;

fn subject(serial: &SerialNumber) -> Subject {
    Subject::new(SubjectKind::Certificate, serial.id())
}

async fn load<R>(work: &mut Work, serial: &SerialNumber) -> Result<Issued, Failure<R>> {
    work.note("certificate_serial", serial);
    let Some(issued) = work.unit.issued(serial).await? else {
        return Err(Failure::Unknown(SubjectKind::Certificate));
    };
    describe(work, &issued);

    Ok(issued)
}

/// Tells whether a certificate is one of this authority's that is revoked or on hold.
pub(crate) async fn is_revoked(work: &Work, der: &[u8]) -> Result<bool, Fault> {
    let Ok(certificate) = Certificate::from_der(der) else { return Ok(false) };
    let issued = work.unit.issued(&SerialNumber::of(&certificate)).await?;

    Ok(issued.is_some_and(|issued| is_withdrawn(&issued, &certificate, work.now())))
}

/// Returns what a device keeps of its certificate.
pub(crate) fn facts(certificate: &Certificate) -> DeviceCertificate {
    DeviceCertificate {
        fingerprint: certificate.fingerprint().0,
        serial: data_encoding::HEXLOWER.encode(certificate.serial()),
        not_after: certificate.not_after(),
    }
}

fn is_withdrawn(issued: &Issued, certificate: &Certificate, now: OffsetDateTime) -> bool {
    // What is from before the register is known by its serial number alone.
    let same = issued.der.as_deref().is_none_or(|der| der == certificate.as_der());
    let gone = match issued.status(now) {
        Status::OnHold | Status::Revoked => true,
        Status::Expired | Status::Valid => false,
    };

    same && gone
}

fn describe(work: &mut Work, issued: &Issued) {
    work.label(&issued.subject);
    work.note("certificate_serial", &issued.serial);
    work.note("profile", issued.profile.name());
}

/// Revokes those certificates that are still good or on hold, because whose they are is no longer there.
pub(crate) async fn revoke_all(
    work: &mut Work,
    certificates: Vec<Issued>,
    reason: RevocationReason,
) -> Result<(), StoreError> {
    let now = work.now();
    let mut revoked = Vec::new();
    for issued in certificates {
        match issued.status(now) {
            Status::Expired | Status::Revoked => {}
            Status::OnHold | Status::Valid => {
                let Ok(issued) = revoke(issued, reason, now) else { continue };
                work.unit.save_revocation(&issued).await?;
                revoked.push(issued.serial.to_string());
            }
        }
    }
    if !revoked.is_empty() {
        work.note("certificates_revoked", revoked.join(" "));
        work.note("revocation_reason", reason.name());
    }

    Ok(())
}
