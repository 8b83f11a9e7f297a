use mail_parser::{
    Encoding, HeaderValue, MessageParser, MessagePart, MimeHeaders, PartType,
    decoders::{base64::base64_decode, quoted_printable::quoted_printable_decode},
};
use time::OffsetDateTime;

use crate::{
    Mailbox,
    html::{Part, join},
    parsing, text,
};

/// A mail that has been taken apart (RFC 5322, RFC 2045).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Message {
    /// The authors.
    pub from: Vec<Mailbox>,
    /// The recipients.
    pub to: Vec<Mailbox>,
    /// The recipients of a copy.
    pub cc: Vec<Mailbox>,
    /// The hidden recipients; only in mails of one's own.
    pub bcc: Vec<Mailbox>,
    /// Where answers should go, if not to the authors.
    pub reply_to: Vec<Mailbox>,
    /// The subject, decoded.
    pub subject: String,
    /// When it says it was written; absent when it does not say so in a readable way.
    pub date: Option<OffsetDateTime>,
    /// The Message-ID without its angle brackets.
    pub message_id: Option<String>,
    /// The ids of what it answers, without brackets.
    pub in_reply_to: Vec<String>,
    /// The ids of the mails before it, oldest first, without brackets.
    pub references: Vec<String>,
    /// The text as the author wrote it plain; where it is in several parts, all of them in order.
    pub text: Option<String>,
    /// The text as the author wrote it in HTML: dangerous until it went through [`html::clean`](crate::html::clean). Where
    /// it is in several parts, all of them in order, plain ones and pictures between them included.
    pub html: Option<String>,
    /// The files that came with it, pictures inside the HTML among them.
    pub attachments: Vec<Attachment>,
    /// How it was protected on its way.
    pub protection: Protection,
}

/// A file inside a mail.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Attachment {
    /// The file name, fit for one line of the screen; may be empty.
    pub name: String,
    /// The media type in lower case, without parameters.
    pub media_type: String,
    /// The name by which the HTML refers to it (`cid:`), without brackets.
    pub content_id: Option<String>,
    /// It is meant to be shown inside the text.
    pub inline: bool,
    /// The content, decoded.
    pub bytes: Vec<u8>,
}

/// How a mail was protected on its way.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Protection {
    /// Neither signed nor encrypted.
    #[default]
    None,
    /// S/MIME (RFC 8551), signed or encrypted; nothing has been checked.
    Smime,
}

impl Message {
    /// Takes a mail apart; `None` if the bytes hold no mail at all.
    ///
    /// What is broken inside is left out or read as well as it can be.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let parsed = parsing::parse(bytes)?;
        let mailboxes = |address: Option<&mail_parser::Address<'_>>| {
            address.map(Mailbox::all).unwrap_or_default()
        };
        Some(Self {
            from: mailboxes(parsed.from()),
            to: mailboxes(parsed.to()),
            cc: mailboxes(parsed.cc()),
            bcc: mailboxes(parsed.bcc()),
            reply_to: mailboxes(parsed.reply_to()),
            subject: text::line(parsed.subject().unwrap_or_default()),
            date: parsed
                .date()
                .filter(|date| date.is_valid())
                .and_then(|date| OffsetDateTime::from_unix_timestamp(date.to_timestamp()).ok()),
            message_id: parsed.message_id().map(text::line),
            in_reply_to: ids(parsed.in_reply_to()),
            references: ids(parsed.references()),
            text: plain(&parsed),
            html: html(&parsed),
            attachments: parsed
                .attachments()
                .map(|part| attachment(part, &parsed.raw_message))
                .collect(),
            protection: protection(parsed.root_part()),
        })
    }

    /// Reads only the Message-ID, without its angle brackets.
    pub fn message_id_of(bytes: &[u8]) -> Option<String> {
        let parsed = MessageParser::new().with_message_ids().parse_headers(bytes)?;
        parsed.message_id().map(text::line)
    }
}

fn ids(value: &HeaderValue<'_>) -> Vec<String> {
    let ids = value.as_text_list().unwrap_or_default();
    ids.iter().map(|id| text::line(id)).filter(|id| !id.is_empty()).collect()
}

/// The plain text; a part that is only there as HTML is read out, unless all of them are.
fn plain(parsed: &mail_parser::Message<'_>) -> Option<String> {
    let shown: Vec<Part<'_>> = parsed.text_bodies().filter_map(shown).collect();
    if !shown.iter().any(|part| matches!(part, Part::Plain(_))) {
        return None;
    }
    let texts: Vec<String> = shown
        .into_iter()
        .filter_map(|part| match part {
            Part::Html(html) => Some(text::from_html(html)),
            Part::Picture(_) => None,
            Part::Plain(plain) => Some(text::tidy(plain)),
        })
        .collect();
    if let [only] = &texts[..] {
        return Some(only.clone());
    }
    let texts: Vec<&str> = texts.iter().map(|text| text.trim_end_matches('\n')).collect();
    Some(texts.join("\n\n"))
}

/// The HTML; parts without any are shown between it.
fn html(parsed: &mail_parser::Message<'_>) -> Option<String> {
    let shown: Vec<Part<'_>> = parsed.html_bodies().filter_map(shown).collect();
    if !shown.iter().any(|part| matches!(part, Part::Html(_))) {
        return None;
    }
    if let [Part::Html(only)] = &shown[..] {
        return Some((*only).to_owned());
    }
    let named = |part: &Part<'_>| match part {
        // One that the HTML refers to is shown there.
        Part::Picture(id) => {
            !shown.iter().any(|other| matches!(other, Part::Html(html) if html.contains(id)))
        }
        Part::Html(_) | Part::Plain(_) => true,
    };
    Some(join(shown.iter().filter(|part| named(part)).copied()))
}

/// What is shown of a part in its place in the text.
fn shown<'a>(part: &'a MessagePart<'_>) -> Option<Part<'a>> {
    match &part.body {
        PartType::Html(html) => Some(Part::Html(html)),
        PartType::Text(text) => Some(Part::Plain(text)),
        PartType::Binary(_) | PartType::InlineBinary(_) => {
            let picture = part
                .content_type()
                .is_some_and(|declared| declared.ctype().eq_ignore_ascii_case("image"));
            let id = part.content_id().filter(|_| picture)?;
            Some(Part::Picture(id.trim_matches(['<', '>'])))
        }
        PartType::Message(_) | PartType::Multipart(_) => None,
    }
}

fn attachment(part: &MessagePart<'_>, raw: &[u8]) -> Attachment {
    let nested = part.message();
    let nested_name =
        nested.and_then(|message| message.subject()).map(|subject| format!("{subject}.eml"));
    Attachment {
        name: text::line(
            part.attachment_name().map(str::to_owned).or(nested_name).unwrap_or_default().as_str(),
        ),
        media_type: media_type(part),
        content_id: part.content_id().map(|id| text::line(id.trim_matches(['<', '>']))),
        inline: part.content_disposition().is_some_and(|disposition| disposition.is_inline()),
        bytes: match nested {
            Some(message) => message.raw_message().to_vec(),
            None => content(part, raw),
        },
    }
}

/// The parser turns the character set of a text into UTF-8; a file is handed on as it was sent.
fn content(part: &MessagePart<'_>, raw: &[u8]) -> Vec<u8> {
    let encoded = raw.get(part.raw_body_offset() as usize..part.raw_end_offset() as usize);
    let decoded = match (encoded, part.encoding) {
        (Some(encoded), Encoding::Base64) if part.is_text() => base64_decode(encoded),
        (Some(encoded), Encoding::QuotedPrintable) if part.is_text() => {
            quoted_printable_decode(encoded)
        }
        (Some(encoded), Encoding::None) if part.is_text() => Some(encoded.to_vec()),
        (_, Encoding::Base64 | Encoding::QuotedPrintable | Encoding::None) => None,
    };
    decoded.unwrap_or_else(|| part.contents().to_vec())
}

fn media_type(part: &MessagePart<'_>) -> String {
    let Some(declared) = part.content_type() else {
        return if part.is_text() { "text/plain" } else { "application/octet-stream" }.to_owned();
    };
    format!("{}/{}", declared.ctype(), declared.subtype().unwrap_or("octet-stream"))
        .to_ascii_lowercase()
}

fn protection(root: &MessagePart<'_>) -> Protection {
    let declared = media_type(root);
    let protocol =
        root.content_type().and_then(|declared| declared.attribute("protocol")).unwrap_or_default();
    match declared.as_str() {
        "application/pkcs7-mime" | "application/x-pkcs7-mime" => Protection::Smime,
        "multipart/signed" if protocol.to_ascii_lowercase().contains("pkcs7-signature") => {
            Protection::Smime
        }
        _ => Protection::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_taken_apart() {
        insta::assert_debug_snapshot!(parse(concat!(
            "From: =?utf-8?Q?J=C3=BCrgen?= <j@example.org>\r\n",
            "To: anna@example.org, \"Bob, the\" <bob@example.org>\r\n",
            "Subject: =?iso-8859-1?Q?Gr=FC=DFe?=\r\n",
            "Date: Thu, 1 Jan 2026 10:00:00 +0100\r\n",
            "Message-ID: <one@example.org>\r\n",
            "In-Reply-To: <zero@example.org>\r\n",
            "References: <root@example.org> <zero@example.org>\r\n",
            "MIME-Version: 1.0\r\n",
            "Content-Type: multipart/mixed; boundary=m\r\n\r\n",
            "--m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n",
            "--a\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe\r\n",
            "--a\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Gr\u{fc}\u{df}e</p>\r\n--a--\r\n",
            "--m\r\nContent-Type: IMAGE/PNG; name=x.png\r\nContent-ID: <pic@x>\r\nContent-Disposition: inline\r\n",
            "Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n",
            "--m--\r\n",
        )), @r#"
        Message {
            from: [
                Mailbox {
                    name: "Jürgen",
                    address: "j@example.org",
                },
            ],
            to: [
                Mailbox {
                    name: "",
                    address: "anna@example.org",
                },
                Mailbox {
                    name: "Bob, the",
                    address: "bob@example.org",
                },
            ],
            cc: [],
            bcc: [],
            reply_to: [],
            subject: "Grüße",
            date: Some(
                2026-01-01 9:00:00.0 +00:00:00,
            ),
            message_id: Some(
                "one@example.org",
            ),
            in_reply_to: [
                "zero@example.org",
            ],
            references: [
                "root@example.org",
                "zero@example.org",
            ],
            text: Some(
                "Grüße",
            ),
            html: Some(
                "<div><p>Grüße</p></div><div><img src=\"cid:pic@x\"></div>",
            ),
            attachments: [
                Attachment {
                    name: "x.png",
                    media_type: "image/png",
                    content_id: Some(
                        "pic@x",
                    ),
                    inline: true,
                    bytes: [
                        137,
                        80,
                        78,
                        71,
                        13,
                        10,
                        26,
                        10,
                    ],
                },
            ],
            protection: None,
        }
        "#);
    }

    #[test]
    fn broken_parts_do_not_hide_the_rest() {
        insta::assert_debug_snapshot!(parse(concat!(
            "From: broken\r\nDate: yesterday, sort of\r\nSubject: a\u{7}b\r\n",
            "Content-Type: multipart/mixed; boundary=never-closed\r\n\r\n",
            "--never-closed\r\nContent-Type: text/plain; charset=x-unknown\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\r\n",
            "--never-closed\r\nContent-Type: nonsense\r\n\r\ntail",
        )), @r#"
        Message {
            from: [
                Mailbox {
                    name: "broken",
                    address: "",
                },
            ],
            to: [],
            cc: [],
            bcc: [],
            reply_to: [],
            subject: "a b",
            date: None,
            message_id: None,
            in_reply_to: [],
            references: [],
            text: None,
            html: None,
            attachments: [
                Attachment {
                    name: "",
                    media_type: "text/plain",
                    content_id: None,
                    inline: false,
                    bytes: [
                        33,
                        33,
                        33,
                    ],
                },
                Attachment {
                    name: "",
                    media_type: "nonsense/octet-stream",
                    content_id: None,
                    inline: false,
                    bytes: [
                        116,
                        97,
                        105,
                        108,
                    ],
                },
            ],
            protection: None,
        }
        "#);
    }

    #[test]
    fn a_footer_of_a_mailing_list_follows_the_text() {
        let mail = parse(concat!(
            "Content-Type: multipart/mixed; boundary=m\r\n\r\n",
            "--m\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nThe news.\r\n\r\n",
            "--m\r\nContent-Type: text/plain; charset=us-ascii\r\nContent-Disposition: inline\r\n\r\n",
            "____\r\nTo leave the list: x\r\n--m--\r\n",
        ));
        assert_eq!(mail.text.as_deref(), Some("The news.\n\n____\nTo leave the list: x"));
        assert_eq!((mail.html, mail.attachments), (None, Vec::new()));
    }

    #[test]
    fn a_plain_footer_follows_a_text_in_both_forms() {
        let mail = parse(concat!(
            "Content-Type: multipart/mixed; boundary=m\r\n\r\n",
            "--m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n",
            "--a\r\nContent-Type: text/plain\r\n\r\nThe news.\r\n",
            "--a\r\nContent-Type: text/html\r\n\r\n<p>The <b>news</b>.</p>\r\n--a--\r\n",
            "--m\r\nContent-Type: text/plain\r\n\r\n____\r\nlist <x> & more\r\n--m--\r\n",
        ));
        assert_eq!(mail.text.as_deref(), Some("The news.\n\n____\nlist <x> & more"));
        insta::assert_snapshot!(cleaned(&mail), @r#"
        <div><p>The <b>news</b>.</p></div><div style="white-space:pre-wrap">____
        list &lt;x&gt; &amp; more</div>
        "#);
    }

    #[test]
    fn text_picture_text_is_shown_in_order() {
        // As Apple Mail writes it.
        let mail = parse(concat!(
            "Content-Type: multipart/alternative; boundary=a\r\n\r\n",
            "--a\r\nContent-Type: text/plain\r\n\r\nBefore\r\nAfter\r\n",
            "--a\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n",
            "--m\r\nContent-Type: text/html\r\n\r\n<html><body>Before<br></body></html>\r\n",
            "--m\r\nContent-Type: image/png; name=x.png\r\nContent-ID: <pic@x>\r\n",
            "Content-Disposition: inline; filename=x.png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n",
            "--m\r\nContent-Type: text/html\r\n\r\n<html><body>After</body></html>\r\n--m--\r\n--a--\r\n",
        ));
        let html = mail.html.as_deref().unwrap_or_default();
        let place = |part: &str| html.find(part).unwrap_or_else(|| panic!("{part} in {html}"));
        assert!(
            place("Before") < place("cid:pic@x") && place("cid:pic@x") < place("After"),
            "{html}"
        );
        assert_eq!(mail.attachments.len(), 1);
    }

    #[test]
    fn plain_text_around_a_picture_is_kept() {
        let mail = parse(concat!(
            "Content-Type: multipart/mixed; boundary=m\r\n\r\n",
            "--m\r\nContent-Type: text/plain\r\n\r\nBefore\r\n",
            "--m\r\nContent-Type: image/png\r\nContent-Disposition: inline; filename=x.png\r\n",
            "Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n",
            "--m\r\nContent-Type: text/plain\r\n\r\nAfter\r\n--m--\r\n",
        ));
        assert_eq!(mail.text.as_deref(), Some("Before\n\nAfter"));
        assert_eq!((mail.html, mail.attachments.len()), (None, 1));
    }

    #[test]
    fn an_attached_text_is_no_part_of_the_text() {
        let mail = parse(concat!(
            "Content-Type: multipart/mixed; boundary=m\r\n\r\n",
            "--m\r\nContent-Type: text/plain\r\n\r\nThe news.\r\n",
            "--m\r\nContent-Type: text/plain; name=log.txt\r\nContent-Disposition: attachment; filename=log.txt\r\n\r\n",
            "log\r\n--m--\r\n",
        ));
        assert_eq!(mail.text.as_deref(), Some("The news."));
        assert_eq!(mail.attachments.len(), 1);
    }

    #[test]
    fn what_one_part_leaves_open_ends_with_it() {
        for open in [
            "<img src=\"https://thief.example/",
            "<!-- ",
            "<style>",
            "<a href='https://thief.example/",
            "<table><td>",
        ] {
            let mail = parse(&format!(
                "Content-Type: multipart/mixed; boundary=m\r\n\r\n\
                 --m\r\nContent-Type: text/html\r\n\r\n<p>One</p>{open}\r\n\
                 --m\r\nContent-Type: text/html\r\n\r\n<p>The secret</p>\r\n\
                 --m\r\nContent-Type: text/html\r\n\r\n\">'</style>--><p>Three</p>\r\n--m--\r\n",
            ));
            let cleaned =
                crate::html::clean(mail.html.as_deref().unwrap_or_default(), &Default::default());
            assert!(cleaned.html.contains("<p>The secret</p>"), "{open}: {}", cleaned.html);
            assert!(cleaned.blocked.iter().all(|address| !address.contains("secret")), "{open}");
        }
    }

    #[test]
    fn no_mail_is_no_message() {
        assert_eq!(Message::parse(b""), None);
    }

    #[test]
    fn protection_is_seen_by_the_type() {
        for (head, protection) in [
            ("Content-Type: application/pkcs7-mime; smime-type=enveloped-data", Protection::Smime),
            (
                "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=b",
                Protection::Smime,
            ),
            (
                "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=b",
                Protection::None,
            ),
            ("Content-Type: text/plain", Protection::None),
        ] {
            assert_eq!(parse(&format!("{head}\r\n\r\nx")).protection, protection, "{head}");
        }
    }

    #[test]
    fn the_message_id_is_found_in_a_cut_off_mail() {
        let cut = b"Subject: x\r\nMessage-ID: <abc@example.org>\r\nTo: someb";
        assert_eq!(Message::message_id_of(cut).as_deref(), Some("abc@example.org"));
        assert_eq!(Message::message_id_of(b"Subject: x\r\n\r\nMessage-ID: <not@the.head>"), None);
    }

    #[test]
    fn any_cut_of_a_mail_is_survived() {
        let mail = b"Content-Type: multipart/mixed; boundary=\"=\"\r\n\r\n--=\r\nContent-Type: message/rfc822\r\n\r\nSubject: =?utf-8?B?w7w=?=\r\n\r\nx\r\n--=--\r\n";
        for end in 0..mail.len() {
            Message::parse(&mail[..end]);
            Message::message_id_of(&mail[..end]);
        }
    }

    fn cleaned(mail: &Message) -> String {
        let html = mail.html.as_deref().expect("the test's mail has HTML");
        crate::html::clean(html, &crate::html::Pictures::default()).html
    }

    fn parse(mail: &str) -> Message {
        Message::parse(mail.as_bytes()).expect("the test's mail is one")
    }
}
