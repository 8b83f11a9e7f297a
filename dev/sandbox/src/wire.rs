//! Connections: TCP, TLS where it is wanted, HTTP.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use secrecy::ExposeSecret;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::http;
use crate::options::Tls;
use crate::server::Server;

const MAX_BODY: usize = 64 * 1024 * 1024;

/// Why TLS cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The certificates or the key are no PEM.
    #[error("the certificates or the key are not readable as PEM: {0}")]
    Pem(#[from] rustls_pki_types::pem::Error),
    /// The key does not fit the certificate, or is of an unknown kind.
    #[error("the certificates and the key cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
}

pub(crate) fn acceptor(tls: &Tls) -> Result<TlsAcceptor, TlsError> {
    let chain = CertificateDer::pem_slice_iter(tls.certificates.as_bytes())
        .collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_slice(tls.key.expose_secret().as_bytes())?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Accepts connections until it is dropped, which ends them all.
pub(crate) async fn serve(
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    server: Arc<Server>,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                let (acceptor, server) = (acceptor.clone(), Arc::clone(&server));
                connections.spawn(async move {
                    let ended = match acceptor {
                        Some(acceptor) => match acceptor.accept(stream).await {
                            Ok(stream) => connection(stream, server).await,
                            Err(error) => Err(error.into()),
                        },
                        None => connection(stream, server).await,
                    };
                    if let Err(error) = ended {
                        tracing::debug!(%error, "connection ended");
                    }
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    server: Arc<Server>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let service = service_fn(move |request: Request<Incoming>| {
        let server = Arc::clone(&server);
        async move { lost_or_answered(answer(&server, request).await) }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service)
        .await?;
    Ok(())
}

async fn answer(server: &Server, request: Request<Incoming>) -> Option<Response<Full<Bytes>>> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
        let answer = http::text(StatusCode::PAYLOAD_TOO_LARGE, "more than 64 MiB, or cut off");
        return Some(answer);
    };
    http::answer(server, Request::from_parts(head, body.to_bytes())).await
}

/// An answer that is to be lost becomes an error, at which hyper closes the connection.
fn lost_or_answered(
    answer: Option<Response<Full<Bytes>>>,
) -> Result<Response<Full<Bytes>>, io::Error> {
    answer.ok_or_else(|| io::Error::other("the answer is lost on purpose"))
}
