//! One request, from its first line to its answer.

use activesync::query::{Command, Query, Version};
use activesync::refusal;
use activesync::status::Status;
use bytes::Bytes;
use data_encoding::BASE64;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{
    AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
};
use hyper::{Method, Request, Response, StatusCode};
use secrecy::ExposeSecret;

use crate::commands;
use crate::faults::Fault;
use crate::server::{Account, Server};

/// A command that may be carried out.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) server: &'a Server,
    pub(crate) account: &'a Account,
    pub(crate) query: Query,
    pub(crate) version: Version,
    pub(crate) body: Bytes,
}

/// What a command answers.
#[derive(Debug)]
pub(crate) enum Reply {
    Empty,
    Multipart(Vec<u8>),
    /// The root status of the command.
    Refused(Status),
    Wbxml(Vec<u8>),
}

impl Call<'_> {
    pub(crate) fn device_id(&self) -> &str {
        self.query.device_id.as_str()
    }
}

const PATH: &str = "/microsoft-server-activesync";
const MAX_BODY: usize = 64 * 1024 * 1024;
const WBXML: &str = "application/vnd.ms-sync.wbxml";

/// Answers a request; `None` if the answer is to be lost.
pub(crate) async fn answer(
    server: &Server,
    request: Request<Incoming>,
) -> Option<Response<Full<Bytes>>> {
    if !request.uri().path().trim_end_matches('/').eq_ignore_ascii_case(PATH) {
        return Some(text(StatusCode::NOT_FOUND, "nothing here"));
    }
    if let Some(issuer) = &server.options.token_issuer {
        return match server.tokens.signed_in(server, issuer, request.headers()).await {
            Ok(account) => carry_out(server, account, request).await,
            Err(wrong) => Some(issuer.refusal(&wrong)),
        };
    }
    let Some(account) = signed_in(server, request.headers()) else {
        let mut refusal = text(StatusCode::UNAUTHORIZED, "sign in");
        refusal
            .headers_mut()
            .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"Sandbox\""));
        return Some(refusal);
    };
    carry_out(server, account, request).await
}

async fn carry_out(
    server: &Server,
    account: &Account,
    request: Request<Incoming>,
) -> Option<Response<Full<Bytes>>> {
    match *request.method() {
        Method::OPTIONS => Some(options(server)),
        Method::POST => post(server, account, request).await,
        _ => Some(text(StatusCode::NOT_IMPLEMENTED, "only OPTIONS and POST")),
    }
}

async fn post(
    server: &Server,
    account: &Account,
    request: Request<Incoming>,
) -> Option<Response<Full<Bytes>>> {
    let (head, body) = request.into_parts();
    let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
    let query = Query::parse(head.uri.query().unwrap_or_default()).and_then(|query| {
        query.with_headers(
            header("MS-ASProtocolVersion"),
            header("X-MS-PolicyKey"),
            header("MS-ASAcceptMultiPart"),
        )
    });
    let query = match query {
        Ok(query) => query,
        Err(error) => return Some(text(StatusCode::BAD_REQUEST, &error.to_string())),
    };
    let fault = server.faults.take(&account.name, query.command);
    if let Some(Fault::Moved { location }) = &fault {
        let code = StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS;
        let mut refusal = text(code, "elsewhere");
        if let Ok(location) = HeaderValue::from_str(location) {
            refusal.headers_mut().insert("x-ms-location", location);
        }
        return Some(refusal);
    }
    if let Some(Fault::Unavailable { retry_after }) = fault {
        let mut refusal = text(StatusCode::SERVICE_UNAVAILABLE, "overloaded");
        refusal.headers_mut().insert(RETRY_AFTER, HeaderValue::from(retry_after));
        return Some(refusal);
    }
    let Some(version) = query.version else {
        return Some(text(StatusCode::BAD_REQUEST, "MS-ASProtocolVersion is missing"));
    };
    let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
        return Some(text(StatusCode::PAYLOAD_TOO_LARGE, "more than 64 MiB, or cut off"));
    };
    let command = query.command;
    let call = Call { server, account, query, version, body: body.to_bytes() };
    let reply = commands::carry_out(&call).await;
    *account.inside().requests.entry(command).or_default() += 1;
    (fault != Some(Fault::LoseAnswer)).then(|| response(command, version, reply))
}

fn response(command: Command, version: Version, reply: Reply) -> Response<Full<Bytes>> {
    let (content_type, body) = match reply {
        Reply::Empty => return Response::new(Full::default()),
        Reply::Multipart(body) => (activesync::messages::multipart::CONTENT_TYPE, body),
        Reply::Refused(status) => {
            if version == Version::V12_1 {
                return text(old_refusal(status), "refused");
            }
            let Some(body) = refusal::body(command, status) else {
                return text(StatusCode::FORBIDDEN, "refused");
            };
            (WBXML, body)
        }
        Reply::Wbxml(body) => (WBXML, body),
    };
    let mut response = Response::new(Full::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// Clients of 12.1 know HTTP codes only.
fn old_refusal(status: Status) -> StatusCode {
    let code = match status.0 {
        139..=145 => 449,
        101..=109 => 400,
        137 | 138 => 501,
        _ => 403,
    };
    StatusCode::from_u16(code).unwrap_or(StatusCode::FORBIDDEN)
}

fn signed_in<'a>(server: &'a Server, headers: &HeaderMap) -> Option<&'a Account> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credentials) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let credentials = String::from_utf8(BASE64.decode(credentials.trim().as_bytes()).ok()?).ok()?;
    let (user, password) = credentials.split_once(':')?;
    server.account(user).filter(|_| password == server.options.password.expose_secret())
}

fn options(server: &Server) -> Response<Full<Bytes>> {
    let versions: Vec<_> = server.options.versions.iter().map(|version| version.name()).collect();
    let commands: Vec<_> = commands::OFFERED.iter().map(|command| command.name()).collect();
    let mut response = Response::new(Full::default());
    for (name, value) in [
        ("ms-asprotocolversions", versions.join(",")),
        ("ms-asprotocolcommands", commands.join(",")),
        ("ms-server-activesync", "16.1".to_owned()),
        ("set-cookie", "sandbox=1; path=/".to_owned()),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}

fn text(status: StatusCode, text: &str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(text.to_owned()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
