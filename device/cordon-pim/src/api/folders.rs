//! Changes of folders: done on the server when the answer comes.

use crate::api::body::{Json, Path};
use crate::api::{Api, Problem};
use app::FolderId;
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewFolderRequest {
    name: String,
    /// The folder it will lie in; at the top if absent.
    #[serde(default)]
    parent: Option<i64>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct NewFolderView {
    id: i64,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RenameRequest {
    name: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MoveFolderRequest {
    /// The folder it will lie in; at the top if null.
    parent: Option<i64>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EmptyRequest {
    /// The folders in it go too.
    subfolders: bool,
}

/// Makes a folder for mail.
#[utoipa::path(
    post,
    path = "/api/folders",
    responses(
        (status = 201, body = NewFolderView),
        (status = 403, body = Problem, description = "`forbidden` by the mail server, with the `reason`"),
        (status = 404, body = Problem, description = "`missing` parent"),
        (status = 409, body = Problem, description = "`name_taken`, `protected_folder` parent"),
        (status = 422, body = Problem, description = "`impossible`, with the `reason`: `name_empty`, `name_too_long`"),
        (status = 423, body = Problem, description = "`locked`"),
        (status = 501, body = Problem, description = "`not_supported` by the mail server"),
        (status = 502, body = Problem, description = "`refused` by the mail server, with the `reason`; `uncertain`: its answer was lost"),
        (status = 503, body = Problem, description = "`offline`, with the `reason`"),
    ),
)]
pub(crate) async fn create(
    State(api): State<Api>,
    Json(request): Json<NewFolderRequest>,
) -> Result<(StatusCode, axum::Json<NewFolderView>), Problem> {
    api.app.touch();
    let id = api.app.create_folder(request.parent.map(FolderId), request.name).await?;
    Ok((StatusCode::CREATED, axum::Json(NewFolderView { id: id.0 })))
}

/// Gives a folder another name.
#[utoipa::path(
    post,
    path = "/api/folders/{id}/rename",
    params(("id" = i64, Path)),
    responses(
        (status = 204),
        (status = 404, body = Problem, description = "`missing`"),
        (status = 409, body = Problem, description = "`name_taken`; `protected_folder`: the mailbox needs it"),
        (status = 422, body = Problem, description = "`impossible`, with the `reason`: `name_empty`, `name_too_long`"),
        (status = 423, body = Problem, description = "`locked`"),
        (status = "default", body = Problem, description = "What else the mail server says, as for a new folder"),
    ),
)]
pub(crate) async fn rename(
    State(api): State<Api>,
    Path(folder): Path<i64>,
    Json(request): Json<RenameRequest>,
) -> Result<StatusCode, Problem> {
    api.app.touch();
    api.app.rename_folder(FolderId(folder), request.name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Moves a folder with everything in it.
#[utoipa::path(
    post,
    path = "/api/folders/{id}/move",
    params(("id" = i64, Path)),
    responses(
        (status = 204),
        (status = 404, body = Problem, description = "`missing` folder or parent"),
        (status = 409, body = Problem, description = "`name_taken` there; `protected_folder`: the mailbox needs it where it is"),
        (status = 422, body = Problem, description = "`impossible`, with the `reason`: `inside_itself`"),
        (status = 423, body = Problem, description = "`locked`"),
        (status = "default", body = Problem, description = "What else the mail server says, as for a new folder"),
    ),
)]
pub(crate) async fn relocate(
    State(api): State<Api>,
    Path(folder): Path<i64>,
    Json(request): Json<MoveFolderRequest>,
) -> Result<StatusCode, Problem> {
    api.app.touch();
    api.app.move_folder(FolderId(folder), request.parent.map(FolderId)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes all mails in a folder for good, those that are only on the server among them.
///
/// Only the deleted mails, junk and folders of the person's own can be emptied.
#[utoipa::path(
    post,
    path = "/api/folders/{id}/empty",
    params(("id" = i64, Path)),
    responses(
        (status = 204),
        (status = 404, body = Problem, description = "`missing`"),
        (status = 409, body = Problem, description = "`protected_folder`"),
        (status = 423, body = Problem, description = "`locked`"),
        (status = "default", body = Problem, description = "What else the mail server says, as for a new folder"),
    ),
)]
pub(crate) async fn empty(
    State(api): State<Api>,
    Path(folder): Path<i64>,
    Json(request): Json<EmptyRequest>,
) -> Result<StatusCode, Problem> {
    api.app.touch();
    api.app.empty_folder(FolderId(folder), request.subfolders).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes a folder with all folders and mails in it, those that are only on the server among them.
///
/// Some servers keep a copy among the deleted mails, others do not.
#[utoipa::path(
    delete,
    path = "/api/folders/{id}",
    params(("id" = i64, Path)),
    responses(
        (status = 204),
        (status = 404, body = Problem, description = "`missing`"),
        (status = 409, body = Problem, description = "`protected_folder`: the mailbox needs it"),
        (status = 423, body = Problem, description = "`locked`"),
        (status = "default", body = Problem, description = "What else the mail server says, as for a new folder"),
    ),
)]
pub(crate) async fn delete(
    State(api): State<Api>,
    Path(folder): Path<i64>,
) -> Result<StatusCode, Problem> {
    api.app.touch();
    api.app.delete_folder(FolderId(folder)).await?;
    Ok(StatusCode::NO_CONTENT)
}
