//! Encryption under a password: the six ways of RFC 7292 Appendix C, and PBES2 (RFC 8018 §6.2).

use super::asn1::{self, Algorithm, count, octets, sequence};
use super::budget::Budget;
use super::cipher::Cipher;
use super::hash::Hash;
use super::kdf::{Kdf, Pkcs12Kdf, Purpose};
use super::{OpenError, password::Password};
use der::Tag;
use zeroize::Zeroizing;

/// How a part of a file is encrypted.
pub(super) enum Encryption<'a> {
    /// By the derivation of RFC 7292 with SHA-1.
    Pkcs12 {
        kdf: Pkcs12Kdf<'a>,
        cipher: Cipher,
    },
    Pbes2(Pbes2<'a>),
}

pub(super) struct Pbes2<'a> {
    pub(super) kdf: Kdf<'a>,
    pub(super) cipher: Cipher,
    pub(super) iv: &'a [u8],
}

impl<'a> Encryption<'a> {
    pub(super) fn read(algorithm: &Algorithm<'a>) -> Result<Self, OpenError> {
        if algorithm.oid.to_string() == "1.2.840.113549.1.5.13" {
            return Pbes2::read(algorithm).map(Self::Pbes2);
        }
        let cipher = Cipher::of_pkcs12(algorithm.oid).ok_or_else(|| algorithm.unsupported())?;
        let members = algorithm.members()?;
        let [salt, iterations] = members.as_slice() else {
            return Err(OpenError::Damaged);
        };
        let (salt, iterations) = (octets(*salt)?, count(*iterations)?);

        Ok(Self::Pkcs12 { kdf: Pkcs12Kdf { hash: Hash::Sha1, salt, iterations }, cipher })
    }

    /// Decrypts one value, SEQUENCE by its tag, and brings it into the form of DER; `None` if there is none under
    /// this password.
    pub(super) fn open(
        &self,
        ciphertext: &[u8],
        password: &Password,
        budget: &mut Budget,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, OpenError> {
        match self {
            Self::Pbes2(scheme) => {
                for form in password.pbes2() {
                    let key = scheme.kdf.derive(form, scheme.cipher.key_length(), budget)?;
                    let text = accept(scheme.cipher.decrypt(&key, scheme.iv, ciphertext));
                    if text.is_some() {
                        return Ok(text);
                    }
                }
                Ok(None)
            }
            Self::Pkcs12 { kdf, cipher } => {
                for form in password.wide() {
                    let key = kdf.derive(Purpose::Key, form, cipher.key_length(), budget)?;
                    let iv =
                        kdf.derive(Purpose::InitialVector, form, cipher.iv_length(), budget)?;
                    let text = accept(cipher.decrypt(&key, &iv, ciphertext));
                    if text.is_some() {
                        return Ok(text);
                    }
                }
                Ok(None)
            }
        }
    }
}

impl<'a> Pbes2<'a> {
    fn read(algorithm: &Algorithm<'a>) -> Result<Self, OpenError> {
        let members = algorithm.members()?;
        let [kdf, scheme] = members.as_slice() else {
            return Err(OpenError::Damaged);
        };
        let (kdf, length) = Kdf::read(&Algorithm::read(*kdf)?)?;
        let (cipher, iv) = cipher(&Algorithm::read(*scheme)?)?;
        let cipher = match length {
            Some(length) => cipher.with_key_length(length).ok_or(OpenError::Damaged)?,
            None => cipher,
        };
        if iv.len() != cipher.iv_length() {
            return Err(OpenError::Damaged);
        }

        Ok(Self { kdf, cipher, iv })
    }
}

/// Reads an encryption scheme of PBES2 (RFC 8018 §B.2).
fn cipher<'a>(scheme: &Algorithm<'a>) -> Result<(Cipher, &'a [u8]), OpenError> {
    let parameters = scheme.parameters.ok_or(OpenError::Damaged);
    if scheme.oid.to_string() != "1.2.840.113549.3.2" {
        let cipher = Cipher::of_pbes2(scheme.oid).ok_or_else(|| scheme.unsupported())?;
        return Ok((cipher, octets(parameters?)?));
    }
    let members = sequence(parameters?)?;
    let (version, iv) = match members.as_slice() {
        [iv] => (None, octets(*iv)?),
        [version, iv] if asn1::is(*version, Tag::Integer) => (Some(count(*version)?), octets(*iv)?),
        _ => return Err(OpenError::Damaged),
    };
    let effective_bits = match version {
        None => 32,
        Some(58) => 128,
        Some(120) => 64,
        Some(160) => 40,
        Some(bits @ 256..=1024) => usize::try_from(bits).map_err(asn1::damaged)?,
        Some(_) => return Err(scheme.unsupported()),
    };

    Ok((Cipher::Rc2 { key: effective_bits.div_ceil(8), effective_bits }, iv))
}

/// Takes what was decrypted if it is one SEQUENCE with nothing behind it: a wrong password seldom gives a good padding,
/// and never this as well.
fn accept(text: Option<Zeroizing<Vec<u8>>>) -> Option<Zeroizing<Vec<u8>>> {
    const SEQUENCE: u8 = 0x30;

    text.filter(|text| text.first() == Some(&SEQUENCE)).and_then(|text| asn1::normalise(&text).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use openssl::hash::MessageDigest;
    use openssl::symm;
    use serde_json::Value;

    /// What of Wycheproof is about PBES2; `tests/data/README.md` says where it is from.
    const WYCHEPROOF: &str = include_str!("../../tests/data/wycheproof-pbes2.json");

    #[test]
    fn wycheproof_agrees() {
        let files: Vec<Value> = serde_json::from_str(WYCHEPROOF).unwrap();
        let mut cases = 0;
        for file in &files {
            let algorithm = file["algorithm"].as_str().unwrap();
            let ["pbes2", prf, "aes", bits] = *algorithm.split('_').collect::<Vec<_>>() else {
                panic!("{algorithm}");
            };
            let prf = MessageDigest::from_name(prf.strip_prefix("hmac").unwrap()).unwrap();
            let cipher = match bits {
                "128" => symm::Cipher::aes_128_cbc(),
                "192" => symm::Cipher::aes_192_cbc(),
                "256" => symm::Cipher::aes_256_cbc(),
                other => panic!("{other}"),
            };
            for case in file["tests"].as_array().unwrap() {
                check(case, prf, Cipher::OpenSsl(cipher));
                cases += 1;
            }
        }
        println!("Wycheproof: {cases} derivations of keys, {cases} as expected");
        assert_eq!((files.len(), cases), (15, 1260));
    }

    #[track_caller]
    fn check(case: &Value, prf: MessageDigest, cipher: Cipher) {
        let bytes = |name: &str| {
            data_encoding::HEXLOWER.decode(case[name].as_str().unwrap().as_bytes()).unwrap()
        };
        let (salt, iterations) = (bytes("salt"), case["iterationCount"].as_u64().unwrap());
        let kdf = Kdf::Pbkdf2 { salt: &salt, iterations, prf };
        let mut budget = Budget::new(2 * iterations);
        let key = kdf.derive(&bytes("password"), cipher.key_length(), &mut budget);
        let text = cipher.decrypt(&key.unwrap_or_default(), &bytes("iv"), &bytes("ct"));

        let expected = (case["result"] == "valid").then(|| bytes("msg"));
        assert_eq!(text.map(|text| text.to_vec()), expected, "{case}");
    }
}
