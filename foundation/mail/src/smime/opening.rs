use super::Problem;
use super::entity::{Entity, Form, canonical, has_protected_part};
use super::signature::Signature;
use super::state::{Found, Layer, State, Trust, judge};
use keys::PrivateKey;
use pki::Certificate;
use pki::cms::{self, Ciphers, Kind, OpenError, Signed};
use std::borrow::Cow;
use zeroize::Zeroizing;

/// The most layers of a mail; a triple wrapped one has three.
const MOST_LAYERS: usize = 6;

/// A key with its certificate, to which mail may be encrypted.
#[derive(Clone, Copy, Debug)]
pub struct Holder<'a> {
    /// The key.
    pub key: &'a dyn PrivateKey,
    /// Its certificate.
    pub certificate: &'a Certificate,
}

/// A mail that was opened as far as it can be.
#[derive(Debug)]
pub struct Opened {
    /// The innermost content, a MIME entity: all of what was signed or encrypted and nothing else. The mail itself if it
    /// is neither. None if it cannot be read.
    pub content: Option<Zeroizing<Vec<u8>>>,
    /// What is to be thought of it.
    pub state: State,
}

/// Opens a mail, layer by layer, with whichever of the keys fits, and checks every signature on the way.
///
/// `message` is a mail as it came, or the bare bytes of a `.p7m` file. All is done before anything is returned.
pub fn open(message: &[u8], holders: &[Holder<'_>], trust: &Trust<'_>) -> Opened {
    open_further(message, message, Found::default(), holders, trust)
}

/// Opens `content`, which was found in the mail whose head `outer` begins with.
pub(super) fn open_further(
    outer: &[u8],
    content: &[u8],
    found: Found,
    holders: &[Holder<'_>],
    trust: &Trust<'_>,
) -> Opened {
    let mut peeling = Peeling { holders, trust, found };
    let content = match peeling.peel(content) {
        Ok(content) => Some(content),
        Err(problem) => {
            peeling.found.problems.push(problem);
            None
        }
    };
    let mut found = peeling.found;
    if let Some(content) = &content
        && found.signatures.is_empty()
        && has_protected_part(content)
    {
        found.problems.push(Problem::OnlyAPart);
    }
    let state = {
        let inner = content.as_ref().map(|content| Entity::new(content));
        judge(&Entity::new(outer), inner.as_ref(), found)
    };

    Opened { content, state }
}

struct Peeling<'a> {
    holders: &'a [Holder<'a>],
    trust: &'a Trust<'a>,
    found: Found,
}

impl Peeling<'_> {
    fn peel(&mut self, message: &[u8]) -> Result<Zeroizing<Vec<u8>>, Problem> {
        let mut content = Zeroizing::new(message.to_vec());
        if self.found.layers.is_empty() && is_bare(message) {
            content = self.cms(message)?;
        }
        while let Some(inner) = self.layer(&content)? {
            if self.found.layers.len() > MOST_LAYERS {
                return Err(Problem::TooManyLayers);
            }
            content = inner;
        }

        Ok(content)
    }

    /// Takes one layer off; none if there is none.
    fn layer(&mut self, bytes: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>, Problem> {
        let entity = Entity::new(bytes);
        match entity.form() {
            Form::Other => Ok(None),
            Form::Malformed => Err(Problem::Structure),
            Form::Opaque => {
                let message = entity.decoded().ok_or(Problem::Damaged)?;
                self.cms(&message).map(Some)
            }
            Form::Detached { signed, signature } => {
                let message = signature.decoded().ok_or(Problem::Damaged)?;
                self.detached(signed, &message).map(Some)
            }
        }
    }

    fn cms(&mut self, message: &[u8]) -> Result<Zeroizing<Vec<u8>>, Problem> {
        match cms::kind(message).map_err(|_| Problem::Damaged)? {
            Kind::Compressed => Err(Problem::Compressed),
            Kind::Enveloped => self.enveloped(message),
            Kind::Other => Err(Problem::Damaged),
            Kind::Signed => {
                let mut signed = Signed::read(message).map_err(|_| Problem::Damaged)?;
                let content = signed.content.take().ok_or(Problem::NoContent)?;
                self.signed(&signed, &content)?;
                Ok(content)
            }
        }
    }

    fn detached(&mut self, content: &[u8], message: &[u8]) -> Result<Zeroizing<Vec<u8>>, Problem> {
        let signed = Signed::read(message).map_err(|_| Problem::Damaged)?;
        if signed.content.is_some() {
            return Err(Problem::ContentTwice);
        }
        // Files and some servers have other line ends than the mail had when it was signed.
        let canonical = canonical(content);
        let as_found = |it: &cms::Signer| {
            signed.verify(it, content, self.trust.known, &self.trust.algorithms).1.is_ok()
        };
        let content = if canonical == content || signed.signers.iter().any(as_found) {
            Cow::Borrowed(content)
        } else {
            Cow::Owned(canonical)
        };
        self.signed(&signed, &content)?;

        Ok(Zeroizing::new(content.into_owned()))
    }

    fn signed(&mut self, signed: &Signed, content: &[u8]) -> Result<(), Problem> {
        if !signed.holds_data() {
            return Err(Problem::NoMail);
        }
        let layer = self.found.layers.len();
        self.found.layers.push(Layer::Signed { signers: signed.signers.len() });
        let checked = signed.signers.iter();
        let checked = checked.map(|it| Signature::check(signed, it, content, layer, self.trust));
        self.found.signatures.extend(checked);

        Ok(())
    }

    fn enveloped(&mut self, message: &[u8]) -> Result<Zeroizing<Vec<u8>>, Problem> {
        self.found.encrypted = true;
        let mut problem = Problem::NotForUs;
        for holder in self.holders {
            match cms::decrypt(message, holder.key, holder.certificate, Ciphers::Historic) {
                Ok(opened) if opened.holds_data() => {
                    self.found.layers.push(Layer::Encrypted { cipher: opened.cipher });
                    return Ok(opened.content);
                }
                Ok(_) => return Err(Problem::NoMail),
                Err(OpenError::NotARecipient) => {}
                Err(error @ OpenError::Damaged(_)) => return Err(why_not(error)),
                // Another certificate may have the same name.
                Err(error) => problem = why_not(error),
            }
        }

        Err(problem)
    }
}

/// What is said about a layer that does not open: one thing for all that fails after its key was unwrapped.
pub(super) fn why_not(error: OpenError) -> Problem {
    match error {
        OpenError::Damaged(_) => Problem::Damaged,
        OpenError::Key(_) => Problem::KeyRefused,
        OpenError::NotARecipient => Problem::NotForUs,
        OpenError::Undecipherable => Problem::Undecipherable,
        OpenError::UnsupportedAlgorithm(name) => Problem::UnsupportedAlgorithm(name),
    }
}

/// A `.p7m` file that is no mail: no field of a head begins so.
pub(super) fn is_bare(message: &[u8]) -> bool {
    message.first() == Some(&0x30) && cms::kind(message).is_ok()
}
