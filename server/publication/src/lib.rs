//! What the certificate authority publishes for everybody, over plain HTTP: everything here is signed already, and whoever
//! checks a certificate cannot be asked to check another one first (RFC 5280 §4.2.1.13, RFC 5019 §1).
//!
//! ```text
//!   GET  /pki/authority.crl         the revocation list of the authority that issues
//!   GET  /pki/root.crl, root.cer    those of the root, if the authority is not its own
//!   GET  /pki/FINGERPRINT.crl       that of the authority with this SHA-256
//!   GET  /pki/authority.cer         the certificate of the authority that issues
//!   GET  /pki/FINGERPRINT.cer       that of the authority with this SHA-256
//!   POST /pki/ocsp                  whether certificates were revoked; the question is the body
//!   GET  /pki/ocsp/QUESTION         the same, with the question in base64
//!   GET  /pki/certificates?email=A  to whom mail to A may be encrypted (RFC 4387), if people are listed
//! ```
//!
//! Invariants:
//! - Nothing is decided or made here: lists are those that `operations` published.
//! - Nobody is told anything about people or devices but what stands in a certificate that they have, unless the operator
//!   lists people: then whoever knows an address gets its certificates.

mod files;
mod ocsp;
mod people;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use operations::Operations;

/// The largest body that is read, in bytes.
const MAX_BODY: usize = 16 * 1024;

/// Whether strangers find the certificates of people by their addresses.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum People {
    /// They do.
    Listed,
    /// They do not.
    Unlisted,
}

/// Routes what the authority publishes.
pub fn router(operations: Operations, people: People) -> Router {
    let router = Router::new()
        .route("/pki/{file}", get(files::file))
        .route("/pki/ocsp", post(ocsp::post))
        .route("/pki/ocsp/{*question}", get(ocsp::get));
    let router = match people {
        People::Listed => router.route("/pki/certificates", get(people::certificates)),
        People::Unlisted => router,
    };

    router.layer(DefaultBodyLimit::max(MAX_BODY)).with_state(operations)
}
