//! Where the browser comes back to: a port of this machine that listens for one answer (RFC 8252, 7.3).

use super::form;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use http::{HeaderValue, Method, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

/// The path of the address that the provider knows.
const PATH: &str = "/signed-in";
/// How long a program of this machine may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many may say so at once.
const CONNECTIONS: usize = 8;
/// How long the browser has to read its last page.
const LAST_PAGE: Duration = Duration::from_secs(2);

/// A port that waits for the browser.
#[derive(Debug)]
pub(super) struct Loopback {
    listener: TcpListener,
    port: u16,
}

/// What the browser brings back.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Returned {
    pub(super) code: Option<String>,
    pub(super) error: Option<String>,
    pub(super) issuer: Option<String>,
}

impl Loopback {
    /// Takes a free port of the loopback address, which nobody outside reaches.
    pub(super) async fn open() -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();

        Ok(Self { listener, port })
    }

    /// The address that the provider sends the browser back to.
    pub(super) fn address(&self) -> String {
        format!("http://127.0.0.1:{}{PATH}", self.port)
    }

    /// Waits for the browser that brings back `state`; what others bring is refused, and the wait goes on.
    pub(super) async fn wait(self, state: &str) -> std::io::Result<Returned> {
        let (sender, mut returned) = mpsc::channel(1);
        let state: Arc<str> = state.into();
        let room = Arc::new(Semaphore::new(CONNECTIONS));
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept() => {
                    let (stream, _) = accepted?;
                    let Ok(permit) = Arc::clone(&room).try_acquire_owned() else { continue };
                    let (sender, state) = (sender.clone(), Arc::clone(&state));
                    connections.spawn(async move {
                        let _permit = permit;
                        let service = service_fn(|request: hyper::Request<Incoming>| {
                            let answer = answer(&request, &state, &sender);
                            async { Ok::<_, Infallible>(answer) }
                        });
                        let mut server = http1::Builder::new();
                        server.keep_alive(false).timer(TokioTimer::new()).header_read_timeout(PATIENCE);
                        // Whoever hangs up early learns nothing.
                        drop(server.serve_connection(TokioIo::new(stream), service).await);
                    });
                }
                Some(returned) = returned.recv() => {
                    // The page on which the browser ends has to leave first.
                    let leaving = async { while connections.join_next().await.is_some() {} };
                    drop(tokio::time::timeout(LAST_PAGE, leaving).await);
                    return Ok(returned);
                }
                Some(_) = connections.join_next() => {}
            }
        }
    }
}

fn answer(
    request: &hyper::Request<Incoming>,
    state: &str,
    sender: &mpsc::Sender<Returned>,
) -> Response<Full<Bytes>> {
    let german = request
        .headers()
        .get(http::header::ACCEPT_LANGUAGE)
        .is_some_and(|value| value.as_bytes().starts_with(b"de"));
    if request.method() != Method::GET || request.uri().path() != PATH {
        return page(StatusCode::NOT_FOUND, "Nothing is here.");
    }
    let Some(returned) = read(request.uri().query().unwrap_or_default(), state) else {
        return page(StatusCode::BAD_REQUEST, "This is not the sign-in that the app waits for.");
    };
    let words = match (&returned.code, german) {
        (Some(_), true) => "Die Anmeldung ist zurück in der App. Dieses Fenster kann zu.",
        (Some(_), false) => "The sign-in is back in the app. You can close this window.",
        (None, true) => "Die Anmeldung ist nicht gelungen. Die App sagt, warum.",
        (None, false) => "The sign-in did not succeed. The app says why.",
    };
    // The first one counts.
    drop(sender.try_send(returned));

    page(StatusCode::OK, words)
}

/// Reads what the browser brings, if it belongs to this sign-in and says each thing once.
fn read(query: &str, state: &str) -> Option<Returned> {
    let pairs = form::read(query);
    let one = |name: &str| {
        let mut values = pairs.iter().filter(|(known, _)| known == name).map(|(_, value)| value);
        let value = values.next().cloned();
        if values.next().is_some() { Err(()) } else { Ok(value) }
    };
    let given = one("state").ok()??;
    // Random and used once: nobody learns from how long this takes what would help them.
    if given != state {
        return None;
    }

    Some(Returned { code: one("code").ok()?, error: one("error").ok()?, issuer: one("iss").ok()? })
        .filter(|returned| returned.code.is_some() != returned.error.is_some())
}

fn page(status: StatusCode, words: &str) -> Response<Full<Bytes>> {
    let html =
        format!("<!DOCTYPE html><meta charset=\"utf-8\"><title>Cordon PIM</title><p>{words}</p>\n");
    let mut response = Response::new(Full::from(html));
    *response.status_mut() = status;
    for (name, value) in [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (REFERRER_POLICY, "no-referrer"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }

    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;

    #[test]
    fn only_the_sign_in_that_was_begun_comes_back() {
        let code = Returned { code: Some("c d".to_owned()), ..Returned::default() };
        let refusal = Returned { error: Some("access_denied".to_owned()), ..Returned::default() };
        for (query, expected) in [
            ("code=c+d&state=s", Some(code.clone())),
            ("error=access_denied&state=s&error_description=x", Some(refusal)),
            ("code=c%20d&state=s&iss=i", Some(Returned { issuer: Some("i".to_owned()), ..code })),
            ("code=c", None),
            ("code=c&state=t", None),
            ("code=c&state=s&state=s", None),
            ("code=c&code=d&state=s", None),
            ("code=c&error=e&state=s", None),
            ("state=s", None),
            ("", None),
        ] {
            assert_eq!(read(query, "s"), expected, "{query}");
        }
    }

    #[tokio::test]
    async fn strangers_do_not_end_the_wait() {
        let loopback = Loopback::open().await.unwrap();
        let address = loopback.address();
        let waiting = tokio::spawn(async move { loopback.wait("right").await });
        for (target, status) in [
            ("/", "404"),
            ("/signed-in?code=a&state=wrong", "400"),
            ("/signed-in?code=b&state=right", "200"),
        ] {
            let answer = get(&address, "GET", target).await;
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{target}: {answer}");
            assert!(answer.contains("content-security-policy: default-src 'none'"), "{answer}");
        }
        let returned = waiting.await.unwrap().unwrap();
        assert_eq!(returned.code.as_deref(), Some("b"));
    }

    async fn get(address: &str, method: &str, target: &str) -> String {
        let authority = address.trim_start_matches("http://").trim_end_matches(PATH);
        let mut stream = TcpStream::connect(authority).await.unwrap();
        let request = format!("{method} {target} HTTP/1.1\r\nHost: {authority}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }
}
