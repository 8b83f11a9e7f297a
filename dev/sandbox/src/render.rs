//! Turns items into the properties that the protocol has for them.

use activesync::messages::{
    self, Attachment, AttachmentMethod, Body, BodyPreference, BodyType, Email, Importance,
    MimeSupport,
};
use activesync::query::Version;
use bytes::Bytes;
use mail_parser::{Address, Message, MessageParser, MessagePart, MimeHeaders, PartType};

use crate::mailbox::{Item, ItemId};
use crate::pim::{self, Purpose};
use crate::server::Server;

/// In which form mails are wanted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    pub(crate) preferences: Vec<BodyPreference>,
    pub(crate) mime_support: MimeSupport,
}

/// An attachment with its bytes.
#[derive(Debug)]
pub(crate) struct File {
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
    match (server.typed(&item.content), purpose) {
        (Some(typed), _) => pim::shown(&typed, version, wanted, &server.zone, purpose),
        (None, Purpose::Change) => changed_properties(item).into(),
        (None, Purpose::Whole) => {
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
    let class = message_class(&message);
    let attachments: Vec<_> = message
        .attachments()
        .enumerate()
        .map(|(index, part)| attachment(id, index, part))
        .collect();
    Email {
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
        content_class: Some("urn:content-classes:message".to_owned()),
        internet_cpid: Some("65001".to_owned()),
        flag: Some(item.marks.flag.as_deref().cloned().unwrap_or_default()),
        categories: (!item.marks.categories.is_empty()).then(|| item.marks.categories.clone()),
        conversation_id: Some(Bytes::copy_from_slice(&conversation)),
        conversation_index: Some(conversation_index(item, &conversation)),
        is_draft: (version >= Version::V16_0).then_some(false),
        ..Email::default()
    }
}

/// Returns only what a device may have missed of a mail that it knows.
pub(crate) fn changed_properties(item: &Item) -> Email {
    Email {
        read: Some(item.read),
        flag: Some(item.marks.flag.as_deref().cloned().unwrap_or_default()),
        categories: Some(item.marks.categories.clone()),
        ..Email::default()
    }
}

/// Returns the attachment with this number.
pub(crate) fn file(mime: &Bytes, index: usize) -> Option<File> {
    let message = MessageParser::default().parse(mime.as_ref())?;
    let part = message.attachments().nth(index)?;
    let content_type = part.content_type().map_or_else(
        || "application/octet-stream".to_owned(),
        |kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or("octet-stream")),
    );
    Some(File { content_type, data: Bytes::copy_from_slice(part.contents()) })
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
fn addresses(addresses: &Address<'_>) -> String {
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
