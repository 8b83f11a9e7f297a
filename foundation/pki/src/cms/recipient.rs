//! For whom a message is encrypted (RFC 5652 §6.2), and how they get at its key.

use super::agreement::Agreement;
use super::tlv::{self, Algorithm, Value, Values, context, primitive};
use super::{Malformed, OpenError};
use crate::Certificate;
use const_oid::db::rfc5912;
use der::asn1::ObjectIdentifier;
use keys::{KeyError, KeyTransport, PrivateKey, pkcs1};
use zeroize::Zeroizing;

/// A recipient whose certificate is found.
pub(super) enum Recipient<'a> {
    /// The content key is encrypted for an RSA key.
    Transport { transport: KeyTransport, wrapped: &'a [u8] },
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

    /// Gives a key of `length` octets, which is the message's key if all is well.
    ///
    /// A key that does not unwrap is told from a right one by nobody: `decoy` or what
    /// [`pkcs1::unpad`] makes up is given in its place (RFC 3218 §2.3.2).
    pub(super) fn content_key(
        &self,
        key: &dyn PrivateKey,
        length: usize,
        decoy: Zeroizing<Vec<u8>>,
    ) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let unwrapped = match self {
            Self::Transport { transport: KeyTransport::Pkcs1, wrapped } => {
                match key.unwrap(KeyTransport::Raw, wrapped) {
                    Ok(block) => Ok(pkcs1::unpad(&block, length)),
                    Err(KeyError::UnsupportedTransport(_)) => {
                        key.unwrap(KeyTransport::Pkcs1, wrapped)
                    }
                    Err(error) => Err(error),
                }
            }
            Self::Transport { transport, wrapped } => key.unwrap(*transport, wrapped),
            Self::Agreement { agreement, originator, wrapped } => {
                let secret = key.agree(originator)?;
                agreement.unwrap(&secret, wrapped).ok_or(KeyError::Undecipherable)
            }
        };
        match unwrapped {
            Ok(unwrapped) if unwrapped.len() == length => Ok(unwrapped),
            Ok(_) | Err(KeyError::Undecipherable) => Ok(decoy),
            Err(error) => Err(error),
        }
    }
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

/// Reads how a content key is wrapped for an RSA key (RFC 3370 §4.2.1, RFC 4055 §4.1).
fn key_transport(algorithm: &Algorithm<'_>) -> Result<KeyTransport, OpenError> {
    const KNOWN: [(ObjectIdentifier, KeyTransport); 4] = [
        (rfc5912::ID_SHA_1, KeyTransport::OaepSha1),
        (rfc5912::ID_SHA_256, KeyTransport::OaepSha256),
        (rfc5912::ID_SHA_384, KeyTransport::OaepSha384),
        (rfc5912::ID_SHA_512, KeyTransport::OaepSha512),
    ];
    if algorithm.oid == rfc5912::RSA_ENCRYPTION {
        return Ok(KeyTransport::Pkcs1);
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
    if mask != hash || label.is_some() {
        return Err(unsupported(algorithm.oid));
    }
    let found = KNOWN.into_iter().find(|(oid, _)| *oid == hash);

    found.map(|(_, transport)| transport).ok_or_else(|| unsupported(hash))
}
