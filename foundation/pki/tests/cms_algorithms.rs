//! Every algorithm that senders use, exchanged with `openssl cms` in both directions.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use der::{Decode as _, Encode as _};
use keys::{SignatureAlgorithm, SoftwareKey};
use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::x509::X509;
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::X509VerifyParam;
use pki::cms::{
    self, Capabilities, Choice, Ciphers, ContentCipher, Form, Fresh, OpenError, Recipient,
    SealError, Signed, SignerFault, Signing,
};
use pki::{Algorithms, Certificate, Purpose, Usage};
use support::{Folder, Holder, NOW, root};
use zeroize::Zeroizing;

/// What counts unless a policy says otherwise.
const STRONG: Algorithms = Algorithms { md5: false, sha1: false, shortest_rsa: 2048 };
const TEXT: &[u8] = b"Content-Type: text/plain\r\n\r\nwhat only two may read\r\n";

#[test]
fn every_cipher_of_openssl_is_read() {
    let (folder, alice) = with_rsa();
    for (option, cipher) in [
        ("-aes128", ContentCipher::Aes128Cbc),
        ("-aes192", ContentCipher::Aes192Cbc),
        ("-aes256", ContentCipher::Aes256Cbc),
        ("-aes-128-gcm", ContentCipher::Aes128Gcm),
        ("-aes-192-gcm", ContentCipher::Aes192Gcm),
        ("-aes-256-gcm", ContentCipher::Aes256Gcm),
        ("-des3", ContentCipher::TripleDesCbc),
        ("-rc2-40-cbc -provider legacy -provider default", ContentCipher::Rc2Cbc { bits: 40 }),
        ("-rc2-64-cbc -provider legacy -provider default", ContentCipher::Rc2Cbc { bits: 64 }),
        ("-rc2-cbc -provider legacy -provider default", ContentCipher::Rc2Cbc { bits: 128 }),
    ] {
        for stream in ["", "-stream -indef"] {
            folder.run(&format!(
                "cms -encrypt -binary {option} {stream} -in text -outform DER -out sealed alice.pem"
            ));
            let opened = decrypt(&folder, &alice).unwrap();
            assert_eq!(opened.content.as_slice(), TEXT, "{option} {stream}");
            assert_eq!(opened.cipher, cipher, "{option} {stream}");
        }
        let strong = cms::open(&folder.read("sealed"), &alice.key, &alice.certificate);
        assert_eq!(strong.is_ok(), cipher.is_strong(), "{option}");
    }
}

#[test]
fn every_way_to_wrap_a_key_is_read() {
    let (folder, rsa) = with_rsa();
    for options in [
        "",
        "-keyid",
        "-recip alice.pem -keyopt rsa_padding_mode:oaep",
        "-recip alice.pem -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256",
        "-recip alice.pem -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha384",
        "-recip alice.pem -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha512",
        "-recip alice.pem -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256 -keyopt rsa_mgf1_md:sha1",
        "-recip alice.pem -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha1 -keyopt rsa_mgf1_md:sha512",
    ] {
        let recipient = if options.contains("-recip") { "" } else { "alice.pem" };
        folder.run(&format!(
            "cms -encrypt -binary -aes256 -in text -outform DER -out sealed {options} {recipient}"
        ));
        assert_eq!(decrypt(&folder, &rsa).unwrap().content.as_slice(), TEXT, "{options}");
    }
    let p521 = made(&folder, P521);
    for key in [SoftwareKey::make_p256().unwrap(), SoftwareKey::make_p384().unwrap(), p521] {
        let (folder, alice) = with(key);
        for digest in ["sha1", "sha224", "sha256", "sha384", "sha512"] {
            for wrap in ["-aes128-wrap", "-aes192-wrap", "-aes256-wrap"] {
                for cofactor in [0, 1] {
                    let cipher = if cofactor == 0 { "-aes-256-gcm" } else { "-aes128" };
                    folder.run(&format!(
                        "cms -encrypt -binary {cipher} {wrap} -in text -outform DER -out sealed -recip alice.pem \
                         -keyopt ecdh_kdf_md:{digest} -keyopt ecdh_cofactor_mode:{cofactor}"
                    ));
                    let opened = decrypt(&folder, &alice).unwrap();
                    assert_eq!(opened.content.as_slice(), TEXT, "{digest} {wrap} {cofactor}");
                }
            }
        }
        folder.run("cms -encrypt -binary -des3 -in text -outform DER -out sealed alice.pem");
        assert_eq!(decrypt(&folder, &alice).unwrap().content.as_slice(), TEXT);
        folder
            .run("cms -encrypt -binary -aes256 -in text -outform DER -out sealed -keyid alice.pem");
        assert_eq!(decrypt(&folder, &alice).unwrap().content.as_slice(), TEXT);
    }
}

#[test]
fn openssl_reads_every_cipher_that_is_written() {
    let own = Capabilities::own();
    let (root, folder) = (root(0), Folder::new());
    let rsa = root.person("rsa");
    let ec = root.with("ec", SoftwareKey::make_p256(), usage());
    let p384 = root.with("p384", SoftwareKey::make_p384(), usage());
    let p521 = root.with("p521", Ok(made(&folder, P521)), usage());
    let all = [("rsa", &rsa), ("ec", &ec), ("p384", &p384), ("p521", &p521)];
    for (name, holder) in all {
        write(&folder, name, holder);
    }
    for cipher in [
        ContentCipher::Aes128Cbc,
        ContentCipher::Aes192Cbc,
        ContentCipher::Aes256Cbc,
        ContentCipher::Aes128Gcm,
        ContentCipher::Aes192Gcm,
        ContentCipher::Aes256Gcm,
        ContentCipher::TripleDesCbc,
    ] {
        for capabilities in [None, Some(&own)] {
            let recipients =
                all.map(|(_, it)| Recipient { certificate: &it.certificate, capabilities });
            let sealed = cms::encrypt(TEXT, &recipients, cipher, fresh()).unwrap();
            folder.write("sealed", &sealed);
            for (name, holder) in all {
                folder.run(&format!(
                    "cms -decrypt -binary -inform DER -in sealed -recip {name}.pem -inkey {name}.key -keyform DER -out out"
                ));
                assert_eq!(folder.read("out"), TEXT, "{} {name}", cipher.name());
                let opened = decrypt(&folder, holder).unwrap();
                assert_eq!((opened.content.as_slice(), opened.cipher), (TEXT, cipher));
            }
        }
    }
    let rc2 = ContentCipher::Rc2Cbc { bits: 128 };
    let recipient = Recipient { certificate: &rsa.certificate, capabilities: None };
    let refused = cms::encrypt(TEXT, &[recipient], rc2, fresh());
    assert!(matches!(refused, Err(SealError::UnsupportedCipher(_))));
}

#[test]
fn the_cipher_follows_what_the_recipients_read() {
    let root = root(0);
    let person = root.with("ec", SoftwareKey::make_p256(), usage());
    let own = Capabilities::own();
    // 3DES alone.
    let old = Capabilities::from_der(b"\x30\x0c\x30\x0a\x06\x08\x2a\x86\x48\x86\xf7\x0d\x03\x07");
    let old = old.unwrap();
    let recipient = |capabilities| Recipient { certificate: &person.certificate, capabilities };
    for (recipients, choice, cipher) in [
        (vec![Some(&own)], Choice::Aes, ContentCipher::Aes256Gcm),
        (vec![Some(&own), Some(&own)], Choice::Aes, ContentCipher::Aes256Gcm),
        (vec![Some(&own), None], Choice::Aes, ContentCipher::Aes256Cbc),
        (vec![None], Choice::AesOrTripleDes, ContentCipher::Aes256Cbc),
        (vec![Some(&old)], Choice::Aes, ContentCipher::Aes256Cbc),
        (vec![Some(&own), Some(&old)], Choice::AesOrTripleDes, ContentCipher::TripleDesCbc),
    ] {
        let recipients: Vec<_> = recipients.into_iter().map(recipient).collect();
        assert_eq!(cms::choose(&recipients, choice), cipher);
    }
}

#[test]
fn every_signature_of_openssl_is_read() {
    let folder = Folder::new();
    folder.write("text", TEXT);
    for (key, named) in [
        ("rsa:2048", "RSA PKCS#1 v1.5, SHA-256"),
        ("ec -pkeyopt ec_paramgen_curve:P-256", "ECDSA, SHA-256"),
        ("ec -pkeyopt ec_paramgen_curve:P-384", "ECDSA, SHA-256"),
        ("ec -pkeyopt ec_paramgen_curve:P-521", "ECDSA, SHA-256"),
    ] {
        folder.run(&format!(
            "req -x509 -newkey {key} -nodes -keyout k.pem -out c.pem -subj /CN=signer"
        ));
        let certificate = Certificate::from_pem(&read_text(&folder, "c.pem")).unwrap();
        let pss = "-keyopt rsa_padding_mode:pss";
        let pss_32 = "-keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:32";
        let pads: &[&str] = if key.starts_with("rsa") { &["", pss, pss_32] } else { &[""] };
        for padding in pads {
            for digest in ["sha224", "sha256", "sha384", "sha512"] {
                for options in [
                    "",
                    "-nodetach",
                    "-nodetach -stream -indef",
                    "-noattr",
                    "-keyid -nodetach -cades",
                    "-nocerts",
                ] {
                    // OpenSSL writes no stream with PSS.
                    if padding.contains("pss") && options.contains("-stream") {
                        continue;
                    }
                    folder.run(&format!(
                        "cms -sign -binary -md {digest} {options} -in text -signer c.pem {padding} -inkey k.pem -outform DER -out signed"
                    ));
                    let case = format!("{key} {padding} {digest} {options}");
                    let signed = Signed::read(&folder.read("signed")).unwrap();
                    assert_eq!(signed.content.is_some(), options.contains("-nodetach"), "{case}");
                    if let Some(content) = &signed.content {
                        assert_eq!(content.as_slice(), TEXT, "{case}");
                    }
                    let [signer] = &signed.signers[..] else { panic!("{case}") };
                    let known = std::slice::from_ref(&certificate);
                    let (found, verdict) = signed.verify(signer, TEXT, known, &STRONG);
                    assert_eq!((found.as_ref(), verdict), (Some(&certificate), Ok(())), "{case}");
                    let (_, changed) = signed.verify(signer, b"another text", known, &STRONG);
                    assert_eq!(changed, Err(SignerFault::ContentChanged), "{case}");
                    if digest == "sha256" && padding.is_empty() {
                        assert_eq!(signer.algorithm(), named);
                    }
                }
            }
        }
    }
}

#[test]
fn weak_digests_and_missing_certificates_are_named() {
    let (folder, alice) = with_rsa();
    let key = "-inkey alice.key -keyform DER";
    for (digest, name) in [("sha1", "SHA-1"), ("md5", "MD5")] {
        folder.run(&format!("cms -sign -binary -md {digest} -in text -signer alice.pem {key} -outform DER -out signed"));
        let signed = Signed::read(&folder.read("signed")).unwrap();
        let signer = &signed.signers[0];
        let fault = SignerFault::WeakAlgorithm(name.to_owned());
        assert_eq!(signed.verify(signer, TEXT, &[], &STRONG).1, Err(fault.clone()));
        assert_eq!(
            (signer.weak_digest(), &*signer.algorithm()),
            (Some(name), &*format!("RSA PKCS#1 v1.5, {name}"))
        );
        // Where policy says so, each by itself.
        let (sha1, md5) = (digest == "sha1", digest == "md5");
        let allowed = Algorithms { sha1, md5, ..STRONG };
        assert_eq!(signed.verify(signer, TEXT, &[], &allowed).1, Ok(()));
        let changed = signed.verify(signer, b"another text", &[], &allowed).1;
        assert_eq!(changed, Err(SignerFault::ContentChanged));
        let other = Algorithms { sha1: md5, md5: sha1, ..STRONG };
        assert_eq!(signed.verify(signer, TEXT, &[], &other).1, Err(fault));
    }
    folder.run(&format!(
        "cms -sign -binary -nocerts -in text -signer alice.pem {key} -outform DER -out signed"
    ));
    let signed = Signed::read(&folder.read("signed")).unwrap();
    let (none, verdict) = signed.verify(&signed.signers[0], TEXT, &[], &STRONG);
    assert_eq!((none, verdict), (None, Err(SignerFault::NoCertificate)));
    let known = [alice.certificate];
    assert_eq!(signed.verify(&signed.signers[0], TEXT, &known, &STRONG).1, Ok(()));
    let sealed = folder.run("cms -encrypt -aes256 -in text -outform DER -out sealed alice.pem");
    assert_eq!(sealed, "");
    assert_eq!(Signed::read(&folder.read("sealed")).unwrap_err(), cms::SignedError::Other);
}

#[test]
fn several_signers_are_checked_each() {
    let (folder, root) = (Folder::new(), root(0));
    folder.write("text", TEXT);
    for name in ["alice", "bob"] {
        write(&folder, name, &root.person(name));
        folder.run(&format!("pkey -inform DER -in {name}.key -out {name}.key.pem"));
    }
    folder.run(
        "cms -sign -binary -nodetach -in text -signer alice.pem -inkey alice.key.pem -signer bob.pem -inkey bob.key.pem -outform DER -out signed",
    );
    let signed = Signed::read(&folder.read("signed")).unwrap();

    assert_eq!(signed.signers.len(), 2);
    let found: Vec<_> =
        signed.signers.iter().map(|signer| signed.verify(signer, TEXT, &[], &STRONG)).collect();
    assert!(found.iter().all(|(_, verdict)| verdict.is_ok()));
    assert_ne!(found[0].0, found[1].0);
}

#[test]
fn openssl_reads_every_signature_that_is_written() {
    let (root, folder) = (root(0), Folder::new());
    folder.write("text", TEXT);
    folder.write("root.pem", root.certificate.to_pem());
    for (name, key, algorithms) in [
        (
            "rsa",
            SoftwareKey::make_rsa(2048),
            &[SignatureAlgorithm::RsaPkcs1Sha256, SignatureAlgorithm::RsaPssSha256][..],
        ),
        ("p256", SoftwareKey::make_p256(), &[SignatureAlgorithm::EcdsaP256Sha256]),
        ("p384", SoftwareKey::make_p384(), &[SignatureAlgorithm::EcdsaP384Sha384]),
        ("p521", Ok(made(&folder, P521)), &[SignatureAlgorithm::EcdsaP521Sha512]),
    ] {
        let holder = root.with(name, key, usage());
        let other = root.with("reader", SoftwareKey::make_p256(), usage());
        for algorithm in algorithms {
            for form in [Form::Detached, Form::Opaque] {
                let signing = Signing {
                    key: &holder.key,
                    algorithm: *algorithm,
                    certificate: &holder.certificate,
                    chain: std::slice::from_ref(&root.certificate),
                    time: NOW,
                    encryption: Some(&other.certificate),
                };
                folder.write("signed", cms::sign(TEXT, &signing, form).unwrap());
                let content = if form == Form::Detached { "-content text" } else { "" };
                folder.run(&format!(
                    "cms -verify -binary -cades -inform DER -in signed {content} -CAfile root.pem -attime {} -out out",
                    NOW.unix_timestamp()
                ));
                assert_eq!(folder.read("out"), TEXT);
                let signed = Signed::read(&folder.read("signed")).unwrap();
                let signer = &signed.signers[0];
                assert_eq!(
                    signed.verify(signer, TEXT, &[], &STRONG),
                    (Some(holder.certificate.clone()), Ok(()))
                );
                assert_eq!(signer.signing_time(), Some(NOW));
                assert_eq!(signer.capabilities(), Some(Capabilities::own()));
                assert_eq!(signer.preferred(&signed.certificates), Some(&other.certificate));
            }
        }
        let mismatch = Signing {
            key: &other.key,
            algorithm: algorithms[0],
            certificate: &holder.certificate,
            chain: &[],
            time: NOW,
            encryption: None,
        };
        let refused = cms::sign(TEXT, &mismatch, Form::Opaque);
        assert!(matches!(refused, Err(cms::SignError::Mismatch)));
    }
}

/// OpenSSL 3.0 knows no Ed25519 in CMS; the library that is built in verifies it, and writes none.
#[test]
fn openssl_verifies_ed25519_as_it_is_written() {
    let (root, folder) = (root(0), Folder::new());
    let key = made(&folder, "ed25519");
    let holder = root.with("signer", Ok(key), usage());
    let mut builder = X509StoreBuilder::new().unwrap();
    builder.add_cert(X509::from_der(root.certificate.as_der()).unwrap()).unwrap();
    let mut at = X509VerifyParam::new().unwrap();
    at.set_time(NOW.unix_timestamp());
    builder.set_param(&at).unwrap();
    let store = builder.build();
    let signing = Signing {
        key: &holder.key,
        algorithm: SignatureAlgorithm::Ed25519,
        certificate: &holder.certificate,
        chain: &[],
        time: NOW,
        encryption: None,
    };
    let written = cms::sign(TEXT, &signing, Form::Opaque).unwrap();
    let mut out = Vec::new();
    let options = CMSOptions::BINARY;
    let mut read = CmsContentInfo::from_der(&written).unwrap();
    read.verify(None, Some(&store), None, Some(&mut out), options).unwrap();
    assert_eq!(out, TEXT);

    let signed = Signed::read(&written).unwrap();
    let signer = &signed.signers[0];
    assert_eq!(signer.algorithm(), "Ed25519");
    let (found, verdict) = signed.verify(signer, TEXT, &[], &STRONG);
    assert_eq!((found.as_ref(), verdict), (Some(&holder.certificate), Ok(())));
    let (_, changed) = signed.verify(signer, b"another text", &[], &STRONG);
    assert_eq!(changed, Err(SignerFault::ContentChanged));
    let recipient = Recipient { certificate: &holder.certificate, capabilities: None };
    let refused = cms::encrypt(TEXT, &[recipient], ContentCipher::Aes256Cbc, fresh());
    assert!(matches!(refused, Err(SealError::UnsupportedKey(_))));
}

/// A signature over attributes must not pass as one over them as the content (RFC 5652 §5.4).
#[test]
fn signed_attributes_do_not_pass_as_a_content() {
    let (folder, _) = with_rsa();
    folder.run("cms -sign -binary -nodetach -in text -signer alice.pem -inkey alice.key -keyform DER -outform DER -out signed");
    let message = folder.read("signed");
    let attributes = {
        let signed = ::cms::signed_data::SignedData::from_der(
            &::cms::content_info::ContentInfo::from_der(&message)
                .unwrap()
                .content
                .to_der()
                .unwrap(),
        )
        .unwrap();
        let info = signed.signer_infos.0.as_slice()[0].clone();
        (info.signed_attrs.unwrap().to_der().unwrap(), signed)
    };
    let (attributes, mut forged) = attributes;
    let mut infos = forged.signer_infos.0.into_vec();
    infos[0].signed_attrs = None;
    forged.signer_infos = ::cms::signed_data::SignerInfos::try_from(infos).unwrap();
    forged.encap_content_info.econtent =
        Some(der::asn1::Any::new(der::Tag::OctetString, attributes.as_slice()).unwrap());
    let content = der::asn1::Any::from_der(&forged.to_der().unwrap()).unwrap();
    let forged = ::cms::content_info::ContentInfo {
        content_type: const_oid::db::rfc5911::ID_SIGNED_DATA,
        content,
    };
    let forged = Signed::read(&forged.to_der().unwrap()).unwrap();
    let content = forged.content.clone().unwrap();

    assert_eq!(content.as_slice(), attributes);
    assert_eq!(
        forged.verify(&forged.signers[0], &content, &[], &STRONG).1,
        Err(SignerFault::Ambiguous)
    );
}

#[test]
fn no_changed_byte_of_a_signature_passes() {
    let root = root(0);
    let holder = root.with("p256", SoftwareKey::make_p256(), usage());
    let signing = Signing {
        key: &holder.key,
        algorithm: SignatureAlgorithm::EcdsaP256Sha256,
        certificate: &holder.certificate,
        chain: &[],
        time: NOW,
        encryption: None,
    };
    let message = cms::sign(TEXT, &signing, Form::Opaque).unwrap();
    for place in 0..message.len() {
        let mut changed = message.clone();
        changed[place] ^= 1;
        let Ok(signed) = Signed::read(&changed) else { continue };
        let Some(content) = &signed.content else { continue };
        for signer in &signed.signers {
            let (certificate, verdict) = signed.verify(signer, content, &[], &STRONG);
            // A version number and the list of digests change nothing that is read.
            if verdict.is_ok() {
                assert_eq!(content.as_slice(), TEXT, "byte {place}");
                let found = certificate.unwrap();
                assert_eq!(found.public_key(), holder.certificate.public_key(), "byte {place}");
            }
        }
    }
}

#[test]
fn a_key_of_another_kind_is_told() {
    let (folder, _) = with_rsa();
    folder.run("cms -encrypt -binary -aes256 -in text -outform DER -out sealed alice.pem");
    let stranger = root(0).with("bob", SoftwareKey::make_p256(), usage());

    assert!(matches!(decrypt(&folder, &stranger), Err(OpenError::NotARecipient)));
}

fn decrypt(folder: &Folder, holder: &Holder) -> Result<cms::Decrypted, OpenError> {
    cms::decrypt(&folder.read("sealed"), &holder.key, &holder.certificate, Ciphers::Historic)
}

const P521: &str = "EC -pkeyopt ec_paramgen_curve:P-521";

/// Has OpenSSL make a key.
fn made(folder: &Folder, kind: &str) -> SoftwareKey {
    folder.run(&format!("genpkey -algorithm {kind} -outform DER -out made.key"));
    folder.run("pkcs8 -topk8 -nocrypt -inform DER -in made.key -outform DER -out made.p8");

    SoftwareKey::from_pkcs8(&folder.read("made.p8")).unwrap()
}

fn with_rsa() -> (Folder, Holder) {
    with(SoftwareKey::make_rsa(2048).unwrap())
}

/// Makes alice with a key, and a folder with both and the text.
fn with(key: SoftwareKey) -> (Folder, Holder) {
    let (folder, root) = (Folder::new(), root(0));
    folder.write("text", TEXT);
    let alice = root.with("alice", Ok(key), usage());
    write(&folder, "alice", &alice);

    (folder, alice)
}

fn write(folder: &Folder, name: &str, holder: &Holder) {
    folder.write(&format!("{name}.pem"), holder.certificate.to_pem());
    folder.write_key(&format!("{name}.key"), &holder.key);
}

fn read_text(folder: &Folder, name: &str) -> String {
    String::from_utf8(folder.read(name)).unwrap()
}

fn usage() -> Usage {
    Usage::EnciphermentAndSignature(Purpose::EmailProtection)
}

fn fresh() -> Fresh {
    Fresh { key: Zeroizing::new(std::array::from_fn(|place| place as u8)), nonce: [9; 12] }
}
