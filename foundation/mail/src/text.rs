//! Text that strangers wrote, made fit to show.

use mail_parser::decoders::html::add_html_token;

/// Makes a text body fit to show: line ends become `\n`, other control characters go.
pub fn tidy(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.chars().filter(|char| matches!(char, '\n' | '\t') || !char.is_control()).collect()
}

/// Makes a text fit for one line of the screen or of a header: no line ends, no control characters, and no marks that turn the
/// direction of writing, with which `exe.gpj` can be made to look like `jpg.exe`.
pub fn line(text: &str) -> String {
    let flat = text
        .chars()
        .map(|char| if char.is_control() { ' ' } else { char })
        .filter(|char| !turns_direction(*char));
    let mut words = String::with_capacity(text.len());
    for word in flat.collect::<String>().split_whitespace() {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
    }
    words
}

/// Takes the first words of a text, at most `limit` characters, leaving out quoted lines.
pub fn preview(text: &str, limit: usize) -> String {
    let mut preview = String::new();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('>'));
    for word in lines.flat_map(str::split_whitespace) {
        if !preview.is_empty() {
            preview.push(' ');
        }
        preview.extend(word.chars().filter(|char| !char.is_control() && !turns_direction(*char)));
        if preview.chars().nth(limit).is_some() {
            return preview.chars().take(limit.saturating_sub(1)).chain(['…']).collect();
        }
    }
    preview
}

/// Reads the words out of HTML, one line for each block.
pub fn from_html(html: &str) -> String {
    let mut words = Words::default();
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        words.text(before);
        let Some(next) = words.markup(tag) else {
            rest = "";
            break;
        };
        rest = next;
    }
    words.text(rest);
    words.finish()
}

fn turns_direction(char: char) -> bool {
    matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
}

/// Elements that hold no words for the reader.
const SILENT: [&str; 7] = ["head", "noscript", "script", "style", "template", "textarea", "title"];

/// Elements that begin and end a line.
const BLOCKS: [&str; 24] = [
    "address",
    "article",
    "blockquote",
    "br",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "p",
    "pre",
    "table",
    "tr",
];

/// The longest name of an entity in HTML has 31 letters.
const LONGEST_ENTITY: usize = 33;

#[derive(Default)]
struct Words {
    text: String,
    gap: Gap,
    skipped_until: Option<&'static str>,
}

#[derive(Clone, Copy, Default, Eq, Ord, PartialEq, PartialOrd)]
enum Gap {
    #[default]
    None,
    Space,
    Line,
}

impl Words {
    fn text(&mut self, text: &str) {
        if self.skipped_until.is_some() {
            return;
        }
        let mut rest = text;
        while let Some(found) = rest.find(|char: char| char.is_ascii_whitespace() || char == '&') {
            let (word, tail) = rest.split_at(found);
            self.word(word);
            rest = self.entity_or_space(tail);
        }
        self.word(rest);
    }

    fn entity_or_space<'a>(&mut self, tail: &'a str) -> &'a str {
        let Some(entity) = tail.strip_prefix('&') else {
            self.gap = self.gap.max(Gap::Space);
            return tail.trim_start_matches(|char: char| char.is_ascii_whitespace());
        };
        let name_end = entity
            .bytes()
            .take(LONGEST_ENTITY)
            .position(|byte| !byte.is_ascii_alphanumeric() && byte != b'#');
        match name_end.and_then(|end| entity.split_at_checked(end)) {
            Some((name, behind)) if behind.starts_with(';') => {
                let mut decoded = String::new();
                add_html_token(&mut decoded, format!("&{name};").as_bytes(), false);
                if decoded == "\u{a0}" {
                    self.gap = self.gap.max(Gap::Space)
                } else {
                    self.word(&decoded)
                }
                behind.strip_prefix(';').unwrap_or(behind)
            }
            _ => {
                self.word("&");
                entity
            }
        }
    }

    fn word(&mut self, word: &str) {
        if word.is_empty() {
            return;
        }
        if !self.text.is_empty() {
            self.text.push_str(match self.gap {
                Gap::None => "",
                Gap::Space => " ",
                Gap::Line => "\n",
            });
        }
        self.gap = Gap::None;
        self.text.push_str(word);
    }

    /// Passes over a tag or comment whose `<` has been read, and gives what follows; `None` at the end.
    fn markup<'a>(&mut self, tag: &'a str) -> Option<&'a str> {
        if let Some(comment) = tag.strip_prefix("!--") {
            return Some(comment.split_once("-->")?.1);
        }
        let name_end = tag
            .find(|char: char| !char.is_ascii_alphanumeric() && char != '/')
            .unwrap_or(tag.len());
        let (name, rest) = tag.split_at(name_end);
        let name = name.to_ascii_lowercase();
        if name.is_empty() && !rest.starts_with(['!', '?']) {
            self.text("<");
            return Some(tag);
        }
        if let Some(silent) = self.skipped_until {
            if name.strip_prefix('/') != Some(silent) {
                return Some(rest);
            }
            self.skipped_until = None;
        }
        let (_, after) = rest.split_once('>')?;
        self.skipped_until = SILENT.into_iter().find(|silent| *silent == name);
        if BLOCKS.contains(&name.trim_matches('/')) {
            self.gap = Gap::Line;
        } else if matches!(name.trim_matches('/'), "td" | "th") {
            self.gap = self.gap.max(Gap::Space);
        }
        Some(after)
    }

    fn finish(self) -> String {
        tidy(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_becomes_lines_of_words() {
        for (html, text) in [
            ("<p>Hello <b>World</b></p><p>second</p>", "Hello World\nsecond"),
            ("one<br>two<br/>three", "one\ntwo\nthree"),
            ("<style>p{color:red}</style>words<script>alert('<p>')</script>", "words"),
            ("<head><title>T</title></head><body>B</body>", "B"),
            ("a&amp;b &lt;c&gt; &#8364; &nbsp; d &unknown; &", "a&b <c> € d &unknown; &"),
            ("<!-- <p>hidden</p> -->shown<!-- never closed", "shown"),
            ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
            ("3 < 4 and <unfinished", "3 < 4 and"),
            ("<SCRIPT>x</SCRIPT>y", "y"),
            ("<script>x</scrip", ""),
            ("a\u{0}b\r\nc", "ab c"),
        ] {
            assert_eq!(from_html(html), text, "{html}");
        }
    }

    #[test]
    fn a_preview_is_short_and_skips_what_is_quoted() {
        assert_eq!(preview("> old\n\n  new   words\nand more", 100), "new words and more");
        assert_eq!(preview("Überraschung über alles", 10), "Überrasch…");
        assert_eq!(preview("exact", 5), "exact");
        assert_eq!(preview("\u{202e}gpj.exe\u{7}", 20), "gpj.exe");
        assert_eq!(preview("", 10), "");
    }

    #[test]
    fn control_characters_do_not_reach_the_screen() {
        assert_eq!(tidy("a\r\nb\rc\u{1b}[31m\td\u{0}"), "a\nb\nc[31m\td");
        assert_eq!(line(" a\r\n b\u{202e}c\u{2066} "), "a bc");
    }
}
