//! How the properties of items are declared: one table per class, from which reading, writing and merging follow.

use bytes::Bytes;
use data_encoding::{BASE64, BASE64_MIME_PERMISSIVE};
use std::marker::PhantomData;
use time::OffsetDateTime;

use super::decode::{DecodeError, Values, keep};
use super::element::{Content, Element};
use crate::codepage::Tag;
use crate::date;
use crate::wbxml::{Reader, Writer};

/// How one kind of value stands in an element.
pub(super) trait Codec {
    type Value: PartialEq;

    /// Reads the entered element.
    fn read(reader: &mut Reader<'_>) -> Result<Found<Self::Value>, DecodeError>;

    fn write(writer: &mut Writer, tag: Tag, value: &Self::Value);

    /// Returns whether the value is written as an element without content, which clears the property.
    fn is_empty(_value: &Self::Value) -> bool {
        false
    }

    /// Returns the value that clears the property, where an element without content would mean something else.
    fn cleared() -> Option<Self::Value> {
        None
    }

    /// Puts a changed value in the place of the old one.
    fn merge(_old: Option<Self::Value>, change: Self::Value) -> Option<Self::Value> {
        Some(change).filter(|value| !Self::is_empty(value))
    }
}

/// What an element holds.
pub(super) enum Found<T> {
    Empty,
    /// Something that this property cannot be; as if it were not there.
    Odd,
    Value(T),
}

impl<T> Found<T> {
    pub(super) fn parse(text: &str, parse: impl FnOnce(&str) -> Option<T>) -> Self {
        let text = text.trim();
        if text.is_empty() { Self::Empty } else { parse(text).map_or(Self::Odd, Self::Value) }
    }
}

pub(super) struct Text;

impl Codec for Text {
    type Value = String;

    fn read(reader: &mut Reader<'_>) -> Result<Found<String>, DecodeError> {
        Ok(Found::Value(reader.string()?))
    }

    fn write(writer: &mut Writer, tag: Tag, value: &String) {
        writer.text(tag, value);
    }

    fn is_empty(value: &String) -> bool {
        value.is_empty()
    }
}

/// Present without a value means yes.
pub(super) struct Boolean;

impl Codec for Boolean {
    type Value = bool;

    fn read(reader: &mut Reader<'_>) -> Result<Found<bool>, DecodeError> {
        Ok(Found::Value(reader.boolean()?))
    }

    fn write(writer: &mut Writer, tag: Tag, value: &bool) {
        writer.boolean(tag, *value);
    }

    fn cleared() -> Option<bool> {
        Some(false)
    }
}

pub(super) struct Number<N>(PhantomData<N>);

impl<N: TryFrom<i64> + Into<i64> + Copy + PartialEq> Codec for Number<N> {
    type Value = N;

    fn read(reader: &mut Reader<'_>) -> Result<Found<N>, DecodeError> {
        Ok(Found::parse(&reader.text()?, |text| N::try_from(text.parse().ok()?).ok()))
    }

    fn write(writer: &mut Writer, tag: Tag, value: &N) {
        writer.number(tag, *value);
    }
}

/// An enum that stands as a number.
pub(super) trait Coded: Copy + PartialEq {
    fn of_code(code: u8) -> Option<Self>;
    fn to_code(self) -> u8;
}

pub(super) struct Code<E>(PhantomData<E>);

impl<E: Coded> Codec for Code<E> {
    type Value = E;

    fn read(reader: &mut Reader<'_>) -> Result<Found<E>, DecodeError> {
        Ok(Found::parse(&reader.text()?, |text| E::of_code(text.parse().ok()?)))
    }

    fn write(writer: &mut Writer, tag: Tag, value: &E) {
        writer.number(tag, value.to_code());
    }
}

/// Date and time in the form of mail, contacts and tasks.
pub(super) struct Long;

impl Codec for Long {
    type Value = OffsetDateTime;

    fn read(reader: &mut Reader<'_>) -> Result<Found<OffsetDateTime>, DecodeError> {
        Ok(Found::parse(&reader.text()?, date::parse))
    }

    fn write(writer: &mut Writer, tag: Tag, value: &OffsetDateTime) {
        writer.text(tag, &date::long(*value));
    }
}

/// Date and time in the form of calendar and notes.
pub(super) struct Compact;

impl Codec for Compact {
    type Value = OffsetDateTime;

    fn read(reader: &mut Reader<'_>) -> Result<Found<OffsetDateTime>, DecodeError> {
        Long::read(reader)
    }

    fn write(writer: &mut Writer, tag: Tag, value: &OffsetDateTime) {
        writer.text(tag, &date::compact(*value));
    }
}

/// Bytes that stand for themselves.
pub(super) struct Opaque;

impl Codec for Opaque {
    type Value = Bytes;

    fn read(reader: &mut Reader<'_>) -> Result<Found<Bytes>, DecodeError> {
        Ok(Found::Value(Bytes::copy_from_slice(&reader.bytes()?)))
    }

    fn write(writer: &mut Writer, tag: Tag, value: &Bytes) {
        writer.opaque(tag, value);
    }

    fn is_empty(value: &Bytes) -> bool {
        value.is_empty()
    }
}

/// Bytes as text in base64.
pub(super) struct Base64;

impl Codec for Base64 {
    type Value = Bytes;

    fn read(reader: &mut Reader<'_>) -> Result<Found<Bytes>, DecodeError> {
        let text = reader.bytes()?;
        if text.is_empty() {
            return Ok(Found::Empty);
        }
        Ok(match BASE64_MIME_PERMISSIVE.decode(&text) {
            Ok(bytes) => Found::Value(bytes.into()),
            Err(_) => Found::Odd,
        })
    }

    fn write(writer: &mut Writer, tag: Tag, value: &Bytes) {
        writer.text(tag, &BASE64.encode(value));
    }

    fn is_empty(value: &Bytes) -> bool {
        value.is_empty()
    }
}

/// A value with elements of its own.
pub(super) trait Nested: PartialEq + Sized {
    /// Reads the entered element; `None` if nothing can be made of it.
    fn read_nested(reader: &mut Reader<'_>) -> Result<Option<Self>, DecodeError>;
    fn write_nested(&self, writer: &mut Writer, tag: Tag);
    /// Returns whether nothing is in it.
    fn is_bare(&self) -> bool {
        false
    }
}

pub(super) struct Inner<T>(PhantomData<T>);

impl<T: Nested> Codec for Inner<T> {
    type Value = T;

    fn read(reader: &mut Reader<'_>) -> Result<Found<T>, DecodeError> {
        Ok(match T::read_nested(reader)? {
            Some(value) if value.is_bare() => Found::Empty,
            Some(value) => Found::Value(value),
            None => Found::Odd,
        })
    }

    fn write(writer: &mut Writer, tag: Tag, value: &T) {
        value.write_nested(writer, tag);
    }

    fn is_empty(value: &T) -> bool {
        value.is_bare()
    }
}

/// A large value that is rarely there, so that its place is taken only when it is.
pub(super) struct Boxed<C>(PhantomData<C>);

impl<C: Codec> Codec for Boxed<C> {
    type Value = Box<C::Value>;

    fn read(reader: &mut Reader<'_>) -> Result<Found<Self::Value>, DecodeError> {
        Ok(match C::read(reader)? {
            Found::Empty => Found::Empty,
            Found::Odd => Found::Odd,
            Found::Value(value) => {
                reader.take_room(size_of::<C::Value>())?;
                Found::Value(Box::new(value))
            }
        })
    }

    fn write(writer: &mut Writer, tag: Tag, value: &Self::Value) {
        C::write(writer, tag, value);
    }

    fn is_empty(value: &Self::Value) -> bool {
        C::is_empty(value)
    }

    fn cleared() -> Option<Self::Value> {
        C::cleared().map(Box::new)
    }

    fn merge(old: Option<Self::Value>, change: Self::Value) -> Option<Self::Value> {
        C::merge(old.map(|old| *old), *change).map(Box::new)
    }
}

/// The name of the elements in a list.
pub(super) trait Child {
    const TAG: Tag;
}

/// A list of values, each in an element `C`.
pub(super) struct List<T, C>(PhantomData<(T, C)>);

impl<T: Codec, C: Child> Codec for List<T, C> {
    type Value = Vec<T::Value>;

    fn read(reader: &mut Reader<'_>) -> Result<Found<Self::Value>, DecodeError> {
        let mut list = Vec::new();
        while let Some(tag) = reader.child()? {
            if tag == C::TAG {
                if let Found::Value(value) = T::read(reader)? {
                    keep(&mut list, value, reader)?;
                }
            } else {
                reader.skip()?;
            }
        }
        Ok(Found::Value(list))
    }

    fn write(writer: &mut Writer, tag: Tag, value: &Self::Value) {
        writer.container(tag, |list| value.iter().for_each(|entry| T::write(list, C::TAG, entry)));
    }

    fn is_empty(value: &Self::Value) -> bool {
        value.is_empty()
    }
}

/// Reads the entered element into a property.
pub(super) fn read<C: Codec>(
    reader: &mut Reader<'_>,
    tag: Tag,
    property: &mut Option<C::Value>,
    cleared: &mut std::collections::BTreeSet<Tag>,
) -> Result<(), DecodeError> {
    match C::read(reader)? {
        Found::Empty => {
            // The first one makes a node with room for eleven.
            if cleared.is_empty() {
                reader.take_room(64)?;
            }
            cleared.insert(tag);
        }
        Found::Odd => {}
        Found::Value(value) => *property = Some(value),
    }
    Ok(())
}

/// Puts what a change says of a property in its place.
pub(super) fn merge<C: Codec>(
    tag: Tag,
    property: &mut Option<C::Value>,
    change: Option<C::Value>,
    cleared: &std::collections::BTreeSet<Tag>,
) {
    match change {
        Some(value) => *property = C::merge(property.take(), value),
        None if cleared.contains(&tag) => *property = None,
        None => {}
    }
}

/// Puts what a change says of unknown elements in their place; all of one name together.
pub(super) fn merge_other(other: &mut Vec<Element>, change: Vec<Element>) {
    other.retain(|known| change.iter().all(|element| element.tag != known.tag));
    other.extend(change.into_iter().filter(|element| element.content != Content::Empty));
}

/// Returns the change of unknown elements that leads from `old` to `new`.
pub(super) fn other_changes(new: &[Element], old: &[Element]) -> Vec<Element> {
    let of = |list: &[Element], tag: Tag| -> Vec<Element> {
        list.iter().filter(|element| element.tag == tag).cloned().collect()
    };
    let mut tags: Vec<Tag> = new.iter().chain(old).map(|element| element.tag).collect();
    tags.sort_unstable();
    tags.dedup();
    tags.retain(|tag| of(new, *tag) != of(old, *tag));
    let empty = |tag| vec![Element { tag, content: Content::Empty }];
    let changes = tags.into_iter().map(|tag| (tag, of(new, tag)));
    changes.flat_map(|(tag, list)| if list.is_empty() { empty(tag) } else { list }).collect()
}

/// Declares the names of elements in lists.
macro_rules! children {
    ($($name:ident = $tag:expr;)*) => {
        $(
            struct $name;

            impl crate::messages::property::Child for $name {
                const TAG: crate::codepage::Tag = $tag;
            }
        )*
    };
}

/// Declares an enum that stands as a number.
macro_rules! codes {
    ($($(#[$doc:meta])* pub enum $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $code:literal,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
            #[repr(u8)]
            pub enum $name {
                $($(#[$variant_doc])* $variant = $code,)*
            }

            impl $name {
                /// All values, by their numbers.
                pub const ALL: &'static [Self] = &[$(Self::$variant),*];

                /// Returns the number on the wire.
                pub fn code(self) -> u8 {
                    self as u8
                }

                /// Reads the number on the wire.
                pub fn from_code(code: u8) -> Option<Self> {
                    Self::ALL.iter().copied().find(|known| known.code() == code)
                }
            }

            impl crate::messages::property::Coded for $name {
                fn of_code(code: u8) -> Option<Self> {
                    Self::from_code(code)
                }

                fn to_code(self) -> u8 {
                    self.code()
                }
            }
        )*
    };
}

/// Declares a set of properties, in the order in which they are written. Every property may be absent.
macro_rules! properties {
    ($(#[$doc:meta])* pub struct $name:ident {
        $($(#[$field_doc:meta])* $field:ident: $type:ty = $codec:ty, $tag:expr;)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Default)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: Option<$type>,)*
            /// Properties that were there without a value: in a change those that are cleared. A text that is cleared is `Some("")`.
            pub cleared: std::collections::BTreeSet<crate::codepage::Tag>,
            /// Elements without a property here. They are written back as they came, so that an edit does not lose them.
            pub other: Vec<crate::messages::Element>,
        }

        impl $name {
            /// The elements of the properties, in the order in which they are written.
            pub const TAGS: &'static [crate::codepage::Tag] = &[$($tag),*];

            /// Takes over what a change says: given properties are replaced, lists as a whole, empty ones cleared; the rest stays.
            pub fn apply(&mut self, change: Self) {
                $(crate::messages::property::merge::<$codec>($tag, &mut self.$field, change.$field, &change.cleared);)*
                self.cleared.retain(|tag| !change.cleared.contains(tag));
                crate::messages::property::merge_other(&mut self.other, change.other);
            }

            /// Returns the change that leads from `old` here.
            #[must_use]
            pub fn changes_since(&self, old: &Self) -> Self {
                let mut change = Self::default();
                $(
                    if self.$field != old.$field {
                        change.$field = self.$field.clone().or_else(<$codec as crate::messages::property::Codec>::cleared);
                        if change.$field.is_none() {
                            change.cleared.insert($tag);
                        }
                    }
                )*
                change.other = crate::messages::property::other_changes(&self.other, &old.other);
                change
            }

            /// Takes away properties by their elements.
            pub fn remove(&mut self, tags: &[crate::codepage::Tag]) {
                $(
                    if tags.contains(&$tag) {
                        self.$field = None;
                    }
                )*
                self.cleared.retain(|tag| !tags.contains(tag));
                self.other.retain(|element| !tags.contains(&element.tag));
            }

            /// Returns the elements of the properties that are there or cleared.
            pub fn tags(&self) -> std::collections::BTreeSet<crate::codepage::Tag> {
                let mut tags = self.cleared.clone();
                $(
                    if self.$field.is_some() {
                        tags.insert($tag);
                    }
                )*
                tags.extend(self.other.iter().map(|element| element.tag));
                tags
            }

            /// Returns whether there is no property at all.
            pub fn is_empty(&self) -> bool {
                *self == Self::default()
            }

            /// Reads the entered element as a property.
            pub(in crate::messages) fn read_property(
                &mut self,
                reader: &mut crate::wbxml::Reader<'_>,
                tag: crate::codepage::Tag,
            ) -> Result<(), crate::messages::DecodeError> {
                $(
                    if tag == $tag {
                        return crate::messages::property::read::<$codec>(
                            reader, tag, &mut self.$field, &mut self.cleared,
                        );
                    }
                )*
                crate::messages::decode::keep(&mut self.other, crate::messages::Element::read(reader, tag)?, reader)?;
                Ok(())
            }

            /// Reads the properties in the entered element.
            pub(in crate::messages) fn read(
                reader: &mut crate::wbxml::Reader<'_>,
            ) -> Result<Self, crate::messages::DecodeError> {
                let mut properties = Self::default();
                while let Some(tag) = reader.child()? {
                    properties.read_property(reader, tag)?;
                }
                Ok(properties)
            }

            /// Writes the properties into the element that is open.
            pub(in crate::messages) fn write(&self, writer: &mut crate::wbxml::Writer) {
                $(
                    match &self.$field {
                        Some(value) => <$codec as crate::messages::property::Codec>::write(writer, $tag, value),
                        None if self.cleared.contains(&$tag) => writer.empty($tag),
                        None => {}
                    }
                )*
                self.other.iter().for_each(|element| element.write(writer));
            }
        }

        /// Shows only the properties that are there.
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let mut output = f.debug_struct(stringify!($name));
                $(
                    if let Some(value) = &self.$field {
                        output.field(stringify!($field), value);
                    }
                )*
                if !self.cleared.is_empty() {
                    output.field("cleared", &self.cleared);
                }
                if !self.other.is_empty() {
                    output.field("other", &self.other);
                }
                output.finish()
            }
        }

        impl crate::messages::property::Nested for $name {
            fn read_nested(
                reader: &mut crate::wbxml::Reader<'_>,
            ) -> Result<Option<Self>, crate::messages::DecodeError> {
                Self::read(reader).map(Some)
            }

            fn write_nested(&self, writer: &mut crate::wbxml::Writer, tag: crate::codepage::Tag) {
                if self.is_empty() {
                    writer.empty(tag);
                } else {
                    writer.container(tag, |inner| self.write(inner));
                }
            }

            fn is_bare(&self) -> bool {
                self.is_empty()
            }
        }
    };
}

pub(super) use {children, codes, properties};
