//! Another certificate for the device that asks (`docs/registration.md`, "Another certificate").

use crate::Face;
use crate::answer::{Problem, fresh};
use crate::caller::Caller;
use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::response::Response;
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};

pub(crate) async fn renew(
    State(face): State<Face>,
    Caller(device): Caller,
    body: Result<Json<RenewalForm>, JsonRejection>,
) -> Result<Response, Problem> {
    let Json(form) = body.map_err(Problem::malformed)?;
    let request = BASE64
        .decode(form.csr.as_bytes())
        .map_err(|_| Problem::malformed("`csr` is not base64"))?;
    let certificate = face.operations.renew_device(&device, &request).await?;

    Ok(fresh(Json(RenewalView { certificate: BASE64.encode(certificate.as_der()) })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RenewalForm {
    csr: String,
}

#[derive(Serialize)]
struct RenewalView {
    /// DER in base64.
    certificate: String,
}
