//! What administrators order for a device.

use crate::Console;
use crate::api::devices::{DeviceView, view};
use crate::api::views::WipeKind;
use crate::extract::{Body, Id, SignedIn};
use crate::problem::Problem;
use audit::SubjectKind;
use axum::Json;
use axum::extract::State;
use fleet::device::{self, Device, WipeOrder};
use fleet::{DeviceId, Reason};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// What may be done to a device.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DeviceAction {
    Block,
    Unblock,
    WipeKey,
    WipeData,
    Retire,
}

/// Why a device is blocked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BlockRequest {
    /// What its owner is told.
    reason: String,
}

/// What to wipe.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WipeRequest {
    kind: WipeKind,
    /// The name of the device, typed to show that this one is meant.
    confirmation: String,
}

/// Block a device
///
/// It is refused everywhere within a second.
#[utoipa::path(
    post,
    path = "/devices/{id}/block",
    tag = "devices",
    params(("id" = Uuid, Path)),
    request_body = BlockRequest,
    responses(
        (status = OK, body = DeviceView),
        (status = NOT_FOUND, body = Problem),
        (status = CONFLICT, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem),
    )
)]
pub(crate) async fn block_device(
    State(console): State<Console>,
    signed_in: SignedIn,
    Id(id): Id,
    Body(request): Body<BlockRequest>,
) -> Result<Json<DeviceView>, Problem> {
    let reason = Reason::parse(&request.reason);
    let reason = reason.map_err(|text| Problem::refused(&text).at("reason"))?;
    console.operations().block(&signed_in.actor(), DeviceId(id), reason).await?;

    view(console.operations(), DeviceId(id)).await
}

/// Unblock a device
#[utoipa::path(
    post,
    path = "/devices/{id}/unblock",
    tag = "devices",
    params(("id" = Uuid, Path)),
    responses(
        (status = OK, body = DeviceView),
        (status = NOT_FOUND, body = Problem),
        (status = CONFLICT, body = Problem),
    )
)]
pub(crate) async fn unblock_device(
    State(console): State<Console>,
    signed_in: SignedIn,
    Id(id): Id,
) -> Result<Json<DeviceView>, Problem> {
    console.operations().unblock(&signed_in.actor(), DeviceId(id)).await?;

    view(console.operations(), DeviceId(id)).await
}

/// Tell a device to wipe
///
/// This cannot be taken back.
#[utoipa::path(
    post,
    path = "/devices/{id}/wipe",
    tag = "devices",
    params(("id" = Uuid, Path)),
    request_body = WipeRequest,
    responses(
        (status = OK, body = DeviceView),
        (status = NOT_FOUND, body = Problem),
        (status = CONFLICT, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem),
    )
)]
pub(crate) async fn wipe_device(
    State(console): State<Console>,
    signed_in: SignedIn,
    Id(id): Id,
    Body(request): Body<WipeRequest>,
) -> Result<Json<DeviceView>, Problem> {
    let Some(item) = console.operations().device(DeviceId(id)).await? else {
        return Err(Problem::unknown(SubjectKind::Device));
    };
    if request.confirmation.trim() != item.device.name.as_str() {
        return Err(unconfirmed());
    }
    console.operations().wipe(&signed_in.actor(), DeviceId(id), request.kind.into()).await?;

    view(console.operations(), DeviceId(id)).await
}

/// Retire a device
///
/// It is out of service for good, and the licence counts it no longer.
#[utoipa::path(
    post,
    path = "/devices/{id}/retire",
    tag = "devices",
    params(("id" = Uuid, Path)),
    responses(
        (status = OK, body = DeviceView),
        (status = NOT_FOUND, body = Problem),
        (status = CONFLICT, body = Problem),
    )
)]
pub(crate) async fn retire_device(
    State(console): State<Console>,
    signed_in: SignedIn,
    Id(id): Id,
) -> Result<Json<DeviceView>, Problem> {
    console.operations().retire(&signed_in.actor(), DeviceId(id)).await?;

    view(console.operations(), DeviceId(id)).await
}

/// Asks the rules what they would allow.
pub(crate) fn allowed(device: &Device, now: OffsetDateTime) -> Vec<DeviceAction> {
    let wipes = |order| device::wipe(device.clone(), order, now).is_ok();
    let blocks =
        Reason::parse("?").is_ok_and(|reason| device::block(device.clone(), reason, now).is_ok());
    let answers = [
        (DeviceAction::Block, blocks),
        (DeviceAction::Unblock, device::unblock(device.clone()).is_ok()),
        (DeviceAction::WipeKey, wipes(WipeOrder::Key)),
        (DeviceAction::WipeData, wipes(WipeOrder::Data)),
        (DeviceAction::Retire, device::retire(device.clone(), now).is_ok()),
    ];

    answers.into_iter().filter(|(_, allowed)| *allowed).map(|(action, _)| action).collect()
}

fn unconfirmed() -> Problem {
    let detail = "the wipe was not ordered: the confirmation is not the name of the device; type it as it is shown";

    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "confirmation_differs", detail)
        .at("confirmation")
}
