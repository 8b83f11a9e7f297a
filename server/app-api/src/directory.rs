//! Certificates of people for whom mail is to be encrypted.
//!
//! Only devices in service may ask, one address at a time: who works for a company, and that an address exists, is not for
//! everybody to find out.

use crate::Face;
use crate::answer::{Problem, fresh};
use crate::caller::Caller;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use data_encoding::BASE64;
use fleet::MailAddress;
use fleet::device::State as Life;
use operations::{DirectoryEntry, Fault};
use serde::{Deserialize, Serialize};

pub(crate) async fn certificates(
    State(face): State<Face>,
    Caller(device): Caller,
    query: Result<Query<AddressQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(query) = query.map_err(Problem::malformed)?;
    let address = MailAddress::parse(&query.address)
        .map_err(|refusal| Problem::malformed(format!("`address`: {refusal}")))?;
    let status = face.operations.device_status(device.id).await?;
    let in_service = status.is_some_and(|status| {
        status.device.state == Life::Registered && status.user.block.is_none()
    });
    if !in_service {
        let detail = "nobody was looked up: the device is not in service; ask for its status";
        return Err(Problem::refused(StatusCode::FORBIDDEN, "not_in_service", detail));
    }
    let found: Result<_, Fault> = face.operations.directory(&address).await;
    let certificates = found?.iter().map(CertificateView::from).collect();

    Ok(fresh(Json(DirectoryView { certificates })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddressQuery {
    address: String,
}

#[derive(Serialize)]
struct DirectoryView {
    certificates: Vec<CertificateView>,
}

#[derive(Serialize)]
struct CertificateView {
    /// DER in base64.
    certificate: String,
    origin: &'static str,
}

impl From<&DirectoryEntry> for CertificateView {
    fn from(entry: &DirectoryEntry) -> Self {
        Self { certificate: BASE64.encode(entry.certificate.as_der()), origin: entry.origin.name() }
    }
}
