/// A line of iCalendar text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// In upper case.
    pub(super) name: String,
    /// Names are in upper case, values without quotes.
    parameters: Vec<(String, String)>,
    pub(super) value: String,
}

impl Line {
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let mut all = self.parameters.iter();
        all.find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns the value as text, without escapes.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let mut letters = self.value.chars();
        while let Some(letter) = letters.next() {
            if letter != '\\' {
                text.push(letter);
                continue;
            }
            match letters.next() {
                Some('n' | 'N') => text.push_str("\r\n"),
                Some(other) => text.push(other),
                None => {}
            }
        }
        text
    }
}

/// Joins folded lines and splits them into their parts. What is no line is left out.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let mut joined: Vec<String> = Vec::new();
    for raw in text.lines() {
        match (raw.strip_prefix([' ', '\t']), joined.last_mut()) {
            (Some(rest), Some(line)) => line.push_str(rest),
            _ => joined.push(raw.to_owned()),
        }
    }
    joined.iter().filter_map(|line| parse(line)).collect()
}

fn parse(line: &str) -> Option<Line> {
    let mut quoted = false;
    let colon = line.find(|letter| {
        quoted ^= letter == '"';
        letter == ':' && !quoted
    })?;
    let (head, value) = line.split_at_checked(colon)?;
    let mut quoted = false;
    let mut parts = head.split(|letter| {
        quoted ^= letter == '"';
        letter == ';' && !quoted
    });
    let name = parts.next()?.to_ascii_uppercase();
    let parameters = parts.filter_map(|part| {
        let (name, value) = part.split_once('=')?;
        Some((name.to_ascii_uppercase(), value.trim_matches('"').to_owned()))
    });
    Some(Line { name, parameters: parameters.collect(), value: value.get(1..)?.to_owned() })
}

/// Writes a line, folded after 70 bytes.
pub(super) fn write(output: &mut String, head: &str, value: &str) {
    let mut width = 0;
    for letter in format!("{head}:{value}").chars() {
        if width + letter.len_utf8() > 70 {
            output.push_str("\r\n ");
            width = 1;
        }
        output.push(letter);
        width += letter.len_utf8();
    }
    output.push_str("\r\n");
}

/// Escapes text.
pub(super) fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,");
    text.replace("\r\n", "\\n").replace('\n', "\\n")
}
