//! The interface that the page and the command line use; the same routes behind the door and behind the socket.
//!
//! Answers are JSON. What cannot be done is a [`Problem`]: a stable code, a text in English, and parameters beside them.

mod body;
mod certificates;
mod container;
mod directory;
pub(crate) mod door;
mod drafts;
mod entries;
mod events;
mod folders;
pub(crate) mod frames;
mod imports;
mod mail;
mod out_of_office;
mod outbox;
mod problem;
mod search;
mod sign_in;
mod views;
mod wanted;

pub(crate) use problem::Problem;

use crate::imports::Imports;
use app::App;
use axum::extract::DefaultBodyLimit;
use frames::Frames;
use std::sync::Arc;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The largest body of a request that carries no attachments, in bytes.
const BODY_LIMIT: usize = 4 << 20;
/// The largest body of a request that carries attachments, in bytes.
const ATTACHMENTS_LIMIT: usize = 64 << 20;

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) app: App,
    pub(crate) frames: Arc<Frames>,
    pub(crate) imports: Imports,
}

impl Api {
    pub(crate) fn new(app: App, imports: Imports) -> Self {
        Self { app, frames: Arc::default(), imports }
    }
}

/// Returns every route that needs a session.
pub(crate) fn router() -> OpenApiRouter<Api> {
    let attachments = OpenApiRouter::new()
        .routes(routes!(outbox::send))
        .routes(routes!(outbox::respond))
        .routes(routes!(drafts::attach))
        .layer(DefaultBodyLimit::max(ATTACHMENTS_LIMIT));
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(container::state))
        .routes(routes!(container::register))
        .routes(routes!(container::restore))
        .routes(routes!(container::renew))
        .routes(routes!(imports::list, imports::fetch))
        .routes(routes!(container::unlock))
        .routes(routes!(container::change_password))
        .routes(routes!(container::lock))
        .routes(routes!(container::set_mail_password))
        .routes(routes!(sign_in::begin, sign_in::end))
        .routes(routes!(container::sync))
        .routes(routes!(container::touch))
        .routes(routes!(mail::folders))
        .routes(routes!(folders::create_folder))
        .routes(routes!(folders::rename_folder))
        .routes(routes!(folders::move_folder))
        .routes(routes!(folders::empty_folder))
        .routes(routes!(folders::delete_folder))
        .routes(routes!(mail::messages))
        .routes(routes!(mail::message))
        .routes(routes!(mail::conversation))
        .routes(routes!(wanted::mark_read))
        .routes(routes!(wanted::flag))
        .routes(routes!(wanted::categorize))
        .routes(routes!(wanted::shift))
        .routes(routes!(wanted::delete))
        .routes(routes!(mail::attachment))
        .routes(routes!(search::search))
        .routes(routes!(search::search_server))
        .routes(routes!(directory::search_directory))
        .routes(routes!(directory::find_certificates))
        .routes(routes!(directory::find_free_time))
        .routes(routes!(directory::check_certificates))
        .routes(routes!(certificates::list, certificates::import))
        .routes(routes!(certificates::show, certificates::remove))
        .routes(routes!(out_of_office::show_out_of_office))
        .routes(routes!(out_of_office::set_out_of_office))
        .routes(routes!(frames::make))
        .routes(routes!(outbox::list))
        .routes(routes!(outbox::discard))
        .routes(routes!(drafts::list, drafts::make))
        .routes(routes!(drafts::show, drafts::save, drafts::discard))
        .routes(routes!(drafts::detach))
        .routes(routes!(drafts::send))
        .routes(routes!(events::wait))
        .merge(entries::router())
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .merge(attachments)
}

/// Returns the description of the interface (OpenAPI 3.1) as JSON.
pub(crate) fn description() -> anyhow::Result<String> {
    let mut description = router().split_for_parts().1;
    description.merge(door::description());
    Ok(description.to_pretty_json()? + "\n")
}

#[derive(utoipa::OpenApi)]
#[openapi(info(
    title = "cordon-pim",
    description = "What the app's page and command line may ask the app for.",
    license(name = "Apache-2.0", identifier = "Apache-2.0"),
))]
struct Document;
