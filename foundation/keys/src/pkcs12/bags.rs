//! The way through a file, down to its keys and certificates.

use super::asn1::{
    Algorithm, damaged, explicit, implicit_octets, is, normalise, octets, oid, sequence, set, value,
};
use super::budget::Budget;
use super::encryption::Encryption;
use super::mac::Mac;
use super::password::Password;
use super::{MAX_CERTIFICATES, MAX_KEYS, OpenError};
use crate::ber;
use der::Tag;
use der::asn1::AnyRef;
use zeroize::Zeroizing;

/// Bags inside of bags deeper than this are refused.
const MAX_DEPTH: u8 = 8;
/// `id-certBag` (RFC 7292 §4.2.3).
const CERT_BAG: &str = "1.2.840.113549.1.12.10.1.3";
/// `id-safeContentsBag` (RFC 7292 §4.2.6).
const SAFE_CONTENTS_BAG: &str = "1.2.840.113549.1.12.10.1.6";

/// What a file holds, before anybody asked what belongs together.
#[derive(Default)]
pub(super) struct Bags {
    pub(super) keys: Vec<Bag>,
    pub(super) certificates: Vec<Bag>,
}

/// A PKCS#8 `PrivateKeyInfo` or a certificate, DER.
pub(super) struct Bag {
    pub(super) content: Zeroizing<Vec<u8>>,
    /// `friendlyName` (RFC 2985 §5.5.1).
    pub(super) name: Option<String>,
    /// `localKeyId` (RFC 2985 §5.5.2), the same for a key and its certificate.
    pub(super) local_key_id: Option<Vec<u8>>,
}

/// What the file's MAC says.
enum Authenticity {
    /// There is none.
    Unknown,
    /// The password is right and the content as it was written.
    Proven,
    /// One of the two is not so.
    Refuted,
}

/// Opens a file with all that is encrypted in it.
pub(super) fn open(file: &[u8], password: &str, budget: u64) -> Result<Bags, OpenError> {
    let (file, _) = ber::to_der(file).map_err(damaged)?;
    let file = Zeroizing::new(file);
    let (content, mac) = pfx(&file)?;
    let mut reading = Reading {
        password: Password::new(password),
        budget: Budget::new(budget),
        opened: 0,
        refused: 0,
        bags: Bags::default(),
    };
    let authenticity = reading.authenticate(content, mac)?;
    reading.authenticated_safe(content)?;

    // Whatever opens shows that the password is right, so that a MAC that says otherwise means damage.
    match (authenticity, reading.opened, reading.refused) {
        (Authenticity::Refuted | Authenticity::Unknown, 0, 1..) | (Authenticity::Refuted, 0, 0) => {
            Err(OpenError::WrongPassword)
        }
        (Authenticity::Refuted, 1.., _) | (Authenticity::Unknown, 1.., 1..) => {
            Err(OpenError::Damaged)
        }
        (Authenticity::Proven, _, 1..) => Err(OpenError::OtherPassword),
        (Authenticity::Proven | Authenticity::Unknown, _, 0) => Ok(reading.bags),
    }
}

/// Reads the certificates that no password is needed for.
pub(super) fn open_certificates(file: &[u8]) -> Result<Vec<Vec<u8>>, OpenError> {
    let (file, _) = ber::to_der(file).map_err(damaged)?;
    let (content, _) = pfx(&file)?;
    let content = normalise(content)?;
    let mut found = Vec::new();
    for part in sequence(value(&content)?)? {
        if let Content::Data(content) = content_info(part)? {
            certificates(&normalise(content)?, MAX_DEPTH, &mut found)?;
        }
    }

    Ok(found)
}

fn certificates(der: &[u8], depth: u8, found: &mut Vec<Vec<u8>>) -> Result<(), OpenError> {
    let depth = depth.checked_sub(1).ok_or(OpenError::Damaged)?;
    for bag in sequence(value(der)?)? {
        let bag = sequence(bag)?;
        let [kind, content, ..] = bag.as_slice() else { return Err(OpenError::Damaged) };
        match oid(*kind)?.to_string().as_str() {
            CERT_BAG => {
                if found.len() >= MAX_CERTIFICATES {
                    return Err(OpenError::TooLarge);
                }
                found.extend(certificate(explicit(*content)?)?.map(<[u8]>::to_vec));
            }
            SAFE_CONTENTS_BAG => certificates(explicit(*content)?, depth, found)?,
            _ => {}
        }
    }

    Ok(())
}

/// The authenticated safe, and what authenticates it (RFC 7292 §4).
fn pfx(file: &[u8]) -> Result<(&[u8], Option<AnyRef<'_>>), OpenError> {
    let pfx = sequence(value(file)?)?;
    let [version, content, rest @ ..] = pfx.as_slice() else {
        return Err(OpenError::Damaged);
    };
    if !is(*version, Tag::Integer) || version.value() != [3] {
        return Err(OpenError::Damaged);
    }
    match content_info(*content)? {
        Content::Data(content) => Ok((content, rest.first().copied())),
        Content::Encrypted { .. } => Err(OpenError::Damaged),
    }
}

/// What a certificate bag holds (RFC 7292 §4.2.3); `None` if that is not an X.509 certificate.
fn certificate(content: &[u8]) -> Result<Option<&[u8]>, OpenError> {
    let members = sequence(value(content)?)?;
    let [kind, certificate] = members.as_slice() else {
        return Err(OpenError::Damaged);
    };
    if oid(*kind)?.to_string() != "1.2.840.113549.1.9.22.1" {
        return Ok(None);
    }

    octets(value(explicit(*certificate)?)?).map(Some)
}

/// `ContentInfo` (RFC 5652 §3) of the kinds that a password opens.
enum Content<'a> {
    Data(&'a [u8]),
    Encrypted { algorithm: Algorithm<'a>, ciphertext: std::borrow::Cow<'a, [u8]> },
}

fn content_info(info: AnyRef<'_>) -> Result<Content<'_>, OpenError> {
    let info = sequence(info)?;
    let [kind, content] = info.as_slice() else {
        return Err(OpenError::Damaged);
    };
    let kind = oid(*kind)?;
    let content = value(explicit(*content)?)?;
    match kind.to_string().as_str() {
        "1.2.840.113549.1.7.1" => Ok(Content::Data(octets(content)?)),
        "1.2.840.113549.1.7.6" => {
            let data = sequence(content)?;
            let [_version, info, ..] = data.as_slice() else {
                return Err(OpenError::Damaged);
            };
            let info = sequence(*info)?;
            let [_kind, algorithm, ciphertext] = info.as_slice() else {
                return Err(OpenError::Damaged);
            };
            Ok(Content::Encrypted {
                algorithm: Algorithm::read(*algorithm)?,
                ciphertext: implicit_octets(*ciphertext)?,
            })
        }
        // Signed or enveloped for a key; no program is known that writes it.
        other => Err(OpenError::UnsupportedAlgorithm { oid: other.to_owned() }),
    }
}

/// A file on its way.
struct Reading {
    password: Password,
    budget: Budget,
    /// How many encrypted parts the password opened.
    opened: usize,
    /// How many it did not.
    refused: usize,
    bags: Bags,
}

impl Reading {
    fn authenticate(
        &mut self,
        content: &[u8],
        mac: Option<AnyRef<'_>>,
    ) -> Result<Authenticity, OpenError> {
        let Some(mac) = mac else {
            return Ok(Authenticity::Unknown);
        };
        let right = Mac::read(mac)?.verify(content, &mut self.password, &mut self.budget)?;

        Ok(if right { Authenticity::Proven } else { Authenticity::Refuted })
    }

    fn authenticated_safe(&mut self, ber: &[u8]) -> Result<(), OpenError> {
        let der = normalise(ber)?;
        for part in sequence(value(&der)?)? {
            match content_info(part)? {
                Content::Data(content) => self.safe_contents(&normalise(content)?, MAX_DEPTH)?,
                Content::Encrypted { algorithm, ciphertext } => {
                    if let Some(content) = self.decrypt(&algorithm, &ciphertext)? {
                        self.safe_contents(&content, MAX_DEPTH)?;
                    }
                }
            }
        }

        Ok(())
    }

    fn safe_contents(&mut self, der: &[u8], depth: u8) -> Result<(), OpenError> {
        let depth = depth.checked_sub(1).ok_or(OpenError::Damaged)?;
        for bag in sequence(value(der)?)? {
            let bag = sequence(bag)?;
            let [kind, content, attributes @ ..] = bag.as_slice() else {
                return Err(OpenError::Damaged);
            };
            self.bag(&oid(*kind)?.to_string(), explicit(*content)?, attributes.first(), depth)?;
        }

        Ok(())
    }

    /// Takes what a bag holds (RFC 7292 §4.2); revocation lists and other secrets are passed over.
    fn bag(
        &mut self,
        kind: &str,
        content: &[u8],
        attributes: Option<&AnyRef<'_>>,
        depth: u8,
    ) -> Result<(), OpenError> {
        match kind {
            "1.2.840.113549.1.12.10.1.1" => {
                self.key(Bag::new(content, attributes)?)?;
            }
            "1.2.840.113549.1.12.10.1.2" => {
                let members = sequence(value(content)?)?;
                let [algorithm, ciphertext] = members.as_slice() else {
                    return Err(OpenError::Damaged);
                };
                let algorithm = Algorithm::read(*algorithm)?;
                if let Some(key) = self.decrypt(&algorithm, octets(*ciphertext)?)? {
                    self.key(Bag::new(&key, attributes)?)?;
                }
            }
            CERT_BAG => {
                if let Some(certificate) = certificate(content)? {
                    self.bags.certificates.push(Bag::new(certificate, attributes)?);
                }
            }
            SAFE_CONTENTS_BAG => self.safe_contents(content, depth)?,
            _ => {}
        }

        Ok(())
    }

    fn key(&mut self, bag: Bag) -> Result<(), OpenError> {
        // Each is compared with each certificate.
        if self.bags.keys.len() >= MAX_KEYS {
            return Err(OpenError::TooLarge);
        }
        self.bags.keys.push(bag);

        Ok(())
    }

    fn decrypt(
        &mut self,
        algorithm: &Algorithm<'_>,
        ciphertext: &[u8],
    ) -> Result<Option<Zeroizing<Vec<u8>>>, OpenError> {
        let encryption = Encryption::read(algorithm)?;
        let content = encryption.open(ciphertext, &self.password, &mut self.budget)?;
        match content {
            Some(_) => self.opened += 1,
            None => self.refused += 1,
        }

        Ok(content)
    }
}

impl Bag {
    fn new(content: &[u8], attributes: Option<&AnyRef<'_>>) -> Result<Self, OpenError> {
        let mut bag =
            Self { content: Zeroizing::new(content.to_vec()), name: None, local_key_id: None };
        for attribute in attributes.map_or(Ok(Vec::new()), |attributes| set(*attributes))? {
            let attribute = sequence(attribute)?;
            let [kind, values] = attribute.as_slice() else {
                return Err(OpenError::Damaged);
            };
            let Some(value) = set(*values)?.first().copied() else {
                continue;
            };
            match oid(*kind)?.to_string().as_str() {
                "1.2.840.113549.1.9.20" if is(value, Tag::BmpString) => {
                    bag.name = Some(text(value.value()));
                }
                "1.2.840.113549.1.9.21" if is(value, Tag::OctetString) => {
                    bag.local_key_id = Some(value.value().to_vec());
                }
                _ => {}
            }
        }

        Ok(bag)
    }
}

/// Reads UTF-16, which is what programs put into a BMPString; what is none is replaced.
fn text(bytes: &[u8]) -> String {
    let (units, _) = bytes.as_chunks();
    let units = units.iter().map(|unit| u16::from_be_bytes(*unit));

    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}
