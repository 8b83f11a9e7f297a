use crate::Console;
use crate::api::views::{BlockRequest, BlockView, NamedView, fifty};
use crate::extract::{Asked, Body, Id, SignedIn};
use crate::problem::Problem;
use audit::SubjectKind;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use data_encoding::{BASE64, HEXLOWER};
use fleet::list::{Page, UserFilter, UserItem};
use fleet::user::{Addresses, DepositRefusal, UserCertificate, UserFacts};
use fleet::{GroupId, Login, MailAddress, Name, UserId};
use http::StatusCode;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use operations::Operations;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// Which people are wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct PeopleQuery {
    /// Words that all have to occur in the name, the login name or the addresses.
    #[serde(default)]
    search: String,
    /// Only people in this group.
    group: Option<Uuid>,
    /// How many items to leave out at the beginning.
    #[serde(default)]
    offset: u64,
    /// How many items to return at most, 1 to 200.
    #[serde(default = "fifty")]
    limit: u64,
}

/// A page of people, by name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PeopleView {
    /// How many people fit.
    total: u64,
    items: Vec<PersonView>,
}

/// A person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PersonView {
    id: Uuid,
    login: String,
    name: String,
    /// The mail addresses, the one to send from first.
    addresses: Vec<String>,
    group: NamedView,
    /// How many of the person's devices the licence counts.
    devices: u64,
    #[schema(required)]
    certificate: Option<CertificateView>,
    /// Whether, and why, all of the person's devices are refused.
    #[schema(required)]
    block: Option<BlockView>,
}

/// The certificate that registrations of a person are encrypted for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CertificateView {
    subject: String,
    /// The mail addresses it names.
    addresses: Vec<String>,
    /// SHA-256 of the certificate, in hexadecimal.
    fingerprint: String,
    #[serde(with = "time::serde::rfc3339")]
    not_before: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    not_after: OffsetDateTime,
}

/// What an administrator says about a person.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PersonRequest {
    login: String,
    name: String,
    /// The mail addresses, the one to send from first.
    addresses: Vec<String>,
    group: Uuid,
}

/// A certificate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CertificateRequest {
    /// The file in base64; its content is DER or PEM.
    certificate: String,
}

/// List people
#[utoipa::path(
    get,
    path = "/people",
    tag = "people",
    params(PeopleQuery),
    responses((status = OK, body = PeopleView), (status = UNAUTHORIZED, body = Problem))
)]
pub(crate) async fn list_people(
    State(console): State<Console>,
    Asked(query): Asked<PeopleQuery>,
) -> Result<Json<PeopleView>, Problem> {
    let filter = UserFilter { search: query.search, group: query.group.map(GroupId) };
    let page = Page::new(query.offset, query.limit);
    let listing = console.operations().users(&filter, page).await?;
    let items = listing.items.into_iter().map(PersonView::from).collect();

    Ok(Json(PeopleView { total: listing.total, items }))
}

/// Add a person
#[utoipa::path(
    post,
    path = "/people",
    tag = "people",
    request_body = PersonRequest,
    responses(
        (status = CREATED, body = PersonView),
        (status = CONFLICT, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem),
    )
)]
pub(crate) async fn create_person(
    State(console): State<Console>,
    signed_in: SignedIn,
    Body(request): Body<PersonRequest>,
) -> Result<(StatusCode, Json<PersonView>), Problem> {
    let facts = facts(&request)?;
    let user = console.operations().create_user(&signed_in.actor(), facts).await?;

    Ok((StatusCode::CREATED, view(console.operations(), user.id).await?))
}

/// Show a person
#[utoipa::path(
    get,
    path = "/people/{id}",
    tag = "people",
    params(("id" = Uuid, Path)),
    responses((status = OK, body = PersonView), (status = NOT_FOUND, body = Problem))
)]
pub(crate) async fn read_person(
    State(console): State<Console>,
    Id(id): Id,
) -> Result<Json<PersonView>, Problem> {
    view(console.operations(), UserId(id)).await
}

/// Change a person
#[utoipa::path(
    put,
    path = "/people/{id}",
    tag = "people",
    params(("id" = Uuid, Path)),
    request_body = PersonRequest,
    responses(
        (status = OK, body = PersonView),
        (status = NOT_FOUND, body = Problem),
        (status = CONFLICT, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem),
    )
)]
pub(crate) async fn change_person(
    State(console): State<Console>,
    signed_in: SignedIn,
    Id(id): Id,
    Body(request): Body<PersonRequest>,
) -> Result<Json<PersonView>, Problem> {
    let facts = facts(&request)?;
    console.operations().change_user(&signed_in.actor(), UserId(id), facts).await?;

    view(console.operations(), UserId(id)).await
}

/// Remove a person
#[utoipa::path(
    delete,
    path = "/people/{id}",
    tag = "people",
    params(("id" = Uuid, Path)),
    responses(
        (status = NO_CONTENT),
        (status = NOT_FOUND, body = Problem),
        (status = CONFLICT, body = Problem),
    )
)]
pub(crate) async fn remove_person(
    State(console): State<Console>,
    signed_in: SignedIn,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    console.operations().remove_user(&signed_in.actor(), UserId(id)).await?;

    Ok(StatusCode::NO_CONTENT)
}

/// Download a person's certificate
#[utoipa::path(
    get,
    path = "/people/{id}/certificate",
    tag = "people",
    params(("id" = Uuid, Path)),
    responses(
        (status = OK, body = String, content_type = "application/x-pem-file"),
        (status = NOT_FOUND, body = Problem),
    )
)]
pub(crate) async fn download_certificate(
    State(console): State<Console>,
    Id(id): Id,
) -> Result<Response, Problem> {
    let Some(item) = console.operations().user(UserId(id)).await? else {
        return Err(Problem::unknown(SubjectKind::User));
    };
    let Some(certificate) = item.user.certificate else {
        let detail = "no certificate is deposited for this person; deposit one first";
        return Err(Problem::new(StatusCode::NOT_FOUND, "no_certificate", detail));
    };
    let headers = [
        (CONTENT_TYPE, "application/x-pem-file"),
        (CONTENT_DISPOSITION, "attachment; filename=\"certificate.pem\""),
    ];

    Ok((headers, pem(&certificate.der)).into_response())
}

/// Deposit a person's certificate
#[utoipa::path(
    put,
    path = "/people/{id}/certificate",
    tag = "people",
    params(("id" = Uuid, Path)),
    request_body = CertificateRequest,
    responses(
        (status = OK, body = PersonView),
        (status = NOT_FOUND, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem),
    )
)]
pub(crate) async fn deposit_certificate(
    State(console): State<Console>,
    signed_in: SignedIn,
    Id(id): Id,
    Body(request): Body<CertificateRequest>,
) -> Result<Json<PersonView>, Problem> {
    let Ok(file) = BASE64.decode(request.certificate.as_bytes()) else {
        return Err(Problem::refused(&DepositRefusal::Unreadable).at("certificate"));
    };
    let actor = signed_in.actor();
    console.operations().deposit_certificate(&actor, UserId(id), &file).await?;

    view(console.operations(), UserId(id)).await
}

/// Block a person
///
/// All of their devices are refused everywhere within a second, and they get no others.
#[utoipa::path(
    post,
    path = "/people/{id}/block",
    tag = "people",
    params(("id" = Uuid, Path)),
    request_body = BlockRequest,
    responses(
        (status = OK, body = PersonView),
        (status = NOT_FOUND, body = Problem),
        (status = CONFLICT, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem),
    )
)]
pub(crate) async fn block_person(
    State(console): State<Console>,
    signed_in: SignedIn,
    Id(id): Id,
    Body(request): Body<BlockRequest>,
) -> Result<Json<PersonView>, Problem> {
    let reason = request.reason()?;
    console.operations().block_user(&signed_in.actor(), UserId(id), reason).await?;

    view(console.operations(), UserId(id)).await
}

/// Unblock a person
///
/// Each of their devices has its own state again, without another registration.
#[utoipa::path(
    post,
    path = "/people/{id}/unblock",
    tag = "people",
    params(("id" = Uuid, Path)),
    responses(
        (status = OK, body = PersonView),
        (status = NOT_FOUND, body = Problem),
        (status = CONFLICT, body = Problem),
    )
)]
pub(crate) async fn unblock_person(
    State(console): State<Console>,
    signed_in: SignedIn,
    Id(id): Id,
) -> Result<Json<PersonView>, Problem> {
    console.operations().unblock_user(&signed_in.actor(), UserId(id)).await?;

    view(console.operations(), UserId(id)).await
}

pub(crate) async fn view(operations: &Operations, id: UserId) -> Result<Json<PersonView>, Problem> {
    let Some(item) = operations.user(id).await? else {
        return Err(Problem::unknown(SubjectKind::User));
    };

    Ok(Json(item.into()))
}

fn facts(request: &PersonRequest) -> Result<UserFacts, Problem> {
    let name = Name::parse(&request.name).map_err(|text| Problem::refused(&text).at("name"))?;
    let login = Login::parse(&request.login).map_err(|text| Problem::refused(&text).at("login"))?;
    let addresses = request.addresses.iter().map(|address| MailAddress::parse(address));
    let addresses: Result<Vec<_>, _> = addresses.collect();
    let addresses = addresses.map_err(|text| Problem::refused(&text).at("addresses"))?;
    let addresses = Addresses::parse(addresses);
    let addresses = addresses.map_err(|refusal| Problem::refused(&refusal).at("addresses"))?;

    Ok(UserFacts { login, name, addresses, group: GroupId(request.group) })
}

/// Writes a certificate as text (RFC 7468).
fn pem(der: &[u8]) -> String {
    let mut text = String::from("-----BEGIN CERTIFICATE-----\n");
    for line in der.chunks(48) {
        text.push_str(&BASE64.encode(line));
        text.push('\n');
    }
    text.push_str("-----END CERTIFICATE-----\n");

    text
}

impl From<UserItem> for PersonView {
    fn from(item: UserItem) -> Self {
        let UserItem { user, group_name, devices } = item;

        Self {
            id: user.id.into(),
            login: user.login.to_string(),
            name: user.name.to_string(),
            addresses: user.addresses.iter().map(ToString::to_string).collect(),
            group: NamedView { id: user.group.into(), name: group_name.to_string() },
            devices,
            certificate: user.certificate.map(CertificateView::from),
            block: user.block.map(BlockView::from),
        }
    }
}

impl From<UserCertificate> for CertificateView {
    fn from(certificate: UserCertificate) -> Self {
        Self {
            subject: certificate.subject,
            addresses: certificate.addresses,
            fingerprint: HEXLOWER.encode(&certificate.fingerprint),
            not_before: certificate.not_before,
            not_after: certificate.not_after,
        }
    }
}
