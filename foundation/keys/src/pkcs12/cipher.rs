use super::rc4;
use crate::rc2;
use der::asn1::ObjectIdentifier;
use openssl::symm;
use zeroize::Zeroizing;

/// How something is encrypted.
#[derive(Clone, Copy)]
pub(super) enum Cipher {
    /// As OpenSSL does it: AES or Triple DES with three keys.
    OpenSsl(symm::Cipher),
    Rc2 {
        /// In bytes.
        key: usize,
        effective_bits: usize,
    },
    Rc4 {
        /// In bytes.
        key: usize,
    },
    /// Triple DES in CBC mode whose third key is the first.
    TwoKeyTripleDes,
}

impl Cipher {
    /// Finds the cipher of an encryption of RFC 7292 Appendix C.
    pub(super) fn of_pkcs12(oid: ObjectIdentifier) -> Option<Self> {
        match oid.to_string().as_str() {
            "1.2.840.113549.1.12.1.1" => Some(Self::Rc4 { key: 16 }),
            "1.2.840.113549.1.12.1.2" => Some(Self::Rc4 { key: 5 }),
            "1.2.840.113549.1.12.1.3" => Some(Self::OpenSsl(symm::Cipher::des_ede3_cbc())),
            "1.2.840.113549.1.12.1.4" => Some(Self::TwoKeyTripleDes),
            "1.2.840.113549.1.12.1.5" => Some(Self::Rc2 { key: 16, effective_bits: 128 }),
            "1.2.840.113549.1.12.1.6" => Some(Self::Rc2 { key: 5, effective_bits: 40 }),
            _ => None,
        }
    }

    /// Finds a cipher of PBES2 whose parameters are an initialisation vector and nothing else
    /// (RFC 8018 §B.2.2, RFC 3565 and NIST's register).
    pub(super) fn of_pbes2(oid: ObjectIdentifier) -> Option<Self> {
        match oid.to_string().as_str() {
            "1.2.840.113549.3.7" => Some(Self::OpenSsl(symm::Cipher::des_ede3_cbc())),
            "2.16.840.1.101.3.4.1.2" => Some(Self::OpenSsl(symm::Cipher::aes_128_cbc())),
            "2.16.840.1.101.3.4.1.3" => Some(Self::OpenSsl(symm::Cipher::aes_128_ofb())),
            "2.16.840.1.101.3.4.1.4" => Some(Self::OpenSsl(symm::Cipher::aes_128_cfb128())),
            "2.16.840.1.101.3.4.1.22" => Some(Self::OpenSsl(symm::Cipher::aes_192_cbc())),
            "2.16.840.1.101.3.4.1.23" => Some(Self::OpenSsl(symm::Cipher::aes_192_ofb())),
            "2.16.840.1.101.3.4.1.24" => Some(Self::OpenSsl(symm::Cipher::aes_192_cfb128())),
            "2.16.840.1.101.3.4.1.42" => Some(Self::OpenSsl(symm::Cipher::aes_256_cbc())),
            "2.16.840.1.101.3.4.1.43" => Some(Self::OpenSsl(symm::Cipher::aes_256_ofb())),
            "2.16.840.1.101.3.4.1.44" => Some(Self::OpenSsl(symm::Cipher::aes_256_cfb128())),
            _ => None,
        }
    }

    /// Takes the length of the key from elsewhere, in bytes; `None` if the cipher does not allow it.
    pub(super) fn with_key_length(self, length: usize) -> Option<Self> {
        match self {
            Self::Rc2 { effective_bits, .. } => Some(Self::Rc2 { key: length, effective_bits }),
            Self::OpenSsl(_) | Self::Rc4 { .. } | Self::TwoKeyTripleDes => {
                (length == self.key_length()).then_some(self)
            }
        }
    }

    /// Returns the length of the key, in bytes.
    pub(super) fn key_length(self) -> usize {
        match self {
            Self::OpenSsl(cipher) => cipher.key_len(),
            Self::Rc2 { key, .. } | Self::Rc4 { key } => key,
            Self::TwoKeyTripleDes => 16,
        }
    }

    /// Returns the length of the initialisation vector, in bytes.
    pub(super) fn iv_length(self) -> usize {
        match self {
            Self::OpenSsl(cipher) => cipher.iv_len().unwrap_or(0),
            Self::Rc2 { .. } | Self::TwoKeyTripleDes => 8,
            Self::Rc4 { .. } => 0,
        }
    }

    /// Decrypts with a key and an initialisation vector of the lengths above; `None` if the padding is wrong.
    pub(super) fn decrypt(
        self,
        key: &[u8],
        iv: &[u8],
        ciphertext: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        if key.len() != self.key_length() || iv.len() != self.iv_length() {
            return None;
        }
        match self {
            Self::OpenSsl(cipher) => {
                symm::decrypt(cipher, key, Some(iv), ciphertext).ok().map(Zeroizing::new)
            }
            Self::Rc2 { effective_bits, .. } => rc2::decrypt(key, effective_bits, iv, ciphertext),
            Self::Rc4 { .. } => {
                let mut text = Zeroizing::new(ciphertext.to_vec());
                rc4::apply(key, &mut text);
                Some(text)
            }
            Self::TwoKeyTripleDes => {
                let mut three = Zeroizing::new(Vec::with_capacity(24));
                three.extend(key.iter().chain(key).take(24));
                Self::OpenSsl(symm::Cipher::des_ede3_cbc()).decrypt(&three, iv, ciphertext)
            }
        }
    }
}
