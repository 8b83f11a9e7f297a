use super::signer::{Signer, SignerFault};
use super::tlv::{self, Value, context};
use super::{Malformed, ber};
use crate::{Algorithms, Certificate};
use const_oid::db::rfc5911;
use der::asn1::ObjectIdentifier;
use zeroize::Zeroizing;

/// The most signatures of a message; each costs work.
const MOST_SIGNERS: usize = 32;

/// The most certificates that are taken from a message.
const MOST_CERTIFICATES: usize = 64;

/// The most certificates with the name that a signature gives which are tried: each costs a digest of the content.
const MOST_OF_ONE_NAME: usize = 4;

/// A signed message that was read and not yet checked (`SignedData`, RFC 5652 §5.1).
#[derive(Debug)]
pub struct Signed {
    /// What the content is.
    pub content_type: ObjectIdentifier,
    /// The content; none if it is kept outside of the message.
    pub content: Option<Zeroizing<Vec<u8>>>,
    /// The certificates that came with it, in its order; those that cannot be read are left out.
    pub certificates: Vec<Certificate>,
    /// The signatures; none if it is there for its certificates.
    pub signers: Vec<Signer>,
}

/// Why a message was not read.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SignedError {
    /// The bytes are no signed message.
    #[error("the message is damaged or not a signed one")]
    Damaged(#[from] Malformed),
    /// It is some other message.
    #[error("the message is not a signed one")]
    Other,
    /// The message has more signatures than are checked.
    #[error("the message has more than {MOST_SIGNERS} signatures")]
    TooManySigners,
}

impl Signed {
    /// Reads a message.
    ///
    /// # Errors
    ///
    /// [`SignedError`] if it is none or has too many signatures.
    pub fn read(message: &[u8]) -> Result<Self, SignedError> {
        let message = ber::normalise(message)?;
        let (kind, content) = super::content_info(&message)?;
        if kind != rfc5911::ID_SIGNED_DATA {
            return Err(SignedError::Other);
        }
        let mut values = content.values();
        values.take(tlv::INTEGER)?;
        values.take(tlv::SET)?;
        let info = values.take(tlv::SEQUENCE)?;
        let certificates = values.optional(context(0))?;
        values.optional(context(1))?;
        let signers = values.take(tlv::SET)?.values().all()?;
        values.end()?;
        if signers.len() > MOST_SIGNERS {
            return Err(SignedError::TooManySigners);
        }
        let (content_type, content) = encapsulated(info)?;

        Ok(Self {
            content_type,
            content: content.map(|content| Zeroizing::new(content.to_vec())),
            certificates: certificates.map_or(Ok(Vec::new()), read_certificates)?,
            signers: signers.into_iter().map(Signer::read).collect::<Result<_, _>>()?,
        })
    }

    /// Tells whether the content is said to be plain data, as that of mail is (RFC 5652 §4).
    pub fn holds_data(&self) -> bool {
        self.content_type == rfc5911::ID_DATA
    }

    /// Checks one signature over `content`, with the certificates of the message or those of `known`.
    /// Gives the certificate that the signature names, and whether it verifies; of `algorithms` the digests count.
    pub fn verify(
        &self,
        signer: &Signer,
        content: &[u8],
        known: &[Certificate],
        algorithms: &Algorithms,
    ) -> (Option<Certificate>, Result<(), SignerFault>) {
        let mut found = (None, Err(SignerFault::NoCertificate));
        // Whoever sends a message chooses its certificates, and two of them can have one name.
        let named = self.certificates.iter().chain(known).filter(|it| signer.names(it));
        for certificate in named.take(MOST_OF_ONE_NAME) {
            let verified = signer.verify(certificate, self.content_type, content, algorithms);
            let done = verified.is_ok();
            if done || found.0.is_none() {
                found = (Some(certificate.clone()), verified);
            }
            if done {
                break;
            }
        }

        found
    }
}

/// `EncapsulatedContentInfo` (RFC 5652 §5.2).
fn encapsulated(info: Value<'_>) -> Result<(ObjectIdentifier, Option<&[u8]>), Malformed> {
    let mut values = info.values();
    let content_type = values.any()?.oid()?;
    let content = values.optional(context(0))?;
    values.end()?;
    let Some(content) = content else { return Ok((content_type, None)) };
    let mut inner = content.values();
    let octets = inner.take(tlv::OCTET_STRING)?.content;
    inner.end()?;

    Ok((content_type, Some(octets)))
}

fn read_certificates(set: Value<'_>) -> Result<Vec<Certificate>, Malformed> {
    let choices = set.values().all()?.into_iter().filter(|choice| choice.tag == tlv::SEQUENCE);
    let certificates = choices.take(MOST_CERTIFICATES);

    Ok(certificates.filter_map(|choice| Certificate::from_der(choice.whole).ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use const_oid::db::{rfc5912, rfc8410};
    use openssl::pkey::PKey;
    use openssl::sign::Signer as Ed25519;
    use openssl::x509::X509Builder;

    /// No command of Debian 12 makes such a message (RFC 8419).
    #[test]
    fn ed25519_signatures_are_read() {
        let key = PKey::generate_ed25519().unwrap();
        let mut certificate = X509Builder::new().unwrap();
        certificate.set_version(2).unwrap();
        certificate.set_pubkey(&key).unwrap();
        let start = openssl::asn1::Asn1Time::from_unix(1_800_000_000).unwrap();
        certificate.set_not_before(&start).unwrap();
        certificate.set_not_after(&start).unwrap();
        certificate.sign(&key, openssl::hash::MessageDigest::null()).unwrap();
        let certificate = Certificate::from_der(&certificate.build().to_der().unwrap()).unwrap();
        let attribute =
            |kind, value: &[u8]| tlv::sequence(&[&tlv::oid(kind), &tlv::write(tlv::SET, &[value])]);
        let digest = openssl::sha::sha512(b"text");
        let attributes = vec![
            attribute(rfc5911::ID_CONTENT_TYPE, &tlv::oid(rfc5911::ID_DATA)),
            attribute(rfc5911::ID_MESSAGE_DIGEST, &tlv::octet_string(&digest)),
        ];
        let signed = tlv::set_of(tlv::SET, attributes.clone());
        let signature = Ed25519::new_without_digest(&key).unwrap();
        let signature = { signature }.sign_oneshot_to_vec(&signed).unwrap();
        let sha512 = tlv::algorithm(rfc5912::ID_SHA_512);
        let signer = tlv::sequence(&[
            &tlv::integer(1),
            &super::super::sign::issuer_and_serial(&certificate),
            &sha512,
            &tlv::set_of(context(0), attributes),
            &tlv::algorithm(rfc8410::ID_ED_25519),
            &tlv::octet_string(&signature),
        ]);
        let message = tlv::sequence(&[
            &tlv::integer(1),
            &tlv::write(tlv::SET, &[&sha512]),
            &tlv::sequence(&[&tlv::oid(rfc5911::ID_DATA)]),
            &tlv::write(context(0), &[certificate.as_der()]),
            &tlv::write(tlv::SET, &[&signer]),
        ]);
        let message = tlv::sequence(&[
            &tlv::oid(rfc5911::ID_SIGNED_DATA),
            &tlv::write(context(0), &[&message]),
        ]);
        let signed = Signed::read(&message).unwrap();
        let [signer] = &signed.signers[..] else { panic!("one signature") };

        assert_eq!(
            signed.verify(signer, b"text", &[], &Algorithms::default()),
            (Some(certificate), Ok(()))
        );
        assert_eq!(
            signed.verify(signer, b"other", &[], &Algorithms::default()).1,
            Err(SignerFault::ContentChanged)
        );
        assert_eq!(signer.algorithm(), "Ed25519");
    }
}
