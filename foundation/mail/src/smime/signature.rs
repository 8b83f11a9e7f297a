use crate::smime::state::Trust;
use crate::smime::{Problem, Severity};
use crate::text;
use pki::Certificate;
use pki::cms::{Capabilities, Signed, Signer, SignerFault};
use pki::validate::{Reason, Revocations};
use time::OffsetDateTime;

/// One signature of a mail, and what is to be thought of it.
#[derive(Clone, Debug)]
pub struct Signature {
    /// In which layer of the mail it is; the outermost is 0.
    pub layer: usize,
    /// The certificate it names, if it was found.
    pub certificate: Option<Certificate>,
    /// The certificates that came with it.
    pub sent: Vec<Certificate>,
    /// When the signer says it was made.
    pub time: Option<OffsetDateTime>,
    /// Its algorithm, for example `ECDSA, SHA-256`.
    pub algorithm: String,
    /// What is wrong with it; nothing if it verifies and its certificate is trusted.
    pub problem: Option<Problem>,
    /// What the signer's program reads; none unless the signature is good.
    pub capabilities: Option<Capabilities>,
    /// The certificate that the signer wants to be written to; none unless the signature is good.
    pub preferred: Option<Certificate>,
}

impl Signature {
    /// Checks one signature over `content`.
    pub(super) fn check(
        signed: &Signed,
        signer: &Signer,
        content: &[u8],
        layer: usize,
        trust: &Trust<'_>,
    ) -> Self {
        let (certificate, verdict) = signed.verify(signer, content, trust.known, &trust.algorithms);
        let time = signer.signing_time();
        let who = certificate.as_ref().map(name).unwrap_or_default();
        let problem = match (verdict, &certificate) {
            (Err(fault), _) => Some(Problem::Signature { signer: who, fault }),
            (Ok(()), None) => {
                Some(Problem::Signature { signer: who, fault: SignerFault::NoCertificate })
            }
            (Ok(()), Some(certificate)) => {
                distrust(certificate, signed, time, trust).or_else(|| {
                    let digest = signer.weak_digest()?.to_owned();
                    Some(Problem::OldDigest { signer: who, digest })
                })
            }
        };
        let good = problem.is_none();
        let preferred = signer.preferred(&signed.certificates).cloned();

        Self {
            layer,
            certificate,
            sent: signed.certificates.clone(),
            time,
            algorithm: signer.algorithm(),
            problem,
            capabilities: signer.capabilities().filter(|_| good),
            preferred: preferred.filter(|_| good),
        }
    }

    /// Tells whether it verifies and its certificate is trusted.
    pub fn is_good(&self) -> bool {
        self.problem.as_ref().is_none_or(|problem| problem.severity() == Severity::Remark)
    }

    /// Returns whose it is: the addresses of the certificate, or the name if there are none.
    pub fn signer(&self) -> String {
        self.certificate.as_ref().map(name).unwrap_or_default()
    }

    /// Returns the mail addresses of a good signature's certificate.
    pub fn addresses(&self) -> Vec<String> {
        let certificate = self.certificate.as_ref().filter(|_| self.is_good());

        certificate.map(Certificate::emails).unwrap_or_default()
    }
}

/// The only place where a signer's certificate is judged.
fn distrust(
    certificate: &Certificate,
    signed: &Signed,
    time: Option<OffsetDateTime>,
    trust: &Trust<'_>,
) -> Option<Problem> {
    let signer = name(certificate);
    match trust.judge(certificate, &signed.certificates, trust.now) {
        Ok(()) => None,
        // What was revoked since does not count, whenever it is said to have signed.
        Err(error) if error.faults().all(|fault| matches!(fault.reason, Reason::Expired(_))) => {
            let then = time.filter(|time| *time <= trust.now);
            // Nobody kept the lists of then.
            let of_then = Trust { revocation: Revocations::IfKnown, ..*trust };
            let then =
                then.filter(|time| of_then.judge(certificate, &signed.certificates, *time).is_ok());
            Some(match then {
                Some(signed) => Problem::ExpiredSince { signer, signed },
                None => Problem::Untrusted { signer, error },
            })
        }
        Err(error) => Some(Problem::Untrusted { signer, error }),
    }
}

pub(super) fn name(certificate: &Certificate) -> String {
    let emails = certificate.emails();
    if !emails.is_empty() {
        return text::line(&emails.join(", "));
    }

    text::line(&certificate.common_name().unwrap_or_else(|| certificate.subject()))
}
