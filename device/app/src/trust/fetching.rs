//! The network's part.

use super::{Occasion, Trust};
use crate::http::{Reach, Request as HttpRequest, send_open};
use crate::session::with;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method};
use pki::fetch::{Kind, Request, Source};
use pki::validate::{NonceError, OcspAnswer, ocsp_with_nonce};
use std::time::Duration;
use tokio::task::JoinSet;
use vault::Fetched;

/// How long one answer may take.
const EACH: Duration = Duration::from_secs(10);
/// The largest list of one authority, in bytes.
const LARGEST_LIST: usize = 32 * 1024 * 1024;
/// The largest of all else.
const LARGEST: usize = 512 * 1024;

impl Trust {
    /// Asks all sources at once, and keeps what they give.
    /// Tells whether something came that is of use.
    pub(super) async fn fetch(&self, requests: Vec<Request>, occasion: Occasion) -> bool {
        let mut asking = JoinSet::new();
        for request in requests {
            asking.spawn(async move {
                let came = ask(&request.source, occasion).await;
                (request, came)
            });
        }
        let mut news = false;
        while let Some(ended) = asking.join_next().await {
            let Ok((request, came)) = ended else { continue };
            match came {
                Ok(bytes) => news |= self.keep(&request, &bytes).await,
                Err(reason) => {
                    tracing::debug!(source = %request.source, reason, "Nothing was fetched");
                    let now = (self.0.clock)();
                    self.shelf().fail(&request.source, now);
                }
            }
        }

        news
    }

    async fn keep(&self, request: &Request, bytes: &[u8]) -> bool {
        let now = (self.0.clock)();
        let put = self.shelf().put(&request.source, request.issuer.as_ref(), bytes, now);
        if let Err(unusable) = put {
            tracing::warn!(source = %request.source, %unusable, "What was fetched is of no use");
            return false;
        }
        let fetched = Fetched {
            source: request.source.to_string(),
            issuer: request.issuer.as_ref().map(|issuer| issuer.as_der().to_vec()),
            came: now,
            content: bytes.to_vec(),
        };
        if let Err(error) = with(&self.0.open, move |open| open.keep_fetched(&fetched)).await {
            tracing::warn!(%error, "What was fetched is kept in memory alone");
        }

        true
    }

    /// Throws away what nobody needs any more.
    pub(super) async fn forget_what_ended(&self) {
        let ended = self.shelf().tidy((self.0.clock)());
        for source in ended {
            let source = source.to_string();
            if let Err(error) = with(&self.0.open, move |open| open.forget_fetched(&source)).await {
                tracing::debug!(%error, "What ended is kept");
            }
        }
    }
}

async fn ask(source: &Source, occasion: Occasion) -> Result<Bytes, String> {
    let reach = match (&source.kind, occasion) {
        (Kind::Issuers, Occasion::Chosen | Occasion::Read) => Reach::Internet,
        (Kind::Issuers, Occasion::Own) | (Kind::Answer { .. } | Kind::List, _) => Reach::Everywhere,
    };
    let mut headers = HeaderMap::new();
    let mut nonce = [0; 32];
    let (method, body) = match &source.kind {
        Kind::Answer { request } => {
            getrandom::fill(&mut nonce).map_err(|error| error.to_string())?;
            let request = ocsp_with_nonce(request, &nonce).map_err(|error| error.to_string())?;
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/ocsp-request"));
            (Method::POST, Bytes::from(request))
        }
        Kind::Issuers | Kind::List => (Method::GET, Bytes::new()),
    };
    let largest = match source.kind {
        Kind::List => LARGEST_LIST,
        Kind::Answer { .. } | Kind::Issuers => LARGEST,
    };
    let request = HttpRequest { method, path: String::new(), headers, body, within: EACH, largest };
    let answer = send_open(reach, &source.address, request).await.map_err(|it| it.to_string())?;
    if !answer.status.is_success() {
        return Err(format!("the answer is {}", answer.status));
    }

    if matches!(source.kind, Kind::Answer { .. }) {
        is_answer_to(&answer.body, &nonce)?;
    }

    Ok(answer.body)
}

/// Refuses what was answered to another question. Many responders sign ahead, without a nonce: their answers count until they end.
fn is_answer_to(answer: &[u8], nonce: &[u8]) -> Result<(), String> {
    let answer = OcspAnswer::from_der(answer).map_err(|error| error.to_string())?;
    match answer.check_nonce(nonce) {
        Ok(()) | Err(NonceError::Missing) => Ok(()),
        Err(error @ NonceError::Other) => Err(error.to_string()),
    }
}
