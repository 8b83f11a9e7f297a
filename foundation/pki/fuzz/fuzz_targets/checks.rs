//! What must hold for any input: the fuzzers try it on what they invent, `tests/corpus.rs` on what they found worth keeping.

use pki::validate::{
    Crl, Inputs, OcspAnswer, PeerName, PolicyInputs, Reason, Revocations, Use, validate,
};
use pki::{Algorithms, Certificate, KeyKind, OcspQuestion, Request};
use time::OffsetDateTime;
use time::macros::datetime;

/// The moment of NIST's suite, from which the corpus comes.
const NOW: OffsetDateTime = datetime!(2011-04-15 00:00:00 UTC);

const LEAF: &[u8] = include_bytes!("../../tests/pkits/certs/ValidCertificatePathTest1EE.crt");
const AUTHORITY: &[u8] = include_bytes!("../../tests/pkits/certs/GoodCACert.crt");
const ROOT: &[u8] = include_bytes!("../../tests/pkits/certs/TrustAnchorRootCertificate.crt");

fn read(der: &[u8]) -> Certificate {
    Certificate::from_der(der).expect("NIST's certificates are certificates")
}

/// One certificate or several, one after the other: as the leaf, as an authority, as the anchor.
///
/// Nothing that was made up leads to NIST's root, whatever else is asked.
pub(crate) fn certificate(input: &[u8]) {
    let certificates: Vec<_> =
        split(input).map_while(|der| Certificate::from_der(der).ok()).collect();
    let Some((leaf, untrusted)) = certificates.split_first() else { return };
    assert_eq!(Certificate::from_pem(&leaf.to_pem()).expect("what was read is written"), *leaf);
    let root = [read(ROOT)];
    let policies = PolicyInputs { explicit: true, ..PolicyInputs::default() };
    let algorithms = Algorithms { md5: true, sha1: true, shortest_rsa: 512 };
    for anchors in [&root[..], &certificates] {
        for purpose in [Use::Any, Use::MailSigning, Use::TlsServer] {
            let name = Some(PeerName::Email("a@example.com".to_owned()));
            let policies = policies.clone();
            let inputs = Inputs {
                untrusted,
                name,
                policies,
                algorithms,
                ..Inputs::new(anchors, NOW, purpose)
            };
            match validate(leaf, &inputs) {
                Ok(trusted) => assert!(anchors.contains(trusted.path.last().expect("a path"))),
                Err(distrusted) => {
                    assert!(distrusted.faults().all(|it| !it.to_string().is_empty()))
                }
            }
        }
    }
}

/// A text with blocks of PEM: every certificate in it comes back from what is written of it.
pub(crate) fn pem(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    drop(Crl::all_from_pem(text));
    drop(OcspAnswer::all_from_pem(text));
    drop(pki::request_from_pem(text).map(|der| Request::from_der(&der)));
    let Ok(all) = Certificate::all_from_pem(text) else { return };
    let written: String = all.iter().map(Certificate::to_pem).collect();
    assert_eq!(Certificate::all_from_pem(&written).expect("what was read is written"), all);
}

/// A revocation list beside a good path: it may revoke nothing that its issuer did not sign.
pub(crate) fn crl(input: &[u8]) {
    let Ok(crl) = Crl::from_der(input) else { return };
    against(&[crl], &[]);
}

/// An OCSP answer beside a good path.
pub(crate) fn ocsp(input: &[u8]) {
    let Ok(answer) = OcspAnswer::from_der(input) else { return };
    assert!(answer.check_nonce(&[0; 200]).is_err());
    against(&[], &[answer]);
}

fn against(crls: &[Crl], ocsp: &[OcspAnswer]) {
    let (anchors, untrusted) = ([read(ROOT)], [read(AUTHORITY)]);
    for revocation in [Revocations::IfKnown, Revocations::Required] {
        let inputs = Inputs {
            untrusted: &untrusted,
            crls,
            ocsp,
            revocation,
            ..Inputs::new(&anchors, NOW, Use::Any)
        };
        if let Err(distrusted) = validate(&read(LEAF), &inputs) {
            let reason = &distrusted.fault.reason;
            assert!(
                revocation == Revocations::Required
                    && matches!(reason, Reason::RevocationUnknown(_))
            );
        }
    }
}

/// A request for a certificate and a question about some: what strangers send to an authority.
pub(crate) fn question(input: &[u8]) {
    if let Ok(request) = Request::from_der(input) {
        assert!(KeyKind::of(request.public_key()) == request.key_kind());
        drop((request.common_name(), request.subject(), request.names()));
    }
    if let Ok(question) = OcspQuestion::from_der(input) {
        assert!(question.serials().all(|serial| serial.len() <= input.len()));
        assert!(question.nonce().is_none_or(|nonce| nonce.len() <= input.len()));
        let _ = question.is_about(&read(AUTHORITY));
    }
}

/// Cuts values in DER apart, by their lengths.
fn split(mut input: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let length = match *input {
            [_, short @ 0..=0x7f, ..] => 2 + usize::from(short),
            [_, 0x81, length, ..] => 3 + usize::from(length),
            [_, 0x82, high, low, ..] => 4 + usize::from(u16::from_be_bytes([high, low])),
            _ => return None,
        };
        let (value, rest) = input.split_at_checked(length)?;
        input = rest;
        Some(value)
    })
}
