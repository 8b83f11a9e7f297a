//! How a command asks the app: over the running one's socket, or in this process.

use crate::api::{self, Api};
use crate::failure::Failure;
use crate::imports::Imports;
use crate::place::Place;
use anyhow::Context as _;
use app::App;
use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::io::ErrorKind;
use std::path::PathBuf;
use tokio::net::UnixStream;
use tower::ServiceExt as _;

/// The app, wherever it runs.
#[derive(Clone, Debug)]
pub(crate) enum Client {
    /// In this process, which owns the container.
    Own(Router, App),
    /// In another process, which listens on this socket.
    Running(PathBuf),
}

impl Client {
    /// Returns the app that runs already, if one does.
    pub(crate) async fn running(place: &Place) -> anyhow::Result<Option<Self>> {
        let socket = place.socket();
        match UnixStream::connect(&socket).await {
            Ok(_) => Ok(Some(Self::Running(socket))),
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) =>
            {
                Ok(None)
            }
            Err(error) => Err(error)
                .with_context(|| format!("cannot reach the running app at {}", socket.display())),
        }
    }

    /// Makes the client of an app in this process.
    pub(crate) fn own(app: App, imports: Imports) -> Self {
        let api = Api::new(app.clone(), imports);
        let router = api::router().split_for_parts().0.with_state(api);
        Self::Own(router, app)
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Value, Failure> {
        parse(&self.call(Method::GET, path, None).await?)
    }

    /// Returns the bytes of an answer that is not JSON.
    pub(crate) async fn get_bytes(&self, path: &str) -> Result<Bytes, Failure> {
        self.call(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Result<Value, Failure> {
        parse(&self.call(Method::POST, path, Some(body)).await?)
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Result<Value, Failure> {
        parse(&self.call(Method::PATCH, path, Some(body)).await?)
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Result<Value, Failure> {
        parse(&self.call(Method::PUT, path, Some(body)).await?)
    }

    pub(crate) async fn delete(&self, path: &str) -> Result<Value, Failure> {
        parse(&self.call(Method::DELETE, path, None).await?)
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Bytes, Failure> {
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, "cordon-pim")
            .header(CONTENT_TYPE, "application/json")
            .body(body)
            .context("the request cannot be written")?;
        let (status, body) = match self {
            Self::Own(router, _) => {
                let response =
                    router.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
                let status = response.status();
                (
                    status,
                    response
                        .into_body()
                        .collect()
                        .await
                        .context("the answer broke off")?
                        .to_bytes(),
                )
            }
            Self::Running(socket) => over_socket(socket, request).await?,
        };
        if status.is_success() {
            return Ok(body);
        }
        Err(refusal(status, &body))
    }
}

async fn over_socket(
    socket: &PathBuf,
    request: Request<Body>,
) -> anyhow::Result<(StatusCode, Bytes)> {
    let stream = UnixStream::connect(socket).await.context("the running app has ended")?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .context("the running app does not answer")?;
    let connection = tokio::spawn(connection);
    let response = sender.send_request(request).await.context("the running app broke off")?;
    let status = response.status();
    let body =
        response.into_body().collect().await.context("the running app broke off")?.to_bytes();
    connection.abort();
    Ok((status, body))
}

fn parse(body: &Bytes) -> Result<Value, Failure> {
    if body.is_empty() {
        return Ok(Value::Null);
    }
    Ok(serde_json::from_slice(body).context("the answer is not JSON")?)
}

fn refusal(status: StatusCode, body: &Bytes) -> Failure {
    match serde_json::from_slice::<Value>(body) {
        Ok(problem) if problem.get("code").is_some() => Failure::refused(problem),
        Ok(_) | Err(_) => Failure::Fault(anyhow::anyhow!("the app answered {status}")),
    }
}
