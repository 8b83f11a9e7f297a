//! Drafts, which devices write since 16.0.

use activesync::messages::{AttachmentMethod, Body, BodyType, Email, Importance, NewAttachment};
use bytes::Bytes;
use mail_builder::MessageBuilder;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::raw::Raw;
use mail_builder::mime::MimePart;
use mail_parser::{Address, MessageParser};
use time::OffsetDateTime;

use crate::pim::Owner;
use crate::render;

/// Writes the message of a draft: `old` with `change` in its place.
pub(crate) fn written(
    old: Option<&Bytes>,
    change: &Email,
    owner: Owner<'_>,
    now: OffsetDateTime,
) -> Bytes {
    if let Some(mime) = change.body.as_ref().filter(|body| body.kind == BodyType::Mime) {
        return mime.data.clone().unwrap_or_default();
    }
    let known = old.map(properties).unwrap_or_default();
    let text = |new: &Option<String>, old: &Option<String>| {
        new.clone().or_else(|| old.clone()).unwrap_or_default()
    };
    let mut message = MessageBuilder::new()
        .date(now.unix_timestamp())
        .from((owner.name, owner.address))
        .subject(text(&change.subject, &known.subject));
    for (header, new, old) in [
        ("To", &change.to, &known.to),
        ("Cc", &change.cc, &known.cc),
        ("Bcc", &change.bcc, &known.bcc),
        ("Reply-To", &change.reply_to, &known.reply_to),
    ] {
        let addresses = text(new, old);
        if !addresses.is_empty() {
            message = message.header(header, Raw::new(addresses));
        }
    }
    match change.importance.or(known.importance) {
        Some(Importance::High) => message = message.header("Importance", Raw::new("high")),
        Some(Importance::Low) => message = message.header("Importance", Raw::new("low")),
        Some(Importance::Normal) | None => {}
    }
    let body = change.body.as_ref().or(known.body.as_ref());
    let content = body.and_then(|body| body.data.as_ref());
    let content = content.map(|data| String::from_utf8_lossy(data).into_owned());
    let content = content.unwrap_or_default();
    message = match body.map(|body| body.kind) {
        Some(BodyType::Html) => message.html_body(content),
        Some(BodyType::Mime | BodyType::Rtf | BodyType::Text) | None => message.text_body(content),
    };
    let kept = old.map(|old| kept(old, change)).unwrap_or_default();
    let added = change.attachments.iter().flat_map(|attachments| &attachments.add);
    for part in kept.into_iter().chain(added.map(part)) {
        message.attachments.get_or_insert_default().push(part);
    }
    message.write_to_vec().map(Bytes::from).unwrap_or_default()
}

/// Returns whether a change says what a draft is, and not only how it stands.
pub(crate) fn says_more_than_marks(change: &Email) -> bool {
    let marks = Email {
        read: change.read,
        flag: change.flag.clone(),
        categories: change.categories.clone(),
        ..Email::default()
    };
    *change != marks
}

/// Returns what a draft has beside its attachments.
fn properties(mime: &Bytes) -> Email {
    let Some(message) = MessageParser::default().parse(mime.as_ref()) else {
        return Email::default();
    };
    let list = |addresses: Option<&Address<'_>>| addresses.map(render::addresses);
    let html =
        matches!(message.html_part(0).map(|part| &part.body), Some(mail_parser::PartType::Html(_)));
    let (kind, text) = if html {
        (BodyType::Html, message.body_html(0))
    } else {
        (BodyType::Text, message.body_text(0))
    };
    Email {
        to: list(message.to()),
        cc: list(message.cc()),
        bcc: list(message.bcc()),
        reply_to: list(message.reply_to()),
        subject: message.subject().map(str::to_owned),
        importance: Some(render::importance(&message)),
        body: text.map(|text| Body::whole(kind, text.into_owned())),
        ..Email::default()
    }
}

/// Returns the attachments that a change leaves.
fn kept(old: &Bytes, change: &Email) -> Vec<MimePart<'static>> {
    let deleted = change.attachments.iter().flat_map(|attachments| &attachments.delete);
    let deleted: Vec<usize> = deleted
        .filter_map(|reference| render::parse_file_reference(reference))
        .map(|(_, index)| index)
        .collect();
    let Some(message) = MessageParser::default().parse(old.as_ref()) else { return Vec::new() };
    let parts = message.attachments().enumerate().filter(|(index, _)| !deleted.contains(index));
    parts
        .filter_map(|(index, _)| {
            let file = render::file(old, index)?;
            let name = file.name.unwrap_or_else(|| format!("part-{index}"));
            let kind = ContentType::new(file.content_type);
            Some(MimePart::new(kind, file.data.to_vec()).attachment(name))
        })
        .collect()
}

fn part(new: &NewAttachment) -> MimePart<'static> {
    let message = new.method == Some(AttachmentMethod::Message);
    let usual = if message { "message/rfc822" } else { "application/octet-stream" };
    let kind = new.content_type.clone().unwrap_or_else(|| usual.to_owned());
    let data = new.content.clone().unwrap_or_default().to_vec();
    let mut part = MimePart::new(ContentType::new(kind), data);
    let name = new.display_name.clone().unwrap_or_else(|| "attachment".to_owned());
    part = if new.inline == Some(true) { part.inline() } else { part.attachment(name) };
    match new.content_id.clone() {
        Some(id) => part.cid(id),
        None => part,
    }
}

/// Returns whom a draft names, and the message without the hidden ones; `None` if it names nobody.
pub(crate) fn ready(mime: &Bytes) -> Option<(Vec<String>, Bytes)> {
    let message = MessageParser::default().parse(mime.as_ref())?;
    let headers = [message.to(), message.cc(), message.bcc()];
    let named = headers.into_iter().flatten().flat_map(Address::iter);
    let to: Vec<_> = named.filter_map(|entry| entry.address().map(str::to_owned)).collect();
    let hidden = message.headers().iter().find(|header| header.name().eq_ignore_ascii_case("Bcc"));
    let mut visible = mime.to_vec();
    if let Some(header) = hidden {
        let range = header.offset_field() as usize..header.offset_end() as usize;
        if range.end <= visible.len() {
            visible.drain(range);
        }
    }
    let valid = !to.is_empty() && to.iter().all(|address| address.contains('@'));
    valid.then(|| (to, Bytes::from(visible)))
}
