//! Bounds the work that HTML can cause.
//!
//! A parser that follows the HTML standard walks the whole stack of open elements for many tags, compares each attribute with all
//! before it, and opens formatting elements again inside every later block. A mail of a megabyte can so cost minutes and gigabytes.
//! Taming rewrites the mail into HTML of the same look in which nesting and attributes are bounded, every element is closed, and no
//! element is one that the parser reopens. It decides nothing about safety.

use super::allowed;

const DEEPEST: usize = 200;
const MOST_TAGS: usize = 60_000;
const LONGEST_VALUE: usize = 8 * 1024;
const LONGEST_PIECE: usize = 1024;
const LONGEST_REFERENCE: usize = 33;
const SEAM: &str = "<x-t></x-t>";

/// References that authors leave open in text and readers still see.
const LEGACY: [&str; 14] = [
    "amp", "auml", "Auml", "copy", "gt", "lt", "nbsp", "ouml", "Ouml", "quot", "reg", "szlig",
    "uuml", "Uuml",
];

/// Rewrites `html` so that parsing it is cheap.
pub(super) fn tame(html: &str) -> String {
    let mut tamer = Tamer { out: String::with_capacity(html.len()), open: Vec::new(), tags: 0 };
    let mut rest = html;
    while let Some((text, markup)) = rest.split_once('<') {
        tamer.text(text);
        rest = tamer.markup(markup);
    }
    tamer.text(rest);
    tamer.close_to(0);
    tamer.out
}

/// Gives formatting elements their own names back and joins texts again.
pub(super) fn restore(html: &str) -> String {
    html.replace(SEAM, "").replace("<x-", "<").replace("</x-", "</")
}

struct Tamer {
    out: String,
    open: Vec<String>,
    tags: usize,
}

impl Tamer {
    /// Copies text in short pieces: whoever writes the cleaned page searches each piece once for each character it escapes.
    fn text(&mut self, text: &str) {
        let mut rest = text;
        while rest.len() > LONGEST_PIECE {
            let piece = rest.get(..rest.floor_char_boundary(LONGEST_PIECE)).unwrap_or_default();
            // A reference is not taken apart.
            let end = piece
                .rfind('&')
                .filter(|at| piece.len() - at < LONGEST_REFERENCE && *at > 0)
                .unwrap_or(piece.len());
            let (piece, behind) = rest.split_at(end);
            self.characters(piece, &LEGACY);
            self.out.push_str(SEAM);
            rest = behind;
        }
        self.characters(rest, &LEGACY);
    }

    /// Copies characters, and closes references that were left open, which the parser would read over and over.
    fn characters(&mut self, text: &str, legacy: &[&str]) {
        let mut rest = text;
        while let Some((before, reference)) = rest.split_once('&') {
            self.out.push_str(before);
            rest = reference;
            let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'#';
            let length = reference.bytes().take(LONGEST_REFERENCE).take_while(is_name).count();
            let is_closed =
                length > 0 && reference.get(length..).is_some_and(|behind| behind.starts_with(';'));
            let open_name =
                legacy.iter().find(|name| reference.starts_with(**name)).filter(|_| !is_closed);
            self.out.push('&');
            if let Some(name) = open_name {
                self.out.push_str(name);
                self.out.push(';');
                rest = reference.get(name.len()..).unwrap_or_default();
            } else if !is_closed {
                self.out.push_str("amp;");
            }
        }
        self.out.push_str(rest);
    }

    /// Handles what follows a `<` and gives the rest behind it.
    fn markup<'a>(&mut self, markup: &'a str) -> &'a str {
        if let Some(comment) = markup.strip_prefix("!--") {
            return after_comment(comment);
        }
        if markup.starts_with(['!', '?']) {
            return after(markup, '>');
        }
        if let Some(tag) = markup.strip_prefix('/') {
            if !tag.starts_with(|char: char| char.is_ascii_alphabetic()) {
                return after(tag, '>');
            }
            let (name, rest) = name(tag);
            let (_, rest) = attributes(rest);
            self.end(&name);
            return rest;
        }
        if !markup.starts_with(|char: char| char.is_ascii_alphabetic()) {
            self.out.push_str("&lt;");
            return markup;
        }
        let (name, rest) = name(markup);
        let (attributes, rest) = attributes(rest);
        if allowed::SILENT.contains(&name.as_str()) {
            return after_silent(rest, &name);
        }
        self.start(&name, &attributes);
        rest
    }

    fn start(&mut self, name: &str, attributes: &[(String, &str)]) {
        let Some(name) = tamed_name(name) else { return };
        self.tags += 1;
        if self.tags > MOST_TAGS {
            self.out.push(' ');
            return;
        }
        self.close_implied(&name);
        let void = allowed::VOID.contains(&name.as_str());
        if !void && self.open.len() >= DEEPEST {
            return;
        }
        self.out.push('<');
        self.out.push_str(&name);
        for (attribute, value) in attributes {
            self.out.push(' ');
            self.out.push_str(attribute);
            self.out.push_str("=\"");
            self.characters(&value.replace('"', "&quot;"), &[]);
            self.out.push('"');
        }
        self.out.push('>');
        if !void {
            self.open.push(name);
        }
    }

    fn end(&mut self, name: &str) {
        let Some(name) = tamed_name(name) else { return };
        if let Some(depth) = self.open.iter().rposition(|open| *open == name) {
            self.close_to(depth);
        }
    }

    /// Closes what an author need not close: a paragraph before a block, an item before the next.
    fn close_implied(&mut self, name: &str) {
        let closed: &[&str] = match name {
            "li" => &["li", "p"],
            "dt" | "dd" => &["dt", "dd", "p"],
            "td" | "th" => &["td", "th", "p"],
            "tr" => &["tr", "td", "th", "p"],
            "tbody" | "thead" | "tfoot" => &["tbody", "thead", "tfoot", "tr", "td", "th", "p"],
            "p" | "div" | "table" | "ul" | "ol" | "dl" | "blockquote" | "h1" | "h2" | "h3"
            | "h4" | "h5" | "h6" | "hr" | "pre" | "center" => &["p"],
            _ => return,
        };
        while self.open.last().is_some_and(|open| closed.contains(&open.as_str())) {
            self.close_to(self.open.len() - 1);
        }
    }

    fn close_to(&mut self, depth: usize) {
        for name in self.open.drain(depth..).rev() {
            self.out.push_str("</");
            self.out.push_str(&name);
            self.out.push('>');
        }
    }
}

fn tamed_name(name: &str) -> Option<String> {
    match name {
        "body" => Some("div".to_owned()),
        name if allowed::FORMATTING.contains(&name) => Some(format!("x-{name}")),
        name if allowed::ELEMENTS.contains(&name) => Some(name.to_owned()),
        _ => None,
    }
}

fn after(text: &str, end: char) -> &str {
    text.split_once(end).map_or("", |(_, rest)| rest)
}

fn after_comment(comment: &str) -> &str {
    if let Some(rest) = comment.strip_prefix('>').or_else(|| comment.strip_prefix("->")) {
        return rest;
    }
    // One scan for both ends: two would read the rest of the text anew for each comment in it.
    let mut ends =
        comment.match_indices("--").map(|(at, _)| comment.get(at + 2..).unwrap_or_default());

    ends.find_map(|rest| rest.strip_prefix('>').or_else(|| rest.strip_prefix("!>")))
        .unwrap_or_default()
}

fn after_silent<'a>(content: &'a str, silent: &str) -> &'a str {
    let mut rest = content;
    while let Some((_, tag)) = rest.split_once("</") {
        let (found, behind) = name(tag);
        if found == silent {
            return after(behind, '>');
        }
        rest = tag;
    }
    ""
}

fn name(tag: &str) -> (String, &str) {
    let end = tag
        .find(|char: char| char.is_ascii_whitespace() || matches!(char, '/' | '>'))
        .unwrap_or(tag.len());
    let (name, rest) = tag.split_at(end);
    (name.chars().take(32).collect::<String>().to_ascii_lowercase(), rest)
}

/// Reads the attributes of a tag and gives what follows its `>`; only the known ones are kept, each once.
fn attributes(tag: &str) -> (Vec<(String, &str)>, &str) {
    let mut attributes: Vec<(String, &str)> = Vec::new();
    let mut rest = tag;
    loop {
        rest = rest.trim_start_matches(|char: char| char.is_ascii_whitespace() || char == '/');
        if rest.is_empty() {
            return (attributes, "");
        }
        if let Some(behind) = rest.strip_prefix('>') {
            return (attributes, behind);
        }
        // The first character belongs to the name whatever it is, even a "=".
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let is_end = |char: char| char.is_ascii_whitespace() || matches!(char, '/' | '>' | '=');
        let end = rest
            .get(first..)
            .and_then(|tail| tail.find(is_end))
            .map_or(rest.len(), |at| at + first);
        let (key, tail) = rest.split_at(end);
        let (value, tail) = value(tail);
        rest = tail;
        let key = key.chars().take(32).collect::<String>().to_ascii_lowercase();
        let fits = value.len() <= LONGEST_VALUE || key == "src" && is_data_address(value);
        if fits && allowed::is_attribute(&key) && !attributes.iter().any(|(known, _)| *known == key)
        {
            attributes.push((key, value));
        }
    }
}

fn is_data_address(value: &str) -> bool {
    let is_plain = |byte: u8| {
        byte.is_ascii_alphanumeric() || byte.is_ascii_whitespace() || b":;,/+=-.".contains(&byte)
    };
    value.trim_start().get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data:"))
        && value.bytes().all(is_plain)
}

fn value(tail: &str) -> (&str, &str) {
    let blank = |char: char| char.is_ascii_whitespace();
    let Some(value) = tail.trim_start_matches(blank).strip_prefix('=') else { return ("", tail) };
    let value = value.trim_start_matches(blank);
    for quote in ['"', '\''] {
        if let Some(quoted) = value.strip_prefix(quote) {
            return quoted.split_once(quote).unwrap_or((quoted, ""));
        }
    }
    value.split_at(value.find(|char: char| blank(char) || char == '>').unwrap_or(value.len()))
}
