//! What searches find beside mail: people of the directory and documents.

use bytes::Bytes;
use time::OffsetDateTime;

use super::decode::{DecodeError, Values};
use super::property::{Boolean, Inner, Long, Nested, Number, Text, properties};
use crate::codepage::{Tag, document_library, find, gal, search};
use crate::status::Status;
use crate::wbxml::{Reader, Writer};

properties! {
    /// Somebody in the directory.
    #[expect(missing_docs, reason = "the names are the protocol's")]
    pub struct GalEntry {
        display_name: String = Text, gal::DISPLAY_NAME;
        phone: String = Text, gal::PHONE;
        office: String = Text, gal::OFFICE;
        title: String = Text, gal::TITLE;
        company: String = Text, gal::COMPANY;
        alias: String = Text, gal::ALIAS;
        first_name: String = Text, gal::FIRST_NAME;
        last_name: String = Text, gal::LAST_NAME;
        home_phone: String = Text, gal::HOME_PHONE;
        mobile_phone: String = Text, gal::MOBILE_PHONE;
        email_address: String = Text, gal::EMAIL_ADDRESS;
        /// Photo; since 14.1.
        picture: GalPicture = Inner<GalPicture>, gal::PICTURE;
    }
}

properties! {
    /// A document or a folder of a document library.
    pub struct Document {
        /// Its address.
        link: String = Text, document_library::LINK_ID;
        /// Name for people.
        display_name: String = Text, document_library::DISPLAY_NAME;
        /// Whether it is a folder.
        is_folder: bool = Boolean, document_library::IS_FOLDER;
        /// When it was made.
        created: OffsetDateTime = Long, document_library::CREATION_DATE;
        /// When it was changed last.
        last_modified: OffsetDateTime = Long, document_library::LAST_MODIFIED_DATE;
        /// Whether lists leave it out.
        is_hidden: bool = Boolean, document_library::IS_HIDDEN;
        /// Size in bytes.
        content_length: i64 = Number<i64>, document_library::CONTENT_LENGTH;
        /// Media type.
        content_type: String = Text, document_library::CONTENT_TYPE;
    }
}

/// A photo in an answer: a status, and bytes if it is 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GalPicture {
    /// 1, 173 none, 174 too large, 175 more than were asked for.
    pub status: Status,
    /// The photo as JPEG.
    pub data: Option<Bytes>,
}

impl Nested for GalPicture {
    fn read_nested(reader: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        Self::read(reader, gal::STATUS, gal::DATA).map(Some)
    }

    fn write_nested(&self, writer: &mut Writer, tag: Tag) {
        self.write(writer, tag, gal::STATUS, gal::DATA);
    }
}

impl GalPicture {
    /// Reads the entered element. A photo without a readable status is as good as none.
    pub(super) fn read(
        reader: &mut Reader<'_>,
        status_tag: Tag,
        data_tag: Tag,
    ) -> Result<Self, DecodeError> {
        let (mut status, mut data) = (Status(173), None);
        while let Some(tag) = reader.child()? {
            if tag == status_tag {
                status = reader.number_if_any()?.map_or(status, Status);
            } else if tag == data_tag {
                data = Some(Bytes::copy_from_slice(&reader.bytes()?));
            } else {
                reader.skip()?;
            }
        }
        Ok(Self { status, data })
    }

    pub(super) fn write(&self, writer: &mut Writer, tag: Tag, status_tag: Tag, data_tag: Tag) {
        writer.container(tag, |picture| {
            picture.number(status_tag, self.status);
            if let Some(data) = &self.data {
                picture.opaque(data_tag, data);
            }
        });
    }
}

/// Which photos are wanted; since 14.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PictureWish {
    /// Most bytes of a photo, up to 102400.
    pub max_size: Option<u32>,
    /// Most photos in the answer.
    pub max_pictures: Option<u32>,
}

/// Names of the elements of a [`PictureWish`] on one page.
pub(super) struct PictureTags(pub Tag, pub Tag, pub Tag);

pub(super) const SEARCH_PICTURE: PictureTags =
    PictureTags(search::PICTURE, search::MAX_SIZE, search::MAX_PICTURES);
pub(super) const FIND_PICTURE: PictureTags =
    PictureTags(find::PICTURE, find::MAX_SIZE, find::MAX_PICTURES);

impl PictureWish {
    pub(super) fn read(reader: &mut Reader<'_>, tags: &PictureTags) -> Result<Self, DecodeError> {
        let mut wish = Self::default();
        while let Some(tag) = reader.child()? {
            if tag == tags.1 {
                wish.max_size = reader.number_if_any()?;
            } else if tag == tags.2 {
                wish.max_pictures = reader.number_if_any()?;
            } else {
                reader.skip()?;
            }
        }
        Ok(wish)
    }

    pub(super) fn write(self, writer: &mut Writer, tags: &PictureTags) {
        writer.container(tags.0, |picture| {
            for (tag, value) in [(tags.1, self.max_size), (tags.2, self.max_pictures)] {
                if let Some(value) = value {
                    picture.number(tag, value);
                }
            }
        });
    }
}
