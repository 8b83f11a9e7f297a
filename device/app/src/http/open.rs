//! Requests to addresses that stand in certificates: without TLS too, since what comes is signed, and without any identity.

use super::connection::{collect, dial};
use super::{Address, Client, HttpError, Reach, Request, Response, Trust};
use http::header::{CONTENT_LENGTH, HOST, LOCATION};
use http::{HeaderValue, Method, StatusCode, Uri};
use http_body_util::Full;
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use tokio::time::timeout;

/// The port of HTTP.
const HTTP: u16 = 80;
/// How often an answer may point elsewhere.
const MOST_REDIRECTS: usize = 3;

/// Why there is no answer from an address.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    /// It is not one of HTTP.
    #[error("{0} is not an address of HTTP")]
    Address(String),
    /// There is no answer.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// It points to ever other addresses.
    #[error("{0} points to too many other addresses")]
    Redirects(String),
    /// The platform's TLS cannot be used.
    #[error("no TLS")]
    Tls(#[from] rustls::Error),
}

/// Sends a request to `http://` or `https://`; its path is taken from the address.
pub(crate) async fn send(
    reach: Reach,
    address: &str,
    request: Request,
) -> Result<Response, OpenError> {
    let mut at = address.to_owned();
    for _ in 0..=MOST_REDIRECTS {
        // Without TLS anybody on the way can answer, and must not lead us to machines of our own networks.
        let reach = if is_same_host(address, &at) { reach } else { Reach::Internet };
        let answer = once(reach, &at, request.clone()).await?;
        match (answer.status, answer.headers.get(LOCATION)) {
            (
                StatusCode::MOVED_PERMANENTLY
                | StatusCode::FOUND
                | StatusCode::TEMPORARY_REDIRECT
                | StatusCode::PERMANENT_REDIRECT,
                Some(place),
            ) => at = place.to_str().map_err(|_| OpenError::Address(at))?.to_owned(),
            _ => return Ok(answer),
        }
    }

    Err(OpenError::Redirects(address.to_owned()))
}

fn is_same_host(one: &str, other: &str) -> bool {
    let host = |address: &str| Some(address.parse::<Uri>().ok()?.host()?.to_ascii_lowercase());

    host(one).is_some_and(|one| host(other) == Some(one))
}

async fn once(reach: Reach, at: &str, request: Request) -> Result<Response, OpenError> {
    let bad = || OpenError::Address(at.to_owned());
    let uri: Uri = at.parse().map_err(|_| bad())?;
    let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'));
    let authority = authority.ok_or_else(bad)?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let request = Request { path, ..request };
    if uri.scheme_str() == Some("https") {
        let address = Address::parse(authority.as_str()).map_err(|_| bad())?;
        let client = Client::within(reach, address, &Trust::Platform, None)?;
        return Ok(client.send(request).await?);
    }
    if uri.scheme_str() != Some("http") {
        return Err(bad());
    }
    let host = authority.host().trim_matches(['[', ']']).to_owned();
    let port = authority.port_u16().unwrap_or(HTTP);
    let name = HeaderValue::try_from(authority.as_str()).map_err(|_| bad())?;
    let exchange = async {
        let stream = dial(&host, port, reach, authority.as_str()).await?;
        let (mut sender, connection) =
            handshake(TokioIo::new(stream)).await.map_err(HttpError::Broken)?;
        let driving = tokio::spawn(async move { drop(connection.await) });
        let mut head = hyper::Request::new(Full::new(request.body.clone()));
        *head.method_mut() = request.method.clone();
        *head.uri_mut() = request.path.parse().unwrap_or_default();
        *head.headers_mut() = request.headers.clone();
        head.headers_mut().insert(HOST, name);
        if request.method == Method::POST {
            head.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(request.body.len()));
        }
        let answer = sender.send_request(head).await.map_err(HttpError::Broken)?;
        let answer = collect(answer, request.largest).await;
        driving.abort();

        answer
    };

    Ok(timeout(request.within, exchange).await.map_err(|_| HttpError::TooSlow)??)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::HeaderMap;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    /// Answers `/moved…` with where to go instead, and all else with a word.
    async fn serve() -> u16 {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = vec![0; 1024];
                let read = stream.read(&mut head).await.unwrap_or_default();
                let head = String::from_utf8_lossy(&head[..read]).into_owned();
                let to = |host: &str, path: &str| {
                    format!(
                        "HTTP/1.1 302 Found\r\nLocation: http://{host}:{port}{path}\r\nContent-Length: 0\r\n\r\n"
                    )
                };
                let answer = match head.split(' ').nth(1).unwrap_or_default() {
                    "/moved" => to("127.0.0.1", "/here"),
                    "/moved-elsewhere" => to("localhost", "/here"),
                    "/moved-in-circles" => to("127.0.0.1", "/moved-in-circles"),
                    _ => "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlist".to_owned(),
                };
                drop(stream.write_all(answer.as_bytes()).await);
            }
        });

        port
    }

    async fn get(address: String) -> Result<Bytes, OpenError> {
        let request = Request {
            method: Method::GET,
            path: String::new(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            within: Duration::from_secs(5),
            largest: 100,
        };

        Ok(send(Reach::Everywhere, &address, request).await?.body)
    }

    #[tokio::test]
    async fn nobody_on_the_way_leads_into_the_own_network() {
        let port = serve().await;
        for path in ["/here", "/moved"] {
            let body = get(format!("http://127.0.0.1:{port}{path}")).await.unwrap();
            assert_eq!(&*body, b"list");
        }
        let elsewhere = get(format!("http://127.0.0.1:{port}/moved-elsewhere")).await;
        assert!(
            matches!(elsewhere, Err(OpenError::Http(HttpError::NotPublic { .. }))),
            "{elsewhere:?}"
        );
        let circles = get(format!("http://127.0.0.1:{port}/moved-in-circles")).await;
        assert!(matches!(circles, Err(OpenError::Redirects(_))), "{circles:?}");
        let other = get("ldap://127.0.0.1/".to_owned()).await;
        assert!(matches!(other, Err(OpenError::Address(_))), "{other:?}");
    }
}
