//! Tells devices where the mailbox of an address is, in XML and in JSON.

use activesync::autodiscover::{self, Answer, Request};
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use hyper::{Method, Response, StatusCode};
use serde_json::json;

use crate::http::{refuse_sign_in, text};
use crate::server::{Account, Server};
use crate::sign_in;

const XML_PATH: &str = "/autodiscover/autodiscover.xml";
const JSON_PATH: &str = "/autodiscover/autodiscover.json";
const MAX_BODY: usize = 64 * 1024;
/// The kind of answer that is known here.
const SCHEMA: &str = "mobilesync/responseschema/2006";
const JSON: &str = "application/json; charset=utf-8";
/// Codes of errors: the request cannot be read, nobody gives such answers, nobody has this address.
const INVALID_REQUEST: u32 = 600;
const NO_PROVIDER: u32 = 601;
const ADDRESS_UNKNOWN: u32 = 500;

/// Returns whether a path belongs to autodiscover.
pub(crate) fn is_path(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let json = path.strip_prefix(JSON_PATH);
    path == XML_PATH || json.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Answers a request with a path of autodiscover.
pub(crate) async fn answer(
    server: &Server,
    request: &hyper::Request<Bytes>,
) -> Response<Full<Bytes>> {
    if request.uri().path().eq_ignore_ascii_case(XML_PATH) {
        xml(server, request).await
    } else {
        in_json(server, request)
    }
}

async fn xml(server: &Server, request: &hyper::Request<Bytes>) -> Response<Full<Bytes>> {
    if request.method() == Method::GET
        && let Some(location) = &server.options.autodiscover_redirect
    {
        return redirect(location);
    }
    if request.method() != Method::POST {
        return text(StatusCode::METHOD_NOT_ALLOWED, "only POST");
    }
    let account = match sign_in::account(server, request.headers()).await {
        Ok(account) => account,
        Err(refusal) => return refuse_sign_in(server, &refusal),
    };
    if request.body().len() > MAX_BODY {
        return text(StatusCode::PAYLOAD_TOO_LARGE, "more than 64 KiB");
    }
    let body = String::from_utf8_lossy(request.body());
    let error = |code, message: &str| Answer::Error {
        code: Some(code),
        message: message.to_owned(),
        debug: String::new(),
    };
    let found = match Request::parse(&body) {
        Err(_) => error(INVALID_REQUEST, "Invalid Request"),
        Ok(_) if !body.contains(SCHEMA) => error(NO_PROVIDER, "Provider is not available"),
        Ok(request) => look_up(server, account, &request.email)
            .unwrap_or_else(|| error(ADDRESS_UNKNOWN, "The email address can't be found.")),
    };
    typed(StatusCode::OK, autodiscover::CONTENT_TYPE, found.to_xml())
}

/// People ask for their own address or for one that they had before.
fn look_up(server: &Server, account: &Account, email: &str) -> Option<Answer> {
    let renamed = server.options.renamed.iter();
    if let Some((_, new)) = renamed.clone().find(|(old, _)| old.eq_ignore_ascii_case(email)) {
        return Some(Answer::Redirect(new.clone()));
    }
    let person = server.directory.by_address(&account.address);
    account.address.eq_ignore_ascii_case(email).then(|| Answer::Settings {
        display_name: person.map(|person| person.display_name()),
        email: Some(account.address.clone()),
        servers: vec![autodiscover::Server::active_sync(server.active_sync_url(account))],
    })
}

/// Needs no sign-in. The address stands in the path, or in the parameter `Email`.
fn in_json(server: &Server, request: &hyper::Request<Bytes>) -> Response<Full<Bytes>> {
    if request.method() != Method::GET {
        return text(StatusCode::METHOD_NOT_ALLOWED, "only GET");
    }
    let error = |status, code: &str, message: &str| {
        let body = json!({ "ErrorCode": code, "ErrorMessage": message });
        typed(status, JSON, body.to_string())
    };
    let query = request.uri().query().unwrap_or_default();
    let parameter = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .and_then(|(_, value)| decoded(value))
    };
    let protocol = parameter("Protocol").unwrap_or_default();
    if !protocol.eq_ignore_ascii_case("ActiveSync") {
        let message = format!("The protocol '{protocol}' is not supported.");
        return error(StatusCode::BAD_REQUEST, "InvalidProtocol", &message);
    }
    let in_path = request.uri().path().rsplit('/').next().and_then(decoded);
    let email = parameter("Email").or(in_path.filter(|email| email.contains('@')));
    let Some(account) = email.as_deref().and_then(|email| server.recipient(email)) else {
        return error(StatusCode::NOT_FOUND, "UserNotFound", "The given user isn't found.");
    };
    let url = server.active_sync_url(account);
    typed(StatusCode::OK, JSON, autodiscover::write_json(&url))
}

/// Undoes percent-encoding.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn redirect(location: &str) -> Response<Full<Bytes>> {
    let mut response = text(StatusCode::FOUND, "elsewhere");
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

fn typed(status: StatusCode, kind: &'static str, body: String) -> Response<Full<Bytes>> {
    let mut response = text(status, &body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
