use super::{load, save, subject};
use crate::certificates::{self, revoke_all};
use crate::work::{Work, never_taken, random};
use crate::{Failure, Fault, Operations};
use audit::{Action, Actor};
use ca::{Holder, Issued, Profile, SerialNumber};
use fleet::DeviceId;
use fleet::device::{self, Device, DeviceCertificate, RenewRefusal};
use pki::validate::RevocationReason;
use pki::{Certificate, KeyKind, Request, RequestError, Serial};

impl Operations {
    /// Issues a certificate for another key of a device, from PKCS#10. The present one stays good until the device uses the new one.
    ///
    /// Who merely asks too early leaves no event: a device may do so at any time, and as often as it likes.
    ///
    /// # Errors
    ///
    /// [`RenewRefusal`] if the device is not in service, its certificate is good for long or was revoked, or the request proves nothing.
    #[tracing::instrument(skip_all, fields(device = %asking.id), err(level = "debug"))]
    pub async fn renew_device(
        &self,
        asking: &Device,
        request: &[u8],
    ) -> Result<Certificate, Failure<RenewRefusal>> {
        let actor = Actor::Device(asking.id.0);
        let mut work = self.begin(&actor, Action::CertificateRenew, subject(asking.id)).await?;
        let outcome = self.exchange(&mut work, asking, request).await;
        if let Err(Failure::Refused(RenewRefusal::NotDue | RenewRefusal::TooSoon)) = &outcome {
            work.unit.roll_back().await?;
            return outcome;
        }

        self.conclude(work, outcome).await
    }

    /// Notes that a device has used its next certificate, the one with this SHA-256: from here on that alone is good, and the one before
    /// is revoked.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the database fails.
    #[tracing::instrument(skip(self, used), err(level = "debug"))]
    pub async fn take_next_certificate(&self, id: DeviceId, used: [u8; 32]) -> Result<(), Fault> {
        let actor = Actor::Device(id.0);
        let mut work = self.begin(&actor, Action::CertificateRevoke, subject(id)).await?;
        let is_used = |device: &Device| {
            device.next_certificate.as_ref().is_some_and(|next| next.fingerprint == used)
        };
        // Another request was faster, or has had another certificate issued.
        let Some(device) = work.unit.device(id).await?.filter(is_used) else {
            return Ok(work.unit.roll_back().await?);
        };
        work.label(&device.name);
        let before = device.certificate.clone();
        let device = device::take_next_certificate(device);
        work.unit.save_device(&device).await.map_err(never_taken)?;
        if let Some(before) = before {
            supersede(&mut work, &before).await?;
        }

        self.record(work).await
    }

    async fn exchange(
        &self,
        work: &mut Work,
        asking: &Device,
        request: &[u8],
    ) -> Result<Certificate, Failure<RenewRefusal>> {
        // Locked in the order in which everybody locks: people before their devices.
        let owner = work.unit.user(asking.user).await?;
        let device = load(work, asking.id).await?;
        if owner.is_none_or(|owner| owner.block.is_some()) {
            return Err(Failure::Refused(RenewRefusal::NotInService));
        }
        let unused = registered(work, device.next_certificate.as_ref()).await?;
        let issued = unused.as_ref().map(|unused| unused.issued_at);
        device::may_renew(&device, issued, work.now()).map_err(Failure::Refused)?;
        let present = registered(work, device.certificate.as_ref()).await?;
        if present.is_some_and(|present| present.revocation.is_some()) {
            return Err(Failure::Refused(RenewRefusal::Revoked));
        }
        let request = read(request).map_err(Failure::Refused)?;
        let user = device.user;
        let issuer = self.authority().issuer();
        let serial = Serial::from_random(random()?);
        let certificate = issuer
            .issue_device(&request, &device.id.to_string(), serial, work.now())
            .map_err(|error| Fault::signing("issuing a device's certificate", error))?;
        save(work, device::renew(device, certificates::facts(&certificate))).await?;
        let holder = Holder { device: Some(asking.id), user: Some(user) };
        let issued =
            Issued::new(&certificate, issuer.certificate(), Profile::Device, holder, work.now());
        work.unit.insert_issued(&issued).await.map_err(never_taken)?;
        work.note("certificate_serial", &issued.serial);
        revoke_all(work, unused.into_iter().collect(), RevocationReason::Superseded).await?;

        Ok(certificate)
    }
}

/// Finds what the register has of a device's certificate.
async fn registered(
    work: &Work,
    certificate: Option<&DeviceCertificate>,
) -> Result<Option<Issued>, Fault> {
    let serial = certificate.and_then(|it| SerialNumber::parse(&it.serial));
    let Some(serial) = serial else { return Ok(None) };

    Ok(work.unit.issued(&serial).await?)
}

/// Revokes a certificate in whose place another one is.
async fn supersede(work: &mut Work, certificate: &DeviceCertificate) -> Result<(), Fault> {
    let issued = registered(work, Some(certificate)).await?;

    Ok(revoke_all(work, issued.into_iter().collect(), RevocationReason::Superseded).await?)
}

fn read(request: &[u8]) -> Result<Request, RenewRefusal> {
    match Request::from_der(request) {
        Ok(request) if request.key_kind() == KeyKind::P256 => Ok(request),
        Ok(_) | Err(RequestError::WeakKey) => Err(RenewRefusal::UnsuitableKey),
        Err(RequestError::Damaged(_) | RequestError::Unproved) => {
            Err(RenewRefusal::UnprovedRequest)
        }
    }
}
