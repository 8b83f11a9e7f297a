//! The page in a browser, beside a card of software in the real service of the readers, with the real server and a mail server.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod company;

use company::Company;
use company::cards::seen;
use serde_json::json;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use testcard::{PIN, Piv, Reader, until, with_reader};

#[test]
fn the_page_registers_reads_and_writes_with_a_key_that_stays_on_the_card() {
    with_reader(
        "the_page_registers_reads_and_writes_with_a_key_that_stays_on_the_card",
        |reader| {
            let company = Company::set_up();
            company.opened_by("key_on_card");
            company.issue("alice", "alice", "person");
            company.deposit("alice");
            let card = company.card_of("alice");
            let link = company.invite();

            walk(&company, reader, card, "key-on-card", &link);
        },
    );
}

#[test]
fn the_page_opens_with_a_card_in_place_of_the_password_and_goes_back() {
    with_reader("the_page_opens_with_a_card_in_place_of_the_password_and_goes_back", |reader| {
        let company = Company::set_up();
        company.register();
        company.opened_by("card");

        walk(&company, reader, Piv::default(), "card", "");
    });
}

/// Has the browser go through the page, and does what it asks for with the card and in IT.
fn walk(company: &Company, reader: &mut Reader, card: Piv, level: &str, link: &str) {
    let card = Arc::new(Mutex::new(card));
    reader.start();
    let _running = company.run_app(&[]);
    let job = json!({
        "page": page(company),
        "link": link,
        "pin": PIN,
        "password": company::PASSWORD,
        "mail_password": company::MAIL,
        "address": "alice@example.test",
    });
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/e2e/card.mjs");
    let mut browser = Command::new("node")
        .arg(script)
        .args([level, &company.file("job.json", &job.to_string())])
        .env("TMPDIR", company.path(""))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Node.js: run cargo xtask setup");
    let (mut answers, asked) = (browser.stdin.take().unwrap(), browser.stdout.take().unwrap());
    let (mut inserted, mut said) = (None, String::new());
    for line in BufReader::new(asked).lines().map(Result::unwrap) {
        match line.as_str() {
            "> insert" => inserted = Some(reader.insert(&card, seen)),
            "> remove" => {
                drop(inserted.take());
                until("the reader is empty", || !seen());
            }
            "> by password" => company.opened_by("password"),
            "> lock" => drop(company.done(&["lock"])),
            _ => {
                said.push_str(&line);
                said.push('\n');
                continue;
            }
        }
        writeln!(answers, "done").unwrap();
    }

    assert!(browser.wait().unwrap().success(), "{said}");
}

/// The address of the page, with its ticket.
fn page(company: &Company) -> String {
    let file = PathBuf::from(company.done(&["--no-browser"])["page"].as_str().unwrap());
    let text = std::fs::read_to_string(file).unwrap();

    text.split("url=").nth(1).unwrap().split('"').next().unwrap().to_owned()
}
