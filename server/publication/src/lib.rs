//! What the certificate authority publishes for everybody, over plain HTTP: everything here is signed already, and whoever
//! checks a certificate cannot be asked to check another one first (RFC 5280 §4.2.1.13, RFC 5019 §1).
//!
//! ```text
//!   GET  /pki/authority.crl         the revocation list of the authority that issues
//!   GET  /pki/FINGERPRINT.crl       that of the authority with this SHA-256
//!   GET  /pki/authority.cer         the certificate of the authority that issues
//!   GET  /pki/FINGERPRINT.cer       that of the authority with this SHA-256
//! ```
//!
//! Invariants:
//! - Nothing is decided or made here: lists are those that `operations` published.
//! - Nobody is told anything about people or devices but what stands in a certificate that they have.

mod files;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use operations::Operations;

/// The largest body that is read, in bytes.
const MAX_BODY: usize = 16 * 1024;

/// Routes what the authority publishes.
pub fn router(operations: Operations) -> Router {
    Router::new()
        .route("/pki/{file}", get(files::file))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(operations)
}
