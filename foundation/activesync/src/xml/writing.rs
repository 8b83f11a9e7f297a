use super::{ENCODING, OPAQUE, PART, STRING, UNNAMED_PAGE, UNNAMED_TOKEN};
use crate::codepage::{Tag, item_operations};
use crate::messages::multipart::{MultipartError, Parts};
use crate::wbxml::{Event, Limits, ReadError, ReadErrorKind, Reader};
use data_encoding::BASE64;
use std::fmt::Write as _;

/// Why a body cannot be shown as XML.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It does not start like WBXML, and not like a multipart answer either.
    #[error("byte {offset}: neither WBXML nor a multipart answer ({error})", offset = .0.offset(), error = .0)]
    Multipart(MultipartError),
    /// Its WBXML cannot be read.
    #[error(transparent)]
    Wbxml(#[from] ReadError),
    /// The WBXML in its part 0 cannot be read. Offsets count from the start of the body.
    #[error("part 0, {0}")]
    Part(ReadError),
}

/// Writes the body of a request or an answer, WBXML or multipart, as an XML document.
///
/// Each part of a multipart answer stands where the document first refers to it; a comment names those that nothing refers to.
pub fn from_body(body: &[u8]) -> Result<String, BodyError> {
    if matches!(body, [] | [0x02 | 0x03, 0x01, ..]) {
        return Ok(Document::new(None).write(Reader::new(body)?)?);
    }
    let parts = Parts::parse(body).map_err(BodyError::Multipart)?;
    let wbxml = parts.wbxml();
    let start = wbxml.as_ptr().addr().saturating_sub(body.as_ptr().addr());
    let place =
        |error: ReadError| BodyError::Part(ReadError { offset: start + error.offset, ..error });
    let mut reader = Reader::new(wbxml).map_err(place)?;
    reader.make_room(body.len().saturating_mul(Limits::default().growth));

    Document::new(Some(parts)).write(reader).map_err(place)
}

/// What has been written of an open element.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Written {
    /// All of it, as `<Name/>`.
    Whole,
    /// `<Name`, still without `>`.
    Name,
    /// Its start and its text.
    Text,
    /// Its start and bytes as base64; nothing may follow.
    Bytes,
    /// Its start and elements.
    Elements,
}

#[derive(Debug)]
struct Document<'a> {
    parts: Option<Parts<'a>>,
    shown: Vec<u32>,
    open: Vec<(Tag, Written)>,
    xml: String,
}

impl<'a> Document<'a> {
    fn new(parts: Option<Parts<'a>>) -> Self {
        let xml = "<?xml version=\"1.0\" encoding=\"utf-8\"?>".to_owned();
        Self { parts, shown: Vec::new(), open: Vec::new(), xml }
    }

    fn write(mut self, mut reader: Reader<'a>) -> Result<String, ReadError> {
        let mut content = Vec::new();
        let mut bytes = false;
        loop {
            let offset = reader.offset();
            let misplaced = ReadError { kind: ReadErrorKind::Structure, offset };
            let written = self.xml.len();
            let Some(event) = reader.event()? else { break };
            match event {
                Event::Text(piece) => content.extend_from_slice(piece),
                Event::Opaque(piece) => {
                    content.extend_from_slice(piece);
                    bytes = true;
                }
                Event::Start { tag, empty } => {
                    self.content(&content, bytes).ok_or(misplaced)?;
                    self.start(tag, empty).ok_or(misplaced)?;
                }
                Event::End => {
                    self.content(&content, bytes).ok_or(misplaced)?;
                    self.end();
                }
            }
            reader.take_room(self.xml.len() - written)?;
            if matches!(event, Event::Start { .. } | Event::End) {
                content.clear();
                bytes = false;
            }
        }
        self.xml.push('\n');
        self.forgotten_parts();

        Ok(self.xml)
    }

    /// Names the parts that the document does not refer to; they would go unseen.
    fn forgotten_parts(&mut self) {
        let Some(parts) = &self.parts else { return };
        for number in (1..).take_while(|number| parts.part(*number).is_some()) {
            if !self.shown.contains(&number) {
                let size = parts.part(number).map(<[u8]>::len).unwrap_or_default();
                let _ =
                    writeln!(self.xml, "<!-- part {number}, {size} bytes, is not referred to -->");
            }
        }
    }

    fn start(&mut self, tag: Tag, empty: bool) -> Option<()> {
        let mut namespace = None;
        if let Some((parent, written)) = self.open.last_mut() {
            namespace = Some(parent.page);
            match written {
                Written::Name => {
                    self.xml.push('>');
                    *written = Written::Elements;
                }
                Written::Text | Written::Elements => {}
                Written::Bytes | Written::Whole => return None,
            }
        }
        if !matches!(self.open.last(), Some((_, Written::Text))) {
            self.line();
        }
        self.xml.push('<');
        self.name(tag);
        if namespace != Some(tag.page) {
            self.xml.push_str(" xmlns=\"");
            match tag.page_name() {
                Some(name) => self.xml.push_str(name),
                None => {
                    let _ = write!(self.xml, "{UNNAMED_PAGE}{}", tag.page);
                }
            }
            self.xml.push('"');
        }
        if empty {
            self.xml.push_str("/>");
        }
        self.open.push((tag, if empty { Written::Whole } else { Written::Name }));

        Some(())
    }

    /// Writes what stood in the open element since the last start or end of an element.
    fn content(&mut self, content: &[u8], bytes: bool) -> Option<()> {
        if content.is_empty() && !bytes {
            return Some(());
        }
        let (tag, written) = *self.open.last()?;
        let fresh = written == Written::Name;
        let text = std::str::from_utf8(content).ok().filter(|text| !bytes && fits_xml(text));
        let now = match text {
            Some(text) if fresh => {
                match self.part(tag, text) {
                    Some((number, part)) => {
                        let _ = write!(self.xml, " {PART}=\"{number}\" {ENCODING}=\"{OPAQUE}\">");
                        BASE64.encode_append(part, &mut self.xml);
                    }
                    None => {
                        self.xml.push('>');
                        escape(text, &mut self.xml);
                    }
                }
                Written::Text
            }
            Some(text) if matches!(written, Written::Elements | Written::Text) => {
                escape(text, &mut self.xml);
                Written::Text
            }
            None if fresh => {
                let encoding = if bytes { OPAQUE } else { STRING };
                let _ = write!(self.xml, " {ENCODING}=\"{encoding}\">");
                BASE64.encode_append(content, &mut self.xml);
                Written::Bytes
            }
            _ => return None,
        };
        self.open.last_mut()?.1 = now;

        Some(())
    }

    /// The part that an element stands for, the first time that it is named.
    fn part(&mut self, tag: Tag, text: &str) -> Option<(u32, &'a [u8])> {
        let number = (tag == item_operations::PART).then(|| text.parse().ok()).flatten()?;
        let part = self.parts.as_ref()?.part(number)?;
        if self.shown.contains(&number) {
            return None;
        }
        self.shown.push(number);

        Some((number, part))
    }

    fn end(&mut self) {
        let Some((tag, written)) = self.open.pop() else { return };
        match written {
            Written::Whole => return,
            Written::Name => self.xml.push('>'),
            Written::Elements => self.line(),
            Written::Text | Written::Bytes => {}
        }
        self.xml.push_str("</");
        self.name(tag);
        self.xml.push('>');
    }

    fn name(&mut self, tag: Tag) {
        match tag.name() {
            Some(name) => self.xml.push_str(name),
            None => {
                let _ = write!(self.xml, "{UNNAMED_TOKEN}{:02X}", tag.token);
            }
        }
    }

    fn line(&mut self) {
        self.xml.push('\n');
        self.xml.extend(std::iter::repeat_n("  ", self.open.len()));
    }
}

/// Whether XML 1.0 can hold the text (section 2.2, Char).
fn fits_xml(text: &str) -> bool {
    text.bytes().all(|byte| byte >= 0x20 || matches!(byte, b'\t' | b'\n' | b'\r'))
        && !text.contains(['\u{FFFE}', '\u{FFFF}'])
}

/// The next byte that needs an escape. Two passes of a fast search beat one slow one.
fn next_special(text: &[u8]) -> Option<usize> {
    let markup = memchr::memchr3(b'&', b'<', b'>', text);
    let before = markup.and_then(|at| text.get(..at)).unwrap_or(text);

    memchr::memchr(b'\r', before).or(markup)
}

/// Appends text so that a reader of XML gets the same text; line ends are the trap (section 2.11).
fn escape(text: &str, xml: &mut String) {
    let mut rest = text;
    while let Some(at) = next_special(rest.as_bytes()) {
        let (plain, special) = rest.split_at(at);
        xml.push_str(plain);
        xml.push_str(match special.as_bytes().first() {
            Some(b'&') => "&amp;",
            Some(b'<') => "&lt;",
            Some(b'>') => "&gt;",
            _ => "&#13;",
        });
        rest = special.get(1..).unwrap_or_default();
    }
    xml.push_str(rest);
}
