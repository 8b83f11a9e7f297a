use super::cipher::ContentCipher;
use super::tlv::{self, Algorithm, Values};
use super::{Malformed, ber};
use const_oid::db::{rfc5911, rfc5912};
use der::asn1::ObjectIdentifier;

/// The most capabilities that are kept of a message.
const MOST: usize = 64;

/// What a mail program says it can read, best first (`SMIMECapabilities`, RFC 8551 §2.5.2).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Capabilities(Vec<ObjectIdentifier>);

impl Capabilities {
    /// Returns those of this program.
    pub fn own() -> Self {
        Self(vec![
            rfc5911::ID_AES_256_GCM,
            rfc5911::ID_AES_128_GCM,
            rfc5911::ID_AES_256_CBC,
            rfc5911::ID_AES_192_CBC,
            rfc5911::ID_AES_128_CBC,
            rfc5912::ID_RSAES_OAEP,
        ])
    }

    /// Reads a DER `SMIMECapabilities`, as [`to_der`](Self::to_der) writes it and signatures carry it.
    ///
    /// # Errors
    ///
    /// [`Malformed`] if the bytes are something else.
    pub fn from_der(der: &[u8]) -> Result<Self, Malformed> {
        let der = ber::normalise(der)?;
        let capabilities = Values::new(&der).take(tlv::SEQUENCE)?.values().all()?;
        let read = capabilities.into_iter().take(MOST).map(Algorithm::read);

        read.map(|capability| Ok(capability?.oid)).collect::<Result<_, _>>().map(Self)
    }

    /// Writes them as `SMIMECapabilities`, without parameters.
    pub fn to_der(&self) -> Vec<u8> {
        let capabilities: Vec<_> = self.0.iter().copied().map(tlv::algorithm).collect();
        let capabilities: Vec<&[u8]> = capabilities.iter().map(Vec::as_slice).collect();

        tlv::sequence(&capabilities)
    }

    /// Tells whether a content that is encrypted so can be read.
    pub fn reads(&self, cipher: ContentCipher) -> bool {
        self.0.contains(&cipher.oid())
    }

    /// Tells whether any content can be read that is encrypted with AES.
    pub fn reads_aes(&self) -> bool {
        let aes = [
            ContentCipher::Aes128Cbc,
            ContentCipher::Aes128Gcm,
            ContentCipher::Aes192Cbc,
            ContentCipher::Aes192Gcm,
            ContentCipher::Aes256Cbc,
            ContentCipher::Aes256Gcm,
        ];

        aes.into_iter().any(|cipher| self.reads(cipher))
    }

    /// Tells whether keys wrapped by RSA-OAEP can be read.
    pub fn reads_oaep(&self) -> bool {
        self.0.contains(&rfc5912::ID_RSAES_OAEP)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let own = Capabilities::own();

        assert_eq!(Capabilities::from_der(&own.to_der()), Ok(own.clone()));
        assert!(own.reads(ContentCipher::Aes256Gcm) && own.reads_oaep() && own.reads_aes());
        assert!(!own.reads(ContentCipher::TripleDesCbc));
    }

    #[test]
    fn parameters_are_passed_over_and_junk_is_refused() {
        // 3DES, and RC2 with 40 bits.
        let old = b"\x30\x1a\x30\x0a\x06\x08\x2a\x86\x48\x86\xf7\x0d\x03\x07\x30\x0c\x06\x08\x2a\x86\x48\x86\xf7\x0d\x03\x02\x05\x00";
        let read = Capabilities::from_der(old).unwrap();

        assert!(read.reads(ContentCipher::TripleDesCbc) && !read.reads_aes());
        assert_eq!(Capabilities::from_der(b"\x30\x02\x05\x00"), Err(Malformed));
        assert_eq!(Capabilities::from_der(b""), Err(Malformed));
    }
}
