//! Validation where NIST's suite has nothing to say: other algorithms, OCSP, and heaps of certificates.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use keys::{PrivateKey as _, SoftwareKey};
use pki::validate::{
    Crl, Distrusted, Inputs, NonceError, OcspAnswer, OcspError, Reason, Revocations, Source,
    Standing, Trusted, Unknown, Use, ocsp_request, validate,
};
use pki::{Algorithms, Certificate, KeyKind, Purpose, Subject, Template, Usage, issue};
use support::{Folder, NOW, root, serial};
use time::{Duration, OffsetDateTime};

/// Makes a root and a leaf below it with the `openssl` command line.
fn pair(folder: &Folder, key: &str, digest: &str) -> (Certificate, Certificate) {
    folder.run(&format!(
        "req -x509 -newkey {key} -nodes -keyout r.key -out r.pem -subj /CN=Root -days 9 {digest}"
    ));
    folder.run(&format!("req -new -newkey {key} -nodes -keyout l.key -out l.csr -subj /CN=leaf"));
    folder.run(&format!(
        "x509 -req -in l.csr -CA r.pem -CAkey r.key -days 9 -set_serial 7 -out l.pem {digest}"
    ));

    (read(folder, "r.pem"), read(folder, "l.pem"))
}

fn read(folder: &Folder, name: &str) -> Certificate {
    Certificate::from_pem(std::str::from_utf8(&folder.read(name)).unwrap()).unwrap()
}

/// A moment within the validity of what `openssl` made just now.
fn soon(certificate: &Certificate) -> OffsetDateTime {
    certificate.not_before() + Duration::seconds(20)
}

fn reason(result: Result<Trusted, Distrusted>) -> Reason {
    result.unwrap_err().fault.reason
}

#[test]
fn keys_of_every_strong_kind_are_trusted() {
    for (key, kind) in [
        ("ec -pkeyopt ec_paramgen_curve:P-256", KeyKind::P256),
        ("ec -pkeyopt ec_paramgen_curve:P-384", KeyKind::P384),
        ("ec -pkeyopt ec_paramgen_curve:P-521", KeyKind::P521),
        ("ed25519", KeyKind::Ed25519),
        ("rsa:2048", KeyKind::Rsa { bits: 2048 }),
    ] {
        let (root, leaf) = pair(&Folder::new(), key, "");
        assert_eq!(leaf.key_kind(), kind);
        let anchors = std::slice::from_ref(&root);

        let trusted = validate(&leaf, &Inputs::new(anchors, soon(&leaf), Use::Any)).unwrap();
        assert_eq!(trusted.path, [leaf, root.clone()]);
        assert_eq!(trusted.standings, [Standing::Unknown(Unknown::Nothing)]);
    }
}

/// They sign, and are given no certificates here.
#[test]
fn keys_for_rsassa_pss_alone_are_trusted_if_they_are_long_enough() {
    for (bits, strong) in [(2048, true), (1024, false)] {
        let key = format!("rsa-pss -pkeyopt rsa_keygen_bits:{bits}");
        let salt = "-sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32";
        let (root, leaf) = pair(&Folder::new(), &key, salt);
        let kind = KeyKind::RsaPss { bits };
        assert_eq!(leaf.key_kind(), kind);
        assert!(!kind.is_strong());
        let anchors = std::slice::from_ref(&root);
        let result = validate(&leaf, &Inputs::new(anchors, soon(&leaf), Use::Any));
        if strong {
            assert_eq!(result.unwrap().path, [leaf, root.clone()]);
        } else {
            assert_eq!(reason(result), Reason::WeakKey(kind));
        }
    }
}

#[test]
fn what_is_too_weak_is_refused_unless_the_caller_says_otherwise() {
    let (root, leaf) = pair(&Folder::new(), "rsa:2048", "-sha1");
    let anchors = std::slice::from_ref(&root);
    let strict = Inputs::new(anchors, soon(&leaf), Use::Any);
    let algorithms = Algorithms { sha1: true, ..Algorithms::default() };
    let lenient = Inputs { algorithms, ..strict.clone() };

    assert_eq!(reason(validate(&leaf, &strict)), Reason::Algorithm("1.2.840.113549.1.1.5".into()));
    assert!(validate(&leaf, &lenient).is_ok());

    let (root, leaf) = pair(&Folder::new(), "rsa:1024", "-sha256");
    let anchors = std::slice::from_ref(&root);
    let strict = Inputs::new(anchors, soon(&leaf), Use::Any);
    let algorithms = Algorithms { shortest_rsa: 1024, ..Algorithms::default() };
    let lenient = Inputs { algorithms, ..strict.clone() };

    assert_eq!(reason(validate(&leaf, &strict)), Reason::WeakKey(KeyKind::Rsa { bits: 1024 }));
    assert!(validate(&leaf, &lenient).is_ok());
}

#[test]
fn certificates_that_certify_each_other_cost_little_and_lead_nowhere() {
    let keys: Vec<_> = (0..20).map(|_| SoftwareKey::make_p256().unwrap()).collect();
    let certify = |key: &SoftwareKey, by: Option<(&Certificate, &SoftwareKey)>| {
        let template = Template {
            subject: Subject::new("Authority"),
            public_key: key.public_key(),
            not_before: NOW - Duration::DAY,
            not_after: NOW + Duration::DAY,
            usage: Usage::Authority { path_length: 9 },
            names: Vec::new(),
        };
        let (issuer, signer) = by.map_or((None, key), |(issuer, key)| (Some(issuer), key));

        issue(&template, issuer, signer, serial(1)).unwrap()
    };
    let own: Vec<_> = keys.iter().map(|key| certify(key, None)).collect();
    let mut all = own.clone();
    for (issuer, signer) in own.iter().zip(&keys) {
        all.extend(keys.iter().map(|key| certify(key, Some((issuer, signer)))));
    }
    let leaf = certify(&SoftwareKey::make_p256().unwrap(), Some((&own[0], &keys[0])));

    let stranger = root(3).certificate;
    let anchors = [stranger];
    let lost = Inputs { untrusted: &all, ..Inputs::new(&anchors, NOW, Use::Any) };
    assert_eq!(reason(validate(&leaf, &lost)), Reason::TooMuchWork);
    let found = Inputs { untrusted: &all, ..Inputs::new(&own[..1], NOW, Use::Any) };
    assert_eq!(validate(&leaf, &found).unwrap().path, [leaf, own[0].clone()]);
}

#[test]
fn a_list_counts_in_its_time_and_by_its_issuer_alone() {
    let folder = Folder::new();
    let (root, leaf) = pair(&folder, "rsa:2048", "");
    folder.write("index.txt", "");
    folder.write("ca.cnf", "[ca]\ndefault_ca=a\n[a]\ndatabase=index.txt\ncertificate=r.pem\nprivate_key=r.key\ndefault_md=sha256\ndefault_crl_days=3\n");
    folder.run("ca -config ca.cnf -gencrl -out good.crl");
    folder.run("ca -config ca.cnf -revoke l.pem -crl_reason certificateHold");
    folder.run("ca -config ca.cnf -gencrl -out bad.crl");
    let list = |name| Crl::all_from_pem(std::str::from_utf8(&folder.read(name)).unwrap()).unwrap();
    let anchors = std::slice::from_ref(&root);
    let check = |crls: &[Crl], at, expected: Result<Standing, Unknown>| {
        let inputs = Inputs {
            crls,
            revocation: Revocations::Required,
            ..Inputs::new(anchors, at, Use::Any)
        };
        match (validate(&leaf, &inputs), expected) {
            (Ok(trusted), Ok(standing)) => assert_eq!(trusted.standings, [standing]),
            (Err(distrusted), Err(why)) => {
                assert_eq!(distrusted.fault.reason, Reason::RevocationUnknown(why));
            }
            (result, expected) => panic!("{result:?}, not {expected:?}"),
        }
    };
    let (good, now) = (list("good.crl"), soon(&leaf));

    check(&good, now, Ok(Standing::Good(Source::Crl)));
    check(&[], now, Err(Unknown::Nothing));
    check(&good, now + Duration::days(4), Err(Unknown::Outdated));
    let begun = good[0].this_update();
    if begun > leaf.not_before() {
        check(&good, begun - Duration::SECOND, Err(Unknown::Outdated));
    }
    let (stranger, _) = (pair(&folder, "rsa:2048", ""), ());
    folder.run("ca -config ca.cnf -gencrl -out forged.crl");
    assert_eq!(stranger.0.subject(), root.subject());
    check(&list("forged.crl"), now, Err(Unknown::Unsigned));
    // Each is whole and of its time; the newer one counts, wherever it stands.
    let bad = list("bad.crl");
    for crls in [[&good[..], &bad].concat(), [&bad[..], &good].concat()] {
        let both = Inputs { crls: &crls, ..Inputs::new(anchors, now, Use::Any) };
        assert!(matches!(reason(validate(&leaf, &both)), Reason::Revoked(_)));
    }
}

#[test]
fn an_answer_counts_if_the_issuer_or_its_delegate_signed_it() {
    let folder = Folder::new();
    let (root, leaf) = pair(&folder, "rsa:2048", "");
    let delegate = |name: &str, extensions: &str| {
        folder.write("ext", extensions);
        folder.run(&format!(
            "req -new -newkey rsa:2048 -nodes -keyout {name}.key -out d.csr -subj /CN={name}"
        ));
        folder.run(&format!("x509 -req -in d.csr -CA r.pem -CAkey r.key -days 9 -set_serial 9 -extfile ext -out {name}.pem"));
    };
    delegate("delegate", "extendedKeyUsage=OCSPSigning\nnoCheck=ignored\n");
    delegate("checked", "extendedKeyUsage=OCSPSigning\n");
    delegate("other", "extendedKeyUsage=serverAuth\n");
    folder.write("index.txt", "V\t301231235959Z\t\t07\tunknown\t/CN=leaf\n");
    let request = ocsp_request(&leaf, &root, Some(&[5; 32])).unwrap();
    folder.write("request.der", &request);
    let shown = folder.run("ocsp -reqin request.der -req_text");
    assert!(shown.contains("Serial Number: 07") && shown.contains("OCSP Nonce"), "{shown}");
    let answer = |signer: &str| {
        folder.run(&format!("ocsp -index index.txt -CA r.pem -rsigner {signer}.pem -rkey {signer}.key -reqin request.der -ndays 1 -respout a.der"));
        OcspAnswer::from_der(&folder.read("a.der")).unwrap()
    };
    let anchors = std::slice::from_ref(&root);
    let check = |answer: OcspAnswer, at, revocation| {
        let ocsp = [answer];
        let inputs = Inputs { ocsp: &ocsp, revocation, ..Inputs::new(anchors, at, Use::Any) };
        validate(&leaf, &inputs).map(|trusted| trusted.standings)
    };
    let now = soon(&leaf);
    let good = vec![Standing::Good(Source::Ocsp)];
    let unknown = |why| vec![Standing::Unknown(why)];
    let (required, if_known) = (Revocations::Required, Revocations::IfKnown);

    assert_eq!(check(answer("r"), now, required), Ok(good.clone()));
    assert_eq!(check(answer("delegate"), now, required), Ok(good.clone()));
    assert_eq!(check(answer("checked"), now, if_known), Ok(good));
    let unproved = check(answer("checked"), now, required).unwrap_err();
    assert_eq!(unproved.fault.reason, Reason::RevocationUnknown(Unknown::Unsigned));
    assert_eq!(check(answer("other"), now, if_known), Ok(unknown(Unknown::Unsigned)));
    assert_eq!(check(answer("l"), now, if_known), Ok(unknown(Unknown::Unsigned)));
    let late = now + Duration::days(2);
    assert_eq!(check(answer("r"), late, if_known), Ok(unknown(Unknown::Outdated)));
    folder.write(
        "index.txt",
        "R\t301231235959Z\t200101000000Z,keyCompromise\t07\tunknown\t/CN=leaf\n",
    );
    let revoked = check(answer("delegate"), now, if_known).unwrap_err();
    assert!(matches!(revoked.fault.reason, Reason::Revoked(_)), "{revoked}");
    folder.write("index.txt", "");
    assert_eq!(check(answer("r"), now, if_known), Ok(unknown(Unknown::NotKnown)));

    assert_eq!(answer("r").check_nonce(&[5; 32]), Ok(()));
    assert_eq!(answer("r").check_nonce(&[6; 32]), Err(NonceError::Other));
    folder.write("request.der", ocsp_request(&leaf, &root, None).unwrap());
    assert_eq!(answer("r").check_nonce(&[5; 32]), Err(NonceError::Missing));
    assert!(matches!(OcspAnswer::from_der(&[0x30, 3, 0x0a, 1, 6]), Err(OcspError::Refused(6))));
}

#[test]
fn an_authority_is_only_for_what_it_says() {
    let root = root(1);
    let leaf = root.leaf(Purpose::TlsClient);
    let anchors = std::slice::from_ref(&root.certificate);
    let asked = |purpose| validate(&leaf.certificate, &Inputs::new(anchors, NOW, purpose));

    assert!(asked(Use::Any).is_ok());
    assert!(asked(Use::TlsClient).is_ok());
    for purpose in [Use::TlsServer, Use::Mail, Use::MailSigning, Use::MailEncryption] {
        assert_eq!(reason(asked(purpose)), Reason::NotFor(purpose));
    }
}
