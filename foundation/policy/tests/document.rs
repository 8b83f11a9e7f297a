//! The signed settings document, from the server's hands to the app's.

use data_encoding::BASE64;
use insta::{assert_json_snapshot, assert_snapshot};
use keys::{PrivateKey as _, SoftwareKey};
use pki::{Certificate, Purpose, Serial, Subject, Template, Usage, issue};
use policy::{Document, FORMAT, GroupSettings, SignError, SignedDocument, VerifyError};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

const NOW: OffsetDateTime = datetime!(2027-03-01 12:00:00 UTC);

#[test]
fn what_is_signed_is_read() {
    let signer = Signer::new(Purpose::DocumentSigning);
    let signed = signer.sign(&document());

    assert_eq!(signed.verify(&signer.anchor, NOW).unwrap(), document());
}

#[test]
fn the_format_stays_as_it_is() {
    let signer = Signer::new(Purpose::DocumentSigning);
    let signed = signer.sign(&document());

    let bytes = BASE64.decode(signed.document.as_bytes()).unwrap();
    assert_snapshot!(String::from_utf8(bytes).unwrap(), @r#"{"format":"cordon-settings/1","device":"00000000-0000-0000-0000-000000000001","group":"Field staff","revision":7,"changed_at":"2027-02-28T08:30:00Z","settings":{"mail":{"server":"mail.example.com","address":"alice@example.com","user_name":"alice","days":30},"container":{"lock_after_seconds":300,"wrong_passwords":10,"opened_by":"password","password":{"minimum_length":8,"digit":true,"letter":false,"upper_and_lower":false,"symbol":false,"kinds":0,"no_sequences":false,"history":0,"days":0,"forbidden_words":[]}},"viewing":{"remote_images":"ask","attachment_limit_mib":25},"status_interval_seconds":900}}"#);
    assert_json_snapshot!(SignedDocument {
        document: "…".into(),
        signature: "…".into(),
        certificates: vec!["…".into()],
        ..signed
    }, @r#"
    {
      "document": "…",
      "algorithm": "ecdsa-p256-sha256",
      "signature": "…",
      "certificates": [
        "…"
      ]
    }
    "#);
}

#[test]
fn nothing_of_it_can_be_changed() {
    let signer = Signer::new(Purpose::DocumentSigning);
    let signed = signer.sign(&document());
    let other = Document { revision: 8, ..document() };

    let swapped = SignedDocument { document: signer.sign(&other).document, ..signed.clone() };
    assert!(matches!(swapped.verify(&signer.anchor, NOW), Err(VerifyError::Signature)));
    let renamed = SignedDocument { algorithm: "none".into(), ..signed.clone() };
    assert!(matches!(renamed.verify(&signer.anchor, NOW), Err(VerifyError::Signature)));
    let unsigned = SignedDocument { signature: String::new(), ..signed.clone() };
    assert!(matches!(unsigned.verify(&signer.anchor, NOW), Err(VerifyError::Signature)));
    let bare = SignedDocument { certificates: Vec::new(), ..signed.clone() };
    assert!(matches!(bare.verify(&signer.anchor, NOW), Err(VerifyError::Damaged)));
    let junk = SignedDocument { signature: "%".into(), ..signed.clone() };
    assert!(matches!(junk.verify(&signer.anchor, NOW), Err(VerifyError::Damaged)));
    let huge = SignedDocument { document: "A".repeat(100_000), ..signed };
    assert!(matches!(huge.verify(&signer.anchor, NOW), Err(VerifyError::TooLarge)));
}

#[test]
fn only_the_portals_certificate_signs() {
    let (signer, stranger) =
        (Signer::new(Purpose::DocumentSigning), Signer::new(Purpose::DocumentSigning));
    let device = Signer::new(Purpose::TlsClient);

    let foreign = stranger.sign(&document()).verify(&signer.anchor, NOW);
    assert!(matches!(foreign, Err(VerifyError::Signer(_))), "{foreign:?}");
    let device = device.sign(&document()).verify(&device.anchor, NOW);
    assert!(matches!(device, Err(VerifyError::Signer(_))), "{device:?}");
    let late = signer.sign(&document()).verify(&signer.anchor, NOW + Duration::days(400));
    assert!(matches!(late, Err(VerifyError::Signer(_))), "{late:?}");
}

#[test]
fn settings_out_of_range_are_neither_signed_nor_read() {
    let signer = Signer::new(Purpose::DocumentSigning);
    let mut wrong = document();
    wrong.settings.container.wrong_passwords = 0;

    let refused = SignedDocument::sign(&wrong, &signer.key, &signer.chain);
    let Err(error @ SignError::Settings(_)) = refused else { panic!("{refused:?}") };
    assert_snapshot!(error, @"the settings are not valid: container.wrong_passwords: must be from 3 to 20");
    let unknown = Document { format: "cordon-settings/2".into(), ..document() };
    let unknown = signer.sign(&unknown).verify(&signer.anchor, NOW);
    assert!(matches!(unknown, Err(VerifyError::Format(_))), "{unknown:?}");
}

fn document() -> Document {
    Document {
        format: FORMAT.to_owned(),
        device: "00000000-0000-0000-0000-000000000001".to_owned(),
        group: "Field staff".to_owned(),
        revision: 7,
        changed_at: datetime!(2027-02-28 08:30:00 UTC),
        settings: GroupSettings::sensible("mail.example.com")
            .for_person("alice@example.com", "alice"),
    }
}

/// A key with a certificate for one purpose, and the anchor that issued it.
struct Signer {
    anchor: Certificate,
    chain: Vec<Certificate>,
    key: SoftwareKey,
}

impl Signer {
    fn new(purpose: Purpose) -> Self {
        let [root, key] = [(); 2].map(|()| SoftwareKey::make_p256().expect("a key"));
        let template = |name, key, usage| Template {
            subject: Subject::new(name),
            public_key: key,
            not_before: NOW - Duration::days(1),
            not_after: NOW + Duration::days(365),
            usage,
            names: Vec::new(),
        };
        let anchor = template("root", root.public_key(), Usage::Authority { path_length: 0 });
        let anchor = issue(&anchor, None, &root, Serial::from_random([1; 16])).expect("it is made");
        let leaf = template("portal", key.public_key(), Usage::Signature(purpose));
        let leaf =
            issue(&leaf, Some(&anchor), &root, Serial::from_random([2; 16])).expect("it is made");

        Self { anchor, chain: vec![leaf], key }
    }

    fn sign(&self, document: &Document) -> SignedDocument {
        SignedDocument::sign(document, &self.key, &self.chain).expect("it is made")
    }
}
