use bytes::Bytes;

use super::decode::keep;
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
        let mut open = vec![Open::new(tag)];
        loop {
            match reader.event()? {
                Some(Event::Start { tag, .. }) => open.push(Open::new(tag)),
                Some(Event::Text(text)) => {
                    if let Some(element) = open.last_mut() {
                        element.add(text, Content::Text);
                    }
                }
                Some(Event::Opaque(bytes)) => {
                    if let Some(element) = open.last_mut() {
                        element.add(bytes, Content::Opaque);
                    }
                }
                Some(Event::End) | None => {
                    let Some(done) = open.pop() else { return Ok(Open::new(tag).close()) };
                    let done = done.close();
                    let Some(parent) = open.last_mut() else { return Ok(done) };
                    keep(&mut parent.elements, done, reader)?;
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
}

/// An element that has not ended yet.
struct Open {
    tag: Tag,
    elements: Vec<Element>,
    bytes: Vec<u8>,
    kind: fn(Bytes) -> Content,
}

impl Open {
    fn new(tag: Tag) -> Self {
        Self { tag, elements: Vec::new(), bytes: Vec::new(), kind: Content::Text }
    }

    fn add(&mut self, piece: &[u8], kind: fn(Bytes) -> Content) {
        if self.elements.is_empty() {
            self.bytes.extend_from_slice(piece);
            self.kind = kind;
        }
    }

    fn close(self) -> Element {
        let content = if !self.elements.is_empty() {
            Content::Elements(self.elements)
        } else if self.bytes.is_empty() {
            Content::Empty
        } else {
            (self.kind)(self.bytes.into_boxed_slice().into())
        };
        Element { tag: self.tag, content }
    }
}
