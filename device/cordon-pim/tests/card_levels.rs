//! A container that a smart card opens, and one whose key is on the card: the programs beside a card of software, over the real
//! service of the readers, with the real server and a mail server.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod company;

use company::cards::seen;
use company::{Company, Running};
use data_encoding::BASE64;
use openssl::pkey::PKey;
use serde_json::{Value, json};
use smartcard::{Card, PinState, readers};
use std::fs::File;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use testcard::{Flavour, Iso, PIN, Piv, Reader, SmartCard, until, with_reader};

#[test]
fn a_card_opens_the_container_and_a_password_again() {
    with_reader("a_card_opens_the_container_and_a_password_again", |reader| {
        switches(reader, &Arc::new(Mutex::new(Piv::default())), |card| card.tries_left());
    });
}

#[test]
fn a_card_that_takes_off_the_padding_itself_opens_the_container() {
    with_reader("a_card_that_takes_off_the_padding_itself_opens_the_container", |reader| {
        let card = Arc::new(Mutex::new(Iso::new(Flavour::IsoApplet)));
        switches(reader, &card, |card| card.tries_left());
    });
}

/// From the password to the card and back, with all that can go wrong in between.
fn switches<C: SmartCard + 'static>(
    reader: &mut Reader,
    card: &Arc<Mutex<C>>,
    tries_left: fn(&C) -> u8,
) {
    let company = Company::set_up();
    let pin = company.file("pin", PIN);
    let wrong = company.file("wrong-pin", "999999");
    company.register();
    company.done(&["sync"]);
    let mails = company.done(&["mail", "list", "--limit", "200"]);
    let use_card = ["card", "use", "--pin-file", &pin];

    // Nobody switches because they feel like it.
    assert_eq!(
        company.refused(&["password", "--new-password-file", &wrong])["code"],
        "password_too_weak"
    );
    company.opened_by("card");
    let due = company.refused(&["unlock"]);
    assert_eq!((&due["code"], &due["opened_by"]), (&json!("level_due"), &json!("card")));
    assert_eq!(company.refused(&use_card)["code"], "no_reader_service");
    reader.start();
    until("the reader is seen", || company.refused(&use_card)["code"] == "card_absent");
    let inserted = reader.insert_card(card, seen);
    let refused = company.refused(&["card", "use", "--pin-file", &wrong]);
    assert_eq!((&refused["code"], &refused["attempts_left"]), (&json!("wrong_pin"), &json!(2)));

    let state = company.done(&use_card);

    assert_eq!(state["opens_with"]["by"], "card");
    let state = company.done(&["status"]);
    assert_eq!(
        (&state["container"], &state["opens_with"]["by"]),
        (&json!("locked"), &json!("card"))
    );
    let with_card = ["mail", "list", "--limit", "200", "--pin-file", &pin];
    assert_eq!(company.done(&with_card), mails);
    let left = Card::connect(&readers().unwrap()[0].name).unwrap().pin_state().unwrap();
    assert_eq!(left, PinState::Tries(3), "the PIN does not stay entered");
    let refused = company.refused(&["unlock", "--pin-file", &wrong]);
    assert_eq!((&refused["code"], &refused["attempts_left"]), (&json!("wrong_pin"), &json!(2)));
    assert_eq!(
        company.done(&["status"])["attempts_left"],
        10,
        "the card counts, not the container"
    );

    // The company's own middleware opens it as well.
    let middleware = opensc();
    let with_middleware = [&with_card[..], &["--card-module", &middleware]].concat();
    assert_eq!(company.done(&with_middleware), mails);

    // It may be removed once the container is open.
    let running = company.run_app(&[]);
    company.done(&["unlock", "--pin-file", &pin]);
    drop(inserted);
    until("the reader is empty", || !seen());
    assert_eq!(company.done(&["mail", "list", "--limit", "200"]), mails);
    company.done(&["lock"]);
    assert_eq!(company.refused(&["unlock", "--pin-file", &pin])["code"], "card_absent");
    let other = Arc::new(Mutex::new(Piv::default()));
    let inserted = reader.insert(&other, seen);
    let refused = company.refused(&["unlock", "--pin-file", &pin]);
    assert_eq!(refused["code"], "card_other");
    assert!(refused["wanted"].as_str().unwrap().contains("card"), "{refused}");
    assert_eq!(other.lock().unwrap().tries_left(), 3, "its PIN is not tried");
    drop(inserted);
    until("the reader is empty", || !seen());
    drop(running);

    // Back to a password.
    let inserted = reader.insert_card(card, seen);
    company.opened_by("password");
    let due = company.refused(&["unlock", "--pin-file", &pin]);
    assert_eq!((&due["code"], &due["opened_by"]), (&json!("level_due"), &json!("password")));
    let new = company.file("new-password", "Another-Password-2");
    let state = company.done(&["password", "--pin-file", &pin, "--new-password-file", &new]);
    assert_eq!(state["opens_with"]["by"], "password");
    drop(inserted);
    until("the reader is empty", || !seen());
    let with_password = ["mail", "list", "--limit", "200", "--password-file", &new];
    assert_eq!(company.done(&with_password), mails);

    // And the card blocks itself, which the container survives.
    company.opened_by("card");
    let _inserted = reader.insert_card(card, seen);
    let use_card = ["card", "use", "--pin-file", &pin, "--password-file", &new];
    company.done(&use_card);
    for code in ["wrong_pin", "wrong_pin", "pin_blocked", "pin_blocked"] {
        assert_eq!(company.refused(&["unlock", "--pin-file", &wrong])["code"], code);
    }
    assert_eq!(tries_left(&card.lock().unwrap()), 0);
    assert_eq!(company.refused(&["unlock", "--pin-file", &pin])["code"], "pin_blocked");
    assert_eq!(company.done(&["status"])["container"], "locked");
}

#[test]
fn a_key_that_stays_on_the_card_locks_the_app_when_the_card_is_pulled() {
    with_reader("a_key_that_stays_on_the_card_locks_the_app_when_the_card_is_pulled", |reader| {
        let company = Company::set_up();
        company.opened_by("key_on_card");
        let pin = company.file("pin", PIN);
        reader.start();
        let card = Arc::new(Mutex::new(company.card_of("alice")));
        let link = company.invite();
        let register = ["register", &link, "--card", "--pin-file", &pin];
        until("the reader is seen", || company.refused(&register)["code"] == "card_absent");
        let inserted = reader.insert(&card, seen);

        let mail = company.file("mail-password", company::MAIL);
        let state = company.done(&[
            "register",
            &link,
            "--card",
            "--pin-file",
            &pin,
            "--mail-password-file",
            &mail,
        ]);

        assert_eq!(state["opens_with"]["by"], "key_on_card");
        company.done(&["sync", "--pin-file", &pin]);
        let mails = company.done(&["mail", "list", "--limit", "200", "--pin-file", &pin]);
        let running = company.run_app(&[]);
        company.done(&["unlock", "--pin-file", &pin]);
        assert_eq!(company.done(&["mail", "list", "--limit", "200"]), mails);

        drop(inserted);

        until("the app locks itself", || company.done(&["status"])["container"] == "locked");
        until("it says why", || company.done(&["status"])["card_removed"] == true);
        assert_eq!(company.refused(&["mail", "list"])["code"], "locked");
        assert_eq!(company.refused(&["unlock", "--pin-file", &pin])["code"], "card_absent");
        let inserted = reader.insert(&card, seen);
        assert_eq!(company.done(&["status"])["container"], "locked", "it does not open by itself");
        company.done(&["unlock", "--pin-file", &pin]);
        let state = company.done(&["status"]);
        assert_eq!((&state["container"], &state["card_removed"]), (&json!("open"), &json!(false)));
        assert_eq!(company.done(&["mail", "list", "--limit", "200"]), mails);
        drop(running);

        // The same behind the company's own middleware.
        let running = company.run_app(&["--card-module", &opensc()]);
        company.done(&["unlock", "--pin-file", &pin]);
        assert_eq!(company.done(&["mail", "list", "--limit", "200"]), mails);
        drop(inserted);
        until("the app locks itself", || company.done(&["status"])["container"] == "locked");
        until("it says why", || company.done(&["status"])["card_removed"] == true);
        drop(running);
        let inserted = reader.insert(&card, seen);

        // No other level is as strict, so nothing has to change for one.
        company.opened_by("card");
        assert_eq!(company.done(&["mail", "list", "--limit", "200", "--pin-file", &pin]), mails);
        let new = company.file("new-password", "Another-Password-2");
        let refused =
            company.refused(&["password", "--pin-file", &pin, "--new-password-file", &new]);
        assert_eq!(refused["code"], "by_card");
        drop(inserted);
    });
}

#[test]
fn a_device_registers_with_a_card_that_opens_the_container() {
    with_reader("a_device_registers_with_a_card_that_opens_the_container", |reader| {
        let company = Company::set_up();
        company.opened_by("card");
        let pin = company.file("pin", PIN);
        reader.start();
        let _inserted = reader.insert(&Arc::default(), seen);
        let mut register = company.register_arguments(&company.invite());
        // The same link works again: nothing was wrong but what opens the container.
        let running = company.run_app(&[]);
        let refused = company.refused(&register);
        assert_eq!(
            (&refused["code"], &refused["opened_by"]),
            (&json!("level_due"), &json!("card"))
        );
        register.extend(["--card".to_owned(), "--pin-file".to_owned(), pin.clone()]);

        let state = company.done(&register);

        assert_eq!(
            (&state["container"], &state["opens_with"]["by"]),
            (&json!("open"), &json!("card"))
        );
        drop(running);
        company.done(&["sync", "--pin-file", &pin]);
        // Middleware of one's own takes the place of the readers.
        let missing = company.file("no-module.so", "no library");
        let refused = company.refused(&["unlock", "--pin-file", &pin, "--card-module", &missing]);
        assert_eq!(refused["code"], "middleware_failed");
    });
}

#[test]
fn a_key_on_a_curve_that_stays_on_the_card_registers_and_opens() {
    with_reader("a_key_on_a_curve_that_stays_on_the_card_registers_and_opens", |reader| {
        let company = Company::set_up();
        company.opened_by("key_on_card");
        company.certify_on("alice", "secp384r1");
        company.deposit("alice");
        let (pin, mail) = (company.file("pin", PIN), company.file("mail", company::MAIL));
        reader.start();
        // OpenSC offers curves on those PIV cards alone whose make it knows.
        let card = Arc::new(Mutex::new(company.put_on(Piv::with_history(), "alice")));
        let _inserted = reader.insert(&card, seen);
        let link = company.invite();
        let register = ["register", &link, "--card", "--pin-file", &pin];

        let state = company.done(&[&register[..], &["--mail-password-file", &mail]].concat());

        assert_eq!(state["opens_with"]["by"], "key_on_card");
        company.done(&["sync", "--pin-file", &pin]);
        let mails = company.done(&["mail", "list", "--limit", "200", "--pin-file", &pin]);
        let by_middleware =
            ["mail", "list", "--limit", "200", "--pin-file", &pin, "--card-module", &opensc()];
        assert_eq!(company.done(&by_middleware), mails);
    });
}

#[test]
fn a_card_signs_with_one_key_and_decrypts_with_another() {
    with_reader("a_card_signs_with_one_key_and_decrypts_with_another", |reader| {
        let mut company = Company::set_up();
        company.opened_by("key_on_card");
        let (decrypting, for_encryption) = company.issue("alice", "alice", "person-encryption");
        company.deposit("alice");
        let (signing, signs) = company.issue("alice", "alice-signs", "person-signing");
        let (pin, mail) = (company.file("pin", PIN), company.file("mail", company::MAIL));
        let key = |name: &str| {
            PKey::private_key_from_pem(&std::fs::read(company.path(name)).unwrap()).unwrap()
        };
        let mut card = Piv::default();
        card.put(0x9d, 0x0b, key("alice.key"));
        card.put_certificate(0x0b, &decrypting, 0);
        reader.start();
        let card = Arc::new(Mutex::new(card));
        let inserted = reader.insert(&card, seen);
        let link = company.invite();
        let register = ["register", &link, "--card", "--pin-file", &pin];
        company.done(&[&register[..], &["--mail-password-file", &mail]].concat());
        company.done(&["sync", "--pin-file", &pin]);
        let text = company.file("text", "A word from Alice");
        let send = |subject: &str| {
            let to = ["mail", "send", "--to", "bob@example.test", "--subject", subject, "--sign"];
            [&to[..], &["--text-file", &text, "--pin-file", &pin]].concat().join("\n")
        };
        let sent = |arguments: &str| arguments.split('\n').map(str::to_owned).collect::<Vec<_>>();

        // The card has a key in 9C, whose certificate is somebody else's.
        let refused = company.refused(&sent(&send("Nothing to sign with")));

        assert_eq!(refused["code"], "signing_certificate_missing", "{refused}");
        drop(inserted);
        until("the reader is empty", || !seen());
        card.lock().unwrap().put(0x9c, 0x0a, key("alice-signs.key"));
        card.lock().unwrap().put_certificate(0x0a, &signing, 0);
        let _inserted = reader.insert(&card, seen);
        company.done(&sent(&send("By the card")));
        let by_middleware = [send("By middleware"), format!("--card-module\n{}", opensc())];
        company.done(&sent(&by_middleware.join("\n")));
        company.done(&["sync", "--pin-file", &pin]);

        // Bob sees who signed, and answers for the key that decrypts.
        company.opened_by("password");
        let bob = company.register_person("bob", &company.invite_person("bob"));
        company.at_device("bob");
        company.done(&bob);
        company.done(&["sync"]);
        for subject in ["By the card", "By middleware"] {
            let mail = show(&company, subject, &[]);
            let security = &mail["security"];
            assert_eq!(
                (&security["signed"], &security["sound"]),
                (&json!(true), &json!(true)),
                "{mail}"
            );
            assert_eq!(security["signatures"][0]["fingerprint"], signs.as_str());
        }
        let known = company.done(&["certificates", "list", "--address", "alice@example.test"]);
        let learnt = known.as_array().unwrap().iter().find(|one| one["source"] == "signed_mail");
        assert_eq!(learnt.unwrap()["fingerprint"], for_encryption.as_str(), "{known}");
        let answer = ["mail", "send", "--to", "alice@example.test", "--subject", "For her card"];
        company.done(&[&answer[..], &["--text-file", &text, "--encrypt"]].concat());
        company.at_device("app");

        company.done(&["sync", "--pin-file", &pin]);
        let mail = show(&company, "For her card", &["--pin-file", &pin]);
        assert_eq!(mail["security"]["encrypted"], true);
        assert!(mail["text"].as_str().unwrap().contains("A word from Alice"), "{mail}");
    });
}

#[test]
fn no_log_has_a_pin_or_a_password() {
    with_reader("no_log_has_a_pin_or_a_password", |reader| {
        let mut company = Company::set_up();
        company.environment.push(("CORDON_PIM_LOG", "trace".into()));
        let mut logs = String::new();
        let mut log = |command: &mut Command| {
            let said = command.output().unwrap();
            logs += &String::from_utf8_lossy(&said.stderr);
            String::from_utf8(said.stdout).unwrap()
        };
        let wrong = "80264137";
        let (pin, wrong_pin) = (company.file("pin", PIN), company.file("wrong-pin", wrong));
        log(&mut company.app(&company.register_arguments(&company.invite())));
        company.opened_by("card");
        reader.start();
        let _inserted = reader.insert(&Arc::default(), seen);
        let file = File::create(company.path("app.log")).unwrap();
        let mut app = company.app(&["--no-browser"]);
        let running = Running(app.stdout(Stdio::null()).stderr(file).spawn().unwrap());
        until("the app runs", || company.path("app/run/socket").exists());

        let opened = |state: String| assert!(state.contains("\"open\""), "{state}");
        log(&mut company.app(&["card", "use", "--pin-file", &wrong_pin]));
        opened(log(&mut company.app(&["card", "use", "--pin-file", &pin])));
        log(&mut company.app(&["lock"]));
        log(&mut company.app(&["unlock", "--pin-file", &wrong_pin]));
        opened(log(&mut company.app(&["unlock", "--pin-file", &pin])));
        let middleware = ["unlock", "--pin-file", &pin, "--card-module", &opensc()];
        log(&mut company.app(&["lock"]));
        drop(running);
        opened(log(&mut company.app(&middleware)));

        logs += &std::fs::read_to_string(company.path("app.log")).unwrap();
        assert!(logs.contains("[wrong_pin]") && logs.contains("cryptoki"), "{logs}");
        let secrets = [PIN, wrong, company::PASSWORD, company::TRANSPORT, company::MAIL];
        for secret in secrets {
            let forms = [secret.to_owned(), BASE64.encode(secret.as_bytes()), bytes(secret)];
            for form in forms {
                assert!(!logs.contains(&form), "{form} is in a log");
            }
        }
    });
}

/// A text as Rust shows its bytes.
fn bytes(text: &str) -> String {
    let shown = format!("{:?}", text.as_bytes());

    shown.trim_matches(['[', ']']).to_owned()
}

/// Shows the mail with a subject.
fn show(company: &Company, subject: &str, options: &[&str]) -> Value {
    let list = ["mail", "list", "--limit", "200"];
    let mails = company.done(&[&list[..], options].concat());
    let mail = mails["items"].as_array().unwrap().iter().find(|mail| mail["subject"] == subject);
    let mail = mail.unwrap_or_else(|| panic!("{subject}: {mails}"));

    company.done(&[&["mail", "show", &mail["id"].to_string()], options].concat())
}

/// The middleware of OpenSC.
fn opensc() -> String {
    format!("/usr/lib/{}-linux-gnu/opensc-pkcs11.so", std::env::consts::ARCH)
}
