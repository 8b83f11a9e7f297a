use super::scope::Scope;
use super::text::Text;
use super::{ENCODING, OPAQUE, PART, STRING, UNNAMED_TOKEN};
use crate::codepage::{Tag, item_operations};
use crate::messages::multipart;
use crate::wbxml::Writer;
use data_encoding::BASE64;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::borrow::Cow;

/// Why XML cannot be written as a body, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("byte {offset}: {kind}")]
pub struct XmlError {
    /// What is wrong.
    pub kind: XmlErrorKind,
    /// Distance of the offending piece from the start of the text, in bytes.
    pub offset: u64,
}

/// What is wrong with XML that is to become a body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum XmlErrorKind {
    /// The content of an element with an `encoding` is not base64.
    #[error("the content is not base64")]
    Base64,
    /// An element with an `encoding` has elements in it, or more than one document is there.
    #[error("misplaced element or text")]
    Structure,
    /// It has nothing in it.
    #[error("no element")]
    Empty,
    /// Elements are nested deeper than a reader takes.
    #[error("more than 64 levels of elements")]
    Depth,
    /// A code page has no element of this name.
    #[error("code page {page} has no element {name}")]
    Element {
        /// The namespace.
        page: String,
        /// The name in question.
        name: String,
    },
    /// An entity is not one of the five of XML.
    #[error("entity {0} is not known")]
    Entity(String),
    /// An attribute is not one of those that a body can say.
    #[error("attribute {0} has no meaning here")]
    Attribute(String),
    /// The namespace is not the name of a code page.
    #[error("namespace {0} is not the name of a code page")]
    Namespace(String),
    /// The numbers of the parts are not 1, 2, 3, … each once.
    #[error("parts must be numbered 1, 2, 3, … each once")]
    Parts,
    /// It is not well-formed XML.
    #[error("{0}")]
    Syntax(String),
    /// It would be larger than its lengths can say.
    #[error("more than 4 GiB")]
    TooLarge,
}

const DEPTH: usize = 64;

/// Writes an XML document as the body of a request or an answer: WBXML, or multipart if an element has a `part`.
pub fn to_body(xml: &str) -> Result<Vec<u8>, XmlError> {
    let mut body = Body::default();
    let mut reader = Reader::from_str(xml);
    loop {
        let offset = reader.buffer_position();
        let place = |kind| XmlError { kind, offset };
        let event = reader.read_event().map_err(|error| XmlError {
            kind: XmlErrorKind::Syntax(error.to_string()),
            offset: reader.error_position(),
        })?;
        match event {
            Event::Start(start) => body.start(&start, false).map_err(place)?,
            Event::Empty(start) => {
                body.start(&start, true).map_err(place)?;
                body.end().map_err(place)?;
            }
            Event::End(_) => body.end().map_err(place)?,
            Event::Text(text) if memchr::memchr(b'\r', text.as_bytes()).is_some() => {
                body.text(text.xml10_content()).map_err(place)?;
            }
            Event::Text(text) => body.text(text.into_inner()).map_err(place)?,
            Event::CData(text) => body.text(text.xml10_content()).map_err(place)?,
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(character)) => body.character(character).map_err(place)?,
                Ok(None) => {
                    let text = entity(&reference.xml10_content()).map_err(place)?;
                    body.text(Cow::Borrowed(text)).map_err(place)?;
                }
                Err(error) => return Err(place(XmlErrorKind::Syntax(error.to_string()))),
            },
            Event::Comment(_) | Event::Decl(_) | Event::DocType(_) | Event::PI(_) => {}
            Event::Eof => return body.finish().map_err(place),
        }
    }
}

fn entity(name: &str) -> Result<&'static str, XmlErrorKind> {
    quick_xml::escape::resolve_xml_entity(name).ok_or_else(|| XmlErrorKind::Entity(name.to_owned()))
}

/// An open element.
#[derive(Clone, Copy, Debug)]
struct Element {
    tag: Tag,
    content: Content,
    /// Whether it was written as `<Name/>`.
    bare: bool,
    /// Whether its start is in the output.
    started: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Content {
    Text,
    Opaque,
    Part(u32),
    String,
}

#[derive(Debug, Default)]
struct Body<'x> {
    writer: Writer,
    scope: Scope,
    open: Vec<Element>,
    /// Text since the last start or end of an element.
    text: Text<'x>,
    parts: Vec<(u32, Vec<u8>)>,
    complete: bool,
}

impl<'x> Body<'x> {
    fn start(&mut self, start: &BytesStart<'_>, bare: bool) -> Result<(), XmlErrorKind> {
        if self.complete {
            return Err(XmlErrorKind::Structure);
        }
        if self.open.len() >= DEPTH {
            return Err(XmlErrorKind::Depth);
        }
        let (tag, content) = self.element(start)?;
        if let Some(parent) = self.open.last_mut() {
            if parent.content != Content::Text {
                return Err(XmlErrorKind::Structure);
            }
            if !parent.started {
                parent.started = true;
                self.writer.start(parent.tag);
            }
            let text = self.text.get();
            if !is_blank(text) {
                self.writer.string(text.as_bytes());
            }
            self.text.clear();
        }
        self.open.push(Element { tag, content, bare, started: false });

        Ok(())
    }

    /// Reads the attributes and the name of an element.
    fn element(&mut self, start: &BytesStart<'_>) -> Result<(Tag, Content), XmlErrorKind> {
        let mut encoding = None;
        let mut part = None;
        let attributes = start.attributes_raw();
        if let Some(name) = only_namespace(attributes) {
            self.scope.declare(self.open.len(), None, name)?;
        } else if !attributes.is_empty() {
            // The scope checks for duplicates among its own, and more than one of the others is one too many anyway.
            for attribute in start.attributes().with_checks(false) {
                let attribute =
                    attribute.map_err(|error| XmlErrorKind::Syntax(error.to_string()))?;
                let (name, value) = (attribute.key.into_inner(), attribute.value);
                if let Some(prefix) = declared_prefix(name) {
                    self.scope.declare(self.open.len(), prefix, &value)?;
                    continue;
                }
                let place = match (name, &*value) {
                    (ENCODING, OPAQUE | STRING) => &mut encoding,
                    (PART, _) => &mut part,
                    (name, value) => {
                        return Err(XmlErrorKind::Attribute(format!("{name}={value:?}")));
                    }
                };
                if place.replace(value).is_some() {
                    return Err(XmlErrorKind::Syntax(format!("attribute {name} is there twice")));
                }
            }
        }
        let (name, prefix) = start.name().decompose();
        let page = self.scope.page(prefix.as_ref().map(AsRef::as_ref))?;
        let tag = tag(page, name.into_inner())?;
        let content = match (part, encoding.as_deref()) {
            (Some(number), _) if tag == item_operations::PART => {
                Content::Part(number.parse().map_err(|_| XmlErrorKind::Parts)?)
            }
            (Some(value), _) => {
                return Err(XmlErrorKind::Attribute(format!("{PART}={value:?}")));
            }
            (None, Some(OPAQUE)) => Content::Opaque,
            (None, Some(_)) => Content::String,
            (None, None) => Content::Text,
        };

        Ok((tag, content))
    }

    fn text(&mut self, text: Cow<'x, str>) -> Result<(), XmlErrorKind> {
        if !self.open.is_empty() {
            self.text.push(text);
        } else if !is_blank(text.trim_start_matches('\u{FEFF}')) {
            return Err(XmlErrorKind::Structure);
        }

        Ok(())
    }

    fn character(&mut self, character: char) -> Result<(), XmlErrorKind> {
        if !self.open.is_empty() {
            self.text.push_character(character);
        } else if !matches!(character, ' ' | '\t' | '\r' | '\n' | '\u{FEFF}') {
            return Err(XmlErrorKind::Structure);
        }

        Ok(())
    }

    fn end(&mut self) -> Result<(), XmlErrorKind> {
        let Some(element) = self.open.pop() else { return Err(XmlErrorKind::Structure) };
        self.complete = self.open.is_empty();
        self.scope.leave(self.open.len());
        let Element { tag, content, bare, started } = element;
        let text = self.text.get();
        match content {
            Content::Text if started => {
                if !is_blank(text) {
                    self.writer.string(text.as_bytes());
                }
                self.writer.end();
            }
            Content::Text if bare => self.writer.empty(tag),
            Content::Text if text.is_empty() => self.writer.container(tag, |_| {}),
            Content::Text => self.writer.text(tag, text),
            Content::String => self.writer.text_bytes(tag, &base64(text)?),
            Content::Opaque => {
                let bytes = base64(text)?;
                u32::try_from(bytes.len()).map_err(|_| XmlErrorKind::TooLarge)?;
                self.writer.opaque(tag, &bytes);
            }
            Content::Part(number) => {
                self.parts.push((number, base64(text)?));
                self.writer.number(tag, number);
            }
        }
        self.text.clear();

        Ok(())
    }

    fn finish(mut self) -> Result<Vec<u8>, XmlErrorKind> {
        if !self.complete {
            return Err(XmlErrorKind::Empty);
        }
        let wbxml = self.writer.finish();
        if self.parts.is_empty() {
            return Ok(wbxml);
        }
        self.parts.sort_by_key(|(number, _)| *number);
        if !self.parts.iter().map(|(number, _)| *number).eq(1..=self.parts.len() as u32) {
            return Err(XmlErrorKind::Parts);
        }
        let parts: Vec<_> = std::iter::once(wbxml.as_slice())
            .chain(self.parts.iter().map(|(_, part)| part.as_slice()))
            .collect();

        multipart::encode(&parts).ok_or(XmlErrorKind::TooLarge)
    }
}

fn tag(page: u8, name: &str) -> Result<Tag, XmlErrorKind> {
    if let Some(tag) = Tag::on_page(page, name) {
        return Ok(tag);
    }
    let token = name
        .strip_prefix(UNNAMED_TOKEN)
        .and_then(|token| u8::from_str_radix(token, 16).ok())
        .filter(|token| (0x05..=0x3F).contains(token));

    token.map(|token| Tag::new(page, token)).ok_or_else(|| XmlErrorKind::Element {
        page: Tag::new(page, 0).page_name().unwrap_or("without a name").to_owned(),
        name: name.to_owned(),
    })
}

/// The namespace, where it is the only attribute, as in what is written here: the shortest way for the most frequent case.
fn only_namespace(attributes: &str) -> Option<&str> {
    let name = attributes.strip_prefix(" xmlns=\"")?.strip_suffix('"')?;

    (!name.contains('"')).then_some(name)
}

/// The prefix that an attribute gives a namespace, or `None` if it does nothing of that kind.
fn declared_prefix(attribute: &str) -> Option<Option<&str>> {
    match attribute.strip_prefix("xmlns")? {
        "" => Some(None),
        prefix => prefix.strip_prefix(':').map(Some),
    }
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

fn base64(text: &str) -> Result<Vec<u8>, XmlErrorKind> {
    let text: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();

    BASE64.decode(&text).map_err(|_| XmlErrorKind::Base64)
}
