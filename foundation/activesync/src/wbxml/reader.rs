use std::borrow::Cow;

use super::{
    ATTRIBUTES, CONTENT, END, FIRST_TAG, OPAQUE, STRING, STRING_REFERENCE, SWITCH_PAGE, TOKEN_MASK,
};
use crate::codepage::Tag;

/// A piece of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// An element ends. Elements without content have an end too.
    End,
    /// Bytes that stand for themselves.
    Opaque(&'a [u8]),
    /// An element starts.
    Start {
        /// Its name.
        tag: Tag,
        /// Whether it was written without content; its [`Event::End`] is then the next event.
        empty: bool,
    },
    /// Text. Meant to be UTF-8, but servers put mail of any charset here, so it is not checked.
    Text(&'a [u8]),
}

/// Bounds of what a [`Reader`] accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Size of the document in bytes.
    pub bytes: usize,
    /// Elements that may be open at the same time.
    pub depth: usize,
    /// Elements in the whole document.
    pub elements: usize,
    /// How many times larger than the document its content may become in memory, besides 1 MiB that is always allowed.
    ///
    /// Content grows because a few bytes can stand for an item with room for all its properties, and for a long text that many
    /// elements refer to.
    pub growth: usize,
}

/// What the content of any document may take, in bytes.
const ALWAYS_ALLOWED: usize = 1 << 20;

impl Default for Limits {
    /// Allows 128 MiB, 64 levels, a million elements and content 64 times as large as the document.
    fn default() -> Self {
        Self { bytes: 128 * 1024 * 1024, depth: 64, elements: 1_000_000, growth: 64 }
    }
}

/// Why a document cannot be read, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("byte {offset}: {kind}")]
pub struct ReadError {
    /// What is wrong.
    pub kind: ReadErrorKind,
    /// Distance of the offending byte from the start of the document.
    pub offset: usize,
}

/// What is wrong with a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadErrorKind {
    /// It does not start with a WBXML header for UTF-8.
    #[error("no WBXML header for UTF-8")]
    Header,
    /// It ends in the middle.
    #[error("document ends early")]
    Incomplete,
    /// A number is longer than 32 bits.
    #[error("number does not fit 32 bits")]
    Number,
    /// An element, a text or an end stands where none may.
    #[error("misplaced element, text or end")]
    Structure,
    /// A reference points outside of the string table.
    #[error("reference outside of the string table")]
    StringTable,
    /// It has more than one of the [`Limits`] allows.
    #[error("document exceeds a limit")]
    TooLarge,
    /// It uses a part of WBXML that ActiveSync does not have.
    #[error("token {0:#04x} is not part of ActiveSync")]
    Unsupported(u8),
}

/// Reads a document from front to back.
///
/// [`Reader::event`] gives the plain events. [`Reader::child`] with [`Reader::text`], [`Reader::bytes`] and [`Reader::skip`]
/// walks elements: each of the three consumes the element that was entered last, up to and with its end.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    input: &'a [u8],
    position: usize,
    strings: &'a [u8],
    limits: Limits,
    page: u8,
    depth: usize,
    elements: usize,
    end_of_empty: bool,
    /// Bytes that may still be taken for content.
    room: usize,
}

impl<'a> Reader<'a> {
    /// Reads the header of `input`, with the usual [`Limits`].
    pub fn new(input: &'a [u8]) -> Result<Self, ReadError> {
        Self::with_limits(input, Limits::default())
    }

    /// Reads the header of `input`.
    pub fn with_limits(input: &'a [u8], limits: Limits) -> Result<Self, ReadError> {
        let mut reader = Self {
            input,
            position: 0,
            strings: &[],
            limits,
            page: 0,
            depth: 0,
            elements: 0,
            end_of_empty: false,
            room: 0,
        };
        reader.make_room(ALWAYS_ALLOWED);
        reader.make_room(input.len().saturating_mul(limits.growth));
        if input.len() > limits.bytes {
            return Err(reader.error(ReadErrorKind::TooLarge));
        }
        for allowed in [&[0x03, 0x02][..], &[0x01], &[0x6A]] {
            match input.get(reader.position) {
                Some(byte) if allowed.contains(byte) => reader.position += 1,
                Some(_) => return Err(reader.error(ReadErrorKind::Header)),
                None => return Err(reader.error(ReadErrorKind::Incomplete)),
            }
        }
        let length = reader.number()?;
        reader.strings = reader.take(length)?;
        Ok(reader)
    }

    /// Returns the distance of the next unread byte from the start of the document.
    pub fn offset(&self) -> usize {
        self.position
    }

    /// Returns how many elements are open.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// Reads the next event, or `None` at the end of a complete document.
    pub fn event(&mut self) -> Result<Option<Event<'a>>, ReadError> {
        if self.end_of_empty {
            self.end_of_empty = false;
            return self.close(self.position).map(Some);
        }
        if self.depth == 0 && self.elements > 0 {
            return match self.input.get(self.position) {
                None => Ok(None),
                Some(_) => Err(self.error(ReadErrorKind::Structure)),
            };
        }
        loop {
            let offset = self.position;
            match self.byte()? {
                SWITCH_PAGE => self.page = self.byte()?,
                END => return self.close(offset).map(Some),
                STRING => {
                    let text = self.string(offset)?;
                    return Ok(Some(Event::Text(text)));
                }
                STRING_REFERENCE => {
                    let text = self.referenced(offset)?;
                    return Ok(Some(Event::Text(text)));
                }
                OPAQUE => {
                    self.inside(offset)?;
                    let length = self.number()?;
                    return Ok(Some(Event::Opaque(self.take(length)?)));
                }
                byte => return self.open(byte, offset).map(Some),
            }
        }
    }

    /// Enters the next element inside of the one that is open, passing over text.
    ///
    /// Gives `None` when the open element ends, or after the root element has ended.
    pub fn child(&mut self) -> Result<Option<Tag>, ReadError> {
        loop {
            match self.event()? {
                Some(Event::Start { tag, .. }) => return Ok(Some(tag)),
                Some(Event::Opaque(_) | Event::Text(_)) => {}
                Some(Event::End) | None => return Ok(None),
            }
        }
    }

    /// Reads the rest of the entered element as bytes: all text and opaque data directly in it.
    pub fn bytes(&mut self) -> Result<Cow<'a, [u8]>, ReadError> {
        let mut content: Cow<'a, [u8]> = Cow::Borrowed(&[]);
        loop {
            match self.event()? {
                Some(Event::Text(piece) | Event::Opaque(piece)) if content.is_empty() => {
                    content = Cow::Borrowed(piece)
                }
                Some(Event::Text(piece) | Event::Opaque(piece)) => {
                    content.to_mut().extend_from_slice(piece)
                }
                Some(Event::Start { .. }) => self.skip()?,
                Some(Event::End) | None => return Ok(content),
            }
        }
    }

    /// Reads the rest of the entered element as text; what is not UTF-8 is replaced.
    pub fn text(&mut self) -> Result<Cow<'a, str>, ReadError> {
        Ok(match self.bytes()? {
            Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
            Cow::Owned(bytes) => Cow::Owned(
                String::from_utf8(bytes)
                    .unwrap_or_else(|odd| String::from_utf8_lossy(odd.as_bytes()).into_owned()),
            ),
        })
    }

    /// Passes over the rest of the entered element with all that is in it.
    pub fn skip(&mut self) -> Result<(), ReadError> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            if self.event()?.is_none() {
                break;
            }
        }
        Ok(())
    }

    /// Counts memory that content takes beyond the bytes that stand for it.
    pub(crate) fn take_room(&mut self, bytes: usize) -> Result<(), ReadError> {
        self.room = self.room.checked_sub(bytes).ok_or(self.error(ReadErrorKind::TooLarge))?;
        Ok(())
    }

    /// Allows content to take more memory.
    pub(crate) fn make_room(&mut self, bytes: usize) {
        self.room = self.room.saturating_add(bytes);
    }

    /// Returns the bytes that content may still take.
    pub(crate) fn room(&self) -> usize {
        self.room
    }

    /// Reads the header of a document that shares the room of this one.
    pub(crate) fn inner<'b>(&self, input: &'b [u8]) -> Result<Reader<'b>, ReadError> {
        let mut inner = Reader::with_limits(input, self.limits)?;
        inner.room = self.room;
        Ok(inner)
    }

    fn open(&mut self, byte: u8, offset: usize) -> Result<Event<'a>, ReadError> {
        let token = byte & TOKEN_MASK;
        if byte & ATTRIBUTES != 0 || token < FIRST_TAG {
            return Err(ReadError { kind: ReadErrorKind::Unsupported(byte), offset });
        }
        if self.depth >= self.limits.depth || self.elements >= self.limits.elements {
            return Err(ReadError { kind: ReadErrorKind::TooLarge, offset });
        }
        self.depth += 1;
        self.elements += 1;
        self.end_of_empty = byte & CONTENT == 0;
        Ok(Event::Start { tag: Tag::new(self.page, token), empty: self.end_of_empty })
    }

    fn close(&mut self, offset: usize) -> Result<Event<'a>, ReadError> {
        self.inside(offset)?;
        self.depth -= 1;
        Ok(Event::End)
    }

    fn string(&mut self, offset: usize) -> Result<&'a [u8], ReadError> {
        self.inside(offset)?;
        let rest = self.input.get(self.position..).unwrap_or_default();
        let Some(length) = memchr::memchr(0, rest) else {
            return Err(ReadError { kind: ReadErrorKind::Incomplete, offset });
        };
        let text = self.take(length)?;
        self.position += 1;
        Ok(text)
    }

    fn referenced(&mut self, offset: usize) -> Result<&'a [u8], ReadError> {
        self.inside(offset)?;
        let start = self.number()?;
        let text = self
            .strings
            .get(start..)
            .and_then(|tail| tail.get(..memchr::memchr(0, tail)?))
            .ok_or(ReadError { kind: ReadErrorKind::StringTable, offset })?;
        // As a text it may be copied, and what is not UTF-8 becomes longer.
        self.take_room(text.len().saturating_mul(4))?;
        Ok(text)
    }

    fn inside(&self, offset: usize) -> Result<(), ReadError> {
        if self.depth == 0 {
            Err(ReadError { kind: ReadErrorKind::Structure, offset })
        } else {
            Ok(())
        }
    }

    fn byte(&mut self) -> Result<u8, ReadError> {
        let byte =
            self.input.get(self.position).copied().ok_or(self.error(ReadErrorKind::Incomplete))?;
        self.position += 1;
        Ok(byte)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], ReadError> {
        let taken = self
            .position
            .checked_add(length)
            .and_then(|end| self.input.get(self.position..end))
            .ok_or(self.error(ReadErrorKind::Incomplete))?;
        self.position += length;
        Ok(taken)
    }

    fn number(&mut self) -> Result<usize, ReadError> {
        let offset = self.position;
        let mut number = 0_u32;
        loop {
            let byte = self.byte()?;
            if number > u32::MAX >> 7 {
                return Err(ReadError { kind: ReadErrorKind::Number, offset });
            }
            number = number << 7 | u32::from(byte & 0x7F);
            if byte & 0x80 == 0 {
                return usize::try_from(number)
                    .map_err(|_| ReadError { kind: ReadErrorKind::Number, offset });
            }
        }
    }

    fn error(&self, kind: ReadErrorKind) -> ReadError {
        ReadError { kind, offset: self.position }
    }
}
