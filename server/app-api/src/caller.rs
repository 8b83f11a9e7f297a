//! Who asks: the device whose certificate the connection has.

use crate::Face;
use crate::answer::Problem;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use fleet::access::Connection;
use fleet::device::{Device, StateKind};
use operations::Fault;
use pki::Certificate;

/// What is known about the connection that a request came on.
pub(crate) struct OnConnection(pub(crate) Connection);

impl FromRequestParts<Face> for OnConnection {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Face) -> Result<Self, Problem> {
        let connection = parts.extensions.get::<Connection>().cloned();
        let missing = || Fault::Broken {
            what: "mounting the app's routes",
            cause: "a request came without its connection".into(),
        };

        Ok(Self(connection.ok_or_else(missing)?))
    }
}

/// The device that asks.
pub(crate) struct Caller(pub(crate) Device);

impl FromRequestParts<Face> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, face: &Face) -> Result<Self, Problem> {
        let OnConnection(connection) = OnConnection::from_request_parts(parts, face).await?;
        let Some(der) = connection.client_certificate else {
            let detail = "this is for registered devices: connect with the device's certificate";
            let status = StatusCode::UNAUTHORIZED;
            return Err(Problem::refused(status, "certificate_required", detail));
        };
        let certificate = Certificate::from_der(&der).map_err(|_| unknown())?;
        let fingerprint = certificate.fingerprint().0;
        let found = face.operations.device_by_certificate(fingerprint).await?;
        let current = face.operations.now() <= certificate.not_after();
        let device = found.filter(|_| current).ok_or_else(unknown)?;
        // Who is to wipe, or has, is told so with whatever certificate it has.
        let is_in_service =
            matches!(device.state.kind(), StateKind::Registered | StateKind::Blocked);
        if is_in_service && face.operations.is_revoked(&certificate).await? {
            let detail = "the device's certificate was revoked or is on hold; ask IT";
            return Err(Problem::refused(StatusCode::FORBIDDEN, "certificate_revoked", detail));
        }
        let next = device.next_certificate.as_ref();
        if next.is_some_and(|next| next.fingerprint == fingerprint)
            // Both certificates are good until this succeeds.
            && let Err(fault) = face.operations.take_next_certificate(device.id, fingerprint).await
        {
            let error = &fault as &dyn std::error::Error;
            tracing::error!(error, "Could not note that a device uses its next certificate");
        }

        Ok(Self(device))
    }
}

fn unknown() -> Problem {
    let detail = "the certificate belongs to no device in service; register the device again";

    Problem::refused(StatusCode::FORBIDDEN, "unknown_device", detail)
}
