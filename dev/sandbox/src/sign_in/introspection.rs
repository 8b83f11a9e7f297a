//! Tokens that only their provider understands: it is asked about each (RFC 7662).

use bytes::Bytes;
use data_encoding::BASE64;
use http_body_util::{BodyExt, Full, Limited};
use hyper::Request;
use hyper::client::conn::http1;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper_util::rt::TokioIo;
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpStream;

const MAX_ANSWER: usize = 64 * 1024;
const PATH: &str = "/token/introspection";

/// A provider that says whose a token is.
#[derive(Debug, Clone)]
pub struct Introspection {
    /// `HOST:PORT` of the provider, without TLS.
    pub address: String,
    /// The name under which the provider knows the mail server.
    pub client_id: String,
    /// Its password there.
    pub client_secret: SecretString,
}

#[derive(serde::Deserialize)]
struct Said {
    active: bool,
    sub: Option<String>,
}

impl Introspection {
    /// Returns whose a token is; nobody's if it is no good.
    pub(super) async fn name(&self, token: &str) -> Option<String> {
        match self.ask(token).await {
            Ok(said) => said.sub.filter(|_| said.active),
            Err(error) => {
                tracing::warn!(%error, "the identity provider does not say whose a token is");
                None
            }
        }
    }

    async fn ask(&self, token: &str) -> anyhow::Result<Said> {
        let stream = TcpStream::connect(&self.address).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let secret = self.client_secret.expose_secret();
        let basic = BASE64.encode(format!("{}:{secret}", self.client_id).as_bytes());
        // Tokens are made of characters that need no encoding (RFC 6750, 2.1), but for these.
        let token = token.replace('%', "%25").replace('+', "%2B").replace('&', "%26");
        let request = Request::post(PATH)
            .header(HOST, &self.address)
            .header(AUTHORIZATION, format!("Basic {basic}"))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::<Bytes>::from(format!("token={token}")))?;
        let answer = sender.send_request(request).await?;
        anyhow::ensure!(answer.status().is_success(), "it answers {}", answer.status());
        let body = Limited::new(answer.into_body(), MAX_ANSWER).collect().await;
        let body = body.map_err(|error| anyhow::anyhow!(error))?.to_bytes();

        Ok(serde_json::from_slice(&body)?)
    }
}
