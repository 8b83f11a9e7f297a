use super::*;
use crate::device::{Device, DeviceCertificate, State};
use crate::invitation::{self, Fate, Invitation, RedeemRefusal, Validity, invite};
use crate::licence::{Licence, LicenceExhausted};
use crate::user::{Addresses, Block, OwnerBlocked, User, UserCertificate, UserFacts};
use crate::{GroupId, Login, MailAddress, Refusal as _, RefusalKind, UserId};
use time::macros::datetime;

const NOW: OffsetDateTime = datetime!(2027-03-01 12:00:00 UTC);

#[test]
fn nothing_stands_in_the_way_of_an_open_invitation() {
    let people = People::new();

    let certificate = begin(people.situation(), NOW).unwrap();
    assert_eq!(certificate.fingerprint, [7; 32]);
}

#[test]
fn each_obstacle_is_named() {
    check_begin(
        |people| people.invitation.wrong_answers = 5,
        Err(BeginRefusal::Invitation(RedeemRefusal::Closed)),
    );
    check_begin(|people| people.invitation.wrong_answers = 4, Ok(()));
    check_begin(|people| people.open = 5, Err(BeginRefusal::TooManyChallenges));
    check_begin(|people| people.open = 4, Ok(()));
    check_begin(
        |people| people.in_use = 10,
        Err(BeginRefusal::Licence(LicenceExhausted { devices: 10 })),
    );
    check_begin(
        |people| people.invitation.expires_at = NOW,
        Err(BeginRefusal::Invitation(RedeemRefusal::Expired)),
    );
    check_begin(
        |people| people.invitation.fate = Fate::Used { at: NOW },
        Err(BeginRefusal::Invitation(RedeemRefusal::Used)),
    );
    check_begin(
        |people| people.invitation.fate = Fate::Revoked { at: NOW },
        Err(BeginRefusal::Invitation(RedeemRefusal::Revoked)),
    );
    check_begin(
        |people| people.device.as_mut().expect("a device").state = State::Registered,
        Err(BeginRefusal::Invitation(RedeemRefusal::Used)),
    );
    check_begin(
        |people| {
            let reason = crate::Reason::parse("left").expect("a reason");
            people.user.block = Some(Block { reason, by: "anna".into(), since: NOW });
        },
        Err(BeginRefusal::Owner(OwnerBlocked)),
    );
    check_begin(
        |people| people.device = None,
        Err(BeginRefusal::Invitation(RedeemRefusal::Revoked)),
    );
}

#[test]
fn the_persons_certificate_must_be_there_and_valid() {
    check_begin(|people| people.user.certificate = None, Err(BeginRefusal::CertificateMissing));
    check_begin(
        |people| people.certificate().not_after = NOW,
        Err(BeginRefusal::CertificateExpired),
    );
    check_begin(
        |people| people.certificate().not_before = NOW + Duration::SECOND,
        Err(BeginRefusal::CertificateNotYetValid),
    );
    check_begin(|people| people.revoked = true, Err(BeginRefusal::CertificateRevoked));
}

#[test]
fn what_will_be_refused_is_warned_of_with_the_same_code() {
    let check = |change: fn(&mut People), expected: Option<&str>| {
        let mut people = People::new();
        change(&mut people);
        let warned = invitation::warning(&people.user, NOW).map(invitation::Warning::code);
        let refused = begin(people.situation(), NOW).err().map(|refusal| refusal.code());

        assert_eq!((warned, refused), (expected, expected));
    };

    check(|_| {}, None);
    check(|people| people.user.certificate = None, Some("user_certificate_missing"));
    check(|people| people.certificate().not_after = NOW, Some("user_certificate_expired"));
    check(
        |people| people.certificate().not_before = NOW + Duration::SECOND,
        Some("user_certificate_not_yet_valid"),
    );
}

#[test]
fn an_answer_must_fit_in_every_way() {
    let end = NOW + CHALLENGE_LIFE;
    let fits = Signature::Fits;
    check_answer([1; 32], b"proof", fits, NOW, Ok(()));
    check_answer([1; 32], b"proof", fits, end - Duration::MILLISECOND, Ok(()));
    check_answer([1; 32], b"proof", fits, end, Err(JudgeRefusal::Expired));
    check_answer([2; 32], b"proof", fits, NOW, Err(JudgeRefusal::OtherConnection));
    check_answer([1; 32], b"", fits, NOW, Err(JudgeRefusal::WrongAnswer));
    check_answer([1; 32], b"proof", Signature::Wrong, NOW, Err(JudgeRefusal::WrongDeviceKey));
}

#[test]
fn only_answers_that_somebody_tried_count_as_failures() {
    assert!(JudgeRefusal::WrongAnswer.is_failure());
    assert!(JudgeRefusal::WrongDeviceKey.is_failure());
    assert!(JudgeRefusal::OtherConnection.is_failure());
    assert!(!JudgeRefusal::Expired.is_failure());
    assert!(!JudgeRefusal::UnknownChallenge.is_failure());
}

#[test]
fn a_right_answer_registers_the_device_and_uses_the_invitation_up() {
    let people = People::new();

    let done = complete(people.situation(), &challenge(), certificate(), NOW).unwrap();
    assert_eq!(done.invitation.fate, Fate::Used { at: NOW });
    assert_eq!(done.device.state, State::Registered);
    assert_eq!(done.device.eas_id, Some(challenge().facts.eas_id));
    assert_eq!(done.device.certificate, Some(certificate()));
    assert_eq!(done.device.name.as_str(), "Alice's laptop");
    assert_eq!(done.device.registered_at, Some(NOW));
}

#[test]
fn what_changed_in_between_is_noticed() {
    let mut people = People::new();
    people.certificate().fingerprint = [8; 32];
    let refused = complete(people.situation(), &challenge(), certificate(), NOW);
    assert_eq!(refused, Err(CompleteRefusal::CertificateChanged));

    let mut people = People::new();
    people.invitation.fate = Fate::Revoked { at: NOW };
    let refused = complete(people.situation(), &challenge(), certificate(), NOW).unwrap_err();
    assert_eq!((refused.code(), refused.kind()), ("invitation_revoked", RefusalKind::Conflict));

    let mut people = People::new();
    people.in_use = 10;
    let refused = complete(people.situation(), &challenge(), certificate(), NOW).unwrap_err();
    assert_eq!(refused.code(), "licence_exhausted");
}

#[test]
fn others_that_are_open_do_not_hold_back_a_right_answer() {
    let mut people = People::new();
    people.open = MOST_OPEN;

    assert!(complete(people.situation(), &challenge(), certificate(), NOW).is_ok());
}

#[test]
fn facts_have_bounds() {
    let id = "0123456789abcdef0123456789abcdef";

    assert!(Facts::parse(None, "ThinkPad", "Debian 12", "0.1.0", id).is_ok());
    for (name, model, eas_id, code) in [
        (Some(""), "m", id, "text_empty"),
        (None, "", id, "text_empty"),
        (None, "a\nb", id, "text_control"),
        (None, "m", "not an id", "not_an_eas_id"),
    ] {
        let refused = Facts::parse(name, model, "s", "v", eas_id).unwrap_err();
        assert_eq!(refused.code(), code, "{name:?} {model:?} {eas_id:?}");
    }
    let long = "x".repeat(121);
    assert_eq!(Facts::parse(None, &long, "s", "v", id).unwrap_err().code(), "text_too_long");
}

#[track_caller]
fn check_begin(change: impl FnOnce(&mut People), expected: Result<(), BeginRefusal>) {
    let mut people = People::new();
    change(&mut people);

    assert_eq!(begin(people.situation(), NOW).map(|_| ()), expected);
}

#[track_caller]
fn check_answer(
    exporter: [u8; 32],
    proof: &[u8],
    signature: Signature,
    now: OffsetDateTime,
    expected: Result<(), JudgeRefusal>,
) {
    let answer = Answer { exporter: &exporter, proof, signature };

    assert_eq!(judge(&challenge(), answer, now), expected);
}

/// Alice, who was invited and has a certificate, and the figures of the moment.
struct People {
    invitation: Invitation,
    device: Option<Device>,
    user: User,
    open: u64,
    in_use: u64,
    revoked: bool,
}

impl People {
    fn new() -> Self {
        let (id, user, device) = (ids().0, UserId(Uuid::from_u128(2)), ids().1);
        let invitation = invite(id, user, device, "anna".into(), Validity::default(), NOW);
        let address = MailAddress::parse("alice@example.com").expect("an address");
        let facts = UserFacts {
            login: Login::parse("alice").expect("a login"),
            name: Name::parse("Alice").expect("a name"),
            addresses: Addresses::parse([address]).expect("addresses"),
            group: GroupId(Uuid::from_u128(4)),
        };
        let certificate = UserCertificate {
            der: vec![1],
            fingerprint: [7; 32],
            subject: "CN=Alice".into(),
            addresses: vec!["alice@example.com".into()],
            not_before: NOW - Duration::DAY,
            not_after: NOW + Duration::DAY,
        };
        let person = User { certificate: Some(certificate), ..User::new(user, facts) };
        let name = Name::parse("Invited").expect("a name");
        let device = Some(Device::invited(device, user, name, NOW));

        Self { invitation, device, user: person, open: 0, in_use: 9, revoked: false }
    }

    fn situation(&self) -> Situation<'_> {
        Situation {
            invitation: &self.invitation,
            device: self.device.as_ref(),
            user: &self.user,
            open: self.open,
            licence: Licence { devices: 10 },
            in_use: self.in_use,
            revoked: self.revoked,
        }
    }

    fn certificate(&mut self) -> &mut UserCertificate {
        self.user.certificate.as_mut().expect("alice has a certificate")
    }
}

fn challenge() -> Challenge {
    let id = "0123456789abcdef0123456789abcdef";
    let name = Some("Alice's laptop");

    Challenge {
        id: Uuid::from_u128(9),
        invitation: ids().0,
        device: ids().1,
        exporter: [1; 32],
        transcript: Transcript::start(&[1; 32], b"body"),
        proof: ProofDigest::of(b"proof"),
        request: vec![2],
        facts: Facts::parse(name, "ThinkPad", "Debian 12", "0.1.0", id).expect("facts"),
        certificate: [7; 32],
        expires_at: NOW + CHALLENGE_LIFE,
    }
}

fn certificate() -> DeviceCertificate {
    DeviceCertificate {
        fingerprint: [3; 32],
        serial: "01".into(),
        not_after: NOW + Duration::days(730),
    }
}

fn ids() -> (InvitationId, DeviceId) {
    (InvitationId(Uuid::from_u128(1)), DeviceId(Uuid::from_u128(3)))
}
