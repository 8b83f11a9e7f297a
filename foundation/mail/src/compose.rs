//! Writing a mail.

use mail_builder::{
    MessageBuilder,
    headers::{
        address::Address, content_type::ContentType, date::Date, message_id::MessageId, text::Text,
    },
    mime::{BodyPart, MimePart},
};
use time::OffsetDateTime;

use crate::{Mailbox, text};

/// A mail to be written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Outgoing {
    /// Unique for ever, without angle brackets; also what keeps the parts apart.
    pub message_id: String,
    /// When it was written.
    pub date: OffsetDateTime,
    /// The author.
    pub from: Mailbox,
    /// The recipients.
    pub to: Vec<Mailbox>,
    /// The recipients of a copy.
    pub cc: Vec<Mailbox>,
    /// The hidden recipients: they stand in the head, and the mail server takes them out.
    pub bcc: Vec<Mailbox>,
    /// The subject.
    pub subject: String,
    /// How urgent the author calls it.
    pub importance: Importance,
    /// The place in a conversation.
    pub thread: Thread,
    /// The text.
    pub text: String,
    /// The same text in HTML.
    pub html: Option<String>,
    /// A meeting that it is about.
    pub calendar: Option<Calendar>,
    /// Files that go with it.
    pub files: Vec<File>,
}

/// How urgent an author calls a mail (RFC 2156, 5.3.4).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Importance {
    /// It can wait.
    Low,
    /// As usual; the mail says nothing about it.
    #[default]
    Normal,
    /// It is urgent.
    High,
}

/// What a mail says to calendars (RFC 6047).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Calendar {
    /// What it is for, such as `REPLY`.
    pub method: &'static str,
    /// iCalendar, in UTF-8.
    pub content: String,
}

/// A mail's place in a conversation (RFC 5322, 3.6.4).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Thread {
    /// The id of the mail that is answered, without brackets.
    pub in_reply_to: Option<String>,
    /// The ids of the mails before it, oldest first.
    pub references: Vec<String>,
}

/// A file that goes with a mail.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct File {
    /// The file name.
    pub name: String,
    /// The media type; one that no file can have is replaced.
    pub media_type: String,
    /// The content.
    pub bytes: Vec<u8>,
}

impl Thread {
    /// Places an answer behind `message_id`, whose own predecessors were `references` (RFC 5322, 3.6.4).
    pub fn answering(message_id: &str, references: &[String]) -> Self {
        let mut references = references.to_vec();
        references.retain(|id| id != message_id);
        references.push(message_id.to_owned());
        let surplus = references.len().saturating_sub(LONGEST_THREAD);
        if surplus > 0 {
            // The first id holds a conversation together and the last ones show the branch.
            references.drain(1..=surplus);
        }
        Self { in_reply_to: Some(message_id.to_owned()), references }
    }
}

/// Names an answer: `Re: ` once, whatever language the mark before it was in.
pub fn reply_subject(subject: &str) -> String {
    marked("Re: ", subject)
}

/// Names a forwarded mail: `Fwd: ` once.
pub fn forward_subject(subject: &str) -> String {
    marked("Fwd: ", subject)
}

/// Writes a mail as bytes with CRLF line ends.
///
/// The same argument gives the same bytes.
pub fn compose(mail: &Outgoing) -> Vec<u8> {
    let mut builder = MessageBuilder::new()
        .header("Date", Date::new(mail.date.unix_timestamp()))
        .header("Message-ID", MessageId::new(id(&mail.message_id)))
        .header("From", address_list(std::slice::from_ref(&mail.from)));
    for (name, mailboxes) in [("To", &mail.to), ("Cc", &mail.cc), ("Bcc", &mail.bcc)] {
        if !mailboxes.is_empty() {
            builder = builder.header(name, address_list(mailboxes));
        }
    }
    builder = builder.header("Subject", Text::new(text::line(&mail.subject)));
    // Some programs read one of the two, some the other.
    let urgency = match mail.importance {
        Importance::High => Some(("high", "1")),
        Importance::Low => Some(("low", "5")),
        Importance::Normal => None,
    };
    if let Some((importance, priority)) = urgency {
        builder = builder.header("Importance", Text::new(importance));
        builder = builder.header("X-Priority", Text::new(priority));
    }
    if let Some(answered) = &mail.thread.in_reply_to {
        builder = builder.header("In-Reply-To", MessageId::new(id(answered)));
    }
    if !mail.thread.references.is_empty() {
        builder = builder.header(
            "References",
            MessageId::new_list(mail.thread.references.iter().map(|one| id(one))),
        );
    }
    builder.body(body(mail)).write_to_vec().expect("writing to memory does not fail")
}

const LONGEST_THREAD: usize = 20;

fn marked(mark: &str, subject: &str) -> String {
    let mut bare = subject.trim();
    while let Some((first, rest)) = bare.split_once(':') {
        if !["re", "aw", "fw", "fwd", "wg", "sv", "tr"]
            .contains(&first.trim().to_lowercase().as_str())
        {
            break;
        }
        bare = rest.trim();
    }
    format!("{mark}{bare}")
}

fn id(id: &str) -> String {
    id.chars().filter(|char| char.is_ascii_graphic() && !matches!(char, '<' | '>')).collect()
}

fn address_list(mailboxes: &[Mailbox]) -> Address<'static> {
    let address = |mailbox: &Mailbox| {
        let name = text::line(&mailbox.name);
        Address::new_address((!name.is_empty()).then_some(name), text::line(&mailbox.address))
    };
    Address::new_list(mailboxes.iter().map(address).collect())
}

fn body(mail: &Outgoing) -> MimePart<'static> {
    let plain = MimePart::new("text/plain", BodyPart::Text(mail.text.clone().into()));
    let html = mail.html.as_ref();
    let html = html.map(|html| MimePart::new("text/html", BodyPart::Text(html.clone().into())));
    let calendar = mail.calendar.as_ref().map(|calendar| {
        let kind = ContentType::new("text/calendar")
            .attribute("charset", "utf-8")
            .attribute("method", calendar.method);
        MimePart::new(kind, BodyPart::Text(calendar.content.clone().into()))
    });
    let others: Vec<MimePart<'static>> = html.into_iter().chain(calendar).collect();
    let content = if others.is_empty() {
        plain
    } else {
        let forms = std::iter::once(plain).chain(others).collect();
        multipart("multipart/alternative", mail, forms)
    };
    if mail.files.is_empty() {
        return content;
    }
    multipart(
        "multipart/mixed",
        mail,
        std::iter::once(content).chain(mail.files.iter().map(file)).collect(),
    )
}

fn multipart(
    kind: &'static str,
    mail: &Outgoing,
    parts: Vec<MimePart<'static>>,
) -> MimePart<'static> {
    // "=_" cannot occur in quoted-printable or base64 text (RFC 2045, 6.7), and the id is not known to those who wrote the parts.
    let unique: String =
        mail.message_id.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
    let boundary = format!("=_{}_{unique}", kind.len());
    MimePart::new(
        ContentType::new(kind).attribute("boundary", boundary),
        BodyPart::Multipart(parts),
    )
}

fn file(file: &File) -> MimePart<'static> {
    let name = text::line(&file.name);
    let media_type = file_type(&file.media_type);
    MimePart::new(
        ContentType::new(media_type).attribute("name", name.clone()),
        BodyPart::Binary(file.bytes.clone().into()),
    )
    .attachment(name)
}

/// A mail inside a mail may not be encoded (RFC 2046, 5.2.1), which a file of unknown content must be.
fn file_type(declared: &str) -> String {
    let declared = declared.trim().to_ascii_lowercase();
    let token = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    match declared.split_once('/') {
        Some(("message" | "multipart", _)) | None => "application/octet-stream".to_owned(),
        Some((kind, subtype)) if token(kind) && token(subtype) => declared,
        Some(_) => "application/octet-stream".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Message;
    use time::macros::datetime;

    #[test]
    fn a_plain_mail() {
        insta::assert_snapshot!(written(&plain()), @r#"
        Date: Fri, 2 Jan 2026 03:04:05 +0000
        Message-ID: <one@example.org>
        From: "Anna" <anna@example.org>
        To: <bob@example.org>
        Subject: Hello
        MIME-Version: 1.0
        Content-Type: text/plain; charset="utf-8"
        Content-Transfer-Encoding: 7bit

        A line.
        Another.
        "#);
    }

    #[test]
    fn a_mail_with_everything() {
        let mail = Outgoing {
            cc: vec![mailbox("Jürgen, der Ältere", "j@example.org")],
            bcc: vec![mailbox("", "hidden@example.org")],
            thread: Thread::answering("zero@example.org", &["root@example.org".to_owned()]),
            html: Some("<p>Grüße</p>".to_owned()),
            calendar: None,
            files: vec![
                File {
                    name: "Übersicht.pdf".to_owned(),
                    media_type: "application/pdf".to_owned(),
                    bytes: b"%PDF-1.7".to_vec(),
                },
                File {
                    name: "a.eml".to_owned(),
                    media_type: "message/rfc822".to_owned(),
                    bytes: b"Subject: x\r\n\r\n".to_vec(),
                },
            ],
            ..plain()
        };
        insta::assert_snapshot!(written(&mail), @r#"
        Date: Fri, 2 Jan 2026 03:04:05 +0000
        Message-ID: <one@example.org>
        From: "Anna" <anna@example.org>
        To: <bob@example.org>
        Cc: "=?utf-8?B?SsO8cmdlbiwgZGVyIMOEbHRlcmU=?=" <j@example.org>
        Bcc: <hidden@example.org>
        Subject: Hello
        In-Reply-To: <zero@example.org>
        References: <root@example.org> <zero@example.org>
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary="=_15_oneexampleorg"


        --=_15_oneexampleorg
        Content-Type: multipart/alternative; boundary="=_21_oneexampleorg"


        --=_21_oneexampleorg
        Content-Type: text/plain; charset="utf-8"
        Content-Transfer-Encoding: 7bit

        A line.
        Another.
        --=_21_oneexampleorg
        Content-Type: text/html; charset="utf-8"
        Content-Transfer-Encoding: base64

        PHA+R3LDvMOfZTwvcD4=

        --=_21_oneexampleorg--

        --=_15_oneexampleorg
        Content-Type: application/pdf; name="=?utf-8?Q?=C3=9Cbersicht.pdf?="
        Content-Disposition: attachment; filename="=?utf-8?Q?=C3=9Cbersicht.pdf?="
        Content-Transfer-Encoding: base64

        JVBERi0xLjc=

        --=_15_oneexampleorg
        Content-Type: application/octet-stream; name="a.eml"
        Content-Disposition: attachment; filename="a.eml"
        Content-Transfer-Encoding: base64

        U3ViamVjdDogeA0KDQo=

        --=_15_oneexampleorg--
        "#);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let nasty = "Zeile 1\r\n.\r\nFrom here\r\n--=_15_oneexampleorg\r\n\u{1f600} end";
        let bytes: Vec<u8> = (0..=255).cycle().take(3000).collect();
        let file = File {
            name: "b\u{e4}r.bin".to_owned(),
            media_type: "text/csv".to_owned(),
            bytes: bytes.clone(),
        };
        let mail = Outgoing {
            text: nasty.to_owned(),
            calendar: None,
            files: vec![file],
            subject: "Grüße ".repeat(30),
            ..plain()
        };

        let read = Message::parse(&compose(&mail)).expect("it is a mail");

        assert_eq!(read.from, vec![mail.from]);
        assert_eq!(read.to, mail.to);
        assert_eq!(read.subject, mail.subject.trim());
        assert_eq!(read.date, Some(mail.date));
        assert_eq!(read.message_id, Some(mail.message_id));
        assert_eq!(read.text.as_deref(), Some(nasty.replace("\r\n", "\n").as_str()));
        let [attachment] = &read.attachments[..] else { panic!("one attachment") };
        assert_eq!(
            (attachment.name.as_str(), attachment.media_type.as_str()),
            ("b\u{e4}r.bin", "text/csv")
        );
        assert_eq!(attachment.bytes, bytes);
    }

    #[test]
    fn no_field_can_add_a_header() {
        let mail = Outgoing {
            subject: "x\r\nBcc: eve@example.org".to_owned(),
            to: vec![mailbox("A\r\nX: y", "anna@example.org")],
            message_id: "one\r\nX-Evil: 1@example.org".to_owned(),
            calendar: None,
            files: vec![File {
                name: "a\r\nX: y".to_owned(),
                media_type: "text/plain\r\nX: y".to_owned(),
                bytes: Vec::new(),
            }],
            ..plain()
        };
        let written = written(&mail);
        assert!(
            !written.lines().any(|line| line.starts_with("Bcc:") || line.starts_with('X')),
            "{written}"
        );
    }

    #[test]
    fn importance_is_said_where_there_is_any() {
        let said = |importance| {
            let mail = written(&Outgoing { importance, ..plain() });
            let about = |line: &&str| line.starts_with("Importance") || line.starts_with("X-");
            mail.lines().filter(about).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(said(Importance::High), ["Importance: high", "X-Priority: 1"]);
        assert_eq!(said(Importance::Low), ["Importance: low", "X-Priority: 5"]);
        assert_eq!(said(Importance::Normal), [""; 0]);
    }

    #[test]
    fn marks_do_not_pile_up() {
        for (subject, answer, forwarded) in [
            ("Hallo", "Re: Hallo", "Fwd: Hallo"),
            ("AW: Re: WG: Hallo", "Re: Hallo", "Fwd: Hallo"),
            ("Termin: morgen", "Re: Termin: morgen", "Fwd: Termin: morgen"),
            ("", "Re: ", "Fwd: "),
        ] {
            assert_eq!(reply_subject(subject), answer);
            assert_eq!(forward_subject(subject), forwarded);
        }
    }

    #[test]
    fn a_long_thread_keeps_its_root_and_its_end() {
        let before: Vec<String> = (0..50).map(|number| format!("{number}@x")).collect();
        let thread = Thread::answering("last@x", &before);

        assert_eq!(thread.references.len(), 20);
        assert_eq!(thread.references.first().map(String::as_str), Some("0@x"));
        assert_eq!(thread.references.last().map(String::as_str), Some("last@x"));
    }

    fn plain() -> Outgoing {
        Outgoing {
            message_id: "one@example.org".to_owned(),
            date: datetime!(2026-01-02 03:04:05 UTC),
            from: mailbox("Anna", "anna@example.org"),
            to: vec![mailbox("", "bob@example.org")],
            cc: Vec::new(),
            bcc: Vec::new(),
            subject: "Hello".to_owned(),
            importance: Importance::Normal,
            thread: Thread::default(),
            text: "A line.\nAnother.".to_owned(),
            html: None,
            calendar: None,
            files: Vec::new(),
        }
    }

    fn mailbox(name: &str, address: &str) -> Mailbox {
        Mailbox { name: name.to_owned(), address: address.to_owned() }
    }

    fn written(mail: &Outgoing) -> String {
        String::from_utf8(compose(mail)).expect("it is ASCII").replace("\r\n", "\n")
    }
}
