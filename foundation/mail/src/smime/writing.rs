use super::entity::{Entity, canonical};
use data_encoding::BASE64;
use pki::cms::{self, ContentCipher, Form, Fresh, Recipient, SealError, SignError, Signing};

/// The longest line that a mail may have, in bytes without its end (RFC 5322 §2.1.1).
const LONGEST_LINE: usize = 998;

/// Bytes of base64 in one line (RFC 2045 §6.8).
const LINE: usize = 57;

/// Signs a mail: its head stays outside, all that says what the body is goes inside.
///
/// Detached makes `multipart/signed`, which every program can show; opaque makes `application/pkcs7-mime`, which no mail
/// server can damage.
///
/// # Errors
///
/// [`SignMailError`] if the key does not sign, or the mail would be changed on its way.
pub fn sign(mail: &[u8], signing: &Signing<'_>, form: Form) -> Result<Vec<u8>, SignMailError> {
    let (head, content) = split(mail);
    if form == Form::Opaque {
        let signed = cms::sign(&content, signing, form).map_err(SignMailError::Sign)?;
        return Ok(enclose(head, "signed-data", &signed));
    }
    let lines = content.split(|byte| *byte == b'\n');
    if !content.is_ascii() || { lines }.any(|line| line.len() > LONGEST_LINE + 1) {
        return Err(SignMailError::EightBit);
    }
    let signature = cms::sign(&content, signing, form).map_err(SignMailError::Sign)?;
    let boundary = boundary(&content);
    let digest = digest(signing);
    let mut mail = head;
    let text = format!(
        "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\";\r\n micalg={digest}; \
         boundary=\"{boundary}\"\r\n\r\nThis is a signed mail.\r\n--{boundary}\r\n"
    );
    mail.extend_from_slice(text.as_bytes());
    mail.extend_from_slice(&content);
    let text = format!(
        "\r\n--{boundary}\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n\
         Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=smime.p7s\r\n\r\n"
    );
    mail.extend_from_slice(text.as_bytes());
    mail.extend_from_slice(&in_lines(&signature));
    mail.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());

    Ok(mail)
}

/// Encrypts a mail: its head stays outside, all that says what the body is goes inside.
///
/// # Errors
///
/// [`SealError`] as of [`cms::encrypt`].
pub fn seal(
    mail: &[u8],
    recipients: &[Recipient<'_>],
    cipher: ContentCipher,
    fresh: Fresh,
) -> Result<Vec<u8>, SealError> {
    let (head, content) = split(mail);
    let sealed = cms::encrypt(&content, recipients, cipher, fresh)?;
    let kind = if cipher.authenticates() { "authEnveloped-data" } else { "enveloped-data" };

    Ok(enclose(head, kind, &sealed))
}

/// Why a mail was not signed.
#[derive(Debug, thiserror::Error)]
pub enum SignMailError {
    /// Encode it in seven bits first, or sign it opaque.
    #[error(
        "the mail has characters beyond ASCII or lines of more than {LONGEST_LINE} bytes, which are changed on the way; encode it or sign it opaque"
    )]
    EightBit,
    /// The signature was not made.
    #[error(transparent)]
    Sign(SignError),
}

/// Parts a mail in the head that stays outside, with the version of MIME, and the entity that goes inside.
fn split(mail: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mail = canonical(mail);
    let entity = Entity::new(&mail);
    let (mut head, mut content) = (Vec::new(), Vec::new());
    for field in entity.fields() {
        if is_field(field, b"content-") {
            content.extend_from_slice(field);
        } else if !is_field(field, b"mime-version:") {
            head.extend_from_slice(field);
        }
    }
    if content.is_empty() {
        content.extend_from_slice(b"Content-Type: text/plain\r\n");
    }
    head.extend_from_slice(b"MIME-Version: 1.0\r\n");
    content.extend_from_slice(b"\r\n");
    content.extend_from_slice(entity.body());

    (head, content)
}

fn is_field(field: &[u8], name: &[u8]) -> bool {
    field.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
}

fn enclose(mut head: Vec<u8>, kind: &str, message: &[u8]) -> Vec<u8> {
    let text = format!(
        "Content-Type: application/pkcs7-mime; smime-type={kind}; name=smime.p7m\r\n\
         Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=smime.p7m\r\n\r\n"
    );
    head.extend_from_slice(text.as_bytes());
    head.extend_from_slice(&in_lines(message));

    head
}

fn in_lines(bytes: &[u8]) -> Vec<u8> {
    let mut lines = Vec::with_capacity(bytes.len() / 3 * 4 + bytes.len() / LINE * 2 + 8);
    for line in bytes.chunks(LINE) {
        lines.extend_from_slice(BASE64.encode(line).as_bytes());
        lines.extend_from_slice(b"\r\n");
    }

    lines
}

/// Finds a boundary that is nowhere in the content. "=_" is in no encoded text (RFC 2045 §6.7).
fn boundary(content: &[u8]) -> String {
    let is_free = |boundary: &String| {
        let boundary = boundary.as_bytes();
        !content.windows(boundary.len()).any(|window| window == boundary)
    };
    let mut boundaries = (1_u64..).map(|number| format!("=_signed_{number}"));

    boundaries.find(is_free).unwrap_or_default()
}

/// The name of the digest, for programs that hash while they read (RFC 8551 §3.5.3.2).
fn digest(signing: &Signing<'_>) -> &'static str {
    match signing.algorithm {
        keys::SignatureAlgorithm::EcdsaP384Sha384 => "sha-384",
        keys::SignatureAlgorithm::EcdsaP521Sha512 | keys::SignatureAlgorithm::Ed25519 => "sha-512",
        keys::SignatureAlgorithm::EcdsaP256Sha256
        | keys::SignatureAlgorithm::RsaPkcs1Sha256
        | keys::SignatureAlgorithm::RsaPssSha256 => "sha-256",
    }
}
