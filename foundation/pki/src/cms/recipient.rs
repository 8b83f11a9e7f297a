//! For whom a message is encrypted (RFC 5652 §6.2), and how they get at its key.

use super::agreement::Agreement;
use super::tlv::{self, Algorithm, Value, Values, context, primitive};
use super::{Malformed, OpenError};
use crate::Certificate;
use const_oid::db::rfc5912;
use der::asn1::ObjectIdentifier;
use keys::{KeyError, KeyTransport, PrivateKey, pkcs1, raw};
use openssl::hash::MessageDigest;
use openssl::rand::rand_bytes;
use openssl::sha::sha512;
use std::sync::OnceLock;
use zeroize::Zeroizing;

/// A recipient whose certificate is found.
pub(super) enum Recipient<'a> {
    /// The content key is encrypted for an RSA key.
    Transport { transport: Transport, wrapped: &'a [u8] },
    /// The content key is wrapped under an agreed key.
    Agreement { agreement: Agreement<'a>, originator: Vec<u8>, wrapped: &'a [u8] },
}

impl<'a> Recipient<'a> {
    /// Looks among the recipients of a message for the holder of `certificate`.
    pub(super) fn find(
        recipients: Values<'a>,
        certificate: &Certificate,
    ) -> Result<Self, OpenError> {
        let mut unsupported = None;
        for info in recipients.all()? {
            let found = match info.tag {
                tlv::SEQUENCE => transport(info, certificate),
                tag if tag == context(1) => agreement(info, certificate),
                // Keys that were shared before, passwords, and what nobody has registered.
                _ => Ok(None),
            };
            match found {
                Ok(Some(recipient)) => return Ok(recipient),
                Ok(None) => {}
                Err(OpenError::UnsupportedAlgorithm(name)) => unsupported = Some(name),
                Err(error) => return Err(error),
            }
        }

        Err(unsupported.map_or(OpenError::NotARecipient, OpenError::UnsupportedAlgorithm))
    }

    fn wrapped(&self) -> &'a [u8] {
        match self {
            Self::Transport { wrapped, .. } | Self::Agreement { wrapped, .. } => wrapped,
        }
    }

    /// Gives a key of `length` octets, which is the message's key if all is well.
    ///
    /// A key that does not unwrap is told from a right one by nobody: a decoy or what
    /// [`pkcs1::unpad`] makes up is given in its place (RFC 3218 §2.3.2).
    pub(super) fn content_key(
        &self,
        key: &dyn PrivateKey,
        length: usize,
    ) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let decoy = decoy(self.wrapped(), length)?;
        match self.unwrap(key, length) {
            Ok(unwrapped) if unwrapped.len() == length => Ok(unwrapped),
            Ok(_) | Err(KeyError::Undecipherable) => Ok(decoy),
            Err(error) => Err(error),
        }
    }

    fn unwrap(&self, key: &dyn PrivateKey, length: usize) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        match self {
            Self::Transport { transport: Transport::Pkcs1, wrapped } => {
                match key.unwrap(KeyTransport::Raw, wrapped) {
                    Ok(block) => Ok(pkcs1::unpad(&block, length)),
                    Err(KeyError::UnsupportedTransport(_)) => {
                        key.unwrap(KeyTransport::Pkcs1, wrapped)
                    }
                    Err(error) => Err(error),
                }
            }
            Self::Transport { transport: Transport::Oaep { digest, mask }, wrapped }
                if digest == mask =>
            {
                key.unwrap(digest.transport(), wrapped)
            }
            Self::Transport { transport: Transport::Oaep { digest, mask }, wrapped } => {
                let block = key.unwrap(KeyTransport::Raw, wrapped)?;
                raw::unpad_oaep_with(digest.openssl(), mask.openssl(), &block)
            }
            Self::Agreement { agreement, originator, wrapped } => {
                let secret = key.agree(originator)?;
                agreement.unwrap(&secret, wrapped).ok_or(KeyError::Undecipherable)
            }
        }
    }
}

/// Makes up a key that is always the same for the same message while the program runs, so that who sends it again learns
/// nothing from another outcome, and that nobody else can foretell.
fn decoy(wrapped: &[u8], length: usize) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    static SECRET: OnceLock<[u8; 32]> = OnceLock::new();
    let mut fresh = [0; 32];
    rand_bytes(&mut fresh).map_err(|error| KeyError::Store(Box::new(error)))?;
    let secret = SECRET.get_or_init(|| fresh);
    let digest = |half: u8| sha512(&[&secret[..], &[half], wrapped].concat());
    // The longest key is one of RC2 with 1024 bits.
    let mut decoy = Zeroizing::new([digest(0), digest(1)].concat());
    decoy.truncate(length);

    Ok(decoy)
}

/// `KeyTransRecipientInfo` (RFC 5652 §6.2.1).
fn transport<'a>(
    info: Value<'a>,
    certificate: &Certificate,
) -> Result<Option<Recipient<'a>>, OpenError> {
    let mut values = info.values();
    values.take(tlv::INTEGER)?;
    let identifier = values.any()?;
    let algorithm = Algorithm::read(values.any()?)?;
    let wrapped = values.take(tlv::OCTET_STRING)?.content;
    values.end()?;
    if !identifies(identifier, certificate)? {
        return Ok(None);
    }
    let transport = key_transport(&algorithm)?;

    Ok(Some(Recipient::Transport { transport, wrapped }))
}

/// `KeyAgreeRecipientInfo` (RFC 5652 §6.2.2).
fn agreement<'a>(
    info: Value<'a>,
    certificate: &Certificate,
) -> Result<Option<Recipient<'a>>, OpenError> {
    let mut values = info.values();
    values.take(tlv::INTEGER)?;
    let originator = values.take(context(0))?;
    let material = values.optional(context(1))?;
    let algorithm = Algorithm::read(values.any()?)?;
    let keys = values.take(tlv::SEQUENCE)?;
    values.end()?;
    let mut wrapped = None;
    for key in keys.values().all()? {
        let mut values = key.values();
        let identifier = values.any()?;
        let key = values.take(tlv::OCTET_STRING)?.content;
        if wrapped.is_none() && identifies(identifier, certificate)? {
            wrapped = Some(key);
        }
    }
    let Some(wrapped) = wrapped else { return Ok(None) };
    let material = material.map(|material| material.values().take(tlv::OCTET_STRING));
    let material = material.transpose()?.map(|material| material.content);
    let unsupported = || OpenError::UnsupportedAlgorithm(algorithm.oid.to_string());
    let agreement = Agreement::read(&algorithm, material)?.ok_or_else(unsupported)?;
    let originator = originator.values().any()?;
    if originator.tag != context(1) {
        // A key of the sender's certificate, which no mail program uses.
        return Err(unsupported());
    }
    let mut values = originator.values();
    Algorithm::read(values.any()?)?;
    let point = values.take(tlv::BIT_STRING)?;
    values.end()?;
    // The curve may be left out (RFC 5753 §3.1.1); it is that of the recipient's key.
    let curve = Values::new(certificate.public_key()).any()?.values().any()?;
    let originator = tlv::sequence(&[curve.whole, point.whole]);

    Ok(Some(Recipient::Agreement { agreement, originator, wrapped }))
}

/// Tells whether a `RecipientIdentifier`, a `KeyAgreeRecipientIdentifier` or a `SignerIdentifier`
/// names this certificate.
pub(super) fn identifies(
    identifier: Value<'_>,
    certificate: &Certificate,
) -> Result<bool, Malformed> {
    let key_identifier = match identifier.tag {
        tlv::SEQUENCE => {
            let mut values = identifier.values();
            let issuer = values.take(tlv::SEQUENCE)?;
            let serial = values.take(tlv::INTEGER)?;
            values.end()?;
            return Ok(issuer.whole == certificate.raw_issuer()
                && unpadded(serial.content) == unpadded(certificate.serial()));
        }
        tag if tag == primitive(0) => identifier.content,
        tag if tag == context(0) => identifier.values().take(tlv::OCTET_STRING)?.content,
        _ => return Err(Malformed),
    };

    Ok(certificate.key_identifier().as_deref() == Some(key_identifier))
}

/// Some write a zero octet too many or too few in front of a serial number.
fn unpadded(serial: &[u8]) -> &[u8] {
    let zeros = serial.iter().take_while(|octet| **octet == 0).count();

    serial.get(zeros..).unwrap_or_default()
}

/// How a content key is wrapped for an RSA key.
pub(super) enum Transport {
    Pkcs1,
    Oaep { digest: OaepDigest, mask: OaepDigest },
}

/// A digest of OAEP, for which also SHA-1 is good.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum OaepDigest {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl OaepDigest {
    fn read(oid: ObjectIdentifier) -> Option<Self> {
        const KNOWN: [(ObjectIdentifier, OaepDigest); 4] = [
            (rfc5912::ID_SHA_1, OaepDigest::Sha1),
            (rfc5912::ID_SHA_256, OaepDigest::Sha256),
            (rfc5912::ID_SHA_384, OaepDigest::Sha384),
            (rfc5912::ID_SHA_512, OaepDigest::Sha512),
        ];

        KNOWN.into_iter().find(|(known, _)| *known == oid).map(|(_, digest)| digest)
    }

    fn transport(self) -> KeyTransport {
        match self {
            Self::Sha1 => KeyTransport::OaepSha1,
            Self::Sha256 => KeyTransport::OaepSha256,
            Self::Sha384 => KeyTransport::OaepSha384,
            Self::Sha512 => KeyTransport::OaepSha512,
        }
    }

    fn openssl(self) -> MessageDigest {
        match self {
            Self::Sha1 => MessageDigest::sha1(),
            Self::Sha256 => MessageDigest::sha256(),
            Self::Sha384 => MessageDigest::sha384(),
            Self::Sha512 => MessageDigest::sha512(),
        }
    }
}

/// Reads how a content key is wrapped for an RSA key (RFC 3370 §4.2.1, RFC 4055 §4.1).
fn key_transport(algorithm: &Algorithm<'_>) -> Result<Transport, OpenError> {
    if algorithm.oid == rfc5912::RSA_ENCRYPTION {
        return Ok(Transport::Pkcs1);
    }
    let unsupported = |oid: ObjectIdentifier| OpenError::UnsupportedAlgorithm(oid.to_string());
    if algorithm.oid != rfc5912::ID_RSAES_OAEP {
        return Err(unsupported(algorithm.oid));
    }
    let parameters = algorithm.parameters.filter(|value| value.tag == tlv::SEQUENCE);
    let mut values = parameters.ok_or(Malformed)?.values();
    let hash = values.optional(context(0))?;
    let mask = values.optional(context(1))?;
    let label = values.optional(context(2))?;
    values.end()?;
    let hash = match hash {
        Some(hash) => Algorithm::read(hash.values().any()?)?.oid,
        None => rfc5912::ID_SHA_1,
    };
    let mask = match mask {
        Some(mask) => Algorithm::read(mask.values().any()?)?.inner()?.oid,
        None => rfc5912::ID_SHA_1,
    };
    if !label.map_or(Ok(true), is_empty_label)? {
        return Err(unsupported(algorithm.oid));
    }
    let read = |oid| OaepDigest::read(oid).ok_or_else(|| unsupported(oid));

    Ok(Transport::Oaep { digest: read(hash)?, mask: read(mask)? })
}

/// Some write out the label that stands for none (RFC 4055 §4.1, `PSourceAlgorithm`).
fn is_empty_label(label: Value<'_>) -> Result<bool, Malformed> {
    let source = Algorithm::read(label.values().any()?)?;
    let empty =
        source.parameters.is_some_and(|it| it.tag == tlv::OCTET_STRING && it.content.is_empty());

    Ok(source.oid == rfc5912::ID_P_SPECIFIED && empty)
}
