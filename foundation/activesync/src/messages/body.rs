use bytes::Bytes;

use super::decode::{DecodeError, Values};
use crate::codepage::air_sync_base as page;
use crate::wbxml::{Reader, Writer};

/// Form of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum BodyType {
    /// Plain text.
    Text = 1,
    /// HTML.
    Html = 2,
    /// Base64 of compressed RTF.
    Rtf = 3,
    /// The whole message as MIME.
    Mime = 4,
}

impl BodyType {
    /// Returns the number on the wire.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// Reads the number on the wire.
    pub fn from_code(code: u8) -> Option<Self> {
        [Self::Text, Self::Html, Self::Rtf, Self::Mime].into_iter().find(|kind| kind.code() == code)
    }
}

/// The body of an item, or the start of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// Form of `data`.
    pub kind: BodyType,
    /// Size of the whole body in bytes, as the server guesses it.
    pub estimated_size: Option<u32>,
    /// Whether `data` is only the start.
    pub truncated: bool,
    /// The content; absent when only its size was wanted or it comes in a part.
    pub data: Option<Bytes>,
    /// First characters as plain text.
    pub preview: Option<String>,
    /// Number of the part of a multipart answer that holds the content.
    pub part: Option<u32>,
}

impl Body {
    /// Makes a complete body.
    pub fn whole(kind: BodyType, data: impl Into<Bytes>) -> Self {
        let data = data.into();
        let estimated_size = u32::try_from(data.len()).ok();
        Self { kind, estimated_size, truncated: false, data: Some(data), preview: None, part: None }
    }

    /// Returns whether the rest has to be fetched.
    pub fn is_partial(&self) -> bool {
        self.truncated || self.data.is_none() && self.part.is_none()
    }

    /// Reads the entered element; a body of an unknown form is `None`.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        let mut kind = None;
        let mut body = Self {
            kind: BodyType::Text,
            estimated_size: None,
            truncated: false,
            data: None,
            preview: None,
            part: None,
        };
        while let Some(tag) = reader.child()? {
            match tag {
                page::TYPE => kind = reader.number_if_any()?.and_then(BodyType::from_code),
                page::ESTIMATED_DATA_SIZE => body.estimated_size = reader.number_if_any()?,
                page::TRUNCATED => body.truncated = reader.boolean()?,
                page::DATA => body.data = Some(Bytes::copy_from_slice(&reader.bytes()?)),
                page::PREVIEW => body.preview = Some(reader.string()?),
                crate::codepage::item_operations::PART => body.part = reader.number_if_any()?,
                _ => reader.skip()?,
            }
        }
        Ok(kind.map(|kind| Self { kind, ..body }))
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.container(page::BODY, |body| {
            body.number(page::TYPE, self.kind.code());
            if let Some(size) = self.estimated_size {
                body.number(page::ESTIMATED_DATA_SIZE, size);
            }
            if self.truncated {
                body.boolean(page::TRUNCATED, true);
            }
            match &self.data {
                Some(data) if self.kind == BodyType::Mime => body.opaque(page::DATA, data),
                Some(data) => body.text_bytes(page::DATA, data),
                None => {}
            }
            if let Some(part) = self.part {
                body.number(crate::codepage::item_operations::PART, part);
            }
            if let Some(preview) = &self.preview {
                body.text(page::PREVIEW, preview);
            }
        });
    }
}

/// In which form, and how much of it, bodies are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyPreference {
    /// The form.
    pub kind: BodyType,
    /// Most bytes of the body; absent means all.
    pub truncation_size: Option<u32>,
    /// Whether a body above `truncation_size` is left out.
    pub all_or_none: bool,
    /// Most characters of the preview, up to 255; absent means none.
    pub preview: Option<u8>,
}

impl BodyPreference {
    /// Wants the whole body in the form `kind`.
    pub fn whole(kind: BodyType) -> Self {
        Self { kind, truncation_size: None, all_or_none: false, preview: None }
    }

    /// Reads the entered element; a wish for an unknown form is `None`.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        let mut kind = None;
        let mut preference = Self::whole(BodyType::Text);
        while let Some(tag) = reader.child()? {
            match tag {
                page::TYPE => kind = reader.number_if_any()?.and_then(BodyType::from_code),
                page::TRUNCATION_SIZE => preference.truncation_size = reader.number_if_any()?,
                page::ALL_OR_NONE => preference.all_or_none = reader.boolean()?,
                page::PREVIEW => preference.preview = reader.number_if_any()?,
                _ => reader.skip()?,
            }
        }
        Ok(kind.map(|kind| Self { kind, ..preference }))
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.container(page::BODY_PREFERENCE, |preference| {
            preference.number(page::TYPE, self.kind.code());
            if let Some(size) = self.truncation_size {
                preference.number(page::TRUNCATION_SIZE, size);
            }
            if self.all_or_none {
                preference.boolean(page::ALL_OR_NONE, true);
            }
            if let Some(preview) = self.preview {
                preference.number(page::PREVIEW, preview);
            }
        });
    }
}

/// How an attachment is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum AttachmentMethod {
    /// An ordinary file.
    Normal = 1,
    /// A message.
    Message = 5,
    /// An OLE object.
    Ole = 6,
}

impl AttachmentMethod {
    fn from_code(code: u8) -> Self {
        match code {
            5 => Self::Message,
            6 => Self::Ole,
            _ => Self::Normal,
        }
    }
}

/// What a mail says about one of its attachments. The content is fetched by its reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Name for people; may be empty.
    pub display_name: String,
    /// Opaque reference for ItemOperations.
    pub file_reference: String,
    /// How it is stored.
    pub method: AttachmentMethod,
    /// Size in bytes, as the server guesses it.
    pub estimated_size: Option<u32>,
    /// Content-ID without angle brackets, when the HTML body shows it.
    pub content_id: Option<String>,
    /// Content-Location.
    pub content_location: Option<String>,
    /// Whether it is meant to be shown in the body.
    pub inline: bool,
}

impl Attachment {
    /// Reads the list that was entered; entries that cannot be fetched are left out.
    pub(super) fn read_list(reader: &mut Reader<'_>) -> Result<Vec<Self>, DecodeError> {
        let mut list = Vec::new();
        while let Some(tag) = reader.child()? {
            match tag {
                page::ATTACHMENT => list.extend(Self::read(reader)?),
                _ => reader.skip()?,
            }
        }
        Ok(list)
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.container(page::ATTACHMENT, |entry| {
            entry.text(page::DISPLAY_NAME, &self.display_name);
            entry.text(page::FILE_REFERENCE, &self.file_reference);
            entry.number(page::METHOD, self.method as u8);
            if let Some(size) = self.estimated_size {
                entry.number(page::ESTIMATED_DATA_SIZE, size);
            }
            if let Some(id) = &self.content_id {
                entry.text(page::CONTENT_ID, id);
            }
            if let Some(location) = &self.content_location {
                entry.text(page::CONTENT_LOCATION, location);
            }
            if self.inline {
                entry.boolean(page::IS_INLINE, true);
            }
        });
    }

    fn read(reader: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        let mut display_name = String::new();
        let mut file_reference = None;
        let mut method = AttachmentMethod::Normal;
        let mut estimated_size = None;
        let mut content_id = None;
        let mut content_location = None;
        let mut inline = false;
        while let Some(tag) = reader.child()? {
            match tag {
                page::DISPLAY_NAME => display_name = reader.string()?,
                page::FILE_REFERENCE => file_reference = Some(reader.string()?),
                page::METHOD => {
                    method = reader
                        .number_if_any()?
                        .map_or(AttachmentMethod::Normal, AttachmentMethod::from_code);
                }
                page::ESTIMATED_DATA_SIZE => estimated_size = reader.number_if_any()?,
                page::CONTENT_ID => content_id = Some(reader.string()?),
                page::CONTENT_LOCATION => content_location = Some(reader.string()?),
                page::IS_INLINE => inline = reader.boolean()?,
                _ => reader.skip()?,
            }
        }
        Ok(file_reference.map(|file_reference| Self {
            display_name,
            file_reference,
            method,
            estimated_size,
            content_id,
            content_location,
            inline,
        }))
    }
}
