//! The face that people meet: the console's JSON API and the page itself.
//!
//! ```text
//! browser ──> headers ──┬──> page        files of web/portal, or a note that they are not built
//!                       └──> /api/v1
//!                              guard     same origin only; then a session, except for signing in
//!                                │
//!                              api       translate, call an operation, translate back
//!                                │
//!                            operations
//! ```
//!
//! # Invariants
//!
//! - Nothing is decided here: what is allowed is decided by `fleet`, what happens is done by `operations`.
//! - Every route is in the OpenAPI document, because only documented handlers can be mounted.
//! - Every route but those of the session itself demands a session, and every request must come from the page itself.
//! - A session is a cookie that no script can read and that never leaves this host; its token is stored nowhere here.
//! - Faults of ours are logged and not shown; refusals are shown with a stable code.

mod api;
mod cookie;
mod extract;
mod guard;
mod page;
mod problem;
mod refusals;

pub use refusals::{RefusalSource, RefusedRequest};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use fleet::throttle::{Rate, Throttle, TooMany};
use operations::Operations;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

/// What the console needs.
#[derive(Clone, Debug)]
pub struct Setup {
    /// What the server does when asked.
    pub operations: Operations,
    /// Where to learn what the gateway refused lately.
    pub refusals: Arc<dyn RefusalSource>,
}

/// Serves the console: its API under `/api/v1`, and the page everywhere else.
///
/// Requests should carry an [`axum::extract::ConnectInfo`] with the client's address; guessing of passwords is slowed
/// down by it. The connection must be TLS, or the browser keeps no session.
pub fn router(setup: Setup) -> Router {
    let console = Console { setup, throttle: Arc::new(Mutex::new(Throttle::new(SIGN_INS))) };
    let signed_in = from_fn_with_state(console.clone(), guard::demand_session);
    let (api, _) = mounted(api::protected().layer(signed_in))
        .layer((from_fn(guard::demand_same_origin), DefaultBodyLimit::max(LARGEST_REQUEST)))
        .split_for_parts();

    api.fallback(page::serve).layer(from_fn(guard::set_headers)).with_state(console)
}

/// Describes the API.
pub fn openapi() -> OpenApi {
    mounted(api::protected()).into_openapi()
}

fn mounted(protected: OpenApiRouter<Console>) -> OpenApiRouter<Console> {
    OpenApiRouter::with_openapi(api::description()).nest("/api/v1", api::open().merge(protected))
}

/// In bytes. The largest thing that anybody sends is a certificate.
const LARGEST_REQUEST: usize = 128 * 1024;

/// How many attempts to sign in are admitted from one address: each costs a password hash.
const SIGN_INS: Rate = Rate { burst: 10, pause: time::Duration::seconds(6) };

/// What every handler can reach.
#[derive(Clone, Debug)]
struct Console {
    setup: Setup,
    throttle: Arc<Mutex<Throttle>>,
}

impl Console {
    fn operations(&self) -> &Operations {
        &self.setup.operations
    }

    /// Counts an attempt to sign in before anything is done about it.
    fn admit_sign_in(&self, peer: Option<IpAddr>) -> Result<(), TooMany> {
        let mut throttle = self.throttle.lock().unwrap_or_else(PoisonError::into_inner);

        throttle.admit(peer, self.operations().now())
    }
}
