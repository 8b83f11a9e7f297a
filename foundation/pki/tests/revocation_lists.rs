//! Revocation lists made here, read by ourselves and by OpenSSL.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod support;

use keys::{PrivateKey as _, SoftwareKey};
use pki::validate::{Crl, Inputs, Reason, RevocationReason, Revocations, Use, validate};
use pki::{
    AlternativeName, Certificate, CrlTemplate, IssueError, Locations, ObjectIdentifier, Purpose,
    Revoked, Subject, Template, Usage, issue_crl, issue_with,
};
use support::{Folder, Holder, NOW, root, serial};
use time::Duration;

#[test]
fn openssl_reads_what_a_list_says() {
    let root = root(1);
    let folder = Folder::new();
    let revoked: Vec<_> = RevocationReason::ALL
        .iter()
        .zip(1_u8..)
        .map(|(reason, number)| Revoked {
            serial: vec![0x80, number],
            since: NOW - Duration::hours(number.into()),
            reason: *reason,
        })
        .collect();
    folder.write("list.crl", list(&root, 1_234_567_890_123, &revoked));

    let text = folder.run("crl -inform DER -in list.crl -noout -text");
    for expected in [
        "Version 2",
        "X509v3 CRL Number: \n                1234567890123",
        "X509v3 Authority Key Identifier",
        "Serial Number: 8001\n        Revocation Date: Mar  1 11:00:00 2027 GMT",
        "Next Update: Mar  8 12:00:00 2027 GMT",
        "Key Compromise",
        "CA Compromise",
        "Affiliation Changed",
        "Superseded",
        "Cessation Of Operation",
        "Certificate Hold",
        "Privilege Withdrawn",
        "AA Compromise",
    ] {
        let found = squeezed(&text).contains(&squeezed(expected));
        assert!(found, "{expected:?} in {text}");
    }
    assert!(!text.contains("Unspecified"), "what is not said is left out: {text}");
}

#[test]
fn openssl_refuses_what_a_list_names_and_takes_the_rest() {
    let root = root(1);
    let (good, bad) = (root.leaf(Purpose::TlsClient), root.person("alice"));
    let folder = Folder::new();
    folder.write("root.pem", root.certificate.to_pem());
    folder.write("good.pem", good.certificate.to_pem());
    folder.write("bad.pem", bad.certificate.to_pem());
    folder.write("list.crl", list(&root, 1, &[revoked(&bad)]));
    folder.run("crl -inform DER -in list.crl -out list.pem");

    let verify = "verify -crl_check -CAfile root.pem -CRLfile list.pem -attime 1803902400";
    assert!(folder.run(&format!("{verify} good.pem")).contains("good.pem: OK"));
    let refused = folder.openssl(&format!("{verify} bad.pem"));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("certificate revoked"), "{said}");
}

#[test]
fn a_list_is_obeyed_by_validation() {
    let root = root(1);
    let (good, bad) = (root.leaf(Purpose::TlsClient), root.person("alice"));
    let crls = [Crl::from_der(&list(&root, 7, &[revoked(&bad)])).unwrap()];
    assert_eq!(crls[0].number(), Some(&[7][..]));
    let anchors = std::slice::from_ref(&root.certificate);
    let mut inputs = Inputs::new(anchors, NOW, Use::Any);
    inputs.crls = &crls;
    inputs.revocation = Revocations::Required;

    validate(&good.certificate, &inputs).unwrap();
    let refused = validate(&bad.certificate, &inputs).unwrap_err();
    assert!(format!("{refused:?}").contains("KeyCompromise"), "{refused:?}");
    assert!(matches!(refused.fault.reason, Reason::Revoked(_)), "{refused:?}");

    inputs.at = NOW + Duration::days(8);
    validate(&good.certificate, &inputs).expect_err("the list has ended");
    // What it says of revocations counts all the same, also for who looks back to before it was made.
    inputs.revocation = Revocations::IfKnown;
    validate(&good.certificate, &inputs).unwrap();
    let refused = validate(&bad.certificate, &inputs).unwrap_err();
    assert!(matches!(refused.fault.reason, Reason::Revoked(_)), "{refused:?}");
    (inputs.at, inputs.read_at) = (NOW - Duration::hours(12), Some(NOW));
    let refused = validate(&bad.certificate, &inputs).unwrap_err();
    assert!(matches!(refused.fault.reason, Reason::Revoked(_)), "{refused:?}");
}

#[test]
fn an_empty_list_is_a_list() {
    let root = root(0);
    let folder = Folder::new();
    folder.write("list.crl", list(&root, 1, &[]));

    let text = folder.run("crl -inform DER -in list.crl -noout -text");
    assert!(text.contains("No Revoked Certificates"), "{text}");
}

#[test]
fn only_the_issuer_signs_and_a_list_ends_after_it_begins() {
    let root = root(0);
    let other = SoftwareKey::make_p256().unwrap();
    let template = CrlTemplate { number: 1, this_update: NOW, next_update: NOW, revoked: &[] };

    let refused = issue_crl(&template, &root.certificate, &root.key);
    assert!(matches!(refused, Err(IssueError::Validity)), "{refused:?}");
    let template = CrlTemplate { next_update: NOW + Duration::DAY, ..template };
    let refused = issue_crl(&template, &root.certificate, &other);
    assert!(matches!(refused, Err(IssueError::Mismatch)), "{refused:?}");
}

#[test]
fn a_certificate_says_where_its_issuer_publishes() {
    let root = root(0);
    let key = SoftwareKey::make_p256().unwrap();
    let locations = Locations {
        crl: Some("http://pki.example.com/pki/authority.crl".into()),
        issuer: Some("http://pki.example.com/pki/authority.cer".into()),
        ocsp: Some("http://pki.example.com/pki/ocsp".into()),
        policies: vec![ObjectIdentifier::new_unwrap("1.3.6.1.4.1.55555.1")],
    };
    let template = template(&key, Usage::Encipherment(Purpose::EmailProtection));
    let issuer = Some(&root.certificate);
    let certificate = issue_with(&template, &locations, issuer, &root.key, serial(2)).unwrap();

    let text = text(&certificate);
    for expected in [
        "URI:http://pki.example.com/pki/authority.crl",
        "CA Issuers - URI:http://pki.example.com/pki/authority.cer",
        "OCSP - URI:http://pki.example.com/pki/ocsp",
        "Policy: 1.3.6.1.4.1.55555.1",
        "Key Agreement",
    ] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    assert!(!text.contains("Digital Signature"), "it only enciphers: {text}");
}

#[test]
fn a_responder_is_named_as_one() {
    let root = root(0);
    let key = SoftwareKey::make_p256().unwrap();
    let template = template(&key, Usage::OcspSigning);
    let issuer = Some(&root.certificate);
    let certificate =
        issue_with(&template, &Locations::default(), issuer, &root.key, serial(2)).unwrap();

    let text = text(&certificate);
    assert!(text.contains("OCSP Signing") && text.contains("OCSP No Check"), "{text}");
}

fn list(issuer: &Holder, number: u64, revoked: &[Revoked]) -> Vec<u8> {
    let next_update = NOW + Duration::days(7);
    let template = CrlTemplate { number, this_update: NOW, next_update, revoked };

    issue_crl(&template, &issuer.certificate, &issuer.key).unwrap()
}

fn revoked(holder: &Holder) -> Revoked {
    Revoked {
        serial: holder.certificate.serial().to_vec(),
        since: NOW - Duration::HOUR,
        reason: RevocationReason::KeyCompromise,
    }
}

fn template(key: &SoftwareKey, usage: Usage) -> Template<'_> {
    Template {
        subject: Subject::new("Alice"),
        public_key: key.public_key(),
        not_before: NOW,
        not_after: NOW + Duration::days(30),
        usage,
        names: vec![AlternativeName::Email("alice@example.com".into())],
    }
}

fn text(certificate: &Certificate) -> String {
    let folder = Folder::new();
    folder.write("certificate.pem", certificate.to_pem());

    folder.run("x509 -in certificate.pem -noout -text")
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
