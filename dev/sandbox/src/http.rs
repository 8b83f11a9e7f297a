//! One request, from its first line to its answer.

use activesync::query::{Command, Query, Version};
use activesync::refusal;
use activesync::status::Status;
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use hyper::{Method, Request, Response, StatusCode};

use crate::autodiscover;
use crate::commands;
use crate::faults::Fault;
use crate::server::{Account, Server};
use crate::sign_in::{self, Refusal};

/// A command that may be carried out.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) server: &'a Server,
    pub(crate) account: &'a Account,
    pub(crate) query: Query,
    pub(crate) version: Version,
    pub(crate) body: Bytes,
    /// What goes wrong with it on purpose.
    pub(crate) fault: Option<Fault>,
}

/// What a command answers.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    Empty,
    /// An attachment as it is.
    File {
        content_type: String,
        data: Bytes,
    },
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
const WBXML: &str = "application/vnd.ms-sync.wbxml";

/// Answers a request; `None` if the answer is to be lost.
pub(crate) async fn answer(
    server: &Server,
    request: Request<Bytes>,
) -> Option<Response<Full<Bytes>>> {
    if autodiscover::is_path(request.uri().path()) {
        return Some(autodiscover::answer(server, &request).await);
    }
    if !request.uri().path().trim_end_matches('/').eq_ignore_ascii_case(PATH) {
        return Some(text(StatusCode::NOT_FOUND, "nothing here"));
    }
    let account = match sign_in::account(server, request.headers()).await {
        Ok(account) => account,
        Err(refusal) => return Some(refuse_sign_in(server, &refusal)),
    };
    let elsewhere = account.inside().elsewhere.clone();
    if let Some(location) = elsewhere {
        return Some(moved(&location));
    }
    match *request.method() {
        Method::OPTIONS => Some(options(server)),
        Method::POST => post(server, account, request).await,
        _ => Some(text(StatusCode::NOT_IMPLEMENTED, "only OPTIONS and POST")),
    }
}

async fn post(
    server: &Server,
    account: &Account,
    request: Request<Bytes>,
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
        return Some(moved(location));
    }
    if let Some(Fault::Unavailable { retry_after }) = fault {
        let mut refusal = text(StatusCode::SERVICE_UNAVAILABLE, "overloaded");
        refusal.headers_mut().insert(RETRY_AFTER, HeaderValue::from(retry_after));
        return Some(refusal);
    }
    if let (Some(Fault::DemandClaims { claims }), Some(_)) = (&fault, &server.options.tokens) {
        return Some(refuse_sign_in(server, &Refusal::Claims(claims.clone())));
    }
    if fault == Some(Fault::LoseRequest) {
        return None;
    }
    let Some(version) = query.version else {
        return Some(text(StatusCode::BAD_REQUEST, "MS-ASProtocolVersion is missing"));
    };
    let command = query.command;
    let call = Call { server, account, query, version, body, fault };
    let reply = reply(&call).await;
    *account.inside().requests.entry(command).or_default() += 1;
    (call.fault != Some(Fault::LoseAnswer)).then(|| response(command, version, reply))
}

/// Carries out a command, after what is to happen before it.
async fn reply(call: &Call<'_>) -> Reply {
    let command = call.query.command;
    {
        let mut inside = call.account.inside();
        let device = inside.device(call.device_id());
        let earlier = device.answers.get(&command).cloned();
        match (&call.fault, earlier) {
            (Some(Fault::RepeatAnswer), Some(earlier)) => return earlier,
            (Some(Fault::DemandProvisioning), _) => device.provisioning.current = None,
            (Some(Fault::ForgetSyncKeys), _) => device.forget_sync_keys(),
            (_, _) => {}
        }
    }
    let reply = match call.fault {
        Some(Fault::Refuse { status }) => Reply::Refused(Status(status)),
        _ => commands::carry_out(call).await,
    };
    call.account.inside().device(call.device_id()).answers.insert(command, reply.clone());
    reply
}

fn response(command: Command, version: Version, reply: Reply) -> Response<Full<Bytes>> {
    let (content_type, body) = match reply {
        Reply::Empty => return Response::new(Full::default()),
        Reply::File { content_type, data } => {
            let mut response = Response::new(Full::from(data));
            let kind = HeaderValue::from_str(&content_type);
            let kind = kind.unwrap_or(HeaderValue::from_static("application/octet-stream"));
            response.headers_mut().insert(CONTENT_TYPE, kind);
            return response;
        }
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

/// Says how to sign in.
pub(crate) fn refuse_sign_in(server: &Server, refusal: &Refusal) -> Response<Full<Bytes>> {
    let mut answer = text(StatusCode::UNAUTHORIZED, "sign in");
    if let Ok(challenge) = HeaderValue::from_str(&sign_in::challenge(server, refusal)) {
        answer.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    answer
}

/// The mailbox is at another server; it does not say where if `location` is empty.
fn moved(location: &str) -> Response<Full<Bytes>> {
    let mut answer = text(StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS, "elsewhere");
    if let (false, Ok(location)) = (location.is_empty(), HeaderValue::from_str(location)) {
        answer.headers_mut().insert(HeaderName::from_static("x-ms-location"), location);
    }
    answer
}

fn options(server: &Server) -> Response<Full<Bytes>> {
    let versions: Vec<_> = server.options.offered().iter().map(|version| version.name()).collect();
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

pub(crate) fn text(status: StatusCode, text: &str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(text.to_owned()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
