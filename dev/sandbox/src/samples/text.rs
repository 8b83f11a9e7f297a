//! Reads sample mails from their text form.

use time::Duration;

/// A sample mail, as it is written down.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sample {
    pub(super) age: Duration,
    pub(super) folder: String,
    pub(super) unread: bool,
    pub(super) flagged: bool,
    pub(super) categories: Vec<String>,
    pub(super) id: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) cc: String,
    pub(super) reply_to: String,
    pub(super) subject: String,
    pub(super) replies: Option<String>,
    pub(super) importance: Option<String>,
    pub(super) files: Vec<File>,
    pub(super) body: String,
}

/// An attachment to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct File {
    pub(super) kind: FileKind,
    pub(super) name: String,
    /// For pictures that the body shows.
    pub(super) content_id: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileKind {
    Chart,
    Csv,
    Pdf,
    Picture,
    Text,
}

impl FileKind {
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Chart | Self::Picture => "image/png",
            Self::Csv => "text/csv",
            Self::Pdf => "application/pdf",
            Self::Text => "text/plain",
        }
    }
}

/// Reads all mails of a text for the account `name`. Lines that cannot be understood are left out; a test keeps them away.
pub(super) fn parse(text: &str, name: &str, domain: &str) -> Vec<Sample> {
    let text = text.replace("{name}", name).replace("{domain}", domain);
    let mails = text.split("\n@ ").map(|mail| mail.trim_start_matches("@ "));
    mails.enumerate().filter_map(|(index, mail)| parse_mail(mail, index, name, domain)).collect()
}

fn parse_mail(mail: &str, index: usize, name: &str, domain: &str) -> Option<Sample> {
    let (head, body) = mail.split_once("\n\n")?;
    let mut lines = head.lines();
    let mut words = lines.next()?.split_whitespace();
    let mut sample = Sample {
        age: age(words.next()?)?,
        folder: words.next()?.to_owned(),
        id: format!("{name}-{index}"),
        to: format!("{name}@{domain}"),
        body: body_of(body),
        ..Sample::default()
    };
    for word in words {
        match word {
            "unread" => sample.unread = true,
            "flagged" => sample.flagged = true,
            category => sample.categories.push(category.to_owned()),
        }
    }
    for line in lines {
        let (header, value) = line.split_once(':')?;
        let value = value.trim().to_owned();
        match header {
            "From" => sample.from = value,
            "To" => sample.to = value,
            "Cc" => sample.cc = value,
            "Reply-To" => sample.reply_to = value,
            "Subject" => sample.subject = value,
            "Id" => sample.id = value,
            "Replies" => sample.replies = Some(value),
            "Importance" => sample.importance = Some(value),
            "File" => sample.files.push(file(&value)?),
            _ => return None,
        }
    }
    Some(sample)
}

/// A line `{long N}` stands for N numbered paragraphs.
fn body_of(body: &str) -> String {
    let paragraph = |number: u32| {
        format!(
            "{number}. Die Abnahme erfolgt je Los, sobald alle Prüfungen bestanden sind. Each lot is accepted once every \
             check has passed; deviations are noted and signed by both sides.\n\n"
        )
    };
    let mut lines = String::new();
    for line in body.trim_end().lines() {
        match line.strip_prefix("{long ").and_then(|rest| rest.strip_suffix('}')?.parse().ok()) {
            Some(count) => (1..=count).for_each(|number| lines.push_str(&paragraph(number))),
            None => {
                lines.push_str(line);
                lines.push('\n');
            }
        }
    }
    lines
}

fn age(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let number: i64 = number.parse().ok()?;
    match unit {
        "m" => Some(Duration::minutes(number)),
        "h" => Some(Duration::hours(number)),
        "d" => Some(Duration::days(number)),
        _ => None,
    }
}

fn file(text: &str) -> Option<File> {
    let (kind, rest) = text.split_once(' ')?;
    let kind = match kind {
        "chart" => FileKind::Chart,
        "csv" => FileKind::Csv,
        "pdf" => FileKind::Pdf,
        "picture" => FileKind::Picture,
        "text" => FileKind::Text,
        _ => return None,
    };
    let (name, content_id) = match rest.split_once(" as ") {
        Some((name, id)) => (name, Some(id.to_owned())),
        None => (rest, None),
    };
    Some(File { kind, name: name.to_owned(), content_id })
}

/// Writes `Name <address>, …` for a header: names in quotes, or as encoded words if they are not ASCII (RFC 2047).
pub(super) fn header_addresses(addresses: &str) -> String {
    let entry = |entry: &str| match entry.trim().split_once(" <") {
        Some((name, address)) if name.is_ascii() => format!("\"{name}\" <{address}"),
        Some((name, address)) => {
            format!("=?utf-8?B?{}?= <{address}", data_encoding::BASE64.encode(name.as_bytes()))
        }
        None => entry.trim().to_owned(),
    };
    addresses.split(", ").map(entry).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_is_understood() {
        for (text, fewest) in
            super::super::MAIN.into_iter().zip([25, 15, 15]).chain([(super::super::OTHERS[0], 5)])
        {
            let starts = text.lines().filter(|line| line.starts_with("@ ")).count();
            let samples = parse(text, "alice", "example.test");
            assert_eq!(samples.len(), starts);
            assert!(starts >= fewest, "{starts}");
            assert!(samples.iter().all(|sample| sample.from.contains('@')));
        }
    }

    #[test]
    fn a_mail_is_read_with_all_its_parts() {
        let text = "@ 2h inbox unread flagged Blau\nFrom: Bö <b@{domain}>\nId: x\nReplies: y\nFile: chart A b.png as c@d\n\nHi {name}\n{long 2}\n";
        let samples = parse(text, "alice", "example.test");
        let [sample] = &samples[..] else { panic!("{samples:?}") };
        assert_eq!((sample.age, sample.unread, sample.flagged), (Duration::hours(2), true, true));
        assert_eq!(
            (sample.from.as_str(), sample.to.as_str()),
            ("Bö <b@example.test>", "alice@example.test")
        );
        assert_eq!(sample.categories, ["Blau"]);
        let file =
            File { kind: FileKind::Chart, name: "A b.png".into(), content_id: Some("c@d".into()) };
        assert_eq!(sample.files, [file]);
        assert!(sample.body.starts_with("Hi alice\n1. ") && sample.body.contains("\n\n2. "));
    }

    #[test]
    fn addresses_are_fit_for_a_header() {
        assert_eq!(
            header_addresses("Bö <b@c>, D E <f@g>, h@i"),
            "=?utf-8?B?QsO2?= <b@c>, \"D E\" <f@g>, h@i"
        );
    }
}
