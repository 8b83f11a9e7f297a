use time::OffsetDateTime;

use super::body::{Body, BodyType};
use super::calendar::BodyCodec;
use super::property::{Code, Compact, List, Text, children, properties};
use crate::codepage::{air_sync_base, notes as page};

children! {
    CategoryChild = page::CATEGORY;
}

properties! {
    /// A note; since 14.0.
    pub struct Note {
        /// Subject; Exchange takes the first line of the body.
        subject: String = Text, page::SUBJECT;
        /// Message class, [`Note::CLASS`]; must be there.
        message_class: String = Text, page::MESSAGE_CLASS;
        /// When it was changed last.
        last_modified: OffsetDateTime = Compact, page::LAST_MODIFIED_DATE;
        /// Categories.
        categories: Vec<String> = List<Text, CategoryChild>, page::CATEGORIES;
        /// Text.
        body: Body = BodyCodec, air_sync_base::BODY;
        /// Form in which the server stores the text.
        native_body_type: BodyType = Code<BodyType>, air_sync_base::NATIVE_BODY_TYPE;
    }
}

impl Note {
    /// The message class of notes.
    pub const CLASS: &'static str = "IPM.StickyNote";
}
