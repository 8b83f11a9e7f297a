//! OCSP answers made here, read by ourselves and by OpenSSL.

#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

mod support;

use keys::SoftwareKey;
use pki::validate::{
    Inputs, OcspAnswer, OcspError, Reason, Revocation, RevocationReason, Revocations, Source,
    Standing, Use, ocsp_request, validate,
};
use pki::{
    Certificate, IssueError, OcspQuestion, OcspRefusal, OcspStatus, OcspTerm, Purpose,
    QuestionError, Usage, answer_ocsp,
};
use support::{Folder, Holder, NOW, root};
use time::Duration;

const REVOKED: OcspStatus =
    OcspStatus::Revoked(Revocation { since: NOW, reason: RevocationReason::KeyCompromise });
const NONCE: [u8; 32] = [7; 32];

#[test]
fn validation_believes_what_the_responder_says() {
    let root = root(0);
    let responder = responder(&root);
    let leaf = root.leaf(Purpose::TlsClient).certificate;
    let nonce = Some(&NONCE[..]);
    let answered = |status| {
        let question = question(&leaf, &root, nonce);
        OcspAnswer::from_der(&answer(&question, &[status], &responder)).unwrap()
    };
    let validated = |answer: &OcspAnswer| {
        let anchors = [root.certificate.clone()];
        let mut inputs = Inputs::new(&anchors, NOW, Use::TlsClient);
        inputs.ocsp = std::slice::from_ref(answer);
        inputs.revocation = Revocations::Required;
        validate(&leaf, &inputs)
    };

    let good = answered(OcspStatus::Good);
    good.check_nonce(&NONCE).unwrap();
    good.check_nonce(&[8; 32]).unwrap_err();
    assert_eq!(validated(&good).unwrap().standings, [Standing::Good(Source::Ocsp)]);
    let refused = validated(&answered(REVOKED)).unwrap_err();
    assert!(matches!(refused.fault.reason, Reason::Revoked(_)), "{refused:?}");
    validated(&answered(OcspStatus::Unknown)).unwrap_err();
}

#[test]
fn openssl_reads_answers_and_its_questions_are_read() {
    let root = root(0);
    let responder = responder(&root);
    let leaf = root.leaf(Purpose::TlsClient).certificate;
    let folder = Folder::new();
    folder.write("root.pem", root.certificate.to_pem());
    folder.write("leaf.pem", leaf.to_pem());

    for (digest, status, said) in [
        ("", OcspStatus::Good, "leaf.pem: good"),
        ("-sha256", REVOKED, "leaf.pem: revoked"),
        ("-sha512", OcspStatus::Unknown, "leaf.pem: unknown"),
    ] {
        folder.run(&format!("ocsp {digest} -issuer root.pem -cert leaf.pem -reqout question.der"));
        let question = OcspQuestion::from_der(&folder.read("question.der")).unwrap();
        assert!(question.is_about(&root.certificate));
        assert_eq!(question.serials().collect::<Vec<_>>(), [leaf.serial()]);
        assert!(question.nonce().is_some());
        folder.write("answer.der", answer(&question, &[status], &responder));

        let text = folder.run(&format!(
            "ocsp {digest} -no_nonce -respin answer.der -issuer root.pem -cert leaf.pem -CAfile root.pem \
             -attime 1803902400 -validity_period 1000000000"
        ));
        assert!(text.contains("Response verify OK") && text.contains(said), "{text}");
        assert!(!text.contains("WARNING"), "{text}");
    }
}

#[test]
fn certificates_of_others_are_not_taken_for_ours() {
    let (ours, other) = (root(0), root(0));
    let leaf = other.leaf(Purpose::TlsClient).certificate;

    assert!(!question(&leaf, &other, None).is_about(&ours.certificate), "another key");
}

#[test]
fn what_is_no_question_is_told() {
    let root = root(0);
    let leaf = root.leaf(Purpose::TlsClient).certificate;
    let good = ocsp_request(&leaf, &root.certificate, Some(&NONCE)).unwrap();
    OcspQuestion::from_der(&good).unwrap();

    for length in 0..good.len() {
        OcspQuestion::from_der(&good[..length]).expect_err("it is cut off");
    }
    let long = ocsp_request(&leaf, &root.certificate, Some(&[1; 129])).unwrap();
    OcspQuestion::from_der(&long).expect_err("the nonce is too long");
    let longest = ocsp_request(&leaf, &root.certificate, Some(&[1; 128])).unwrap();
    OcspQuestion::from_der(&longest).unwrap();
    let empty = [0x30, 4, 0x30, 2, 0x30, 0];
    let refused = OcspQuestion::from_der(&empty);
    assert!(matches!(refused, Err(QuestionError::Empty)), "{refused:?}");
}

#[test]
fn refusals_are_told() {
    for (refusal, status) in [
        (OcspRefusal::MalformedRequest, 1),
        (OcspRefusal::InternalError, 2),
        (OcspRefusal::Unauthorized, 6),
    ] {
        let read = OcspAnswer::from_der(&refusal.to_der().unwrap());
        assert!(matches!(read, Err(OcspError::Refused(it)) if it == status), "{read:?}");
    }
}

#[test]
fn only_the_responder_signs_and_every_question_is_answered() {
    let root = root(0);
    let responder = responder(&root);
    let leaf = root.leaf(Purpose::TlsClient).certificate;
    let question = question(&leaf, &root, None);
    let other = SoftwareKey::make_p256().unwrap();

    let refused = answer_ocsp(&question, &[REVOKED], term(), &responder.certificate, &other);
    assert!(matches!(refused, Err(IssueError::Mismatch)), "{refused:?}");
    let refused = answer_ocsp(&question, &[], term(), &responder.certificate, &responder.key);
    assert!(matches!(refused, Err(IssueError::Mismatch)), "{refused:?}");
}

fn responder(root: &Holder) -> Holder {
    root.with("responder", SoftwareKey::make_p256(), Usage::OcspSigning)
}

fn question(leaf: &Certificate, issuer: &Holder, nonce: Option<&[u8]>) -> OcspQuestion {
    let request = ocsp_request(leaf, &issuer.certificate, nonce).unwrap();

    OcspQuestion::from_der(&request).unwrap()
}

fn answer(question: &OcspQuestion, statuses: &[OcspStatus], responder: &Holder) -> Vec<u8> {
    answer_ocsp(question, statuses, term(), &responder.certificate, &responder.key).unwrap()
}

fn term() -> OcspTerm {
    OcspTerm { this_update: NOW, next_update: NOW + Duration::hours(1) }
}
