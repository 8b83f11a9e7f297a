//! Certificates, requests for them, whether they are trusted, and messages sealed for their holders.
//!
//! ```text
//!   request  ──►  issue  ──►  Certificate  ──►  validate
//!                                  │
//!                                  │                ▲  │  fetch: what is missing, and a shelf for it
//!                                  ├──►  verify   a signature of its holder
//!                                  └──►  cms      messages for its holder and by them
//! ```
//!
//! Types come from the RustCrypto format crates, arithmetic from OpenSSL, private keys from
//! [`keys::PrivateKey`], so that a key on a smart card serves as well as one in memory.
//!
//! Invariants:
//! - A signature is checked over the bytes that were read, never over bytes encoded again.
//! - Whatever fails after a content key was unwrapped gives the same error.
//! - Nothing here reads a clock. Serial numbers, content keys and nonces are arguments; the only
//!   randomness drawn is OpenSSL's own for wrapped keys, for signatures and for the decoy key of
//!   [`cms::open`].
//! - SHA-1 and MD5 signatures are refused, and so are RSA keys below 2048 bits.

mod asn1;
mod certificate;
pub mod cms;
pub mod fetch;
mod issue;
mod name;
mod pem;
mod public_key;
mod request;
mod signature;
mod subject;
pub mod validate;
#[cfg(test)]
mod vectors;

pub use certificate::{Certificate, CertificateError, Fingerprint};
pub use der::asn1::ObjectIdentifier;
pub use issue::{
    AlternativeName, CrlTemplate, IssueError, Locations, OcspQuestion, OcspRefusal, OcspStatus,
    OcspTerm, QuestionError, Revoked, Serial, Template, Usage, answer_ocsp, issue, issue_crl,
    issue_with,
};
pub use public_key::KeyKind;
pub use request::{MakeRequestError, Request, RequestError, make_request, request_from_pem};
pub use signature::{Algorithms, BadSignature};
pub use subject::Subject;

/// What a certificate may be used for (RFC 5280 §4.2.1.12).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Purpose {
    /// Signing documents that people or programs rely on (RFC 9336).
    DocumentSigning,
    /// Signed and encrypted mail.
    EmailProtection,
    /// The client's end of TLS.
    TlsClient,
    /// The server's end of TLS.
    TlsServer,
}

impl Purpose {
    pub(crate) fn oid(self) -> ObjectIdentifier {
        use const_oid::db::rfc5280;

        match self {
            Self::DocumentSigning => ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.36"),
            Self::EmailProtection => rfc5280::ID_KP_EMAIL_PROTECTION,
            Self::TlsClient => rfc5280::ID_KP_CLIENT_AUTH,
            Self::TlsServer => rfc5280::ID_KP_SERVER_AUTH,
        }
    }
}
