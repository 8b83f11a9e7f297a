use crate::{DeviceStatus, Fault, Operations};
use ca::Authority;
use fleet::device::Device;
use fleet::group::Group;
use fleet::user::User;
use policy::{Document, FORMAT, SignedDocument};

impl Operations {
    /// Signs the settings that a device has to obey.
    ///
    /// # Errors
    ///
    /// [`Fault`] if the key does not sign, or if settings that are not valid got into the database.
    pub fn signed_settings(&self, status: &DeviceStatus) -> Result<SignedDocument, Fault> {
        sign(self.authority(), &status.device, &status.user, &status.group)
    }
}

pub(super) fn sign(
    authority: &Authority,
    device: &Device,
    user: &User,
    group: &Group,
) -> Result<SignedDocument, Fault> {
    let address = user.addresses.primary().as_str();
    let document = Document {
        format: FORMAT.to_owned(),
        device: device.id.to_string(),
        group: group.name.to_string(),
        revision: group.revision,
        changed_at: group.changed_at,
        settings: group.settings.for_person(address, user.login.as_str()),
    };
    let portal = authority.portal();
    let chain = std::slice::from_ref(&portal.certificate);

    SignedDocument::sign(&document, portal.key.as_ref(), chain)
        .map_err(|error| Fault::broken("signing the settings of a device", error))
}
