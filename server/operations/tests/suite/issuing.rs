//! Certificates that people order, the directory, and OCSP.

use crate::fleet_for_tests::{Fleet, NOW, anna, clock, refusal};
use ca::{Issued, Profile, SerialNumber, Status};
use fleet::list::Page;
use fleet::{MailAddress, UserId};
use keys::SoftwareKey;
use operations::{CertificateOrder, IssuedFilter, Operations, Origin};
use pki::validate::{
    Inputs, OcspAnswer, RevocationReason, Revocations, Source, Standing, Use, ocsp_request,
    validate,
};
use pki::{AlternativeName, Certificate, Subject, make_request};
use time::Duration;

clock!(LATER);

#[tokio::test]
async fn a_person_gets_what_they_may_have() {
    let fleet = Fleet::new().await;
    let alice = fleet.alice().await;
    let it = &fleet.operations;
    let request = request();
    let guest = mail("guest@other.test");
    let order = |profile, names: &[AlternativeName]| CertificateOrder {
        profile,
        request: &request,
        name: Some("Alice"),
        names: names.to_vec(),
        user: None,
    };

    for (profile, purpose, other) in [
        (Profile::PersonSigning, Use::MailSigning, Some(Use::MailEncryption)),
        (Profile::PersonEncryption, Use::MailEncryption, Some(Use::MailSigning)),
        (Profile::Person, Use::MailSigning, None),
        (Profile::Person, Use::MailEncryption, None),
    ] {
        let names = [mail("alice@example.com")];
        let order = CertificateOrder { user: Some(alice.id), ..order(profile, &names) };
        let issued = it.issue_certificate(&anna(), order).await.unwrap();
        assert_eq!(issued.addresses, ["alice@example.com"]);
        assert!(serves(it, &issued, purpose), "{profile:?} {purpose:?}");
        assert!(other.is_none_or(|other| !serves(it, &issued, other)), "{profile:?}");
    }
    let hosts = [AlternativeName::Dns("mail.example.com".into())];
    let server = it.issue_certificate(&anna(), order(Profile::Server, &hosts)).await.unwrap();
    assert!(serves(it, &server, Use::TlsServer));

    for (profile, names, code) in [
        (Profile::Person, &[guest][..], "name_not_allowed"),
        // It is Alice's, and the order names nobody.
        (Profile::Person, &[mail("Alice@example.com")], "address_of_another"),
        (Profile::Person, &hosts, "wrong_names"),
        (Profile::Person, &[], "no_names"),
        (Profile::Server, &[mail("alice@example.com")], "wrong_names"),
        (Profile::Server, &[AlternativeName::Dns("example.org".into())], "name_not_allowed"),
        (Profile::Scep, &[], "unsupported_key"),
        (Profile::Authority, &[mail("alice@example.com")], "profile_not_ordered"),
        (Profile::Device, &[mail("alice@example.com")], "profile_not_ordered"),
    ] {
        let refused = it.issue_certificate(&anna(), order(profile, names)).await;
        assert_eq!(refusal(refused), code, "{profile:?}");
    }
    let damaged = CertificateOrder { request: b"nothing", ..order(Profile::Person, &[]) };
    assert_eq!(refusal(it.issue_certificate(&anna(), damaged).await), "request_damaged");
    let mut forged = request.clone();
    *forged.last_mut().unwrap() ^= 1;
    let forged = CertificateOrder { request: &forged, ..order(Profile::Person, &[]) };
    assert_eq!(refusal(it.issue_certificate(&anna(), forged).await), "request_unproved");
    assert_eq!(it.certificates(&any(), Page::default()).await.unwrap().total, 5);

    // An address of their own is a person's, wherever it lies.
    let own = [mail("alice@example.com")];
    let ordered = CertificateOrder { user: Some(alice.id), ..order(Profile::Person, &own) };
    let issued = it.issue_certificate(&anna(), ordered).await.unwrap();
    assert_eq!(issued.holder.user, Some(alice.id));
    it.remove_user(&anna(), alice.id).await.unwrap();
    let gone = it.certificate(&issued.serial).await.unwrap().unwrap();
    assert_eq!(gone.revocation.unwrap().reason, RevocationReason::AffiliationChanged);
}

#[tokio::test]
async fn a_renewed_certificate_says_the_same_for_a_later_time() {
    let fleet = Fleet::with(9, LATER::now).await;
    let it = &fleet.operations;
    let first = for_alice(it, None).await;
    LATER::advance(Duration::days(700));

    let second = it.renew_certificate(&anna(), &first.serial, None).await.unwrap();
    assert_eq!(
        (&second.subject, &second.addresses, second.profile),
        (&first.subject, &first.addresses, first.profile)
    );
    assert!(second.not_after > first.not_after && second.serial != first.serial);
    assert_eq!(read(&second).public_key(), read(&first).public_key());
    let other = it.renew_certificate(&anna(), &first.serial, Some(&request())).await.unwrap();
    assert_ne!(read(&other).public_key(), read(&first).public_key());
    assert_eq!(it.certificate(&first.serial).await.unwrap().unwrap().status(NOW), Status::Valid);

    it.revoke_certificate(&anna(), &first.serial, RevocationReason::Superseded).await.unwrap();
    let refused = it.renew_certificate(&anna(), &first.serial, None).await;
    assert_eq!(refusal(refused), "certificate_not_good");
    let unknown = SerialNumber::parse("1").unwrap();
    let refused = it.renew_certificate(&anna(), &unknown, None).await;
    assert_eq!(refusal(refused), "unknown_certificate");
    let events = fleet.log_after(0).await;
    assert!(events.contains("certificate.renew | certificate \"CN=Alice\" | done"), "{events}");
}

#[tokio::test]
async fn the_directory_gives_what_mail_can_be_encrypted_with() {
    let fleet = Fleet::new().await;
    let it = &fleet.operations;
    let alice = fleet.alice().await;
    let address = MailAddress::parse("Alice@Example.com").unwrap();
    assert!(it.directory(&address).await.unwrap().is_empty());

    let issued = for_alice(it, Some(alice.id)).await;
    let request = request();
    let signing = CertificateOrder {
        profile: Profile::PersonSigning,
        request: &request,
        name: None,
        names: vec![mail("alice@example.com")],
        user: Some(alice.id),
    };
    it.issue_certificate(&anna(), signing).await.unwrap();
    let deposited = self_made("alice@example.com");
    it.deposit_certificate(&anna(), alice.id, deposited.as_der()).await.unwrap();

    let found = it.directory(&address).await.unwrap();
    let found: Vec<_> = found.iter().map(|it| (it.origin, it.certificate.clone())).collect();
    assert_eq!(found, [(Origin::Issued, read(&issued)), (Origin::Deposited, deposited)]);
    it.revoke_certificate(&anna(), &issued.serial, RevocationReason::KeyCompromise).await.unwrap();
    let found = it.directory(&address).await.unwrap();
    assert_eq!(found.iter().map(|it| it.origin).collect::<Vec<_>>(), [Origin::Deposited]);

    // What the authority here issued is revoked wherever else it lies.
    let rsa = SoftwareKey::make_rsa(2048).unwrap();
    let request = make_request(&Subject::new("x"), &rsa).unwrap();
    let names = vec![mail("alice@example.com")];
    let order = CertificateOrder {
        profile: Profile::Person,
        request: &request,
        name: None,
        names,
        user: Some(alice.id),
    };
    let issued = it.issue_certificate(&anna(), order).await.unwrap();
    let own = read(&issued);
    it.deposit_certificate(&anna(), alice.id, own.as_der()).await.unwrap();
    let hold = RevocationReason::CertificateHold;
    it.revoke_certificate(&anna(), &issued.serial, hold).await.unwrap();
    assert!(it.directory(&address).await.unwrap().is_empty());
    let refused = it.deposit_certificate(&anna(), alice.id, own.as_der()).await;
    assert_eq!(refusal(refused), "certificate_revoked");
    it.release_certificate(&anna(), &issued.serial).await.unwrap();
    assert_eq!(it.directory(&address).await.unwrap().len(), 1);
    let other = MailAddress::parse("lice@example.com").unwrap();
    assert!(it.directory(&other).await.unwrap().is_empty());
}

#[tokio::test]
async fn ocsp_says_at_once_what_the_register_says() {
    let fleet = Fleet::new().await;
    let it = &fleet.operations;
    let issued = for_alice(it, None).await;
    assert_eq!(ocsp(it, &issued).await, Ok(Standing::Good(Source::Ocsp)));

    let hold = RevocationReason::CertificateHold;
    it.revoke_certificate(&anna(), &issued.serial, hold).await.unwrap();
    assert!(ocsp(it, &issued).await.unwrap_err().contains("Revoked"));
    it.release_certificate(&anna(), &issued.serial).await.unwrap();
    assert_eq!(ocsp(it, &issued).await, Ok(Standing::Good(Source::Ocsp)));

    let garbage = it.answer_ocsp(b"garbage").await.unwrap();
    assert!(OcspAnswer::from_der(&garbage.der).is_err());
    let responders = IssuedFilter { profile: Some(Profile::Ocsp), ..any() };
    let responders = it.certificates(&responders, Page::default()).await.unwrap();
    assert_eq!(responders.total, 1, "one responder answers, and it is in the register");
}

/// Asks for a certificate by OCSP, and validates it with the answer alone.
async fn ocsp(operations: &Operations, issued: &Issued) -> Result<Standing, String> {
    let anchors = [operations.authority().issuer().certificate().clone()];
    let certificate = read(issued);
    let request = ocsp_request(&certificate, &anchors[0], Some(&[5; 32])).unwrap();
    let reply = operations.answer_ocsp(&request).await.unwrap();
    assert!(!reply.is_lasting, "it repeats a nonce");
    let answers = [OcspAnswer::from_der(&reply.der).unwrap()];
    answers[0].check_nonce(&[5; 32]).unwrap();
    let mut inputs = Inputs::new(&anchors, NOW, Use::Mail);
    inputs.ocsp = &answers;
    inputs.revocation = Revocations::Required;

    let trusted = validate(&certificate, &inputs).map_err(|refused| format!("{refused:?}"))?;
    Ok(*trusted.standings.first().unwrap())
}

async fn for_alice(operations: &Operations, user: Option<UserId>) -> Issued {
    let request = request();
    let order = CertificateOrder {
        profile: Profile::Person,
        request: &request,
        name: Some("Alice"),
        names: vec![mail("Alice@example.com")],
        user,
    };

    operations.issue_certificate(&anna(), order).await.unwrap()
}

fn serves(operations: &Operations, issued: &Issued, purpose: Use) -> bool {
    let anchors = [operations.authority().issuer().certificate().clone()];

    validate(&read(issued), &Inputs::new(&anchors, NOW, purpose)).is_ok()
}

fn read(issued: &Issued) -> Certificate {
    Certificate::from_der(issued.der.as_ref().unwrap()).unwrap()
}

fn request() -> Vec<u8> {
    make_request(&Subject::new("x"), &SoftwareKey::make_p256().unwrap()).unwrap()
}

fn self_made(address: &str) -> Certificate {
    let key = SoftwareKey::make_rsa(2048).unwrap();
    let template = pki::Template {
        subject: Subject::new("Alice"),
        public_key: keys::PrivateKey::public_key(&key),
        not_before: NOW - Duration::DAY,
        not_after: NOW + Duration::days(365),
        usage: pki::Usage::EnciphermentAndSignature(pki::Purpose::EmailProtection),
        names: vec![mail(address)],
    };

    pki::issue(&template, None, &key, pki::Serial::from_random([6; 16])).unwrap()
}

fn mail(address: &str) -> AlternativeName {
    AlternativeName::Email(address.to_owned())
}

fn any() -> IssuedFilter {
    IssuedFilter::default()
}
