//! The HTML of mails, each at an address of its own that nobody can guess and that works for a few minutes.
//!
//! A frame cannot send the session's token, so the address is the permission.

use crate::api::body::{Json, Path};
use crate::api::{Api, Problem};
use crate::random::{make_secret, make_token, token_bytes};
use app::MessageId;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use mail::html::CONTENT_SECURITY_POLICY as FRAME_POLICY;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use subtle::ConstantTimeEq as _;
use utoipa::ToSchema;
use zeroize::Zeroizing;

/// How long an address works.
const LIFE: Duration = Duration::from_secs(5 * 60);
/// How many addresses work at once; the oldest goes first.
const FRAMES: usize = 32;

/// The documents that frames may load.
#[derive(Default)]
pub(crate) struct Frames(Mutex<VecDeque<Frame>>);

struct Frame {
    capability: [u8; 32],
    made: Instant,
    html: Zeroizing<String>,
}

impl Frames {
    fn keep(&self, capability: [u8; 32], html: String, now: Instant) {
        let mut frames = self.current(now);
        if frames.len() >= FRAMES {
            frames.pop_front();
        }
        frames.push_back(Frame { capability, made: now, html: Zeroizing::new(html) });
    }

    fn find(&self, capability: &[u8; 32], now: Instant) -> Option<String> {
        let frames = self.current(now);
        let frame = frames
            .iter()
            .find(|frame| frame.capability.as_slice().ct_eq(capability.as_slice()).into())?;
        Some(frame.html.as_str().to_owned())
    }

    /// Drops every document, as the lock of the container demands.
    pub(crate) fn forget_all(&self) {
        self.lock().clear();
    }

    fn current(&self, now: Instant) -> MutexGuard<'_, VecDeque<Frame>> {
        let mut frames = self.lock();
        frames.retain(|frame| now.duration_since(frame.made) < LIFE);
        frames
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Frame>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FrameRequest {
    /// Whether pictures are fetched from elsewhere, where the settings allow that.
    images: bool,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct FrameView {
    /// For the `src` of a sandboxed frame; works for five minutes.
    url: String,
    /// How many pictures from elsewhere were left out.
    blocked_images: u32,
}

/// Makes the document that shows the HTML of a message.
#[utoipa::path(
    post,
    path = "/api/messages/{id}/frame",
    params(("id" = i64, Path)),
    responses(
        (status = 200, body = FrameView),
        (status = 404, body = Problem, description = "`missing`"),
        (status = 423, body = Problem, description = "`locked`"),
    ),
)]
pub(crate) async fn make(
    State(api): State<Api>,
    Path(message): Path<i64>,
    Json(request): Json<FrameRequest>,
) -> Result<axum::Json<FrameView>, Problem> {
    api.app.touch();
    let frame = api.app.frame(MessageId(message), request.images).await?;
    let capability = make_secret().map_err(|error| Problem::internal(&error))?;
    api.frames.keep(capability, frame.html, Instant::now());
    let url = format!("/frame/{}", make_token(&capability));
    Ok(axum::Json(FrameView { url, blocked_images: frame.blocked_images }))
}

/// Returns the route of the documents, which needs no session.
pub(crate) fn documents() -> Router<Api> {
    Router::new().route("/frame/{capability}", get(document))
}

async fn document(State(api): State<Api>, Path(capability): Path<String>) -> Response {
    let html = token_bytes(&capability)
        .and_then(|capability| api.frames.find(&capability, Instant::now()));
    let Some(html) = html else { return StatusCode::NOT_FOUND.into_response() };
    let headers =
        [(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_SECURITY_POLICY, FRAME_POLICY)];
    (headers, html).into_response()
}

#[cfg(test)]
impl Frames {
    /// Keeps a document and returns the last part of its address.
    pub(crate) fn keep_for_test(&self, html: &str) -> String {
        self.keep([5; 32], html.to_owned(), Instant::now());
        make_token(&[5; 32])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_there_for_minutes_and_under_its_own_name_alone() {
        let (frames, now) = (Frames::default(), Instant::now());
        frames.keep([1; 32], "one".to_owned(), now);

        assert_eq!(frames.find(&[1; 32], now), Some("one".to_owned()));
        assert_eq!(frames.find(&[2; 32], now), None);
        assert_eq!(frames.find(&[1; 32], now + LIFE), None);
    }

    #[test]
    fn locking_forgets_every_document() {
        let (frames, now) = (Frames::default(), Instant::now());
        frames.keep([1; 32], "one".to_owned(), now);

        frames.forget_all();

        assert_eq!(frames.find(&[1; 32], now), None);
    }

    #[test]
    fn the_oldest_of_too_many_goes() {
        let (frames, now) = (Frames::default(), Instant::now());
        for number in 0..=u8::try_from(FRAMES).unwrap() {
            frames.keep([number; 32], number.to_string(), now);
        }

        assert_eq!(frames.find(&[0; 32], now), None);
        assert_eq!(frames.find(&[1; 32], now), Some("1".to_owned()));
    }
}
