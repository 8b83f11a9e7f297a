//! Fills a container with mails and prints how long searches over them take.
//!
//! ```text
//! cargo run --release -p vault --example bench_search [MAILS]
//! ```

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a measurement"
)]

use activesync::messages::{FlagState, FolderKind, Importance};
use keys::SoftwareKey;
use keys::pkcs12::Identity;
use mail::Mailbox;
use openssl::asn1::Asn1Time;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::x509::X509Builder;
use pim::{
    AttachmentRecord, Body, BodyState, Change, CollectionId, FolderRecord, ItemRef, Mail,
    SearchQuery, ServerId, Text,
};
use policy::PasswordRules;
use std::time::{Duration, Instant};
use time::{OffsetDateTime, UtcOffset};
use vault::mail::{FolderId, Scope};
use vault::{Container, Cost, DeviceKeys, NewContainer, NewIdentity, NewPassword, Open, Place};

const WORDS_PER_MAIL: u64 = 100;
const VOCABULARY: u64 = 30_000;
const WINDOW: u64 = 100;
const TIMES: usize = 5;

fn main() {
    let mails: u64 = std::env::args().nth(1).map_or(100_000, |mails| mails.parse().unwrap());
    let root = tempfile::tempdir().unwrap();
    let container = Container::at(Place {
        directory: root.path().join("container"),
        key_files: root.path().join("keys"),
        device_keys: DeviceKeys::KeyFiles,
    })
    .unwrap();
    let open = create(&container);

    let begun = Instant::now();
    fill(&open, mails);
    println!("{mails} mails stored, {}", speed(mails, begun));
    let begun = Instant::now();
    while open.mail().index_some(100).unwrap() > 0 {}
    let size = std::fs::metadata(root.path().join("container/container.db")).unwrap().len();
    println!("taken into the index, {}; {} MiB", speed(mails, begun), size >> 20);

    let mut all = Vec::new();
    for (typed, folder) in queries() {
        let scope = Scope { folder, zone: UtcOffset::UTC };
        let query = SearchQuery::parse(&typed);
        let mut took: Vec<Duration> = Vec::new();
        let mut total = 0;
        for _ in 0..TIMES {
            let begun = Instant::now();
            let found = open.mail().search(&query, scope, 0, 50).unwrap().unwrap();
            took.push(begun.elapsed());
            total = found.page.total;
        }
        took.sort();
        println!("{:>9.2?} {total:>7}  {typed}", took[TIMES / 2]);
        all.extend(took);
    }
    all.sort();
    println!(
        "{} searches: median {:.2?}, p95 {:.2?}, longest {:.2?}",
        all.len(),
        all[all.len() / 2],
        all[all.len() * 95 / 100],
        all[all.len() - 1]
    );
}

fn speed(mails: u64, begun: Instant) -> String {
    let took = begun.elapsed();
    format!("{took:.0?}, {:.0} mails/s", mails as f64 / took.as_secs_f64())
}

fn create(container: &Container) -> Open {
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let mut builder = X509Builder::new().unwrap();
    builder.set_version(2).unwrap();
    builder.set_pubkey(&key).unwrap();
    builder.set_not_before(&Asn1Time::from_unix(1_700_000_000).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::from_unix(2_000_000_000).unwrap()).unwrap();
    builder.sign(&key, MessageDigest::sha256()).unwrap();
    let identity = Identity {
        key: SoftwareKey::from_pkcs8(&key.private_key_to_pkcs8().unwrap()).unwrap(),
        certificate: builder.build().to_der().unwrap(),
        chain: Vec::new(),
    };
    let rules = PasswordRules { minimum_length: 8, ..PasswordRules::default() };
    let password = "correct horse battery";
    let password = NewPassword::choose(password.into(), &password.into(), &rules).unwrap();
    container
        .create(&NewContainer {
            identity: NewIdentity::Password {
                identity: &identity,
                password: &password,
                cost: Cost { memory_kib: 64, passes: 1, iterations: 1000 },
            },
            wrong_passwords: 3,
            documents: &[],
        })
        .unwrap()
}

/// Mails over three years in four folders; the words are spread as in a language: few are frequent, most are rare.
fn fill(open: &Open, mails: u64) {
    let mut dice = Dice(1);
    let folders: Vec<Change> = (0..4).map(|number| Change::PutFolder(folder(number))).collect();
    open.mail().store(&folders, moment(0)).unwrap();
    for window in 0..mails / WINDOW {
        let changes: Vec<Change> = (window * WINDOW..(window + 1) * WINDOW)
            .map(|number| Change::PutMail {
                item: ItemRef {
                    collection: folder(number % 7 % 4).id,
                    item: ServerId(number.to_string()),
                },
                mail: Box::new(mail(&mut dice)),
            })
            .collect();
        open.mail().store(&changes, moment(0)).unwrap();
    }
}

fn mail(dice: &mut Dice) -> Mail {
    let text = dice.text(WORDS_PER_MAIL);
    let preview = mail::text::preview(&text, 140);
    let (author, reader) = (dice.roll(400), dice.roll(400));
    let file = AttachmentRecord {
        name: format!("{}.pdf", dice.text(2)),
        reference: "1".to_owned(),
        size: 100_000,
        content_id: None,
        inline: false,
    };
    Mail {
        from: person(author),
        to: vec![person(reader)],
        cc: Vec::new(),
        bcc: Vec::new(),
        reply_to: Vec::new(),
        subject: dice.text(6),
        received: moment(dice.roll(3 * 365 * 86_400)),
        read: dice.roll(20) > 0,
        flag: pim::FollowUp {
            state: if dice.roll(50) == 0 { FlagState::Active } else { FlagState::None },
            ..pim::FollowUp::default()
        },
        categories: Vec::new(),
        thread: pim::Thread::default(),
        importance: Importance::Normal,
        class: "IPM.Note".to_owned(),
        body: Body { state: BodyState::Whole, text: Text::Html(format!("<p>{text}</p>")), preview },
        attachments: if dice.roll(6) == 0 { vec![file] } else { Vec::new() },
        meeting: None,
    }
}

/// Fifty queries, from a name to the most frequent words, as they are typed and complete.
fn queries() -> Vec<(String, Option<FolderId>)> {
    let mut queries = Vec::new();
    let ranks = [0, 1, 5, 20, 50, 100, 500, 1_000, 5_000, 20_000];
    for (at, rank) in ranks.into_iter().enumerate() {
        let other = word(ranks[(at * 3 + 1) % ranks.len()] + 2);
        let word = word(rank);
        let begun: String = word.chars().take(2 + at % 3).collect();
        queries.extend([
            (format!("{word} "), None),
            (begun, None),
            (format!("{word} {other}"), (at % 2 == 0).then_some(FolderId(1))),
        ]);
    }
    for number in 0..5 {
        let (frequent, rare) = (word(number * 7), word(number * 900 + 40));
        queries.extend([
            (format!("from:person{number} {rare}"), None),
            (format!("\"{frequent} {}\"", word(number)), None),
            (format!("is:unread {frequent}"), None),
            (format!("has:attachment after:2025-06-01 subject:{rare}"), None),
        ]);
    }
    queries
}

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        // Knuth's MMIX generator: the same mails in each run.
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn text(&mut self, count: u64) -> String {
        let words: Vec<String> = (0..count).map(|_| word(self.rank())).collect();
        words.join(" ")
    }

    /// A rank by Zipf's law: the word of rank n is n times as rare as the first.
    fn rank(&mut self) -> u64 {
        let chance = self.roll(1 << 30) as f64 / f64::from(1 << 30);
        ((VOCABULARY as f64).powf(chance) - 1.0) as u64
    }
}

/// A word for each rank, short ones for the frequent.
fn word(rank: u64) -> String {
    const SYLLABLES: [&str; 16] = [
        "an", "be", "der", "ei", "fo", "ge", "ha", "in", "ko", "lu", "mer", "no", "per", "sta",
        "un", "zü",
    ];
    let mut left = rank + 1;
    let mut word = String::new();
    while left > 0 {
        word.push_str(SYLLABLES[usize::try_from(left * 7 % 16).unwrap()]);
        left /= 16;
    }
    word
}

fn person(number: u64) -> Mailbox {
    Mailbox {
        name: format!("Person{number} {}", word(number)),
        address: format!("person{number}@example.org"),
    }
}

fn folder(number: u64) -> FolderRecord {
    FolderRecord {
        id: CollectionId(number.to_string()),
        parent: None,
        name: number.to_string(),
        kind: FolderKind::UserMail,
        key: "0".to_owned(),
        synced: true,
        in_round: false,
        reset_at: None,
    }
}

fn moment(seconds: u64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_700_000_000 + i64::try_from(seconds).unwrap()).unwrap()
}
