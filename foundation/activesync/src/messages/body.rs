use bytes::Bytes;

use super::decode::{DecodeError, Values};
use super::property::{Found, Nested, codes};
use crate::codepage::{Tag, air_sync_base as page, email2};
use crate::status::Status;
use crate::wbxml::{Reader, Writer};

codes! {
    /// Form of a body.
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

    /// How an attachment is stored.
    #[derive(Default)]
    pub enum AttachmentMethod {
        /// An ordinary file.
        #[default]
        Normal = 1,
        /// A message.
        Message = 5,
        /// An OLE object.
        Ole = 6,
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
        Ok(match Self::find(reader)? {
            Found::Value(body) => Some(body),
            Found::Empty | Found::Odd => None,
        })
    }

    /// Reads the entered element; a body without anything in it clears the old one.
    pub(super) fn find(reader: &mut Reader<'_>) -> Result<Found<Self>, DecodeError> {
        let mut parts = BodyParts::default();
        while let Some(tag) = reader.child()? {
            parts.read(reader, tag)?;
        }
        Ok(match parts.kind {
            Some(kind) => Found::Value(parts.body(kind)),
            None if parts == BodyParts::default() => Found::Empty,
            None => Found::Odd,
        })
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.container(page::BODY, |body| self.write_parts(body));
    }

    fn write_parts(&self, body: &mut Writer) {
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
    }
}

#[derive(Default, PartialEq)]
struct BodyParts {
    kind: Option<BodyType>,
    estimated_size: Option<u32>,
    truncated: bool,
    data: Option<Bytes>,
    preview: Option<String>,
    part: Option<u32>,
}

impl BodyParts {
    fn read(&mut self, reader: &mut Reader<'_>, tag: Tag) -> Result<(), DecodeError> {
        match tag {
            page::TYPE => self.kind = reader.number_if_any()?.and_then(BodyType::from_code),
            page::ESTIMATED_DATA_SIZE => self.estimated_size = reader.number_if_any()?,
            page::TRUNCATED => self.truncated = reader.boolean()?,
            page::DATA => self.data = Some(Bytes::copy_from_slice(&reader.bytes()?)),
            page::PREVIEW => self.preview = Some(reader.string()?),
            crate::codepage::item_operations::PART => self.part = reader.number_if_any()?,
            _ => reader.skip()?,
        }
        Ok(())
    }

    fn body(self, kind: BodyType) -> Body {
        Body {
            kind: self.kind.unwrap_or(kind),
            estimated_size: self.estimated_size,
            truncated: self.truncated,
            data: self.data,
            preview: self.preview,
            part: self.part,
        }
    }
}

/// The part of a mail's body that is new in its conversation; since 14.1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyPart {
    /// 1, or 176 if the part is too large: ask for the body.
    pub status: Status,
    /// The part; without data if it could not be had.
    pub body: Body,
}

impl Nested for BodyPart {
    fn read_nested(reader: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        let mut status = Status::OK;
        let mut parts = BodyParts::default();
        while let Some(tag) = reader.child()? {
            match tag {
                page::STATUS => status = reader.number_if_any()?.map_or(status, Status),
                _ => parts.read(reader, tag)?,
            }
        }
        Ok(Some(Self { status, body: parts.body(BodyType::Html) }))
    }

    fn write_nested(&self, writer: &mut Writer, tag: Tag) {
        writer.container(tag, |part| {
            part.number(page::STATUS, self.status);
            self.body.write_parts(part);
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
        self.write_as(writer, page::BODY_PREFERENCE);
    }

    /// Writes the wish as `BodyPreference` or as `BodyPartPreference`.
    pub(super) fn write_as(&self, writer: &mut Writer, tag: Tag) {
        writer.container(tag, |preference| {
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

/// What an item says about one of its attachments. The content is fetched by its reference.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
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
    /// Id that the client gave to an attachment that it added; in answers, since 16.0.
    pub client_id: Option<String>,
    /// Seconds of a voice message; since 14.0.
    pub voice_seconds: Option<u32>,
    /// Place among the voice messages of the mail, the newest being 1; since 14.0.
    pub voice_order: Option<u32>,
}

impl Attachment {
    pub(super) fn write(&self, writer: &mut Writer) {
        writer.container(page::ATTACHMENT, |entry| {
            entry.text(page::DISPLAY_NAME, &self.display_name);
            entry.text(page::FILE_REFERENCE, &self.file_reference);
            entry.number(page::METHOD, self.method.code());
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
            if let Some(id) = &self.client_id {
                entry.text(page::CLIENT_ID, id);
            }
            if let Some(seconds) = self.voice_seconds {
                entry.number(email2::UM_ATT_DURATION, seconds);
            }
            if let Some(order) = self.voice_order {
                entry.number(email2::UM_ATT_ORDER, order);
            }
        });
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        let mut display_name = String::new();
        let mut file_reference = None;
        let mut method = AttachmentMethod::Normal;
        let mut estimated_size = None;
        let mut content_id = None;
        let mut content_location = None;
        let mut inline = false;
        let mut client_id = None;
        let (mut voice_seconds, mut voice_order) = (None, None);
        while let Some(tag) = reader.child()? {
            match tag {
                page::DISPLAY_NAME => display_name = reader.string()?,
                page::FILE_REFERENCE => file_reference = Some(reader.string()?),
                page::METHOD => {
                    let code = reader.number_if_any()?;
                    method = code.and_then(AttachmentMethod::from_code).unwrap_or_default();
                }
                page::ESTIMATED_DATA_SIZE => estimated_size = reader.number_if_any()?,
                page::CONTENT_ID => content_id = Some(reader.string()?),
                page::CONTENT_LOCATION => content_location = Some(reader.string()?),
                page::IS_INLINE => inline = reader.boolean()?,
                page::CLIENT_ID => client_id = Some(reader.string()?),
                email2::UM_ATT_DURATION => voice_seconds = reader.number_if_any()?,
                email2::UM_ATT_ORDER => voice_order = reader.number_if_any()?,
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
            client_id,
            voice_seconds,
            voice_order,
        }))
    }
}
