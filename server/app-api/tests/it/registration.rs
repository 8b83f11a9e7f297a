use crate::company::{Company, certificate_of, wait};
use crate::device::{Device, binary, hmac};
use data_encoding::BASE64;
use fleet::device::StateKind;
use fleet::list::{DeviceFilter, Page};
use insta::assert_snapshot;
use keys::SoftwareKey;
use pki::{Subject, make_request};
use serde_json::json;
use time::Duration;

const START: &str = "/app/v1/registration/start";
const FINISH: &str = "/app/v1/registration/finish";

#[tokio::test]
async fn an_invited_person_registers_a_device() {
    let company = Company::new().await;
    let alice = company.person("alice").await;
    let device = Device::new(1);

    let registered = device.registers(&company, &company.connect(1, None), &alice).await;
    assert_eq!(registered.certificate.common_name().as_deref(), Some(registered.id.as_str()));
    assert_eq!(registered.document.device, registered.id);
    assert_eq!(registered.document.settings.mail.address, "alice@example.com");
    assert_eq!(registered.document.settings.mail.user_name, "alice");

    let listed = company.operations.devices(&DeviceFilter::default(), Page::default()).await;
    let items = listed.expect("a list").items;
    let [item] = items.as_slice() else { panic!("one device, not {}", items.len()) };
    let known = &item.device;
    assert_eq!(known.state.kind(), StateKind::Registered);
    assert_eq!(known.name.as_str(), "Alice's laptop");
    assert_eq!(known.eas_id.as_ref().map(fleet::EasId::as_str), Some(device.eas_id.as_str()));
    let certificate = known.certificate.as_ref().expect("a certificate");
    assert_eq!(certificate.fingerprint, registered.certificate.fingerprint().0);
    assert_snapshot!(company.audit().await, @"
    invitation registration.start alice done
    invitation registration.finish alice done
    ");
}

#[tokio::test]
async fn an_unknown_code_is_refused() {
    let company = Company::new().await;
    let (line, device) = (company.connect(1, None), Device::new(1));

    let code = "AAAQEAYEAUDAOCAJBIFQYDIOB4";
    assert_snapshot!(device.tries_to_start(&line, code).await, @r#"403 {"code":"unknown_invitation","detail":"the registration did not begin: no invitation has this code; check the link or ask for another one"}"#);
    assert_eq!(device.tries_to_start(&line, "x").await.code(), (403, "unknown_invitation".into()));
    assert_snapshot!(company.audit().await, @"
    visitor registration.start  unknown_invitation
    visitor registration.start  unknown_invitation
    ");
}

#[tokio::test]
async fn a_stranger_with_the_link_fails() {
    let company = Company::new().await;
    let (alice, mallory) = (company.person("alice").await, company.person("mallory").await);
    let (_, code) = company.invite(&alice).await;
    let (line, device) = (company.connect(1, None), Device::new(1));

    let begun = device.starts(&company, &line, &code).await;
    let opened = pki::cms::open(&begun.challenge, &mallory.key, &mallory.certificate);
    assert!(opened.is_err(), "the challenge is for alice");
    let guess = device.answer_form(&begun, &[0; 32]);
    assert_snapshot!(line.post(FINISH, guess.to_string()).await, @r#"403 {"code":"wrong_answer","detail":"the answer was not accepted: it does not fit the challenge; use the certificate that IT deposited for you"}"#);
    assert_snapshot!(company.audit().await, @"
    invitation registration.start alice done
    invitation registration.finish alice wrong_answer
    ");
}

#[tokio::test]
async fn an_answer_is_good_once() {
    let company = Company::new().await;
    let alice = company.person("alice").await;
    let (_, code) = company.invite(&alice).await;
    let (line, device) = (company.connect(1, None), Device::new(1));
    let begun = device.starts(&company, &line, &code).await;
    let answer = device.finish_form(&begun, &alice).to_string();

    assert_eq!(line.post(FINISH, answer.clone()).await.status, 200);
    assert_snapshot!(line.post(FINISH, answer).await, @r#"403 {"code":"unknown_challenge","detail":"the answer was not accepted: the challenge is unknown or has been answered; begin again"}"#);
    let again = device.tries_to_start(&line, &code).await;
    assert_snapshot!(again, @r#"409 {"code":"invitation_used","detail":"the invitation was not accepted: a device was registered with it already; ask for another one"}"#);
    assert_snapshot!(company.audit().await, @"
    invitation registration.start alice done
    invitation registration.finish alice done
    visitor registration.finish  unknown_challenge
    invitation registration.start alice invitation_used
    ");
}

#[tokio::test]
async fn a_wrong_answer_spends_the_challenge() {
    let company = Company::new().await;
    let alice = company.person("alice").await;
    let (_, code) = company.invite(&alice).await;
    let (line, device) = (company.connect(1, None), Device::new(1));
    let begun = device.starts(&company, &line, &code).await;

    let wrong = device.answer_form(&begun, &[0; 32]);
    assert_eq!(line.post(FINISH, wrong.to_string()).await.code().1, "wrong_answer");
    let right = device.finish_form(&begun, &alice);
    let refused = line.post(FINISH, right.to_string()).await;
    assert_eq!(refused.code(), (403, "unknown_challenge".into()));
}

#[tokio::test]
async fn a_late_answer_is_refused() {
    let company = Company::new().await;
    let alice = company.person("alice").await;
    let (_, code) = company.invite(&alice).await;
    let (line, device) = (company.connect(1, None), Device::new(1));
    let begun = device.starts(&company, &line, &code).await;

    wait(Duration::minutes(5));
    let answer = device.finish_form(&begun, &alice);
    assert_snapshot!(line.post(FINISH, answer.to_string()).await, @r#"403 {"code":"challenge_expired","detail":"the answer was not accepted: the challenge is older than five minutes; begin again"}"#);
}

#[tokio::test]
async fn an_answer_on_another_connection_is_refused() {
    let company = Company::new().await;
    let alice = company.person("alice").await;
    let (_, code) = company.invite(&alice).await;
    let device = Device::new(1);
    let begun = device.starts(&company, &company.connect(1, None), &code).await;

    let answer = device.finish_form(&begun, &alice);
    assert_snapshot!(company.connect(2, None).post(FINISH, answer.to_string()).await, @r#"403 {"code":"other_connection","detail":"the answer was not accepted: the challenge was given on another connection; begin again"}"#);
}

#[tokio::test]
async fn an_answer_of_another_device_is_refused() {
    let company = Company::new().await;
    let alice = company.person("alice").await;
    let (_, code) = company.invite(&alice).await;
    let (line, device, other) = (company.connect(1, None), Device::new(1), Device::new(2));
    let begun = device.starts(&company, &line, &code).await;

    let answer = other.finish_form(&begun, &alice);
    assert_snapshot!(line.post(FINISH, answer.to_string()).await, @r#"403 {"code":"wrong_device_key","detail":"the answer was not accepted: it is not signed by the device that began; begin again"}"#);
}

#[tokio::test]
async fn an_answer_to_another_challenge_is_refused() {
    let company = Company::new().await;
    let alice = company.person("alice").await;
    let (_, code) = company.invite(&alice).await;
    let (line, device) = (company.connect(1, None), Device::new(1));
    let one = device.starts(&company, &line, &code).await;
    let other = device.starts(&company, &line, &code).await;

    let mut answer = device.finish_form(&one, &alice);
    answer["registration"] = other.registration.into();
    let refused = line.post(FINISH, answer.to_string()).await;
    assert_eq!(refused.code(), (403, "wrong_answer".into()));
}

#[tokio::test]
async fn nothing_of_the_start_can_be_exchanged() {
    let company = Company::new().await;
    let alice = company.person("alice").await;
    let (_, code) = company.invite(&alice).await;
    let (line, device, thief) = (company.connect(1, None), Device::new(1), Device::new(2));

    // Somebody in between passes the code on with a key of their own, and alice's app answers.
    let begun = thief.starts(&company, &line, &code).await;
    let secret = begun.secret(&alice);
    let mut mine = begun.clone();
    mine.offered = [9; 32];
    let answer = device.answer_form(&mine, &secret);
    let refused = line.post(FINISH, answer.to_string()).await;
    assert_eq!(refused.code(), (403, "wrong_answer".into()));
}

#[tokio::test]
async fn five_wrong_answers_close_the_invitation() {
    let company = Company::new().await;
    let alice = company.person("alice").await;
    let (_, code) = company.invite(&alice).await;
    let (line, device) = (company.connect(1, None), Device::new(1));
    for _ in 0..5 {
        let begun = device.starts(&company, &line, &code).await;
        let wrong = device.answer_form(&begun, &[0; 32]);
        let refused = line.post(FINISH, wrong.to_string()).await;
        assert_eq!(refused.code(), (403, "wrong_answer".into()));
        // Failures are remembered longer than challenges.
        wait(Duration::minutes(10));
        company.operations.tidy().await.expect("upkeep");
    }

    assert_snapshot!(device.tries_to_start(&line, &code).await, @r#"409 {"code":"invitation_closed","detail":"the invitation was not accepted: it was closed after too many wrong answers; check the person's certificate and ask for another invitation"}"#);
    let open = company.operations.figures().await.expect("figures").open_invitations;
    assert_eq!(open, 0);
    let next = company.connect(2, None);
    Device::new(3).registers(&company, &next, &alice).await;
}

#[tokio::test]
async fn an_answer_begun_before_the_invitation_was_closed_is_refused() {
    let company = Company::new().await;
    let alice = company.person("alice").await;
    let (_, code) = company.invite(&alice).await;
    let (line, device) = (company.connect(1, None), Device::new(1));
    let right = device.starts(&company, &line, &code).await;
    for _ in 0..5 {
        let begun = device.starts(&company, &line, &code).await;
        let wrong = device.answer_form(&begun, &[0; 32]);
        line.post(FINISH, wrong.to_string()).await;
    }

    let refused = line.post(FINISH, device.finish_form(&right, &alice).to_string()).await;
    assert_eq!(refused.code(), (409, "invitation_closed".into()));
}

#[tokio::test]
async fn no_more_than_five_challenges_are_open() {
    let company = Company::new().await;
    let alice = company.person("alice").await;
    let (_, code) = company.invite(&alice).await;
    let (line, device) = (company.connect(1, None), Device::new(1));
    let first = device.starts(&company, &line, &code).await;
    for _ in 0..4 {
        device.starts(&company, &line, &code).await;
    }

    assert_snapshot!(device.tries_to_start(&line, &code).await, @r#"429 {"code":"too_many_challenges","detail":"the registration did not begin: five challenges of this invitation wait for their answers; try again in five minutes"}"#);
    let answer = device.finish_form(&first, &alice);
    assert_eq!(line.post(FINISH, answer.to_string()).await.status, 200, "the first still counts");
}

#[tokio::test]
async fn challenges_that_nobody_answered_make_room() {
    let company = Company::new().await;
    let alice = company.person("alice").await;
    let (_, code) = company.invite(&alice).await;
    let (line, device) = (company.connect(1, None), Device::new(1));
    for _ in 0..5 {
        device.starts(&company, &line, &code).await;
    }

    wait(Duration::minutes(5));
    device.starts(&company, &line, &code).await;
}

#[tokio::test]
async fn an_expired_invitation_is_refused() {
    let company = Company::new().await;
    let alice = company.person("alice").await;
    let (_, code) = company.invite(&alice).await;

    wait(Duration::days(7));
    let refused = Device::new(1).tries_to_start(&company.connect(1, None), &code).await;
    assert_snapshot!(refused, @r#"409 {"code":"invitation_expired","detail":"the invitation was not accepted: its time is over; ask for another one"}"#);
}

#[tokio::test]
async fn an_invitation_that_expires_in_between_is_refused() {
    let company = Company::new().await;
    let alice = company.person("alice").await;
    let (_, code) = company.invite(&alice).await;
    let (line, device) = (company.connect(1, None), Device::new(1));
    wait(Duration::days(7) - Duration::minutes(1));
    let begun = device.starts(&company, &line, &code).await;

    wait(Duration::minutes(2));
    let refused = line.post(FINISH, device.finish_form(&begun, &alice).to_string()).await;
    assert_eq!(refused.code(), (409, "invitation_expired".into()));
}

#[tokio::test]
async fn an_invitation_revoked_in_between_is_refused() {
    let company = Company::new().await;
    let alice = company.person("alice").await;
    let (invitation, code) = company.invite(&alice).await;
    let (line, device) = (company.connect(1, None), Device::new(1));
    let begun = device.starts(&company, &line, &code).await;
    let revoked = company.operations.revoke_invitation(&company.admin, invitation.id).await;
    revoked.expect("the invitation is revoked");

    let refused = line.post(FINISH, device.finish_form(&begun, &alice).to_string()).await;
    assert_snapshot!(refused, @r#"409 {"code":"invitation_revoked","detail":"the invitation was not accepted: it was taken back; ask for another one"}"#);
    let refused = device.tries_to_start(&line, &code).await;
    assert_eq!(refused.code(), (409, "invitation_revoked".into()));
}

#[tokio::test]
async fn the_invitations_of_a_blocked_person_are_refused_until_they_are_unblocked() {
    let company = Company::new().await;
    let alice = company.person("alice").await;
    let (_, code) = company.invite(&alice).await;
    let (line, device) = (company.connect(1, None), Device::new(1));
    let begun = device.starts(&company, &line, &code).await;
    let reason = fleet::Reason::parse("on leave").expect("a reason");
    let blocked = company.operations.block_user(&company.admin, alice.user.id, reason).await;
    blocked.expect("the person is blocked");

    let refused = line.post(FINISH, device.finish_form(&begun, &alice).to_string()).await;
    assert_snapshot!(refused, @r#"409 {"code":"user_blocked","detail":"the registration did not begin: IT has blocked you; ask IT"}"#);
    let refused = device.tries_to_start(&line, &code).await;
    assert_eq!(refused.code(), (409, "user_blocked".into()));

    let unblocked = company.operations.unblock_user(&company.admin, alice.user.id).await;
    unblocked.expect("the person is unblocked");
    let begun = device.starts(&company, &line, &code).await;
    let granted = line.post(FINISH, device.finish_form(&begun, &alice).to_string()).await;
    assert_eq!(granted.status, 200, "{granted}");
}

#[tokio::test]
async fn a_person_without_a_certificate_is_refused() {
    let company = Company::new().await;
    let alice = company.person_without_certificate("alice").await;
    let (_, code) = company.invite(&alice).await;

    let refused = Device::new(1).tries_to_start(&company.connect(1, None), &code).await;
    assert_snapshot!(refused, @r#"409 {"code":"user_certificate_missing","detail":"the registration did not begin: no certificate is deposited for you; ask IT to deposit yours"}"#);
}

#[tokio::test]
async fn a_person_with_an_expired_certificate_is_refused() {
    let company = Company::new().await;
    let alice = company.person("alice").await;

    wait(Duration::days(30));
    let (_, code) = company.invite(&alice).await;
    let refused = Device::new(1).tries_to_start(&company.connect(1, None), &code).await;
    assert_snapshot!(refused, @r#"409 {"code":"user_certificate_expired","detail":"the registration did not begin: the certificate deposited for you has expired; ask IT to deposit your current one"}"#);
}

#[tokio::test]
async fn a_certificate_exchanged_in_between_is_refused() {
    let company = Company::new().await;
    let mut alice = company.person("alice").await;
    let (_, code) = company.invite(&alice).await;
    let (line, device) = (company.connect(1, None), Device::new(1));
    let begun = device.starts(&company, &line, &code).await;
    let answer = device.finish_form(&begun, &alice);
    alice.key = SoftwareKey::make_rsa(2048).expect("a key");
    alice.certificate = certificate_of(&alice.key, "alice@example.com");
    company.deposit(&alice).await;

    assert_snapshot!(line.post(FINISH, answer.to_string()).await, @r#"409 {"code":"user_certificate_changed","detail":"the device was not registered: another certificate was deposited for you meanwhile; begin again with that one"}"#);
}

#[tokio::test]
async fn the_licence_is_not_exceeded() {
    let company = Company::with_licence(1).await;
    let alice = company.person("alice").await;
    let ((_, one), (_, other)) = (company.invite(&alice).await, company.invite(&alice).await);
    let (line, device, late) = (company.connect(1, None), Device::new(1), Device::new(2));
    let begun = device.starts(&company, &line, &one).await;
    let begun_late = late.starts(&company, &line, &other).await;
    let answers = [device.finish_form(&begun, &alice), late.finish_form(&begun_late, &alice)];

    let answers = answers.map(|answer| line.post(FINISH, answer.to_string()));
    let [a, b] = answers;
    let (a, b) = tokio::join!(a, b);
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{a} {b}");
    let (_, code) = company.invite(&alice).await;
    assert_snapshot!(Device::new(3).tries_to_start(&line, &code).await, @r#"409 {"code":"licence_exhausted","detail":"the device was not taken into service: all 1 licensed devices are in use; retire one that is no longer needed, or extend the licence"}"#);
}

#[tokio::test]
async fn twenty_devices_at_once_share_ten_licences() {
    let company = Company::with_licence(10).await;
    let alice = company.person("alice").await;
    let mut answers = Vec::new();
    for number in 1..=20 {
        let (_, code) = company.invite(&alice).await;
        let (line, device) = (company.connect(number, None), Device::new(number));
        let begun = device.starts(&company, &line, &code).await;
        answers.push((line, device.finish_form(&begun, &alice).to_string()));
    }

    let answers = answers.iter().map(|(line, answer)| line.post(FINISH, answer.clone()));
    let answers = futures_util::future::join_all(answers).await;

    let granted = answers.iter().filter(|answer| answer.status == 200).count();
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status != 200).collect();
    assert_eq!((granted, refused.len()), (10, 10));
    assert!(refused.iter().all(|answer| answer.code() == (409, "licence_exhausted".into())));
    assert_eq!(company.operations.figures().await.expect("figures").licensed_in_use, 10);
}

#[tokio::test]
async fn two_devices_at_once_do_not_both_register() {
    let company = Company::new().await;
    let alice = company.person("alice").await;
    let (_, code) = company.invite(&alice).await;
    let devices = [Device::new(1), Device::new(2)];
    let lines = [company.connect(1, None), company.connect(2, None)];
    let begun = [
        devices[0].starts(&company, &lines[0], &code).await,
        devices[1].starts(&company, &lines[1], &code).await,
    ];

    let (a, b) = tokio::join!(
        lines[0].post(FINISH, devices[0].finish_form(&begun[0], &alice).to_string()),
        lines[1].post(FINISH, devices[1].finish_form(&begun[1], &alice).to_string()),
    );
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{a} {b}");
}

#[tokio::test]
async fn an_answer_sent_twice_at_once_registers_once() {
    let company = Company::new().await;
    let alice = company.person("alice").await;
    let (_, code) = company.invite(&alice).await;
    let (line, device) = (company.connect(1, None), Device::new(1));
    let begun = device.starts(&company, &line, &code).await;
    let answer = device.finish_form(&begun, &alice).to_string();

    let (a, b) = tokio::join!(line.post(FINISH, answer.clone()), line.post(FINISH, answer.clone()));
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 403], "{a} {b}");
}

#[tokio::test]
async fn an_identifier_belongs_to_one_device() {
    let company = Company::new().await;
    let alice = company.person("alice").await;
    let line = company.connect(1, None);
    Device::new(1).registers(&company, &line, &alice).await;
    let (_, code) = company.invite(&alice).await;
    let twin = Device::new(1);
    let begun = twin.starts(&company, &line, &code).await;
    let answer = twin.finish_form(&begun, &alice).to_string();

    assert_snapshot!(line.post(FINISH, answer.clone()).await, @r#"409 {"code":"eas_id_taken","detail":"the device was not registered: another device has its ActiveSync identifier; begin again with another one"}"#);
    let again = line.post(FINISH, answer).await;
    assert_eq!(again.code(), (403, "unknown_challenge".into()), "the challenge is spent");
    let other = Device::new(2);
    let begun = other.starts(&company, &line, &code).await;
    let granted = line.post(FINISH, other.finish_form(&begun, &alice).to_string()).await;
    assert_eq!(granted.status, 200, "{granted}");
}

#[tokio::test]
async fn requests_for_certificates_are_checked() {
    let company = Company::new().await;
    let alice = company.person("alice").await;
    let (_, code) = company.invite(&alice).await;
    let (line, device) = (company.connect(1, None), Device::new(1));
    let mut form = device.start_form(&code);

    let rsa = SoftwareKey::make_rsa(2048).expect("a key");
    let rsa = make_request(&Subject::new("x"), &rsa).expect("a request");
    form["csr"] = BASE64.encode(&rsa).into();
    assert_snapshot!(line.post(START, form.to_string()).await, @r#"400 {"code":"device_key_unsuitable","detail":"the registration did not begin: the key in the certificate request is not on P-256; update the app"}"#);

    let mut forged = binary(&device.start_form(&code)["csr"]);
    *forged.last_mut().expect("bytes") ^= 1;
    form["csr"] = BASE64.encode(&forged).into();
    assert_snapshot!(line.post(START, form.to_string()).await, @r#"400 {"code":"csr_unproven","detail":"the registration did not begin: the certificate request is damaged or not signed by its own key; update the app"}"#);
}

#[tokio::test]
async fn malformed_requests_are_refused() {
    let company = Company::new().await;
    let alice = company.person("alice").await;
    let (_, code) = company.invite(&alice).await;
    let (line, device) = (company.connect(1, None), Device::new(1));
    let good = device.start_form(&code);

    assert_snapshot!(line.post(START, "").await, @r#"400 {"code":"malformed_request","detail":"the request was not understood: EOF while parsing a value at line 1 column 0; update the app"}"#);
    for (place, value) in [
        ("/nonce", json!("AAAA")),
        ("/nonce", json!("?")),
        ("/csr", json!("?")),
        ("/code", json!(7)),
        ("/device", json!(null)),
        ("/device/model", json!(null)),
        ("/device/extra", json!(null)),
    ] {
        let mut bad = good.clone();
        match bad.pointer_mut(place) {
            Some(found) => *found = value,
            None => bad["device"]["extra"] = value,
        }
        let refused = line.post(START, bad.to_string()).await;
        assert_eq!(refused.code(), (400, "malformed_request".into()), "{place}");
    }
    for (place, value, code) in [
        ("/eas_id", "a-b", "not_an_eas_id"),
        ("/device/model", "", "text_empty"),
        ("/device/system", "a\nb", "text_control"),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(place).expect("the field is there") = value.into();
        let refused = line.post(START, bad.to_string()).await;
        assert_eq!(refused.code(), (400, code.into()), "{place}");
    }
    let next = company.connect(2, None);
    assert_eq!(next.post(FINISH, "{}").await.code(), (400, "malformed_request".into()));
    let proof = BASE64.encode(&hmac(b"", b""));
    let unknown = json!({
        "registration": "01890a5d-ac96-774b-bcce-b302099a8057", "proof": proof, "signature": "",
    });
    let refused = next.post(FINISH, unknown.to_string()).await;
    assert_eq!(refused.code(), (403, "unknown_challenge".into()));
    let huge = format!("{{\"code\":\"{}\"}}", "A".repeat(100_000));
    assert_eq!(next.post(START, huge).await.code(), (400, "malformed_request".into()));
}

#[tokio::test]
async fn failures_at_once_are_not_more_than_one_after_the_other() {
    let company = Company::new().await;
    let line = company.connect(1, None);
    let form = Device::new(1).start_form(&"a".repeat(26)).to_string();
    let attempts = (0..100).map(|_| line.post(START, form.clone()));
    let answers = futures_util::future::join_all(attempts).await;

    let looked_at = answers.iter().filter(|answer| answer.status != 429).count();
    assert_eq!(looked_at, 20);
}

#[tokio::test]
async fn many_may_register_from_one_address() {
    let company = Company::with_licence(30).await;
    let alice = company.person("alice").await;
    let line = company.connect(1, None);
    for number in 1..=25 {
        Device::new(number).registers(&company, &line, &alice).await;
    }
}

#[tokio::test]
async fn an_address_that_fails_too_often_has_to_wait() {
    let company = Company::new().await;
    let alice = company.person("alice").await;
    let line = company.connect(1, None);
    for _ in 0..20 {
        assert_eq!(line.post(START, "").await.status, 400);
    }

    assert_snapshot!(line.post(START, "").await, @r#"429 {"code":"too_many_failures","detail":"too many registrations failed from this address; try again in a minute"}"#);
    Device::new(1).registers(&company, &company.connect(2, None), &alice).await;
    wait(Duration::MINUTE);
    Device::new(2).registers(&company, &line, &alice).await;
}

#[tokio::test]
async fn the_code_is_stored_nowhere() {
    let company = Company::new().await;
    let alice = company.person("alice").await;
    let (_, code) = company.invite(&alice).await;
    let (line, device) = (company.connect(1, None), Device::new(1));
    device.starts(&company, &line, &code).await;

    let stored = company.everything_stored();
    assert!(stored.contains("alice@example.com"), "the search would find something");
    assert!(!stored.to_uppercase().contains(&code));
}

#[tokio::test]
async fn the_secret_of_a_challenge_is_stored_nowhere() {
    let company = Company::new().await;
    let alice = company.person("alice").await;
    let (_, code) = company.invite(&alice).await;
    let (line, device) = (company.connect(1, None), Device::new(1));
    let begun = device.starts(&company, &line, &code).await;
    let id = begun.registration.parse().expect("an id");

    let attempt = company.store.attempt(id).await.expect("a read").expect("an attempt");
    let stored = String::from_utf8(attempt.data).expect("text");
    let answer = device.finish_form(&begun, &alice);
    assert!(stored.contains(&device.eas_id), "the search would find something");
    assert!(!stored.contains(&BASE64.encode(&begun.secret(&alice))));
    assert!(!stored.contains(answer["proof"].as_str().expect("a proof")));
}

#[tokio::test]
async fn the_authority_is_there_for_everybody() {
    let company = Company::new().await;

    let answer = company.connect(1, None).get("/app/v1/authority").await;
    let certificate = company.operations.authority().issuer().certificate();
    assert_eq!(binary(&answer.json()["certificate"]), certificate.as_der());
}
