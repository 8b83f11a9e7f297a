use super::{load, save, subject};
use crate::certificates::{self, revoke_all};
use crate::work::{Work, never_taken, random};
use crate::{Failure, Fault, Operations};
use audit::{Action, Actor};
use ca::{Holder, Issued, Profile, SerialNumber};
use fleet::DeviceId;
use fleet::device::{self, DeviceCertificate, RenewRefusal};
use pki::validate::RevocationReason;
use pki::{Certificate, KeyKind, Request, RequestError, Serial};

impl Operations {
    /// Issues a certificate for another key of a device, from PKCS#10. The present one stays good until the device uses the new one.
    ///
    /// # Errors
    ///
    /// [`RenewRefusal`] if the device is not in service, its certificate is good for long, or the request proves nothing.
    #[tracing::instrument(skip(self, request), err(level = "debug"))]
    pub async fn renew_device(
        &self,
        id: DeviceId,
        request: &[u8],
    ) -> Result<Certificate, Failure<RenewRefusal>> {
        let actor = Actor::Device(id.0);
        let mut work = self.begin(&actor, Action::CertificateRenew, subject(id)).await?;
        let outcome = self.exchange(&mut work, id, request).await;

        self.conclude(work, outcome).await
    }

    /// Notes that a device has used its next certificate: from here on that alone is good, and the one before is revoked.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the database fails.
    #[tracing::instrument(skip(self), err(level = "debug"))]
    pub async fn take_next_certificate(&self, id: DeviceId) -> Result<(), Fault> {
        let actor = Actor::Device(id.0);
        let mut work = self.begin(&actor, Action::CertificateRevoke, subject(id)).await?;
        let device = work.unit.device(id).await?;
        // Another request was faster.
        let Some(device) = device.filter(|device| device.next_certificate.is_some()) else {
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
        id: DeviceId,
        request: &[u8],
    ) -> Result<Certificate, Failure<RenewRefusal>> {
        let device = load(work, id).await?;
        let owner = work.unit.user(device.user).await?;
        if owner.is_none_or(|owner| owner.block.is_some()) {
            return Err(Failure::Refused(RenewRefusal::NotInService));
        }
        let request = read(request).map_err(Failure::Refused)?;
        let (user, unused) = (device.user, device.next_certificate.clone());
        let issuer = self.authority().issuer();
        let serial = Serial::from_random(random()?);
        let certificate = issuer
            .issue_device(&request, &id.to_string(), serial, work.now())
            .map_err(|error| Fault::signing("issuing a device's certificate", error))?;
        let device = device::renew(device, certificates::facts(&certificate), work.now());
        save(work, device.map_err(Failure::Refused)?).await?;
        let holder = Holder { device: Some(id), user: Some(user) };
        let issued =
            Issued::new(&certificate, issuer.certificate(), Profile::Device, holder, work.now());
        work.unit.insert_issued(&issued).await.map_err(never_taken)?;
        work.note("certificate_serial", &issued.serial);
        if let Some(unused) = unused {
            supersede(work, &unused).await?;
        }

        Ok(certificate)
    }
}

/// Revokes a certificate in whose place another one is.
async fn supersede(work: &mut Work, certificate: &DeviceCertificate) -> Result<(), Fault> {
    let Some(serial) = SerialNumber::parse(&certificate.serial) else { return Ok(()) };
    let issued = work.unit.issued(&serial).await?;

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
