//! Ciphers of contents (RFC 3370, RFC 3565, RFC 5084).

use super::tlv::{self, Algorithm, Value};
use super::{Malformed, OpenError};
use const_oid::db::rfc5911;
use der::asn1::ObjectIdentifier;
use keys::rc2;
use openssl::cipher::{Cipher, CipherRef};
use openssl::cipher_ctx::CipherCtx;
use openssl::error::ErrorStack;
use zeroize::Zeroizing;

/// How the content of a message is encrypted.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ContentCipher {
    /// AES-128 in CBC mode: anybody on the way can change parts of the content.
    Aes128Cbc,
    /// AES-128 in GCM mode: whoever changes the content is found out.
    Aes128Gcm,
    /// AES-192 in CBC mode.
    Aes192Cbc,
    /// AES-192 in GCM mode.
    Aes192Gcm,
    /// AES-256 in CBC mode.
    Aes256Cbc,
    /// AES-256 in GCM mode.
    Aes256Gcm,
    /// RC2 in CBC mode, of old mail.
    Rc2Cbc {
        /// How many bits of the key count.
        bits: u16,
    },
    /// Triple DES in CBC mode, of old mail.
    TripleDesCbc,
}

impl ContentCipher {
    /// Returns its name, for example `AES-256-GCM`.
    pub fn name(self) -> String {
        match self {
            Self::Aes128Cbc => "AES-128-CBC".to_owned(),
            Self::Aes128Gcm => "AES-128-GCM".to_owned(),
            Self::Aes192Cbc => "AES-192-CBC".to_owned(),
            Self::Aes192Gcm => "AES-192-GCM".to_owned(),
            Self::Aes256Cbc => "AES-256-CBC".to_owned(),
            Self::Aes256Gcm => "AES-256-GCM".to_owned(),
            Self::Rc2Cbc { bits } => format!("RC2-{bits}-CBC"),
            Self::TripleDesCbc => "3DES-CBC".to_owned(),
        }
    }

    /// Tells whether a change of the content on its way is noticed.
    pub fn authenticates(self) -> bool {
        match self {
            Self::Aes128Gcm | Self::Aes192Gcm | Self::Aes256Gcm => true,
            Self::Aes128Cbc
            | Self::Aes192Cbc
            | Self::Aes256Cbc
            | Self::Rc2Cbc { .. }
            | Self::TripleDesCbc => false,
        }
    }

    /// Tells whether it is one of today, which only AES is.
    pub fn is_strong(self) -> bool {
        match self {
            Self::Aes128Cbc
            | Self::Aes128Gcm
            | Self::Aes192Cbc
            | Self::Aes192Gcm
            | Self::Aes256Cbc
            | Self::Aes256Gcm => true,
            Self::Rc2Cbc { .. } | Self::TripleDesCbc => false,
        }
    }

    pub(super) fn key_length(self) -> usize {
        match self {
            Self::Aes128Cbc | Self::Aes128Gcm => 16,
            Self::Aes192Cbc | Self::Aes192Gcm | Self::TripleDesCbc => 24,
            Self::Aes256Cbc | Self::Aes256Gcm => 32,
            Self::Rc2Cbc { bits } => usize::from(bits / 8),
        }
    }

    pub(super) fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Aes128Cbc => rfc5911::ID_AES_128_CBC,
            Self::Aes128Gcm => rfc5911::ID_AES_128_GCM,
            Self::Aes192Cbc => rfc5911::ID_AES_192_CBC,
            Self::Aes192Gcm => rfc5911::ID_AES_192_GCM,
            Self::Aes256Cbc => rfc5911::ID_AES_256_CBC,
            Self::Aes256Gcm => rfc5911::ID_AES_256_GCM,
            Self::Rc2Cbc { .. } => rfc5911::RC_2_CBC,
            Self::TripleDesCbc => rfc5911::DES_EDE_3_CBC,
        }
    }

    /// The cipher of OpenSSL; RC2 is in none of its usual providers.
    pub(super) fn openssl(self) -> Option<&'static CipherRef> {
        match self {
            Self::Aes128Cbc => Some(Cipher::aes_128_cbc()),
            Self::Aes128Gcm => Some(Cipher::aes_128_gcm()),
            Self::Aes192Cbc => Some(Cipher::aes_192_cbc()),
            Self::Aes192Gcm => Some(Cipher::aes_192_gcm()),
            Self::Aes256Cbc => Some(Cipher::aes_256_cbc()),
            Self::Aes256Gcm => Some(Cipher::aes_256_gcm()),
            Self::Rc2Cbc { .. } => None,
            Self::TripleDesCbc => Some(Cipher::des_ede3_cbc()),
        }
    }
}

/// A cipher with the parameters of one message.
pub(super) struct Parameters<'a> {
    pub(super) cipher: ContentCipher,
    pub(super) nonce: &'a [u8],
    /// How long the tag of an authenticating cipher says it is.
    pub(super) tag_length: usize,
}

impl<'a> Parameters<'a> {
    /// Reads the algorithm of a content. `authenticated` tells which of the two messages it stands in.
    pub(super) fn read(algorithm: &Algorithm<'a>, authenticated: bool) -> Result<Self, OpenError> {
        const KNOWN: [ContentCipher; 7] = [
            ContentCipher::Aes128Cbc,
            ContentCipher::Aes128Gcm,
            ContentCipher::Aes192Cbc,
            ContentCipher::Aes192Gcm,
            ContentCipher::Aes256Cbc,
            ContentCipher::Aes256Gcm,
            ContentCipher::TripleDesCbc,
        ];
        let unsupported = || OpenError::UnsupportedAlgorithm(algorithm.oid.to_string());
        let parameters = algorithm.parameters.ok_or(Malformed)?;
        let found = match KNOWN.into_iter().find(|cipher| cipher.oid() == algorithm.oid) {
            Some(cipher) if cipher.authenticates() => gcm(cipher, parameters)?,
            Some(cipher) => {
                let size = if cipher == ContentCipher::TripleDesCbc { 8 } else { 16 };
                Self { cipher, nonce: block(parameters, size)?, tag_length: 0 }
            }
            None if algorithm.oid == rfc5911::RC_2_CBC => {
                rc2_parameters(parameters)?.ok_or_else(unsupported)?
            }
            None => return Err(unsupported()),
        };
        if found.cipher.authenticates() != authenticated {
            return Err(unsupported());
        }

        Ok(found)
    }

    /// Decrypts a content that may be in pieces. What comes back is checked as far as its cipher
    /// allows; the error says nothing more.
    pub(super) fn decrypt(
        &self,
        key: &[u8],
        pieces: &[&[u8]],
        seal: Option<&Seal<'_>>,
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let Some(cipher) = self.cipher.openssl() else {
            let ContentCipher::Rc2Cbc { bits } = self.cipher else {
                return Err(OpenError::Undecipherable);
            };
            let plain = rc2::decrypt(key, bits.into(), self.nonce, &pieces.concat());
            return plain.ok_or(OpenError::Undecipherable);
        };

        self.with_openssl(cipher, key, pieces, seal).map_err(|_| OpenError::Undecipherable)
    }

    fn with_openssl(
        &self,
        cipher: &CipherRef,
        key: &[u8],
        pieces: &[&[u8]],
        seal: Option<&Seal<'_>>,
    ) -> Result<Zeroizing<Vec<u8>>, ErrorStack> {
        let attributes = seal.map(|seal| seal.attributes.as_slice()).unwrap_or_default();
        let mut decryption = self.begin(cipher, key, attributes)?;
        let size: usize = pieces.iter().map(|piece| piece.len()).sum();
        let mut plain = Zeroizing::new(vec![0; size + Decryption::MORE]);
        let mut written = 0;
        for piece in pieces {
            let room = plain.get_mut(written..).unwrap_or_default();
            written += decryption.update(piece, room)?;
        }
        let room = plain.get_mut(written..).unwrap_or_default();
        let last = decryption.finish(seal.map(|seal| seal.tag), room)?;
        plain.truncate(written + last);

        Ok(plain)
    }

    /// Begins to decrypt a content piece by piece.
    pub(super) fn begin(
        &self,
        cipher: &CipherRef,
        key: &[u8],
        attributes: &[u8],
    ) -> Result<Decryption, ErrorStack> {
        let mut context = CipherCtx::new()?;
        context.decrypt_init(Some(cipher), None, None)?;
        if self.cipher.authenticates() {
            context.set_iv_length(self.nonce.len())?;
        }
        context.decrypt_init(None, Some(key), Some(self.nonce))?;
        if !attributes.is_empty() {
            context.cipher_update(attributes, None)?;
        }

        Ok(Decryption(context))
    }
}

/// A content that is being decrypted. What comes out is not checked before [`Decryption::finish`].
pub(super) struct Decryption(CipherCtx);

impl Decryption {
    /// The octets that a piece may become longer by.
    pub(super) const MORE: usize = 32;

    /// Decrypts a piece, and says how many octets came out.
    pub(super) fn update(&mut self, piece: &[u8], room: &mut [u8]) -> Result<usize, ErrorStack> {
        self.0.cipher_update(piece, Some(room))
    }

    /// Checks the whole with the tag, or the padding, and gives what is left.
    pub(super) fn finish(
        mut self,
        tag: Option<&[u8]>,
        room: &mut [u8],
    ) -> Result<usize, ErrorStack> {
        if let Some(tag) = tag {
            self.0.set_tag(tag)?;
        }

        self.0.cipher_final(room)
    }
}

/// What an authenticating cipher is checked with.
pub(super) struct Seal<'a> {
    /// The attributes that are authenticated beside the content, as a SET (RFC 5083 §2.2).
    pub(super) attributes: Vec<u8>,
    pub(super) tag: &'a [u8],
}

fn block(parameters: Value<'_>, size: usize) -> Result<&[u8], Malformed> {
    let fits = parameters.tag == tlv::OCTET_STRING && parameters.content.len() == size;

    if fits { Ok(parameters.content) } else { Err(Malformed) }
}

/// Reads `GCMParameters` (RFC 5084 §3.2).
fn gcm(cipher: ContentCipher, parameters: Value<'_>) -> Result<Parameters<'_>, Malformed> {
    const LONGEST_NONCE: usize = 64;
    const USUAL_TAG: u16 = 12;
    if parameters.tag != tlv::SEQUENCE {
        return Err(Malformed);
    }
    let mut values = parameters.values();
    let nonce = values.take(tlv::OCTET_STRING)?.content;
    let tag_length = values.optional(tlv::INTEGER)?.map_or(Ok(USUAL_TAG), Value::small)?;
    values.end()?;
    if !(1..=LONGEST_NONCE).contains(&nonce.len()) || !(12..=16).contains(&tag_length) {
        return Err(Malformed);
    }

    Ok(Parameters { cipher, nonce, tag_length: usize::from(tag_length) })
}

/// Reads `RC2CBCParameter` (RFC 3370 §5.2), whose version stands for the number of bits (RFC 2268 §6).
fn rc2_parameters(parameters: Value<'_>) -> Result<Option<Parameters<'_>>, Malformed> {
    let (bits, iv) = match parameters.tag {
        tlv::OCTET_STRING => (32, parameters),
        tlv::SEQUENCE => {
            let mut values = parameters.values();
            let version = values.take(tlv::INTEGER)?.small()?;
            let iv = values.take(tlv::OCTET_STRING)?;
            values.end()?;
            let bits = match version {
                160 => 40,
                120 => 64,
                58 => 128,
                256..=1024 => version,
                _ => return Ok(None),
            };
            (bits, iv)
        }
        _ => return Err(Malformed),
    };
    if bits % 8 != 0 {
        return Ok(None);
    }
    let nonce = block(iv, 8)?;

    Ok(Some(Parameters { cipher: ContentCipher::Rc2Cbc { bits }, nonce, tag_length: 0 }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors;

    #[test]
    fn wycheproof_agrees_on_ciphers() {
        let mut tried = 0;
        // Longer nonces, and none, are not read from messages.
        for case in vectors::encrypted().iter().filter(|it| (1..=64).contains(&it.nonce.len())) {
            tried += 1;
            let cipher = match case.what.as_str() {
                "cbc 128" => ContentCipher::Aes128Cbc,
                "cbc 192" => ContentCipher::Aes192Cbc,
                "cbc 256" => ContentCipher::Aes256Cbc,
                "gcm 128" => ContentCipher::Aes128Gcm,
                "gcm 192" => ContentCipher::Aes192Gcm,
                "gcm 256" => ContentCipher::Aes256Gcm,
                other => panic!("{other}"),
            };
            let tag_length = case.tag.len();
            let parameters = Parameters { cipher, nonce: &case.nonce, tag_length };
            let seal = Seal { attributes: case.attributes.clone(), tag: &case.tag };
            let seal = cipher.authenticates().then_some(&seal);
            let middle = case.content.len() / 2;
            let (first, second) = case.content.split_at(middle);
            for pieces in [&[&case.content[..]][..], &[first, second]] {
                let plain = parameters.decrypt(&case.key, pieces, seal).ok();
                let plain = plain.map(|plain| plain.to_vec());
                let expected = case.valid.then(|| case.message.clone());
                assert_eq!(plain, expected, "{}", case.name);
            }
        }
        println!("Wycheproof: {tried} encrypted contents, {tried} as expected");
        assert!(tried > 500);
    }
}
