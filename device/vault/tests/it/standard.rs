//! What lies below the second layer is of the standards: other programs open it.

use crate::ground::{Ground, PASSWORD, make_identity, password, remove_layer};
use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn openssl_opens_a_file_and_the_session_key_without_the_second_layer() {
    let identity = make_identity();
    let ground = Ground::new();
    let open = ground.create(&identity, 3);
    let id = open.files(vault::FileOwner::MAIL).put("ein Anhang, grün".as_bytes()).unwrap();
    let key = ground.path().join("key.der");
    let certificate = ground.path().join("certificate.der");
    fs::write(&key, identity.key.to_pkcs8()).unwrap();
    fs::write(&certificate, &identity.certificate).unwrap();

    let file = decrypt(&ground, &format!("files/mail/{id}"), &key, &certificate);
    let session_key = decrypt(&ground, "session-key", &key, &certificate);

    assert_eq!(file, "ein Anhang, grün".as_bytes());
    assert_eq!(session_key.len(), 32);
}

#[test]
fn openssl_opens_the_identity_with_the_containers_password() {
    let identity = make_identity();
    let ground = Ground::with_container(&identity);
    let path = ground.path().join("identity.p12");
    let file = remove_layer(&ground, "identity-key", "identity");
    // As docs/container.md says: Argon2id of the password is the password of the PKCS#12.
    let (head, salt, rest) = (&file[..16], &file[16..32], &file[32..]);
    assert_eq!(head, b"CORDONP1\0\0\0\x40\0\0\0\x01");
    let parameters = argon2::Params::new(64, 1, 1, Some(32)).unwrap();
    let mut key = [0; 32];
    argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, parameters)
        .hash_password_into(PASSWORD.as_bytes(), salt, &mut key)
        .unwrap();
    let key = data_encoding::HEXLOWER.encode(&key);
    fs::write(&path, rest).unwrap();

    let output = Command::new("openssl")
        .args(["pkcs12", "-nodes", "-info", "-passin", &format!("pass:{key}"), "-in"])
        .arg(&path)
        .output()
        .unwrap();

    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("BEGIN PRIVATE KEY"));
    let about = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(about.contains("MAC: sha256, Iteration 2048"), "{about}");
    assert!(
        about.contains("PBES2, PBKDF2, AES-256-CBC, Iteration 2048, PRF hmacWithSHA256"),
        "{about}"
    );
    ground.container().open(&password()).unwrap();
}

fn decrypt(ground: &Ground, name: &str, key: &Path, certificate: &Path) -> Vec<u8> {
    let message = ground.path().join("message.der");
    fs::write(&message, remove_layer(ground, "layer-key", name)).unwrap();
    let output = Command::new("openssl")
        .args(["cms", "-decrypt", "-binary", "-inform", "DER", "-in"])
        .arg(&message)
        .args(["-keyform", "DER", "-inkey"])
        .arg(key)
        .arg("-recip")
        .arg(certificate)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}
