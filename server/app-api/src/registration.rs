//! Registration: the messages of `docs/registration.md`.

use crate::Face;
use crate::answer::{Problem, fresh};
use crate::caller::OnConnection;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use data_encoding::BASE64;
use fleet::access::Connection;
use fleet::registration::Facts;
use fleet::{Refusal as _, TextRefusal};
use operations::{FinishRequest, InvitationCode, SignedAnswer, StartRequest};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::sync::PoisonError;
use uuid::Uuid;

/// The length of nonces and proofs, in bytes.
const LENGTH: usize = 32;

pub(crate) async fn start(
    State(face): State<Face>,
    OnConnection(connection): OnConnection,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    guarded(&face, &connection, async {
        let body = body.map_err(Problem::malformed)?;
        let form: StartForm = parse(&body)?;
        if decode("nonce", &form.nonce)?.len() != LENGTH {
            return Err(Problem::malformed("the nonce has not 32 bytes"));
        }
        let device = &form.device;
        let name = device.name.as_deref();
        let facts =
            Facts::parse(name, &device.model, &device.system, &device.app_version, &form.eas_id);
        let request = StartRequest {
            code: InvitationCode::parse(&form.code),
            facts: facts.map_err(refused_text)?,
            csr: decode("csr", &form.csr)?,
            exporter: &connection.exporter,
            body: &body,
        };
        let answer = face.operations.start_registration(request).await?;

        Ok(fresh(Json(OfferView::from(&answer))))
    })
    .await
}

pub(crate) async fn finish(
    State(face): State<Face>,
    OnConnection(connection): OnConnection,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    guarded(&face, &connection, async {
        let body = body.map_err(Problem::malformed)?;
        let form: FinishForm = parse(&body)?;
        let (proof, signature) =
            (decode("proof", &form.proof)?, decode("signature", &form.signature)?);
        if proof.len() != LENGTH {
            return Err(Problem::malformed("the proof has not 32 bytes"));
        }
        let request = FinishRequest {
            registration: form.registration,
            proof: &proof,
            signature: &signature,
            exporter: &connection.exporter,
            body: &body,
        };
        let answer = face.operations.finish_registration(request).await?;

        Ok(fresh(Json(ResultView::from(&answer))))
    })
    .await
}

pub(crate) async fn authority(State(face): State<Face>) -> Response {
    let certificate = face.operations.authority().issuer().certificate();

    Json(AuthorityView { certificate: BASE64.encode(certificate.as_der()) }).into_response()
}

/// Answers unless this peer failed too often. Every attempt counts until it has succeeded, so that many at once are not more.
pub(crate) async fn guarded(
    face: &Face,
    connection: &Connection,
    work: impl Future<Output = Result<Response, Problem>>,
) -> Result<Response, Problem> {
    let peer = connection.peer.ip();
    let throttle = || face.throttle.lock().unwrap_or_else(PoisonError::into_inner);
    if throttle().admit(Some(peer), face.operations.now()).is_err() {
        let detail = "too many registrations failed from this address; try again in a minute";
        let status = StatusCode::TOO_MANY_REQUESTS;
        return Err(Problem::refused(status, "too_many_failures", detail));
    }

    let answer = work.await;
    match &answer {
        Err(Problem::Refused { code, .. }) => {
            tracing::debug!(%peer, code, "Counted a failed registration");
        }
        // A fault is ours, not theirs.
        Ok(_) | Err(Problem::Fault(_)) => throttle().give_back(Some(peer)),
    }

    answer
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StartForm {
    code: String,
    device: DeviceForm,
    eas_id: String,
    csr: String,
    nonce: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeviceForm {
    name: Option<String>,
    model: String,
    system: String,
    app_version: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FinishForm {
    registration: Uuid,
    proof: String,
    signature: String,
}

#[derive(Serialize)]
struct OfferView {
    offer: String,
    algorithm: &'static str,
    signature: String,
}

#[derive(Serialize)]
struct ResultView {
    result: String,
    algorithm: &'static str,
    signature: String,
}

#[derive(Serialize)]
struct AuthorityView {
    certificate: String,
}

impl From<&SignedAnswer> for OfferView {
    fn from(answer: &SignedAnswer) -> Self {
        Self {
            offer: BASE64.encode(&answer.content),
            algorithm: answer.algorithm,
            signature: BASE64.encode(&answer.signature),
        }
    }
}

impl From<&SignedAnswer> for ResultView {
    fn from(answer: &SignedAnswer) -> Self {
        Self {
            result: BASE64.encode(&answer.content),
            algorithm: answer.algorithm,
            signature: BASE64.encode(&answer.signature),
        }
    }
}

pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(Problem::malformed)
}

fn decode(name: &str, text: &str) -> Result<Vec<u8>, Problem> {
    let bytes = BASE64.decode(text.as_bytes());

    bytes.map_err(|_| Problem::malformed(format_args!("{name} is not base64")))
}

fn refused_text(refusal: TextRefusal) -> Problem {
    Problem::refused(StatusCode::BAD_REQUEST, refusal.code(), refusal.to_string())
}
