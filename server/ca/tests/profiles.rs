//! Each kind of certificate, as `openssl` sees it.

use ca::{
    Authority, AuthorityError, Issuer, IssuerError, Lifetime, Profile, ProfileError, Signer,
    make_root, renewal_due,
};
use insta::assert_snapshot;
use keys::{PrivateKey as _, SoftwareKey};
use pki::validate::{Inputs, Reason, Use, validate};
use pki::{AlternativeName, Certificate, Purpose, Request, Serial, Subject, make_request};
use std::process::Command;
use std::sync::Arc;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

const NOW: OffsetDateTime = datetime!(2027-03-01 12:00:00 UTC);

#[test]
fn the_root_issues_and_does_nothing_else() {
    let root = root();

    assert_snapshot!(openssl_shows(root.certificate()), @"
    Certificate:
        Data:
            Serial Number:
                01:01:01:01:01:01:01:01:01:01:01:01:01:01:01:01
            Signature Algorithm: ecdsa-with-SHA384
            Issuer: O = Example, CN = Example Cordon CA
            Validity
                Not Before: Mar  1 11:00:00 2027 GMT
                Not After : Feb 25 12:00:00 2042 GMT
            Subject: O = Example, CN = Example Cordon CA
            X509v3 extensions:
                X509v3 Basic Constraints: critical
                    CA:TRUE, pathlen:0
                X509v3 Key Usage: critical
                    Certificate Sign, CRL Sign
                X509v3 Subject Key Identifier:
    ");
}

#[test]
fn a_tls_server_has_its_names() {
    let names = vec![
        AlternativeName::Dns("mail.example.com".into()),
        AlternativeName::Ip([127, 0, 0, 1].into()),
    ];
    let key = SoftwareKey::make_p256().unwrap();
    let server = root().issue_tls_server(key.public_key(), names, serial(2), NOW).unwrap();

    assert_snapshot!(openssl_shows(&server), @"
    Certificate:
        Data:
            Serial Number:
                02:02:02:02:02:02:02:02:02:02:02:02:02:02:02:02
            Signature Algorithm: ecdsa-with-SHA384
            Issuer: O = Example, CN = Example Cordon CA
            Validity
                Not Before: Mar  1 11:00:00 2027 GMT
                Not After : Feb 29 12:00:00 2028 GMT
            Subject: CN = mail.example.com
            X509v3 extensions:
                X509v3 Basic Constraints: critical
                    CA:FALSE
                X509v3 Key Usage: critical
                    Digital Signature
                X509v3 Subject Key Identifier:
                X509v3 Extended Key Usage:
                    TLS Web Server Authentication
                X509v3 Authority Key Identifier:
                X509v3 Subject Alternative Name:
                    DNS:mail.example.com, IP Address:127.0.0.1
    ");
    let nameless = root().issue_tls_server(key.public_key(), Vec::new(), serial(2), NOW);
    assert!(matches!(nameless, Err(ProfileError::NoNames)));
    let person = vec![AlternativeName::Email("a@example.com".into())];
    let person = root().issue_tls_server(key.public_key(), person, serial(2), NOW);
    assert!(matches!(person, Err(ProfileError::MailAddress)));
}

#[test]
fn the_portal_signs_documents() {
    let key = SoftwareKey::make_p256().unwrap();
    let portal = root().issue_portal_signing(key.public_key(), serial(3), NOW).unwrap();

    assert_snapshot!(openssl_shows(&portal), @"
    Certificate:
        Data:
            Serial Number:
                03:03:03:03:03:03:03:03:03:03:03:03:03:03:03:03
            Signature Algorithm: ecdsa-with-SHA384
            Issuer: O = Example, CN = Example Cordon CA
            Validity
                Not Before: Mar  1 11:00:00 2027 GMT
                Not After : Feb 28 12:00:00 2029 GMT
            Subject: CN = Cordon portal signing
            X509v3 extensions:
                X509v3 Basic Constraints: critical
                    CA:FALSE
                X509v3 Key Usage: critical
                    Digital Signature
                X509v3 Subject Key Identifier:
                X509v3 Extended Key Usage:
                    1.3.6.1.5.5.7.3.36
                X509v3 Authority Key Identifier:
    ");
    let rsa = SoftwareKey::make_rsa(2048).unwrap();
    let refused = root().issue_portal_signing(rsa.public_key(), serial(3), NOW);
    assert!(matches!(refused, Err(ProfileError::UnsupportedKey(_))));
}

#[test]
fn a_device_gets_its_id_and_not_what_it_asks_for() {
    let root = root();
    let key = SoftwareKey::make_p256().unwrap();
    let request = make_request(&Subject::new("administrator"), &key).unwrap();
    let request = Request::from_der(&request).unwrap();
    let device = root.issue_device(&request, "0199-device", serial(4), NOW).unwrap();

    assert_snapshot!(openssl_shows(&device), @"
    Certificate:
        Data:
            Serial Number:
                04:04:04:04:04:04:04:04:04:04:04:04:04:04:04:04
            Signature Algorithm: ecdsa-with-SHA384
            Issuer: O = Example, CN = Example Cordon CA
            Validity
                Not Before: Mar  1 11:00:00 2027 GMT
                Not After : Feb 28 12:00:00 2029 GMT
            Subject: CN = 0199-device
            X509v3 extensions:
                X509v3 Basic Constraints: critical
                    CA:FALSE
                X509v3 Key Usage: critical
                    Digital Signature
                X509v3 Subject Key Identifier:
                X509v3 Extended Key Usage:
                    TLS Web Client Authentication
                X509v3 Authority Key Identifier:
    ");
    let anchors = std::slice::from_ref(root.certificate());
    let good = |purpose| validate(&device, &Inputs::new(anchors, NOW, purpose)).is_ok();
    assert!(good(Use::TlsClient));
    assert!(!good(Use::TlsServer));
    assert!(!good(Use::DocumentSigning));
}

#[test]
fn a_device_needs_a_key_on_p256() {
    for key in [SoftwareKey::make_p384(), SoftwareKey::make_rsa(2048)] {
        let request = make_request(&Subject::new("x"), &key.unwrap()).unwrap();
        let request = Request::from_der(&request).unwrap();
        let refused = root().issue_device(&request, "x", serial(4), NOW);
        assert!(matches!(refused, Err(ProfileError::UnsupportedKey(_))));
    }
}

#[test]
fn nothing_outlives_the_root() {
    let root = root();
    let key = SoftwareKey::make_p256().unwrap();
    let late = root.certificate().not_after() - Duration::days(30);

    let portal = root.issue_portal_signing(key.public_key(), serial(3), late).unwrap();
    assert_eq!(portal.not_after(), root.certificate().not_after());
    let after = root.certificate().not_after() + Duration::DAY;
    let refused = root.issue_portal_signing(key.public_key(), serial(3), after);
    assert!(matches!(
        refused,
        Err(ProfileError::Issuer(IssuerError::Validity(Reason::Expired(_))))
    ));
}

#[test]
fn certificates_are_renewed_in_their_last_third() {
    let key = SoftwareKey::make_p256().unwrap();
    let portal = root().issue_portal_signing(key.public_key(), serial(3), NOW).unwrap();

    assert!(!renewal_due(&portal, NOW));
    assert!(!renewal_due(&portal, NOW + Duration::days(486)));
    assert!(renewal_due(&portal, NOW + Duration::days(487)));
    assert!(renewal_due(&portal, NOW + Duration::days(4000)));
}

#[test]
fn only_what_belongs_together_makes_an_authority() {
    let (root, other) = (root(), root());
    let key = Arc::new(SoftwareKey::make_p256().unwrap());
    let certificate = root.issue_portal_signing(key.public_key(), serial(3), NOW).unwrap();
    let portal = Signer { certificate, key };

    assert!(Authority::new(root.clone(), portal.clone(), NOW).is_ok());
    let foreign = Authority::new(other.clone(), portal.clone(), NOW);
    assert!(matches!(foreign, Err(AuthorityError::Portal(_))));
    let expired = Authority::new(root.clone(), portal.clone(), NOW + Duration::days(800));
    let Err(AuthorityError::Portal(expired)) = expired else { panic!("{expired:?}") };
    assert!(matches!(expired.fault.reason, Reason::Expired(_)), "{expired}");
    let stranger = Arc::new(SoftwareKey::make_p256().unwrap());
    let mixed = Authority::new(root, Signer { key: stranger, ..portal }, NOW);
    assert!(matches!(mixed, Err(AuthorityError::Mismatch)));
    let stranger = Arc::new(SoftwareKey::make_p256().unwrap());
    let mixed = Issuer::new(other.certificate().clone(), stranger);
    assert!(matches!(mixed, Err(IssuerError::Mismatch)));
}

#[test]
fn roots_live_from_ten_to_twenty_years_on_strong_curves() {
    assert_eq!(Lifetime::from_years(9), None);
    assert_eq!(Lifetime::from_years(21), None);
    let key = Arc::new(SoftwareKey::make_rsa(2048).unwrap());
    let lifetime = Lifetime::from_years(10).unwrap();
    let refused = make_root("Example", key, lifetime, serial(1), NOW);
    assert!(matches!(refused, Err(IssuerError::UnsupportedKey(_))));
}

fn root() -> Issuer {
    let key = Arc::new(SoftwareKey::make_p384().expect("a key"));
    let lifetime = Lifetime::from_years(15).expect("15 years are allowed");

    make_root("Example", key, lifetime, serial(1), NOW).expect("a root")
}

fn serial(number: u8) -> Serial {
    Serial::from_random([number; 16])
}

/// Shows a certificate without its keys and their identifiers.
fn openssl_shows(certificate: &Certificate) -> String {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let file = folder.path().join("c.pem");
    std::fs::write(&file, certificate.to_pem()).expect("the file is written");
    let output = Command::new("openssl")
        .args(["x509", "-noout", "-text", "-certopt", "no_sigdump,no_pubkey,no_version"])
        .arg("-in")
        .arg(&file)
        .output()
        .expect("the openssl command is installed");
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).expect("text");
    let is_identifier = |line: &str| line.trim().split(':').count() == 20;
    let lines = text.lines().filter(|line| !is_identifier(line));

    lines.map(|line| format!("{}\n", line.trim_end())).collect()
}

#[test]
fn a_common_name_claims_no_host_that_was_not_checked() {
    let key = SoftwareKey::make_rsa(2048).unwrap();
    let issue = |profile, name: &str, names: Vec<AlternativeName>| {
        root().issue_requested(profile, key.public_key(), name, names, serial(9), NOW)
    };
    let host = || vec![AlternativeName::Dns("mail.example.com".into())];
    let address = || vec![AlternativeName::Ip([127, 0, 0, 1].into())];
    for (profile, asked, names, subject) in [
        (Profile::Server, "MAIL.example.com", host(), "CN=MAIL.example.com"),
        (Profile::Server, "victim.example", host(), "CN=mail.example.com"),
        (Profile::Server, "victim.example", address(), "CN=server"),
        (Profile::Scep, "victim.example", Vec::new(), "CN=scep"),
        (Profile::Scep, "Branch office", Vec::new(), "CN=Branch office"),
    ] {
        assert_eq!(issue(profile, asked, names).unwrap().subject(), subject, "{asked}");
    }
    for empty in ["", " "] {
        let refused = issue(Profile::Server, empty, host());
        assert!(matches!(refused, Err(ProfileError::NoNames)));
    }
}

/// A certificate without a purpose would be good for signing settings, too.
#[test]
fn a_registration_authority_is_nothing_else() {
    let key = SoftwareKey::make_rsa(2048).unwrap();
    let names = Vec::new();
    let scep = root()
        .issue_requested(Profile::Scep, key.public_key(), "Office", names, serial(9), NOW)
        .unwrap();

    let purposes = [Purpose::DocumentSigning, Purpose::TlsServer, Purpose::TlsClient];
    assert!(purposes.into_iter().all(|purpose| !scep.allows(purpose)));
}

#[test]
fn what_a_wrong_clock_made_is_made_anew() {
    let key = SoftwareKey::make_p256().unwrap();
    let portal = root().issue_portal_signing(key.public_key(), serial(3), NOW).unwrap();

    assert!(!renewal_due(&portal, NOW));
    assert!(renewal_due(&portal, NOW - Duration::hours(2)));
}
