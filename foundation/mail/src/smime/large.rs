//! Encrypted mails that are larger than memory.

mod base64;

use super::Problem;
use super::entity::{Entity, Form};
use super::opening::{Holder, Opened, is_bare, open_further, why_not};
use super::state::{Found, Layer, State, Trust, judge};
use base64::Base64;
use pki::cms::{self, Ciphers, ContentCipher, Kind, StreamError};
use std::io::{self, BufRead, Read as _, Write};

/// The most octets of a head.
const MAX_HEAD: usize = 1 << 20;

/// What stands in every mail that has signed or encrypted parts, in lower case. Names that are encoded could be any.
const MARKS: [&[u8]; 5] = [b"pkcs7", b".p7", b"=?", b"name*", b"message/"];

/// Takes the outermost layer off an encrypted mail, in memory that does not grow with the mail. `mail` may be the bare
/// bytes of a `.p7m` file.
///
/// What is written to `unchecked` is worth nothing until this returns without an error: keep it where nobody sees it.
///
/// # Errors
///
/// [`UnsealError::Whole`] if the mail has another outermost layer, or none, or one that must be in memory:
/// [`open`](super::open) it then.
pub fn unseal(
    mut mail: impl BufRead,
    holder: &Holder<'_>,
    unchecked: &mut dyn Write,
) -> Result<Unsealed, UnsealError> {
    let found = mail.fill_buf().map_err(UnsealError::Read)?;
    let bare = is_bare(found);
    let head = if bare { Vec::new() } else { head(&mut mail).map_err(UnsealError::Read)? };
    let encoding = Entity::new(&head).encoding();
    let opaque = bare || matches!(Entity::new(&head).form(), Form::Opaque);
    let first = mail.fill_buf().map_err(UnsealError::Read)?.first();
    let encoded = match encoding.as_str() {
        "base64" => true,
        "quoted-printable" => return Err(UnsealError::Whole),
        _ => first != Some(&0x30),
    };
    if !opaque {
        return Err(UnsealError::Whole);
    }
    let streamed = if encoded {
        decrypt(Base64::new(mail), holder, unchecked)
    } else {
        decrypt(mail, holder, unchecked)
    };
    match streamed {
        Ok(cipher) => Ok(Unsealed { head, cipher }),
        Err(Refusal::Problem(problem)) => {
            let found = Found { problems: vec![problem], encrypted: true, ..Found::default() };
            Err(UnsealError::Closed(Box::new(judge(&Entity::new(&head), None, found))))
        }
        Err(Refusal::Other(error)) => Err(error),
    }
}

/// An encrypted mail whose outermost layer is off. Its content is with the caller.
#[derive(Debug)]
pub struct Unsealed {
    head: Vec<u8>,
    cipher: ContentCipher,
}

impl Unsealed {
    /// Says what is to be thought of the mail if there are no further layers in its content, which is read through for
    /// that; none if there may be some: [`Unsealed::open`] it then.
    ///
    /// # Errors
    ///
    /// Those of reading.
    pub fn state(&self, mut content: impl BufRead) -> io::Result<Option<State>> {
        let head = head(&mut content)?;
        let has_end = head.ends_with(b"\n");
        if !has_end || any_mark(head.as_slice().chain(content))? {
            return Ok(None);
        }

        Ok(Some(judge(&Entity::new(&self.head), Some(&Entity::new(&head)), self.found())))
    }

    /// Opens the layers inside, in memory.
    pub fn open(&self, content: &[u8], holders: &[Holder<'_>], trust: &Trust<'_>) -> Opened {
        open_further(&self.head, content, self.found(), holders, trust)
    }

    fn found(&self) -> Found {
        let layers = vec![Layer::Encrypted { cipher: self.cipher }];

        Found { layers, encrypted: true, ..Found::default() }
    }
}

/// Why the outermost layer of a mail was not taken off. What was written is worth nothing.
#[derive(Debug, thiserror::Error)]
pub enum UnsealError {
    /// The layer does not open; the state of the mail says why.
    #[error("the mail was not decrypted")]
    Closed(Box<State>),
    /// The mail could not be read.
    #[error("the mail cannot be read")]
    Read(#[source] io::Error),
    /// Open the mail whole.
    #[error("the mail can only be opened as a whole")]
    Whole,
    /// The content could not be written.
    #[error("the content cannot be written")]
    Write(#[source] io::Error),
}

enum Refusal {
    Problem(Problem),
    Other(UnsealError),
}

fn decrypt(
    mut message: impl BufRead,
    holder: &Holder<'_>,
    unchecked: &mut dyn Write,
) -> Result<ContentCipher, Refusal> {
    /// As many octets as tell the kind of a message.
    const KIND: u64 = 64;
    let mut first = Vec::new();
    message.by_ref().take(KIND).read_to_end(&mut first).map_err(not_read)?;
    match cms::kind(&first) {
        Ok(Kind::Enveloped) => {}
        Ok(Kind::Compressed | Kind::Other | Kind::Signed) | Err(_) => {
            return Err(Refusal::Other(UnsealError::Whole));
        }
    }
    let message = first.as_slice().chain(message);
    let ciphers = Ciphers::Historic;
    let streamed = cms::decrypt_stream(message, holder.key, holder.certificate, ciphers, unchecked);
    match streamed {
        Ok(streamed) if streamed.holds_data() => Ok(streamed.cipher),
        Ok(_) => Err(Refusal::Problem(Problem::NoMail)),
        Err(StreamError::Open(error)) => Err(Refusal::Problem(why_not(error))),
        Err(StreamError::Read(error)) => Err(not_read(error)),
        Err(StreamError::Whole) => Err(Refusal::Other(UnsealError::Whole)),
        Err(StreamError::Write(error)) => Err(Refusal::Other(UnsealError::Write(error))),
    }
}

/// What is no base64 as it should be may be read with more patience.
fn not_read(error: io::Error) -> Refusal {
    let damaged = error.kind() == io::ErrorKind::InvalidData;

    Refusal::Other(if damaged { UnsealError::Whole } else { UnsealError::Read(error) })
}

/// Reads the head with the empty line after it, or as much as a head may have.
fn head(mail: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    loop {
        let begin = head.len();
        let most = (MAX_HEAD - begin) as u64;
        let read = mail.by_ref().take(most).read_until(b'\n', &mut head)?;
        let line = head.get(begin..).unwrap_or_default();
        if read == 0 || line == b"\n" || line == b"\r\n" {
            return Ok(head);
        }
    }
}

fn any_mark(mut content: impl BufRead) -> io::Result<bool> {
    let longest = MARKS.into_iter().map(<[u8]>::len).max().unwrap_or_default();
    let mut window = Vec::new();
    loop {
        let piece = content.fill_buf()?;
        if piece.is_empty() {
            return Ok(false);
        }
        let length = piece.len();
        window.extend(piece.iter().map(u8::to_ascii_lowercase));
        content.consume(length);
        if MARKS.into_iter().any(|mark| window.windows(mark.len()).any(|found| found == mark)) {
            return Ok(true);
        }
        window.drain(..window.len().saturating_sub(longest - 1));
    }
}
