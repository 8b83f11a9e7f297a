use bytes::Bytes;

use crate::codepage::Tag;
use crate::wbxml::{Event, ReadError, Reader, Writer};

/// An element that is kept as it came, because no type here has a property for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Its name.
    pub tag: Tag,
    /// What is in it.
    pub content: Content,
}

/// What is in an [`Element`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Elements, in order.
    Elements(Vec<Element>),
    /// Nothing.
    Empty,
    /// Bytes that stand for themselves.
    Opaque(Bytes),
    /// Text, mostly UTF-8.
    Text(Bytes),
}

impl Element {
    /// Keeps the entered element. Text between elements is dropped.
    pub(super) fn read(reader: &mut Reader<'_>, tag: Tag) -> Result<Self, ReadError> {
        let mut open = vec![Self::empty(tag)];
        loop {
            match reader.event()? {
                Some(Event::Start { tag, .. }) => open.push(Self::empty(tag)),
                Some(Event::Text(text)) => {
                    if let Some(element) = open.last_mut() {
                        element.content.add(text, Content::Text);
                    }
                }
                Some(Event::Opaque(bytes)) => {
                    if let Some(element) = open.last_mut() {
                        element.content.add(bytes, Content::Opaque);
                    }
                }
                Some(Event::End) | None => {
                    let Some(done) = open.pop() else { return Ok(Self::empty(tag)) };
                    let Some(parent) = open.last_mut() else { return Ok(done) };
                    parent.content.push(done);
                }
            }
        }
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        match &self.content {
            Content::Elements(elements) => writer.container(self.tag, |inner| {
                elements.iter().for_each(|element| element.write(inner));
            }),
            Content::Empty => writer.empty(self.tag),
            Content::Opaque(bytes) => writer.opaque(self.tag, bytes),
            Content::Text(text) => writer.text_bytes(self.tag, text),
        }
    }

    fn empty(tag: Tag) -> Self {
        Self { tag, content: Content::Empty }
    }
}

impl Content {
    fn add(&mut self, piece: &[u8], kind: fn(Bytes) -> Self) {
        let whole = match self {
            Self::Elements(_) => return,
            Self::Empty => Bytes::copy_from_slice(piece),
            Self::Opaque(before) | Self::Text(before) => [before, piece].concat().into(),
        };
        if !whole.is_empty() {
            *self = kind(whole);
        }
    }

    fn push(&mut self, element: Element) {
        if let Self::Elements(elements) = self {
            elements.push(element);
        } else {
            *self = Self::Elements(vec![element]);
        }
    }
}
