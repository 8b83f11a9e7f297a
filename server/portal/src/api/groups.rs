use crate::Console;
use crate::extract::{Body, Id, SignedIn};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use fleet::list::GroupItem;
use fleet::{GroupId, Name};
use http::StatusCode;
use operations::Operations;
use policy::GroupSettings;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// All groups, by name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GroupsView {
    items: Vec<GroupView>,
}

/// A group of people.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GroupView {
    id: Uuid,
    name: String,
    /// How many people are in it.
    users: u64,
    /// Counts the changes of its settings.
    revision: u64,
    /// When its settings were changed last.
    #[serde(with = "time::serde::rfc3339")]
    changed_at: OffsetDateTime,
}

/// The name of a group.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupRequest {
    name: String,
}

/// List groups
#[utoipa::path(
    get,
    path = "/groups",
    tag = "groups",
    responses((status = OK, body = GroupsView), (status = UNAUTHORIZED, body = Problem))
)]
pub(crate) async fn list_groups(
    State(console): State<Console>,
) -> Result<Json<GroupsView>, Problem> {
    let groups = console.operations().groups().await?;

    Ok(Json(GroupsView { items: groups.into_iter().map(GroupView::from).collect() }))
}

/// Add a group
///
/// It begins with sensible settings for mail through this server.
#[utoipa::path(
    post,
    path = "/groups",
    tag = "groups",
    request_body = GroupRequest,
    responses(
        (status = CREATED, body = GroupView),
        (status = CONFLICT, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem),
    )
)]
pub(crate) async fn create_group(
    State(console): State<Console>,
    signed_in: SignedIn,
    Body(request): Body<GroupRequest>,
) -> Result<(StatusCode, Json<GroupView>), Problem> {
    let name = parse(&request)?;
    let settings = GroupSettings::sensible(host(console.operations()));
    let group = console.operations().create_group(&signed_in.actor(), name, settings).await?;

    Ok((StatusCode::CREATED, Json(GroupItem { group, users: 0 }.into())))
}

/// Give a group another name
#[utoipa::path(
    patch,
    path = "/groups/{id}",
    tag = "groups",
    params(("id" = Uuid, Path)),
    request_body = GroupRequest,
    responses(
        (status = NO_CONTENT),
        (status = NOT_FOUND, body = Problem),
        (status = CONFLICT, body = Problem),
        (status = UNPROCESSABLE_ENTITY, body = Problem),
    )
)]
pub(crate) async fn rename_group(
    State(console): State<Console>,
    signed_in: SignedIn,
    Id(id): Id,
    Body(request): Body<GroupRequest>,
) -> Result<StatusCode, Problem> {
    let name = parse(&request)?;
    console.operations().rename_group(&signed_in.actor(), GroupId(id), name).await?;

    Ok(StatusCode::NO_CONTENT)
}

/// Remove a group
#[utoipa::path(
    delete,
    path = "/groups/{id}",
    tag = "groups",
    params(("id" = Uuid, Path)),
    responses(
        (status = NO_CONTENT),
        (status = NOT_FOUND, body = Problem),
        (status = CONFLICT, body = Problem),
    )
)]
pub(crate) async fn remove_group(
    State(console): State<Console>,
    signed_in: SignedIn,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    console.operations().remove_group(&signed_in.actor(), GroupId(id)).await?;

    Ok(StatusCode::NO_CONTENT)
}

fn parse(request: &GroupRequest) -> Result<Name, Problem> {
    Name::parse(&request.name).map_err(|text| Problem::refused(&text).at("name"))
}

/// Returns `host[:port]` of the address where devices reach the server.
fn host(operations: &Operations) -> &str {
    let url = operations.public_url();

    url.split_once("://").map_or(url, |(_, host)| host)
}

impl From<GroupItem> for GroupView {
    fn from(item: GroupItem) -> Self {
        let GroupItem { group, users } = item;

        Self {
            id: group.id.into(),
            name: group.name.to_string(),
            users,
            revision: group.revision,
            changed_at: group.changed_at,
        }
    }
}
