use bytes::Bytes;
use time::OffsetDateTime;

use super::body::{Attachment, Body, BodyType};
use super::decode::{DecodeError, Values};
use super::flag::Flag;
use crate::codepage::{Tag, air_sync_base, email, email2};
use crate::date;
use crate::wbxml::{Reader, Writer};

/// How important a mail is to its sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Importance {
    Low = 0,
    Normal = 1,
    High = 2,
}

/// Properties of a mail.
///
/// As an item it is complete; as a change it holds only what changed, so every property is optional.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Email {
    /// Recipients as in the message's header.
    pub to: Option<String>,
    /// Recipients of a copy.
    pub cc: Option<String>,
    /// Recipients of a hidden copy, drafts only; since 16.0.
    pub bcc: Option<String>,
    /// Author.
    pub from: Option<String>,
    /// Who sent it for the author, if that is somebody else.
    pub sender: Option<String>,
    /// Where answers go.
    pub reply_to: Option<String>,
    /// Subject; may be empty.
    pub subject: Option<String>,
    /// When the server received it.
    pub date_received: Option<OffsetDateTime>,
    /// Names of the recipients, for lists.
    pub display_to: Option<String>,
    /// Subject without "Re:" and the like.
    pub thread_topic: Option<String>,
    /// Importance.
    pub importance: Option<Importance>,
    /// Whether it was read.
    pub read: Option<bool>,
    /// Attachments.
    pub attachments: Option<Vec<Attachment>>,
    /// Body.
    pub body: Option<Body>,
    /// Form in which the server stores the body.
    pub native_body_type: Option<BodyType>,
    /// Message class, for instance `IPM.Note.SMIME`; unknown ones go by their prefix.
    pub message_class: Option<String>,
    /// Content class, for instance `urn:content-classes:message`.
    pub content_class: Option<String>,
    /// Code page number of the body's charset.
    pub internet_cpid: Option<String>,
    /// Follow-up flag.
    pub flag: Option<Flag>,
    /// Categories.
    pub categories: Option<Vec<String>>,
    /// Id shared by the mails of a conversation.
    pub conversation_id: Option<Bytes>,
    /// Place within the conversation.
    pub conversation_index: Option<Bytes>,
    /// What the user did last with it: 1 replied, 2 replied to all, 3 forwarded.
    pub last_verb: Option<u8>,
    /// When the user did that.
    pub last_verb_at: Option<OffsetDateTime>,
    /// Whether the user got it as a hidden copy.
    pub received_as_bcc: Option<bool>,
    /// Whether it is a draft; from the server only, since 16.0.
    pub is_draft: Option<bool>,
}

impl Email {
    /// Reads the entered element.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut mail = Self::default();
        while let Some(tag) = reader.child()? {
            mail.read_property(reader, tag)?;
        }
        Ok(mail)
    }

    /// Reads the entered element if it is a property of a mail, and skips it otherwise.
    pub(super) fn read_property(
        &mut self,
        reader: &mut Reader<'_>,
        tag: Tag,
    ) -> Result<(), DecodeError> {
        match tag {
            email::TO => self.to = Some(reader.string()?),
            email::CC => self.cc = Some(reader.string()?),
            email::FROM => self.from = Some(reader.string()?),
            email::REPLY_TO => self.reply_to = Some(reader.string()?),
            email::SUBJECT => self.subject = Some(reader.string()?),
            email::DATE_RECEIVED => self.date_received = reader.date_if_any()?,
            email::DISPLAY_TO => self.display_to = Some(reader.string()?),
            email::THREAD_TOPIC => self.thread_topic = Some(reader.string()?),
            email::IMPORTANCE => self.importance = reader.number_if_any()?.and_then(importance),
            email::READ => self.read = Some(reader.boolean()?),
            email::MESSAGE_CLASS => self.message_class = Some(reader.string()?),
            email::CONTENT_CLASS => self.content_class = Some(reader.string()?),
            email::INTERNET_CPID => self.internet_cpid = Some(reader.string()?),
            email::FLAG => self.flag = Some(Flag::read(reader)?),
            email::CATEGORIES => self.categories = Some(read_categories(reader)?),
            air_sync_base::ATTACHMENTS => self.attachments = Some(Attachment::read_list(reader)?),
            air_sync_base::BODY => self.body = Body::read(reader)?,
            air_sync_base::NATIVE_BODY_TYPE => {
                self.native_body_type = reader.number_if_any()?.and_then(BodyType::from_code);
            }
            _ => self.read_email2(reader, tag)?,
        }
        Ok(())
    }

    fn read_email2(&mut self, reader: &mut Reader<'_>, tag: Tag) -> Result<(), DecodeError> {
        match tag {
            email2::BCC => self.bcc = Some(reader.string()?),
            email2::SENDER => self.sender = Some(reader.string()?),
            email2::CONVERSATION_ID => {
                self.conversation_id = Some(Bytes::copy_from_slice(&reader.bytes()?))
            }
            email2::CONVERSATION_INDEX => {
                self.conversation_index = Some(Bytes::copy_from_slice(&reader.bytes()?))
            }
            email2::LAST_VERB_EXECUTED => self.last_verb = reader.number_if_any()?,
            email2::LAST_VERB_EXECUTION_TIME => self.last_verb_at = reader.date_if_any()?,
            email2::RECEIVED_AS_BCC => self.received_as_bcc = Some(reader.boolean()?),
            email2::IS_DRAFT => self.is_draft = Some(reader.boolean()?),
            _ => reader.skip()?,
        }
        Ok(())
    }

    /// Writes all properties into the element that is open.
    pub(super) fn write(&self, writer: &mut Writer) {
        for (tag, value) in [
            (email::TO, &self.to),
            (email::CC, &self.cc),
            (email::FROM, &self.from),
            (email::SUBJECT, &self.subject),
            (email::REPLY_TO, &self.reply_to),
        ] {
            write_text(writer, tag, value.as_deref());
        }
        write_text(writer, email::DATE_RECEIVED, self.date_received.map(date::long).as_deref());
        write_text(writer, email::DISPLAY_TO, self.display_to.as_deref());
        write_text(writer, email::THREAD_TOPIC, self.thread_topic.as_deref());
        if let Some(importance) = self.importance {
            writer.number(email::IMPORTANCE, importance as u8);
        }
        write_boolean(writer, email::READ, self.read);
        if let Some(attachments) = &self.attachments {
            writer.container(air_sync_base::ATTACHMENTS, |list| {
                attachments.iter().for_each(|entry| entry.write(list))
            });
        }
        if let Some(body) = &self.body {
            body.write(writer);
        }
        for (tag, value) in [
            (email::MESSAGE_CLASS, &self.message_class),
            (email::INTERNET_CPID, &self.internet_cpid),
            (email::CONTENT_CLASS, &self.content_class),
        ] {
            write_text(writer, tag, value.as_deref());
        }
        if let Some(flag) = &self.flag {
            flag.write(writer);
        }
        if let Some(kind) = self.native_body_type {
            writer.number(air_sync_base::NATIVE_BODY_TYPE, kind.code());
        }
        if let Some(categories) = &self.categories {
            writer.container(email::CATEGORIES, |list| {
                categories.iter().for_each(|category| list.text(email::CATEGORY, category));
            });
        }
        self.write_email2(writer);
    }

    fn write_email2(&self, writer: &mut Writer) {
        write_text(writer, email2::SENDER, self.sender.as_deref());
        write_text(writer, email2::BCC, self.bcc.as_deref());
        if let Some(id) = &self.conversation_id {
            writer.opaque(email2::CONVERSATION_ID, id);
        }
        if let Some(index) = &self.conversation_index {
            writer.opaque(email2::CONVERSATION_INDEX, index);
        }
        if let Some(verb) = self.last_verb {
            writer.number(email2::LAST_VERB_EXECUTED, verb);
        }
        write_text(
            writer,
            email2::LAST_VERB_EXECUTION_TIME,
            self.last_verb_at.map(date::long).as_deref(),
        );
        write_boolean(writer, email2::RECEIVED_AS_BCC, self.received_as_bcc);
        write_boolean(writer, email2::IS_DRAFT, self.is_draft);
    }
}

fn importance(code: u8) -> Option<Importance> {
    [Importance::Low, Importance::Normal, Importance::High]
        .into_iter()
        .find(|known| *known as u8 == code)
}

fn read_categories(reader: &mut Reader<'_>) -> Result<Vec<String>, DecodeError> {
    let mut categories = Vec::new();
    while let Some(tag) = reader.child()? {
        match tag {
            email::CATEGORY => categories.push(reader.string()?),
            _ => reader.skip()?,
        }
    }
    Ok(categories)
}

fn write_text(writer: &mut Writer, tag: Tag, value: Option<&str>) {
    if let Some(value) = value {
        writer.text(tag, value);
    }
}

fn write_boolean(writer: &mut Writer, tag: Tag, value: Option<bool>) {
    if let Some(value) = value {
        writer.boolean(tag, value);
    }
}
