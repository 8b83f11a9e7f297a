//! What the app calls: registration, status, settings, and the page behind an invitation's link.
//!
//! ```text
//!   gateway ── Connection: exporter, certificate, peer ──► router ──► operations
//!
//!   POST /app/v1/registration/start     a challenge for the invited person
//!   POST /app/v1/registration/finish    its answer, and a certificate for the device
//!   GET  /app/v1/status                 where the device stands, at once or as soon as it changes
//!   GET  /app/v1/settings               what it has to obey, signed
//!   POST /app/v1/wiped                  an order carried out
//!   POST /app/v1/certificate            another certificate for the device, near the end of its present one
//!   GET  /app/v1/certificates           those for which mail to an address can be encrypted
//!   GET  /app/v1/certificate-files      files with the person's certificate and key that wait for the app
//!   GET  /app/v1/authority              the certificate that everything leads to
//!   GET  /join                          for people who open the link in a browser
//! ```
//!
//! `docs/registration.md` and `docs/certificate-files.md` describe each message.
//!
//! Invariants:
//! - Nothing is decided here: requests are read, `operations` decides, answers are written.
//! - Who asks is known by the certificate of the connection alone, never by what a request says.
//! - Refusals have stable codes and are told; faults of ours are logged and not told.

mod answer;
mod caller;
mod certificate_files;
mod directory;
mod join;
mod registration;
mod renewal;
mod status;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use fleet::throttle::{Rate, Throttle};
use operations::Operations;
use std::sync::{Arc, Mutex};

/// The largest body that is read, in bytes.
const MAX_BODY: usize = 64 * 1024;

/// How many registrations may fail from one address: twenty, and then as many in each minute.
const FAILURES: Rate = Rate { burst: 20, pause: time::Duration::seconds(3) };

/// Routes what the app calls; every request must carry a [`fleet::access::Connection`] as an extension.
pub fn router(operations: Operations) -> Router {
    Router::new()
        .route("/app/v1/registration/start", post(registration::start))
        .route("/app/v1/registration/finish", post(registration::finish))
        .route("/app/v1/status", get(status::status))
        .route("/app/v1/settings", get(status::settings))
        .route("/app/v1/wiped", post(status::wiped))
        .route("/app/v1/certificate", post(renewal::renew))
        .route("/app/v1/certificates", get(directory::certificates))
        .route("/app/v1/certificate-files", get(certificate_files::for_device))
        .route("/app/v1/certificate-files/received", post(certificate_files::received_by_device))
        .route("/app/v1/registration/certificate-files", post(certificate_files::for_invited))
        .route(
            "/app/v1/registration/certificate-files/received",
            post(certificate_files::received_by_invited),
        )
        .route("/app/v1/authority", get(registration::authority))
        .route("/join", get(join::page))
        .fallback(answer::not_found)
        .method_not_allowed_fallback(answer::method_not_allowed)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(Face { operations, throttle: Arc::new(Mutex::new(Throttle::new(FAILURES))) })
}

/// What every handler needs.
#[derive(Clone, Debug)]
struct Face {
    operations: Operations,
    throttle: Arc<Mutex<Throttle>>,
}
