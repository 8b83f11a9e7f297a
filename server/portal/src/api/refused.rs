use crate::Console;
use crate::api::views::NamedView;
use crate::problem::Problem;
use crate::refusals::RefusedRequest;
use axum::Json;
use axum::extract::State;
use fleet::DeviceId;
use operations::{Fault, Operations};
use serde::Serialize;
use std::collections::BTreeMap;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// More than this nobody reads; the log has them all.
const MOST: usize = 200;

/// What the gateway refused lately, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RefusalsView {
    items: Vec<RefusalView>,
}

/// A request that did not reach the mail server.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RefusalView {
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    /// The rule that refused.
    rule: String,
    /// What the fact is about that settled it.
    fact: String,
    /// What that fact is.
    value: String,
    /// The device, if the request could be assigned to one that is still known.
    #[schema(required)]
    device: Option<NamedView>,
    /// The identifier it showed in ActiveSync.
    #[schema(required)]
    eas_id: Option<String>,
    /// The ActiveSync command.
    #[schema(required)]
    command: Option<String>,
    /// The HTTP status of the answer; 0 if the connection was closed instead.
    status: u16,
}

/// List what the gateway refused lately
#[utoipa::path(
    get,
    path = "/refusals",
    tag = "gateway",
    responses((status = OK, body = RefusalsView), (status = UNAUTHORIZED, body = Problem))
)]
pub(crate) async fn list_refusals(
    State(console): State<Console>,
) -> Result<Json<RefusalsView>, Problem> {
    let mut recent = console.setup.refusals.recent();
    recent.reverse();
    recent.truncate(MOST);
    let names = names(console.operations(), &recent).await?;

    Ok(Json(RefusalsView { items: recent.into_iter().map(|one| view(one, &names)).collect() }))
}

fn view(refused: RefusedRequest, names: &BTreeMap<DeviceId, String>) -> RefusalView {
    let named = |id: DeviceId| Some(NamedView { id: id.into(), name: names.get(&id)?.clone() });

    RefusalView {
        at: refused.at,
        rule: refused.rule,
        fact: refused.fact,
        value: refused.value,
        device: refused.device.and_then(named),
        eas_id: refused.eas_id,
        command: refused.command,
        status: refused.status,
    }
}

async fn names(
    operations: &Operations,
    refused: &[RefusedRequest],
) -> Result<BTreeMap<DeviceId, String>, Fault> {
    let mut names = BTreeMap::new();
    for id in refused.iter().filter_map(|one| one.device) {
        if names.contains_key(&id) {
            continue;
        }
        if let Some(item) = operations.device(id).await? {
            names.insert(id, item.device.name.to_string());
        }
    }

    Ok(names)
}
