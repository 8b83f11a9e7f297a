//! Messages encrypted for the holders of certificates and signed by them (CMS, RFC 5652).
//!
//! ```text
//!   bytes ──ber──▶ DER ──▶ open, decrypt   EnvelopedData, AuthEnvelopedData     for a PrivateKey
//!                     └──▶ Signed          SignedData                           what is signed, by whom
//!   Read ──stream──▶ decrypt_stream ──▶ Write  messages that are larger than memory
//!   bytes ◀── seal, encrypt                for Certificates
//!         ◀── sign                         by a PrivateKey
//! ```
//!
//! What is written for the own programs by [`seal`] is AES-256-GCM with RSA-OAEP and SHA-256; mail is
//! written as its readers can read it, see [`encrypt`]. Whole messages are in memory, the content once
//! more when it is decrypted; nothing is given away before all of it is checked. [`decrypt_stream`] alone
//! needs memory for a piece at a time, and leaves it to its caller to keep what it wrote to himself until then.

mod agreement;
mod ber;
mod capabilities;
mod cipher;
mod open;
mod recipient;
mod scheme;
mod seal;
mod sign;
mod signed;
mod signer;
mod stream;
mod tlv;

pub use capabilities::Capabilities;
pub use cipher::ContentCipher;
pub use open::{Ciphers, Decrypted, OpenError, decrypt, open};
pub use seal::{Choice, Fresh, Recipient, SealError, choose, encrypt, seal};
pub use sign::{Form, SignError, Signing, sign};
pub use signed::{Signed, SignedError};
pub use signer::{Signer, SignerFault};
pub use stream::{StreamError, Streamed, decrypt_stream};

use const_oid::db::rfc5911;
use der::asn1::ObjectIdentifier;
use tlv::{Value, Values, context};

/// The object identifier of AuthEnvelopedData (RFC 5083 §2).
const AUTH_ENVELOPED_DATA: ObjectIdentifier = rfc5911::ID_CT_AUTH_ENVELOPED_DATA;

/// The object identifier of CompressedData (RFC 3274 §1.1).
const COMPRESSED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.9");

/// The bytes are not BER, or not of the type that they should be.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the encoding is damaged")]
pub struct Malformed;

/// What a message is (RFC 5652 §3).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// It is compressed.
    Compressed,
    /// It is encrypted.
    Enveloped,
    /// It is something else.
    Other,
    /// It is signed, or holds certificates alone.
    Signed,
}

/// Reads what a message says it is; whether the rest of it is sound is not looked at.
///
/// # Errors
///
/// [`Malformed`] if the bytes do not begin as a message does.
pub fn kind(message: &[u8]) -> Result<Kind, Malformed> {
    let (tag, _, content) = ber::header(message)?;
    if tag != tlv::SEQUENCE {
        return Err(Malformed);
    }
    let kind = Values::new(content).any()?.oid()?;
    let known = [
        (AUTH_ENVELOPED_DATA, Kind::Enveloped),
        (rfc5911::ID_ENVELOPED_DATA, Kind::Enveloped),
        (rfc5911::ID_SIGNED_DATA, Kind::Signed),
        (COMPRESSED_DATA, Kind::Compressed),
    ];

    Ok(known.into_iter().find(|(oid, _)| *oid == kind).map_or(Kind::Other, |(_, kind)| kind))
}

/// Takes a `ContentInfo` apart (RFC 5652 §3): the type and the value of its content.
fn content_info(message: &[u8]) -> Result<(ObjectIdentifier, Value<'_>), Malformed> {
    let mut outer = Values::new(message);
    let mut values = outer.take(tlv::SEQUENCE)?.values();
    outer.end()?;
    let kind = values.any()?.oid()?;
    let mut inner = values.take(context(0))?.values();
    values.end()?;
    let content = inner.take(tlv::SEQUENCE)?;
    inner.end()?;

    Ok((kind, content))
}
