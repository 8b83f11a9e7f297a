//! What a search finds is what a plain scan of the mails finds.

use super::{Store, attachment, folder, inbox, item, mail, person, put_mail};
use activesync::messages::FlagState;
use pim::{
    Body, BodyState, Change, CollectionId, FollowUp, ItemRef, Mail, MailPart, MailPatch,
    SearchQuery, ServerId, Term, Text,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::collections::BTreeMap;
use time::UtcOffset;
use time::macros::offset;
use vault::mail::{FolderId, Scope};

const WORDS: [&str; 20] = [
    "an",
    "ann",
    "Anna",
    "budget",
    "Bericht",
    "bericht-2026",
    "Größe",
    "grosse",
    "größer",
    "x",
    "b2",
    "or",
    "AND",
    "NOT",
    "NEAR",
    "e-mail",
    "Éclair",
    "STRASSE",
    "Straße",
    "2026",
];
const ZONE: UtcOffset = offset!(+2);

#[test]
fn the_index_finds_what_a_plain_scan_finds() {
    let mut store = Stock::new();
    let rounds = |store: &Stock| {
        // A runner counts its cases, and a second run with the same one would have none left.
        let config = Config { failure_persistence: None, ..Config::default() };
        TestRunner::new(config)
            .run(&query(), |(typed, folder)| store.compare(&typed, folder))
            .unwrap();
    };
    rounds(&store);

    store.change();
    rounds(&store);

    store.store = store.store.reopened();
    rounds(&store);
}

#[test]
fn whatever_is_typed_is_an_answer() {
    let store = Stock::new().store;
    let scope = Scope { folder: None, zone: UtcOffset::UTC };
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    let pieces = proptest::sample::select(vec![
        "\"", "*", "^", ":", "(", ")", "{", "}", "+", "-", ",", "NEAR", " OR ", " AND ", " NOT ",
        "sender", "rowid", "an", "b2", " ", "\0", "'", ";", "--", "\u{301}", "🦀", "ä",
    ]);
    let typed = prop_oneof![
        any::<String>(),
        proptest::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat()),
    ];

    runner
        .run(&typed, |typed| {
            let parsed = SearchQuery::parse(&typed);
            // Also as nobody can type it.
            let term = Term { part: Some(MailPart::Subject), text: typed, prefix: true };
            let raw = SearchQuery { terms: vec![term], ..SearchQuery::default() };
            for query in [parsed, raw] {
                let found = store.open.mail().search(&query, scope, 0, 10).unwrap();
                prop_assert!(found.is_some());
            }
            Ok(())
        })
        .unwrap();
    let many = "an ".repeat(2_000);
    let found = store.open.mail().search(&SearchQuery::parse(&many), scope, 0, 10).unwrap();
    assert!(found.unwrap().page.total > 0);
}

#[test]
fn every_part_of_a_mail_is_found() {
    let store = Store::new();
    store.put(&[put_mail(
        "1",
        Mail {
            from: person("Jürgen Jäger", "jj@example.org"),
            to: vec![person("Bob", "bob@example.org")],
            cc: vec![person("", "carla@example.net")],
            bcc: vec![person("Dora", "")],
            subject: "Quartalszahlen".to_owned(),
            body: Body {
                state: BodyState::Whole,
                text: Text::Html(
                    "<p title=hidden>Caf&eacute; <b>um</b> zehn</p><style>styled</style>"
                        .to_owned(),
                ),
                preview: "unseen".to_owned(),
            },
            attachments: vec![attachment("tabelle", false), attachment("logo", true)],
            ..mail(1)
        },
    )]);

    for hit in [
        "jurgen",
        "JÄGER",
        "from:jj@example.org",
        "to:bob",
        "to:carla",
        "to:dora",
        "betreff:quart",
        "cafe",
        "\"café um zehn\"",
        "tabelle.pdf",
        "has:attachment",
        "is:unread after:1.1.2026",
    ] {
        assert_eq!(total(&store, hit), 1, "{hit}");
    }
    for miss in [
        "to:jj",
        "from:bob",
        "subject:zehn",
        "hidden",
        "styled",
        "unseen",
        "logo.pdf",
        "\"um café\"",
        "jurgenx",
        "is:read",
        "before:1.1.2026",
        "",
        "?",
    ] {
        assert_eq!(total(&store, miss), 0, "{miss}");
    }

    let body = Body {
        state: BodyState::Whole,
        text: Text::Plain("Anders".to_owned()),
        preview: String::new(),
    };
    store.put(&[Change::PutBody { item: item("1"), body, attachments: Some(Vec::new()) }]);
    assert_eq!(
        (total(&store, "cafe"), total(&store, "tabelle"), total(&store, "anders")),
        (0, 0, 1)
    );
    assert_eq!(total(&store, "jager"), 1, "what was not told anew stays");
    store.put(&[Change::RemoveMail(item("1"))]);
    assert_eq!(total(&store, "anders"), 0);
}

#[test]
fn pages_of_a_search_follow_each_other() {
    let store = Store::new();
    let mails: Vec<Change> =
        (0..25).map(|number| put_mail(&number.to_string(), mail(number / 3))).collect();
    store.put(&mails);
    assert_eq!(store.open.mail().index_some(100).unwrap(), 0);
    let query = SearchQuery::parse("nachricht");
    let scope = Scope { folder: Some(store.inbox()), zone: UtcOffset::UTC };
    let page = |offset| store.open.mail().search(&query, scope, offset, 10).unwrap().unwrap().page;

    let found: Vec<_> = [0, 10, 20].into_iter().flat_map(|offset| page(offset).items).collect();

    let listed = store.open.mail().messages(store.inbox(), 0, 100).unwrap().unwrap();
    assert_eq!((page(0).total, found), (25, listed.items));
    assert_eq!(page(30).items, []);
    let gone = Scope { folder: Some(FolderId(99)), ..scope };
    assert_eq!(store.open.mail().search(&query, gone, 0, 10).unwrap(), None);
}

#[test]
fn mails_from_before_there_was_an_index_are_found_once_they_are_in_it() {
    let store = Store::new();
    let mails: Vec<Change> =
        (0..60).map(|number| put_mail(&number.to_string(), mail(number))).collect();
    store.put(&mails);
    // As the step that brought the index found it.
    let database = store.open.database().unwrap();
    for sql in [
        "DROP TABLE search; DROP TABLE unindexed; DROP INDEX message_facts; DROP TRIGGER message_forgotten",
        include_str!("../../../src/mail/search.sql"),
        "DROP INDEX message_facts;
         CREATE INDEX message_facts ON message (id, shown, received, read, flagged, attachments)",
    ] {
        database.execute_batch(sql).unwrap();
    }
    drop(database);

    let store = store.reopened();

    assert_eq!((total(&store, "nachricht"), unindexed(&store)), (0, 60));
    assert_eq!(store.open.mail().index_some(10).unwrap(), 50);
    assert_eq!((total(&store, "nachricht"), unindexed(&store)), (10, 50));
    store.put(&[
        Change::RemoveMail(item("0")),
        put_mail("1", Mail { subject: "Neu".to_owned(), ..mail(1) }),
    ]);
    assert_eq!((total(&store, "neu"), unindexed(&store)), (0, 49));
    let store = store.reopened();
    assert_eq!(store.open.mail().index_some(100).unwrap(), 0);
    assert_eq!(store.open.mail().index_some(100).unwrap(), 0);
    assert_eq!((total(&store, "nachricht"), total(&store, "neu")), (58, 1));
    integrity(&store);
}

#[test]
fn many_mails_at_once_wait_for_the_index_and_few_do_not() {
    let store = Store::new();
    let mails: Vec<Change> =
        (0..21).map(|number| put_mail(&number.to_string(), mail(number))).collect();
    store.put(&mails);
    assert_eq!((total(&store, "nachricht"), unindexed(&store)), (0, 21));
    assert_eq!(store.open.mail().index_some(100).unwrap(), 0);
    store.put(&[put_mail("x", mail(22))]);
    assert_eq!((total(&store, "nachricht"), unindexed(&store)), (22, 0));
    integrity(&store);
}

fn total(store: &Store, typed: &str) -> u64 {
    let scope = Scope { folder: None, zone: UtcOffset::UTC };
    let query = SearchQuery::parse(typed);
    store.open.mail().search(&query, scope, 0, 0).unwrap().unwrap().page.total
}

fn unindexed(store: &Store) -> u64 {
    let scope = Scope { folder: None, zone: UtcOffset::UTC };
    store.open.mail().search(&SearchQuery::default(), scope, 0, 0).unwrap().unwrap().unindexed
}

fn integrity(store: &Store) {
    let database = store.open.database().unwrap();
    database.execute("INSERT INTO search (search) VALUES ('integrity-check')", []).unwrap();
    let rows = |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(
        rows("SELECT count(*) FROM search_docsize"),
        rows("SELECT count(*) FROM message"),
        "the index knows mails that are gone"
    );
}

/// Mails in two folders, in a container and in memory.
struct Stock {
    store: Store,
    mails: BTreeMap<(String, String), Mail>,
    dice: u64,
}

impl Stock {
    fn new() -> Self {
        let store = Store::new();
        store.put(&[Change::PutFolder(folder("archive"))]);
        let mut stock = Self { store, mails: BTreeMap::new(), dice: 7 };
        for number in 0..200 {
            let folder = if stock.roll(3) == 0 { "archive" } else { "inbox" };
            let mail = stock.mail();
            stock.put(folder, &number.to_string(), mail);
        }
        stock
    }

    /// Removes, replaces, and changes mails in part.
    fn change(&mut self) {
        let names: Vec<_> = self.mails.keys().cloned().collect();
        for (folder, number) in names {
            let item = ItemRef {
                collection: CollectionId(folder.clone()),
                item: ServerId(number.clone()),
            };
            match self.roll(6) {
                0 => {
                    self.mails.remove(&(folder, number));
                    self.store.put(&[Change::RemoveMail(item)]);
                }
                1 => {
                    let mail = self.mail();
                    self.put(&folder, &number, mail);
                }
                2 => {
                    let Mail { subject, read, flag, .. } = self.mail();
                    let known = self.mails.get_mut(&(folder, number)).unwrap();
                    (known.subject, known.read, known.flag) = (subject.clone(), read, flag.clone());
                    let patch = MailPatch {
                        subject: Some(subject),
                        read: Some(read),
                        flag: Some(flag),
                        ..MailPatch::default()
                    };
                    self.store.put(&[Change::PatchMail { item, patch: Box::new(patch) }]);
                }
                3 => {
                    let Mail { body, attachments, .. } = self.mail();
                    let known = self.mails.get_mut(&(folder, number)).unwrap();
                    (known.body, known.attachments) = (body.clone(), attachments.clone());
                    let attachments = Some(attachments);
                    self.store.put(&[Change::PutBody { item, body, attachments }]);
                }
                _ => {}
            }
        }
        integrity(&self.store);
    }

    fn put(&mut self, folder: &str, number: &str, mail: Mail) {
        let item = ItemRef {
            collection: CollectionId(folder.to_owned()),
            item: ServerId(number.to_owned()),
        };
        self.store.put(&[Change::PutMail { item, mail: Box::new(mail.clone()) }]);
        self.mails.insert((folder.to_owned(), number.to_owned()), mail);
    }

    fn mail(&mut self) -> Mail {
        let text = self.text(12);
        let text = match self.roll(3) {
            0 => Text::None,
            1 => Text::Plain(text),
            _ => Text::Html(format!("<div class=budget>{text}</div>")),
        };
        let attachments = (0..self.roll(3))
            .map(|number| {
                let inline = self.roll(2) == 0;
                attachment(&format!("{number} {}", self.text(2)), inline)
            })
            .collect();
        Mail {
            from: person(&self.text(2), "anna@example.org"),
            to: vec![person(&self.text(2), ""), person("", "b2@example.org")],
            cc: vec![person(&self.text(1), "")],
            subject: self.text(4),
            read: self.roll(2) == 0,
            flag: FollowUp {
                state: if self.roll(4) == 0 { FlagState::Active } else { FlagState::None },
                ..FollowUp::default()
            },
            body: Body { state: BodyState::Whole, text, preview: "budget".to_owned() },
            attachments,
            ..mail(i64::try_from(self.roll(20)).unwrap() * 21_600)
        }
    }

    fn text(&mut self, most: u64) -> String {
        let count = self.roll(most + 1);
        let word = |stock: &mut Self| {
            let at = usize::try_from(stock.roll(WORDS.len() as u64)).unwrap();
            WORDS[at].to_owned() + [" ", ", ", "\n"][usize::try_from(stock.roll(3)).unwrap()]
        };
        (0..count).map(|_| word(self)).collect()
    }

    fn roll(&mut self, sides: u64) -> u64 {
        // Knuth's MMIX generator: the same mails in each run.
        self.dice = self
            .dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.dice >> 33) % sides
    }

    fn compare(&self, typed: &str, folder: Option<&str>) -> Result<(), TestCaseError> {
        let query = SearchQuery::parse(typed);
        let mut expected: Vec<_> = self
            .mails
            .iter()
            .filter(|((name, _), mail)| {
                folder.is_none_or(|folder| folder == name)
                    && !query.is_empty()
                    && means(&query, mail)
            })
            .map(|((folder, number), mail)| {
                let item = ItemRef {
                    collection: CollectionId(folder.clone()),
                    item: ServerId(number.clone()),
                };
                (mail.received, self.store.open.mail().find(&item).unwrap().unwrap())
            })
            .collect();
        expected.sort_by(|a, b| b.cmp(a));
        let folders = self.store.open.mail().folders().unwrap();
        let folder = folder.map(|name| folders[usize::from(name == "archive")].id);
        let scope = Scope { folder, zone: ZONE };
        let found = self.store.open.mail().search(&query, scope, 0, 1_000).unwrap().unwrap();
        let rows: Vec<_> = found.page.items.iter().map(|row| (row.received, row.id)).collect();
        prop_assert_eq!(found.page.total, expected.len() as u64);
        prop_assert_eq!(rows, expected, "{:?}", query);
        Ok(())
    }
}

/// Queries made of what mails are made of, whole and begun, with conditions between them.
fn query() -> impl Strategy<Value = (String, Option<&'static str>)> {
    let word = proptest::sample::select(WORDS.to_vec());
    let begun = (word.clone(), 1_usize..4)
        .prop_map(|(word, letters)| word.chars().take(letters).collect::<String>());
    let condition = prop_oneof![
        4 => word.clone().prop_map(str::to_owned),
        2 => begun.clone(),
        2 => (word.clone(), word.clone()).prop_map(|(one, two)| format!("\"{one} {two}\"")),
        2 => (proptest::sample::select(vec!["from:", "to:", "subject:", "von:"]), begun)
            .prop_map(|(part, word)| format!("{part}{word}")),
        2 => proptest::sample::select(vec![
            "has:attachment", "is:unread", "is:read", "is:flagged", "before:2026-01-04", "after:3.1.2026",
            "after:2026-01-05", "to:b2@example.org", "from:\"anna example\"", "(", "*", "?!", "before:x",
        ])
        .prop_map(str::to_owned),
    ];
    let folder = proptest::sample::select(vec![None, Some("inbox"), Some("archive")]);
    let typed = (proptest::collection::vec(condition, 0..4), any::<bool>())
        .prop_map(|(conditions, ended)| conditions.join(" ") + if ended { " " } else { "" });
    (typed, folder)
}

/// The meaning of a query, written down without an index.
fn means(query: &SearchQuery, mail: &Mail) -> bool {
    let begins = |day: time::Date| day.midnight().assume_offset(ZONE);
    query.terms.iter().all(|term| term_is_in(term, mail))
        && (!query.attachment || mail.attachments.iter().any(|one| !one.inline))
        && query.read.is_none_or(|read| read == mail.read)
        && (!query.flagged || mail.flag.is_active())
        && query.before.is_none_or(|day| mail.received < begins(day))
        && query.after.is_none_or(|day| mail.received >= begins(day))
}

fn term_is_in(term: &Term, mail: &Mail) -> bool {
    let sender = format!("{} {}", mail.from.name, mail.from.address);
    let recipients: Vec<String> = [&mail.to, &mail.cc, &mail.bcc]
        .into_iter()
        .flatten()
        .map(|one| format!("{} {}", one.name, one.address))
        .collect();
    let files: Vec<&str> =
        mail.attachments.iter().filter(|one| !one.inline).map(|one| one.name.as_str()).collect();
    let content = match &mail.body.text {
        Text::Html(html) => ::mail::text::from_html(html),
        Text::None => String::new(),
        Text::Plain(text) => text.clone(),
    };
    let (recipients, files) = (recipients.join(" "), files.join(" "));
    let parts: Vec<&str> = match term.part {
        None => vec![&sender, &recipients, &mail.subject, &content, &files],
        Some(MailPart::Recipients) => vec![&recipients],
        Some(MailPart::Sender) => vec![&sender],
        Some(MailPart::Subject) => vec![&mail.subject],
    };
    let wanted = words(&term.text);
    let (last, whole) = wanted.split_last().unwrap();
    parts.iter().any(|part| {
        words(part).windows(wanted.len()).any(|here| {
            let (here_last, here_whole) = here.split_last().unwrap();
            here_whole == whole
                && if term.prefix { here_last.starts_with(last) } else { here_last == last }
        })
    })
}

fn words(text: &str) -> Vec<String> {
    text.split(|char: char| !char.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.to_lowercase().chars().map(plain).collect())
        .collect()
}

fn plain(char: char) -> char {
    match char {
        'ä' => 'a',
        'é' => 'e',
        'ö' => 'o',
        'ü' => 'u',
        other => other,
    }
}

#[test]
fn a_folder_that_goes_takes_its_words_along() {
    let store = Store::new();
    store.put(&[put_mail("1", mail(1)), put_mail("2", mail(2))]);
    assert_eq!(total(&store, "guten tag"), 2);

    store.put(&[Change::RemoveFolder(inbox())]);

    assert_eq!(total(&store, "guten tag"), 0);
    integrity(&store);
}
