//! One question by HTTP.

use activesync::autodiscover::{CONTENT_TYPE, Question, Reply};
use anyhow::Result;
use axum::body::Bytes;
use data_encoding::BASE64;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1::handshake;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, Request, Uri};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::ServerName;
use secrecy::{ExposeSecret as _, SecretString};
use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use zeroize::Zeroizing;

/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Largest answer that is read, in bytes.
const LARGEST: usize = 256 * 1024;

/// Asks questions.
pub(super) struct Asker {
    tls: TlsConnector,
    connect_to: Option<SocketAddr>,
    credentials: Option<(String, SecretString)>,
}

/// Where a question goes.
#[derive(Debug, Eq, PartialEq)]
struct Place {
    secure: bool,
    /// Without brackets.
    host: String,
    port: u16,
    /// What `Host` says.
    authority: String,
    path: String,
}

impl Asker {
    /// Believes servers whose certificates lead to one of `anchors`; connects to `connect_to` whatever the name is.
    pub(super) fn new(
        anchors: RootCertStore,
        connect_to: Option<SocketAddr>,
        credentials: Option<(String, SecretString)>,
    ) -> Result<Self> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider);
        let builder = builder.with_safe_default_protocol_versions()?;
        let mut config = builder.with_root_certificates(anchors).with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];

        Ok(Self { tls: TlsConnector::from(Arc::new(config)), connect_to, credentials })
    }

    /// Asks; the error says why there is no answer.
    pub(super) async fn ask(&self, question: &Question) -> Result<Reply, String> {
        let place =
            Place::parse(&question.place).ok_or_else(|| "this is no address of HTTP".to_owned())?;

        timeout(PATIENCE, self.ask_at(&place, question))
            .await
            .unwrap_or_else(|_| Err(format!("no answer within {} s", PATIENCE.as_secs())))
    }

    async fn ask_at(&self, place: &Place, question: &Question) -> Result<Reply, String> {
        let tcp = match self.connect_to {
            Some(address) => TcpStream::connect(address).await,
            None => TcpStream::connect((place.host.as_str(), place.port)).await,
        };
        let tcp = tcp.map_err(|error| format!("no connection: {error}"))?;
        let request = self.request(place, question)?;
        if !place.secure {
            return exchange(tcp, request).await;
        }
        let name = ServerName::try_from(place.host.clone())
            .map_err(|_| format!("{} is no name of a host", place.host))?;
        let tls = self.tls.connect(name, tcp).await;
        let tls = tls.map_err(|error| format!("no secure connection: {error}"))?;

        exchange(tls, request).await
    }

    fn request(&self, place: &Place, question: &Question) -> Result<Request<Full<Bytes>>, String> {
        let method = if question.body.is_some() { Method::POST } else { Method::GET };
        let mut request = Request::builder()
            .method(method)
            .uri(&place.path)
            .header(header::HOST, &place.authority)
            .header(header::USER_AGENT, concat!("cordon/", env!("CARGO_PKG_VERSION")));
        if question.body.is_some() {
            request = request.header(header::CONTENT_TYPE, CONTENT_TYPE);
        }
        if let (true, Some(credentials)) = (question.signed_in && place.secure, &self.credentials) {
            request = request.header(header::AUTHORIZATION, basic(credentials)?);
        }
        let body = Full::from(question.body.clone().unwrap_or_default());

        request.body(body).map_err(|error| error.to_string())
    }
}

impl Place {
    /// Reads an address of HTTP or HTTPS; a name before the host makes it none.
    fn parse(url: &str) -> Option<Self> {
        let uri: Uri = url.parse().ok()?;
        let secure = match uri.scheme_str()? {
            "http" => false,
            "https" => true,
            _ => return None,
        };
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'))?;
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = authority.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();

        (!host.is_empty()).then(|| Self {
            secure,
            host,
            port,
            authority: authority.as_str().to_owned(),
            path,
        })
    }
}

fn basic((user, password): &(String, SecretString)) -> Result<HeaderValue, String> {
    let plain = Zeroizing::new(format!("{user}:{}", password.expose_secret()));
    let text = Zeroizing::new(format!("Basic {}", BASE64.encode(plain.as_bytes())));
    let mut value = HeaderValue::from_str(&text).map_err(|error| error.to_string())?;
    value.set_sensitive(true);

    Ok(value)
}

async fn exchange<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    request: Request<Full<Bytes>>,
) -> Result<Reply, String> {
    let broken = |error: hyper::Error| format!("the connection broke: {}", causes(&error));
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await.map_err(broken)?;
    let connection = tokio::spawn(connection);
    let answer = sender.send_request(request).await.map_err(broken)?;
    let (head, body) = answer.into_parts();
    let location = head.headers.get(header::LOCATION);
    let location = location.and_then(|value| value.to_str().ok()).map(str::to_owned);
    let body = Limited::new(body, LARGEST).collect().await;
    let body = body.map_err(|error| format!("the answer cannot be read: {error}"))?.to_bytes();
    connection.abort();

    Ok(Reply::Http {
        status: head.status.as_u16(),
        location,
        wants_password: wants_password(&head.headers),
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}

/// Tells whether one of the challenges is `Basic` (RFC 9110, 11.6.1).
fn wants_password(headers: &HeaderMap) -> bool {
    let challenges = headers.get_all(header::WWW_AUTHENTICATE).iter();
    let challenges = challenges.filter_map(|value| value.to_str().ok());
    let mut schemes = challenges
        .flat_map(|value| value.split(','))
        .filter_map(|part| part.split_ascii_whitespace().next());

    schemes.any(|scheme| scheme.eq_ignore_ascii_case("Basic"))
}

/// An error with what lies behind it.
fn causes(error: &dyn Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", causes(cause)),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_addresses_are_asked() {
        let place = Place::parse("https://mail.example.org:8443/a?b=c").unwrap();
        assert_eq!((place.host.as_str(), place.port), ("mail.example.org", 8443));
        assert_eq!(
            (place.authority.as_str(), place.path.as_str()),
            ("mail.example.org:8443", "/a?b=c")
        );
        assert_eq!(Place::parse("http://mail.example.org").unwrap().port, 80);
        assert_eq!(Place::parse("https://[::1]/").unwrap().host, "::1");
        for url in
            ["ftp://mail.example.org", "https://user@mail.example.org/", "/path", "https://", ""]
        {
            assert_eq!(Place::parse(url), None, "{url}");
        }
    }

    #[test]
    fn a_password_is_wanted_where_a_challenge_says_basic() {
        for (challenges, wanted) in [
            (vec!["Basic realm=\"x\""], true),
            (vec!["Negotiate", "basic"], true),
            (vec!["Bearer realm=\"a\", Basic realm=\"b\""], true),
            (vec!["Bearer realm=\"Basic\""], false),
            (vec!["NTLM"], false),
            (vec![], false),
        ] {
            let mut headers = HeaderMap::new();
            for challenge in &challenges {
                headers.append(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
            }
            assert_eq!(wants_password(&headers), wanted, "{challenges:?}");
        }
    }
}
