//! The decision table: rules in order, and the first that has something to say decides.

use std::borrow::Cow;

use super::names::is_one_of;
use super::{
    Asks, Decision, DeviceAccess, Fact, Feed, Refusal, RequestFacts, SignIn, Standing, Verdict,
};

/// Everything a rule may look at.
struct Case<'a> {
    facts: &'a RequestFacts,
    feed: Feed,
    device: Option<&'a DeviceAccess>,
}

type Outcome = (Verdict, Fact);

/// One row of the table.
struct Rule {
    name: &'static str,
    decide: fn(&Case<'_>) -> Option<Outcome>,
}

/// The table. Every row above the last only refuses, except the one for requests that show nothing.
const RULES: [Rule; 14] = [
    Rule { name: "feed-lost", decide: feed_lost },
    Rule { name: "malformed-request", decide: malformed_request },
    Rule { name: "sign-in-scheme", decide: sign_in_scheme },
    Rule { name: "options-without-password", decide: options_without_password },
    Rule { name: "unknown-device", decide: unknown_device },
    Rule { name: "device-retired", decide: |case| standing(case, "retired") },
    Rule { name: "device-blocked", decide: |case| standing(case, "blocked") },
    Rule { name: "owner-blocked", decide: owner_blocked },
    Rule { name: "device-wiped", decide: |case| standing(case, "wiped") },
    Rule { name: "certificate-missing", decide: certificate_missing },
    Rule { name: "certificate-of-another", decide: certificate_of_another },
    Rule { name: "sign-in-unreadable", decide: sign_in_unreadable },
    Rule { name: "user-of-another-device", decide: user_of_another_device },
    Rule { name: "managed-device", decide: managed_device },
];

/// Decides about a request of `device`, which [`select`] found, or of no known device.
pub fn decide(facts: &RequestFacts, feed: Feed, device: Option<&DeviceAccess>) -> Decision {
    let case = Case { facts, feed, device };
    let decided = RULES.iter().find_map(|rule| Some((rule.name, (rule.decide)(&case)?)));
    let (rule, (verdict, fact)) =
        decided.unwrap_or(("no-rule", refuse_device("device", "nothing allows it")));
    Decision { verdict, rule, fact, device: device.map(|device| device.device) }
}

/// Finds the device that a request belongs to among those that it could belong to.
///
/// Several records may show the same identifier: a phone that was retired and added again, or a client that makes bad
/// identifiers. The record whose owner and certificate fit is meant; among those a block counts more than a permission, and
/// a retired record only when there is no other. OPTIONS names no device, so there any managed one will do.
pub fn select<'a>(
    facts: &RequestFacts,
    candidates: impl IntoIterator<Item = &'a DeviceAccess>,
) -> Option<&'a DeviceAccess> {
    let rank = |device: &DeviceAccess| match device.standing {
        Standing::Managed if facts.asks == Asks::Options => -1,
        Standing::Blocked { .. } | Standing::OwnerBlocked { .. } => 0,
        Standing::Wiped => 1,
        Standing::Managed => 2,
        Standing::Retired => 3,
    };
    candidates.into_iter().min_by_key(|device| {
        let fits = shows_its_own(facts, device) && foreign_name(facts, device).is_none();
        (!fits, rank(device))
    })
}

/// Tells whether a request shows a certificate of the device, or none where it has none.
fn shows_its_own(facts: &RequestFacts, device: &DeviceAccess) -> bool {
    match &facts.certificate {
        Some(shown) => device.certificates.contains(shown),
        None => device.certificates.is_empty(),
    }
}

fn feed_lost(case: &Case<'_>) -> Option<Outcome> {
    let value = match case.feed {
        Feed::Current => return None,
        Feed::Lost => "no sign of life",
        Feed::NotStarted => "no snapshot yet",
    };
    Some(refuse(Refusal::Unavailable, "feed", value))
}

fn malformed_request(case: &Case<'_>) -> Option<Outcome> {
    let Asks::Malformed { status, what } = &case.facts.asks else { return None };
    Some(refuse(Refusal::Malformed { status: *status }, "request", what.clone()))
}

/// A scheme that signs in the connection would sign in everybody who shares it.
fn sign_in_scheme(case: &Case<'_>) -> Option<Outcome> {
    (case.facts.sign_in == SignIn::Other)
        .then(|| refuse(Refusal::User, "sign-in", "neither Basic nor Bearer"))
}

/// OPTIONS shows no data and names no device. It is let through as long as it cannot be used to try passwords: with a password
/// it must come from a managed device or, where devices have no certificate, for the owner of one.
fn options_without_password(case: &Case<'_>) -> Option<Outcome> {
    let anonymous = case.facts.asks == Asks::Options && case.facts.certificate.is_none();
    let without_password = match case.facts.sign_in {
        SignIn::Bearer | SignIn::Missing => true,
        SignIn::Basic { .. } | SignIn::Other => false,
    };
    (anonymous && without_password).then(|| (Verdict::Allow, fact("sign-in", "no password")))
}

fn unknown_device(case: &Case<'_>) -> Option<Outcome> {
    if case.device.is_some() {
        return None;
    }
    let value = match (&case.facts.asks, case.facts.certificate) {
        (Asks::Command { .. }, _) => "identifier not registered",
        (Asks::Malformed { .. } | Asks::Options, Some(_)) => "certificate not registered",
        (Asks::Malformed { .. } | Asks::Options, None) => "user owns no device without certificate",
    };
    Some(refuse_device("device", value))
}

fn standing(case: &Case<'_>, name: &'static str) -> Option<Outcome> {
    let device = case.device?;
    (device.standing.name() == name).then(|| refuse_device("standing", name))
}

fn owner_blocked(case: &Case<'_>) -> Option<Outcome> {
    let standing = &case.device?.standing;
    let blocked = matches!(standing, Standing::OwnerBlocked { .. });
    blocked.then(|| refuse(Refusal::User, "standing", standing.name()))
}

fn certificate_missing(case: &Case<'_>) -> Option<Outcome> {
    let missing = !case.device?.certificates.is_empty() && case.facts.certificate.is_none();
    missing.then(|| refuse_device("certificate", "none shown, the device has one"))
}

fn certificate_of_another(case: &Case<'_>) -> Option<Outcome> {
    let shown = case.facts.certificate?;
    let expected = &case.device?.certificates;
    if expected.contains(&shown) {
        return None;
    }
    let fact = match expected.as_slice() {
        [] => "one shown, the device has none",
        [..] => "not that of the device",
    };

    Some(refuse_device("certificate", fact))
}

/// Without a certificate only the user's name binds a request to the device's owner, so it must be readable.
fn sign_in_unreadable(case: &Case<'_>) -> Option<Outcome> {
    let unbound = case.device?.certificates.is_empty() && case.facts.sign_in == SignIn::Bearer;
    unbound.then(|| refuse(Refusal::User, "sign-in", "token from a device without certificate"))
}

fn user_of_another_device(case: &Case<'_>) -> Option<Outcome> {
    let place = foreign_name(case.facts, case.device?)?;
    Some(refuse(Refusal::User, place, "not a name of the device's owner"))
}

fn managed_device(case: &Case<'_>) -> Option<Outcome> {
    case.device.map(|device| (Verdict::Allow, fact("standing", device.standing.name())))
}

/// Returns where the request names a user who does not own the device.
fn foreign_name(facts: &RequestFacts, device: &DeviceAccess) -> Option<&'static str> {
    let signed_in = match &facts.sign_in {
        SignIn::Basic { user } => Some(user),
        SignIn::Bearer | SignIn::Missing | SignIn::Other => None,
    };
    let foreign = |name: &&String| !is_one_of(name, &device.owner_names);
    if facts.query_user.as_ref().filter(foreign).is_some() {
        return Some("query user");
    }
    signed_in.filter(foreign).map(|_| "sign-in user")
}

fn refuse_device(name: &'static str, value: &'static str) -> Outcome {
    refuse(Refusal::Device, name, value)
}

fn refuse(refusal: Refusal, name: &'static str, value: impl Into<Cow<'static, str>>) -> Outcome {
    (Verdict::Refuse(refusal), fact(name, value))
}

fn fact(name: &'static str, value: impl Into<Cow<'static, str>>) -> Fact {
    Fact { name, value: value.into() }
}

#[cfg(test)]
mod tests;
