//! Mails and events for load: made from their number whenever they are wanted, so that a hundred thousand of them take no room.

mod events;

use bytes::Bytes;
use data_encoding::BASE64_MIME;
use time::format_description::well_known::Rfc2822;
use time::{Duration, OffsetDateTime};

pub(crate) use events::{event, event_end};

const SPAN: Duration = Duration::days(28);

/// Returns when a mail came. Number 0 is the oldest, and all of them lie within 28 days before the start.
pub(crate) fn received(index: u32, count: u32, started: OffsetDateTime) -> OffsetDateTime {
    let age =
        SPAN.whole_seconds() * i64::from(count.saturating_sub(index)) / i64::from(count.max(1));
    started - Duration::seconds(age)
}

/// Returns whether a mail counts as read from the start.
pub(crate) fn is_read(index: u32) -> bool {
    !scatter(index, 1).is_multiple_of(3)
}

/// Makes the message of a mail.
pub(crate) fn mime(index: u32, count: u32, started: OffsetDateTime) -> Bytes {
    let (name, address) = pick(&SENDERS, index, 2);
    let subject = format!("{} [{index}]", pick(&SUBJECTS, index, 3));
    let date = received(index, count, started).format(&Rfc2822).unwrap_or_default();
    let head = format!(
        "Date: {date}\r\nMessage-ID: <generated-{index}@example.test>\r\nFrom: {name} <{address}>\r\n\
         To: Alice <alice@example.test>\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n"
    );
    let text = sentences(index);
    let message = match scatter(index, 4) % 10 {
        0 => with_file(index, &head, &text),
        1..=3 => format!(
            "{head}Content-Type: text/html; charset=utf-8\r\n\r\n<html><body><p>Hello Alice,</p><p>{}</p>\
             <p><b>{name}</b></p></body></html>\r\n",
            text.replace("\r\n", "<br>\r\n")
        ),
        _ => format!(
            "{head}Content-Type: text/plain; charset=utf-8\r\n\r\nHello Alice,\r\n\r\n{text}\r\n\r\n{name}\r\n"
        ),
    };
    Bytes::from(message)
}

fn with_file(index: u32, head: &str, text: &str) -> String {
    let rows: String = (0..40)
        .map(|row| {
            format!("{row};{};{}\r\n", scatter(index, row) % 1000, pick(&SUBJECTS, index, row))
        })
        .collect();
    let file = BASE64_MIME.encode(rows.as_bytes());
    format!(
        "{head}Content-Type: multipart/mixed; boundary=\"part-{index}\"\r\n\r\n--part-{index}\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n--part-{index}\r\nContent-Type: text/csv; charset=utf-8\r\n\
         Content-Disposition: attachment; filename=\"figures-{index}.csv\"\r\nContent-Transfer-Encoding: base64\r\n\r\n\
         {file}\r\n--part-{index}--\r\n"
    )
}

fn sentences(index: u32) -> String {
    let count = 4 + scatter(index, 5) % 12;
    let lines: Vec<_> = (0..count).map(|line| *pick(&SENTENCES, index, 10 + line)).collect();
    lines.join("\r\n")
}

fn pick<T>(choices: &'static [T], index: u32, salt: u32) -> &'static T {
    let place = scatter(index, salt) as usize % choices.len().max(1);
    choices.get(place).expect("the lists below are not empty")
}

/// Spreads numbers, so that neighbours get different contents (a step of splitmix64).
fn scatter(index: u32, salt: u32) -> u32 {
    let mut mixed = (u64::from(index) << 32 | u64::from(salt)).wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    (mixed >> 33) as u32
}

const SENDERS: [(&str, &str); 12] = [
    ("Jonas Brandt", "jonas.brandt@nordlicht.test"),
    ("Mira Okafor", "mira@harbour.test"),
    ("Einkauf", "einkauf@werkstoff.test"),
    ("Lena Vogt", "lena.vogt@example.test"),
    ("Build server", "builds@example.test"),
    ("Tom Ashworth", "tom@ashworth.test"),
    ("Personalabteilung", "personal@example.test"),
    ("Ines Ferreira", "ines@harbour.test"),
    ("Bob", "bob@example.test"),
    ("Carol", "carol@example.test"),
    ("Facility desk", "facility@example.test"),
    ("Support", "support@werkstoff.test"),
];

const SUBJECTS: [&str; 16] = [
    "Status of the delivery",
    "Protokoll der Besprechung",
    "Re: Travel plans",
    "Rechnung zur Freigabe",
    "Build finished",
    "Termin am Donnerstag",
    "Question about the contract",
    "Neue Fassung des Angebots",
    "Weekly figures",
    "Zugang zum Lager",
    "Feedback wanted",
    "Urlaubsplanung",
    "Server maintenance",
    "Muster sind unterwegs",
    "Minutes and next steps",
    "Bitte um Rueckruf",
];

const SENTENCES: [&str; 14] = [
    "Please have a look at the figures before our call.",
    "Die Lieferung ist heute Morgen angekommen und vollstaendig.",
    "I moved the meeting by half an hour; the room stays the same.",
    "Bitte geben Sie uns bis Ende der Woche Bescheid.",
    "The test run finished without errors, details are below.",
    "Die Unterlagen liegen im gemeinsamen Ordner.",
    "Could you send me the signed copy when you are back?",
    "Wir haben den Preis fuer die zweite Charge angepasst.",
    "Nothing urgent, but it would be good to close this today.",
    "Der Zugang ist ab morgen freigeschaltet.",
    "Thanks for the quick reply, that helps a lot.",
    "Im Anhang finden Sie die aktuelle Fassung.",
    "The next delivery leaves on Monday.",
    "Viele Gruesse aus dem Werk.",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use mail_parser::MessageParser;

    use super::*;

    #[test]
    fn mails_are_the_same_each_time_and_differ_from_each_other() {
        let all: BTreeSet<_> =
            (0..500).map(|index| mime(index, 500, OffsetDateTime::UNIX_EPOCH)).collect();
        assert_eq!(all.len(), 500);
        assert!(all.contains(&mime(77, 500, OffsetDateTime::UNIX_EPOCH)));
    }

    #[test]
    fn every_kind_of_mail_can_be_parsed() {
        let mut with_files = 0;
        for index in 0..200 {
            let mime = mime(index, 200, OffsetDateTime::UNIX_EPOCH);
            let message = MessageParser::default().parse(mime.as_ref()).unwrap();
            assert!(message.body_text(0).is_some_and(|text| text.len() > 50));
            with_files += message.attachment_count();
        }
        assert!((5..50).contains(&with_files), "{with_files}");
    }

    #[test]
    fn dates_rise_and_stay_within_the_span() {
        let start = OffsetDateTime::UNIX_EPOCH + Duration::days(1000);
        let dates: Vec<_> = (0..100).map(|index| received(index, 100, start)).collect();
        assert!(dates.is_sorted());
        assert_eq!(start - dates[0], SPAN);
        assert!(dates[99] < start);
    }
}
