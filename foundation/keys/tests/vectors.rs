//! PKCS#12 files that other programs wrote; `data/README.md` says where each is from.

use data_encoding::BASE64;
use keys::pkcs12::{self, Contents, MAX_ITERATIONS, OpenError};
use keys::{PrivateKey as _, ReadError};
use std::path::Path;

/// The certificate of most files of `pkcs12`, and the two beside it.
const CA: &str = "cryptography CA";
const SITE: &str = "www.cryptography.io";
const ISSUER: &str = "Let's Encrypt Authority X3";

fn file(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);

    std::fs::read(path).expect("the file is there")
}

#[track_caller]
fn read(name: &str, password: &str) -> Contents {
    match pkcs12::read(&file(name), password, MAX_ITERATIONS) {
        Ok(contents) => contents,
        Err(error) => panic!("{name}: {error:?}"),
    }
}

/// Checks the certificates, by common name and friendly name, and who has a key.
#[track_caller]
fn check(name: &str, password: &str, certificates: &[(&str, Option<&str>)], key: Option<&str>) {
    let contents = read(name, password);
    let found: Vec<_> = contents
        .certificates
        .iter()
        .map(|certificate| (common_name(&certificate.der), certificate.name.as_deref()))
        .collect();
    let found: Vec<_> = found.iter().map(|(subject, name)| (subject.as_str(), *name)).collect();
    assert_eq!(found, certificates, "{name}");
    assert!(contents.lone_keys.is_empty() && contents.unusable_keys.is_empty(), "{name}");
    let owners: Vec<_> =
        contents.identities.iter().map(|offer| common_name(&offer.identity.certificate)).collect();
    assert_eq!(owners, key.iter().map(ToString::to_string).collect::<Vec<_>>(), "{name}");
    let chains: Vec<_> = contents.identities.iter().map(|it| it.identity.chain.len()).collect();
    assert_eq!(chains, key.iter().map(|_| certificates.len() - 1).collect::<Vec<_>>(), "{name}");
}

fn common_name(certificate: &[u8]) -> String {
    let certificate = openssl::x509::X509::from_der(certificate).expect("a certificate");
    let name = certificate.subject_name().entries_by_nid(openssl::nid::Nid::COMMONNAME).next();

    name.expect("a common name").data().to_string().expect("text")
}

#[test]
fn each_kind_of_encryption_opens() {
    check("pkcs12/cert-key-aes256cbc.p12", "cryptography", &[(CA, None)], Some(CA));
    check("pkcs12/cert-rc2-key-3des.p12", "cryptography", &[(CA, None)], Some(CA));
    check("pkcs12/cert-none-key-none.p12", "cryptography", &[(CA, None)], Some(CA));
}

#[test]
fn no_password_is_as_good_as_an_empty_one() {
    check("pkcs12/no-password.p12", "", &[(CA, Some("cryptography CA"))], Some(CA));
    let wrong = pkcs12::open(&file("pkcs12/no-password.p12"), "x");
    assert!(matches!(wrong, Err(OpenError::WrongPassword)), "{wrong:?}");
}

#[test]
fn names_are_told() {
    for (name, own, second, third) in [
        ("no-name", None, None, None),
        ("name-1", Some("name"), None, None),
        ("name-2", None, Some("name2"), None),
        ("name-3", None, None, Some("name3")),
        ("name-2-3", None, Some("name2"), Some("name3")),
        ("name-all", Some("name"), Some("name2"), Some("name3")),
        ("name-unicode", Some("☺"), Some("ä"), Some("ç")),
    ] {
        let certificates = [(CA, own), (SITE, second), (ISSUER, third)];
        check(&format!("pkcs12/{name}-pwd.p12"), "password", &certificates, Some(CA));
        check(&format!("pkcs12/{name}-no-pwd.p12"), "", &certificates, Some(CA));
    }
    let offer = &read("pkcs12/name-1-pwd.p12", "password").identities[0];
    assert_eq!(offer.to_string(), "\"name\": CN=cryptography CA, C=US (serial number 0309)");
}

#[test]
fn certificates_come_without_a_key() {
    for (name, second, third) in [
        ("no-cert-no-name", None, None),
        ("no-cert-name-2", Some("name2"), None),
        ("no-cert-name-3", None, Some("name3")),
        ("no-cert-name-all", Some("name2"), Some("name3")),
        ("no-cert-name-unicode", Some("☹"), Some("ï")),
    ] {
        let certificates = [(SITE, second), (ISSUER, third)];
        check(&format!("pkcs12/{name}-pwd.p12"), "password", &certificates, None);
        check(&format!("pkcs12/{name}-no-pwd.p12"), "", &certificates, None);
    }
    check("pkcs12/cert-aes256cbc-no-key.p12", "cryptography", &[(CA, None)], None);
    let java = [("PyCA DSA CA", Some("cert1")), (ISSUER, None)];
    check("pkcs12/java-truststore.p12", "", &java, None);
    let refused = pkcs12::open(&file("pkcs12/cert-aes256cbc-no-key.p12"), "cryptography");
    assert!(matches!(refused, Err(OpenError::NoKey)), "{refused:?}");
}

#[test]
fn a_key_comes_without_its_certificate() {
    let contents = read("pkcs12/no-cert-key-aes256cbc.p12", "cryptography");

    let whole = read("pkcs12/cert-key-aes256cbc.p12", "cryptography");
    assert_eq!(contents.lone_keys[0].public_key(), whole.identities[0].identity.key.public_key());
    assert!(matches!(contents.only(), Err(OpenError::NoCertificate)));
}

#[test]
fn every_file_opens_with_its_password_alone() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/pkcs12");
    let mut files = 0;
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("an entry").path();
        let file = std::fs::read(&path).expect("a file");
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name");
        let password = match name {
            "java-truststore" | "no-password" => "",
            without if without.ends_with("-no-pwd") => "",
            with if with.ends_with("-pwd") => "password",
            _ => "cryptography",
        };
        let opened = pkcs12::read(&file, password, MAX_ITERATIONS);
        assert!(opened.is_ok(), "{path:?}: {opened:?}");
        let refused = pkcs12::read(&file, "another", MAX_ITERATIONS);
        assert!(matches!(refused, Err(OpenError::WrongPassword)), "{path:?}: {refused:?}");
        files += 1;
    }
    println!("PKCS#12 of pyca/cryptography: {files} files, {files} as expected");
    assert_eq!(files, 31);
}

#[test]
fn the_files_of_pkits_end_as_they_should() {
    check(
        "pkits/GoodCACert.p12",
        "password",
        &[("Good CA", Some("Good CA Cert"))],
        Some("Good CA"),
    );
    // The other has a key of another kind.
    let refused = pkcs12::open(&file("pkits/DSACACert.p12"), "password");
    assert!(matches!(refused, Err(OpenError::Key(ReadError::Unsupported(_)))), "{refused:?}");
    println!("PKCS#12 of NIST: 2 files, 2 as expected");
}

#[test]
fn pbmac1_is_as_rfc_9579_says() {
    let vector = |number: usize| {
        let text = file(&format!("rfc9579/a{number}.txt"));
        let text: Vec<_> = text.into_iter().filter(|byte| !byte.is_ascii_whitespace()).collect();
        BASE64.decode(&text).expect("Base64")
    };
    for number in 1..=3 {
        let identity = pkcs12::open(&vector(number), "1234").expect("it opens");
        assert!(identity.key.public_key().len() > 256);
        let wrong = pkcs12::open(&vector(number), "12345");
        assert!(matches!(wrong, Err(OpenError::WrongPassword)), "{number}: {wrong:?}");
    }
    // An iteration count and a salt that are not the MAC's, and no length of the key.
    for number in 4..=6 {
        let refused = pkcs12::open(&vector(number), "1234");
        assert!(matches!(refused, Err(OpenError::Damaged)), "{number}: {refused:?}");
    }
    println!("PKCS#12 of RFC 9579: 6 files, 6 as expected");
}
