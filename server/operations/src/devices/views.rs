use crate::{Fault, Operations};
use audit::{Event, Filter, SubjectKind};
use ca::SerialNumber;
use fleet::DeviceId;
use fleet::device::Device;
use fleet::list::{DeviceFilter, DeviceItem, Listing, Page};
use pki::Certificate;
use store::DeviceStatus;

impl Operations {
    /// Finds a device.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the database fails.
    pub async fn device(&self, id: DeviceId) -> Result<Option<DeviceItem>, Fault> {
        Ok(self.store().device(id).await?)
    }

    /// Finds the devices that somebody may mean: the one with this identifier or ActiveSync identifier, or else all
    /// that have this name.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the database fails.
    pub async fn devices_called(&self, text: &str) -> Result<Vec<DeviceItem>, Fault> {
        Ok(self.store().devices_called(text.trim()).await?)
    }

    /// Lists devices.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the database fails.
    pub async fn devices(
        &self,
        filter: &DeviceFilter,
        page: Page,
    ) -> Result<Listing<DeviceItem>, Fault> {
        Ok(self.store().devices(filter, page).await?)
    }

    /// Finds the device that proves itself with the certificate of this SHA-256 fingerprint, whatever its state.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the database fails.
    pub async fn device_by_certificate(
        &self,
        fingerprint: [u8; 32],
    ) -> Result<Option<Device>, Fault> {
        Ok(self.store().device_by_certificate(fingerprint).await?)
    }

    /// Tells whether the authority here revoked a certificate, or put it on hold.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the database fails.
    pub async fn is_revoked(&self, certificate: &Certificate) -> Result<bool, Fault> {
        let issued = self.store().issued(&SerialNumber::of(certificate)).await?;

        Ok(issued.is_some_and(|issued| issued.revocation.is_some()))
    }

    /// Finds a device with everything that its app is told.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the database fails.
    pub async fn device_status(&self, id: DeviceId) -> Result<Option<DeviceStatus>, Fault> {
        Ok(self.store().device_status(id).await?)
    }

    /// Lists what happened to a device since it was invited, newest first.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the database fails.
    pub async fn device_history(&self, id: DeviceId, page: Page) -> Result<Listing<Event>, Fault> {
        let mut subjects = vec![(SubjectKind::Device, id.0)];
        if let Some(invitation) = self.store().invitation_of_device(id).await? {
            subjects.push((SubjectKind::Invitation, invitation.id.0));
        }
        let filter = Filter { subjects, ..Filter::default() };

        Ok(self.store().audit_events(&filter, page).await?)
    }
}
