use crate::Console;
use crate::api::views::{EventsView, actions, fifty};
use crate::extract::Asked;
use crate::problem::Problem;
use audit::{Action, Ending, Filter};
use axum::Json;
use axum::extract::State;
use fleet::list::Page;
use http::StatusCode;
use serde::Deserialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// Which events are wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventsQuery {
    /// Only this action.
    #[param(schema_with = actions)]
    action: Option<String>,
    /// Only what this administrator did.
    administrator: Option<String>,
    /// Only what ended like this.
    #[param(inline)]
    ending: Option<EndingName>,
    /// Only events at or after this moment.
    #[serde(default, with = "time::serde::rfc3339::option")]
    from: Option<OffsetDateTime>,
    /// Only events before this moment.
    #[serde(default, with = "time::serde::rfc3339::option")]
    until: Option<OffsetDateTime>,
    /// How many items to leave out at the beginning.
    #[serde(default)]
    offset: u64,
    /// How many items to return at most, 1 to 200.
    #[serde(default = "fifty")]
    limit: u64,
}

/// How an event ended.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EndingName {
    Done,
    Refused,
}

/// List events of the audit log
#[utoipa::path(
    get,
    path = "/audit",
    tag = "audit",
    params(EventsQuery),
    responses((status = OK, body = EventsView), (status = BAD_REQUEST, body = Problem))
)]
pub(crate) async fn list_events(
    State(console): State<Console>,
    Asked(query): Asked<EventsQuery>,
) -> Result<Json<EventsView>, Problem> {
    let page = Page::new(query.offset, query.limit);
    let listing = console.operations().audit_events(&filter(query)?, page).await?;
    let items = listing.items.into_iter().map(Into::into).collect();

    Ok(Json(EventsView { total: listing.total, items }))
}

fn filter(query: EventsQuery) -> Result<Filter, Problem> {
    let actions = match &query.action {
        Some(name) => vec![Action::parse(name).ok_or_else(|| unknown_action(name))?],
        None => Vec::new(),
    };

    Ok(Filter {
        actions,
        administrator: query.administrator,
        ending: query.ending.map(Ending::from),
        from: query.from,
        until: query.until,
        ..Filter::default()
    })
}

fn unknown_action(name: &str) -> Problem {
    let detail = format!("{name:?} is not an action of the audit log");

    Problem::new(StatusCode::BAD_REQUEST, "malformed", detail).at("action")
}

impl From<EndingName> for Ending {
    fn from(name: EndingName) -> Self {
        match name {
            EndingName::Done => Self::Done,
            EndingName::Refused => Self::Refused,
        }
    }
}
