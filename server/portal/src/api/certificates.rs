use crate::Console;
use crate::api::views::{NamedView, PersonRef, fifty};
use crate::extract::{Asked, SerialOf};
use crate::problem::Problem;
use audit::SubjectKind;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use ca::{Issued, Profile, SerialNumber, Standing};
use fleet::list::Page;
use fleet::{DeviceId, UserId};
use http::StatusCode;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use operations::{Fault, HolderNames, IssuedFilter, Operations};
use pki::Certificate;
use pki::validate::{Revocation, RevocationReason};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// Which certificates are wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct CertificatesQuery {
    /// What occurs in the subject, a mail address or the serial number.
    #[serde(default)]
    search: String,
    /// Only certificates of this kind.
    #[param(inline)]
    profile: Option<ProfileName>,
    /// Only certificates that stand like this.
    #[param(inline)]
    state: Option<StandingName>,
    /// Only certificates of this person and their devices.
    user: Option<Uuid>,
    /// Only certificates of this device.
    device: Option<Uuid>,
    /// How many items to leave out at the beginning.
    #[serde(default)]
    offset: u64,
    /// How many items to return at most, 1 to 200.
    #[serde(default = "fifty")]
    limit: u64,
}

/// What a certificate is for.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ProfileName {
    /// Issuing certificates.
    Authority,
    /// The app on a device.
    Device,
    /// Answering whether certificates are revoked.
    Ocsp,
    /// A person's mail, to sign and to encrypt.
    Person,
    /// A person's mail, to encrypt.
    PersonEncryption,
    /// A person's mail, to sign.
    PersonSigning,
    /// The portal's own signatures.
    Portal,
    /// Passing on requests of devices by SCEP.
    Scep,
    /// A server's end of TLS.
    Server,
}

/// How a certificate stands.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StandingName {
    Good,
    /// It is good, and ends within thirty days and the last third of its life.
    Expiring,
    Expired,
    OnHold,
    Revoked,
}

/// Why a certificate is revoked (RFC 5280 §5.3.1).
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReasonName {
    AaCompromise,
    AffiliationChanged,
    CaCompromise,
    CertificateHold,
    CessationOfOperation,
    KeyCompromise,
    PrivilegeWithdrawn,
    Superseded,
    Unspecified,
}

/// A page of certificates, the last one that was issued first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IssuedListView {
    /// How many certificates fit.
    total: u64,
    items: Vec<IssuedItemView>,
    /// How many would fit in each standing.
    counts: StandingCounts,
}

/// How many certificates stand in each way.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StandingCounts {
    good: u64,
    expiring: u64,
    expired: u64,
    on_hold: u64,
    revoked: u64,
}

/// A certificate in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IssuedItemView {
    /// The serial number, in hexadecimal.
    serial: String,
    profile: ProfileName,
    subject: String,
    /// The mail addresses it names.
    addresses: Vec<String>,
    state: StandingName,
    /// The device that holds its key.
    #[schema(required)]
    device: Option<NamedView>,
    /// The person whom it names, or whose the device is.
    #[schema(required)]
    person: Option<PersonRef>,
    #[serde(with = "time::serde::rfc3339")]
    not_before: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    not_after: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    issued_at: OffsetDateTime,
    #[schema(required)]
    revocation: Option<RevocationView>,
}

/// Since when and why a certificate is revoked or on hold.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RevocationView {
    #[serde(with = "time::serde::rfc3339")]
    since: OffsetDateTime,
    reason: ReasonName,
}

/// Everything about a certificate.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IssuedView {
    #[serde(flatten)]
    item: IssuedItemView,
    /// What stands in it; none if it is from before there was a register, when certificates were not kept.
    #[schema(required)]
    content: Option<ContentView>,
    issuer: IssuerView,
    /// What may be done with it as it stands.
    allowed: Vec<CertificateAction>,
}

/// What stands in a certificate.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContentView {
    /// The hosts that it names, and their addresses.
    hosts: Vec<String>,
    /// The kind and size of its key, for instance `RSA-2048`.
    key: String,
    /// SHA-256 of the certificate, in hexadecimal.
    fingerprint: String,
}

/// Who issued a certificate.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IssuerView {
    /// SHA-256 of the issuer's certificate, in hexadecimal.
    fingerprint: String,
    /// Its name, if it is an authority of this server.
    #[schema(required)]
    subject: Option<String>,
}

/// What may be done with a certificate.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CertificateAction {
    Renew,
    Hold,
    Release,
    Revoke,
}

/// List certificates
#[utoipa::path(
    get,
    path = "/certificates",
    tag = "certificates",
    params(CertificatesQuery),
    responses((status = OK, body = IssuedListView), (status = UNAUTHORIZED, body = Problem))
)]
pub(crate) async fn list_certificates(
    State(console): State<Console>,
    Asked(query): Asked<CertificatesQuery>,
) -> Result<Json<IssuedListView>, Problem> {
    let operations = console.operations();
    let any_state = IssuedFilter {
        search: query.search,
        profile: query.profile.map(Profile::from),
        user: query.user.map(UserId),
        device: query.device.map(DeviceId),
        ..IssuedFilter::default()
    };
    let filter = IssuedFilter { standing: query.state.map(Standing::from), ..any_state.clone() };
    let listing = operations.certificates(&filter, Page::new(query.offset, query.limit)).await?;
    let names = operations.holder_names(&listing.items).await?;
    let now = operations.now();

    Ok(Json(IssuedListView {
        total: listing.total,
        items: listing.items.iter().map(|it| IssuedItemView::new(it, &names, now)).collect(),
        counts: count(operations, &any_state).await?,
    }))
}

/// Show a certificate
#[utoipa::path(
    get,
    path = "/certificates/{serial}",
    tag = "certificates",
    params(("serial" = String, Path)),
    responses((status = OK, body = IssuedView), (status = NOT_FOUND, body = Problem))
)]
pub(crate) async fn read_certificate(
    State(console): State<Console>,
    SerialOf(serial): SerialOf,
) -> Result<Json<IssuedView>, Problem> {
    view(console.operations(), &serial).await
}

/// Download a certificate
#[utoipa::path(
    get,
    path = "/certificates/{serial}/file",
    tag = "certificates",
    params(("serial" = String, Path)),
    responses(
        (status = OK, body = String, content_type = "application/x-pem-file"),
        (status = NOT_FOUND, body = Problem),
    )
)]
pub(crate) async fn download_issued(
    State(console): State<Console>,
    SerialOf(serial): SerialOf,
) -> Result<Response, Problem> {
    let issued = find(console.operations(), &serial).await?;
    let Some(certificate) = content(&issued)? else {
        let detail = "the certificate was not kept: it is from before there was a register";
        return Err(Problem::new(StatusCode::NOT_FOUND, "certificate_not_kept", detail));
    };
    let headers = [
        (CONTENT_TYPE, "application/x-pem-file".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{serial}.pem\"")),
    ];

    Ok((headers, certificate.to_pem()).into_response())
}

/// Shows a certificate as it is.
pub(crate) async fn view(
    operations: &Operations,
    serial: &SerialNumber,
) -> Result<Json<IssuedView>, Problem> {
    let issued = find(operations, serial).await?;
    let names = operations.holder_names(std::slice::from_ref(&issued)).await?;
    let issuers = operations.authority().issuers().map(ca::Issuer::certificate);
    let subject =
        { issuers }.find(|it| it.fingerprint() == issued.issuer).map(Certificate::subject);
    let now = operations.now();

    Ok(Json(IssuedView {
        item: IssuedItemView::new(&issued, &names, now),
        content: content(&issued)?.as_ref().map(ContentView::from),
        issuer: IssuerView { fingerprint: issued.issuer.to_string(), subject },
        allowed: allowed(&issued, now),
    }))
}

async fn find(operations: &Operations, serial: &SerialNumber) -> Result<Issued, Problem> {
    let found = operations.certificate(serial).await?;

    found.ok_or_else(|| Problem::unknown(SubjectKind::Certificate))
}

fn content(issued: &Issued) -> Result<Option<Certificate>, Problem> {
    let read = |der: &Vec<u8>| Certificate::from_der(der);
    let certificate = issued.der.as_ref().map(read).transpose();

    certificate.map_err(|error| crate::problem::internal(&error))
}

/// Asks the rules what they would allow.
fn allowed(issued: &Issued, now: OffsetDateTime) -> Vec<CertificateAction> {
    let revokes = |reason| ca::revoke(issued.clone(), reason, now).is_ok();
    let is_good = match issued.standing(now) {
        Standing::Expiring | Standing::Good => true,
        Standing::Expired | Standing::OnHold | Standing::Revoked => false,
    };
    let renews = is_good && issued.profile.is_requested() && issued.der.is_some();
    let answers = [
        (CertificateAction::Renew, renews),
        (CertificateAction::Hold, revokes(RevocationReason::CertificateHold)),
        (CertificateAction::Release, ca::release(issued.clone(), now).is_ok()),
        (CertificateAction::Revoke, revokes(RevocationReason::Unspecified)),
    ];

    answers.into_iter().filter(|(_, allowed)| *allowed).map(|(action, _)| action).collect()
}

async fn count(operations: &Operations, filter: &IssuedFilter) -> Result<StandingCounts, Fault> {
    let mut counts = BTreeMap::new();
    for standing in Standing::ALL {
        let filter = IssuedFilter { standing: Some(*standing), ..filter.clone() };
        let total = operations.certificates(&filter, Page::new(0, 1)).await?.total;
        counts.insert(*standing, total);
    }
    let count = |standing| counts.get(&standing).copied().unwrap_or(0);

    Ok(StandingCounts {
        good: count(Standing::Good),
        expiring: count(Standing::Expiring),
        expired: count(Standing::Expired),
        on_hold: count(Standing::OnHold),
        revoked: count(Standing::Revoked),
    })
}

impl IssuedItemView {
    fn new(issued: &Issued, names: &HolderNames, now: OffsetDateTime) -> Self {
        let device = issued.holder.device.and_then(|id| {
            let name = names.devices.get(&id)?.to_string();
            Some(NamedView { id: id.into(), name })
        });
        let person = issued.holder.user.and_then(|id| {
            let (login, name) = names.users.get(&id)?;
            Some(PersonRef { id: id.into(), login: login.to_string(), name: name.to_string() })
        });

        Self {
            serial: issued.serial.to_string(),
            profile: issued.profile.into(),
            subject: issued.subject.clone(),
            addresses: issued.addresses.clone(),
            state: issued.standing(now).into(),
            device,
            person,
            not_before: issued.not_before,
            not_after: issued.not_after,
            issued_at: issued.issued_at,
            revocation: issued.revocation.map(RevocationView::from),
        }
    }
}

impl From<&Certificate> for ContentView {
    fn from(certificate: &Certificate) -> Self {
        let addresses = certificate.ip_addresses().into_iter().map(|address| address.to_string());

        Self {
            hosts: certificate.dns_names().into_iter().chain(addresses).collect(),
            key: certificate.key_kind().to_string(),
            fingerprint: certificate.fingerprint().to_string(),
        }
    }
}

impl From<Revocation> for RevocationView {
    fn from(revocation: Revocation) -> Self {
        Self { since: revocation.since, reason: revocation.reason.into() }
    }
}

/// Says which name of the API stands for which value of the rules, both ways.
macro_rules! names {
    ($name:ident of $value:ident: $($variant:ident)+) => {
        impl From<$value> for $name {
            fn from(value: $value) -> Self {
                match value {
                    $($value::$variant => Self::$variant,)+
                }
            }
        }

        impl From<$name> for $value {
            fn from(name: $name) -> Self {
                match name {
                    $($name::$variant => Self::$variant,)+
                }
            }
        }
    };
}

names!(ProfileName of Profile: Authority Device Ocsp Person PersonEncryption PersonSigning Portal Scep Server);
names!(StandingName of Standing: Expired Expiring Good OnHold Revoked);
names!(ReasonName of RevocationReason: AaCompromise AffiliationChanged CaCompromise CertificateHold CessationOfOperation KeyCompromise PrivilegeWithdrawn Superseded Unspecified);
