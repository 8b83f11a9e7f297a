use super::Trust;
use crate::http;
use mail::smime;
use pki::validate::{Crl, Distrusted, Inputs, OcspAnswer, PeerName, Revocations, Use, validate};
use pki::{Algorithms, Certificate};
use policy::OwnCertificate;
use time::OffsetDateTime;

/// All that certificates are judged by at one moment.
#[derive(Debug)]
pub(crate) struct Ground {
    anchors: Vec<Certificate>,
    known: Vec<Certificate>,
    lists: Vec<Crl>,
    answers: Vec<OcspAnswer>,
    revocation: Revocations,
    /// Which signatures of mails count.
    of_mails: Algorithms,
    now: OffsetDateTime,
}

impl Trust {
    /// By whom a server that the settings name may be certified.
    pub(crate) fn of_servers(&self) -> http::Trust {
        http::Trust::Roots { known: self.ground(&[]).anchors, named: self.settings().roots }
    }

    /// Collects all that certificates of others are judged by now, with those that came beside them.
    ///
    /// Where the settings name no authority, the one of the person's own certificate counts: that is the company's.
    pub(crate) fn ground(&self, beside: &[Certificate]) -> Ground {
        let mut ground = self.ground_for_own(beside);
        if self.settings().roots.is_empty() {
            let chain = self.0.open.chain().iter();
            let chain = chain.filter_map(|der| Certificate::from_der(der).ok());
            ground.anchors.extend(chain.filter(|it| it.subject() == it.issuer()));
        }

        ground
    }

    /// As [`ground`](Self::ground) for the person's own certificate, which does not vouch for itself.
    pub(super) fn ground_for_own(&self, beside: &[Certificate]) -> Ground {
        let inner = &*self.0;
        let settings = self.settings();
        let (fetched, lists, answers) = {
            let shelf = self.shelf();
            (shelf.certificates(), shelf.lists(), shelf.answers())
        };
        let own = inner.open.chain().iter().filter_map(|der| Certificate::from_der(der).ok());
        let known: Vec<_> = own.chain(fetched).chain(beside.iter().cloned()).collect();
        let is_named = |it: &&Certificate| settings.roots.contains(&it.fingerprint().to_string());
        let named = known.iter().filter(is_named).cloned();
        // Cordon's authority issues for companies that have none.
        let mut anchors: Vec<_> = std::iter::once(inner.authority.clone()).chain(named).collect();
        if settings.platform_roots {
            anchors.extend_from_slice(inner.platform.get_or_init(platform));
        }

        Ground {
            anchors,
            known,
            lists,
            answers,
            revocation: if settings.require_revocation {
                Revocations::Required
            } else {
                Revocations::IfKnown
            },
            of_mails: Algorithms {
                sha1: inner.settings.borrow().settings.smime.sha1_signatures,
                ..Algorithms::default()
            },
            now: (inner.clock)(),
        }
    }
}

impl Ground {
    /// For one certificate.
    pub(crate) fn inputs(&self, purpose: Use, name: Option<PeerName>) -> Inputs<'_> {
        Inputs {
            untrusted: &self.known,
            crls: &self.lists,
            ocsp: &self.answers,
            name,
            revocation: self.revocation,
            ..Inputs::new(&self.anchors, self.now, purpose)
        }
    }

    /// Says whether mail to an address may be encrypted with a certificate.
    pub(crate) fn judge_recipient(
        &self,
        certificate: &Certificate,
        address: &str,
    ) -> Result<(), Distrusted> {
        let name = PeerName::Email(address.to_owned());

        validate(certificate, &self.inputs(Use::MailEncryption, Some(name))).map(drop)
    }

    /// For the signatures of a mail.
    pub(crate) fn smime(&self) -> smime::Trust<'_> {
        smime::Trust {
            crls: &self.lists,
            ocsp: &self.answers,
            revocation: self.revocation,
            algorithms: self.of_mails,
            ..smime::Trust::new(&self.anchors, &self.known, self.now)
        }
    }

    /// As for the own certificate.
    pub(crate) fn inputs_for_own(&self, own: OwnCertificate) -> Inputs<'_> {
        let revocation = match own {
            OwnCertificate::Fresh => Revocations::Required,
            OwnCertificate::Unchecked | OwnCertificate::Valid => Revocations::IfKnown,
        };

        Inputs { revocation, ..self.inputs(Use::Any, None) }
    }
}

/// The authorities of the platform; none on a machine that has none.
fn platform() -> Vec<Certificate> {
    let found = rustls_native_certs::load_native_certs().certs;

    found.iter().filter_map(|der| Certificate::from_der(der).ok()).collect()
}
