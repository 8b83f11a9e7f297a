//! Who is meant by names and addresses, with their certificates and their free time.

use activesync::{
    messages::{
        Availability, CertificateRetrieval, FreeBusy, Recipient, RecipientCertificates,
        ResolveRecipientsAnswer, ResolveRecipientsRequest, ResolvedName, ValidateCertAnswer,
        ValidateCertRequest,
    },
    query::{Command, Version},
    status::{
        AvailabilityStatus, CertificateStatus, NameStatus, RecipientCertificateStatus,
        ResolveStatus, Status,
    },
};
use bytes::Bytes;
use mail::text;
use time::{Duration, OffsetDateTime};

use super::{ErrandFailure, Refusal, failure::unreadable};
use crate::pace;

/// What is wanted of some people.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PeopleQuery {
    /// Names or addresses, one for each person.
    pub names: Vec<String>,
    /// Their certificates are wanted.
    pub certificates: bool,
    /// Their free time is wanted, from the first moment to the second.
    pub free_time: Option<(OffsetDateTime, OffsetDateTime)>,
}

/// Who is meant by a name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NamedPeople {
    /// The name, as it was asked.
    pub name: String,
    /// How many are meant.
    pub meant: Meant,
    /// Who could be meant.
    pub people: Vec<Candidate>,
}

/// How many people are meant by a name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Meant {
    /// Nobody that the server knows.
    Nobody,
    /// One person, or one list.
    One,
    /// Several: let the person choose.
    Several,
    /// Several, and there are more than are listed: let the person choose or say more.
    SeveralAndMore,
}

/// Somebody who could be meant.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Candidate {
    /// The name to show.
    pub name: String,
    /// The address.
    pub address: String,
    /// A contact of the person's own; else somebody in the directory.
    pub contact: bool,
    /// The certificates, if they were asked for.
    pub certificates: Option<Certificates>,
    /// The free time, if it was asked for.
    pub free_time: Option<FreeTime>,
}

/// The certificates of somebody.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Certificates {
    /// These, in DER.
    Found(Vec<Bytes>),
    /// There is no valid one: what is meant for them cannot be encrypted.
    None,
    /// Not those of all members of a list: what is meant for it cannot be encrypted for all.
    Some,
}

/// The free time of somebody.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum FreeTime {
    /// What they do, without gaps, from the first moment that was asked for.
    Known(Vec<Period>),
    /// A list with too many members to ask each.
    ListTooLarge,
    /// Nobody knows.
    Unknown,
    /// Nobody knows right now: ask later.
    UnknownNow,
}

/// What somebody does for some time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Period {
    /// When it begins, by the clock of the moment that was asked for.
    pub start: OffsetDateTime,
    /// When it ends.
    pub end: OffsetDateTime,
    /// What they do.
    pub state: FreeBusy,
}

/// Certificates that the server is to judge.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CertificateCheck {
    /// The certificates, in DER.
    pub certificates: Vec<Bytes>,
    /// Certificates of issuers that help to build the chain, in DER.
    pub chain: Vec<Bytes>,
    /// One whose revocation state is unknown is not good.
    pub revocation: bool,
}

/// Servers take no more names in one request, and no more if free time is asked for.
const MOST_NAMES: usize = 1000;
const MOST_NAMES_WITH_TIME: usize = 100;
const LONGEST_NAME: usize = 256;
/// Candidates for a name.
const MOST_CANDIDATES: u16 = 20;
const MOST_CERTIFICATES: u16 = 99;
const STEP: Duration = Duration::minutes(30);
/// Servers tell 32 KB of half hours at most.
const LONGEST_TIME: Duration = Duration::days(365);

impl PeopleQuery {
    pub(super) fn check(&self) -> Result<(), ErrandFailure> {
        let most = if self.free_time.is_some() { MOST_NAMES_WITH_TIME } else { MOST_NAMES };
        if self.names.is_empty() || self.names.iter().any(|name| name.trim().is_empty()) {
            return Err(ErrandFailure::Impossible("name_empty"));
        }
        if self.names.iter().any(|name| name.chars().count() > LONGEST_NAME) {
            return Err(ErrandFailure::Impossible("name_too_long"));
        }
        if self.names.len() > most {
            return Err(ErrandFailure::TooMuch(format!("at_most_{most}")));
        }
        match self.free_time {
            Some((start, end)) if end <= start => {
                Err(ErrandFailure::Impossible("end_before_start"))
            }
            Some((start, end)) if end - start > LONGEST_TIME => {
                Err(ErrandFailure::TooMuch("at_most_one_year".to_owned()))
            }
            Some(_) | None => Ok(()),
        }
    }

    pub(super) fn request(&self, version: Version) -> (Command, Vec<u8>) {
        let request = ResolveRecipientsRequest {
            to: self.names.clone(),
            certificates: self.certificates.then_some(CertificateRetrieval::Whole),
            max_certificates: self.certificates.then_some(MOST_CERTIFICATES),
            max_ambiguous: Some(MOST_CANDIDATES),
            availability: self.free_time.filter(|_| version >= Version::V14_0),
            picture: None,
        };
        (Command::ResolveRecipients, request.encode())
    }

    pub(crate) fn read(&self, body: &[u8]) -> Result<Vec<NamedPeople>, Refusal> {
        let answer = ResolveRecipientsAnswer::decode(body).map_err(unreadable)?;
        let code = format!("status_{}", answer.status.0);
        let failure = match answer.status.resolve_recipients() {
            ResolveStatus::Ok => None,
            ResolveStatus::ProtocolError => Some(ErrandFailure::Refused(code)),
            ResolveStatus::ServerError | ResolveStatus::Undocumented(_) => {
                Some(ErrandFailure::Unreachable(code))
            }
            ResolveStatus::Common(common) => return Err(pace::common(answer.status, common).into()),
        };
        if let Some(failure) = failure {
            return Err(Refusal::Failed(failure));
        }
        Ok(self.names.iter().map(|name| self.named(name, &answer.responses)).collect())
    }

    /// Who is meant by one name. One server says nothing at all of a name that it does not know.
    fn named(&self, name: &str, responses: &[ResolvedName]) -> NamedPeople {
        let response = responses.iter().find(|response| response.to == name);
        let people: Vec<Candidate> = response
            .map(|response| response.recipients.iter().map(|known| self.candidate(known)).collect())
            .unwrap_or_default();
        let meant = match response.map(|response| response.status.resolved_name()) {
            Some(NameStatus::Resolved) if people.len() == 1 => Meant::One,
            Some(NameStatus::AmbiguousAndCut) => Meant::SeveralAndMore,
            Some(_) if people.len() > 1 => Meant::Several,
            Some(NameStatus::Ambiguous) => Meant::Several,
            Some(NameStatus::Resolved) if !people.is_empty() => Meant::One,
            Some(
                NameStatus::Resolved
                | NameStatus::Unknown
                | NameStatus::Common(_)
                | NameStatus::Undocumented(_),
            )
            | None => Meant::Nobody,
        };
        NamedPeople { name: name.to_owned(), meant, people }
    }

    fn candidate(&self, recipient: &Recipient) -> Candidate {
        let free_time = self.free_time.map(|(start, end)| {
            recipient
                .availability
                .as_ref()
                .map_or(FreeTime::Unknown, |told| FreeTime::of(told, start, end))
        });
        Candidate {
            name: text::line(&recipient.display_name),
            address: text::line(&recipient.email_address),
            contact: recipient.is_contact,
            certificates: self.certificates.then(|| {
                recipient.certificates.as_ref().map_or(Certificates::None, Certificates::of)
            }),
            free_time,
        }
    }
}

impl Certificates {
    fn of(found: &RecipientCertificates) -> Self {
        let counted = found.certificate_count.and_then(|count| usize::try_from(count).ok());
        let missing = counted.is_some_and(|count| count > found.certificates.len());
        match found.status.recipient_certificates() {
            RecipientCertificateStatus::Found if found.certificates.is_empty() => Self::None,
            RecipientCertificateStatus::Found if missing => Self::Some,
            RecipientCertificateStatus::Found => Self::Found(found.certificates.clone()),
            RecipientCertificateStatus::TooMany => Self::Some,
            RecipientCertificateStatus::NoneValid
            | RecipientCertificateStatus::Common(_)
            | RecipientCertificateStatus::Undocumented(_) => Self::None,
        }
    }
}

impl FreeTime {
    fn of(told: &Availability, start: OffsetDateTime, end: OffsetDateTime) -> Self {
        match told.status.availability() {
            AvailabilityStatus::Found => Self::Known(periods(&told.merged, start, end)),
            AvailabilityStatus::ListTooLarge => Self::ListTooLarge,
            AvailabilityStatus::Retry => Self::UnknownNow,
            AvailabilityStatus::Failed
            | AvailabilityStatus::TooManyRecipients
            | AvailabilityStatus::Common(_)
            | AvailabilityStatus::Undocumented(_) => Self::Unknown,
        }
    }
}

/// Joins half hours in which the same is done. What the server leaves out at the end nobody knows.
fn periods(half_hours: &[FreeBusy], start: OffsetDateTime, end: OffsetDateTime) -> Vec<Period> {
    let mut periods: Vec<Period> = Vec::new();
    let mut states = half_hours.iter().copied();
    let mut from = start;
    while from < end {
        let to = from.checked_add(STEP).map_or(end, |to| to.min(end));
        let state = states.next().unwrap_or(FreeBusy::Unknown);
        match periods.last_mut() {
            Some(last) if last.state == state => last.end = to,
            Some(_) | None => periods.push(Period { start: from, end: to, state }),
        }
        from = to;
    }
    periods
}

impl CertificateCheck {
    pub(super) fn check(&self) -> Result<(), ErrandFailure> {
        if self.certificates.is_empty() {
            return Err(ErrandFailure::Impossible("no_certificate"));
        }
        Ok(())
    }

    pub(super) fn request(&self) -> (Command, Vec<u8>) {
        let request = ValidateCertRequest {
            chain: self.chain.clone(),
            certificates: self.certificates.clone(),
            check_crl: self.revocation,
        };
        (Command::ValidateCert, request.encode())
    }

    /// Reads the server's verdict on each certificate, in order.
    pub(crate) fn read(&self, body: &[u8]) -> Result<Vec<CertificateStatus>, Refusal> {
        let answer = ValidateCertAnswer::decode(body).map_err(unreadable)?;
        let code = format!("status_{}", answer.status.0);
        match answer.status.certificate() {
            CertificateStatus::Common(common) => {
                return Err(pace::common(answer.status, common).into());
            }
            CertificateStatus::ProtocolError => {
                return Err(Refusal::Failed(ErrandFailure::Refused(code)));
            }
            CertificateStatus::ServerError | CertificateStatus::Undocumented(_)
                if answer.certificates.is_empty() =>
            {
                return Err(Refusal::Failed(ErrandFailure::Unreachable(code)));
            }
            // Servers repeat the verdict on a certificate as that on the request.
            CertificateStatus::AddressMismatch
            | CertificateStatus::ChainInvalid
            | CertificateStatus::Expired
            | CertificateStatus::Invalid
            | CertificateStatus::Ok
            | CertificateStatus::Revoked
            | CertificateStatus::RevocationUnknown
            | CertificateStatus::ServerError
            | CertificateStatus::Undocumented(_)
            | CertificateStatus::Untrusted
            | CertificateStatus::WrongPurpose => {}
        }
        // A certificate without a verdict is not a good one.
        let told = answer.certificates.iter().copied();
        let silent = Status(if answer.status.is_ok() { 17 } else { answer.status.0 });
        let verdicts = told.chain(std::iter::repeat(silent)).take(self.certificates.len());
        Ok(verdicts.map(Status::certificate).collect())
    }
}
