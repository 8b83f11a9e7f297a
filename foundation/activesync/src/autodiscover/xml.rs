use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::Event;

use super::{AutodiscoverError, LARGEST};

/// Most elements that are open at the same time.
const DEEPEST: usize = 32;

pub(super) fn escape(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}

/// Gives each element that has begun, with an empty text, and each that ends with text, by the local names above it and its own.
pub(super) fn walk(
    text: &str,
    mut take: impl FnMut(&[&str], &str),
) -> Result<(), AutodiscoverError> {
    if text.len() > LARGEST {
        return Err(AutodiscoverError::TooLarge);
    }
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}').trim_start());
    let mut path: Vec<String> = Vec::new();
    let mut content = String::new();
    let unreadable = |what: &str| AutodiscoverError::Unreadable(what.to_owned());
    loop {
        let event = reader.read_event();
        match event.map_err(|error| AutodiscoverError::Unreadable(error.to_string()))? {
            Event::Start(start) => {
                if path.len() >= DEEPEST {
                    return Err(unreadable("elements are nested too deep"));
                }
                path.push(start.local_name().into_inner().to_owned());
                content.clear();
                give(&path, "", &mut take);
            }
            Event::Empty(start) => {
                path.push(start.local_name().into_inner().to_owned());
                give(&path, "", &mut take);
                path.pop();
            }
            Event::End(_) => {
                if !content.trim().is_empty() {
                    give(&path, content.trim(), &mut take);
                }
                content.clear();
                path.pop();
            }
            Event::Text(piece) => content.push_str(&piece.xml10_content()),
            Event::CData(piece) => content.push_str(&piece.xml10_content()),
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref();
                match character.map_err(|_| unreadable("a character reference is wrong"))? {
                    Some(character) => content.push(character),
                    None => {
                        let text = resolve_xml_entity(&reference.xml10_content());
                        content.push_str(text.ok_or(unreadable("it has an unknown entity"))?);
                    }
                }
            }
            // Entities of a document's own have no place in an answer.
            Event::DocType(_) => return Err(unreadable("it has a document type")),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof if path.is_empty() => return Ok(()),
            Event::Eof => return Err(unreadable("it ends early")),
        }
    }
}

fn give(path: &[String], text: &str, take: &mut impl FnMut(&[&str], &str)) {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    take(&path, text);
}
