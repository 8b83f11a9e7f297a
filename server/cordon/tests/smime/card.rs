//! Keys on a PIV card, by OpenSC's module over the real pcscd.

use crate::folder::*;
use ::openssl::pkey::PKey;
use ::openssl::x509::X509;
use std::process::Command;
use std::sync::{Arc, Mutex};
use testcard::{PIN, Piv, with_reader};

#[test]
fn keys_on_a_piv_card_sign_and_open() {
    with_reader("card::keys_on_a_piv_card_sign_and_open", |reader| {
        reader.start();
        let module = format!("/usr/lib/{}-linux-gnu/opensc-pkcs11.so", std::env::consts::ARCH);
        let folder = Folder::new();
        let mut piv = Piv::default();
        for (name, slot, object) in [("alice", 0x9c, 0x0a), ("bob", 0x9d, 0x0b)] {
            let key = PKey::private_key_from_pem(folder.read(&format!("{name}.key")).as_bytes());
            piv.put(slot, object, key.unwrap());
            let certificate = X509::from_pem(folder.read(&format!("{name}.pem")).as_bytes());
            piv.put_certificate(object, &certificate.unwrap().to_der().unwrap(), 0);
        }
        let card = Arc::new(Mutex::new(piv));
        let inserted = reader.insert(&card, || {
            let slots = Command::new("pkcs11-tool").args(["--module", &module, "-L"]).output();
            String::from_utf8_lossy(&slots.unwrap().stdout).contains("token label")
        });
        folder.write("pin", PIN);
        // OpenSC counts 9A, 9C and 9D from one.
        let key =
            |id: &str| format!("--key pkcs11:id={id}?module-path={module} --password-file pin");

        folder.write("signed.eml", folder.smime(&format!("sign mail.eml {}", key("%02"))));
        folder.openssl("cms -verify -in signed.eml -CAfile root.pem -out out");
        assert_eq!(folder.read("out"), ENTITY);
        for options in ["bob.pem", "-recip bob.pem -keyopt rsa_padding_mode:oaep"] {
            folder.openssl(&format!(
                "cms -encrypt -binary -aes256 {HEADERS} -in text -out sealed.eml {options}"
            ));
            assert_eq!(folder.smime(&format!("open sealed.eml {}", key("%03"))), ENTITY);
        }
        folder.refused(&format!("open sealed.eml {}", key("%02")), 1);
        let left = card.lock().unwrap().tries_left();
        folder.write("pin", "654321");
        let refused = folder.refused(&format!("sign mail.eml {}", key("%02")), 2);
        assert!(String::from_utf8_lossy(&refused.stderr).contains("the PIN is wrong"));
        assert_eq!(card.lock().unwrap().tries_left(), left - 1, "one try and no more");
        drop(inserted);
        let gone = folder.refused(&format!("sign mail.eml {}", key("%02")), 2);
        let said = String::from_utf8_lossy(&gone.stderr).into_owned();
        assert!(said.contains("token"), "{said}");
    });
}
