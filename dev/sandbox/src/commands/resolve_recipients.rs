use std::collections::BTreeSet;

use activesync::messages::{
    Availability, CertificateRetrieval, Recipient, RecipientCertificates, ResolveRecipientsAnswer,
    ResolveRecipientsRequest, ResolvedName,
};
use activesync::query::Version;
use activesync::status::Status;
use time::OffsetDateTime;

use super::UNREADABLE;
use crate::availability;
use crate::directory::{Person, Pictures};
use crate::http::{Call, Reply};

const AMBIGUOUS: Status = Status(2);
const AMBIGUOUS_AND_CUT: Status = Status(3);
const UNKNOWN: Status = Status(4);
const PROTOCOL_ERROR: Status = Status(5);
const NO_CERTIFICATE: Status = Status(7);
const ENOUGH_CERTIFICATES: Status = Status(8);
const TOO_MANY_FOR_AVAILABILITY: Status = Status(160);
const NO_AVAILABILITY: Status = Status(163);
const MOST_NAMES: usize = 1000;
const MOST_WITH_AVAILABILITY: usize = 100;
const LONGEST_NAME: usize = 256;
const MOST_WISHED: u16 = 9999;

pub(super) fn carry_out(call: &Call<'_>) -> Reply {
    let Ok(request) = ResolveRecipientsRequest::decode(&call.body) else {
        return Reply::Refused(UNREADABLE);
    };
    let responses = if is_sound(&request) { Some(resolve(call, &request)) } else { None };
    let status = if responses.is_some() { Status::OK } else { PROTOCOL_ERROR };
    let responses = responses.unwrap_or_default();
    Reply::Wbxml(ResolveRecipientsAnswer { status, responses }.encode())
}

fn is_sound(request: &ResolveRecipientsRequest) -> bool {
    let wished = [request.max_certificates, request.max_ambiguous];
    (1..=MOST_NAMES).contains(&request.to.len())
        && request.to.iter().all(|name| (1..=LONGEST_NAME).contains(&name.chars().count()))
        && wished.into_iter().flatten().all(|most| most <= MOST_WISHED)
        && request
            .availability
            .is_none_or(|(from, to)| availability::merged(&[], from, to).is_some())
}

fn resolve(call: &Call<'_>, request: &ResolveRecipientsRequest) -> Vec<ResolvedName> {
    let wish = request.picture.filter(|_| call.version >= Version::V14_1);
    let mut pictures = Pictures::new(wish);
    let names: BTreeSet<_> = request.to.iter().collect();
    let mut resolved = |name: &String| {
        let people = match call.server.directory.by_address(name.trim()) {
            Some(person) => vec![person],
            None => call.server.directory.find(name),
        };
        let most = request.max_ambiguous.map_or(usize::MAX, usize::from);
        let status = match people.len() {
            0 => UNKNOWN,
            1 => Status::OK,
            count if count > most => AMBIGUOUS_AND_CUT,
            _ => AMBIGUOUS,
        };
        let shown = if people.len() > 1 { most } else { 1 };
        let recipients = people.iter().take(shown);
        let recipients = recipients
            .map(|person| recipient(call, request, person, &mut pictures, names.len()))
            .collect();
        ResolvedName {
            to: name.clone(),
            status,
            recipient_count: u32::try_from(people.len()).ok(),
            recipients,
        }
    };
    request.to.iter().map(&mut resolved).collect()
}

fn recipient(
    call: &Call<'_>,
    request: &ResolveRecipientsRequest,
    person: &Person,
    pictures: &mut Pictures,
    names: usize,
) -> Recipient {
    let wished = request.availability.filter(|_| call.version >= Version::V14_0);
    Recipient {
        is_contact: false,
        display_name: person.display_name(),
        email_address: person.address.clone(),
        availability: wished.map(|time| {
            if names > MOST_WITH_AVAILABILITY {
                return Availability { status: TOO_MANY_FOR_AVAILABILITY, merged: Vec::new() };
            }
            free_time(call, person, time)
        }),
        certificates: certificates(call, request, person),
        picture: pictures.of(person),
    }
}

/// Only who has a mailbox here has a calendar here.
fn free_time(
    call: &Call<'_>,
    person: &Person,
    (from, to): (OffsetDateTime, OffsetDateTime),
) -> Availability {
    let account = call.server.recipient(&person.address);
    let merged = account.and_then(|account| availability::merged(&account.inside().busy, from, to));
    let status = if merged.is_some() { Status::OK } else { NO_AVAILABILITY };
    Availability { status, merged: merged.unwrap_or_default() }
}

/// Whoever has a mailbox has one certificate. There are no small ones.
fn certificates(
    call: &Call<'_>,
    request: &ResolveRecipientsRequest,
    person: &Person,
) -> Option<RecipientCertificates> {
    let none = |status| RecipientCertificates {
        status,
        certificate_count: Some(0),
        recipient_count: Some(1),
        certificates: Vec::new(),
        mini: None,
    };
    match request.certificates? {
        CertificateRetrieval::None => None,
        CertificateRetrieval::Mini => Some(none(NO_CERTIFICATE)),
        CertificateRetrieval::Whole => {
            let account = call.server.recipient(&person.address);
            let found = account.and_then(|account| {
                call.server.certificates.identity(&account.address, call.server.started)
            });
            Some(match found {
                None => none(NO_CERTIFICATE),
                Some(_) if request.max_certificates == Some(0) => none(ENOUGH_CERTIFICATES),
                Some(identity) => RecipientCertificates {
                    certificate_count: Some(1),
                    certificates: vec![identity.certificate.into()],
                    ..none(Status::OK)
                },
            })
        }
    }
}
