use crate::Console;
use crate::api::devices::StateCounts;
use crate::problem::Problem;
use audit::{Action, Ending, Filter};
use axum::Json;
use axum::extract::State;
use fleet::list::Page;
use serde::Serialize;
use time::Duration;
use utoipa::ToSchema;

/// How the fleet stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OverviewView {
    /// The version of the server.
    version: &'static str,
    licence: LicenceView,
    /// How many devices are in each state.
    devices: StateCounts,
    people: u64,
    groups: u64,
    /// How many invitations can be redeemed.
    invitations_open: u64,
    /// Whether a certificate was ever deposited.
    certificate_deposited: bool,
    /// How many requests the gateway refused in the last hour, as far as it remembers.
    refusals_last_hour: u64,
}

/// How many devices may be in service, and how many are.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LicenceView {
    devices: u32,
    used: u64,
}

/// Count what there is
#[utoipa::path(
    get,
    path = "/overview",
    tag = "overview",
    responses((status = OK, body = OverviewView), (status = UNAUTHORIZED, body = Problem))
)]
pub(crate) async fn read_overview(
    State(console): State<Console>,
) -> Result<Json<OverviewView>, Problem> {
    let figures = console.operations().figures().await?;
    let deposits = Filter {
        actions: vec![Action::UserCertificate],
        ending: Some(Ending::Done),
        ..Filter::default()
    };
    let deposits = console.operations().audit_events(&deposits, Page::new(0, 1)).await?;
    let hour_ago = console.operations().now() - Duration::HOUR;
    let refusals = console.setup.refusals.recent();

    Ok(Json(OverviewView {
        version: env!("CARGO_PKG_VERSION"),
        licence: LicenceView { devices: figures.licence.devices, used: figures.licensed_in_use },
        devices: StateCounts::from(&figures.devices),
        people: figures.users,
        groups: figures.groups,
        invitations_open: figures.open_invitations,
        certificate_deposited: deposits.total > 0,
        refusals_last_hour: refusals.iter().filter(|refusal| refusal.at >= hour_ago).count() as u64,
    }))
}
