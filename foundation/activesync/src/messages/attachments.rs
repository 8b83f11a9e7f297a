use bytes::Bytes;

use super::body::{Attachment, AttachmentMethod};
use super::decode::{DecodeError, Values, keep};
use super::property::{Boolean, Code, Codec, Found, Nested, Opaque, Text, properties};
use crate::codepage::{Tag, air_sync_base as page};
use crate::wbxml::{Reader, Writer};

/// The attachments of an item, or changes to them; since 16.0 for events and drafts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attachments {
    /// Attachments that are there.
    pub list: Vec<Attachment>,
    /// Attachments to add.
    pub add: Vec<NewAttachment>,
    /// References of attachments to remove.
    pub delete: Vec<String>,
}

properties! {
    /// An attachment that a client adds.
    pub struct NewAttachment {
        /// Id of the client's own; the answer names the reference beside it.
        client_id: String = Text, page::CLIENT_ID;
        /// Name for people.
        display_name: String = Text, page::DISPLAY_NAME;
        /// Content.
        content: Bytes = Opaque, page::CONTENT;
        /// How it is stored: as a file or as a message.
        method: AttachmentMethod = Code<AttachmentMethod>, page::METHOD;
        /// Media type.
        content_type: String = Text, page::CONTENT_TYPE;
        /// Content-ID without angle brackets, when the HTML body shows it.
        content_id: String = Text, page::CONTENT_ID;
        /// Content-Location.
        content_location: String = Text, page::CONTENT_LOCATION;
        /// Whether it is meant to be shown in the body.
        inline: bool = Boolean, page::IS_INLINE;
    }
}

impl From<Vec<Attachment>> for Attachments {
    fn from(list: Vec<Attachment>) -> Self {
        Self { list, ..Self::default() }
    }
}

impl<'a> IntoIterator for &'a Attachments {
    type Item = &'a Attachment;
    type IntoIter = std::slice::Iter<'a, Attachment>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.iter()
    }
}

impl Attachments {
    /// Returns whether nothing is there, added or removed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

pub(super) struct AttachmentsCodec;

impl Codec for AttachmentsCodec {
    type Value = Attachments;

    fn read(reader: &mut Reader<'_>) -> Result<Found<Attachments>, DecodeError> {
        let mut attachments = Attachments::default();
        while let Some(tag) = reader.child()? {
            match tag {
                page::ATTACHMENT => keep(&mut attachments.list, Attachment::read(reader)?, reader)?,
                page::ADD => keep(&mut attachments.add, NewAttachment::read(reader)?, reader)?,
                page::DELETE => keep(&mut attachments.delete, read_reference(reader)?, reader)?,
                _ => reader.skip()?,
            }
        }
        Ok(Found::Value(attachments))
    }

    fn write(writer: &mut Writer, tag: Tag, value: &Attachments) {
        writer.container(tag, |list| {
            value.list.iter().for_each(|entry| entry.write(list));
            value.add.iter().for_each(|entry| entry.write_nested(list, page::ADD));
            for reference in &value.delete {
                list.container(page::DELETE, |entry| entry.text(page::FILE_REFERENCE, reference));
            }
        });
    }

    fn is_empty(value: &Attachments) -> bool {
        value.is_empty()
    }

    /// Additions have no reference until the server gives one, so they wait for its answer.
    fn merge(old: Option<Attachments>, change: Attachments) -> Option<Attachments> {
        if change.add.is_empty() && change.delete.is_empty() {
            return Some(change).filter(|attachments| !attachments.is_empty());
        }
        let mut list = old.map(|old| old.list).unwrap_or_default();
        list.retain(|entry| !change.delete.contains(&entry.file_reference));
        list.extend(change.list);
        Some(Attachments { list, ..Attachments::default() })
            .filter(|attachments| !attachments.is_empty())
    }
}

fn read_reference(reader: &mut Reader<'_>) -> Result<Option<String>, DecodeError> {
    let mut reference = None;
    while let Some(tag) = reader.child()? {
        match tag {
            page::FILE_REFERENCE => reference = Some(reader.string()?),
            _ => reader.skip()?,
        }
    }
    Ok(reference)
}
