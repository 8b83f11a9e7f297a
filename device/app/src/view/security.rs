//! What is to be thought of a protected mail, as plain values.

use mail::smime::{Language, Layer, Problem, Severity, Signature, State};
use time::OffsetDateTime;

/// What is to be thought of a signed or encrypted mail.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SecurityView {
    /// The authors signed all of it, and everything about that is in order.
    pub signed: bool,
    /// It came encrypted, also if it stays so.
    pub encrypted: bool,
    /// Nothing about it is wrong.
    pub sound: bool,
    /// It could be opened.
    pub opened: bool,
    /// Pictures may be fetched for it at all.
    pub remote_content: bool,
    /// The ciphers of its layers, the outermost first.
    pub ciphers: Vec<String>,
    /// All signatures, those of the outermost layer first.
    pub signatures: Vec<SignatureView>,
    /// What its reader should know, the worst first.
    pub problems: Vec<SecurityProblem>,
    /// All of it in plain words, one sentence each, the most important first.
    pub words: Words,
}

/// One signature.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignatureView {
    /// Whose it is: the addresses of the certificate, or its name; empty if there is none.
    pub signer: String,
    /// It verifies, and its certificate is trusted.
    pub good: bool,
    /// When the signer says it was made.
    pub time: Option<OffsetDateTime>,
    /// Its algorithm, for example `ECDSA, SHA-256`.
    pub algorithm: String,
    /// Who issued the certificate.
    pub issuer: Option<String>,
    /// Until when the certificate is valid.
    pub not_after: Option<OffsetDateTime>,
    /// The certificate's SHA-256, in hexadecimal.
    pub fingerprint: Option<String>,
}

/// Something that the reader should know.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SecurityProblem {
    /// A stable code, such as `address_mismatch`.
    pub code: String,
    /// The mail is not what it seems, or cannot be read; else it is only good to know.
    pub fault: bool,
    /// It in plain words.
    pub words: Words,
}

/// Sentences in both languages.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Words {
    /// In English.
    pub english: Vec<String>,
    /// In German.
    pub german: Vec<String>,
}

impl SecurityView {
    pub(crate) fn of(state: &State, opened: bool) -> Self {
        let cipher = |layer: &Layer| match layer {
            Layer::Encrypted { cipher } => Some(cipher.name()),
            Layer::Signed { .. } => None,
        };

        Self {
            signed: state.is_signed(),
            encrypted: state.is_encrypted(),
            sound: state.is_sound(),
            opened,
            remote_content: state.allows_remote_content(),
            ciphers: state.layers.iter().filter_map(cipher).collect(),
            signatures: state.signatures.iter().map(SignatureView::of).collect(),
            problems: state.problems.iter().map(SecurityProblem::of).collect(),
            words: Words::of(|language| state.lines(language)),
        }
    }
}

impl SignatureView {
    fn of(signature: &Signature) -> Self {
        let certificate = signature.certificate.as_ref();

        Self {
            signer: signature.signer(),
            good: signature.is_good(),
            time: signature.time,
            algorithm: signature.algorithm.clone(),
            issuer: certificate.map(|it| mail::text::line(&it.issuer())),
            not_after: certificate.map(pki::Certificate::not_after),
            fingerprint: certificate.map(|it| it.fingerprint().to_string()),
        }
    }
}

impl SecurityProblem {
    fn of(problem: &Problem) -> Self {
        Self {
            code: problem.code().to_owned(),
            fault: problem.severity() == Severity::Fault,
            words: Words::of(|language| vec![problem.words(language)]),
        }
    }
}

impl Words {
    pub(crate) fn of(say: impl Fn(Language) -> Vec<String>) -> Self {
        Self { english: say(Language::English), german: say(Language::German) }
    }
}
