//! Answers while the person is away, on the mail server.

use crate::api::body::{Json, Query};
use crate::api::views::{OutOfOfficeState, OutOfOfficeView, ReplyForm};
use crate::api::{Api, Problem};
use app::{AutoReply, Away, OutOfOfficeChange, ReplyText};
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct OutOfOfficeQuery {
    #[serde(default)]
    html: bool,
}

/// A group of people that is absent stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutOfOfficeRequest {
    state: OutOfOfficeState,
    /// For `scheduled`.
    #[serde(default, with = "time::serde::rfc3339::option")]
    start: Option<OffsetDateTime>,
    /// For `scheduled`.
    #[serde(default, with = "time::serde::rfc3339::option")]
    end: Option<OffsetDateTime>,
    /// For people of the same organisation.
    #[serde(default)]
    internal: Option<ReplyRequest>,
    /// For people outside whom the person knows.
    #[serde(default)]
    known: Option<ReplyRequest>,
    /// For people outside whom the person does not know.
    #[serde(default)]
    unknown: Option<ReplyRequest>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReplyRequest {
    /// The group gets an answer.
    sent: bool,
    /// `none` leaves the text as it is.
    form: ReplyForm,
    #[serde(default)]
    text: String,
}

/// Shows the answers that the mail server sends while the person is away.
#[utoipa::path(
    get,
    path = "/api/out-of-office",
    params(("html" = Option<bool>, Query, description = "The answers as HTML and not as plain text, where the mail server can choose")),
    responses(
        (status = 200, body = OutOfOfficeView),
        (status = 403, body = Problem, description = "`forbidden` by the mail server, with the `reason`"),
        (status = 423, body = Problem, description = "`locked`"),
        (status = 501, body = Problem, description = "`not_supported` by the mail server"),
        (status = 502, body = Problem, description = "`refused` by the mail server, with the `reason`"),
        (status = 503, body = Problem, description = "`offline`, with the `reason`"),
    ),
)]
pub(crate) async fn show_out_of_office(
    State(api): State<Api>,
    Query(query): Query<OutOfOfficeQuery>,
) -> Result<axum::Json<OutOfOfficeView>, Problem> {
    api.app.touch();
    Ok(axum::Json(api.app.out_of_office(query.html).await?.into()))
}

/// Changes the answers that the mail server sends while the person is away.
#[utoipa::path(
    post,
    path = "/api/out-of-office",
    responses(
        (status = 204),
        (status = 400, body = Problem, description = "`bad_request`: `scheduled` without start and end"),
        (status = 403, body = Problem, description = "`forbidden` by the mail server, with the `reason`"),
        (status = 422, body = Problem, description = "`impossible`, with the `reason`: `end_before_start`"),
        (status = 423, body = Problem, description = "`locked`"),
        (status = 501, body = Problem, description = "`not_supported` by the mail server"),
        (status = 502, body = Problem, description = "`refused` by the mail server, with the `reason`; `uncertain`: its answer was lost"),
        (status = 503, body = Problem, description = "`offline`, with the `reason`"),
    ),
)]
pub(crate) async fn set_out_of_office(
    State(api): State<Api>,
    Json(request): Json<OutOfOfficeRequest>,
) -> Result<StatusCode, Problem> {
    api.app.touch();
    let away = match (request.state, request.start, request.end) {
        (OutOfOfficeState::Off, _, _) => Away::No,
        (OutOfOfficeState::On, _, _) => Away::Yes,
        (OutOfOfficeState::Scheduled, Some(start), Some(end)) => Away::Between { start, end },
        (OutOfOfficeState::Scheduled, _, _) => {
            return Err(Problem::bad_request("scheduled answers need start and end"));
        }
    };
    let reply = |reply: ReplyRequest| AutoReply {
        sent: reply.sent,
        text: match reply.form {
            ReplyForm::Html => ReplyText::Html(reply.text),
            ReplyForm::None => ReplyText::None,
            ReplyForm::Text => ReplyText::Plain(reply.text),
        },
    };
    let change = OutOfOfficeChange {
        away,
        internal: request.internal.map(reply),
        known: request.known.map(reply),
        unknown: request.unknown.map(reply),
    };
    api.app.set_out_of_office(change).await?;
    Ok(StatusCode::NO_CONTENT)
}
