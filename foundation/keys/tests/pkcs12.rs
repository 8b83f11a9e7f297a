//! PKCS#12 files exchanged with the `openssl` command line.

mod support;

use keys::pkcs12::{self, Identity, MAX_ITERATIONS, MAX_KEYS, OpenError, SealError};
use keys::{PrivateKey as _, SignatureAlgorithm, SoftwareKey};
use support::{Files, content, data, file, members, parts, sequence, split, value};

/// The one password that is right.
const RIGHT: &str = "pässword 𝄞";

#[track_caller]
fn check(files: &Files, options: &[&str]) {
    let file = files.export(options, RIGHT);
    let identity = match pkcs12::open(&file, RIGHT) {
        Ok(identity) => identity,
        Err(error) => panic!("{options:?}: {error:?}"),
    };
    assert_eq!(identity.certificate, files.certificate(), "{options:?}");
    assert_eq!(identity.key.to_pkcs8().as_slice(), files.key(), "{options:?}");
}

#[test]
fn files_of_every_age_open() {
    let files = Files::new("rsa:2048");

    for options in [
        &[][..],
        &["-legacy"],
        &["-legacy", "-descert"],
        &["-nomac"],
        &["-certpbe", "NONE", "-keypbe", "NONE"],
        &["-certpbe", "NONE", "-keypbe", "NONE", "-nomac"],
        &["-macalg", "sha1", "-nomaciter"],
    ] {
        check(&files, options);
    }
    let identity = pkcs12::open(&files.export(&[], RIGHT), RIGHT).expect("it opens");
    assert_eq!(
        identity.key.algorithms(),
        [SignatureAlgorithm::RsaPssSha256, SignatureAlgorithm::RsaPkcs1Sha256]
    );
}

#[test]
fn each_encryption_opens_for_keys_and_certificates() {
    let files = Files::new("ec:P-256");

    for encryption in [
        "PBE-SHA1-RC2-40",
        "PBE-SHA1-RC2-128",
        "PBE-SHA1-RC4-40",
        "PBE-SHA1-RC4-128",
        "PBE-SHA1-3DES",
        "PBE-SHA1-2DES",
        "AES-128-CBC",
        "AES-192-CBC",
        "AES-256-CBC",
        "AES-128-CFB",
        "AES-192-CFB",
        "AES-256-CFB",
        "AES-128-OFB",
        "AES-192-OFB",
        "AES-256-OFB",
        "DES-EDE3-CBC",
        "RC2-CBC",
        "RC2-64-CBC",
        "RC2-40-CBC",
    ] {
        check(&files, &["-legacy", "-certpbe", encryption, "-keypbe", encryption]);
        check(&files, &["-legacy", "-certpbe", encryption, "-keypbe", encryption, "-nomac"]);
    }
}

#[test]
fn each_hash_of_a_mac_is_known() {
    let files = Files::new("ec:P-384");

    for hash in ["sha1", "sha224", "sha256", "sha384", "sha512"] {
        check(&files, &["-macalg", hash]);
    }
}

#[test]
fn each_derivation_of_a_key_is_known() {
    let files = Files::new("ec:P-256");

    for options in [
        &["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA1"][..],
        &["-v2", "aes-192-cbc", "-v2prf", "hmacWithSHA224"],
        &["-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA256"],
        &["-v2", "des3", "-v2prf", "hmacWithSHA384"],
        &["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA512"],
        &["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA512-224"],
        &["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA512-256"],
        &["-scrypt"],
        &["-scrypt", "-scrypt_N", "1024", "-scrypt_r", "4", "-scrypt_p", "2"],
        &["-v1", "PBE-SHA1-3DES"],
    ] {
        let key = ["pkcs8", "-topk8", "-in", "key.pem", "-outform", "DER", "-out", "sealed.der"];
        files.openssl(&[&key[..], options, &["-passout", &format!("pass:{RIGHT}")]].concat());
        let sealed = file(&[&data(&sequence(&[&bag(2, &files.read("sealed.der"))]))]);
        match pkcs12::read(&sealed, RIGHT, MAX_ITERATIONS) {
            Ok(contents) => assert_eq!(contents.lone_keys[0].to_pkcs8().as_slice(), files.key()),
            Err(error) => panic!("{options:?}: {error:?}"),
        }
        let wrong = pkcs12::read(&sealed, "wrong", MAX_ITERATIONS);
        assert!(matches!(wrong, Err(OpenError::WrongPassword)), "{options:?}: {wrong:?}");
    }
}

#[test]
fn an_unknown_algorithm_is_named() {
    let files = Files::new("ec:P-256");

    let file = files.export(&["-keypbe", "camellia-256-cbc"], RIGHT);
    let refused = pkcs12::open(&file, RIGHT);
    assert!(
        matches!(&refused, Err(OpenError::UnsupportedAlgorithm { oid }) if oid == "1.2.392.200011.61.1.1.1.4"),
        "{refused:?}"
    );
    let file = files.export(&["-macalg", "sha3-256"], RIGHT);
    let refused = pkcs12::open(&file, RIGHT);
    assert!(
        matches!(&refused, Err(OpenError::UnsupportedAlgorithm { oid }) if oid == "2.16.840.1.101.3.4.2.8"),
        "{refused:?}"
    );
}

#[test]
fn old_programs_took_utf8_for_latin1() {
    let files = Files::new("ec:P-256");
    // The bytes of "ü" in UTF-8, each taken for a character.
    let file = files.export(&["-legacy"], "Ã¼");

    assert!(pkcs12::open(&file, "ü").is_ok());
    assert!(matches!(pkcs12::open(&file, "ö"), Err(OpenError::WrongPassword)));
}

#[test]
fn ber_opens_like_der() {
    let files = Files::new("ec:P-256");

    for options in [&[][..], &["-legacy"]] {
        let whole = files.export(options, RIGHT);
        let identity = pkcs12::open(&streamed(&whole), RIGHT).expect("it opens");
        assert_eq!(identity.key.to_pkcs8().as_slice(), files.key(), "{options:?}");
        // Also inside, which no MAC covers here.
        let bare = files.export(&[options, &["-nomac"]].concat(), RIGHT);
        let inner = streamed(content(&bare));
        let bare = streamed(&sequence(&[&[0x02, 1, 3], &data(&inner)]));
        let identity = pkcs12::open(&bare, RIGHT).expect("it opens");
        assert_eq!(identity.certificate, files.certificate(), "{options:?}");
    }
}

#[test]
fn what_follows_a_file_does_no_harm() {
    let files = Files::new("ec:P-256");
    let mut file = files.export(&[], RIGHT);
    file.extend(b"\r\n");

    assert!(pkcs12::open(&file, RIGHT).is_ok());
}

#[test]
fn of_several_keys_none_is_guessed() {
    let (alice, bob) = (Files::new("ec:P-256"), Files::new("ec:P-384"));
    let one = alice.export(&["-nomac", "-name", "Work ü"], RIGHT);
    let two = bob.export(&["-nomac"], RIGHT);
    let both = file(&[parts(&one), parts(&two)].concat());

    let contents = pkcs12::read(&both, RIGHT, MAX_ITERATIONS).expect("it opens");
    let keys: Vec<_> =
        contents.identities.iter().map(|offer| offer.identity.key.to_pkcs8().to_vec()).collect();
    assert_eq!(keys, [alice.key(), bob.key()]);
    for (offer, files) in contents.identities.iter().zip([&alice, &bob]) {
        assert_eq!(offer.identity.certificate, files.certificate());
        assert!(offer.identity.chain.is_empty(), "the other's certificate is no chain");
    }
    let offers = [format!("\"Work ü\": {}", alice.subject()), bob.subject()];
    match contents.only() {
        Err(OpenError::SeveralIdentities { offers: named }) => assert_eq!(named, offers),
        other => panic!("{other:?}"),
    }
    let twice = file(&[parts(&one), parts(&one)].concat());
    let identity = pkcs12::open(&twice, RIGHT).expect("the same twice is one");
    assert_eq!(identity.certificate, alice.certificate());
}

#[test]
fn a_key_takes_the_certificate_that_is_marked_as_its_own() {
    let files = Files::new("ec:P-256");
    let old = [
        "req", "-new", "-x509", "-key", "key.pem", "-subj", "/CN=old", "-days", "1", "-out",
        "old.pem",
    ];
    files.openssl(&old);

    let marked = files.export(&["-certfile", "old.pem"], RIGHT);
    let identity = pkcs12::open(&marked, RIGHT).expect("it opens");
    assert_eq!(identity.certificate, files.certificate());
    assert_eq!(identity.chain.len(), 1);
    // Without the mark nobody knows which.
    let bags = [
        bag(1, &files.key()),
        bag(3, &certificate(&files.certificate())),
        bag(3, &certificate(&identity.chain[0])),
    ];
    let bags: Vec<_> = bags.iter().map(Vec::as_slice).collect();
    let refused = pkcs12::open(&file(&[&data(&sequence(&bags))]), "");
    assert!(
        matches!(&refused, Err(OpenError::SeveralIdentities { offers }) if offers.len() == 2),
        "{refused:?}"
    );
}

#[test]
fn names_of_strangers_do_no_harm() {
    let files = Files::new("ec:P-256");
    let file = files.export(&["-name", "a\u{1b}[2Jb"], RIGHT);

    let contents = pkcs12::read(&file, RIGHT, MAX_ITERATIONS).expect("it opens");
    assert_eq!(contents.identities[0].to_string(), format!("\"a[2Jb\": {}", files.subject()));
}

#[test]
fn keys_without_number_are_refused() {
    let bags = |count: usize| {
        let bags = vec![bag(1, &[0x30, 0]); count];
        let bags: Vec<_> = bags.iter().map(Vec::as_slice).collect();
        pkcs12::open(&file(&[&data(&sequence(&bags))]), "")
    };

    assert!(matches!(bags(MAX_KEYS), Err(OpenError::Key(_))));
    assert!(matches!(bags(MAX_KEYS + 1), Err(OpenError::TooLarge)));
}

#[test]
fn bags_in_bags_are_opened() {
    let files = Files::new("ec:P-256");
    let nested = |depth: usize| {
        let bags = sequence(&[&bag(1, &files.key()), &bag(3, &certificate(&files.certificate()))]);
        let bags = (0..depth).fold(bags, |bags, _| sequence(&[&bag(6, &bags)]));
        pkcs12::open(&file(&[&data(&bags)]), "")
    };

    assert!(nested(7).is_ok());
    assert!(matches!(nested(8), Err(OpenError::Damaged)));
}

#[test]
fn an_empty_password_is_a_password() {
    let files = Files::new("rsa:2048");

    let file = files.export(&[], "");
    assert!(pkcs12::open(&file, "").is_ok());
    assert!(matches!(pkcs12::open(&file, "x"), Err(OpenError::WrongPassword)));
}

#[test]
fn a_wrong_password_is_told_from_a_damaged_file() {
    let files = Files::new("ec:P-256");

    for options in [&[][..], &["-legacy"], &["-nomac"], &["-legacy", "-nomac"]] {
        let file = files.export(options, "right");
        let wrong = pkcs12::open(&file, "wrong");
        assert!(matches!(wrong, Err(OpenError::WrongPassword)), "{options:?}: {wrong:?}");
        let strange = pkcs12::open(&file, "ri\0ght");
        assert!(matches!(strange, Err(OpenError::WrongPassword)));
        let half = pkcs12::open(&file[..file.len() / 2], "right");
        assert!(matches!(half, Err(OpenError::Damaged)), "{options:?}: {half:?}");
    }
    let plain = files.export(&["-certpbe", "NONE", "-keypbe", "NONE"], "right");
    assert!(matches!(pkcs12::open(&plain, "wrong"), Err(OpenError::WrongPassword)));
    assert!(matches!(pkcs12::open(b"", "right"), Err(OpenError::Damaged)));
    assert!(matches!(pkcs12::open(b"0\x03\x02\x01\x03", "right"), Err(OpenError::Damaged)));
    assert!(matches!(pkcs12::open(&[0; 2 << 20], "right"), Err(OpenError::TooLarge)));
}

#[test]
fn certificates_that_lie_open_are_read_without_a_password() {
    let files = Files::new("ec:P-256");
    let hidden = files.export(&[], "right");
    let open = files.export(&["-certpbe", "NONE"], "right");

    assert_eq!(pkcs12::open_certificates(&hidden).unwrap(), Vec::<Vec<u8>>::new());
    let own = pkcs12::open(&open, "right").unwrap().certificate;
    assert!(pkcs12::open_certificates(&open).unwrap().contains(&own));
    for damaged in [&open[..open.len() / 2], b"", b"-----BEGIN CERTIFICATE-----"] {
        assert!(matches!(pkcs12::open_certificates(damaged), Err(OpenError::Damaged)));
    }
}

#[test]
fn damage_under_the_right_password_is_called_so() {
    let files = Files::new("ec:P-256");

    for options in [&[][..], &["-legacy"]] {
        let file = files.export(options, "right");
        let (certificate, key) = (parts(&file)[0].to_vec(), parts(&file)[1].to_vec());
        // In the middle of what is encrypted: one part does not open, the other does.
        for part in [certificate, key] {
            let start = file.windows(part.len()).position(|it| it == part).expect("it is there");
            let mut damaged = file.clone();
            damaged[start + part.len() - 100] ^= 0x55;
            let refused = pkcs12::open(&damaged, "right");
            assert!(matches!(refused, Err(OpenError::Damaged)), "{options:?}: {refused:?}");
        }
    }
}

#[test]
fn a_part_under_another_password_is_not_called_wrong() {
    let files = Files::new("ec:P-256");
    let bare = files.export(&["-nomac", "-certpbe", "NONE"], "of the key");
    let content = content(&bare);
    let file = with_mac(&files, content, "mac");

    assert!(matches!(pkcs12::open(&file, "mac"), Err(OpenError::OtherPassword)));
    // The key opens, so that the password is not simply wrong.
    assert!(matches!(pkcs12::open(&file, "of the key"), Err(OpenError::Damaged)));
    assert!(matches!(pkcs12::open(&file, "neither"), Err(OpenError::WrongPassword)));
}

#[test]
fn pbes2_took_wide_passwords_once() {
    let files = Files::new("ec:P-256");
    let key = openssl::pkey::PKey::private_key_from_der(&files.key()).expect("a key");
    let cipher = openssl::symm::Cipher::aes_256_cbc();
    let sealed = key.private_key_to_pkcs8_passphrase(cipher, &wide("pw")).expect("it is sealed");
    let bags = [bag(2, &sealed), bag(3, &certificate(&files.certificate()))];
    let safe = sequence(&[&data(&sequence(&[&bags[0], &bags[1]]))]);

    let identity = pkcs12::open(&with_mac(&files, &safe, "pw"), "pw").expect("it opens");
    assert_eq!(identity.key.to_pkcs8().as_slice(), files.key());
    // Without a MAC nobody knows that the password is right.
    let bare = sequence(&[&[0x02, 1, 3], &data(&safe)]);
    assert!(matches!(pkcs12::open(&bare, "pw"), Err(OpenError::WrongPassword)));
}

#[test]
fn no_changed_byte_passes_the_mac() {
    let files = Files::new("ec:P-256");
    let file = files.export(&["-iter", "10"], "right");

    for place in 0..file.len() {
        let mut changed = file.clone();
        changed[place] ^= 0x01;
        let Ok(identity) = pkcs12::open(&changed, "right") else {
            continue;
        };
        // Some bytes say the same in two ways, for instance a NULL left out.
        assert_eq!(identity.certificate, files.certificate(), "byte {place}");
        assert_eq!(identity.key.to_pkcs8().as_slice(), files.key(), "byte {place}");
    }
}

#[test]
fn a_file_may_not_ask_for_endless_work() {
    let files = Files::new("ec:P-256");
    let mut file = files.export(&["-iter", "70000"], "right");
    assert!(pkcs12::open(&file, "right").is_ok());

    let (count, huge) = ([0x02, 3, 0x01, 0x11, 0x70], [0x02, 3, 0x7f, 0xff, 0xff]);
    let places: Vec<_> = (0..file.len() - 5).filter(|it| file[*it..*it + 5] == count).collect();
    assert!(places.len() >= 2, "key and certificate are encrypted");
    for place in places {
        file[place..place + 5].copy_from_slice(&huge);
    }
    let refused = pkcs12::open(&file, "right");
    assert!(
        matches!(refused, Err(OpenError::TooExpensive { iterations, .. }) if iterations > MAX_ITERATIONS),
        "{refused:?}"
    );
}

#[test]
fn every_round_is_counted() {
    let files = Files::new("ec:P-256");
    let aes = ["-certpbe", "AES-256-CBC", "-keypbe", "AES-256-CBC"];
    for (options, rounds) in [
        // One block of SHA-256 for each key and for the MAC.
        (&aes[..], 3 * 2048),
        (&["-nomac", "-certpbe", "AES-128-CBC"], 2 * 2048),
        // 24 bytes of key are two blocks of SHA-1, five one; each initialisation vector is one, the MAC is one.
        (&["-legacy"], (2 + 1 + 1 + 1 + 1) * 2048),
        (&["-legacy", "-nomaciter"], (2 + 1 + 1 + 1) * 2048 + 1),
    ] {
        let file = files.export(options, "right");
        assert!(pkcs12::read(&file, "right", rounds).is_ok(), "{options:?}");
        match pkcs12::read(&file, "right", rounds - 1) {
            Err(OpenError::TooExpensive { iterations, limit }) => {
                assert_eq!((iterations, limit), (rounds, rounds - 1), "{options:?}");
            }
            other => panic!("{options:?}: {other:?}"),
        }
    }
}

#[test]
fn a_file_without_a_key_is_none() {
    let files = Files::new("ec:P-256");

    let file = files.export(&["-nokeys"], "right");
    assert!(matches!(pkcs12::open(&file, "right"), Err(OpenError::NoKey)));
}

#[test]
fn weak_keys_stay_outside() {
    let files = Files::new("rsa:1024");

    let file = files.export(&[], "right");
    assert!(matches!(pkcs12::open(&file, "right"), Err(OpenError::Key(_))));
}

#[test]
fn openssl_opens_what_is_sealed_here() {
    let files = Files::new("rsa:2048");
    let identity = pkcs12::open(&files.export(&[], "one"), "one").expect("the file opens");

    let sealed = pkcs12::seal(&identity, "zwei ü", 10_000).expect("the identity is sealed");
    files.write("sealed.p12", &sealed);
    let text = files.openssl(&[
        "pkcs12",
        "-in",
        "sealed.p12",
        "-passin",
        "pass:zwei ü",
        "-info",
        "-nodes",
    ]);
    assert!(text.contains("BEGIN PRIVATE KEY") && text.contains("BEGIN CERTIFICATE"), "{text}");
    for word in [
        "MAC: sha256, Iteration 10000",
        "PBES2, PBKDF2, AES-256-CBC, Iteration 10000, PRF hmacWithSHA256",
    ] {
        assert!(text.contains(word), "{word} in {text}");
    }
    let again = pkcs12::open(&sealed, "zwei ü").expect("it opens here, too");
    assert_eq!(again.certificate, identity.certificate);
}

#[test]
fn only_what_belongs_together_is_sealed() {
    let files = Files::new("ec:P-256");
    let certificate = files.certificate();
    let stranger =
        Identity { key: SoftwareKey::make_p256().expect("a key"), certificate, chain: Vec::new() };

    assert!(matches!(pkcs12::seal(&stranger, "x", 1000), Err(SealError::Mismatch)));
    assert!(matches!(pkcs12::seal(&stranger, "x\0", 1000), Err(SealError::Password)));
    assert!(matches!(pkcs12::seal(&stranger, "x", 0), Err(SealError::Iterations(0))));
}

/// A file with this content under a MAC of RFC 7292 with SHA-256, whose key the command derives.
fn with_mac(files: &Files, content: &[u8], password: &str) -> Vec<u8> {
    let password = format!("hexpass:{}", data_encoding::HEXLOWER.encode(&wide(password)));
    let key = files.openssl(&[
        "kdf",
        "-keylen",
        "32",
        "-kdfopt",
        "digest:SHA256",
        "-kdfopt",
        &password,
        "-kdfopt",
        "hexsalt:0102030405060708",
        "-kdfopt",
        "iter:3",
        "-kdfopt",
        "id:3",
        "PKCS12KDF",
    ]);
    let key = data_encoding::HEXUPPER.decode(key.trim().replace(':', "").as_bytes());
    let key = openssl::pkey::PKey::hmac(&key.expect("hexadecimal")).expect("a key");
    let digest = openssl::hash::MessageDigest::sha256();
    let mut signer = openssl::sign::Signer::new(digest, &key).expect("a signer");
    let digest = signer.sign_oneshot_to_vec(content).expect("a digest");
    let sha256 = [0x06, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 0x05, 0];
    let info = sequence(&[&sequence(&[&sha256]), &value(0x04, &digest)]);
    let mac = sequence(&[&info, &value(0x04, &[1, 2, 3, 4, 5, 6, 7, 8]), &[0x02, 1, 3]]);

    sequence(&[&[0x02, 1, 3], &data(content), &mac])
}

/// A password as RFC 7292 §B.1 wants it.
fn wide(password: &str) -> Vec<u8> {
    password.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect()
}

/// A `SafeBag` of the given kind (RFC 7292 Appendix D), without attributes.
fn bag(kind: u8, content: &[u8]) -> Vec<u8> {
    let kind = [0x06, 11, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 10, 1, kind];

    sequence(&[&kind, &value(0xa0, content)])
}

/// A `CertBag` with an X.509 certificate.
fn certificate(der: &[u8]) -> Vec<u8> {
    let kind = [0x06, 10, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 22, 1];

    sequence(&[&kind, &value(0xa0, &value(0x04, der))])
}

/// Writes DER anew as programs do that do not know the lengths yet: none is definite, and strings come in pieces.
fn streamed(der: &[u8]) -> Vec<u8> {
    let (tag, content, _) = split(der);
    let pieces = || content.chunks(7).map(|piece| value(0x04, piece)).collect::<Vec<_>>().concat();
    let inner = match tag {
        0x04 | 0x80 => pieces(),
        _ if tag & 0x20 != 0 => members(content).into_iter().flat_map(streamed).collect(),
        _ => return value(tag, content),
    };

    [&[tag | 0x20, 0x80][..], &inner, &[0, 0]].concat()
}
