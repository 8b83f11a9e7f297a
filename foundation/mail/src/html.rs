//! HTML that strangers wrote, made safe and cheap to show.
//!
//! ```text
//!   raw ──tame──▶ bounded work ──ammonia──▶ allowed elements ──page──▶ a document for a sandboxed frame
//! ```
//!
//! Cleaning is one wall; [`CONTENT_SECURITY_POLICY`] and the frame's sandbox are the second. Neither relies on the other.

mod allowed;
mod page;
mod picture;
mod tame;

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

pub use page::{CONTENT_SECURITY_POLICY, page};
pub use picture::Picture;

/// The pictures that may be shown.
#[derive(Clone, Debug, Default)]
pub struct Pictures {
    /// Those that came with the mail, by Content-ID without brackets.
    pub inline: BTreeMap<String, Picture>,
    /// Those that were fetched from outside on the user's wish, by address.
    pub remote: BTreeMap<String, Picture>,
}

/// HTML that is safe to show in a frame.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Cleaned {
    /// A fragment of HTML.
    pub html: String,
    /// The addresses of the pictures from outside that were left out, each once, in the order of the text.
    pub blocked: Vec<String>,
    /// The mail was too long and its end is missing.
    pub cut: bool,
}

/// The longest HTML that is shown whole, in bytes.
pub const LONGEST: usize = 4 * 1024 * 1024;

/// The most bytes of pictures in one page; what goes beyond is left out.
const MOST_PICTURE_BYTES: usize = 32 * 1024 * 1024;

/// Keeps of `html` what is text, layout and picture.
///
/// Pictures become `data:` addresses: those named by `cid:` from [`Pictures::inline`], those from outside from
/// [`Pictures::remote`]. The work is linear in the length of the input, whatever it is.
pub fn clean(html: &str, pictures: &Pictures) -> Cleaned {
    let (html, cut) = first(html, LONGEST);
    let tamed = tame::tame(html);
    let resolver = Arc::new(Resolver {
        pictures: pictures.clone(),
        blocked: Mutex::default(),
        room: Mutex::new(MOST_PICTURE_BYTES),
    });
    let cleaned = builder(resolver.clone()).clean(&tamed).to_string();
    let blocked =
        std::mem::take(&mut *resolver.blocked.lock().unwrap_or_else(PoisonError::into_inner));
    Cleaned { html: tame::restore(&cleaned), blocked, cut }
}

/// Joins texts of one mail to one page, in their order. Each is closed first: no tag, comment or attribute that one leaves
/// open reaches into the next, so nothing of one is read as part of another's address.
pub(crate) fn join<'a>(texts: impl IntoIterator<Item = Part<'a>>) -> String {
    let mut page = String::new();
    for text in texts {
        match text {
            Part::Html(html) => {
                page.push_str("<div>");
                page.push_str(&tame::restore(&tame::tame(html)));
                page.push_str("</div>");
            }
            Part::Picture(content_id) => {
                page.push_str("<div><img src=\"cid:");
                page.push_str(&escaped(content_id));
                page.push_str("\"></div>");
            }
            Part::Plain(plain) => {
                page.push_str("<div style=\"white-space: pre-wrap\">");
                page.push_str(&escaped(plain));
                page.push_str("</div>");
            }
        }
    }
    page
}

/// A part of a mail that is shown in its place.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Part<'a> {
    /// HTML.
    Html(&'a str),
    /// The picture with this Content-ID.
    Picture(&'a str),
    /// Plain text.
    Plain(&'a str),
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn first(html: &str, limit: usize) -> (&str, bool) {
    let end = html.floor_char_boundary(limit);
    (html.get(..end).unwrap_or(html), end < html.len())
}

fn builder(resolver: Arc<Resolver>) -> ammonia::Builder<'static> {
    let mut builder = ammonia::Builder::empty();
    let link = HashMap::from([("target", "_blank")]);
    builder
        .tags(allowed::tags())
        .generic_attributes(allowed::ATTRIBUTES.into_iter().collect())
        .tag_attributes(allowed::tag_attributes())
        .set_tag_attribute_values(HashMap::from([("a", link)]))
        .url_schemes(["cid", "data", "http", "https", "mailto", "tel"].into_iter().collect())
        .url_relative(ammonia::UrlRelative::PassThrough)
        .link_rel(Some("noopener noreferrer nofollow"))
        .filter_style_properties(allowed::STYLE_PROPERTIES.into_iter().collect())
        .attribute_filter(move |element, attribute, value| {
            resolver.attribute(element, attribute, value)
        });
    builder
}

struct Resolver {
    pictures: Pictures,
    blocked: Mutex<Vec<String>>,
    /// How many bytes of pictures may still go into the page.
    room: Mutex<usize>,
}

impl Resolver {
    fn attribute<'v>(
        &self,
        element: &str,
        attribute: &str,
        value: &'v str,
    ) -> Option<Cow<'v, str>> {
        match (element, attribute) {
            ("a", "href") => is_link(value).then_some(Cow::Borrowed(value)),
            ("img", "src") | (_, "background") => self.picture(value.trim()).map(Cow::Owned),
            (_, "style") => Some(Cow::Owned(harmless_style(value))),
            (_, _) => Some(Cow::Borrowed(value)),
        }
    }

    fn picture(&self, address: &str) -> Option<String> {
        let scheme = address.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
        match scheme.as_deref() {
            Some("cid") => {
                let id = percent_decoded(address.get(4..)?);
                self.pictures.inline.get(id.trim_matches(['<', '>'])).and_then(|it| self.shown(it))
            }
            Some("data") => {
                Picture::from_data_address(address).and_then(|picture| self.shown(&picture))
            }
            Some("http" | "https") => self.remote(address.to_owned()),
            _ if address.starts_with("//") => self.remote(format!("https:{address}")),
            _ => None,
        }
    }

    /// Puts a picture into the page while there is room: one picture may be named any number of times.
    fn shown(&self, picture: &Picture) -> Option<String> {
        let mut room = self.room.lock().unwrap_or_else(PoisonError::into_inner);
        *room = room.checked_sub(picture.size_bytes())?;

        Some(picture.to_data_address())
    }

    fn remote(&self, address: String) -> Option<String> {
        if let Some(picture) = self.pictures.remote.get(&address) {
            return self.shown(picture);
        }
        let mut blocked = self.blocked.lock().unwrap_or_else(PoisonError::into_inner);
        if !blocked.contains(&address) && blocked.len() < MOST_REMOTE_PICTURES {
            blocked.push(address);
        }
        None
    }
}

/// Drops declarations that call what could load or look up something; what is left is read by a real parser of CSS afterwards.
fn harmless_style(style: &str) -> String {
    let harmless = |declaration: &&str| {
        !declaration.contains(['\\', '@', '/'])
            && functions(declaration).all(|name| allowed::STYLE_FUNCTIONS.contains(&name.as_str()))
    };
    style.split(';').filter(harmless).collect::<Vec<_>>().join(";")
}

fn functions(declaration: &str) -> impl Iterator<Item = String> {
    let is_name = |char: char| char.is_alphanumeric() || matches!(char, '-' | '_');
    declaration.match_indices('(').map(move |(at, _)| {
        let before = declaration.get(..at).unwrap_or_default();
        let start = before.rfind(|char: char| !is_name(char)).map_or(0, |found| found + 1);
        before.get(start..).unwrap_or_default().to_ascii_lowercase()
    })
}

fn is_link(target: &str) -> bool {
    let target = target.trim_start().to_ascii_lowercase();
    ["http://", "https://", "mailto:", "tel:"].into_iter().any(|scheme| target.starts_with(scheme))
}

const MOST_REMOTE_PICTURES: usize = 1000;

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = |byte: &u8| (*byte as char).to_digit(16);
        rest = match (first, tail) {
            (b'%', [high, low, after @ ..]) if hex(high).is_some() && hex(low).is_some() => {
                let value = hex(high).unwrap_or_default() * 16 + hex(low).unwrap_or_default();
                bytes.push(u8::try_from(value).unwrap_or_default());
                after
            }
            (byte, after) => {
                bytes.push(*byte);
                after
            }
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests;
