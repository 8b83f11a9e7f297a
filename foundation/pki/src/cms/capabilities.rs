use super::cipher::ContentCipher;
use super::seal::oaep_sha256;
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
        let read: Result<Vec<_>, _> =
            capabilities.into_iter().take(MOST).map(Algorithm::read).collect();
        // OAEP is written here with SHA-256 alone (RFC 3560 §5); who names nothing is taken to read that.
        let usual = |it: &Algorithm<'_>| {
            it.oid != rfc5912::ID_RSAES_OAEP || it.parameters.is_none() || it.whole == oaep_sha256()
        };

        Ok(Self(read?.iter().filter(|it| usual(it)).map(|it| it.oid).collect()))
    }

    /// Writes them as `SMIMECapabilities`, without parameters but those of OAEP.
    pub fn to_der(&self) -> Vec<u8> {
        let write = |oid| match oid {
            rfc5912::ID_RSAES_OAEP => oaep_sha256(),
            other => tlv::algorithm(other),
        };
        let capabilities: Vec<_> = self.0.iter().copied().map(write).collect();
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
    fn oaep_counts_with_the_digest_that_is_written() {
        // The defaults, which are SHA-1.
        let sha1 = b"\x30\x0f\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x07\x30\x00";
        let unsaid = b"\x30\x0d\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x07";

        assert!(!Capabilities::from_der(sha1).unwrap().reads_oaep());
        assert!(Capabilities::from_der(unsaid).unwrap().reads_oaep());
        assert!(Capabilities::own().to_der().windows(2).any(|it| it == b"\xa0\x0f"));
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
