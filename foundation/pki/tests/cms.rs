//! Sealed messages exchanged with `openssl cms`.

mod support;

use der::{Decode as _, Encode as _};
use insta::assert_snapshot;
use keys::SoftwareKey;
use pki::cms::{self, Fresh, OpenError, SealError};
use pki::{Certificate, Purpose, Usage};
use support::{Folder, Holder, root};
use zeroize::Zeroizing;

const TEXT: &[u8] = b"what only two may read\r\n";

#[test]
fn openssl_opens_what_is_sealed_here() {
    let (folder, alice, bob) = people();
    let recipients = [&alice.certificate, &bob.certificate];
    folder.write("sealed.der", cms::seal(TEXT, &recipients, fresh()).unwrap());

    for name in ["alice", "bob"] {
        folder.run(&format!(
            "cms -decrypt -binary -inform DER -in sealed.der -recip {name}.pem -inkey {name}.key -keyform DER -out {name}.txt"
        ));
        assert_eq!(folder.read(&format!("{name}.txt")), TEXT);
    }
}

#[test]
fn what_is_sealed_here_opens_here() {
    let (_, alice, bob) = people();
    let sealed = cms::seal(TEXT, &[&alice.certificate], fresh()).unwrap();

    let opened = cms::open(&sealed, &alice.key, &alice.certificate).unwrap();
    assert_eq!(opened.as_slice(), TEXT);
    let foreign = cms::open(&sealed, &bob.key, &bob.certificate);
    assert!(matches!(foreign, Err(OpenError::NotARecipient)));
    let wrong_key = cms::open(&sealed, &bob.key, &alice.certificate);
    assert!(matches!(wrong_key, Err(OpenError::Undecipherable)));
    let empty = cms::seal(b"", &[&alice.certificate], fresh()).unwrap();
    assert_eq!(cms::open(&empty, &alice.key, &alice.certificate).unwrap().as_slice(), b"");
}

#[test]
fn the_format_stays_as_it_is() {
    let (folder, alice, _) = people();
    folder.write("sealed.der", cms::seal(TEXT, &[&alice.certificate], fresh()).unwrap());

    let text = folder.run("cms -cmsout -print -noout -inform DER -in sealed.der");
    let text = text.split("encryptedKey").next().unwrap();
    assert_snapshot!(text, @"
    CMS_ContentInfo:
      contentType: id-smime-ct-authEnvelopedData (1.2.840.113549.1.9.16.1.23)
      d.authEnvelopedData:
        version: 0
        originatorInfo: <ABSENT>
        recipientInfos:
          d.ktri:
            version: 0
            d.issuerAndSerialNumber:
              issuer: O=Example, Inc., CN=Root
              serialNumber: 7339423600255535486464942513234216325
            keyEncryptionAlgorithm:
              algorithm: rsaesOaep (1.2.840.113549.1.1.7)
              parameter: SEQUENCE:
        0:d=0  hl=2 l=  47 cons: SEQUENCE
        2:d=1  hl=2 l=  15 cons:  cont [ 0 ]
        4:d=2  hl=2 l=  13 cons:   SEQUENCE
        6:d=3  hl=2 l=   9 prim:    OBJECT            :sha256
       17:d=3  hl=2 l=   0 prim:    NULL
       19:d=1  hl=2 l=  28 cons:  cont [ 1 ]
       21:d=2  hl=2 l=  26 cons:   SEQUENCE
       23:d=3  hl=2 l=   9 prim:    OBJECT            :mgf1
       34:d=3  hl=2 l=  13 cons:    SEQUENCE
       36:d=4  hl=2 l=   9 prim:     OBJECT            :sha256
       47:d=4  hl=2 l=   0 prim:     NULL
    ");
}

#[test]
fn messages_of_openssl_open_here() {
    let (folder, alice, _) = people();
    folder.write("text", TEXT);
    for options in [
        "-aes-256-gcm -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256",
        "-aes-128-gcm -keyopt rsa_padding_mode:oaep",
        "-aes-192-gcm",
        "-aes-256-cbc",
        "-aes-192-cbc",
        "-aes-128-cbc -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha512",
        "-aes-256-cbc -keyid",
        "-aes-256-cbc -stream -indef",
        "-aes-256-gcm -stream -indef",
    ] {
        // The recipient's options must follow the recipient.
        let (cipher, rest) = options.split_once(' ').unwrap_or((options, ""));
        let identifier = if rest.contains("-keyid") { "-keyid" } else { "" };
        let stream = if rest.contains("-stream") { "-stream -indef" } else { "" };
        let padding = if rest.contains("-keyopt") { rest } else { "" };
        folder.run(&format!(
            "cms -encrypt -binary {cipher} {stream} -in text -outform DER -out sealed {identifier} -recip alice.pem {padding}"
        ));
        let opened = cms::open(&folder.read("sealed"), &alice.key, &alice.certificate);
        assert_eq!(opened.unwrap().as_slice(), TEXT, "{options}");
    }
}

#[test]
fn weak_ciphers_are_refused() {
    let (folder, alice, _) = people();
    folder.write("text", TEXT);
    folder.run("cms -encrypt -des3 -in text -outform DER -out sealed -recip alice.pem");

    let refused = cms::open(&folder.read("sealed"), &alice.key, &alice.certificate);
    assert!(
        matches!(refused, Err(OpenError::UnsupportedAlgorithm(oid)) if oid == "1.2.840.113549.3.7")
    );
}

#[test]
fn no_changed_byte_passes() {
    let (_, alice, _) = people();
    let sealed = cms::seal(TEXT, &[&alice.certificate], fresh()).unwrap();

    for place in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[place] ^= 1;
        let opened = cms::open(&changed, &alice.key, &alice.certificate);
        // A version number or the name of the content's type changes nothing that is read.
        if let Ok(opened) = opened {
            assert_eq!(opened.as_slice(), TEXT, "byte {place}");
        }
    }
}

#[test]
fn a_wrong_padding_and_a_wrong_content_look_alike() {
    let (folder, alice, _) = people();
    folder.write("text", TEXT);
    folder.run(
        "cms -encrypt -binary -aes-256-cbc -in text -outform DER -out sealed -recip alice.pem",
    );
    let sealed = folder.read("sealed");
    let key_place = {
        let message = ::cms::content_info::ContentInfo::from_der(&sealed).unwrap();
        let inner = message.content.to_der().unwrap();
        let inner = ::cms::enveloped_data::EnvelopedData::from_der(&inner).unwrap();
        let ::cms::enveloped_data::RecipientInfo::Ktri(info) = &inner.recip_infos.0.as_slice()[0]
        else {
            panic!("key transport");
        };
        let wrapped = info.enc_key.as_bytes();
        sealed.windows(wrapped.len()).position(|window| window == wrapped).unwrap()
    };

    for place in [key_place + 100, sealed.len() - 1, sealed.len() - 17] {
        let mut changed = sealed.clone();
        changed[place] ^= 1;
        match cms::open(&changed, &alice.key, &alice.certificate) {
            Err(OpenError::Undecipherable) => {}
            // CBC shows no change by itself, and one padding in 256 fits by chance.
            Ok(opened) => assert_ne!(opened.as_slice(), TEXT),
            Err(error) => panic!("{error:?}"),
        }
    }
}

#[test]
fn only_keys_to_encrypt_for_are_sealed_for() {
    let leaf = root(0).leaf(Purpose::TlsClient);

    assert!(!leaf.certificate.is_for_encryption());
    let refused = cms::seal(TEXT, &[&leaf.certificate], fresh());
    assert!(matches!(refused, Err(SealError::UnsupportedKey(_))));
    assert!(matches!(cms::seal(TEXT, &[], fresh()), Err(SealError::NoRecipient)));
}

#[test]
fn who_has_a_key_on_a_curve_opens_what_is_sealed() {
    let usage = Usage::EnciphermentAndSignature(Purpose::EmailProtection);
    let carol = root(0).with("carol", SoftwareKey::make_p256(), usage);
    assert!(carol.certificate.is_for_encryption());

    let sealed = cms::seal(TEXT, &[&carol.certificate], fresh()).unwrap();
    let opened = cms::open(&sealed, &carol.key, &carol.certificate).unwrap();
    assert_eq!(opened.as_slice(), TEXT);
}

#[test]
fn junk_is_damaged() {
    let (_, alice, _) = people();

    for junk in [&b""[..], b"0", b"\x30\x80\x00\x00", TEXT] {
        let refused = cms::open(junk, &alice.key, &alice.certificate);
        assert!(matches!(refused, Err(OpenError::Damaged(_))), "{junk:?}: {refused:?}");
    }
}

/// Makes alice and bob, and a folder with their certificates and keys.
fn people() -> (Folder, Holder, Holder) {
    let (folder, root) = (Folder::new(), root(0));
    let (alice, bob) = (root.person("alice"), root.person("bob"));
    for (name, person) in [("alice", &alice), ("bob", &bob)] {
        write(&folder, name, &person.certificate, &person.key);
    }

    (folder, alice, bob)
}

fn write(folder: &Folder, name: &str, certificate: &Certificate, key: &SoftwareKey) {
    folder.write(&format!("{name}.pem"), certificate.to_pem());
    folder.write_key(&format!("{name}.key"), key);
}

fn fresh() -> Fresh {
    Fresh { key: Zeroizing::new([7; 32]), nonce: [9; 12] }
}
