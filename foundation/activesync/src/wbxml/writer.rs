use super::{CONTENT, END, HEADER, OPAQUE, STRING, SWITCH_PAGE};
use crate::codepage::Tag;

/// Writes a document from front to back. Page switches are written where they are needed.
#[derive(Debug, Clone)]
pub struct Writer {
    output: Vec<u8>,
    page: u8,
}

impl Default for Writer {
    fn default() -> Self {
        Self::new()
    }
}

impl Writer {
    /// Starts a document with its header.
    pub fn new() -> Self {
        Self { output: HEADER.to_vec(), page: 0 }
    }

    /// Writes a whole document with the root element `tag`.
    pub fn document(tag: Tag, content: impl FnOnce(&mut Self)) -> Vec<u8> {
        let mut writer = Self::new();
        writer.container(tag, content);
        writer.finish()
    }

    /// Writes an element around what `content` writes.
    pub fn container(&mut self, tag: Tag, content: impl FnOnce(&mut Self)) {
        self.start(tag);
        content(self);
        self.end();
    }

    /// Opens an element that [`Writer::end`] closes.
    pub fn start(&mut self, tag: Tag) {
        self.tag(tag, CONTENT);
    }

    /// Closes the element that was opened last.
    pub fn end(&mut self) {
        self.output.push(END);
    }

    /// Writes an element without content.
    pub fn empty(&mut self, tag: Tag) {
        self.tag(tag, 0);
    }

    /// Writes an element with a text, or without content if the text is empty.
    pub fn text(&mut self, tag: Tag, text: &str) {
        self.text_bytes(tag, text.as_bytes());
    }

    /// Writes an element with a text that may be of any charset.
    pub fn text_bytes(&mut self, tag: Tag, text: &[u8]) {
        if text.is_empty() {
            return self.empty(tag);
        }
        self.start(tag);
        self.string(text);
        self.end();
    }

    /// Writes a piece of text into the element that is open. NUL bytes, which no string can hold, are left out.
    pub fn string(&mut self, text: &[u8]) {
        self.output.push(STRING);
        if memchr::memchr(0, text).is_some() {
            self.output.extend(text.iter().filter(|byte| **byte != 0));
        } else {
            self.output.extend_from_slice(text);
        }
        self.output.push(0);
    }

    /// Writes an element with a decimal number.
    pub fn number(&mut self, tag: Tag, number: impl Into<i64>) {
        self.text(tag, &number.into().to_string());
    }

    /// Writes an element with `1` or `0`.
    pub fn boolean(&mut self, tag: Tag, value: bool) {
        self.text(tag, if value { "1" } else { "0" });
    }

    /// Writes an element with bytes that stand for themselves.
    ///
    /// A length above 32 bits cannot be written; such bytes are cut.
    pub fn opaque(&mut self, tag: Tag, bytes: &[u8]) {
        self.start(tag);
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.output.push(OPAQUE);
        for shift in [28, 21, 14, 7] {
            if length >> shift != 0 {
                self.output.push((length >> shift & 0x7F) as u8 | 0x80);
            }
        }
        self.output.push((length & 0x7F) as u8);
        self.output.extend(bytes.iter().take(usize::try_from(length).unwrap_or(usize::MAX)));
        self.end();
    }

    /// Returns the document.
    pub fn finish(self) -> Vec<u8> {
        self.output
    }

    fn tag(&mut self, tag: Tag, content: u8) {
        if tag.page != self.page {
            self.output.extend([SWITCH_PAGE, tag.page]);
            self.page = tag.page;
        }
        self.output.push(tag.token | content);
    }
}
