use activesync::query::{Command, Version};
use uuid::Uuid;

use super::*;
use crate::device::{Device, State, WipeOrder};
use crate::{DeviceId, EasId, Name, Reason, UserId, user};
use time::OffsetDateTime;

const OWN: [u8; 32] = [1; 32];
const FOREIGN: [u8; 32] = [2; 32];
const UNIX_EPOCH: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

#[test]
fn a_managed_device_of_its_owner_is_allowed() {
    check(facts(), Some(phone()), "allow managed-device standing: managed");
    check(certified(facts(), OWN), Some(app()), "allow managed-device standing: managed");
}

#[test]
fn while_certificates_are_exchanged_both_are_good() {
    let app = DeviceAccess { certificates: vec![OWN, [3; 32]], ..phone() };
    for shown in [OWN, [3; 32]] {
        let facts = certified(facts(), shown);
        check(facts.clone(), Some(app.clone()), "allow managed-device standing: managed");
        assert_eq!(
            selected(&facts, &[phone(), DeviceAccess { device: id(8), ..app.clone() }]),
            Some(id(8))
        );
    }
    check(
        certified(facts(), FOREIGN),
        Some(app),
        "Device certificate-of-another certificate: not that of the device",
    );
}

#[test]
fn nothing_is_decided_by_old_knowledge() {
    check_feed(Feed::Lost, "Unavailable feed-lost feed: no sign of life");
    check_feed(Feed::NotStarted, "Unavailable feed-lost feed: no snapshot yet");
}

#[test]
fn what_cannot_be_read_is_refused_whoever_sent_it() {
    let asks = Asks::Malformed { status: 400, what: "DeviceId is there twice".into() };
    let facts = RequestFacts { asks, ..certified(facts(), OWN) };
    check(
        facts,
        Some(app()),
        "Malformed { status: 400 } malformed-request request: DeviceId is there twice",
    );
}

#[test]
fn a_sign_in_of_the_connection_is_refused() {
    let facts = RequestFacts { sign_in: SignIn::Other, ..certified(facts(), OWN) };
    check(facts, Some(app()), "User sign-in-scheme sign-in: neither Basic nor Bearer");
}

#[test]
fn a_device_that_nobody_registered_is_refused() {
    check(facts(), None, "Device unknown-device device: identifier not registered");
}

#[test]
fn each_standing_but_managed_is_refused() {
    for (standing, expected) in [
        (Standing::Blocked { reason: "lost".into() }, "Device device-blocked standing: blocked"),
        (
            Standing::OwnerBlocked { reason: "left".into() },
            "User owner-blocked standing: owner blocked",
        ),
        (Standing::Wiped, "Device device-wiped standing: wiped"),
        (Standing::Retired, "Device device-retired standing: retired"),
    ] {
        check(facts(), Some(DeviceAccess { standing: standing.clone(), ..phone() }), expected);
        check(certified(facts(), OWN), Some(DeviceAccess { standing, ..app() }), expected);
    }
}

#[test]
fn a_device_with_a_certificate_must_show_that_one() {
    check(
        facts(),
        Some(app()),
        "Device certificate-missing certificate: none shown, the device has one",
    );
    let foreign = certified(facts(), FOREIGN);
    check(
        foreign.clone(),
        Some(app()),
        "Device certificate-of-another certificate: not that of the device",
    );
    check(
        foreign,
        Some(phone()),
        "Device certificate-of-another certificate: one shown, the device has none",
    );
}

#[test]
fn both_user_names_must_be_the_owners() {
    let query = RequestFacts { query_user: Some("bob".into()), ..facts() };
    check(
        query,
        Some(phone()),
        "User user-of-another-device query user: not a name of the device's owner",
    );
    let sign_in = RequestFacts { sign_in: SignIn::Basic { user: "bob".into() }, ..facts() };
    check(
        sign_in,
        Some(phone()),
        "User user-of-another-device sign-in user: not a name of the device's owner",
    );
    let app_too =
        RequestFacts { sign_in: SignIn::Basic { user: "bob".into() }, ..certified(facts(), OWN) };
    check(
        app_too,
        Some(app()),
        "User user-of-another-device sign-in user: not a name of the device's owner",
    );
}

#[test]
fn a_name_that_is_not_there_contradicts_nothing() {
    let facts = RequestFacts { query_user: None, sign_in: SignIn::Missing, ..facts() };
    check(facts, Some(phone()), "allow managed-device standing: managed");
}

#[test]
fn a_token_counts_only_with_a_certificate() {
    let token = RequestFacts { sign_in: SignIn::Bearer, ..facts() };
    check(
        token.clone(),
        Some(phone()),
        "User sign-in-unreadable sign-in: token from a device without certificate",
    );
    check(certified(token, OWN), Some(app()), "allow managed-device standing: managed");
}

#[test]
fn options_with_a_password_needs_a_device() {
    let options = RequestFacts { asks: Asks::Options, query_user: None, ..facts() };
    check(options.clone(), Some(phone()), "allow managed-device standing: managed");
    check(certified(options.clone(), OWN), Some(app()), "allow managed-device standing: managed");
    check(
        options.clone(),
        None,
        "Device unknown-device device: user owns no device without certificate",
    );
    check(
        certified(options.clone(), OWN),
        None,
        "Device unknown-device device: certificate not registered",
    );
    let blocked = DeviceAccess { standing: Standing::Blocked { reason: String::new() }, ..app() };
    check(certified(options, OWN), Some(blocked), "Device device-blocked standing: blocked");
}

#[test]
fn options_without_a_password_shows_nothing() {
    for sign_in in [SignIn::Missing, SignIn::Bearer] {
        let options = RequestFacts { asks: Asks::Options, query_user: None, sign_in, ..facts() };
        check(options.clone(), None, "allow options-without-password sign-in: no password");
        check(
            certified(options, OWN),
            None,
            "Device unknown-device device: certificate not registered",
        );
    }
}

#[test]
fn of_several_records_the_one_that_fits_is_meant() {
    let bobs = DeviceAccess { owner_names: vec!["bob".into()], device: id(7), ..phone() };
    let with_certificate = DeviceAccess { device: id(8), ..app() };
    assert_eq!(selected(&facts(), &[bobs.clone(), phone(), with_certificate.clone()]), Some(id(1)));
    assert_eq!(
        selected(&certified(facts(), OWN), &[bobs.clone(), phone(), with_certificate]),
        Some(id(8))
    );
    assert_eq!(selected(&facts(), &[bobs]), Some(id(7)));
    assert_eq!(selected(&facts(), &[]), None);
}

#[test]
fn among_fitting_records_a_block_counts_more_and_a_retired_one_least() {
    let blocked = DeviceAccess {
        standing: Standing::Blocked { reason: String::new() },
        device: id(7),
        ..phone()
    };
    let wiped = DeviceAccess { standing: Standing::Wiped, device: id(8), ..phone() };
    let retired = DeviceAccess { standing: Standing::Retired, device: id(9), ..phone() };
    assert_eq!(
        selected(&facts(), &[retired.clone(), phone(), wiped.clone(), blocked]),
        Some(id(7))
    );
    assert_eq!(selected(&facts(), &[retired.clone(), phone(), wiped]), Some(id(8)));
    assert_eq!(selected(&facts(), &[retired.clone(), phone()]), Some(id(1)));
    assert_eq!(selected(&facts(), &[retired]), Some(id(9)));
}

#[test]
fn for_options_one_managed_device_is_enough() {
    let blocked = DeviceAccess {
        standing: Standing::Blocked { reason: String::new() },
        device: id(7),
        ..phone()
    };
    let options = RequestFacts { asks: Asks::Options, query_user: None, ..facts() };
    assert_eq!(selected(&options, &[blocked.clone(), phone()]), Some(id(1)));
    assert_eq!(selected(&options, &[blocked]), Some(id(7)));
}

#[test]
fn the_block_of_a_person_holds_for_devices_in_service() {
    let reason = |text| Reason::parse(text).unwrap();
    let block = user::Block { reason: reason("left"), by: "x".into(), since: UNIX_EPOCH };
    let (user, name) = (UserId(Uuid::from_u128(1)), Name::parse("Phone").unwrap());
    let device = Device::native(id(1), user, name, EasId::parse("p1").unwrap(), UNIX_EPOCH);
    let standing = |state, owner| {
        let device = Device { state, ..device.clone() };
        Standing::of(&device, owner).map(|standing| format!("{standing:?}"))
    };
    let own = || State::Blocked { reason: reason("lost"), since: UNIX_EPOCH };
    let wiped =
        || State::Wiped { order: WipeOrder::Data, ordered_at: UNIX_EPOCH, confirmed_at: None };
    let retired = || State::Retired { since: UNIX_EPOCH };
    let lost = r#"Blocked { reason: "lost" }"#;

    for (state, alone, with_block) in [
        (State::Registered, Some("Managed"), Some(r#"OwnerBlocked { reason: "left" }"#)),
        (own(), Some(lost), Some(lost)),
        (wiped(), Some("Wiped"), Some("Wiped")),
        (retired(), Some("Retired"), Some("Retired")),
        (State::Invited, None, None),
    ] {
        assert_eq!(standing(state.clone(), None).as_deref(), alone, "{state:?}");
        assert_eq!(standing(state.clone(), Some(&block)).as_deref(), with_block, "{state:?}");
    }
}

#[test]
fn no_two_rules_have_the_same_name() {
    let mut names: Vec<_> = RULES.iter().map(|rule| rule.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), RULES.len());
}

#[track_caller]
fn check(facts: RequestFacts, device: Option<DeviceAccess>, expected: &str) {
    assert_eq!(shown(&decide(&facts, Feed::Current, device.as_ref())), expected);
}

#[track_caller]
fn check_feed(feed: Feed, expected: &str) {
    assert_eq!(shown(&decide(&facts(), feed, Some(&phone()))), expected);
}

fn shown(decision: &Decision) -> String {
    let verdict = match decision.verdict {
        Verdict::Allow => "allow".to_owned(),
        Verdict::Refuse(refusal) => format!("{refusal:?}"),
    };
    format!("{verdict} {} {}", decision.rule, decision.fact)
}

fn selected(facts: &RequestFacts, candidates: &[DeviceAccess]) -> Option<DeviceId> {
    select(facts, candidates).map(|device| device.device)
}

/// A Sync of alice's phone, signed in with her password.
fn facts() -> RequestFacts {
    RequestFacts {
        asks: Asks::Command {
            command: Command::Sync,
            version: Version::V16_1,
            eas_id: "phone1".into(),
            device_type: "iPhone".into(),
        },
        query_user: Some("alice".into()),
        sign_in: SignIn::Basic { user: "EXAMPLE\\Alice".into() },
        certificate: None,
        user_agent: None,
        peer: ([127, 0, 0, 1], 50_000).into(),
    }
}

fn certified(facts: RequestFacts, certificate: [u8; 32]) -> RequestFacts {
    RequestFacts { certificate: Some(certificate), ..facts }
}

/// Alice's phone, whose mail client has no certificate.
fn phone() -> DeviceAccess {
    DeviceAccess {
        device: id(1),
        eas_id: "phone1".into(),
        owner_names: vec!["alice".into(), "alice@example.org".into()],
        standing: Standing::Managed,
        certificates: Vec::new(),
    }
}

/// Alice's app, which has a certificate.
fn app() -> DeviceAccess {
    DeviceAccess { certificates: vec![OWN], ..phone() }
}

fn id(number: u128) -> DeviceId {
    DeviceId(Uuid::from_u128(number))
}
