use super::*;
use crate::{DeviceId, EasId, Name, Reason, Refusal, UserId};
use insta::assert_snapshot;
use time::Duration;
use time::macros::datetime;
use uuid::Uuid;

#[test]
fn blocking() {
    check(
        |device| block(device, reason(), NOW),
        &[
            (State::Invited, "not_registered"),
            (State::Registered, "blocked"),
            (blocked(), "already_blocked"),
            (wiped(WipeOrder::Data), "wiped"),
            (retired(), "retired"),
        ],
    );
}

#[test]
fn unblocking() {
    check(
        unblock,
        &[
            (State::Invited, "not_blocked"),
            (State::Registered, "not_blocked"),
            (blocked(), "registered"),
            (wiped(WipeOrder::Data), "wiped"),
            (retired(), "retired"),
        ],
    );
}

#[test]
fn wiping_the_key() {
    check(
        |device| wipe(device, WipeOrder::Key, NOW),
        &[
            (State::Invited, "not_registered"),
            (State::Registered, "wiped"),
            (blocked(), "wiped"),
            (wiped(WipeOrder::Key), "already_ordered"),
            (wiped(WipeOrder::Data), "already_ordered"),
            (retired(), "retired"),
        ],
    );
}

#[test]
fn wiping_the_data() {
    check(
        |device| wipe(device, WipeOrder::Data, NOW),
        &[
            (State::Invited, "not_registered"),
            (State::Registered, "wiped"),
            (blocked(), "wiped"),
            (wiped(WipeOrder::Key), "wiped"),
            (confirmed(WipeOrder::Key), "wiped"),
            (wiped(WipeOrder::Data), "already_ordered"),
            (retired(), "retired"),
        ],
    );
}

#[test]
fn a_further_order_waits_for_its_own_confirmation() {
    let device = wipe(device(confirmed(WipeOrder::Key)), WipeOrder::Data, LATER).unwrap();

    let state = State::Wiped { order: WipeOrder::Data, ordered_at: LATER, confirmed_at: None };
    assert_eq!(device.state, state);
}

#[test]
fn confirming_that_the_key_is_wiped() {
    check(
        |device| confirm_wipe(device, WipeOrder::Key, NOW),
        &[
            (State::Invited, "not_ordered"),
            (State::Registered, "not_ordered"),
            (blocked(), "not_ordered"),
            (wiped(WipeOrder::Key), "wiped"),
            (wiped(WipeOrder::Data), "more_ordered"),
            (confirmed(WipeOrder::Key), "already_confirmed"),
            (retired(), "not_ordered"),
        ],
    );
}

#[test]
fn confirming_that_the_data_is_wiped() {
    check(
        |device| confirm_wipe(device, WipeOrder::Data, NOW),
        &[
            (State::Registered, "not_ordered"),
            (wiped(WipeOrder::Key), "wiped"),
            (wiped(WipeOrder::Data), "wiped"),
            (confirmed(WipeOrder::Data), "already_confirmed"),
        ],
    );
}

#[test]
fn a_confirmation_keeps_the_order() {
    let device = confirm_wipe(device(wiped(WipeOrder::Data)), WipeOrder::Data, LATER).unwrap();

    let (order, confirmed_at) = (WipeOrder::Data, Some(LATER));
    assert_eq!(device.state, State::Wiped { order, ordered_at: NOW, confirmed_at });
}

#[test]
fn retiring() {
    check(
        |device| retire(device, OpenWipe::Keep, NOW),
        &[
            (State::Invited, "not_registered"),
            (State::Registered, "retired"),
            (blocked(), "retired"),
            (wiped(WipeOrder::Key), "wipe_unconfirmed"),
            (wiped(WipeOrder::Data), "wipe_unconfirmed"),
            (confirmed(WipeOrder::Data), "retired"),
            (retired(), "already_retired"),
        ],
    );
}

#[test]
fn retiring_what_will_never_wipe() {
    check(
        |device| retire(device, OpenWipe::GiveUp, NOW),
        &[
            (State::Invited, "not_registered"),
            (State::Registered, "retired"),
            (wiped(WipeOrder::Data), "retired"),
            (confirmed(WipeOrder::Data), "retired"),
            (retired(), "already_retired"),
        ],
    );
}

#[test]
fn a_retired_device_has_no_certificate() {
    assert_eq!(retire(device(State::Registered), OpenWipe::Keep, NOW).unwrap().certificate, None);
}

#[test]
fn renewing() {
    check(
        |device| may_renew(&device, None, NEAR_THE_END).map(|()| device),
        &[
            (State::Invited, "not_in_service"),
            (State::Registered, "registered"),
            (blocked(), "not_in_service"),
            (wiped(WipeOrder::Key), "not_in_service"),
            (retired(), "not_in_service"),
        ],
    );
}

#[test]
fn a_certificate_is_exchanged_near_its_end_and_the_next_counts_once_it_was_used() {
    let device = device(State::Registered);
    let next = |number| certificate(number, Duration::days(730));
    let early = may_renew(&device, None, NOW + Duration::days(120));
    assert_eq!(early, Err(RenewRefusal::NotDue));

    assert_eq!(may_renew(&device, None, NEAR_THE_END), Ok(()));
    let renewed = renew(device.clone(), next(8));

    assert_eq!(renewed.certificate, device.certificate, "the answer may be lost");
    let again = |ago| may_renew(&renewed, Some(NEAR_THE_END - ago), NEAR_THE_END);
    assert_eq!(again(Duration::minutes(59)), Err(RenewRefusal::TooSoon));
    assert_eq!(again(Duration::hours(1)), Ok(()));
    assert_eq!(again(Duration::days(-3)), Ok(()), "the clock was wrong");
    let lost = renew(renewed.clone(), next(9));
    assert_eq!(lost.next_certificate, Some(next(9)));
    let used = take_next_certificate(renewed);
    assert_eq!((used.certificate, used.next_certificate), (Some(next(8)), None));
    assert_eq!(take_next_certificate(device.clone()), device);
    let retired = retire(lost, OpenWipe::Keep, NOW).unwrap();
    assert_eq!((retired.certificate, retired.next_certificate), (None, None));
}

#[test]
fn registering() {
    check(
        |device| register(device, registration(), NOW),
        &[
            (State::Invited, "registered"),
            (State::Registered, "not_invited"),
            (blocked(), "not_invited"),
            (wiped(WipeOrder::Key), "not_invited"),
            (retired(), "not_invited"),
        ],
    );
}

#[test]
fn a_registered_device_is_what_it_said() {
    let name = |text| Name::parse(text).unwrap();
    let invited = Device::invited(id(), user(), name("Invited"), NOW);
    let registered = register(invited.clone(), registration(), LATER).unwrap();
    let renamed = Registration { name: Some(name("Mine")), ..registration() };

    assert_eq!(registered.name, name("Invited"));
    assert_eq!(register(invited, renamed, LATER).unwrap().name, name("Mine"));
    assert_eq!(registered.eas_id, Some(registration().eas_id));
    assert_eq!(registered.certificate, Some(registration().certificate));
    assert_eq!((registered.created_at, registered.registered_at), (NOW, Some(LATER)));
}

#[test]
fn a_device_without_the_app_cannot_be_wiped() {
    let native = Device { client: Client::Native, ..device(State::Registered) };

    for order in [WipeOrder::Key, WipeOrder::Data] {
        assert_eq!(wipe(native.clone(), order, NOW), Err(WipeRefusal::WithoutApp));
    }
}

#[test]
fn a_name_is_changed_to_another_one() {
    let other = Name::parse("Other").unwrap();
    let renamed = rename(device(State::Registered), other.clone()).unwrap();

    assert_eq!(renamed.name, other);
    assert_eq!(rename(renamed, other), Err(RenameRefusal));
}

#[test]
fn the_licence_counts_what_is_in_service() {
    let counted: Vec<_> =
        StateKind::ALL.iter().filter(|kind| kind.is_licensed()).map(|kind| kind.name()).collect();

    assert_eq!(counted, ["registered", "blocked"]);
}

#[test]
fn stable_names_lead_back() {
    for kind in StateKind::ALL {
        assert_eq!(StateKind::parse(kind.name()), Some(*kind));
    }
    for order in [WipeOrder::Key, WipeOrder::Data] {
        assert_eq!(WipeOrder::parse(order.name()), Some(order));
    }
    for client in [Client::App, Client::Native] {
        assert_eq!(Client::parse(client.name()), Some(client));
    }
    assert_eq!(StateKind::parse("lost"), None);
    assert_eq!(WipeOrder::parse(""), None);
    assert_eq!(Client::parse("App"), None);
}

#[test]
fn a_refusal_says_what_why_and_what_to_do() {
    let refusal = block(device(retired()), reason(), NOW).unwrap_err();

    assert_snapshot!(refusal, @"the device was not blocked: it is retired and refused anyway; nothing is left to do");
}

/// Checks for each state which state or which refusal follows.
#[track_caller]
fn check<R: Refusal>(
    step: impl Fn(Device) -> Result<Device, R>,
    expected: &[(State, &'static str)],
) {
    for (state, after) in expected {
        let before = device(state.clone());
        let found = match step(before.clone()) {
            Ok(device) => {
                assert_eq!((device.id, device.user), (before.id, before.user));
                device.state.kind().name()
            }
            Err(refusal) => refusal.code(),
        };
        assert_eq!(&found, after, "from {state:?}");
    }
}

fn device(state: State) -> Device {
    let invited = Device::invited(id(), user(), Name::parse("Tablet").unwrap(), NOW);
    if state == State::Invited {
        return invited;
    }

    Device { state, ..register(invited, registration(), NOW).unwrap() }
}

fn registration() -> Registration {
    Registration {
        name: None,
        model: "Pad 3".into(),
        system: "Penguin OS 12".into(),
        app_version: "1.0".into(),
        eas_id: EasId::parse("a1").unwrap(),
        certificate: certificate(7, Duration::days(365)),
    }
}

/// When the certificate of a registration has eight months left.
const NEAR_THE_END: OffsetDateTime = datetime!(2026-05-08 03:04:05 UTC);

fn certificate(number: u8, lasts: Duration) -> DeviceCertificate {
    let serial = format!("{number:02x}");
    DeviceCertificate { fingerprint: [number; 32], serial, not_after: NOW + lasts }
}

fn id() -> DeviceId {
    DeviceId(Uuid::from_u128(1))
}

fn user() -> UserId {
    UserId(Uuid::from_u128(2))
}

fn reason() -> Reason {
    Reason::parse("lost").unwrap()
}

fn blocked() -> State {
    State::Blocked { reason: reason(), since: NOW }
}

fn wiped(order: WipeOrder) -> State {
    State::Wiped { order, ordered_at: NOW, confirmed_at: None }
}

fn confirmed(order: WipeOrder) -> State {
    State::Wiped { order, ordered_at: NOW, confirmed_at: Some(NOW) }
}

fn retired() -> State {
    State::Retired { since: NOW }
}

const NOW: OffsetDateTime = datetime!(2026-01-02 03:04:05 UTC);
const LATER: OffsetDateTime = datetime!(2026-01-03 03:04:05 UTC);
