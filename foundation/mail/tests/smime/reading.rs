use crate::people::*;
use data_encoding::BASE64;
use mail::smime::{Language, Layer};
use pki::cms::{Capabilities, ContentCipher, Form};
use time::Duration;

const CIPHER: ContentCipher = ContentCipher::Aes256Gcm;

#[test]
fn a_signed_mail_says_by_whom() {
    for form in [Form::Detached, Form::Opaque] {
        let signed = sign(MAIL, &ALICE, form);
        assert!(signed.starts_with("From: Alice <alice@example.com>\r\nTo: bob@example.com\r\nSubject: Lunch\r\nMIME-Version: 1.0\r\n"));
        let opened = check(&signed, &[]);
        assert_eq!(content(&opened), ENTITY);
        assert!(opened.state.is_signed() && !opened.state.is_encrypted());
        assert!(opened.state.allows_remote_content());
        let [signature] = &opened.state.signatures[..] else { panic!("one signature") };
        assert_eq!(signature.addresses(), ["alice@example.com"]);
        assert_eq!(signature.time, Some(NOW));
        assert_eq!(signature.capabilities, Some(Capabilities::own()));
        assert_eq!(signature.preferred.as_ref(), Some(&ALICE.certificate));
    }
}

#[test]
fn an_encrypted_mail_says_how() {
    for cipher in [CIPHER, ContentCipher::Aes256Cbc, ContentCipher::TripleDesCbc] {
        let opened = open(seal(MAIL, cipher));
        assert_eq!(content(&opened), ENTITY);
        assert!(
            opened.state.is_sound() && opened.state.is_encrypted() && !opened.state.is_signed()
        );
        assert_eq!(opened.state.layers, [Layer::Encrypted { cipher }]);
        assert_eq!(opened.state.allows_remote_content(), cipher.authenticates());
    }
}

#[test]
fn signed_then_encrypted_and_triple_wrapped_mails_open() {
    for form in [Form::Detached, Form::Opaque] {
        let mail = seal(&sign(MAIL, &ALICE, form), CIPHER);
        let opened = check(&mail, &[]);
        assert_eq!(content(&opened), ENTITY);
        assert!(opened.state.is_signed() && opened.state.is_encrypted());
        let opened = check(sign(&mail, &ALICE, form), &[]);
        assert_eq!(content(&opened), ENTITY);
        let signed = Layer::Signed { signers: 1 };
        assert_eq!(opened.state.layers, [signed, Layer::Encrypted { cipher: CIPHER }, signed]);
    }
    // A signature inside finds out what CBC does not.
    check(seal(&sign(MAIL, &ALICE, Form::Opaque), ContentCipher::Aes256Cbc), &[]);
}

#[test]
fn a_reader_is_told_in_plain_words() {
    let lines = |mail: &str, language| open(mail).state.lines(language).join("\n");
    let good = seal(&sign(MAIL, &ALICE, Form::Detached), CIPHER);
    insta::assert_snapshot!(lines(&good, Language::English), @"
    Signed by alice@example.com, on 2027-03-01 according to the sender.
    Encrypted with AES-256-GCM.
    ");
    insta::assert_snapshot!(lines(&good, Language::German), @"
    Unterschrieben von alice@example.com, laut Absender am 2027-03-01.
    Verschlüsselt mit AES-256-GCM.
    ");
    let bad = sign(MAIL, &EVE, Form::Detached);
    insta::assert_snapshot!(lines(&bad, Language::English), @"
    The signature is not valid.
    Not encrypted.
    The mail says it is from alice@example.com, but it was signed by eve@example.com.
    ");
    insta::assert_snapshot!(lines(&bad, Language::German), @"
    Die Unterschrift ist nicht gültig.
    Nicht verschlüsselt.
    Die Mail gibt alice@example.com als Absender an, unterschrieben hat aber eve@example.com.
    ");
    insta::assert_snapshot!(lines(MAIL, Language::English), @"
    Not signed.
    Not encrypted.
    ");
    insta::assert_snapshot!(lines(MAIL, Language::German), @"
    Nicht unterschrieben.
    Nicht verschlüsselt.
    ");
}

#[test]
fn a_mail_without_protection_stays_as_it_is() {
    let opened = check(MAIL, &[]);

    assert_eq!(content(&opened), MAIL);
    assert!(!opened.state.is_signed() && !opened.state.is_encrypted() && opened.state.is_sound());
}

#[test]
fn other_names_and_line_ends_are_understood() {
    let sealed = seal(MAIL, CIPHER);
    let signed = sign(MAIL, &ALICE, Form::Opaque);
    for mail in [&sealed, &signed] {
        for (from, to) in [
            ("application/pkcs7-mime", "application/x-pkcs7-mime"),
            ("application/pkcs7-mime", "APPLICATION/PKCS7-MIME"),
            ("application/pkcs7-mime", "application/octet-stream"),
            ("smime-type=", "x="),
            ("Content-Transfer-Encoding: base64\r\n", ""),
            ("Content-Transfer-Encoding: base64", "content-transfer-encoding: Base64"),
            ("\r\n", "\n"),
        ] {
            assert!(mail.contains(from), "{from}");
            assert_eq!(content(&check(mail.replace(from, to), &[])), ENTITY, "{to:?}");
        }
        let (head, body) = mail.split_once("base64\r\n").unwrap();
        let der =
            BASE64.decode(body.split_once("\r\n\r\n").unwrap().1.replace("\r\n", "").as_bytes());
        let der = der.unwrap();
        let binary = [format!("{head}binary\r\n\r\n").as_bytes(), &der].concat();
        assert_eq!(content(&check(binary, &[])), ENTITY);
        let bare = open(&der);
        assert_eq!(content(&bare), ENTITY);
    }
    let detached = sign(MAIL, &ALICE, Form::Detached);
    for (from, to) in [
        ("\r\n", "\n"),
        ("application/pkcs7-signature", "application/x-pkcs7-signature"),
        ("protocol=\"application/pkcs7-signature\"", "protocol=application/pkcs7-signature"),
    ] {
        assert_eq!(content(&check(detached.replace(from, to), &[])), ENTITY, "{to:?}");
    }
}

#[test]
fn certificates_are_judged_when_they_are_needed() {
    let signed = sign(MAIL, &ALICE, Form::Detached);
    let codes = |now| {
        let opened = open_at(&signed, now);
        assert!(!opened.state.is_signed());
        opened.state.problems.iter().map(|problem| problem.code()).collect::<Vec<_>>()
    };
    // The certificate has ended, and what its holder says of the time is only what they say.
    assert_eq!(codes(NOW + Duration::days(500)), ["expired_since"]);
    assert_eq!(codes(NOW - Duration::days(31)), ["untrusted"]);
    let late = sign_at(MAIL, &ALICE, Form::Detached, NOW + Duration::days(400));
    let opened = open_at(&late, NOW + Duration::days(500));
    assert_eq!(opened.state.problems[0].code(), "untrusted");
    let impostor = check_spoof(sign(MAIL, &MALLORY, Form::Detached), &["untrusted"]);
    assert_eq!(impostor.state.signatures[0].capabilities, None);
    assert_eq!(impostor.state.signatures[0].preferred, None);
    check_spoof(sign(MAIL, &server(), Form::Detached), &["untrusted"]);
}

#[test]
fn a_mail_for_others_stays_closed() {
    let sealed = seal(MAIL, CIPHER);
    let trust = mail::smime::Trust::new(&[], &[], NOW);
    let eve = mail::smime::Holder { key: &EVE.key, certificate: &EVE.certificate };
    for holders in [&[][..], &[eve]] {
        let opened = mail::smime::open(sealed.as_bytes(), holders, &trust);
        assert!(opened.content.is_none());
        assert_eq!(opened.state.problems[0].code(), "not_for_us");
        assert!(opened.state.is_encrypted());
        assert_eq!(
            opened.state.lines(Language::English),
            ["The mail could not be opened.", "The mail is encrypted for another key."]
        );
    }
}

#[test]
fn what_would_be_changed_on_the_way_is_not_signed_detached() {
    let signing = pki::cms::Signing {
        key: &ALICE.key,
        algorithm: keys::SignatureAlgorithm::EcdsaP256Sha256,
        certificate: &ALICE.certificate,
        chain: &[],
        time: NOW,
        encryption: None,
    };
    for body in ["Grüße".to_owned(), "x".repeat(999)] {
        let mail = format!("{MAIL}{body}\r\n");
        let refused = mail::smime::sign(mail.as_bytes(), &signing, Form::Detached);
        assert!(matches!(refused, Err(mail::smime::SignMailError::EightBit)));
        let opened = check(sign(&mail, &ALICE, Form::Opaque), &[]);
        assert_eq!(content(&opened), format!("{ENTITY}{body}\r\n"));
    }
}

#[test]
fn any_cut_and_any_change_of_a_mail_is_survived() {
    for mail in [sign(MAIL, &ALICE, Form::Detached), seal(MAIL, CIPHER)] {
        for end in (0..mail.len() - 20).step_by(7) {
            assert!(!open(&mail[..end]).state.is_signed(), "{end}");
        }
        for place in (0..mail.len()).step_by(5) {
            let mut changed = mail.clone().into_bytes();
            changed[place] ^= 4;
            let opened = open(&changed);
            if opened.state.is_signed() {
                assert_eq!(content(&opened), ENTITY, "{place}");
            }
        }
    }
}
