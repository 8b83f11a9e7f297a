//! Encrypted messages that are larger than memory.

mod source;

use super::cipher::{Decryption, Parameters};
use super::open::{content_key, is_authenticated};
use super::tlv::{self, Algorithm, Values, context};
use super::{Ciphers, ContentCipher, Malformed, OpenError};
use crate::Certificate;
use const_oid::db::rfc5911;
use der::asn1::ObjectIdentifier;
use keys::PrivateKey;
use source::Source;
use std::io::{self, BufRead, Write};
use zeroize::Zeroizing;

/// Decrypts a message piece by piece, in memory that does not grow with it.
///
/// What is written to `unchecked` may be anything until this returns without an error: whoever changed
/// the message chose a part of it. The caller keeps it where nobody sees it, and throws it away otherwise.
///
/// # Errors
///
/// Those of [`decrypt`](super::decrypt) as [`StreamError::Open`]; [`StreamError::Whole`] for the few messages
/// that must be read as a whole.
pub fn decrypt_stream(
    message: impl BufRead,
    key: &dyn PrivateKey,
    certificate: &Certificate,
    ciphers: Ciphers,
    unchecked: &mut dyn Write,
) -> Result<Streamed, StreamError> {
    let mut source = Source::new(message);
    source.enter(tlv::SEQUENCE)?;
    let kind = oid(&source.value()?)?;
    let authenticated = is_authenticated(kind)?;
    source.enter(context(0))?;
    source.enter(tlv::SEQUENCE)?;
    Values::new(&source.value()?).take(tlv::INTEGER)?;
    let mut recipients = source.value()?;
    if recipients.first() == Some(&context(0)) {
        recipients = source.value()?;
    }
    let recipients = Values::new(&recipients).take(tlv::SET)?.values();
    source.enter(tlv::SEQUENCE)?;
    let content_type = oid(&source.value()?)?;
    let algorithm = source.value()?;
    let algorithm = Algorithm::read(Values::new(&algorithm).any()?)?;
    let parameters = Parameters::read(&algorithm, authenticated)?;
    let cipher = parameters.cipher;
    let content_key = content_key(cipher, recipients, key, certificate, ciphers)?;
    let openssl = cipher.openssl().ok_or(StreamError::Whole)?;
    let decryption = parameters.begin(openssl, &content_key, &[]).map_err(undecipherable)?;

    let mut writer = Writer { decryption, room: Zeroizing::new(Vec::new()), unchecked };
    source.octets(0, &mut |piece| writer.piece(piece))?;
    source.leave()?;
    let tag = if authenticated { Some(tag(&mut source, &parameters)?) } else { None };
    // Attributes that nobody protects.
    if source.more()? {
        Values::new(&source.value()?).take(context(if authenticated { 2 } else { 1 }))?;
    }
    for _ in ["the message", "what holds it", "its ContentInfo"] {
        source.leave()?;
    }
    source.end()?;
    writer.finish(tag.as_deref())?;

    Ok(Streamed { cipher, content_type })
}

/// A message that was decrypted and is as it was written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Streamed {
    /// How it was encrypted.
    pub cipher: ContentCipher,
    /// What it says that its content is; nobody has vouched for it.
    pub content_type: ObjectIdentifier,
}

impl Streamed {
    /// Tells whether the content is said to be plain data, as that of mail is (RFC 5652 §4).
    pub fn holds_data(&self) -> bool {
        self.content_type == rfc5911::ID_DATA
    }
}

/// Why a message was not decrypted piece by piece. What was written so far is worth nothing.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The message or the key is at fault.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The message could not be read.
    #[error("the message cannot be read")]
    Read(#[source] io::Error),
    /// The content could not be written.
    #[error("the content cannot be written")]
    Write(#[source] io::Error),
    /// Open it whole: it uses RC2, or protects attributes that follow its content.
    #[error("the message can only be decrypted as a whole")]
    Whole,
}

impl From<Malformed> for StreamError {
    fn from(malformed: Malformed) -> Self {
        Self::Open(malformed.into())
    }
}

/// Decrypts pieces and gives them on.
struct Writer<'a> {
    decryption: Decryption,
    room: Zeroizing<Vec<u8>>,
    unchecked: &'a mut dyn Write,
}

impl Writer<'_> {
    fn piece(&mut self, piece: &[u8]) -> Result<(), StreamError> {
        let size = piece.len() + Decryption::MORE;
        if self.room.len() < size {
            self.room = Zeroizing::new(vec![0; size]);
        }
        let written = self.decryption.update(piece, &mut self.room).map_err(undecipherable)?;

        self.unchecked
            .write_all(self.room.get(..written).unwrap_or_default())
            .map_err(StreamError::Write)
    }

    fn finish(self, tag: Option<&[u8]>) -> Result<(), StreamError> {
        let mut room = Zeroizing::new([0; Decryption::MORE]);
        let last = self.decryption.finish(tag, room.as_mut_slice()).map_err(undecipherable)?;
        let last = room.get(..last).unwrap_or_default();
        self.unchecked.write_all(last).map_err(StreamError::Write)?;

        self.unchecked.flush().map_err(StreamError::Write)
    }
}

/// The tag of an authenticating cipher. It would need the attributes before the content, which come after it.
fn tag(
    source: &mut Source<impl BufRead>,
    parameters: &Parameters<'_>,
) -> Result<Vec<u8>, StreamError> {
    let found = source.value()?;
    if found.first() == Some(&context(1)) {
        return Err(StreamError::Whole);
    }
    let tag = Values::new(&found).take(tlv::OCTET_STRING)?.content;
    if tag.len() != parameters.tag_length {
        return Err(Malformed.into());
    }

    Ok(tag.to_vec())
}

fn oid(value: &[u8]) -> Result<ObjectIdentifier, Malformed> {
    Values::new(value).any()?.oid()
}

/// One error for all that fails once the key is unwrapped.
fn undecipherable(_: openssl::error::ErrorStack) -> StreamError {
    OpenError::Undecipherable.into()
}
