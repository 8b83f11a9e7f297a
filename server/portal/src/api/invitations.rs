use crate::Console;
use crate::api::views::{ActorView, PersonRef, fifty};
use crate::extract::{Asked, Body, Id, SignedIn};
use crate::problem::{Problem, internal};
use axum::Json;
use axum::extract::State;
use fleet::invitation::{Standing, Validity, ValidityRefusal, Warning};
use fleet::list::{InvitationFilter, InvitationItem, Page};
use fleet::{InvitationId, Name, UserId};
use http::StatusCode;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use utoipa::ToSchema;
use uuid::Uuid;

/// Which invitations are wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct InvitationsQuery {
    /// Only invitations of this person.
    user: Option<Uuid>,
    /// Only invitations that can be redeemed.
    #[serde(default)]
    open: bool,
    /// How many items to leave out at the beginning.
    #[serde(default)]
    offset: u64,
    /// How many items to return at most, 1 to 200.
    #[serde(default = "fifty")]
    limit: u64,
}

/// A page of invitations, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvitationsView {
    /// How many invitations fit.
    total: u64,
    items: Vec<InvitationView>,
}

/// An invitation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvitationView {
    id: Uuid,
    /// Who was invited.
    user: PersonRef,
    /// The device that comes of it.
    device: Uuid,
    created_by: ActorView,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
    standing: StandingView,
}

/// Where an invitation stands.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StandingView {
    /// It can be redeemed.
    Open,
    Expired,
    /// Too many answers to its challenges were wrong.
    Closed,
    Used,
    Revoked,
}

/// Whom to invite.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InvitationRequest {
    user: Uuid,
    /// What to call the device; the person's name without it.
    device_name: Option<String>,
    /// How long the invitation is good, in seconds: 1 minute to 30 days.
    valid_seconds: u32,
}

/// An invitation and its link, which cannot be shown again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvitationMade {
    id: Uuid,
    device: Uuid,
    link: String,
    /// The link as a QR code, an SVG document.
    qr_svg: String,
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
    /// What the registration will be refused for, as things stand.
    #[schema(required)]
    warning: Option<WarningView>,
}

/// What the registration with an invitation will be refused for, unless somebody sees to it first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WarningView {
    /// The stable code of the refusal.
    code: &'static str,
    /// What will be refused, why, and what to do about it, in English.
    detail: String,
}

impl From<Warning> for WarningView {
    fn from(warning: Warning) -> Self {
        Self { code: warning.code(), detail: warning.to_string() }
    }
}

/// List invitations
#[utoipa::path(
    get,
    path = "/invitations",
    tag = "invitations",
    params(InvitationsQuery),
    responses((status = OK, body = InvitationsView), (status = UNAUTHORIZED, body = Problem))
)]
pub(crate) async fn list_invitations(
    State(console): State<Console>,
    Asked(query): Asked<InvitationsQuery>,
) -> Result<Json<InvitationsView>, Problem> {
    let now = console.operations().now();
    let filter =
        InvitationFilter { user: query.user.map(UserId), open_at: query.open.then_some(now) };
    let page = Page::new(query.offset, query.limit);
    let listing = console.operations().invitations(&filter, page).await?;
    let items = listing.items.into_iter().map(|item| view(item, now)).collect();

    Ok(Json(InvitationsView { total: listing.total, items }))
}

/// Invite a person to register one device
#[utoipa::path(
    post,
    path = "/invitations",
    tag = "invitations",
    request_body = InvitationRequest,
    responses(
        (status = CREATED, body = InvitationMade),
        (status = NOT_FOUND, body = Problem),
        (status = CONFLICT, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem),
    )
)]
pub(crate) async fn create_invitation(
    State(console): State<Console>,
    signed_in: SignedIn,
    Body(request): Body<InvitationRequest>,
) -> Result<(StatusCode, Json<InvitationMade>), Problem> {
    let name = request.device_name.as_deref().map(Name::parse).transpose();
    let name = name.map_err(|text| Problem::refused(&text).at("device_name"))?;
    let validity = Validity::parse(Duration::seconds(request.valid_seconds.into()));
    let validity = validity
        .map_err(|refusal: ValidityRefusal| Problem::refused(&refusal).at("valid_seconds"))?;
    let actor = signed_in.actor();
    let user = UserId(request.user);
    let invited = console.operations().invite(&actor, user, name, validity).await?;
    let link = invited.link.expose_secret();

    Ok((
        StatusCode::CREATED,
        Json(InvitationMade {
            id: invited.invitation.id.into(),
            device: invited.device.id.into(),
            link: link.to_owned(),
            qr_svg: qr(link).map_err(|error| internal(&error))?,
            expires_at: invited.invitation.expires_at,
            warning: invited.warning.map(WarningView::from),
        }),
    ))
}

/// Take an invitation back
#[utoipa::path(
    delete,
    path = "/invitations/{id}",
    tag = "invitations",
    params(("id" = Uuid, Path)),
    responses(
        (status = NO_CONTENT),
        (status = NOT_FOUND, body = Problem),
        (status = CONFLICT, body = Problem),
    )
)]
pub(crate) async fn revoke_invitation(
    State(console): State<Console>,
    signed_in: SignedIn,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    console.operations().revoke_invitation(&signed_in.actor(), InvitationId(id)).await?;

    Ok(StatusCode::NO_CONTENT)
}

fn view(item: InvitationItem, now: OffsetDateTime) -> InvitationView {
    let InvitationItem { invitation, user_login, user_name } = item;

    InvitationView {
        id: invitation.id.into(),
        user: PersonRef {
            id: invitation.user.into(),
            login: user_login.to_string(),
            name: user_name.to_string(),
        },
        device: invitation.device.into(),
        created_by: ActorView::parse(&invitation.created_by),
        created_at: invitation.created_at,
        expires_at: invitation.expires_at,
        standing: match invitation.standing(now) {
            Standing::Open => StandingView::Open,
            Standing::Expired => StandingView::Expired,
            Standing::Closed => StandingView::Closed,
            Standing::Used => StandingView::Used,
            Standing::Revoked => StandingView::Revoked,
        },
    }
}

fn qr(link: &str) -> Result<String, qrcode::types::QrError> {
    let code = QrCode::with_error_correction_level(link, EcLevel::M)?;

    Ok(code.render::<svg::Color<'_>>().min_dimensions(240, 240).build())
}
