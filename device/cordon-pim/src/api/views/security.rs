use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// What is to be thought of a signed or encrypted message.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SecurityView {
    /// Whether the authors signed all of it, and everything about that is in order.
    signed: bool,
    /// Whether it came encrypted, also if it stays so.
    encrypted: bool,
    /// Whether nothing about it is wrong.
    sound: bool,
    /// Whether it could be opened.
    opened: bool,
    /// Whether pictures may be fetched for it at all.
    remote_content: bool,
    ciphers: Vec<String>,
    signatures: Vec<SignatureView>,
    /// The worst first.
    problems: Vec<SecurityProblem>,
    /// All of it in plain words, the most important first.
    words: Words,
}

#[derive(Debug, Serialize, ToSchema)]
struct SignatureView {
    /// The addresses of the certificate, or its name.
    signer: String,
    /// Whether it verifies, and its certificate is trusted.
    good: bool,
    /// When the signer says it was made.
    #[serde(with = "time::serde::rfc3339::option")]
    time: Option<OffsetDateTime>,
    algorithm: String,
    issuer: Option<String>,
    #[serde(with = "time::serde::rfc3339::option")]
    not_after: Option<OffsetDateTime>,
    /// The certificate's SHA-256, in hexadecimal.
    fingerprint: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct SecurityProblem {
    /// Stable, such as `address_mismatch`.
    code: String,
    /// Whether the message is not what it seems, or cannot be read; else it is only good to know.
    fault: bool,
    words: Words,
}

/// Sentences in both languages.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Words {
    en: Vec<String>,
    de: Vec<String>,
}

impl From<app::SecurityView> for SecurityView {
    fn from(view: app::SecurityView) -> Self {
        Self {
            signed: view.signed,
            encrypted: view.encrypted,
            sound: view.sound,
            opened: view.opened,
            remote_content: view.remote_content,
            ciphers: view.ciphers,
            signatures: view.signatures.into_iter().map(Into::into).collect(),
            problems: view.problems.into_iter().map(Into::into).collect(),
            words: view.words.into(),
        }
    }
}

impl From<app::SignatureView> for SignatureView {
    fn from(view: app::SignatureView) -> Self {
        Self {
            signer: view.signer,
            good: view.good,
            time: view.time,
            algorithm: view.algorithm,
            issuer: view.issuer,
            not_after: view.not_after,
            fingerprint: view.fingerprint,
        }
    }
}

impl From<app::SecurityProblem> for SecurityProblem {
    fn from(view: app::SecurityProblem) -> Self {
        Self { code: view.code, fault: view.fault, words: view.words.into() }
    }
}

impl From<app::Words> for Words {
    fn from(words: app::Words) -> Self {
        Self { en: words.english, de: words.german }
    }
}
