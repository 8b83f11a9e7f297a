//! By which authorities the certificates of others are judged.

use crate::lifecycle::Device;
use mail::smime::Trust;
use pki::Certificate;
use pki::validate::{Distrusted, Inputs, PeerName, Use, validate};
use time::OffsetDateTime;
use vault::Open;

/// Who is trusted, and certificates that help to get there.
pub(crate) struct Roots {
    anchors: Vec<Certificate>,
    known: Vec<Certificate>,
}

impl Roots {
    /// The root of the person's own certificate, and the company's authority.
    pub(crate) fn of(open: &Open, device: &Device) -> Self {
        let chain = open.chain().iter().filter_map(|der| Certificate::from_der(der).ok());
        let (mut anchors, known): (Vec<_>, Vec<_>) =
            chain.partition(|one| one.subject() == one.issuer());
        anchors.extend(device.record.authority().ok());

        Self { anchors, known }
    }

    /// Judges whether mail to an address may be encrypted with a certificate.
    pub(crate) fn judge_recipient(
        &self,
        certificate: &Certificate,
        address: &str,
        now: OffsetDateTime,
    ) -> Result<(), Distrusted> {
        let inputs = Inputs {
            untrusted: &self.known,
            name: Some(PeerName::Email(address.to_owned())),
            ..Inputs::new(&self.anchors, now, Use::MailEncryption)
        };

        validate(certificate, &inputs).map(drop)
    }

    pub(super) fn trust(&self, now: OffsetDateTime) -> Trust<'_> {
        Trust::new(&self.anchors, &self.known, now)
    }
}
