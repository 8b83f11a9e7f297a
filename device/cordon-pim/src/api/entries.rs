//! Contacts, events, tasks and notes.
//!
//! Each class has the same routes. A change holds only what is to change; the answer is the entry as it is then.

use crate::api::body::{Json, Path, Query};
use crate::api::mail::PAGE;
use crate::api::{Api, Problem};
use app::entries::{
    Answer, ContactFields, ContactView, EntryFolder, EntryPage, EntryQuery, EntryView, EventFields,
    EventView, NoteFields, OccurrenceView, Proposal, Take, TaskFields, TaskView, Told,
};
use app::{ErrandError, MessageId};
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What a browser may do with a picture that it is shown as a document: nothing.
const PHOTO_POLICY: &str = "default-src 'none'; sandbox";

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(contacts::list, contacts::add))
        .routes(routes!(contacts::folders))
        .routes(routes!(contacts::show, contacts::change, contacts::remove))
        .routes(routes!(photo))
        .routes(routes!(occurrences, events::add))
        .routes(routes!(events::list))
        .routes(routes!(events::folders))
        .routes(routes!(events::show, change_event, remove_event))
        .routes(routes!(answer_event))
        .routes(routes!(answer_invitation))
        .routes(routes!(tasks::list, tasks::add))
        .routes(routes!(tasks::folders))
        .routes(routes!(tasks::show, tasks::change, tasks::remove))
        .routes(routes!(notes::list, notes::add))
        .routes(routes!(notes::folders))
        .routes(routes!(notes::show, notes::change, notes::remove))
        .routes(routes!(settle))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerRequest {
    answer: Answer,
    /// What the organiser is told besides.
    #[serde(default)]
    words: String,
    /// The time that is proposed to the organiser instead.
    #[serde(default)]
    propose: Option<Proposal>,
    /// Nobody is told.
    #[serde(default)]
    silent: bool,
}

impl AnswerRequest {
    fn told(self) -> Result<(Answer, Told), Problem> {
        let told = match (self.silent, self.propose) {
            (true, Some(_)) => {
                return Err(ErrandError::Impossible { code: "proposal_untold" }.into());
            }
            (true, None) => Told::Nobody,
            (false, proposed) => Told::Organizer { words: self.words, proposed },
        };
        Ok((self.answer, told))
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Only those in which these words are found, as the person typed them.
    query: Option<String>,
    /// Only those in this folder; a search looks in all.
    folder: Option<i64>,
    /// Only tasks that are done, or that are not; a search looks at all.
    done: Option<bool>,
    /// The IANA name of the person's zone, such as `Europe/Berlin`; universal time if absent.
    zone: Option<String>,
    /// How many to leave out.
    #[serde(default)]
    offset: u64,
    /// How many to return, at most 200.
    #[serde(default = "default_limit")]
    limit: u32,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AddQuery {
    /// The folder it is added to; the server's own one if absent.
    folder: Option<i64>,
    /// The IANA name of the person's zone, such as `Europe/Berlin`; universal time if absent.
    zone: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ZoneQuery {
    /// The IANA name of the person's zone, such as `Europe/Berlin`; universal time if absent.
    zone: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OccurrenceQuery {
    /// Only this occurrence of a series, named by the start that the series gives to it.
    occurrence: Option<String>,
    /// The IANA name of the person's zone, such as `Europe/Berlin`; universal time if absent.
    zone: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WindowQuery {
    /// From this day or time on, such as `2026-12-01` or `2026-12-01T09:30`.
    from: String,
    /// Up to the beginning of this day, or this time.
    to: String,
    /// Only those in this folder.
    folder: Option<i64>,
    /// The IANA name of the person's zone, such as `Europe/Berlin`; universal time if absent.
    zone: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConflictRequest {
    take: Take,
}

/// Declares the routes that each class has.
macro_rules! class {
    (
        $module:ident $fields:ident $view:ident
        $list:tt $one:tt $folders:tt
        $list_id:tt $add_id:tt $folders_id:tt $show_id:tt
        add to $add:tt
        $(change $change_id:tt remove $remove_id:tt)?
    ) => {
        pub(crate) mod $module {
            use super::*;

            /// Lists entries in their order, or those in which words are found.
            #[utoipa::path(
                get,
                path = $list,
                operation_id = $list_id,
                responses(
                    (status = 200, body = EntryPage<EntryView<$view, $fields>>),
                    (status = 422, body = Problem, description = "`bad_value` with the `field`"),
                    (status = 423, body = Problem, description = "`locked`"),
                ),
            )]
            pub(crate) async fn list(
                State(api): State<Api>,
                Query(query): Query<ListQuery>,
            ) -> Result<axum::Json<EntryPage<EntryView<$view, $fields>>>, Problem> {
                Ok(axum::Json(api.app.entries::<$fields>(query.into()).await?))
            }

            /// Adds an entry; it is on disk on return, and the server is told.
            #[utoipa::path(
                post,
                path = $add,
                operation_id = $add_id,
                responses(
                    (status = 201, body = EntryView<$view, $fields>),
                    (status = 409, body = Problem, description = "`no_folder`"),
                    (status = 422, body = Problem, description = "`bad_value` with the `field`"),
                    (status = 423, body = Problem, description = "`locked`"),
                ),
            )]
            pub(crate) async fn add(
                State(api): State<Api>,
                Query(query): Query<AddQuery>,
                Json(fields): Json<$fields>,
            ) -> Result<(StatusCode, axum::Json<EntryView<$view, $fields>>), Problem> {
                api.app.touch();
                let zone = query.zone.as_deref();
                let id = api.app.add_entry(query.folder, fields, zone).await?;
                Ok((StatusCode::CREATED, axum::Json(api.app.entry::<$fields>(id, zone).await?)))
            }

            /// Lists the folders of such entries.
            #[utoipa::path(
                get,
                path = $folders,
                operation_id = $folders_id,
                responses(
                    (status = 200, body = Vec<EntryFolder>),
                    (status = 423, body = Problem, description = "`locked`"),
                ),
            )]
            pub(crate) async fn folders(
                State(api): State<Api>,
            ) -> Result<axum::Json<Vec<EntryFolder>>, Problem> {
                Ok(axum::Json(api.app.entry_folders::<$fields>().await?))
            }

            /// Shows an entry.
            #[utoipa::path(
                get,
                path = $one,
                operation_id = $show_id,
                params(("id" = i64, Path)),
                responses(
                    (status = 200, body = EntryView<$view, $fields>),
                    (status = 404, body = Problem, description = "`missing`"),
                    (status = 423, body = Problem, description = "`locked`"),
                ),
            )]
            pub(crate) async fn show(
                State(api): State<Api>,
                Path(id): Path<i64>,
                Query(query): Query<ZoneQuery>,
            ) -> Result<axum::Json<EntryView<$view, $fields>>, Problem> {
                api.app.touch();
                Ok(axum::Json(api.app.entry::<$fields>(id, query.zone.as_deref()).await?))
            }

            $(
            /// Changes the fields that are there; it is on disk on return, and the server is told.
            #[utoipa::path(
                patch,
                path = $one,
                operation_id = $change_id,
                params(("id" = i64, Path)),
                responses(
                    (status = 200, body = EntryView<$view, $fields>),
                    (status = 404, body = Problem, description = "`missing`"),
                    (status = 422, body = Problem, description = "`bad_value` with the `field`"),
                    (status = 423, body = Problem, description = "`locked`"),
                ),
            )]
            pub(crate) async fn change(
                State(api): State<Api>,
                Path(id): Path<i64>,
                Query(query): Query<ZoneQuery>,
                Json(fields): Json<$fields>,
            ) -> Result<axum::Json<EntryView<$view, $fields>>, Problem> {
                api.app.touch();
                let zone = query.zone.as_deref();
                api.app.change_entry(id, fields, zone).await?;
                Ok(axum::Json(api.app.entry::<$fields>(id, zone).await?))
            }

            /// Removes an entry; it is gone from this device on return, and the server is told.
            #[utoipa::path(
                delete,
                path = $one,
                operation_id = $remove_id,
                params(("id" = i64, Path)),
                responses(
                    (status = 204),
                    (status = 404, body = Problem, description = "`missing`"),
                    (status = 423, body = Problem, description = "`locked`"),
                ),
            )]
            pub(crate) async fn remove(
                State(api): State<Api>,
                Path(id): Path<i64>,
            ) -> Result<StatusCode, Problem> {
                api.app.touch();
                api.app.remove_entry::<$fields>(id).await?;
                Ok(StatusCode::NO_CONTENT)
            }
            )?
        }
    };
}

class! {
    contacts ContactFields ContactView
    "/api/contacts" "/api/contacts/{id}" "/api/contacts/folders"
    "list_contacts" "add_contact" "contact_folders" "show_contact"
    add to "/api/contacts"
    change "change_contact" remove "remove_contact"
}
class! {
    events EventFields EventView
    "/api/calendar/search" "/api/calendar/{id}" "/api/calendar/folders"
    "search_events" "add_event" "event_folders" "show_event"
    add to "/api/calendar"
}
class! {
    tasks TaskFields TaskView
    "/api/tasks" "/api/tasks/{id}" "/api/tasks/folders"
    "list_tasks" "add_task" "task_folders" "show_task"
    add to "/api/tasks"
    change "change_task" remove "remove_task"
}
class! {
    notes NoteFields NoteFields
    "/api/notes" "/api/notes/{id}" "/api/notes/folders"
    "list_notes" "add_note" "note_folders" "show_note"
    add to "/api/notes"
    change "change_note" remove "remove_note"
}

/// Returns the picture of a contact.
#[utoipa::path(
    get,
    path = "/api/contacts/{id}/photo",
    params(("id" = i64, Path)),
    responses(
        (status = 200, content_type = "image/jpeg", body = Vec<u8>),
        (status = 404, body = Problem, description = "`missing`"),
        (status = 423, body = Problem, description = "`locked`"),
    ),
)]
pub(crate) async fn photo(
    State(api): State<Api>,
    Path(id): Path<i64>,
) -> Result<Response, Problem> {
    api.app.touch();
    let mut response = api.app.contact_photo(id).await?.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("image/jpeg"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(PHOTO_POLICY));
    Ok(response)
}

/// Lists when events take place, series one by one, by their start.
#[utoipa::path(
    get,
    path = "/api/calendar",
    responses(
        (status = 200, body = Vec<OccurrenceView>),
        (status = 422, body = Problem, description = "`bad_value` with the `field`"),
        (status = 423, body = Problem, description = "`locked`"),
    ),
)]
pub(crate) async fn occurrences(
    State(api): State<Api>,
    Query(window): Query<WindowQuery>,
) -> Result<axum::Json<Vec<OccurrenceView>>, Problem> {
    let zone = window.zone.as_deref();
    Ok(axum::Json(api.app.occurrences(&window.from, &window.to, window.folder, zone).await?))
}

/// Changes the fields that are there, of an event, a series, or one occurrence; it is on disk on return, and the server is told.
#[utoipa::path(
    patch,
    path = "/api/calendar/{id}",
    params(("id" = i64, Path)),
    responses(
        (status = 200, body = EntryView<EventView, EventFields>),
        (status = 404, body = Problem, description = "`missing`"),
        (status = 422, body = Problem, description = "`bad_value` with the `field`"),
        (status = 423, body = Problem, description = "`locked`"),
    ),
)]
pub(crate) async fn change_event(
    State(api): State<Api>,
    Path(id): Path<i64>,
    Query(query): Query<OccurrenceQuery>,
    Json(fields): Json<EventFields>,
) -> Result<axum::Json<EntryView<EventView, EventFields>>, Problem> {
    api.app.touch();
    let zone = query.zone.as_deref();
    match &query.occurrence {
        Some(occurrence) => api.app.change_occurrence(id, occurrence, fields, zone).await?,
        None => api.app.change_entry(id, fields, zone).await?,
    }
    Ok(axum::Json(api.app.entry::<EventFields>(id, zone).await?))
}

/// Removes an event, a series, or one occurrence; it is gone from this device on return, and the server is told.
#[utoipa::path(
    delete,
    path = "/api/calendar/{id}",
    params(("id" = i64, Path)),
    responses(
        (status = 204),
        (status = 404, body = Problem, description = "`missing`"),
        (status = 422, body = Problem, description = "`bad_value` with the `field`"),
        (status = 423, body = Problem, description = "`locked`"),
    ),
)]
pub(crate) async fn remove_event(
    State(api): State<Api>,
    Path(id): Path<i64>,
    Query(query): Query<OccurrenceQuery>,
) -> Result<StatusCode, Problem> {
    api.app.touch();
    match &query.occurrence {
        Some(occurrence) => api.app.remove_occurrence(id, occurrence).await?,
        None => api.app.remove_entry::<EventFields>(id).await?,
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Answers the invitation to an event, or to one occurrence of a series. The mail server has it on return.
#[utoipa::path(
    post,
    path = "/api/calendar/{id}/answer",
    params(("id" = i64, Path)),
    responses(
        (status = 204),
        (status = 404, body = Problem, description = "`missing`"),
        (status = 422, body = Problem, description = "`impossible` with the `reason`, such as `not_invited`"),
        (status = 423, body = Problem, description = "`locked`"),
        (status = 501, body = Problem, description = "`not_supported` by the mail server"),
        (status = 502, body = Problem, description = "`refused` by the mail server, or `uncertain`"),
        (status = 503, body = Problem, description = "`offline`"),
    ),
)]
pub(crate) async fn answer_event(
    State(api): State<Api>,
    Path(id): Path<i64>,
    Query(query): Query<OccurrenceQuery>,
    Json(request): Json<AnswerRequest>,
) -> Result<StatusCode, Problem> {
    api.app.touch();
    let (answer, told) = request.told()?;
    api.app.answer_event(id, query.occurrence.as_deref(), answer, told).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Answers the message that invites to a meeting; the mail server has it on return, and takes the message away.
#[utoipa::path(
    post,
    path = "/api/messages/{id}/answer",
    params(("id" = i64, Path)),
    responses(
        (status = 204),
        (status = 404, body = Problem, description = "`missing`"),
        (status = 422, body = Problem, description = "`impossible` with the `reason`, such as `no_invitation`"),
        (status = 423, body = Problem, description = "`locked`"),
        (status = 501, body = Problem, description = "`not_supported` by the mail server"),
        (status = 502, body = Problem, description = "`refused` by the mail server, or `uncertain`"),
        (status = 503, body = Problem, description = "`offline`"),
    ),
)]
pub(crate) async fn answer_invitation(
    State(api): State<Api>,
    Path(id): Path<i64>,
    Json(request): Json<AnswerRequest>,
) -> Result<StatusCode, Problem> {
    api.app.touch();
    let (answer, told) = request.told()?;
    api.app.answer_invitation(MessageId(id), answer, told).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Decides between two changes of an entry that met.
#[utoipa::path(
    post,
    path = "/api/entries/{id}/conflict",
    params(("id" = i64, Path)),
    responses(
        (status = 204),
        (status = 404, body = Problem, description = "`missing`, or there is nothing to decide"),
        (status = 423, body = Problem, description = "`locked`"),
    ),
)]
pub(crate) async fn settle(
    State(api): State<Api>,
    Path(id): Path<i64>,
    Json(request): Json<ConflictRequest>,
) -> Result<StatusCode, Problem> {
    api.app.touch();
    api.app.settle_conflict(id, request.take).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<ListQuery> for EntryQuery {
    fn from(query: ListQuery) -> Self {
        Self {
            words: query.query.filter(|words| !words.trim().is_empty()),
            folder: query.folder,
            done: query.done,
            offset: query.offset,
            limit: query.limit.min(PAGE),
            zone: query.zone,
        }
    }
}

fn default_limit() -> u32 {
    PAGE
}
