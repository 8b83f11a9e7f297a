//! The messages, as they go over the wire.

use super::Applicant;
use data_encoding::BASE64;
use policy::SignedDocument;
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
pub(super) struct Start<'a> {
    code: &'a str,
    device: Device<'a>,
    eas_id: &'a str,
    csr: String,
    nonce: String,
}

#[derive(Serialize)]
struct Device<'a> {
    name: Option<&'a str>,
    model: &'a str,
    system: &'a str,
    app_version: &'a str,
}

impl<'a> Start<'a> {
    pub(super) fn new(applicant: &'a Applicant<'_>, csr: &[u8]) -> Self {
        let facts = &applicant.device;

        Self {
            code: &applicant.link.code,
            device: Device {
                name: facts.name,
                model: facts.model,
                system: facts.system,
                app_version: facts.app_version,
            },
            eas_id: facts.eas_id,
            csr: BASE64.encode(csr),
            nonce: BASE64.encode(&applicant.nonce),
        }
    }
}

/// An answer with the portal's signature: of an offer or of a result.
#[derive(Deserialize)]
pub(super) struct Signed {
    #[serde(alias = "offer", alias = "result")]
    content: String,
    pub(super) algorithm: String,
    pub(super) signature: String,
}

impl Signed {
    pub(super) fn content(&self) -> &str {
        &self.content
    }
}

#[derive(Deserialize)]
pub(super) struct Offer {
    pub(super) registration: String,
    pub(super) challenge: String,
    pub(super) authority: String,
    pub(super) portal: String,
}

#[derive(Serialize)]
pub(super) struct Finish {
    pub(super) registration: String,
    pub(super) proof: String,
    pub(super) signature: String,
}

#[derive(Deserialize)]
pub(super) struct Result {
    pub(super) device: String,
    pub(super) certificate: String,
    pub(super) settings: SignedDocument,
}

#[derive(Deserialize)]
pub(super) struct Refusal {
    pub(super) code: String,
    pub(super) detail: String,
}
