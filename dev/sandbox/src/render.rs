//! Turns items into the properties that the protocol has for them.

mod meeting;

use activesync::codepage::{Tag, email, email2};
use activesync::messages::{
    self, Attachment, AttachmentMethod, Body, BodyPreference, BodyType, Email, Event, Importance,
    MimeSupport,
};
use activesync::query::Version;
use bytes::Bytes;
use mail_parser::{Address, Message, MessageParser, MessagePart, MimeHeaders, PartType};

use crate::itip;
use crate::mailbox::{Content, Item, ItemId, Mailbox};
use crate::pim::{self, Purpose};
use crate::server::Server;
use meeting::{meeting_class, meeting_request};

/// In which form mails are wanted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    pub(crate) preferences: Vec<BodyPreference>,
    pub(crate) mime_support: MimeSupport,
}

/// An attachment with its bytes.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) name: Option<String>,
    pub(crate) content_type: String,
    pub(crate) data: Bytes,
}

impl Wanted {
    /// Returns the same forms without limits.
    pub(crate) fn whole(&self) -> Self {
        let preferences =
            self.preferences.iter().map(|preference| BodyPreference::whole(preference.kind));
        Self { preferences: preferences.collect(), mime_support: self.mime_support }
    }
}

/// Returns an item of any class as a device of `version` is shown it.
pub(crate) fn shown(
    server: &Server,
    id: ItemId,
    item: &Item,
    wanted: &Wanted,
    version: Version,
    purpose: Purpose,
) -> messages::Item {
    let draft = item.folder == Mailbox::DRAFTS && version >= Version::V16_0;
    match (server.typed(&item.content), purpose) {
        (Some(typed), _) => {
            let mut shown = pim::shown(&typed, version, wanted, &server.zone, purpose);
            if let messages::Item::Event(event) = &mut shown {
                list_attachments(id, event);
            }
            shown
        }
        (None, Purpose::Change) if !draft => {
            let mut mail = changed_properties(item);
            fit(&mut mail, version);
            mail.into()
        }
        (None, Purpose::Change | Purpose::Whole) => {
            properties(id, item, &server.mime(&item.content), wanted, version).into()
        }
    }
}

/// Returns the properties of a mail whose message is `mime`.
pub(crate) fn properties(
    id: ItemId,
    item: &Item,
    mime: &Bytes,
    wanted: &Wanted,
    version: Version,
) -> Email {
    let Some(message) = MessageParser::default().parse(mime.as_ref()) else {
        return Email::default();
    };
    let subject = message.subject().unwrap_or_default();
    let topic = topic(subject);
    let conversation = conversation(topic);
    let meeting = itip::of(&message);
    let class = meeting.as_ref().map_or_else(|| message_class(&message), meeting_class);
    let attachments: Vec<_> = message
        .attachments()
        .enumerate()
        .filter(|(_, part)| !part.is_content_type("text", "calendar"))
        .map(|(index, part)| attachment(id, index, part))
        .collect();
    let draft = item.folder == Mailbox::DRAFTS;
    let mut mail = Email {
        to: message.to().map(addresses),
        cc: message.cc().map(addresses),
        from: message.from().map(addresses),
        sender: message.sender().map(addresses),
        reply_to: message.reply_to().map(addresses),
        subject: Some(subject.to_owned()),
        date_received: Some(item.received),
        display_to: message.to().map(names),
        thread_topic: Some(topic.to_owned()),
        importance: Some(importance(&message)),
        read: Some(item.read),
        attachments: (!attachments.is_empty()).then(|| attachments.into()),
        body: body(&message, mime, class, wanted),
        native_body_type: Some(native_type(&message)),
        message_class: Some(class.to_owned()),
        content_class: Some(content_class(meeting.is_some()).to_owned()),
        internet_cpid: Some("65001".to_owned()),
        flag: Some(item.marks.flag.as_deref().cloned().unwrap_or_default()),
        categories: (!item.marks.categories.is_empty()).then(|| item.marks.categories.clone()),
        conversation_id: Some(Bytes::copy_from_slice(&conversation)),
        conversation_index: Some(conversation_index(item, &conversation)),
        last_verb: item.marks.last_verb.map(|(verb, _)| verb),
        last_verb_at: item.marks.last_verb.map(|(_, at)| at),
        meeting_request: meeting.map(|itip| Box::new(meeting_request(&itip, version))),
        bcc: message.bcc().filter(|_| draft).map(addresses),
        is_draft: Some(draft),
        ..Email::default()
    };
    fit(&mut mail, version);
    mail
}

fn content_class(meeting: bool) -> &'static str {
    if meeting { "urn:content-classes:calendarmessage" } else { "urn:content-classes:message" }
}

/// Takes away what a version does not know.
fn fit(mail: &mut Email, version: Version) {
    const SINCE_14_0: [Tag; 6] = [
        email::CATEGORIES,
        email2::CONVERSATION_ID,
        email2::CONVERSATION_INDEX,
        email2::LAST_VERB_EXECUTED,
        email2::LAST_VERB_EXECUTION_TIME,
        email2::SENDER,
    ];
    if version < Version::V16_0 {
        mail.remove(&[email2::IS_DRAFT, email2::BCC]);
    }
    if version < Version::V14_0 {
        mail.remove(&SINCE_14_0);
        mail.body.iter_mut().for_each(|body| body.preview = None);
    }
}

/// Returns only what a device may have missed of a mail that it knows.
pub(crate) fn changed_properties(item: &Item) -> Email {
    Email {
        read: Some(item.read),
        flag: Some(item.marks.flag.as_deref().cloned().unwrap_or_default()),
        categories: Some(item.marks.categories.clone()),
        last_verb: item.marks.last_verb.map(|(verb, _)| verb),
        last_verb_at: item.marks.last_verb.map(|(_, at)| at),
        ..Email::default()
    }
}

/// Shows the attachments that are kept with an event by their references.
pub(crate) fn list_attachments(id: ItemId, event: &mut Event) {
    let Some(kept) = event.attachments.take() else { return };
    let places = kept.add.iter().enumerate().filter(|(_, new)| !new.is_empty());
    let listed = places.map(|(index, new)| Attachment {
        display_name: new.display_name.clone().unwrap_or_default(),
        file_reference: file_reference(id, index),
        method: new.method.unwrap_or_default(),
        estimated_size: new.content.as_ref().and_then(|data| u32::try_from(data.len()).ok()),
        content_id: new.content_id.clone(),
        content_location: new.content_location.clone(),
        inline: new.inline == Some(true),
        client_id: None,
        ..Attachment::default()
    });
    event.attachments = Some(listed.collect::<Vec<_>>().into());
}

/// Returns the attachment of an item with this number.
pub(crate) fn attached(server: &Server, content: &Content, index: usize) -> Option<File> {
    let Some(typed) = server.typed(content) else { return file(&server.mime(content), index) };
    let new = pim::as_event(&typed)?.attachments.as_ref()?.add.get(index)?;
    let content_type = new.content_type.clone();
    Some(File {
        name: new.display_name.clone(),
        content_type: content_type.unwrap_or_else(|| "application/octet-stream".to_owned()),
        data: new.content.clone()?,
    })
}

/// Returns the attachment of a message with this number.
pub(crate) fn file(mime: &Bytes, index: usize) -> Option<File> {
    let message = MessageParser::default().parse(mime.as_ref())?;
    let part = message.attachments().nth(index)?;
    let content_type = part.content_type().map_or_else(
        || "application/octet-stream".to_owned(),
        |kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or("octet-stream")),
    );
    let name = part.attachment_name().map(str::to_owned);
    Some(File { name, content_type, data: Bytes::copy_from_slice(part.contents()) })
}

/// Makes the reference of an attachment, with characters that clients must carry about unchanged.
pub(crate) fn file_reference(id: ItemId, index: usize) -> String {
    format!("{id}:{index}")
}

pub(crate) fn parse_file_reference(reference: &str) -> Option<(ItemId, usize)> {
    let (id, index) = reference.rsplit_once(':')?;
    Some((ItemId::parse(id)?, index.parse().ok()?))
}

fn attachment(id: ItemId, index: usize, part: &MessagePart<'_>) -> Attachment {
    let nested = matches!(part.body, PartType::Message(_));
    let name = part.attachment_name().map_or_else(
        || if nested { format!("message-{index}.eml") } else { format!("part-{index}") },
        str::to_owned,
    );
    let inline = part.content_disposition().is_some_and(mail_parser::ContentType::is_inline);
    Attachment {
        display_name: name,
        file_reference: file_reference(id, index),
        method: if nested { AttachmentMethod::Message } else { AttachmentMethod::Normal },
        estimated_size: u32::try_from(part.contents().len()).ok(),
        content_id: part.content_id().map(str::to_owned),
        content_location: part.content_location().map(str::to_owned),
        inline: inline && part.content_id().is_some(),
        ..Attachment::default()
    }
}

fn body(message: &Message<'_>, mime: &Bytes, class: &str, wanted: &Wanted) -> Option<Body> {
    let preference = |kind| wanted.preferences.iter().find(|preference| preference.kind == kind);
    let mime_allowed = match wanted.mime_support {
        MimeSupport::All => true,
        MimeSupport::OnlySmime => class.starts_with("IPM.Note.SMIME"),
        MimeSupport::Never => false,
    };
    let native = native_type(message);
    let chosen = preference(BodyType::Mime)
        .filter(|_| mime_allowed)
        .or_else(|| preference(native))
        .or_else(|| preference(BodyType::Html))
        .or_else(|| preference(BodyType::Text));
    let Some(chosen) = chosen else {
        let size = u32::try_from(native_text(message, native).len()).ok();
        return Some(Body {
            kind: native,
            estimated_size: size,
            truncated: true,
            data: None,
            preview: None,
            part: None,
        });
    };
    let data = match chosen.kind {
        BodyType::Mime => mime.clone(),
        BodyType::Html | BodyType::Text => Bytes::from(native_text(message, chosen.kind)),
        BodyType::Rtf => return None,
    };
    let mut body = cut(chosen, data);
    body.preview = chosen.preview.map(|length| preview(message, usize::from(length)));
    Some(body)
}

fn native_type(message: &Message<'_>) -> BodyType {
    match message.html_part(0).map(|part| &part.body) {
        Some(PartType::Html(_)) => BodyType::Html,
        Some(_) | None => BodyType::Text,
    }
}

fn native_text(message: &Message<'_>, kind: BodyType) -> String {
    let text = if kind == BodyType::Html { message.body_html(0) } else { message.body_text(0) };
    text.unwrap_or_default().into_owned()
}

pub(crate) fn cut(preference: &BodyPreference, data: Bytes) -> Body {
    let limit = preference
        .truncation_size
        .and_then(|size| usize::try_from(size).ok())
        .unwrap_or(usize::MAX);
    let whole = Body::whole(preference.kind, data);
    let Some(data) = whole.data.as_ref().filter(|data| data.len() > limit) else { return whole };
    let is_continuation = |byte: Option<&u8>| byte.is_some_and(|byte| byte & 0xC0 == 0x80);
    let end = (0..=limit).rev().find(|end| !is_continuation(data.get(*end))).unwrap_or_default();
    let start = (!preference.all_or_none).then(|| data.slice(..end));
    Body { truncated: true, data: start, ..whole }
}

/// Returns the first characters of a message as plain text.
pub(crate) fn preview_of(mime: &[u8], length: usize) -> String {
    let message = MessageParser::default().parse(mime);
    message.map(|message| preview(&message, length)).unwrap_or_default()
}

fn preview(message: &Message<'_>, length: usize) -> String {
    let text = message.body_text(0).unwrap_or_default();
    let words: Vec<_> = text.split_whitespace().take(length).collect();
    words.join(" ").chars().take(length).collect()
}

fn message_class(message: &Message<'_>) -> &'static str {
    let root = message.root_part();
    if root.is_content_type("application", "pkcs7-mime")
        || root.is_content_type("application", "x-pkcs7-mime")
    {
        "IPM.Note.SMIME"
    } else if root.is_content_type("multipart", "signed") {
        "IPM.Note.SMIME.MultipartSigned"
    } else {
        "IPM.Note"
    }
}

pub(crate) fn importance(message: &Message<'_>) -> Importance {
    let header = |name: &'static str| {
        message.header_raw(name).map(|value| value.trim().to_ascii_lowercase())
    };
    match header("Importance").or_else(|| header("X-Priority")).as_deref() {
        Some("high" | "1" | "2") => Importance::High,
        Some("low" | "4" | "5") => Importance::Low,
        Some(_) | None => Importance::Normal,
    }
}

/// Writes addresses as a header has them, with names in quotes.
pub(crate) fn addresses(addresses: &Address<'_>) -> String {
    let list: Vec<_> = addresses
        .iter()
        .map(|entry| match (entry.name(), entry.address().unwrap_or_default()) {
            (Some(name), address) => format!("\"{}\" <{address}>", name.replace(['"', '\\'], "'")),
            (None, address) => address.to_owned(),
        })
        .collect();
    list.join(", ")
}

fn names(addresses: &Address<'_>) -> String {
    let names: Vec<_> =
        addresses.iter().filter_map(|entry| entry.name().or(entry.address())).collect();
    names.join("; ")
}

/// Returns a subject without the marks of answers and forwards.
fn topic(subject: &str) -> &str {
    let mut topic = subject.trim();
    while let Some((mark, rest)) = topic.split_once(':')
        && ["re", "aw", "fw", "fwd", "wg"].contains(&mark.trim().to_ascii_lowercase().as_str())
    {
        topic = rest.trim();
    }
    topic
}

/// Returns the id of the conversation that a message belongs to.
pub(crate) fn conversation_id(mime: &[u8]) -> [u8; 16] {
    let message = MessageParser::default().parse_headers(mime);
    conversation(topic(message.as_ref().and_then(|message| message.subject()).unwrap_or_default()))
}

/// Derives the id that all mails with the same topic share (FNV-1a, 128 bits).
fn conversation(topic: &str) -> [u8; 16] {
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013B;
    const BASIS: u128 = 0x6C62_272E_07BB_0142_62B8_2175_6295_C58D;
    topic
        .bytes()
        .fold(BASIS, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME))
        .to_be_bytes()
}

fn conversation_index(item: &Item, conversation: &[u8; 16]) -> Bytes {
    let time = item.received.unix_timestamp().to_be_bytes();
    let mut index = vec![0x01];
    index.extend(time.iter().skip(3));
    index.extend(conversation);
    Bytes::from(index)
}
