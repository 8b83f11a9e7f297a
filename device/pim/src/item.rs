//! A mail as it is stored, made from what a server says of it.

mod follow_up;

use activesync::messages::{Attachment, BodyType, Email, Importance, MeetingRequest};
use bytes::Bytes;
use mail::{Mailbox, text};
use time::OffsetDateTime;

pub use follow_up::{FlagDetails, FollowUp};

/// A mail as it is stored.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mail {
    /// The author.
    pub from: Mailbox,
    /// The recipients.
    pub to: Vec<Mailbox>,
    /// The recipients of a copy.
    pub cc: Vec<Mailbox>,
    /// The hidden recipients; known for one's own drafts.
    pub bcc: Vec<Mailbox>,
    /// Where answers should go, if not to the author.
    pub reply_to: Vec<Mailbox>,
    /// The subject.
    pub subject: String,
    /// When it was received.
    pub received: OffsetDateTime,
    /// The user has read it.
    pub read: bool,
    /// What the user still has to do about it.
    pub flag: FollowUp,
    /// The user's categories.
    pub categories: Vec<String>,
    /// How urgent the author calls it.
    pub importance: Importance,
    /// The protocol's class, such as `IPM.Note.SMIME`.
    pub class: String,
    /// The conversation it belongs to.
    pub thread: Thread,
    /// The text, as far as it is known.
    pub body: Body,
    /// The attachments.
    pub attachments: Vec<AttachmentRecord>,
    /// The meeting that it is about.
    pub meeting: Option<Box<MeetingRequest>>,
}

/// A mail's place among those on the same matter, as the server sees it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Thread {
    /// Shared by all mails of the conversation; since 14.0. Opaque.
    pub conversation: Option<Bytes>,
    /// The place within the conversation; since 14.0. Opaque.
    pub index: Option<Bytes>,
    /// The subject without "Re:" and the like.
    pub topic: String,
}

/// Some properties of a mail; what is absent stays.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[expect(missing_docs, reason = "the same as in Mail")]
pub struct MailPatch {
    pub from: Option<Mailbox>,
    pub to: Option<Vec<Mailbox>>,
    pub cc: Option<Vec<Mailbox>>,
    pub bcc: Option<Vec<Mailbox>>,
    pub reply_to: Option<Vec<Mailbox>>,
    pub subject: Option<String>,
    pub received: Option<OffsetDateTime>,
    pub read: Option<bool>,
    pub flag: Option<FollowUp>,
    pub categories: Option<Vec<String>>,
    pub importance: Option<Importance>,
    pub class: Option<String>,
    pub thread: Option<Thread>,
    pub body: Option<Body>,
    pub attachments: Option<Vec<AttachmentRecord>>,
    pub meeting: Option<Box<MeetingRequest>>,
}

/// The text of a mail, as far as it is known.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Body {
    /// How much of it is here.
    pub state: BodyState,
    /// What is here.
    pub text: Text,
    /// The first words.
    pub preview: String,
}

/// How much of a text is here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BodyState {
    /// The mail has none.
    Absent,
    /// Nothing or only its beginning; the rest is to be fetched.
    Partial,
    /// All of it.
    Whole,
}

/// A text in one of the forms a mail can have.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Text {
    /// HTML as the author wrote it: dangerous until it was cleaned.
    Html(String),
    /// None.
    None,
    /// Plain.
    Plain(String),
}

/// An attachment of a mail.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AttachmentRecord {
    /// The file name, fit for one line of the screen.
    pub name: String,
    /// What the server hands its bytes out for. Opaque.
    pub reference: String,
    /// Bytes, as the server estimates.
    pub size: u64,
    /// The name by which the HTML refers to it (`cid:`), without brackets.
    pub content_id: Option<String>,
    /// It is meant to be shown inside the text.
    pub inline: bool,
}

impl MailPatch {
    /// Says whether the patch tells what the mail is, and not only how it stands.
    pub fn tells_all(&self) -> bool {
        self.from.is_some() || self.subject.is_some()
    }

    /// Reads marks that are absent as not set.
    pub(crate) fn with_all_marks(mut self) -> Self {
        self.read.get_or_insert_default();
        self.flag.get_or_insert_default();
        self.categories.get_or_insert_default();
        self
    }

    /// Makes a mail out of it; what is absent is empty, and a mail without a date was received at `now`.
    pub fn into_mail(self, now: OffsetDateTime) -> Mail {
        Mail {
            from: self.from.unwrap_or_default(),
            to: self.to.unwrap_or_default(),
            cc: self.cc.unwrap_or_default(),
            bcc: self.bcc.unwrap_or_default(),
            reply_to: self.reply_to.unwrap_or_default(),
            subject: self.subject.unwrap_or_default(),
            received: self.received.unwrap_or(now),
            read: self.read.unwrap_or_default(),
            flag: self.flag.unwrap_or_default(),
            categories: self.categories.unwrap_or_default(),
            importance: self.importance.unwrap_or(Importance::Normal),
            class: self.class.unwrap_or_default(),
            thread: self.thread.unwrap_or_default(),
            body: self.body.unwrap_or_else(Body::unknown),
            attachments: self.attachments.unwrap_or_default(),
            meeting: self.meeting,
        }
    }

    /// Reads what a server says of a mail.
    pub(crate) fn of(email: &Email) -> Self {
        let list = |value: &Option<String>| value.as_deref().map(Mailbox::list);
        Self {
            from: list(&email.from).map(|list| list.into_iter().next().unwrap_or_default()),
            to: list(&email.to),
            cc: list(&email.cc),
            bcc: list(&email.bcc),
            reply_to: list(&email.reply_to),
            subject: email.subject.as_deref().map(text::line),
            received: email.date_received,
            read: email.read,
            flag: email.flag.as_ref().map(FollowUp::of),
            categories: email.categories.as_deref().map(lines),
            importance: email.importance,
            class: email.message_class.clone(),
            thread: Thread::of(email),
            body: email.body.as_ref().map(|body| Body::of(body).unless_protected(email)),
            attachments: email
                .attachments
                .as_ref()
                .map(|attachments| attachments.list.iter().map(AttachmentRecord::of).collect()),
            meeting: email.meeting_request.clone(),
        }
    }
}

impl Thread {
    /// Reads the place; nothing if the server says nothing of it.
    fn of(email: &Email) -> Option<Self> {
        let topic = email.thread_topic.as_deref();
        let told = topic.is_some() || email.conversation_id.is_some();
        told.then(|| Self {
            conversation: email.conversation_id.clone().filter(|id| !id.is_empty()),
            index: email.conversation_index.clone().filter(|index| !index.is_empty()),
            topic: topic.map(text::line).unwrap_or_default(),
        })
    }
}

fn lines(categories: &[String]) -> Vec<String> {
    categories.iter().map(|category| text::line(category)).collect()
}

impl Body {
    pub(crate) fn unknown() -> Self {
        Self { state: BodyState::Partial, text: Text::None, preview: String::new() }
    }

    /// What a server makes of a mail that is signed or encrypted is not the mail: that is to be fetched as it came.
    fn unless_protected(self, email: &Email) -> Self {
        let class = email.message_class.as_deref().unwrap_or_default();
        if is_smime(class) { Self { state: BodyState::Partial, ..self } } else { self }
    }

    pub(crate) fn absent() -> Self {
        Self { state: BodyState::Absent, text: Text::None, preview: String::new() }
    }

    pub(crate) fn of(body: &activesync::messages::Body) -> Self {
        let data = body.data.as_ref().map(|data| String::from_utf8_lossy(data));
        let empty = data.as_deref().is_none_or(str::is_empty);
        let (text, readable) = match (body.kind, data) {
            (BodyType::Html, Some(data)) => (Text::Html(data.into_owned()), true),
            (BodyType::Text, Some(data)) => (Text::Plain(text::tidy(&data)), true),
            (BodyType::Mime, Some(data)) => (from_mime(data.as_bytes()), true),
            (BodyType::Rtf, _) | (_, None) => (Text::None, false),
        };
        let state = match (body.is_partial(), empty && body.estimated_size == Some(0)) {
            (_, true) => BodyState::Absent,
            (true, false) => BodyState::Partial,
            (false, false) if readable => BodyState::Whole,
            (false, false) => BodyState::Absent,
        };
        let preview = preview(&text, body.preview.as_deref());
        Self { state, text, preview }
    }
}

impl AttachmentRecord {
    pub(crate) fn of(attachment: &Attachment) -> Self {
        Self {
            name: text::line(&attachment.display_name),
            reference: attachment.file_reference.clone(),
            size: attachment.estimated_size.unwrap_or_default().into(),
            content_id: attachment
                .content_id
                .as_deref()
                .map(|id| text::line(id.trim_matches(['<', '>']))),
            inline: attachment.inline,
        }
    }
}

/// Tells whether the class says that a mail is signed or encrypted as a whole (MS-ASEMAIL, MessageClass).
pub fn is_smime(class: &str) -> bool {
    let start = class.get(..SMIME.len()).unwrap_or_default();
    start.eq_ignore_ascii_case(SMIME)
}

const SMIME: &str = "IPM.Note.SMIME";

/// The words of an HTML text.
pub(crate) fn plain(html: &str) -> String {
    text::from_html(html)
}

fn from_mime(bytes: &[u8]) -> Text {
    let Some(message) = mail::Message::parse(bytes) else { return Text::None };
    match (message.html, message.text) {
        (Some(html), _) => Text::Html(html),
        (None, Some(plain)) => Text::Plain(plain),
        (None, None) => Text::None,
    }
}

/// The characters of a text that are enough for its first words.
const BEGINNING: usize = 8 * 1024;
const PREVIEW: usize = 200;

fn preview(text: &Text, given: Option<&str>) -> String {
    let beginning =
        |text: &str| text.get(..text.floor_char_boundary(BEGINNING)).unwrap_or_default().to_owned();
    let own = match text {
        Text::Html(html) => text::preview(&text::from_html(&beginning(html)), PREVIEW),
        Text::Plain(plain) => text::preview(&beginning(plain), PREVIEW),
        Text::None => String::new(),
    };
    if own.is_empty() { text::preview(given.unwrap_or_default(), PREVIEW) } else { own }
}

#[cfg(test)]
mod tests {
    use super::*;
    use activesync::messages::Body as WireBody;

    #[test]
    fn a_whole_text_is_whole() {
        let body = Body::of(&WireBody::whole(BodyType::Text, "Hello\r\nWorld"));
        assert_eq!(
            body,
            Body {
                state: BodyState::Whole,
                text: Text::Plain("Hello\nWorld".to_owned()),
                preview: "Hello World".to_owned()
            }
        );
    }

    #[test]
    fn a_cut_text_shows_its_beginning_and_is_fetched() {
        let wire = WireBody {
            truncated: true,
            estimated_size: Some(9000),
            ..WireBody::whole(BodyType::Html, "<p>Begin")
        };
        let body = Body::of(&wire);
        assert_eq!((body.state, body.preview.as_str()), (BodyState::Partial, "Begin"));
    }

    #[test]
    fn a_text_without_data_is_fetched_unless_it_is_empty() {
        let without = WireBody { data: None, ..WireBody::whole(BodyType::Html, "") };
        assert_eq!(
            Body::of(&WireBody { estimated_size: Some(10), ..without.clone() }).state,
            BodyState::Partial
        );
        assert_eq!(
            Body::of(&WireBody { estimated_size: Some(0), ..without }).state,
            BodyState::Absent
        );
    }

    #[test]
    fn rich_text_of_another_kind_does_not_loop() {
        assert_eq!(Body::of(&WireBody::whole(BodyType::Rtf, "e1xydGY")).state, BodyState::Absent);
    }

    #[test]
    fn a_mail_in_full_is_opened() {
        let body = Body::of(&WireBody::whole(BodyType::Mime, "Subject: x\r\n\r\nHello"));
        assert_eq!(body.text, Text::Plain("Hello".to_owned()));
    }

    #[test]
    fn the_servers_preview_helps_where_there_is_no_text() {
        let wire = WireBody {
            data: None,
            preview: Some("First".to_owned()),
            ..WireBody::whole(BodyType::Text, "")
        };
        assert_eq!(Body::of(&wire).preview, "First");
    }

    #[test]
    fn a_change_of_one_property_leaves_the_others() {
        let patch = MailPatch::of(&Email { read: Some(true), ..Email::default() });
        assert_eq!(patch, MailPatch { read: Some(true), ..MailPatch::default() });
        assert!(!patch.tells_all());
    }
}
