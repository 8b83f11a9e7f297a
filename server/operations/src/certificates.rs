//! Certificates that this server's authority issued.

mod publish;
mod record;
mod release;
mod revoke;
mod views;

pub use publish::{ListDue, Listed};

use crate::Failure;
use crate::work::Work;
use audit::{Subject, SubjectKind};
use ca::{Issued, SerialNumber, Status, revoke};
use pki::validate::RevocationReason;
use store::StoreError;

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
