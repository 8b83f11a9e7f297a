//! Who signs the person's mails, and whether that is worth anything to whoever gets them.

use crate::error::{SendError, SigningFault};
use crate::trust::{Occasion, Question, Trust};
use keys::{PrivateKey, SignatureAlgorithm};
use pki::Certificate;
use pki::cms::Signing;
use pki::validate::{Reason, Use};
use std::sync::Arc;
use time::OffsetDateTime;
use vault::Open;

/// The key that signs a mail, with what goes with the signature.
pub(super) struct Signer<'a> {
    key: Arc<dyn PrivateKey>,
    algorithm: SignatureAlgorithm,
    certificate: &'a Certificate,
    /// The certificates that lead to a root, as far as they are known.
    issuers: Vec<Certificate>,
    /// The certificate to encrypt answers for, where it is another one.
    encryption: Option<&'a Certificate>,
}

impl<'a> Signer<'a> {
    /// Finds the key, unless nobody would believe it any more.
    pub(super) fn of(
        open: &'a Open,
        trust: &Trust,
        now: OffsetDateTime,
    ) -> Result<Self, SendError> {
        let (key, certificate) =
            open.signing().ok_or(SendError::CannotSign(SigningFault::Missing))?;
        let ended = certificate.not_after();
        if ended < now {
            return Err(SendError::CannotSign(SigningFault::Expired { ended }));
        }
        let purpose = Use::MailSigning;
        let question = Question { purpose, name: None, beside: &[], occasion: Occasion::Own };
        let path = match trust.judge_by_what_is_known(certificate, &question) {
            Ok(trusted) => trusted.path,
            Err(distrusted) => {
                let revoked = |reason: &Reason| matches!(reason, Reason::Revoked(_));
                if distrusted.faults().any(|fault| revoked(&fault.reason)) {
                    return Err(SendError::CannotSign(SigningFault::Revoked));
                }
                distrusted.path
            }
        };
        let kept = open.chain().iter().filter_map(|der| Certificate::from_der(der).ok());
        // Every program reads PKCS #1 v1.5, not every one PSS (RFC 8551 §2.2).
        let offered = key.algorithms().iter().copied();
        let algorithm = offered.max_by_key(|it| *it == SignatureAlgorithm::RsaPkcs1Sha256);

        Ok(Self {
            algorithm: algorithm.ok_or(SendError::CannotSign(SigningFault::Missing))?,
            key,
            certificate,
            issuers: path.into_iter().skip(1).chain(kept).collect(),
            encryption: Some(open.certificate()).filter(|other| *other != certificate),
        })
    }

    /// Returns what is said with a signature at `time`.
    pub(super) fn at(&self, time: OffsetDateTime) -> Signing<'_> {
        Signing {
            key: &*self.key,
            algorithm: self.algorithm,
            certificate: self.certificate,
            chain: &self.issuers,
            time,
            encryption: self.encryption,
        }
    }
}
