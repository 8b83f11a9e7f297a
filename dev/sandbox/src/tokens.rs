//! Sign-in by token alone, as Exchange Online wants it: an identity provider says whose a token is (RFC 6750, RFC 7662).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use data_encoding::BASE64;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Body as _;
use hyper::client::conn::http1;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpStream;

use crate::server::{Account, Server};

/// Who says whose a token is.
#[derive(Debug, Clone)]
pub struct TokenIssuer {
    /// `HOST:PORT` of the provider's introspection, without TLS.
    pub introspection: String,
    /// The name under which the provider knows the mail server.
    pub client_id: String,
    /// Its password there.
    pub client_secret: SecretString,
    /// What a refusal names as the place to get tokens.
    pub authorization_uri: String,
}

/// Tokens that came, and what is wrong with some.
#[derive(Debug, Default)]
pub(crate) struct Tokens(Mutex<Inside>);

#[derive(Debug, Default)]
struct Inside {
    seen: BTreeSet<String>,
    refused: BTreeMap<String, Wrong>,
}

/// What is wrong with a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// There is none.
    Absent,
    /// More has to be proved: JSON of the claims.
    Claims(String),
    /// It is no good.
    Invalid,
}

const MAX_ANSWER: usize = 64 * 1024;
const INTROSPECTION: &str = "/token/introspection";

impl Tokens {
    /// Refuses every token that has come so far.
    pub(crate) fn refuse_seen(&self, wrong: &Wrong) {
        let mut inside = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for token in std::mem::take(&mut inside.seen) {
            inside.refused.insert(token, wrong.clone());
        }
    }

    /// Finds the account that a token is for.
    pub(crate) async fn signed_in<'a>(
        &self,
        server: &'a Server,
        issuer: &TokenIssuer,
        headers: &HeaderMap,
    ) -> Result<&'a Account, Wrong> {
        let value = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let (scheme, token) = value.and_then(|value| value.split_once(' ')).ok_or(Wrong::Absent)?;
        if !scheme.eq_ignore_ascii_case("Bearer") || token.trim().is_empty() {
            return Err(Wrong::Absent);
        }
        {
            let inside = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(wrong) = inside.refused.get(token) {
                return Err(wrong.clone());
            }
        }
        let user = issuer.introspect(token).await.map_err(|error| {
            tracing::warn!(%error, "the identity provider does not say whose a token is");
            Wrong::Invalid
        })?;
        let account = user.and_then(|user| server.account(&user)).ok_or(Wrong::Invalid)?;
        let mut inside = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inside.seen.insert(token.to_owned());
        Ok(account)
    }
}

impl TokenIssuer {
    /// Says no, and where to get a token.
    pub(crate) fn refusal(&self, wrong: &Wrong) -> Response<Full<Bytes>> {
        let uri = &self.authorization_uri;
        let mut challenge = format!("Bearer realm=\"Sandbox\", authorization_uri=\"{uri}\"");
        match wrong {
            Wrong::Absent => {}
            Wrong::Claims(claims) => {
                let claims = BASE64.encode(claims.as_bytes());
                challenge += &format!(", error=\"insufficient_claims\", claims=\"{claims}\"");
            }
            Wrong::Invalid => challenge += ", error=\"invalid_token\"",
        }
        let mut refusal = Response::new(Full::from("sign in"));
        *refusal.status_mut() = StatusCode::UNAUTHORIZED;
        if let Ok(challenge) = HeaderValue::from_str(&challenge) {
            refusal.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        refusal
    }

    /// Asks the provider whose a token is; nobody's if it is no good.
    async fn introspect(&self, token: &str) -> anyhow::Result<Option<String>> {
        let stream = TcpStream::connect(&self.introspection).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let secret = self.client_secret.expose_secret();
        let basic = BASE64.encode(format!("{}:{secret}", self.client_id).as_bytes());
        // Tokens are made of characters that need no encoding (RFC 6750, 2.1), but for these.
        let token = token.replace('%', "%25").replace('+', "%2B").replace('&', "%26");
        let request = Request::post(INTROSPECTION)
            .header(HOST, &self.introspection)
            .header(AUTHORIZATION, format!("Basic {basic}"))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::<Bytes>::from(format!("token={token}")))?;
        let answer = sender.send_request(request).await?;
        anyhow::ensure!(answer.status().is_success(), "it answers {}", answer.status());
        anyhow::ensure!(!answer.body().is_end_stream(), "it answers nothing");
        let body = Limited::new(answer.into_body(), MAX_ANSWER).collect().await;
        let body = body.map_err(|error| anyhow::anyhow!(error))?.to_bytes();
        let said: Introspection = serde_json::from_slice(&body)?;
        Ok(said.sub.filter(|_| said.active))
    }
}

#[derive(serde::Deserialize)]
struct Introspection {
    active: bool,
    sub: Option<String>,
}
