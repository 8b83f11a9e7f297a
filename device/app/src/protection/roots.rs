//! By which authorities the certificates of others are judged.

use crate::lifecycle::Device;
use crate::trust::Ground;
use mail::smime::Trust;

/// Who is trusted at a moment, and what is known of revocation.
pub(super) struct Roots(Ground);

impl Roots {
    /// By the settings.
    pub(super) fn of(device: &Device) -> Self {
        Self(device.trust.ground(&[]))
    }

    pub(super) fn trust(&self) -> Trust<'_> {
        self.0.smime()
    }
}
