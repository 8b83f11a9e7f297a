//! What a registered device asks, and what it reports.

use crate::Face;
use crate::answer::{Problem, fresh};
use crate::caller::Caller;
use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use fleet::DeviceId;
use fleet::device::{BlockCause, ConfirmWipeRefusal, State as Life, WipeOrder};
use operations::{DeviceStatus, Failure, Fault};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

/// The longest that a request for the status is held.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

pub(crate) async fn status(
    State(face): State<Face>,
    Caller(device): Caller,
    headers: HeaderMap,
    query: Result<Query<StatusQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(query) = query.map_err(Problem::malformed)?;
    // Whoever is to be blocked or wiped has to hear of it, whether or not the contact can be noted.
    if let Err(fault) = face.operations.record_contact(device.id, app_version(&headers)).await {
        let error = &fault as &dyn std::error::Error;
        tracing::error!(error, "Could not note the contact of a device");
    }

    let deadline = Instant::now() + held(query.wait);
    let status = wait_for(&face, device.id, query.after, deadline).await?;

    Ok(fresh(Json(StatusView::from(&status))))
}

pub(crate) async fn settings(
    State(face): State<Face>,
    Caller(device): Caller,
) -> Result<Response, Problem> {
    let status = load(&face, device.id).await?;
    match &status.device.state {
        Life::Registered | Life::Blocked { .. } => {
            if let Some(reason) = block_reason(&status) {
                let detail = format!(
                    "the settings were not handed out: the device is blocked ({reason}); ask IT"
                );
                return Err(Problem::refused(StatusCode::CONFLICT, "device_blocked", detail));
            }
        }
        Life::Wiped { .. } => {
            let detail = "the settings were not handed out: the device has been told to wipe; ask for its status";
            return Err(Problem::refused(StatusCode::CONFLICT, "device_wiped", detail));
        }
        Life::Invited | Life::Retired { .. } => return Err(gone()),
    }

    Ok(fresh(Json(face.operations.signed_settings(&status)?)))
}

pub(crate) async fn wiped(
    State(face): State<Face>,
    Caller(device): Caller,
    body: Result<Json<WipedForm>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Json(form) = body.map_err(Problem::malformed)?;
    let done = WipeOrder::parse(&form.done)
        .ok_or_else(|| Problem::malformed("`done` is neither `key` nor `data`"))?;
    let actor = audit::Actor::Device(device.id.0);

    match face.operations.confirm_wipe(&actor, device.id, done).await {
        // The answer to the first report was lost.
        Ok(_) | Err(Failure::Refused(ConfirmWipeRefusal::AlreadyConfirmed)) => {
            Ok(StatusCode::NO_CONTENT)
        }
        Err(failure) => Err(failure.into()),
    }
}

/// Returns why the device is blocked, itself or through its owner.
fn block_reason(status: &DeviceStatus) -> Option<&str> {
    status.device.block_cause(status.user.block.as_ref()).map(|cause| match cause {
        BlockCause::Device(reason) | BlockCause::Owner(reason) => reason.as_str(),
    })
}

/// Returns how long a request that asks to wait so many seconds is held.
fn held(seconds: Option<u64>) -> Duration {
    Duration::from_secs(seconds.unwrap_or(0)).min(LONGEST_WAIT)
}

/// Waits until the sequence of a device is another than `after`, or until the deadline.
async fn wait_for(
    face: &Face,
    device: DeviceId,
    after: Option<u64>,
    deadline: Instant,
) -> Result<DeviceStatus, Problem> {
    // Followed from before the first look on, so that no change falls between the two.
    let changes = face.operations.follow(device);
    loop {
        let status = load(face, device).await?;
        if after.is_none_or(|after| status.sequence != after) {
            return Ok(status);
        }
        if timeout_at(deadline, changes.news()).await.is_err() {
            return Ok(status);
        }
    }
}

async fn load(face: &Face, device: DeviceId) -> Result<DeviceStatus, Problem> {
    let status: Result<_, Fault> = face.operations.device_status(device).await;

    status?.ok_or_else(gone)
}

/// The device was retired between finding it and looking at it.
fn gone() -> Problem {
    let detail = "the device is not in service any more; register it again";

    Problem::refused(StatusCode::FORBIDDEN, "unknown_device", detail)
}

/// Reads the version from `User-Agent: cordon-pim/VERSION …`.
fn app_version(headers: &HeaderMap) -> &str {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let product = agent.and_then(|agent| agent.split(' ').next());

    product.and_then(|product| product.strip_prefix("cordon-pim/")).unwrap_or_default()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StatusQuery {
    after: Option<u64>,
    wait: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WipedForm {
    done: String,
}

#[derive(Serialize)]
struct StatusView<'a> {
    device: Uuid,
    standing: &'static str,
    reason: Option<&'a str>,
    wipe: Option<&'static str>,
    revision: u64,
    certificate_files: u64,
    sequence: u64,
}

impl<'a> From<&'a DeviceStatus> for StatusView<'a> {
    fn from(status: &'a DeviceStatus) -> Self {
        let (standing, reason, wipe) = match &status.device.state {
            Life::Registered | Life::Blocked { .. } => match block_reason(status) {
                None => ("active", None, None),
                Some(reason) => ("blocked", Some(reason), None),
            },
            Life::Wiped { order, .. } => ("wiped", None, Some(order.name())),
            Life::Invited | Life::Retired { .. } => ("retired", None, None),
        };

        Self {
            device: status.device.id.0,
            standing,
            reason,
            wipe,
            revision: status.group.revision,
            certificate_files: status.certificate_files,
            sequence: status.sequence,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_held_longer_than_a_minute() {
        assert_eq!(held(None), Duration::ZERO);
        assert_eq!(held(Some(25)), Duration::from_secs(25));
        assert_eq!(held(Some(u64::MAX)), Duration::from_secs(60));
    }
}
