use app::{FreeTime, ReplyText};
use data_encoding::BASE64;
use mail::html::Picture;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DirectoryView {
    /// How many were found, as the mail server counts them.
    total: u32,
    people: Vec<DirectoryPerson>,
}

/// What is not known is empty.
#[derive(Debug, Serialize, ToSchema)]
struct DirectoryPerson {
    name: String,
    first_name: String,
    last_name: String,
    address: String,
    alias: String,
    title: String,
    company: String,
    office: String,
    phone: String,
    mobile_phone: String,
    home_phone: String,
    photo: Option<Photo>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Photo {
    #[serde(rename = "type")]
    media_type: &'static str,
    /// In Base64.
    data: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CertificatesView {
    /// As it was asked.
    name: String,
    meant: Meant,
    people: Vec<CertificateHolder>,
}

/// How many are meant by a name; `several_and_more` than are listed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Meant {
    Nobody,
    One,
    Several,
    SeveralAndMore,
}

#[derive(Debug, Serialize, ToSchema)]
struct CertificateHolder {
    name: String,
    address: String,
    /// A contact; else somebody in the directory.
    contact: bool,
    found: CertificatesFound,
    certificates: Vec<PersonCertificate>,
}

/// `some`: not for all members of a list, so mail to it cannot be encrypted for all.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum CertificatesFound {
    All,
    None,
    Some,
}

#[derive(Debug, Serialize, ToSchema)]
struct PersonCertificate {
    /// In Base64.
    der: String,
    subject: String,
    issuer: String,
    addresses: Vec<String>,
    #[serde(with = "time::serde::rfc3339")]
    not_before: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    not_after: OffsetDateTime,
    /// SHA-256, in hexadecimal.
    fingerprint: String,
}

/// What the mail server thinks of a certificate.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CertificateVerdict {
    AddressMismatch,
    ChainInvalid,
    Expired,
    Good,
    Invalid,
    RevocationUnknown,
    Revoked,
    Unknown,
    Untrusted,
    WrongPurpose,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AvailabilityView {
    /// As it was asked.
    name: String,
    meant: Meant,
    people: Vec<AvailablePerson>,
}

#[derive(Debug, Serialize, ToSchema)]
struct AvailablePerson {
    name: String,
    address: String,
    /// A contact; else somebody in the directory.
    contact: bool,
    known: Known,
    /// Without gaps from start to end, by the clock of the start that was asked for.
    periods: Vec<Period>,
}

/// Whether the free time is known; `not_now`: ask later.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Known {
    ListTooLarge,
    No,
    NotNow,
    Yes,
}

#[derive(Debug, Serialize, ToSchema)]
struct Period {
    #[serde(with = "time::serde::rfc3339")]
    start: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    end: OffsetDateTime,
    state: FreeBusy,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum FreeBusy {
    Busy,
    Free,
    OutOfOffice,
    Tentative,
    Unknown,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OutOfOfficeView {
    state: OutOfOfficeState,
    #[serde(with = "time::serde::rfc3339::option")]
    start: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    end: Option<OffsetDateTime>,
    /// For people of the same organisation.
    internal: ReplyView,
    /// For people outside whom the person knows.
    known: ReplyView,
    /// For people outside whom the person does not know.
    unknown: ReplyView,
}

/// `scheduled`: from start to end.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OutOfOfficeState {
    Off,
    On,
    Scheduled,
}

#[derive(Debug, Serialize, ToSchema)]
struct ReplyView {
    /// The group gets an answer.
    sent: bool,
    form: ReplyForm,
    /// HTML as the mail server has it, not cleaned.
    text: String,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReplyForm {
    Html,
    None,
    Text,
}

impl From<app::DirectoryPage> for DirectoryView {
    fn from(page: app::DirectoryPage) -> Self {
        Self { total: page.total, people: page.people.into_iter().map(Into::into).collect() }
    }
}

impl From<app::DirectoryPerson> for DirectoryPerson {
    fn from(person: app::DirectoryPerson) -> Self {
        // What is no picture does not go to a page.
        let photo = person.photo.and_then(|bytes| {
            let picture = Picture::recognise(bytes.to_vec())?;
            Some(Photo { media_type: picture.media_type(), data: BASE64.encode(&bytes) })
        });
        Self {
            name: person.name,
            first_name: person.first_name,
            last_name: person.last_name,
            address: person.address,
            alias: person.alias,
            title: person.title,
            company: person.company,
            office: person.office,
            phone: person.phone,
            mobile_phone: person.mobile_phone,
            home_phone: person.home_phone,
            photo,
        }
    }
}

impl From<app::NamedCertificates> for CertificatesView {
    fn from(named: app::NamedCertificates) -> Self {
        Self {
            name: named.name,
            meant: named.meant.into(),
            people: named.people.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<app::Meant> for Meant {
    fn from(meant: app::Meant) -> Self {
        match meant {
            app::Meant::Nobody => Self::Nobody,
            app::Meant::One => Self::One,
            app::Meant::Several => Self::Several,
            app::Meant::SeveralAndMore => Self::SeveralAndMore,
        }
    }
}

impl From<app::CertificateHolder> for CertificateHolder {
    fn from(holder: app::CertificateHolder) -> Self {
        Self {
            name: holder.name,
            address: holder.address,
            contact: holder.contact,
            found: match holder.found {
                app::CertificatesFound::All => CertificatesFound::All,
                app::CertificatesFound::None => CertificatesFound::None,
                app::CertificatesFound::Some => CertificatesFound::Some,
            },
            certificates: holder.certificates.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<app::PersonCertificate> for PersonCertificate {
    fn from(certificate: app::PersonCertificate) -> Self {
        Self {
            der: BASE64.encode(&certificate.der),
            subject: certificate.subject,
            issuer: certificate.issuer,
            addresses: certificate.addresses,
            not_before: certificate.not_before,
            not_after: certificate.not_after,
            fingerprint: certificate.fingerprint,
        }
    }
}

impl From<app::CertificateVerdict> for CertificateVerdict {
    fn from(verdict: app::CertificateVerdict) -> Self {
        match verdict {
            app::CertificateVerdict::AddressMismatch => Self::AddressMismatch,
            app::CertificateVerdict::ChainInvalid => Self::ChainInvalid,
            app::CertificateVerdict::Expired => Self::Expired,
            app::CertificateVerdict::Good => Self::Good,
            app::CertificateVerdict::Invalid => Self::Invalid,
            app::CertificateVerdict::RevocationUnknown => Self::RevocationUnknown,
            app::CertificateVerdict::Revoked => Self::Revoked,
            app::CertificateVerdict::Unknown => Self::Unknown,
            app::CertificateVerdict::Untrusted => Self::Untrusted,
            app::CertificateVerdict::WrongPurpose => Self::WrongPurpose,
        }
    }
}

impl From<app::NamedPeople> for AvailabilityView {
    fn from(named: app::NamedPeople) -> Self {
        let person = |person: app::Candidate| {
            let (known, periods) = match person.free_time {
                Some(FreeTime::Known(periods)) => (Known::Yes, periods),
                Some(FreeTime::ListTooLarge) => (Known::ListTooLarge, Vec::new()),
                Some(FreeTime::UnknownNow) => (Known::NotNow, Vec::new()),
                Some(FreeTime::Unknown) | None => (Known::No, Vec::new()),
            };
            AvailablePerson {
                name: person.name,
                address: person.address,
                contact: person.contact,
                known,
                periods: periods.into_iter().map(Into::into).collect(),
            }
        };
        Self {
            name: named.name,
            meant: named.meant.into(),
            people: named.people.into_iter().map(person).collect(),
        }
    }
}

impl From<app::Period> for Period {
    fn from(period: app::Period) -> Self {
        Self {
            start: period.start,
            end: period.end,
            state: match period.state {
                app::FreeBusy::Busy => FreeBusy::Busy,
                app::FreeBusy::Free => FreeBusy::Free,
                app::FreeBusy::OutOfOffice => FreeBusy::OutOfOffice,
                app::FreeBusy::Tentative => FreeBusy::Tentative,
                app::FreeBusy::Unknown => FreeBusy::Unknown,
            },
        }
    }
}

impl From<app::OutOfOffice> for OutOfOfficeView {
    fn from(answers: app::OutOfOffice) -> Self {
        let (state, start, end) = match answers.away {
            app::Away::No => (OutOfOfficeState::Off, None, None),
            app::Away::Yes => (OutOfOfficeState::On, None, None),
            app::Away::Between { start, end } => {
                (OutOfOfficeState::Scheduled, Some(start), Some(end))
            }
        };
        Self {
            state,
            start,
            end,
            internal: answers.internal.into(),
            known: answers.known.into(),
            unknown: answers.unknown.into(),
        }
    }
}

impl From<app::AutoReply> for ReplyView {
    fn from(reply: app::AutoReply) -> Self {
        let (form, text) = match reply.text {
            ReplyText::Html(text) => (ReplyForm::Html, text),
            ReplyText::None => (ReplyForm::None, String::new()),
            ReplyText::Plain(text) => (ReplyForm::Text, text),
        };
        Self { sent: reply.sent, form, text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn people_have_their_shape() {
        let person = app::DirectoryPerson {
            name: "Bob Marsh".into(),
            address: "bob@example.com".into(),
            photo: Some(bytes::Bytes::from_static(b"<svg onload=alert(1)>")),
            ..app::DirectoryPerson::default()
        };
        let photo = app::DirectoryPerson {
            photo: Some(bytes::Bytes::from_static(b"\xff\xd8\xff\xe0")),
            ..person.clone()
        };
        let view = DirectoryView::from(app::DirectoryPage { total: 7, people: vec![person] });

        insta::assert_json_snapshot!(view, @r#"
        {
          "total": 7,
          "people": [
            {
              "name": "Bob Marsh",
              "first_name": "",
              "last_name": "",
              "address": "bob@example.com",
              "alias": "",
              "title": "",
              "company": "",
              "office": "",
              "phone": "",
              "mobile_phone": "",
              "home_phone": "",
              "photo": null
            }
          ]
        }
        "#);
        insta::assert_json_snapshot!(DirectoryPerson::from(photo).photo, @r#"
        {
          "type": "image/jpeg",
          "data": "/9j/4A=="
        }
        "#);
    }

    #[test]
    fn free_time_has_its_shape() {
        let period = app::Period {
            start: datetime!(2026-11-25 09:00 +1),
            end: datetime!(2026-11-25 10:30 +1),
            state: app::FreeBusy::OutOfOffice,
        };
        let person = |free_time| app::Candidate {
            name: "Bob".into(),
            address: "bob@example.com".into(),
            contact: false,
            certificates: None,
            free_time,
        };
        let named = app::NamedPeople {
            name: "bob".into(),
            meant: app::Meant::SeveralAndMore,
            people: vec![
                person(Some(FreeTime::Known(vec![period]))),
                person(Some(FreeTime::UnknownNow)),
            ],
        };

        insta::assert_json_snapshot!(AvailabilityView::from(named), @r#"
        {
          "name": "bob",
          "meant": "several_and_more",
          "people": [
            {
              "name": "Bob",
              "address": "bob@example.com",
              "contact": false,
              "known": "yes",
              "periods": [
                {
                  "start": "2026-11-25T09:00:00+01:00",
                  "end": "2026-11-25T10:30:00+01:00",
                  "state": "out_of_office"
                }
              ]
            },
            {
              "name": "Bob",
              "address": "bob@example.com",
              "contact": false,
              "known": "not_now",
              "periods": []
            }
          ]
        }
        "#);
    }

    #[test]
    fn certificates_have_their_shape() {
        let certificate = app::PersonCertificate {
            der: vec![0x30, 0x00],
            subject: "CN=Bob".into(),
            issuer: "CN=Root".into(),
            addresses: vec!["bob@example.com".into()],
            not_before: datetime!(2026-01-01 0:00 UTC),
            not_after: datetime!(2027-01-01 0:00 UTC),
            fingerprint: "ab".into(),
        };
        let holder = app::CertificateHolder {
            name: "Bob".into(),
            address: "bob@example.com".into(),
            contact: true,
            found: app::CertificatesFound::All,
            certificates: vec![certificate],
        };
        let named = app::NamedCertificates {
            name: "bob".into(),
            meant: app::Meant::One,
            people: vec![holder],
        };

        insta::assert_json_snapshot!(CertificatesView::from(named), @r#"
        {
          "name": "bob",
          "meant": "one",
          "people": [
            {
              "name": "Bob",
              "address": "bob@example.com",
              "contact": true,
              "found": "all",
              "certificates": [
                {
                  "der": "MAA=",
                  "subject": "CN=Bob",
                  "issuer": "CN=Root",
                  "addresses": [
                    "bob@example.com"
                  ],
                  "not_before": "2026-01-01T00:00:00Z",
                  "not_after": "2027-01-01T00:00:00Z",
                  "fingerprint": "ab"
                }
              ]
            }
          ]
        }
        "#);
    }

    #[test]
    fn an_absence_has_its_shape() {
        let reply = |sent, text| app::AutoReply { sent, text };
        let answers = app::OutOfOffice {
            away: app::Away::Between {
                start: datetime!(2026-12-24 0:00 UTC),
                end: datetime!(2026-12-31 0:00 UTC),
            },
            internal: reply(true, ReplyText::Plain("Away".into())),
            known: reply(true, ReplyText::Html("<p>Away</p>".into())),
            unknown: reply(false, ReplyText::None),
        };

        insta::assert_json_snapshot!(OutOfOfficeView::from(answers), @r#"
        {
          "state": "scheduled",
          "start": "2026-12-24T00:00:00Z",
          "end": "2026-12-31T00:00:00Z",
          "internal": {
            "sent": true,
            "form": "text",
            "text": "Away"
          },
          "known": {
            "sent": true,
            "form": "html",
            "text": "<p>Away</p>"
          },
          "unknown": {
            "sent": false,
            "form": "none",
            "text": ""
          }
        }
        "#);
    }
}
