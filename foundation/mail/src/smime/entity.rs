//! Just enough of MIME (RFC 2045, RFC 2046) to find what is signed, byte for byte.

use crate::Mailbox;
use crate::parsing;
use data_encoding::{BASE64, BASE64_MIME_PERMISSIVE};
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{HeaderName, Message, MessageParser, MimeHeaders as _};
use std::borrow::Cow;

/// A mail, or a part of one: a head and a body.
pub(super) struct Entity<'a> {
    head: &'a [u8],
    body: &'a [u8],
    parsed: Option<Message<'a>>,
}

/// What an entity is to S/MIME.
pub(super) enum Form<'a> {
    /// `multipart/signed`: the bytes that are signed, and the entity of the signature.
    Detached { signed: &'a [u8], signature: Entity<'a> },
    /// It says that it is signed and is not as RFC 1847 wants it.
    Malformed,
    /// A message of CMS, perhaps under another name.
    Opaque,
    /// Something else.
    Other,
}

impl<'a> Entity<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let end = end_of_head(bytes).unwrap_or((bytes.len(), bytes.len()));
        let head = bytes.get(..end.0).unwrap_or_default();
        let body = bytes.get(end.1..).unwrap_or_default();

        Self { head, body, parsed: MessageParser::default().parse_headers(head) }
    }

    pub(super) fn form(&self) -> Form<'a> {
        let (kind, name) = (self.media_type(), self.name());
        let named = |end: &str| name.ends_with(end);
        match kind.as_str() {
            "multipart/signed"
                if self.parameter("protocol").to_ascii_lowercase().contains("pkcs7-signature") =>
            {
                match self.two_parts() {
                    Some([signed, signature]) => {
                        Form::Detached { signed, signature: Entity::new(signature) }
                    }
                    None => Form::Malformed,
                }
            }
            "application/pkcs7-mime" | "application/x-pkcs7-mime" => Form::Opaque,
            "application/octet-stream"
            | "application/pkcs7-signature"
            | "application/x-pkcs7-signature"
                if named(".p7m") || named(".p7s") || named(".p7c") =>
            {
                Form::Opaque
            }
            _ => Form::Other,
        }
    }

    /// The media type in lower case; empty if it says none or two.
    pub(super) fn media_type(&self) -> String {
        let root = self.parsed.as_ref().map(Message::root_part);
        let declared = root.and_then(|root| root.content_type());
        let declared = declared.filter(|_| self.count(&HeaderName::ContentType) == 1);
        let kind =
            declared.map(|it| format!("{}/{}", it.ctype(), it.subtype().unwrap_or_default()));

        kind.unwrap_or_default().to_ascii_lowercase()
    }

    /// The body, decoded.
    pub(super) fn decoded(&self) -> Option<Cow<'a, [u8]>> {
        match self.encoding().as_str() {
            "base64" => base64(self.body).map(Cow::Owned),
            "quoted-printable" => quoted_printable_decode(self.body).map(Cow::Owned),
            // Some mail servers lose the name of the encoding on the way.
            _ if self.body.first() != Some(&0x30) => base64(self.body).map(Cow::Owned),
            _ => Some(Cow::Borrowed(self.body)),
        }
    }

    /// How the body is encoded, in lower case; empty if nothing is said.
    pub(super) fn encoding(&self) -> String {
        let root = self.parsed.as_ref().map(Message::root_part);
        let encoding = root.and_then(|root| root.content_transfer_encoding()).unwrap_or_default();

        encoding.trim().to_ascii_lowercase()
    }

    /// The mailboxes of all `From` fields, and how many fields there are.
    pub(super) fn authors(&self) -> (Vec<Mailbox>, usize) {
        (self.mailboxes(&HeaderName::From), self.count(&HeaderName::From))
    }

    /// The mailboxes of the `Sender` fields.
    pub(super) fn senders(&self) -> Vec<Mailbox> {
        self.mailboxes(&HeaderName::Sender)
    }

    pub(super) fn body(&self) -> &'a [u8] {
        self.body
    }

    /// The fields of the head, each with its line ends and what is folded.
    pub(super) fn fields(&self) -> Vec<&'a [u8]> {
        let mut fields: Vec<&[u8]> = Vec::new();
        let mut start = 0;
        let mut place = 0;
        for line in self.head.split_inclusive(|byte| *byte == b'\n') {
            if place > 0 && !line.starts_with(b" ") && !line.starts_with(b"\t") {
                fields.extend(self.head.get(start..place));
                start = place;
            }
            place += line.len();
        }
        fields.extend(self.head.get(start..).filter(|field| !field.is_empty()));

        fields
    }

    fn name(&self) -> String {
        let root = self.parsed.as_ref().map(Message::root_part);
        let name = root.and_then(|root| root.attachment_name()).unwrap_or_default();

        name.to_ascii_lowercase()
    }

    fn parameter(&self, name: &str) -> String {
        let root = self.parsed.as_ref().map(Message::root_part);
        let declared = root.and_then(|root| root.content_type());

        declared.and_then(|it| it.attribute(name)).unwrap_or_default().to_owned()
    }

    fn count(&self, name: &HeaderName<'_>) -> usize {
        let headers = self.parsed.iter().flat_map(Message::headers);

        headers.filter(|header| header.name == *name).count()
    }

    fn mailboxes(&self, name: &HeaderName<'_>) -> Vec<Mailbox> {
        let headers = self.parsed.iter().flat_map(Message::headers);
        let values = headers.filter(|header| header.name == *name).map(|header| &header.value);

        values.filter_map(|value| value.as_address()).flat_map(Mailbox::all).collect()
    }

    /// Cuts a multipart body into exactly two parts (RFC 2046 §5.1.1).
    fn two_parts(&self) -> Option<[&'a [u8]; 2]> {
        let boundary = self.parameter("boundary");
        if boundary.is_empty() {
            return None;
        }
        let delimiter = format!("--{boundary}");
        let (mut parts, mut start, mut place) = (Vec::new(), None, 0);
        for line in self.body.split_inclusive(|byte| *byte == b'\n') {
            let next = place + line.len();
            if let Some(rest) = line.strip_prefix(delimiter.as_bytes())
                && let rest = rest.trim_ascii()
                && (rest.is_empty() || rest == b"--")
            {
                if let Some(start) = start {
                    parts.push(without_line_end(self.body.get(start..place)?));
                }
                if rest == b"--" {
                    start = None;
                    break;
                }
                start = Some(next);
            }
            place = next;
        }
        // What is not closed may have lost its end.
        if start.is_some() {
            return None;
        }

        parts.try_into().ok()
    }
}

/// The end of the head and the beginning of the body: an empty line is between them.
fn end_of_head(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut place = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if line == b"\n" || line == b"\r\n" {
            return Some((place, place + line.len()));
        }
        place += line.len();
    }

    None
}

/// The line end before a delimiter is a part of it.
fn without_line_end(part: &[u8]) -> &[u8] {
    let part = part.strip_suffix(b"\n").unwrap_or(part);

    part.strip_suffix(b"\r").unwrap_or(part)
}

/// Decodes base64 with whatever white space and line of armour is around it.
fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.starts_with(b"-----"));
    let bare: Vec<u8> =
        lines.flatten().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();

    BASE64.decode(&bare).or_else(|_| BASE64_MIME_PERMISSIVE.decode(&bare)).ok()
}

/// Writes every line end as CRLF (RFC 8551 §3.1.1).
pub(super) fn canonical(text: &[u8]) -> Vec<u8> {
    let mut canonical = Vec::with_capacity(text.len() + text.len() / 40);
    let mut bytes = text.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\r' => {
                bytes.next_if_eq(&b'\n');
                canonical.extend_from_slice(b"\r\n");
            }
            b'\n' => canonical.extend_from_slice(b"\r\n"),
            other => canonical.push(other),
        }
    }

    canonical
}

/// Tells whether some part of a mail says that it is signed or encrypted.
pub(super) fn has_protected_part(bytes: &[u8]) -> bool {
    parsing::parse(bytes).is_some_and(|parsed| any_protected(&parsed))
}

fn any_protected(message: &Message<'_>) -> bool {
    message.parts.iter().any(|part| {
        let kind = part.content_type();
        let subtype = kind.and_then(|kind| kind.subtype()).unwrap_or_default();
        let subtype = subtype.to_ascii_lowercase();
        let protocol = kind.and_then(|kind| kind.attribute("protocol")).unwrap_or_default();
        let protocol = protocol.to_ascii_lowercase();
        let named = part.attachment_name().is_some_and(|name| {
            let name = name.to_ascii_lowercase();
            name.ends_with(".p7m") || name.ends_with(".p7s")
        });

        named
            || subtype.ends_with("pkcs7-mime")
            || (subtype == "signed" && protocol.contains("pkcs7-signature"))
            || part.message().is_some_and(any_protected)
    })
}
