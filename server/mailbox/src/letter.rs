//! What a mail has that concerns us.

use mail::{Attachment, Message, dmarc_passed};
use std::path::Path;

/// Media types of certificate files (RFC 8010 has none; these are in use).
const MEDIA_TYPES: &[&str] = &["application/x-pkcs12", "application/pkcs12"];

/// A mail with certificate files, or without.
#[derive(Debug)]
pub(crate) struct Letter {
    /// The addresses of its authors.
    pub(crate) authors: Vec<String>,
    /// Whether the company's mail server vouches for its author, where it was asked to.
    pub(crate) is_proven: bool,
    pub(crate) files: Vec<Attachment>,
}

impl Letter {
    /// Reads a mail; what is none has neither authors nor files. Only what the mail server of this name says of it counts, if one is named.
    pub(crate) fn read(bytes: &[u8], mail_server: Option<&str>) -> Self {
        let Message { from, mut attachments, .. } = Message::parse(bytes).unwrap_or_default();
        attachments.retain(is_certificate_file);

        Self {
            authors: from.into_iter().map(|mailbox| mailbox.address).collect(),
            is_proven: mail_server.is_none_or(|name| dmarc_passed(bytes, name)),
            files: attachments,
        }
    }
}

fn is_certificate_file(file: &Attachment) -> bool {
    let ending = Path::new(&file.name).extension().and_then(|ending| ending.to_str());
    let is_called_one =
        ending.is_some_and(|it| it.eq_ignore_ascii_case("p12") || it.eq_ignore_ascii_case("pfx"));

    is_called_one || MEDIA_TYPES.contains(&file.media_type.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificate_files_are_found_by_name_or_type() {
        let mail = b"From: Alice <alice@example.org>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
            --b\r\nContent-Type: text/plain\r\n\r\nHere it is.\r\n\
            --b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"Alice.PFX\"\r\n\
            Content-Transfer-Encoding: base64\r\n\r\nAAEC\r\n\
            --b\r\nContent-Type: application/x-pkcs12\r\nContent-Disposition: attachment\r\n\r\nxyz\r\n\
            --b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=p12.pdf\r\n\r\nno\r\n--b--\r\n";

        let letter = Letter::read(mail, None);

        assert_eq!(letter.authors, ["alice@example.org"]);
        assert!(letter.is_proven);
        let files: Vec<_> = letter.files.iter().map(|file| (&*file.name, &*file.bytes)).collect();
        assert_eq!(files, [("Alice.PFX", &[0, 1, 2][..]), ("", b"xyz")]);
        assert!(!Letter::read(mail, Some("mx.example.org")).is_proven);
        let nothing = Letter::read(b"", None);
        assert!(nothing.authors.is_empty() && nothing.files.is_empty());
    }
}
