use std::sync::atomic::{AtomicI64, Ordering};

use activesync::messages::*;
use activesync::query::Command;
use activesync::status::Status;
use bytes::Bytes;
use openssl::asn1::Asn1Time;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::x509::X509;
use sandbox::{Options, Running};
use secrecy::ExposeSecret;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use crate::client::{Client, now, options, ready};

async fn resolve(client: &Client, request: &ResolveRecipientsRequest) -> ResolveRecipientsAnswer {
    let body = client.post(Command::ResolveRecipients, request.encode()).await;
    ResolveRecipientsAnswer::decode(&body).unwrap()
}

fn to(names: &[&str]) -> ResolveRecipientsRequest {
    ResolveRecipientsRequest {
        to: names.iter().map(|name| (*name).to_owned()).collect(),
        ..ResolveRecipientsRequest::default()
    }
}

async fn validate(client: &Client, request: ValidateCertRequest) -> Vec<u16> {
    let body = client.post(Command::ValidateCert, request.encode()).await;
    let answer = ValidateCertAnswer::decode(&body).unwrap();
    assert_eq!(answer.status, Status::OK);
    answer.certificates.into_iter().map(|status| status.0).collect()
}

#[tokio::test]
async fn names_are_resolved_or_ambiguous_or_unknown() {
    let (_running, client) = ready(options()).await;
    let names = ["bob@example.test", "alice", "anna", "schm", "nobody"];
    let answer =
        resolve(&client, &ResolveRecipientsRequest { max_ambiguous: Some(2), ..to(&names) }).await;
    let shown: Vec<_> = answer
        .responses
        .iter()
        .map(|name| (name.to.as_str(), name.status.0, name.recipient_count, name.recipients.len()))
        .collect();
    assert_eq!(
        shown,
        [
            ("bob@example.test", 1, Some(1), 1),
            ("alice", 1, Some(1), 1),
            ("anna", 2, Some(2), 2),
            ("schm", 3, Some(3), 2),
            ("nobody", 4, Some(0), 0),
        ]
    );
    let bob = &answer.responses[0].recipients[0];
    assert_eq!((bob.display_name.as_str(), bob.is_contact), ("Bob Marsh", false));
    assert_eq!((&bob.certificates, &bob.availability, &bob.picture), (&None, &None, &None));
    let far = datetime!(2036-09-15 08:00 UTC);
    for wrong in [
        to(&[]),
        to(&[""]),
        to(&[&"x".repeat(257)]),
        to(&["x"; 1001]),
        ResolveRecipientsRequest { availability: Some((far, now())), ..to(&["bob"]) },
        ResolveRecipientsRequest { availability: Some((now(), far)), ..to(&["bob"]) },
        ResolveRecipientsRequest { max_certificates: Some(10_000), ..to(&["bob"]) },
    ] {
        assert_eq!(resolve(&client, &wrong).await.status, Status(5));
    }
}

#[tokio::test]
async fn free_time_comes_in_half_hours() {
    let (_running, client) = ready(options()).await;
    let day = (datetime!(2026-09-16 00:00 UTC), datetime!(2026-09-17 00:00 UTC));
    let request =
        |names: &[&str]| ResolveRecipientsRequest { availability: Some(day), ..to(names) };
    let answer = resolve(&client, &request(&["bob", "carol", "peter schmidt"])).await;
    let times: Vec<_> = answer
        .responses
        .iter()
        .map(|name| name.recipients[0].availability.clone().unwrap())
        .collect();
    assert_eq!((times[0].status, times[0].merged.len()), (Status::OK, 48));
    assert!(times[0].merged.contains(&FreeBusy::Free) && times[0].merged.contains(&FreeBusy::Busy));
    assert_ne!(times[0].merged, times[1].merged);
    assert_eq!(times[2], Availability { status: Status(163), merged: vec![] });
    let many: Vec<_> = (0..101).map(|index| format!("bob{index}")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).chain(["bob@example.test"]).collect();
    let answer = resolve(&client, &request(&many)).await;
    let bob = &answer.responses[101].recipients[0];
    assert_eq!(bob.availability.as_ref().unwrap().status, Status(160));
}

#[tokio::test]
async fn accounts_have_certificates_that_can_be_used() {
    let (running, client) = ready(options()).await;
    let request = ResolveRecipientsRequest {
        certificates: Some(CertificateRetrieval::Whole),
        picture: Some(PictureWish::default()),
        ..to(&["bob", "lena"])
    };
    let answer = resolve(&client, &request).await;
    let [bob, lena] = &answer.responses[..] else { panic!("{answer:?}") };
    let found = bob.recipients[0].certificates.as_ref().unwrap();
    assert_eq!(
        (found.status, found.certificate_count, found.recipient_count),
        (Status::OK, Some(1), Some(1))
    );
    let certificate = X509::from_der(&found.certificates[0]).unwrap();
    let authority = X509::from_der(&running.authority().unwrap()).unwrap();
    assert!(certificate.verify(&authority.public_key().unwrap()).unwrap());
    assert_eq!(certificate.subject_alt_names().unwrap()[0].email(), Some("bob@example.test"));
    let identity = running.identity("bob").unwrap().unwrap();
    let key = PKey::private_key_from_pkcs8(identity.key.expose_secret()).unwrap();
    assert!(key.public_eq(&certificate.public_key().unwrap()));
    assert_eq!(lena.recipients[0].certificates.as_ref().unwrap().status, Status(7));
    assert_eq!(bob.recipients[0].picture.as_ref().unwrap().status, Status::OK);
    for (retrieval, most, status) in [
        (CertificateRetrieval::Whole, Some(0), Some(8)),
        (CertificateRetrieval::Mini, None, Some(7)),
        (CertificateRetrieval::None, None, None),
    ] {
        let request = ResolveRecipientsRequest {
            certificates: Some(retrieval),
            max_certificates: most,
            ..to(&["bob"])
        };
        let answer = resolve(&client, &request).await;
        let found = answer.responses[0].recipients[0].certificates.as_ref();
        assert_eq!(found.map(|found| found.status.0), status);
    }
}

#[tokio::test]
async fn certificates_are_judged() {
    let (running, client) = ready(options()).await;
    let identity = running.identity("alice").unwrap().unwrap();
    let good = Bytes::from(identity.certificate.clone());
    let mut forged = identity.certificate.clone();
    *forged.last_mut().unwrap() ^= 1;
    let authority = Bytes::from(running.authority().unwrap());
    let stranger = Bytes::from(self_signed());
    let certificates = vec![good.clone(), forged.into(), stranger, Bytes::from_static(b"junk")];
    let request = ValidateCertRequest { chain: vec![authority], certificates, check_crl: false };
    assert_eq!(validate(&client, request).await, [1, 3, 4, 10]);
    let request =
        ValidateCertRequest { chain: vec![], certificates: vec![good.clone()], check_crl: true };
    assert_eq!(validate(&client, request).await, [16]);
    let nothing = ValidateCertRequest { chain: vec![], certificates: vec![], check_crl: false };
    let body = client.post(Command::ValidateCert, nothing.encode()).await;
    assert_eq!(ValidateCertAnswer::decode(&body).unwrap().status, Status(2));
}

/// Years that have passed; each test is a process of its own.
static YEARS: AtomicI64 = AtomicI64::new(0);

fn years_later() -> OffsetDateTime {
    now() + Duration::days(365 * YEARS.load(Ordering::SeqCst))
}

#[tokio::test]
async fn a_certificate_is_judged_at_the_time_of_the_server_and_by_its_own_authority() {
    let (running, client) = ready(Options { clock: years_later, ..options() }).await;
    let (other, _) = ready(options()).await;
    let one = |running: &Running| {
        let certificate = Bytes::from(running.identity("alice").unwrap().unwrap().certificate);
        ValidateCertRequest { chain: vec![], certificates: vec![certificate], check_crl: false }
    };
    assert_eq!(validate(&client, one(&other)).await, [4]);
    assert_eq!(validate(&client, one(&running)).await, [1]);
    YEARS.store(3, Ordering::SeqCst);
    assert_eq!(validate(&client, one(&running)).await, [7]);
    YEARS.store(11, Ordering::SeqCst);
    assert_eq!(validate(&client, one(&running)).await, [8]);
}

fn self_signed() -> Vec<u8> {
    let key = PKey::from_rsa(openssl::rsa::Rsa::generate(2048).unwrap()).unwrap();
    let mut builder = X509::builder().unwrap();
    builder.set_pubkey(&key).unwrap();
    let at = |days: i64| Asn1Time::from_unix(now().unix_timestamp() + days * 86_400).unwrap();
    builder.set_not_before(&at(-1)).unwrap();
    builder.set_not_after(&at(1)).unwrap();
    builder.sign(&key, MessageDigest::sha256()).unwrap();
    builder.build().to_der().unwrap()
}
