//! The mails that are there when a sandbox starts, written down as text in `samples/*.txt`.
//!
//! Each mail starts with a line `@ <age> <folder> [unread] [flagged] [<category>…]`, then come header lines, an empty line
//! and the body, which is HTML if it starts with `<`. `{name}` stands for the account's name and `{domain}` for its domain.

mod files;
mod pim;
mod text;

use activesync::messages::Flag;
use bytes::Bytes;
use mail_builder::MessageBuilder;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::raw::Raw;
use mail_builder::mime::MimePart;
use time::OffsetDateTime;

use crate::mailbox::{Content, FolderId, Mailbox, Marks};
pub(crate) use pim::fill as fill_pim;
use text::{File, FileKind, Sample};

const MAIN: [&str; 3] = [
    include_str!("samples/inbox.txt"),
    include_str!("samples/news.txt"),
    include_str!("samples/folders.txt"),
];
const OTHERS: [&str; 1] = [include_str!("samples/others.txt")];

/// Fills the mailbox of the account `name`, oldest mail first. The main account gets the large collection.
pub(crate) fn fill(
    mailbox: &mut Mailbox,
    name: &str,
    domain: &str,
    started: OffsetDateTime,
    main: bool,
) {
    let sources: &[&str] = if main { &MAIN } else { &OTHERS };
    let mut samples: Vec<_> =
        sources.iter().flat_map(|source| text::parse(source, name, domain)).collect();
    samples.sort_by_key(|sample| std::cmp::Reverse(sample.age));
    for sample in samples {
        let received = started - sample.age;
        let Some(folder) = folder(mailbox, &sample.folder) else { continue };
        let mime = message(&sample, received, domain);
        let id = mailbox.add_old(folder, Content::Stored(mime), received, !sample.unread);
        let flag = sample.flagged.then(|| Box::new(Flag::active()));
        mailbox.mark_old(id, Marks { flag, categories: sample.categories });
    }
}

fn folder(mailbox: &Mailbox, name: &str) -> Option<FolderId> {
    mailbox
        .folders()
        .iter()
        .find(|folder| folder.name.to_lowercase().starts_with(name))
        .map(|folder| folder.id)
}

fn message(sample: &Sample, received: OffsetDateTime, domain: &str) -> Bytes {
    let id = |id: &str| format!("{id}@samples.{domain}");
    let mut message = MessageBuilder::new()
        .date(received.unix_timestamp())
        .message_id(id(&sample.id))
        .header("From", Raw::new(text::header_addresses(&sample.from)))
        .subject(sample.subject.as_str());
    for (header, addresses) in
        [("To", &sample.to), ("Cc", &sample.cc), ("Reply-To", &sample.reply_to)]
    {
        if !addresses.is_empty() {
            message = message.header(header, Raw::new(text::header_addresses(addresses)));
        }
    }
    if let Some(replied) = &sample.replies {
        message = message.in_reply_to(id(replied)).references(id(replied));
    }
    if let Some(importance) = &sample.importance {
        message = message.header("Importance", Raw::new(importance.as_str()));
    }
    message = if sample.body.trim_start().starts_with('<') {
        let plain = mail_parser::decoders::html::html_to_text(&sample.body);
        message.text_body(plain).html_body(sample.body.as_str())
    } else {
        message.text_body(sample.body.as_str())
    };
    for file in &sample.files {
        message = attach(message, file);
    }
    Bytes::from(message.write_to_vec().expect("writing to memory cannot fail"))
}

fn attach<'a>(mut message: MessageBuilder<'a>, file: &'a File) -> MessageBuilder<'a> {
    let data = match file.kind {
        FileKind::Csv => files::csv(120),
        FileKind::Pdf => files::pdf(&file.name, &pdf_pages(&file.name)),
        FileKind::Picture => {
            files::png(320, 200, |x, y| [(x * 255 / 320) as u8, (y * 255 / 200) as u8, 140])
        }
        FileKind::Chart => files::chart(&[42, 57, 49, 71, 88, 64, 93]),
        FileKind::Text => TEXT_FILE.as_bytes().to_vec(),
    };
    let kind = file.kind.content_type();
    match &file.content_id {
        None => message.attachment(kind, file.name.as_str(), data),
        Some(id) => {
            let kind = ContentType::new(kind).attribute("name", file.name.as_str());
            let part = MimePart::new(kind, data).inline().cid(id.as_str());
            message.attachments.get_or_insert_default().push(part);
            message
        }
    }
}

fn pdf_pages(name: &str) -> Vec<Vec<String>> {
    let line = |page: usize, line: usize| {
        format!(
            "{page}.{line}  Position {line}: Menge {}, Preis {},00 EUR",
            line * 3,
            line * 17 + page
        )
    };
    let page = |page: usize| {
        let heading = format!("{name}, Blatt {page}");
        std::iter::once(heading).chain((1..=30).map(|number| line(page, number))).collect()
    };
    vec![page(1), page(2)]
}

const TEXT_FILE: &str = "Notes\n=====\n\n1. Doors open at eight.\n2. Badge at the front desk.\n3. Grüße, 你好, שלום, ありがとう.\n";
