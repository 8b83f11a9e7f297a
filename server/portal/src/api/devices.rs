use crate::Console;
use crate::api::orders::{DeviceAction, allowed};
use crate::api::views::{
    BlockView, ClientView, DeviceState, EventsView, NamedView, PageQuery, PersonRef, fifty,
};
use crate::extract::{Asked, Body, Id, SignedIn};
use crate::problem::Problem;
use audit::SubjectKind;
use axum::Json;
use axum::extract::State;
use data_encoding::HEXLOWER;
use fleet::device::{DeviceCertificate, StateKind};
use fleet::list::{DeviceFilter, DeviceItem, DeviceOrder, Page};
use fleet::{DeviceId, EasId, GroupId, Name, UserId};
use http::StatusCode;
use operations::{Fault, Operations};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// Which devices are wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct DevicesQuery {
    /// Words that all have to occur in what is known of the device or its owner.
    #[serde(default)]
    search: String,
    /// Only devices in this state.
    #[param(inline)]
    state: Option<StateName>,
    /// Only devices of this person.
    user: Option<Uuid>,
    /// Only devices of people in this group.
    group: Option<Uuid>,
    /// Which device comes first.
    #[serde(default)]
    #[param(inline)]
    sort: DeviceSort,
    /// How many items to leave out at the beginning.
    #[serde(default)]
    offset: u64,
    /// How many items to return at most, 1 to 200.
    #[serde(default = "fifty")]
    limit: u64,
}

/// The states of a device, without their circumstances.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StateName {
    Invited,
    Registered,
    Blocked,
    Wiped,
    Retired,
}

/// Which device comes first.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DeviceSort {
    /// The one that was seen most recently.
    LastSeen,
    /// The one whose name comes first.
    #[default]
    Name,
    /// The one that was heard of first most recently.
    Newest,
}

/// A page of devices.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DevicesView {
    /// How many devices fit.
    total: u64,
    items: Vec<DeviceItemView>,
    /// How many would fit in each state.
    counts: StateCounts,
}

/// How many devices are in each state.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StateCounts {
    invited: u64,
    registered: u64,
    blocked: u64,
    wiped: u64,
    retired: u64,
}

/// A device in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeviceItemView {
    id: Uuid,
    name: String,
    owner: PersonRef,
    group: NamedView,
    /// Make and model; empty until the device reports it.
    model: String,
    /// Operating system; empty until the device reports it.
    system: String,
    client: ClientView,
    /// Where it stands by itself.
    state: DeviceState,
    /// The block of its owner, through which a registered device is refused too.
    #[schema(required)]
    owner_block: Option<BlockView>,
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(required)]
    last_seen: Option<OffsetDateTime>,
}

/// Everything about a device.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeviceView {
    #[serde(flatten)]
    item: DeviceItemView,
    /// The identifier in its ActiveSync requests.
    #[schema(required)]
    eas_id: Option<String>,
    /// The version of the app; empty until the device reports it.
    app_version: String,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(required)]
    registered_at: Option<OffsetDateTime>,
    #[schema(required)]
    certificate: Option<DeviceCertificateView>,
    /// What may be done to it in its state.
    allowed: Vec<DeviceAction>,
}

/// The certificate that a device proves itself with.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeviceCertificateView {
    /// SHA-256 of the certificate, in hexadecimal.
    fingerprint: String,
    serial: String,
    #[serde(with = "time::serde::rfc3339")]
    not_after: OffsetDateTime,
}

/// A device without the app.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddDeviceRequest {
    /// Whose device it is.
    user: Uuid,
    name: String,
    /// The identifier in its ActiveSync requests.
    eas_id: String,
}

/// Another name for a device.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RenameDeviceRequest {
    name: String,
}

/// List devices
#[utoipa::path(
    get,
    path = "/devices",
    tag = "devices",
    params(DevicesQuery),
    responses((status = OK, body = DevicesView), (status = UNAUTHORIZED, body = Problem))
)]
pub(crate) async fn list_devices(
    State(console): State<Console>,
    Asked(query): Asked<DevicesQuery>,
) -> Result<Json<DevicesView>, Problem> {
    let page = Page::new(query.offset, query.limit);
    let any_state = filter(&query);
    let states = query.state.map(StateKind::from).into_iter().collect();
    let filter = DeviceFilter { states, ..any_state.clone() };
    let listing = console.operations().devices(&filter, page).await?;

    Ok(Json(DevicesView {
        total: listing.total,
        items: listing.items.into_iter().map(DeviceItemView::from).collect(),
        counts: count(console.operations(), &any_state).await?,
    }))
}

/// Add a device without the app
#[utoipa::path(
    post,
    path = "/devices",
    tag = "devices",
    request_body = AddDeviceRequest,
    responses(
        (status = CREATED, body = DeviceView),
        (status = NOT_FOUND, body = Problem),
        (status = CONFLICT, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem),
    )
)]
pub(crate) async fn add_device(
    State(console): State<Console>,
    signed_in: SignedIn,
    Body(request): Body<AddDeviceRequest>,
) -> Result<(StatusCode, Json<DeviceView>), Problem> {
    let name = Name::parse(&request.name).map_err(|text| Problem::refused(&text).at("name"))?;
    let eas_id = EasId::parse(&request.eas_id);
    let eas_id = eas_id.map_err(|text| Problem::refused(&text).at("eas_id"))?;
    let user = UserId(request.user);
    let actor = signed_in.actor();
    let device = console.operations().add_native_device(&actor, user, name, eas_id).await?;

    Ok((StatusCode::CREATED, view(console.operations(), device.id).await?))
}

/// Show a device
#[utoipa::path(
    get,
    path = "/devices/{id}",
    tag = "devices",
    params(("id" = Uuid, Path)),
    responses((status = OK, body = DeviceView), (status = NOT_FOUND, body = Problem))
)]
pub(crate) async fn read_device(
    State(console): State<Console>,
    Id(id): Id,
) -> Result<Json<DeviceView>, Problem> {
    view(console.operations(), DeviceId(id)).await
}

/// Give a device another name
#[utoipa::path(
    patch,
    path = "/devices/{id}",
    tag = "devices",
    params(("id" = Uuid, Path)),
    request_body = RenameDeviceRequest,
    responses(
        (status = OK, body = DeviceView),
        (status = NOT_FOUND, body = Problem),
        (status = CONFLICT, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem),
    )
)]
pub(crate) async fn rename_device(
    State(console): State<Console>,
    signed_in: SignedIn,
    Id(id): Id,
    Body(request): Body<RenameDeviceRequest>,
) -> Result<Json<DeviceView>, Problem> {
    let name = Name::parse(&request.name).map_err(|text| Problem::refused(&text).at("name"))?;
    console.operations().rename_device(&signed_in.actor(), DeviceId(id), name).await?;

    view(console.operations(), DeviceId(id)).await
}

/// List what happened to a device
#[utoipa::path(
    get,
    path = "/devices/{id}/history",
    tag = "devices",
    params(("id" = Uuid, Path), PageQuery),
    responses((status = OK, body = EventsView), (status = UNAUTHORIZED, body = Problem))
)]
pub(crate) async fn list_device_history(
    State(console): State<Console>,
    Id(id): Id,
    Asked(page): Asked<PageQuery>,
) -> Result<Json<EventsView>, Problem> {
    let listing = console.operations().device_history(DeviceId(id), page.into()).await?;
    let items = listing.items.into_iter().map(Into::into).collect();

    Ok(Json(EventsView { total: listing.total, items }))
}

/// Shows a device as it is.
pub(crate) async fn view(
    operations: &Operations,
    id: DeviceId,
) -> Result<Json<DeviceView>, Problem> {
    let Some(item) = operations.device(id).await? else {
        return Err(Problem::unknown(SubjectKind::Device));
    };
    let device = item.device.clone();

    Ok(Json(DeviceView {
        allowed: allowed(&device, operations.now()),
        item: item.into(),
        eas_id: device.eas_id.map(|id| id.to_string()),
        app_version: device.app_version,
        created_at: device.created_at,
        registered_at: device.registered_at,
        certificate: device.certificate.map(DeviceCertificateView::from),
    }))
}

fn filter(query: &DevicesQuery) -> DeviceFilter {
    DeviceFilter {
        search: query.search.clone(),
        user: query.user.map(UserId),
        group: query.group.map(GroupId),
        order: query.sort.into(),
        ..DeviceFilter::default()
    }
}

async fn count(operations: &Operations, filter: &DeviceFilter) -> Result<StateCounts, Fault> {
    let mut counts = BTreeMap::new();
    for kind in StateKind::ALL {
        let filter = DeviceFilter { states: vec![*kind], ..filter.clone() };
        counts.insert(*kind, operations.devices(&filter, Page::new(0, 1)).await?.total);
    }

    Ok(StateCounts::from(&counts))
}

impl From<DeviceItem> for DeviceItemView {
    fn from(item: DeviceItem) -> Self {
        let DeviceItem { device, owner_login, owner_name, group, group_name, owner_block } = item;

        Self {
            id: device.id.into(),
            name: device.name.to_string(),
            owner: PersonRef {
                id: device.user.into(),
                login: owner_login.to_string(),
                name: owner_name.to_string(),
            },
            group: NamedView { id: group.into(), name: group_name.to_string() },
            model: device.model,
            system: device.system,
            client: device.client.into(),
            state: device.state.into(),
            owner_block: owner_block.map(BlockView::from),
            last_seen: device.last_seen,
        }
    }
}

impl From<DeviceCertificate> for DeviceCertificateView {
    fn from(certificate: DeviceCertificate) -> Self {
        Self {
            fingerprint: HEXLOWER.encode(&certificate.fingerprint),
            serial: certificate.serial,
            not_after: certificate.not_after,
        }
    }
}

impl From<&BTreeMap<StateKind, u64>> for StateCounts {
    fn from(counts: &BTreeMap<StateKind, u64>) -> Self {
        let count = |kind| counts.get(&kind).copied().unwrap_or(0);

        Self {
            invited: count(StateKind::Invited),
            registered: count(StateKind::Registered),
            blocked: count(StateKind::Blocked),
            wiped: count(StateKind::Wiped),
            retired: count(StateKind::Retired),
        }
    }
}

impl From<StateName> for StateKind {
    fn from(name: StateName) -> Self {
        match name {
            StateName::Invited => Self::Invited,
            StateName::Registered => Self::Registered,
            StateName::Blocked => Self::Blocked,
            StateName::Wiped => Self::Wiped,
            StateName::Retired => Self::Retired,
        }
    }
}

impl From<DeviceSort> for DeviceOrder {
    fn from(sort: DeviceSort) -> Self {
        match sort {
            DeviceSort::LastSeen => Self::LastSeen,
            DeviceSort::Name => Self::Name,
            DeviceSort::Newest => Self::Newest,
        }
    }
}
