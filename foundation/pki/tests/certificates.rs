//! Certificates and requests, made here and read by `openssl`, and the other way round.

mod support;

use insta::assert_snapshot;
use keys::{PrivateKey as _, SignatureAlgorithm, SoftwareKey};
use pki::validate::{Fault, Inputs, Reason, Use, validate};
use pki::{
    AlternativeName, BadSignature, Certificate, CertificateError, IssueError, KeyKind, Purpose,
    Request, RequestError, Subject, Template, Usage, issue, make_request,
};
use std::net::IpAddr;
use support::{Folder, NOW, root, serial};
use time::Duration;

#[test]
fn openssl_accepts_a_chain_made_here() {
    let (folder, root) = (Folder::new(), root(1));
    let middle = root.authority("middle", 0);
    let leaf = middle.leaf(Purpose::TlsClient);
    for (name, holder) in [("root.pem", &root), ("middle.pem", &middle), ("leaf.pem", &leaf)] {
        folder.write(name, holder.certificate.to_pem());
    }

    let at = NOW.unix_timestamp();
    let said = folder.run(&format!(
        "verify -x509_strict -attime {at} -purpose sslclient -CAfile root.pem -untrusted middle.pem leaf.pem"
    ));
    assert_eq!(said, "leaf.pem: OK\n");
}

#[test]
fn a_certificate_says_what_its_template_says() {
    let key = SoftwareKey::from_pkcs8(include_bytes!("data/p256.key")).unwrap();
    let template = Template {
        subject: Subject::new("mail.example.com\n").with_organization("Größe AG"),
        public_key: key.public_key(),
        not_before: NOW + Duration::milliseconds(500),
        not_after: NOW + Duration::days(365 * 30),
        usage: Usage::Signature(Purpose::TlsServer),
        names: vec![
            AlternativeName::Dns("Mail.example.com".into()),
            AlternativeName::Ip([127, 0, 0, 1].into()),
            AlternativeName::Email("Post@Example.com".into()),
        ],
    };
    let certificate = issue(&template, None, &key, serial(0xff)).unwrap();

    let folder = Folder::new();
    folder.write("c.pem", certificate.to_pem());
    let text = folder.run("x509 -in c.pem -noout -text -certopt no_sigdump,no_pubkey");
    assert_snapshot!(text, @r#"
    Certificate:
        Data:
            Version: 3 (0x2)
            Serial Number:
                7f:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff:ff
            Signature Algorithm: ecdsa-with-SHA256
            Issuer: O = Gr\C3\B6\C3\9Fe AG, CN = mail.example.com
            Validity
                Not Before: Mar  1 12:00:00 2027 GMT
                Not After : Feb 21 12:00:00 2057 GMT
            Subject: O = Gr\C3\B6\C3\9Fe AG, CN = mail.example.com
            X509v3 extensions:
                X509v3 Basic Constraints: critical
                    CA:FALSE
                X509v3 Key Usage: critical
                    Digital Signature
                X509v3 Subject Key Identifier:
                    DB:84:5B:E6:B2:6E:9B:75:3D:D7:3A:0B:16:5C:27:3E:C7:EB:19:B0
                X509v3 Extended Key Usage:
                    TLS Web Server Authentication
                X509v3 Subject Alternative Name:
                    DNS:Mail.example.com, IP Address:127.0.0.1, email:Post@Example.com
    "#);
    assert_snapshot!(certificate.subject(), @"CN=mail.example.com,O=Größe AG");
    assert_eq!(certificate.emails(), ["post@example.com"]);
    assert_eq!(certificate.dns_names(), ["mail.example.com"]);
    assert_eq!(certificate.ip_addresses(), [IpAddr::from([127, 0, 0, 1])]);
    assert_eq!(certificate.common_name().as_deref(), Some("mail.example.com"));
    assert_eq!(certificate.not_before(), NOW);
    assert_eq!(certificate.key_kind(), KeyKind::P256);
    assert_eq!(Certificate::from_pem(&certificate.to_pem()).unwrap(), certificate);
}

#[test]
fn certificates_of_others_are_read_as_they_are() {
    let folder = Folder::new();
    folder.run(
        "req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out c.pem -subj /emailAddress=Bob@Example.com/CN=bob \
         -addext subjectAltName=email:bob@example.com,email:second@example.com -sigopt rsa_padding_mode:pss \
         -sigopt rsa_pss_saltlen:32 -sha256 -days 10",
    );
    let pem = String::from_utf8(folder.read("c.pem")).unwrap();

    let all = Certificate::all_from_pem(&format!("Bag Attributes\n{pem}\ntext\n{pem}")).unwrap();
    let [first, second] = all.as_slice() else { panic!("two certificates, not {}", all.len()) };
    assert_eq!(first, second);
    assert_eq!(first.emails(), ["bob@example.com", "second@example.com"]);
    assert_eq!(first.key_kind(), KeyKind::Rsa { bits: 2048 });
    let fingerprint = folder.run("x509 -in c.pem -noout -fingerprint -sha256");
    let fingerprint = fingerprint.split('=').nth(1).unwrap().trim().replace(':', "");
    assert_eq!(first.fingerprint().to_string(), fingerprint.to_lowercase());
    let anchors = std::slice::from_ref(first);
    assert!(validate(first, &Inputs::new(anchors, first.not_before(), Use::Mail)).is_ok());
}

#[test]
fn holders_signatures_are_verified() {
    let folder = Folder::new();
    folder.run("req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out c.pem -subj /CN=bob");
    folder.write("text", b"text");
    folder.run("dgst -sha256 -sign k.pem -out pkcs1 text");
    folder.run("dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -sign k.pem -out pss text");
    let bob = Certificate::from_pem(&String::from_utf8(folder.read("c.pem")).unwrap()).unwrap();

    let (pkcs1, pss) = (SignatureAlgorithm::RsaPkcs1Sha256, SignatureAlgorithm::RsaPssSha256);
    assert_eq!(bob.verify(pkcs1, b"text", &folder.read("pkcs1")), Ok(()));
    assert_eq!(bob.verify(pss, b"text", &folder.read("pss")), Ok(()));
    assert_eq!(bob.verify(pss, b"text", &folder.read("pkcs1")), Err(BadSignature));
    assert_eq!(bob.verify(pkcs1, b"tixt", &folder.read("pkcs1")), Err(BadSignature));
    let ecdsa = SignatureAlgorithm::EcdsaP256Sha256;
    assert_eq!(bob.verify(ecdsa, b"text", &folder.read("pkcs1")), Err(BadSignature));
}

#[test]
fn damaged_certificates_are_refused() {
    let certificate = root(0).certificate;
    let der = certificate.as_der();

    assert!(matches!(Certificate::from_der(&[]), Err(CertificateError::Damaged(_))));
    assert!(matches!(Certificate::from_der(&der[..100]), Err(CertificateError::Damaged(_))));
    let longer = [der, &[0]].concat();
    assert!(matches!(Certificate::from_der(&longer), Err(CertificateError::Damaged(_))));
    assert!(matches!(Certificate::from_pem("text"), Err(CertificateError::Damaged(_))));
    let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    assert!(matches!(Certificate::from_pem(key), Err(CertificateError::Label(_))));
}

#[test]
fn no_changed_byte_of_a_certificate_passes() {
    let root = root(0);
    let leaf = root.leaf(Purpose::TlsClient);
    let der = leaf.certificate.as_der();

    for place in 0..der.len() {
        for bit in [0x01, 0x20, 0x80] {
            let mut changed = der.to_vec();
            changed[place] ^= bit;
            let Ok(changed) = Certificate::from_der(&changed) else {
                continue;
            };
            let anchors = std::slice::from_ref(&root.certificate);
            let verdict = validate(&changed, &Inputs::new(anchors, NOW, Use::TlsClient));
            assert!(verdict.is_err(), "byte {place}, bit {bit:#x}");
        }
    }
}

#[test]
fn an_issuer_signs_only_with_its_own_key() {
    let (root, other) = (root(0), root(0));
    let key = SoftwareKey::make_p256().unwrap();
    let template = Template {
        subject: Subject::new("leaf"),
        public_key: key.public_key(),
        not_before: NOW,
        not_after: NOW,
        usage: Usage::Signature(Purpose::TlsClient),
        names: Vec::new(),
    };

    let wrong_key = issue(&template, Some(&root.certificate), &other.key, serial(1));
    assert!(matches!(wrong_key, Err(IssueError::Mismatch)));
    let no_life = issue(&template, Some(&root.certificate), &root.key, serial(1));
    assert!(matches!(no_life, Err(IssueError::Validity)));
    let umlaut = Template {
        not_after: NOW + Duration::DAY,
        names: vec![AlternativeName::Dns("ü.example.com".into())],
        ..template
    };
    let umlaut = issue(&umlaut, Some(&root.certificate), &root.key, serial(1));
    assert!(matches!(umlaut, Err(IssueError::Encoding(_))));
}

#[test]
fn openssl_verifies_a_request_made_here() {
    let folder = Folder::new();
    for key in [SoftwareKey::make_p256(), SoftwareKey::make_rsa(2048)] {
        let request = make_request(&Subject::new("device"), &key.unwrap()).unwrap();
        folder.write("request.der", &request);

        let said = folder.run("req -in request.der -inform DER -verify -noout");
        assert!(said.contains("verify OK"), "{said}");
        assert_eq!(Request::from_der(&request).unwrap().subject(), "CN=device");
    }
}

#[test]
fn requests_of_others_are_verified() {
    let folder = Folder::new();
    folder.run("req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k.pem -subj /CN=x -outform DER -out good");
    folder
        .run("req -new -newkey rsa:1024 -nodes -keyout k2.pem -subj /CN=x -outform DER -out weak");
    folder.run(
        "req -new -newkey rsa:2048 -sha1 -nodes -keyout k3.pem -subj /CN=x -outform DER -out sha1",
    );

    let good = Request::from_der(&folder.read("good")).unwrap();
    assert_eq!(good.key_kind(), KeyKind::P256);
    assert!(matches!(Request::from_der(&folder.read("weak")), Err(RequestError::WeakKey)));
    assert!(matches!(Request::from_der(&folder.read("sha1")), Err(RequestError::Unproved)));
    assert!(matches!(Request::from_der(b"none"), Err(RequestError::Damaged(_))));
    let mut forged = folder.read("good");
    let last = forged.len() - 1;
    forged[last] ^= 1;
    assert!(matches!(
        Request::from_der(&forged),
        Err(RequestError::Unproved | RequestError::Damaged(_))
    ));
}

#[test]
fn a_chain_needs_each_of_its_links() {
    let root = root(1);
    let middle = root.authority("middle", 0);
    let leaf = middle.leaf(Purpose::TlsClient);
    let check = |intermediates: &[&Certificate], anchors: &[&Certificate], now, purpose| {
        let intermediates: Vec<_> = intermediates.iter().copied().cloned().collect();
        let anchors: Vec<_> = anchors.iter().copied().cloned().collect();
        let inputs = Inputs { untrusted: &intermediates, ..Inputs::new(&anchors, now, purpose) };
        match validate(&leaf.certificate, &inputs) {
            Ok(_) => "trusted".to_owned(),
            Err(error) => error.to_string(),
        }
    };
    let (middle, root) = (&middle.certificate, &root.certificate);
    let client = Use::TlsClient;

    assert_eq!(check(&[middle], &[root], NOW, client), "trusted");
    assert_eq!(check(&[root, middle, middle], &[root], NOW, client), "trusted");
    assert_eq!(check(&[], &[middle], NOW, client), "trusted");
    assert_eq!(check(&[], &[&leaf.certificate], NOW, client), "trusted");
    assert_snapshot!(check(&[], &[root], NOW, client), @"CN=leaf: its issuer CN=middle is not trusted, and nothing is known that leads from it to an authority that is");
    assert_snapshot!(check(&[middle], &[], NOW, client), @r"CN=middle: its issuer CN=Root,O=Example\, Inc. is not trusted, and nothing is known that leads from it to an authority that is");
    assert_snapshot!(check(&[middle], &[root], NOW, Use::TlsServer), @"CN=leaf: it is not for TLS servers");
    assert_snapshot!(check(&[middle], &[root], NOW - Duration::days(2), client), @"CN=middle: it is not valid before 2027-02-28T12:00:00Z");
    assert_snapshot!(check(&[middle], &[root], NOW + Duration::days(366), client), @"CN=middle: it expired at 2028-02-29T12:00:00Z");
}

#[test]
fn an_impostor_with_the_right_name_is_found_out() {
    let (root, impostor) = (root(1), root(1));
    let leaf = impostor.leaf(Purpose::TlsClient);

    let issuer = root.certificate.subject();
    let fault = first_fault(&leaf.certificate, &[], &root.certificate);
    assert_eq!((fault.subject.as_str(), fault.reason), ("CN=leaf", Reason::Signature { issuer }));
    let many: Vec<_> = (0..100).map(|_| impostor.certificate.clone()).collect();
    let forged = support::root(1).leaf(Purpose::TlsClient);
    let fault = first_fault(&forged.certificate, &many, &root.certificate);
    assert!(matches!(fault.reason, Reason::Signature { .. }), "{fault}");
}

fn first_fault(leaf: &Certificate, untrusted: &[Certificate], anchor: &Certificate) -> Fault {
    let anchors = std::slice::from_ref(anchor);
    let inputs = Inputs { untrusted, ..Inputs::new(anchors, NOW, Use::TlsClient) };

    *validate(leaf, &inputs).expect_err("it is not trusted").fault
}

#[test]
fn a_leaf_issues_nothing_and_paths_end_where_they_must() {
    let root = root(0);
    let middle = root.authority("middle", 3);
    let below = middle.leaf(Purpose::TlsClient);
    let path = std::slice::from_ref(&middle.certificate);
    let fault = first_fault(&below.certificate, path, &root.certificate);
    assert_eq!((fault.subject, fault.reason), (root.certificate.subject(), Reason::PathTooLong));

    let leaf = root.leaf(Purpose::TlsClient);
    let below = leaf.leaf(Purpose::TlsClient);
    let path = std::slice::from_ref(&leaf.certificate);
    let fault = first_fault(&below.certificate, path, &root.certificate);
    assert_eq!((fault.subject.as_str(), fault.reason), ("CN=leaf", Reason::NotAnAuthority));
}

#[test]
fn critical_extensions_that_are_not_understood_are_refused() {
    let folder = Folder::new();
    folder.run(
        "req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out c.pem -subj /CN=x \
         -addext 1.2.3.4=critical,ASN1:NULL",
    );
    let pem = String::from_utf8(folder.read("c.pem")).unwrap();
    let strange = Certificate::from_pem(&pem).unwrap();

    let anchors = std::slice::from_ref(&strange);
    let inputs = Inputs::new(anchors, strange.not_before(), Use::Mail);
    let fault = *validate(&strange, &inputs).unwrap_err().fault;
    assert_eq!(fault.subject, "CN=x");
    assert_eq!(fault.reason, Reason::UnknownExtension("1.2.3.4".into()));
}
