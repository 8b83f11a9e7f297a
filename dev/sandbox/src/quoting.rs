//! What a server adds to an answer or a forward when the device sends only the new part.

use bytes::Bytes;
use mail_builder::MessageBuilder;
use mail_builder::headers::content_type::ContentType;
use mail_builder::mime::MimePart;
use mail_parser::decoders::html::text_to_html;
use mail_parser::{Address, Message, MessageParser, MessagePart, MimeHeaders, PartType};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// The new part is signed or encrypted, or no message at all, so nothing can be added to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CannotAdd;

/// Adds the original to the new part: its text below, and if it is forwarded its files too. A signed or encrypted original is put in whole.
pub(crate) fn with_original(
    new: &Bytes,
    original: &Bytes,
    received: OffsetDateTime,
    forward: bool,
) -> Result<Bytes, CannotAdd> {
    let parser = MessageParser::default();
    let message = parser.parse(new.as_ref()).filter(|new| !is_sealed(new)).ok_or(CannotAdd)?;
    let source = parser.parse(original.as_ref()).ok_or(CannotAdd)?;
    let mut builder = MessageBuilder::new();
    let sealed = is_sealed(&source);
    builder = match (sealed, has_html(&message)) {
        (true, true) => builder.html_body(message.body_html(0).unwrap_or_default()),
        (true, false) => builder.text_body(message.body_text(0).unwrap_or_default()),
        (false, true) => builder.html_body(html(&message, &source, received)),
        (false, false) => builder.text_body(text(&message, &source, received)),
    };
    let own = message.attachments().map(part);
    let theirs = source.attachments().filter(|_| forward && !sealed).map(part);
    let whole = sealed.then(|| nested(original, "original.eml".to_owned()));
    let parts: Vec<_> = own.chain(theirs).chain(whole).collect();
    if !parts.is_empty() {
        builder.attachments = Some(parts);
    }
    let mut mime = head(new, &message, &source);
    builder.write_body(&mut mime).map_err(|_| CannotAdd)?;
    Ok(mime.into())
}

fn is_sealed(message: &Message<'_>) -> bool {
    let root = message.root_part();
    root.is_content_type("application", "pkcs7-mime")
        || root.is_content_type("application", "x-pkcs7-mime")
        || root.is_content_type("multipart", "signed")
}

fn has_html(message: &Message<'_>) -> bool {
    matches!(message.html_part(0).map(|part| &part.body), Some(PartType::Html(_)))
}

/// Copies the new part's headers but for those of its form, and says what it answers unless it says so itself.
fn head(mime: &Bytes, message: &Message<'_>, source: &Message<'_>) -> Vec<u8> {
    let mut head = Vec::new();
    for header in message.headers() {
        let name = header.name().to_ascii_lowercase();
        if name.starts_with("content-") || name == "mime-version" {
            continue;
        }
        let span = header.offset_field() as usize..header.offset_end() as usize;
        head.extend_from_slice(mime.get(span).unwrap_or_default());
    }
    if let Some(id) = source.message_id() {
        for name in ["In-Reply-To", "References"] {
            if message.header_raw(name).is_none() {
                head.extend(format!("{name}: <{id}>\r\n").into_bytes());
            }
        }
    }
    head.extend(b"MIME-Version: 1.0\r\n");
    head
}

fn text(message: &Message<'_>, source: &Message<'_>, received: OffsetDateTime) -> String {
    let new = message.body_text(0).unwrap_or_default();
    let old = source.body_text(0).unwrap_or_default();
    let summary = summary(source, received).map(|(name, value)| format!("{name}: {value}\r\n"));
    format!("{}\r\n\r\n-----Original Message-----\r\n{}\r\n{old}", new.trim_end(), summary.concat())
}

fn html(message: &Message<'_>, source: &Message<'_>, received: OffsetDateTime) -> String {
    let new = message.body_html(0).unwrap_or_default();
    let old = if has_html(source) {
        source.body_html(0).unwrap_or_default().into_owned()
    } else {
        text_to_html(&source.body_text(0).unwrap_or_default())
    };
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let summary = summary(source, received)
        .map(|(name, value)| format!("<b>{name}:</b> {}<br>", escaped(&value)));
    let (before, after) = match new.rfind("</body>").and_then(|index| new.split_at_checked(index)) {
        Some((before, after)) => (before, after),
        None => (new.as_ref(), ""),
    };
    format!("{before}<hr><p>{}</p>{}{after}", summary.concat(), inner(&old))
}

/// Returns what stands between the tags of a body, or everything.
fn inner(html: &str) -> &str {
    let start = html.find("<body").and_then(|start| {
        let rest = html.get(start..)?;
        Some(start + rest.find('>')? + 1)
    });
    let end = html.rfind("</body>").unwrap_or(html.len());
    start.and_then(|start| html.get(start..end)).unwrap_or(html)
}

fn summary(source: &Message<'_>, received: OffsetDateTime) -> [(&'static str, String); 4] {
    let people = |list: Option<&Address<'_>>| {
        let list = list.into_iter().flat_map(Address::iter);
        let texts = list.map(|one| match (one.name(), one.address().unwrap_or_default()) {
            (Some(name), address) => format!("{name} <{address}>"),
            (None, address) => address.to_owned(),
        });
        texts.collect::<Vec<_>>().join("; ")
    };
    [
        ("From", people(source.from())),
        ("Sent", received.format(&Rfc2822).unwrap_or_default()),
        ("To", people(source.to())),
        ("Subject", source.subject().unwrap_or_default().to_owned()),
    ]
}

fn part<'a>(part: &'a MessagePart<'_>) -> MimePart<'a> {
    let name = part.attachment_name().unwrap_or("part").to_owned();
    if let PartType::Message(_) = part.body {
        return nested(part.contents(), name);
    }
    let kind = part.content_type().map_or_else(
        || "application/octet-stream".to_owned(),
        |kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or("octet-stream")),
    );
    let inline = part.content_disposition().is_some_and(mail_parser::ContentType::is_inline);
    match part.content_id().filter(|_| inline) {
        Some(id) => {
            let kind = ContentType::new(kind).attribute("name", name);
            MimePart::new(kind, part.contents()).inline().cid(id)
        }
        None => MimePart::new(kind, part.contents()).attachment(name),
    }
}

/// A message in a message must not be encoded (RFC 2046, 5.2.1).
fn nested(mime: &[u8], name: String) -> MimePart<'_> {
    MimePart::new("message/rfc822", mime).attachment(name).transfer_encoding("8bit")
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const ORIGINAL: &str = "From: Bob <bob@example.test>\r\nTo: alice@example.test\r\nSubject: Plan\r\n\
        Message-ID: <plan@example.test>\r\n\r\nShall we?\r\n";
    const HTML: &str =
        "Content-Type: text/html\r\nSubject: Re: Plan\r\n\r\n<html><body><p>Yes.</p></body></html>";

    fn added(new: &str, original: &str) -> Result<String, CannotAdd> {
        let (new, original) = (Bytes::from(new.to_owned()), Bytes::from(original.to_owned()));
        let received = datetime!(2026-09-15 09:48 UTC);
        with_original(&new, &original, received, false)
            .map(|mime| String::from_utf8(mime.to_vec()).unwrap())
    }

    #[test]
    fn the_original_stands_below_a_text() {
        let answer = added("Subject: Re: Plan\r\nX-Own: 1\r\n\r\nYes.\r\n", ORIGINAL).unwrap();
        insta::assert_snapshot!(answer.replace('\r', ""), @r#"
        Subject: Re: Plan
        X-Own: 1
        In-Reply-To: <plan@example.test>
        References: <plan@example.test>
        MIME-Version: 1.0
        Content-Type: text/plain; charset="utf-8"
        Content-Transfer-Encoding: 7bit

        Yes.

        -----Original Message-----
        From: Bob <bob@example.test>
        Sent: Tue, 15 Sep 2026 09:48:00 +0000
        To: alice@example.test
        Subject: Plan

        Shall we?
        "#);
    }

    #[test]
    fn the_original_stands_inside_of_the_page() {
        let answer = added(HTML, ORIGINAL).unwrap();
        let message = MessageParser::default().parse(answer.as_bytes()).unwrap();
        insta::assert_snapshot!(message.body_html(0).unwrap(), @"<html><body><p>Yes.</p><hr><p><b>From:</b> Bob &lt;bob@example.test><br><b>Sent:</b> Tue, 15 Sep 2026 09:48:00 +0000<br><b>To:</b> alice@example.test<br><b>Subject:</b> Plan<br></p>Shall we?<br/></body></html>");
    }

    #[test]
    fn what_is_sealed_is_not_taken_apart() {
        let sealed = "Content-Type: application/pkcs7-mime\r\n\r\nMIAG\r\n";
        assert_eq!(added(sealed, ORIGINAL), Err(CannotAdd));
        let answer = added("Subject: Re: Plan\r\n\r\nYes.\r\n", sealed).unwrap();
        let message = MessageParser::default().parse(answer.as_bytes()).unwrap();
        assert_eq!(message.body_text(0).as_deref().map(str::trim), Some("Yes."));
        assert!(answer.contains("message/rfc822") && answer.contains("MIAG"));
    }
}
