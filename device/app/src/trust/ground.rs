use super::Trust;
use pki::Certificate;
use pki::validate::{Crl, Inputs, OcspAnswer, PeerName, Revocations, Use};
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
    now: OffsetDateTime,
}

impl Trust {
    /// Collects all that certificates are judged by now, with the certificates that came beside them.
    pub(crate) fn ground(&self, beside: &[Certificate]) -> Ground {
        let inner = &*self.0;
        let settings = inner.device.settings.borrow().settings.certificates.clone();
        let (fetched, lists, answers) = {
            let shelf = self.shelf();
            (shelf.certificates(), shelf.lists(), shelf.answers())
        };
        let own = inner.open.chain().iter().filter_map(|der| Certificate::from_der(der).ok());
        let known: Vec<_> = own.chain(fetched).chain(beside.iter().cloned()).collect();
        let is_named = |it: &&Certificate| settings.roots.contains(&it.fingerprint().to_string());
        let named = known.iter().filter(is_named).cloned();
        // Cordon's authority issues for companies that have none.
        let mut anchors: Vec<_> =
            inner.device.record.authority().into_iter().chain(named).collect();
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
