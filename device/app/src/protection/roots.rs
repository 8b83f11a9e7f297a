//! By which authorities the certificates of others are judged.

use crate::lifecycle::Device;
use mail::smime::Trust;
use pki::Certificate;
use time::OffsetDateTime;
use vault::Open;

/// Who is trusted, and certificates that help to get there.
pub(super) struct Roots {
    anchors: Vec<Certificate>,
    known: Vec<Certificate>,
}

impl Roots {
    /// The root of the person's own certificate, and the company's authority.
    pub(super) fn of(open: &Open, device: &Device) -> Self {
        let chain = open.chain().iter().filter_map(|der| Certificate::from_der(der).ok());
        let (mut anchors, known): (Vec<_>, Vec<_>) =
            chain.partition(|one| one.subject() == one.issuer());
        anchors.extend(device.record.authority().ok());

        Self { anchors, known }
    }

    pub(super) fn trust(&self, now: OffsetDateTime) -> Trust<'_> {
        Trust::new(&self.anchors, &self.known, now)
    }
}
