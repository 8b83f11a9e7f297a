//! What administrators order for a device.

use crate::Console;
use crate::api::devices::{DeviceView, view};
use crate::api::views::{BlockRequest, WipeKind};
use crate::extract::{Asked, Body, Id, SignedIn};
use crate::problem::Problem;
use audit::{Actor, SubjectKind};
use axum::Json;
use axum::extract::FromRequestParts;
use fleet::device::{self, Device, OpenWipe, WipeOrder};
use fleet::{DeviceId, Reason, Refusal};
use http::StatusCode;
use http::request::Parts;
use operations::{Failure, Operations};
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
    /// To retire it although it has not confirmed its wipe.
    RetireUnwiped,
}

/// What to wipe.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WipeRequest {
    kind: WipeKind,
    /// The name of the device, typed to show that this one is meant.
    confirmation: String,
}

/// How to retire.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetireQuery {
    /// Also if the device has yet to confirm its wipe: it will never be told, and keeps what it has.
    #[serde(default)]
    give_up_wipe: bool,
}

/// Who orders something for which device, and how it is answered: with the device as it is afterwards.
pub(crate) struct Order {
    console: Console,
    actor: Actor,
    device: DeviceId,
}

type Answered = Result<Json<DeviceView>, Problem>;

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
pub(crate) async fn block_device(order: Order, Body(request): Body<BlockRequest>) -> Answered {
    let reason = request.reason()?;
    let done = order.operations().block(&order.actor, order.device, reason).await;

    order.answer(done).await
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
pub(crate) async fn unblock_device(order: Order) -> Answered {
    let done = order.operations().unblock(&order.actor, order.device).await;

    order.answer(done).await
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
pub(crate) async fn wipe_device(order: Order, Body(request): Body<WipeRequest>) -> Answered {
    let Some(item) = order.operations().device(order.device).await? else {
        return Err(Problem::unknown(SubjectKind::Device));
    };
    if request.confirmation.trim() != item.device.name.as_str() {
        return Err(unconfirmed());
    }
    let done = order.operations().wipe(&order.actor, order.device, request.kind.into()).await;

    order.answer(done).await
}

/// Retire a device
///
/// It is out of service for good, and the licence counts it no longer. A device that has yet to confirm its wipe could
/// not be told any more, and is retired only if the wipe is given up.
#[utoipa::path(
    post,
    path = "/devices/{id}/retire",
    tag = "devices",
    params(("id" = Uuid, Path), RetireQuery),
    responses(
        (status = OK, body = DeviceView),
        (status = NOT_FOUND, body = Problem),
        (status = CONFLICT, body = Problem),
    )
)]
pub(crate) async fn retire_device(order: Order, Asked(query): Asked<RetireQuery>) -> Answered {
    let open_wipe = if query.give_up_wipe { OpenWipe::GiveUp } else { OpenWipe::Keep };
    let done = order.operations().retire(&order.actor, order.device, open_wipe).await;

    order.answer(done).await
}

/// Asks the rules what they would allow.
pub(crate) fn allowed(device: &Device, now: OffsetDateTime) -> Vec<DeviceAction> {
    let wipes = |order| device::wipe(device.clone(), order, now).is_ok();
    let blocks =
        Reason::parse("?").is_ok_and(|reason| device::block(device.clone(), reason, now).is_ok());
    let retires = |open_wipe| device::retire(device.clone(), open_wipe, now).is_ok();
    let answers = [
        (DeviceAction::Block, blocks),
        (DeviceAction::Unblock, device::unblock(device.clone()).is_ok()),
        (DeviceAction::WipeKey, wipes(WipeOrder::Key)),
        (DeviceAction::WipeData, wipes(WipeOrder::Data)),
        (DeviceAction::Retire, retires(OpenWipe::Keep)),
        (DeviceAction::RetireUnwiped, !retires(OpenWipe::Keep) && retires(OpenWipe::GiveUp)),
    ];

    answers.into_iter().filter(|(_, allowed)| *allowed).map(|(action, _)| action).collect()
}

impl Order {
    fn operations(&self) -> &Operations {
        self.console.operations()
    }

    async fn answer<R: Refusal>(&self, done: Result<Device, Failure<R>>) -> Answered {
        done?;

        view(self.operations(), self.device).await
    }
}

impl FromRequestParts<Console> for Order {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Problem> {
        let signed_in = SignedIn::from_request_parts(parts, console).await?;
        let Id(id) = Id::from_request_parts(parts, console).await?;

        Ok(Self { console: console.clone(), actor: signed_in.actor(), device: DeviceId(id) })
    }
}

fn unconfirmed() -> Problem {
    let detail = "the wipe was not ordered: the confirmation is not the name of the device; type it as it is shown";

    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "confirmation_differs", detail)
        .at("confirmation")
}
