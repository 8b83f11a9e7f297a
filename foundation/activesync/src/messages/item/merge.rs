//! Items as they are kept and compared, whatever their class.

use std::collections::BTreeSet;

use super::{Class, Item, document};
use crate::codepage::{Tag, air_sync as page};
use crate::messages::DecodeError;
use crate::messages::decode;
use crate::messages::element::Element;
use crate::wbxml::Writer;

/// Does the same for every class that is known.
macro_rules! each {
    ($item:expr, $known:ident => $same:expr, $elements:ident => $otherwise:expr) => {
        match $item {
            Item::Any($elements) => $otherwise,
            Item::Contact($known) => $same,
            Item::Email($known) => $same,
            Item::Event($known) => $same,
            Item::Note($known) => $same,
            Item::Task($known) => $same,
        }
    };
}

impl Item {
    /// Writes the item as a WBXML document of its own, an `ApplicationData`, to be kept.
    pub fn to_document(&self) -> Vec<u8> {
        Writer::document(page::APPLICATION_DATA, |data| self.write(data))
    }

    /// Reads an item of a class from what [`Item::to_document`] wrote.
    pub fn from_document(class: Class, input: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = decode::open(input, page::APPLICATION_DATA)?;
        let mut item = Self::empty(class);
        while let Some(tag) = reader.child()? {
            item.read_property(&mut reader, tag)?;
        }
        decode::close(reader)?;
        Ok(item)
    }

    /// Takes over what a change says: given properties are replaced, lists as a whole, empty ones cleared; the rest stays. A change
    /// of another class changes nothing.
    pub fn apply(&mut self, change: Self) {
        match self {
            Self::Any(_) => *self = change,
            Self::Contact(item) => {
                change.into_contact().into_iter().for_each(|change| item.apply(*change));
            }
            Self::Email(item) => {
                change.into_email().into_iter().for_each(|change| item.apply(*change));
            }
            Self::Event(item) => {
                change.into_event().into_iter().for_each(|change| item.apply(*change));
            }
            Self::Note(item) => {
                change.into_note().into_iter().for_each(|change| item.apply(*change));
            }
            Self::Task(item) => {
                change.into_task().into_iter().for_each(|change| item.apply(*change));
            }
        }
    }

    /// Returns the change that leads from `old` here; of items of different classes all of this one.
    #[must_use]
    pub fn changes_since(&self, old: &Self) -> Self {
        match (self, old) {
            (Self::Contact(new), Self::Contact(old)) => new.changes_since(old).into(),
            (Self::Email(new), Self::Email(old)) => new.changes_since(old).into(),
            (Self::Event(new), Self::Event(old)) => new.changes_since(old).into(),
            (Self::Note(new), Self::Note(old)) => new.changes_since(old).into(),
            (Self::Task(new), Self::Task(old)) => new.changes_since(old).into(),
            (
                Self::Any(_)
                | Self::Contact(_)
                | Self::Email(_)
                | Self::Event(_)
                | Self::Note(_)
                | Self::Task(_),
                _,
            ) => self.clone(),
        }
    }

    /// Returns the elements of the properties that are there or cleared.
    pub fn tags(&self) -> BTreeSet<Tag> {
        each!(self, item => item.tags(), elements => elements.iter().map(|element| element.tag).collect())
    }

    /// Takes away properties by their elements.
    pub fn remove(&mut self, tags: &[Tag]) {
        each!(self, item => item.remove(tags), elements => {
            elements.retain(|element: &Element| !tags.contains(&element.tag));
        });
    }

    /// Returns whether there is no property at all.
    pub fn is_empty(&self) -> bool {
        each!(self, item => item.is_empty(), elements => elements.is_empty())
    }

    /// Takes the item as one of a class. What belongs to another class becomes an item without properties.
    #[must_use]
    pub fn of_class(self, class: Class) -> Self {
        if self.class() == Some(class) {
            return self;
        }
        match self {
            Self::Any(elements) => Self::from_document(class, &document(&elements))
                .unwrap_or_else(|_| Self::empty(class)),
            Self::Contact(_) | Self::Email(_) | Self::Event(_) | Self::Note(_) | Self::Task(_) => {
                Self::empty(class)
            }
        }
    }
}
